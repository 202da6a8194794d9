"""
The annexes of an access review: what examiners ask in words, each a table with one sentence before it.

An annex ends in one of three ways, and never empty by accident: rows; nothing, with what was looked at; or not
evaluated, with the reason. What of a part could not be looked at (a system that was not read) is named in each annex
that it concerns, whatever else is in it. Every format is drawn from `Annex`.

Source: HHS OCR audit protocol, 164.312(a)(1), 164.308(a)(3)(ii)(C), 164.308(a)(4)(ii)(C).
"""

from dataclasses import dataclass, fields
from enum import Enum, StrEnum


class AnnexOutcome(StrEnum):
    """How an annex ends."""

    ROWS = "rows"
    NOTHING = "nothing"
    """Everything was looked at, and there is nothing to list."""
    NOT_EVALUATED = "not evaluated"
    """Nothing can be said: there are no rows, and what would be in them was not looked at whole."""


class RowState(StrEnum):
    """What a row asks of a reader."""

    OPEN = "needs action"
    UNKNOWN = "not evaluated"
    IN_ORDER = "in order"
    TOLD = "for the record"


class Instead(Enum):
    """What stands in the place of a value where there can be none: that is something else than not knowing it."""

    BLANK = ""
    """The column is not about this row."""
    NEVER = "never"
    STILL = "still works"
    NO_END = "no end"


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One row; the fields of its class are the columns, in their order. `None` means that it is not known."""

    state: RowState


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A population that an annex looked at, counted."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """What an annex could not look at, and why."""

    what: str
    why: str
    system: str | None = None
    """The id of the system; `None` where it is not about one."""


@dataclass(frozen=True, slots=True)
class Annex:
    """One annex."""

    id: str
    """A letter for those that the audit protocol's packages have, a word for the others; public, and it stays."""
    title: str
    question: str
    """What it answers, as an examiner asks it."""
    source: str
    """Why it is asked."""
    outcome: AnnexOutcome
    sentence: str
    """The whole annex in one sentence."""
    columns: tuple[str, ...]
    looked_at: tuple[LookedAt, ...]
    rows: tuple[AnnexRow, ...]
    not_evaluated: tuple[NotLookedAt, ...]
    notes: tuple[str, ...] = ()
    """What a reader has to know of how far it reaches."""

    @property
    def open(self) -> int:
        """How many rows need action."""
        return sum(row.state is RowState.OPEN for row in self.rows)

    @property
    def unknown(self) -> bool:
        """Whether something in it could not be evaluated."""
        return bool(self.not_evaluated) or any(row.state is RowState.UNKNOWN for row in self.rows)

    @property
    def name(self) -> str:
        """Such as `Annex A: new users`; without a letter the title alone."""
        return f"Annex {self.id}: {self.title}" if len(self.id) == 1 else self.title


@dataclass(frozen=True, slots=True)
class Annexes:
    """All annexes of one audit, or of the audits of a period."""

    practice: str
    practice_name: str
    timezone: str
    period: str
    """Of what time they tell, in words."""
    audits: tuple[int, ...]
    """The stored audits on which they rest, oldest first; the one that is being made has no number yet."""
    annexes: tuple[Annex, ...]

    def of(self, id_: str) -> Annex:
        """Return one annex; raises `KeyError` for an id that there is not."""
        return next((one for one in self.annexes if one.id == id_), None) or _no(id_)


def _no(id_: str) -> Annex:
    raise KeyError(id_)


def columns_of(kind: type[AnnexRow]) -> tuple[str, ...]:
    """Return the columns of a kind of row, in their order."""
    return tuple(field.name for field in fields(kind))
