"""The intervals themselves: every record of one kind with the audits from and until which it was true."""

from collections.abc import Collection, Iterator
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, select

from auditor.store.earlier import batches
from auditor.store.record import StoredRecord
from auditor.store.sync import CHUNK

T = TypeVar("T")


class Interval(NamedTuple, Generic[T]):
    """A record while it stayed as it is."""

    first: int
    """The first audit at which it is true."""
    after: int | None
    """The first audit at which it no longer is; `None`: it is true still."""
    record: T


def intervals(
    connection: Connection, practice: str, kind: StoredRecord[T], accounts: Collection[str] | None = None
) -> Iterator[Interval[T]]:
    """
    Yield every record of one kind that a practice ever had, oldest first.

    With `accounts` (native ids), only what those accounts had; of each of them the oldest first.
    """
    c = kind.table.c
    query = select(c.from_audit, c.to_audit, *kind.columns).where(c.practice == practice).order_by(c.from_audit, c.id)
    asked = [query] if accounts is None else [query.where(c.account.in_(some)) for some in batches(sorted(accounts))]
    for one in asked:
        for first, after, *row in connection.execute(one.execution_options(yield_per=CHUNK)):
            yield Interval(first, after, kind.read(row))
