"""By how much another clock is ahead of ours, from a few reads of one that tells whole seconds."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from time import monotonic, sleep

from connectors.audit_log import ClockOffset
from connectors.errors import AuditorError

WIDEST_S = 1.95
"""A stamp as fine as it is, and what is not known of its clock: the truth then lies within less than two seconds."""
CLOSE_S = 0.3
"""Enough for a change that was made less than a second ago."""
BUDGET_S = 0.6
MARGIN_S = 0.005
"""How much longer than it must be a pause is, as a clock is not looked at in no time."""
LONGEST_PAUSE_S = 0.2
"""Far below half a second: looks that lie about a whole one apart would tell the same."""


class SecondsClock:
    """
    By how much a clock that tells whole seconds is ahead of ours: narrowed by every look at it.

    One look s between t0 and t1 of ours says: ahead by [s - t1, s + resolution - t0]. The intersection of several is
    narrower; where there is none, the clock was set in between.
    """

    def __init__(self, by: str, resolution_s: float = 1.0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._by, self._resolution_s, self._clock = by, resolution_s, clock
        self._low, self._high = -inf, inf
        self._at: datetime | None = None

    @property
    def width_s(self) -> float:
        """How much is not known of it."""
        return self._high - self._low

    def look(self, read: Callable[[], datetime]) -> None:
        """Look at it once; raises what `read` does, and `AuditorError` when it contradicts an earlier look."""
        before = self._clock()
        told = read()
        self._at = self._clock()
        self._low = max(self._low, (told - self._at).total_seconds())
        self._high = min(self._high, (told - before).total_seconds() + self._resolution_s)
        if self._low > self._high:
            raise AuditorError(
                "its clock was set while it was read", hint="run again; if it stays, mend its time server"
            )

    def offset(self, hosts: frozenset[str] = frozenset()) -> ClockOffset | None:
        """Return what is known of it; `None` before the first look."""
        return ClockOffset(self._low, self._high, self._at, self._by, hosts) if self._at else None


def measure_clock(
    read: Callable[[], datetime],
    by: str,
    *,
    resolution_s: float = 1.0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ClockOffset:
    """Narrow by how much a clock is ahead of ours, as `narrow` does; raises as `SecondsClock.look` does."""
    looked = SecondsClock(by, resolution_s, clock)
    narrow(looked, read)
    offset = looked.offset()
    assert offset is not None  # noqa: S101 - `narrow` has looked
    return offset


def narrow(
    looked: SecondsClock,
    read: Callable[[], datetime],
    *,
    closely: bool = False,
    stamp_s: float = 1.0,
    budget_s: float = BUDGET_S,
) -> None:
    """
    Look at a clock once more, and with pauses until little enough is left to know or the time is up.

    Whoever looked before reading something waits for a twentieth of a second at most, or not at all: of two looks that
    lie a part of a second apart, each rules out what the other leaves open. `closely` knows more, and waits for it.
    `stamp_s`: how finely the record stamps that is read by this clock.
    """
    enough = CLOSE_S if closely else WIDEST_S - stamp_s
    until = monotonic() + budget_s
    looked.look(read)
    while (missing := looked.width_s - enough) > 0 and monotonic() < until:
        sleep(min(missing + MARGIN_S, LONGEST_PAUSE_S))
        looked.look(read)
