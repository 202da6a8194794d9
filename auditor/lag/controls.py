"""The controls whose lag is measured, from YAML."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

import policies
from auditor.ledger.statements import Statement, StatementKind
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.engine.rule import Bounded, all_rules

SHIPPED = Path(policies.__file__).parent / "controls.yaml"


class By(StrEnum):
    """What shows that a control is in place."""

    REGISTER = "register"
    AUDITS = "audits"
    INCLUDED = "included"
    ATTESTED = "attested"
    STOPPED = "stopped"


class Control(Strict):
    """One control."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    by: By
    due_hours: Annotated[int, Field(ge=0, le=366 * 24)]
    source: str
    rules: tuple[str, ...] = ()
    topic: str | None = None
    after: Literal["start", "end"] = "start"
    needs_mfa_known: bool = False
    """Asked only of roles that ask for a second factor; unproven where no source says whether an account has one."""
    renew_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """For how many days an attestation without a last day of its own holds; `None`: for ever."""
    only_if_any: bool = False
    """Measured only where somebody has attested the topic for anybody at all."""

    @property
    def bounds_holdings(self) -> bool:
        """Whether it is in place only where everything that is held is known."""
        return bool(set(self.rules) & _bounding_rules())

    @model_validator(mode="after")
    def _answerable(self) -> "Control":
        if (self.topic is not None) != (self.by is By.ATTESTED):
            raise ValueError("`topic` together with `by: attested`")
        if (self.after == "end") != (self.by is By.STOPPED):
            raise ValueError("`after: end` together with `by: stopped`")
        if self.by is By.AUDITS and not self.rules:
            raise ValueError("`rules` together with `by: audits`")
        return self


@cache
def _bounding_rules() -> frozenset[str]:
    """Return the rules that are satisfied only where all that somebody holds is known."""
    return frozenset(r.id for r in all_rules() if isinstance(r, Bounded)) | {"unclassified-entitlement"}


class _File(Strict):
    version: Literal[1]
    controls: Annotated[list[Control], Field(min_length=1, max_length=100)]


def last_day(statement: Statement, control: Control) -> date | None:
    """Return the last day on which an attestation counts for a control; `None`: it does not expire."""
    if statement.expires is None and control.renew_days is not None:
        return statement.on + timedelta(days=control.renew_days)
    return statement.expires


def held_until(statements: Sequence[Statement], control: Control) -> dict[str, date | None]:
    """Return until when each VMA's attestations hold, as far as there are any; `None`: one of them holds for ever."""
    withdrawn = {s.about: s.on for s in statements if s.kind is StatementKind.WITHDRAWAL}
    found: dict[str, date | None] = {}
    for s in statements:
        if s.kind is not StatementKind.ATTESTATION or s.topic.casefold() != (control.topic or "").casefold():
            continue
        last = last_day(s, control)
        if s.id in withdrawn:
            last = min(last or date.max, withdrawn[s.id] - timedelta(days=1))
        if last is None or (s.about in found and found[s.about] is None):
            found[s.about] = None
        elif last >= s.on:
            found[s.about] = max(last, found.get(s.about) or last)
    return found


def clock(controls: Sequence[Control], by: By) -> Control | None:
    """Return the first control that is shown in this way, whose `due_hours` are the practice's clock for it."""
    return next((control for control in controls if control.by is by), None)


def other_than_shipped(controls: Sequence[Control]) -> tuple[str, ...]:
    """Name the controls that other rules decide than the shipped ones of the same id, or that are left out."""
    own = {control.id: control for control in controls}
    return tuple(
        shipped.title
        for shipped in _shipped()
        if (mine := own.get(shipped.id)) is None or (mine.by, set(mine.rules)) != (shipped.by, set(shipped.rules))
    )


def load_controls(path: Path = SHIPPED) -> tuple[Control, ...]:
    """Load the controls; raises `InputError` for two with one id, and for a rule that there is not."""
    return _shipped() if path == SHIPPED else _load(path)


@cache
def _shipped() -> tuple[Control, ...]:
    return _load(SHIPPED)


def _load(path: Path) -> tuple[Control, ...]:
    document = load_yaml(path)
    found = tuple(document.validate(_File).controls)
    known = {rule.id for rule in all_rules()}
    seen: set[str] = set()
    for number, control in enumerate(found):
        if control.id in seen:
            document.refuse(("controls", number, "id"), "two controls have this id", found=control.id)
        seen.add(control.id)
        for place, rule in enumerate(control.rules):
            if rule not in known:
                document.refuse(
                    ("controls", number, "rules", place),
                    "there is no such rule",
                    found=rule,
                    expected=f"one of: {', '.join(sorted(known))}",
                )
    return found
