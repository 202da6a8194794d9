"""The intervals themselves: every row of a table with the audits from and until which it is true."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from auditor.store.sync import CHUNK
from auditor.store.tables import columns_of, table_of

Interval = tuple[int, int | None, tuple[Any, ...]]
"""The first audit at which the row is true, the first at which it no longer is (`None`: it is true still), and its
columns as `auditor.store.codec` reads them."""


def intervals(connection: Connection, practice: str, table: str) -> Iterator[Interval]:
    """Yield every row that a practice ever had in an interval table, oldest first."""
    t = table_of(table)
    query = select(t.c.from_audit, t.c.to_audit, *(t.c[name] for name in columns_of(table)))
    query = query.where(t.c.practice == practice).order_by(t.c.from_audit, t.c.id)
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        yield row[0], row[1], tuple(row[2:])
