"""A mapping while it is being proposed: what each column was taken for, and which are still free."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_args

from connectors.generic.table.dictionary import Meaning
from connectors.generic.table.infer.profile import ColumnProfile, FileProfile
from connectors.generic.table.products import Product

NOT_KEPT = "not kept"
DROPPED = "patient data: dropped"
SECRET = "secret: dropped"  # noqa: S105 - what a column holds, not a secret
ASKED = "asked below"
ABOUT = {
    "rights": "what an account may do",
    "status": "whether an account works",
    "factor": "a second factor",
    "sheet": "further accounts",
}


class ColumnVerdict(StrEnum):
    """What came of a column; each has exactly one."""

    UNDERSTOOD = "understood"
    QUESTION = "question"
    """It could mean something for access, and nobody has said what."""
    HARMLESS = "harmless"
    """It means nothing for access, for the reason that stands beside it."""


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
    verdict: ColumnVerdict = ColumnVerdict.UNDERSTOOD


@dataclass(frozen=True, slots=True)
class SettingsQuestion:
    """A question that the report leaves open, and the settings that answer it."""

    column: str
    about: str
    """`rights`, `status`, `factor` or `sheet`."""
    text: str
    answers: tuple[str, ...]
    """What to write into the mapping, one line for each answer."""
    kept: bool = True
    """Whether the mapping remembers it as open; otherwise its words already stand there as unknown."""
    claim: str = ""
    """The sentence by which it is answered, under `confirmed`."""


@dataclass(slots=True)
class ProposalDraft:
    """The proposal so far."""

    seen: FileProfile
    mapping: dict[str, Any]
    guesses: dict[str, Guess] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    asked: list[SettingsQuestion] = field(default_factory=list)
    flags: list[ColumnProfile] = field(default_factory=list)
    """The columns that `others` takes for permissions."""
    product: Product | None = None
    """The kind of file, where its headings name it."""
    decided: tuple[ColumnProfile, ColumnProfile] | None = None
    """A column of rights with a row for each, and the one that says whether it is held."""
    found: dict[Meaning, ColumnProfile] = field(default_factory=dict)

    def free(self) -> list[ColumnProfile]:
        """Return the columns that were not taken for anything yet."""
        return [column for column in self.seen.columns if column.name not in self.guesses]

    def column(self, meaning: Meaning) -> ColumnProfile | None:
        """Return the column that has a meaning."""
        return self.found.get(meaning)

    def note(
        self,
        column: ColumnProfile,
        meaning: str,
        sure: Sure,
        reason: str,
        verdict: ColumnVerdict = ColumnVerdict.UNDERSTOOD,
    ) -> None:
        """Take a column for something."""
        self.guesses[column.name] = Guess(column.name, meaning, sure, reason, verdict)

    def leave(self, column: ColumnProfile, reason: str) -> None:
        """Say that a column means nothing for access, and why."""
        self.note(column, NOT_KEPT, Sure.LIKELY, reason, ColumnVerdict.HARMLESS)

    def ask(self, column: ColumnProfile, about: str, text: str, *answers: str) -> None:
        """Leave a column open, and ask about it."""
        self.note(column, ASKED, Sure.GUESS, f"it could say something of {ABOUT[about]}", ColumnVerdict.QUESTION)
        self.asked.append(SettingsQuestion(column.name, about, text, answers))

    def ask_words(self, column: ColumnProfile, about: str, text: str, *answers: str) -> None:
        """Ask about some words of a column that is otherwise understood; they stand in the mapping as unknown."""
        self.asked.append(SettingsQuestion(column.name, about, text, answers, kept=False))

    def take(self, column: ColumnProfile, meaning: Meaning, sure: Sure, reason: str) -> None:
        """Take a column for one that says something of an account."""
        self.found[meaning] = column
        self.note(column, meaning, sure, reason)
        self.mapping.setdefault("columns", {})[meaning] = column.name

    def drop(self, meaning: Meaning, reason: str) -> None:
        """Take back what a column was taken for."""
        column = self.found.pop(meaning)
        del self.mapping["columns"][meaning]
        self.leave(column, reason)

    def settle(self) -> None:
        """Put the columns in their order, and the open questions into the mapping."""
        columns = self.mapping.get("columns")
        if columns:
            self.mapping["columns"] = {m: columns[m] for m in get_args(Meaning) if m in columns}
        kept = [_written(question) for question in self.asked if question.kept]
        if kept:
            self.mapping["questions"] = kept


def _written(question: SettingsQuestion) -> dict[str, str]:
    """Return a question as it stands in the mapping."""
    told = {"column": question.column, "about": question.about, "asks": question.text}
    return told | ({"claim": question.claim, "answer": question.answers[0]} if question.claim else {})
