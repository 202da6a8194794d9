"""The words by which columns of a report are recognised: data, loaded once."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.ehr._table_mapping import Kind, Word
from connectors.yaml_input import load_yaml

FILE = Path(__file__).parent / "table_words.yaml"

Meaning = Literal[
    "login", "id", "name", "first_name", "last_name", "email", "employee_id", "status", "created", "last_login", "mfa"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Headings(_Strict):
    """What a heading may be (`exact`), or have among its words (`part`)."""

    exact: list[str]
    part: list[str]

    def score(self, heading: str) -> float:
        """Return 1 for the very heading, less for one that has the words, 0 for another."""
        text = plain(heading)
        if text in map(plain, self.exact):
            return 1.0
        padded = f" {text} "
        return 0.7 if any(f" {plain(part)} " in padded for part in self.part) else 0.0


class Words(_Strict):
    """All of them."""

    version: Annotated[int, Field(ge=1)]
    headings: dict[Meaning, Headings]
    entitlements: dict[Kind, Headings]
    patient: list[str]
    statuses: dict[Word, list[str]]
    reversed_status: list[str]
    yes: list[str]
    no: list[str]
    pairs: list[tuple[str, str]]
    levels: list[str]
    no_level: list[str]
    never: list[str]
    nothing: list[str]
    total: list[str]
    footer: list[str]

    def status_of(self, word: str) -> Word | None:
        """Say which status a word is likely to mean."""
        return next((status for status, words in self.statuses.items() if plain(word) in words), None)

    def speaks_of_patients(self, heading: str) -> bool:
        """Whether a heading names patients, or what identifies one."""
        padded = f" {plain(heading)} "
        return any(f" {word} " in padded for word in self.patient)


@lru_cache(maxsize=1)
def words() -> Words:
    """Load the words once."""
    return load_yaml(FILE).validate(Words)


def plain(text: str) -> str:
    """Fold case, and turn punctuation and the joints of `LastLogin` into single spaces."""
    return _plain(text) if len(text) <= 100 else _plain.__wrapped__(text)  # no long value is remembered


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("(s)", "s"))
    return " ".join(re.sub(r"[^\w]+|_", " ", text.casefold()).split())


def all_of(values: Iterable[str], known: Iterable[str]) -> bool:
    """Whether each value is one of the known words, whatever its case."""
    folded = {word.casefold() for word in known}
    return all(value.casefold() in folded for value in values)
