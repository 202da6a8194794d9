"""
Clocks in hours: the practice's own, and those of the proposed rule, which are off until a practice asks for them.

No HIPAA rule in force names a number of hours, so each clock says whose choice it is, and where that stands. Whatever
is told of a clock goes through `Clock.says`: no sentence about the proposed rule can lack that it is not in force.
Source: 45 CFR 164.308(a)(3)(ii)(C) names no hours; 90 FR 898 (RIN 0945-AA22) proposes some.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

SHIPPED = Path(__file__).parent / "clocks.yaml"
NOT_IN_FORCE = "proposed, not in force"
"""Stands in every sentence about a clock of the proposed rule."""
NONE_IN_FORCE = "no HIPAA rule in force names hours"

Hours = Annotated[int, Field(ge=0, le=366 * 24)]
Source = Annotated[str, Field(min_length=1, max_length=300)]


class Matter(StrEnum):
    """What has to be done within the hours."""

    ACCESS_END = "access-end"
    """Ending access, counted from the end of the engagement."""
    ROLE_CHANGE = "role-change"
    """Taking away what the new role does not allow, counted from the first instant in it."""
    NOTICE = "notice"
    """Telling the other organization of an end or a change, counted from it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock, and whose choice it is."""

    matter: Matter
    hours: int
    source: str
    """Where the hours stand: a file of the practice, a paper, or the proposed rule's paragraph."""
    proposed: bool = False
    whose: str = "practice"
    """Whose own clock it is: the practice's, or the agency's on a page of the agency."""

    @property
    def name(self) -> str:
        """Whose clock it is, in words."""
        return f"the proposed rule's clock ({NOT_IN_FORCE})" if self.proposed else f"the {self.whose}'s own clock"

    def due(self, since: datetime) -> datetime:
        """Return the last instant in time, of what counts from an aware instant."""
        return since + timedelta(hours=self.hours)

    def says(self, verdict: str) -> str:
        """Return the sentence about something by this clock; the only way to word one."""
        return f"by {self.name}, {self.hours} h: {verdict}"


class OwnClock(Strict):
    """A number of hours, and where the practice has it from."""

    hours: Hours
    source: Source


class ClockSettings(Strict):
    """`clocks:` in the configuration."""

    notice: OwnClock | None = None
    """Within how many hours agency and practice tell each other, and which paper says so."""
    proposed_rule: bool = False
    """Whether the clocks of the proposed rule are told too, marked as such; they never change a verdict."""


class _Proposed(Strict):
    hours: Hours
    cite: Source


class _Rule(Strict):
    source: Source
    checked_on: date
    access_end: Annotated[_Proposed, Field(alias="access-end")]
    notice: _Proposed

    def clock(self, matter: Matter, one: _Proposed) -> Clock:
        """Return one of its clocks."""
        where = f"{one.cite} ({self.source}; not in force when last checked on {self.checked_on})"
        return Clock(matter, one.hours, where, proposed=True)


class _Default(Strict):
    notice: OwnClock


class _File(Strict):
    version: Literal[1]
    default: _Default
    proposed: _Rule


def notice_clock(settings: ClockSettings) -> Clock:
    """Return the practice's own clock for telling the other organization."""
    own = settings.notice or _shipped().default.notice
    return Clock(Matter.NOTICE, own.hours, own.source)


def proposed_clocks(settings: ClockSettings) -> tuple[Clock, ...]:
    """Return the clocks of the proposed rule, where the practice has asked for them."""
    if not settings.proposed_rule:
        return ()
    rule = _shipped().proposed
    return rule.clock(Matter.ACCESS_END, rule.access_end), rule.clock(Matter.NOTICE, rule.notice)


@cache
def _shipped() -> _File:
    return load_yaml(SHIPPED).validate(_File)
