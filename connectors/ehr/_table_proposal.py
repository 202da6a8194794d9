"""A mapping while it is being proposed: what each column was taken for, and which are still free."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_args

from connectors.ehr._table_survey import Column, Survey
from connectors.ehr._table_words import Meaning

NOT_KEPT = "not kept"
DROPPED = "patient data: dropped"


class Sure(StrEnum):
    """How sure a proposal is."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column was taken for."""

    column: str
    meaning: str
    sure: Sure
    reason: str


@dataclass(slots=True)
class Draft:
    """The proposal so far."""

    seen: Survey
    mapping: dict[str, Any]
    guesses: dict[str, Guess] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    found: dict[Meaning, Column] = field(default_factory=dict)

    def free(self) -> list[Column]:
        """Return the columns that were not taken for anything yet."""
        return [column for column in self.seen.columns if column.name not in self.guesses]

    def column(self, meaning: Meaning) -> Column | None:
        """Return the column that has a meaning."""
        return self.found.get(meaning)

    def note(self, column: Column, meaning: str, sure: Sure, reason: str) -> None:
        """Take a column for something."""
        self.guesses[column.name] = Guess(column.name, meaning, sure, reason)

    def take(self, column: Column, meaning: Meaning, sure: Sure, reason: str) -> None:
        """Take a column for one that says something of an account."""
        self.found[meaning] = column
        self.note(column, meaning, sure, reason)
        self.mapping.setdefault("columns", {})[meaning] = column.name

    def drop(self, meaning: Meaning, reason: str) -> None:
        """Take back what a column was taken for."""
        column = self.found.pop(meaning)
        del self.mapping["columns"][meaning]
        self.note(column, NOT_KEPT, Sure.LIKELY, reason)

    def settle(self) -> None:
        """Say of every column that is left that it is not kept."""
        columns = self.mapping.get("columns")
        if columns:
            self.mapping["columns"] = {m: columns[m] for m in get_args(Meaning) if m in columns}
        for column in self.free():
            reason = "no value in it" if not column.filled else "nothing that an audit asks for was recognised in it"
            self.note(column, NOT_KEPT, Sure.LIKELY, reason)
