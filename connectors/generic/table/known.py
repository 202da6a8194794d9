"""Headings that are no question: harmless ones with the reason, secrets, limits, and what was not written out."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from connectors.generic.table.dictionary import RosterWords, plain_heading
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

FILE = Path(__file__).parent / "known.yaml"


class _Strict(Strict):
    model_config = ConfigDict(populate_by_name=True)


class HeadingGroup(_Strict):
    """Headings that belong together."""

    exact: list[str] = Field(alias="is")
    part: list[str] = Field(alias="has")

    def names(self, heading: str) -> bool:
        """Whether a heading is one of them."""
        text = plain_heading(heading)
        padded = f" {text} "
        return text in self.exact or any(f" {word} " in padded for word in self.part)


class Harmless(HeadingGroup):
    """Headings that mean nothing for access, and why."""

    why: str


class KnownHeadings(_Strict):
    """All of them."""

    version: Annotated[int, Field(ge=1)]
    harmless: list[Harmless]
    secrets: HeadingGroup
    private: HeadingGroup
    limits: HeadingGroup
    not_written: list[str]
    no_person: list[str]
    other_sheets: list[str]
    roster: RosterWords

    def why_harmless(self, heading: str) -> str | None:
        """Return why a heading means nothing for access; `None` when it may."""
        return next((group.why for group in self.harmless if group.names(heading)), None)

    def was_not_written(self, value: str) -> bool:
        """Whether a program wrote the name of a type where a list should stand."""
        return any(re.match(pattern, value) for pattern in self.not_written)


@lru_cache(maxsize=1)
def known() -> KnownHeadings:
    """Load them once."""
    return load_yaml(FILE).validate(KnownHeadings)
