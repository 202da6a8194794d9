"""Indexes over a part of a table, for every database that can have them: SQLAlchemy has a word for each."""

from typing import Any

from sqlalchemy import text


def where(condition: str) -> dict[str, Any]:
    """Return what an `Index` takes, so that it holds only the rows of which the condition is true."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}
