"""The words by which columns of a report are recognised: data, loaded once."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from connectors.generic.table.mapping import Kind, Word
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

FILE = Path(__file__).parent / "words.yaml"

Meaning = Literal[
    "login", "id", "name", "first_name", "last_name", "email", "employee_id", "status", "created", "last_login", "mfa",
    "expires",
]  # fmt: skip


class Headings(Strict):
    """What a heading may be (`exact`, or `weak`), have among its words (`part`), and must not have (`never`)."""

    exact: list[str]
    weak: list[str] = []
    part: list[str]
    never: list[str] = []

    def score(self, heading: str) -> float:
        """Return 1 for the very heading, less for one that has the words, 0 for another."""
        text = plain_heading(heading)
        exact, weak, part, never = _prepared(self)
        if text in exact:
            return 1.0
        if text in weak:
            return 0.9
        padded = f" {text} "
        if any(word in padded for word in never):
            return 0.0
        return 0.7 if any(word in padded for word in part) else 0.0


class Flag(Strict):
    """What yes and no mean for the status under some headings."""

    headings: list[str]
    yes: Word
    no: Word


class RosterWords(Strict):
    """Words by which a roster is told from a list of accounts."""

    work: list[str]
    accounts: list[str]
    enough: int


class Words(Strict):
    """All of them."""

    version: Annotated[int, Field(ge=1)]
    headings: dict[Meaning, Headings]
    may_factor: list[str]
    noise: list[str]
    ends: list[str]
    may_end: list[str]
    may_flags: list[str]
    working: list[str]
    lacking: list[str]
    coded: list[str]
    counted: list[str]
    work: frozenset[str]
    takes_away: list[str]
    filled_ends: list[str]
    entitlements: dict[Kind, Headings]
    decides: list[str]
    places: list[str]
    patient: list[str]
    statuses: dict[Word, list[str]]
    standing: list[str]
    flags: list[Flag]
    yes: list[str]
    no: list[str]
    pairs: list[tuple[str, str]]
    levels: list[str]
    no_level: list[str]
    mfa_yes: list[str]
    mfa_has: list[str]
    mfa_no: list[str]
    never: list[str]
    recently: list[str]
    untold: list[str]
    nothing: list[str]
    total: list[str]
    footer: list[str]
    printed: list[str]

    def status_of(self, word: str) -> Word | None:
        """Say which status a word is likely to mean."""
        text = plain(word)
        return next((status for status, words in self.statuses.items() if text in words), None)

    def flag_of(self, heading: str) -> Flag:
        """Say what yes and no mean for the status under a heading."""
        text = plain_heading(heading)
        found = next((flag for flag in self.flags if text in flag.headings), None)
        if found is None and (ends := next((f for f in self.flags if _ends_in(text, f.headings)), None)):
            found = ends
        return found or Flag(headings=[], yes="active", no="disabled")

    def mfa_of(self, word: str) -> bool | None:
        """
        Say whether a word means that there is a second factor; `None` when nobody knows.

        `Not enrolled` is the opposite of `enrolled`; `Pending` and `Exempt` are neither.
        """
        text = plain(word)
        if text in self.no or text in self.mfa_no or not text:
            return False if text else None
        for lead in ("not ", "no ", "un"):
            rest = text.removeprefix(lead).removeprefix("yet ")
            if rest != text and (rest in self.mfa_yes or rest in self.yes):
                return False
        if text in self.mfa_yes or text in self.yes:
            return True
        configured = {part for part in text.split() if part in ("true", "false")}
        if "configured" in text.split() and configured:
            return f" {text} ".find(" configured true ") >= 0
        parts = [part.strip() for part in re.split(r"[,;+|]", word)]
        return True if len(parts) > 1 and all(plain(part) in self.mfa_yes for part in parts) else None

    def speaks_of_patients(self, heading: str) -> bool:
        """Whether a heading names patients, or what identifies one."""
        padded = f" {plain(heading)} "
        return any(f" {word} " in padded for word in self.patient)


def _ends_in(text: str, headings: list[str]) -> bool:
    return any(len(heading) > 5 and text.endswith(f" {heading}") for heading in headings)


@lru_cache(maxsize=64)
def _prepare(
    exact: tuple[str, ...], weak: tuple[str, ...], part: tuple[str, ...], never: tuple[str, ...]
) -> tuple[frozenset[str], frozenset[str], tuple[str, ...], tuple[str, ...]]:
    return (
        frozenset(map(plain, exact)),
        frozenset(map(plain, weak)),
        tuple(f" {plain(word)} " for word in part),
        tuple(f" {plain(word)} " for word in never),
    )


def _prepared(h: Headings) -> tuple[frozenset[str], frozenset[str], tuple[str, ...], tuple[str, ...]]:
    return _prepare(tuple(h.exact), tuple(h.weak), tuple(h.part), tuple(h.never))


@lru_cache(maxsize=1)
def words() -> Words:
    """Load the words once."""
    return load_yaml(FILE).validate(Words)


def plain(text: str) -> str:
    """Fold case, and turn punctuation and the joints of `LastLogin` into single spaces."""
    return _plain(text) if len(text) <= 100 else _plain.__wrapped__(text)  # no long value is remembered


def plain_heading(text: str) -> str:
    """Fold a heading, without what stands in square brackets, and without marks such as `_YN` at its end."""
    return _plain_heading(text) if len(text) <= 200 else _plain_heading.__wrapped__(text)


@lru_cache(maxsize=4096)
def _plain_heading(text: str) -> str:
    folded = plain(re.sub(r"\[[^\]]*\]", " ", text))
    for noise in words().noise:
        folded = folded.removesuffix(f" {noise}")
    return folded


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("(s)", "s"))
    return " ".join(re.sub(r"[^\w]+|_", " ", text.casefold()).split())


def all_of(values: Iterable[str], known: Iterable[str]) -> bool:
    """Whether each value is one of the known words, whatever its case."""
    folded = {word.casefold() for word in known}
    return all(value.casefold() in folded for value in values)
