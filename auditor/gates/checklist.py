"""Checklists, and what an answer to one of their items is."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import model_validator

import policies
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

FOLDER = Path(policies.__file__).parent / "checklists"


class GateItem(Strict):
    """One item; it is answered by `rules`, a `check`, both, or an attestation on the topic `attested`."""

    id: str
    text: str
    when: Literal["before", "after"]
    source: str
    workforce_source: str = ""
    """The source for the practice's own employees, where that is another one than for people of an agency."""
    rules: tuple[str, ...] = ()
    check: str | None = None
    attested: str | None = None
    unless: Literal["workforce"] | None = None
    """For whom it asks nothing: the practice's own employees."""

    def of(self, *, workforce: bool) -> "GateItem":
        """Return the item with the source that binds for whom it is asked."""
        return (
            self.model_copy(update={"source": self.workforce_source}) if workforce and self.workforce_source else self
        )

    @model_validator(mode="after")
    def _answerable(self) -> "GateItem":
        if bool(self.attested) == bool(self.rules or self.check):
            raise ValueError("`attested`, or `rules` and `check`")
        return self


class GateChecklist(Strict):
    """The items, in the order in which they are due."""

    version: int
    title: str
    items: tuple[GateItem, ...]


class GateAnswer(StrEnum):
    """What can be said of an item."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot tell"
    NEEDS_A_WORD = "needs a person's word"
    NOT_DUE = "not due yet"


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """One item with its answer."""

    item: GateItem
    answer: GateAnswer
    evidence: tuple[str, ...]
    """What the answer rests on."""
    todo: tuple[str, ...] = ()
    """What to do, where something is missing."""


Verdict = tuple[GateAnswer, tuple[str, ...], tuple[str, ...]]
"""Answer, evidence, what to do."""


def worst(verdicts: list[Verdict]) -> Verdict:
    """Put verdicts on one item together: one failure fails it, and what cannot be told outranks a pass."""
    order = [GateAnswer.FAILED, GateAnswer.NEEDS_A_WORD, GateAnswer.CANNOT_TELL, GateAnswer.NOT_DUE, GateAnswer.PASSED]
    answer = min((v[0] for v in verdicts), key=order.index)
    return answer, tuple(e for v in verdicts for e in v[1]), tuple(t for v in verdicts for t in v[2])


@cache
def load_checklist(name: str) -> GateChecklist:
    """Load a shipped checklist; raises `InputError` when it is not as it should be."""
    return load_yaml(FOLDER / f"{name}.yaml").validate(GateChecklist)
