"""Which record of a review stands in which table (`auditor.review_records`), and how one is written or read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, insert, select

from auditor import review_records as records
from auditor.store.record import StoredRecord
from auditor.store.tables import reviews as tables

T = TypeVar("T")
AT_ONCE = 500
"""So many ids are asked for in one statement; SQLite takes 32,766."""

CAMPAIGN = StoredRecord(tables.CampaignRow, records.Campaign, outside=("id",))
PERSON = StoredRecord(tables.ReviewPersonRow, records.ReviewPerson, outside=("id",))
QUESTION = StoredRecord(tables.QuestionRow, records.Question, outside=("id",))
ITEM = StoredRecord(tables.ReviewItemRow, records.ReviewItem, given=("id",))
DECISION = StoredRecord(tables.DecisionRow, records.Decision, given=("id",))
SIGNATURE = StoredRecord(tables.SignatureRow, records.Signature, given=("id",))
EVENT = StoredRecord(tables.ReviewEventRow, records.ReviewEvent, given=("id",))
SEAL = StoredRecord(tables.SealRow, records.Seal, given=("id",))
STATE = StoredRecord(tables.ReviewStateRow, records.ReviewState)
PROGRESS = StoredRecord(tables.ReviewProgressRow, records.ReviewProgress)


def add(connection: Connection, kind: StoredRecord[T], found: Iterable[T]) -> None:
    """Write records, in their order."""
    if rows := [kind.values(record) for record in found]:
        connection.execute(insert(kind.table), rows)


def add_one(connection: Connection, kind: StoredRecord[T], record: T) -> int:
    """Write one record of a numbered table; return its number."""
    done = connection.execute(insert(kind.table), kind.values(record))
    number: int = done.inserted_primary_key[0]  # type: ignore[index]
    return number


def read(
    connection: Connection, kind: StoredRecord[T], *which: ColumnElement[bool], order: tuple[Any, ...] = ()
) -> list[T]:
    """Return the records of which all is true; those of a numbered table in the order in which they were written."""
    c = kind.table.c
    by = order or ((c.id,) if "id" in c else tuple(kind.table.primary_key.columns))
    return [kind.read(row) for row in connection.execute(select(*kind.columns).where(*which).order_by(*by))]


def read_one(connection: Connection, kind: StoredRecord[T], *which: ColumnElement[bool]) -> T | None:
    """Return the one record of which all is true; `None` where there is none."""
    row = connection.execute(select(*kind.columns).where(*which)).first()
    return None if row is None else kind.read(row)


def batches(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    """Give ids, each once, as many at a time as one statement takes."""
    listed = list(dict.fromkeys(ids))
    for first in range(0, len(listed), AT_ONCE):
        yield listed[first : first + AT_ONCE]
