"""
Every clock in hours of one practice, by what it is about: the practice's own first, then the proposed rule's.

Orders, notices, gates and certificates take their hours from here, so that one practice has one answer.
"""

from dataclasses import dataclass, replace

from auditor.config import Config
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from policies.clocks import NONE_IN_FORCE, Clock, ClockSettings, Matter, notice_clock, proposed_clocks

_SHOWN_BY = {Matter.ACCESS_END: By.STOPPED, Matter.ROLE_CHANGE: By.AUDITS}
"""Which control of the practice has the hours of a matter."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one practice."""

    own: tuple[Clock, ...]
    """At most one for each matter: a practice whose controls lack one has none for it."""
    proposed: tuple[Clock, ...]
    """Empty unless the practice has asked for them. They are told; no verdict and no exit code rests on them."""

    def told_for(self, matter: Matter) -> tuple[Clock, ...]:
        """Return every clock that is told of a matter, the practice's own first."""
        return tuple(c for c in (*self.own, *self.proposed) if c.matter is matter)


def clocks_of(config: Config) -> Clocks:
    """Return the clocks of a practice; raises `InputError` where its controls cannot be used."""
    path = config.controls or SHIPPED
    controls = load_controls(path)
    whose = "this product's default" if path == SHIPPED else "the practice's choice"
    own = [
        Clock(matter, found.due_hours, f"{whose}, control `{found.id}` of `{path.name}`; {NONE_IN_FORCE}")
        for matter, by in _SHOWN_BY.items()
        if (found := clock(controls, by)) is not None
    ]
    settings = config.clocks or ClockSettings()
    return Clocks((*own, notice_clock(settings)), proposed_clocks(settings))


def clocks_of_agency(settings: ClockSettings) -> Clocks:
    """Return the clocks of an agency, which ends nobody's access and tells its practices."""
    notice = (c for c in proposed_clocks(settings) if c.matter is Matter.NOTICE)
    return Clocks((replace(notice_clock(settings), whose="agency"),), tuple(notice))
