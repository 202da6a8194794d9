"""How a column says which field it holds and how its value is written, and what every row of the history has."""

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from auditor.ledger.entries import KEYS
from auditor.store import forms
from auditor.store.partial import where


@dataclass(frozen=True)
class At:
    """The fields of the record that a column holds, `system.id` for one of a record within; all say the same."""

    paths: tuple[str, ...]

    def __init__(self, *paths: str) -> None:
        object.__setattr__(self, "paths", paths)


Names = Annotated[str, forms.NAMES]
Flag = Annotated[bool, forms.FLAG]
Instant = Annotated[str, forms.INSTANT]
Day = Annotated[str, forms.DAY]


class IntervalRow(SQLModel):
    """What every row of the history has."""

    id: int | None = Field(default=None, primary_key=True)
    practice: str
    from_audit: int = Field(foreign_key="audit.id")
    to_audit: int | None = Field(default=None, foreign_key="audit.id")


def indexes(table: str) -> tuple[Index, ...]:
    """Make what is true now quick to find and impossible to store twice, and what one audit changed quick to verify."""
    return (
        Index(f"ix_{table}_now", "practice", *KEYS[table], unique=True, **where("to_audit IS NULL")),
        Index(f"ix_{table}_from", "from_audit"),
        Index(f"ix_{table}_to", "to_audit", **where("to_audit IS NOT NULL")),
    )
