"""By how much another clock is ahead of ours, from a few reads of one that tells whole seconds."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from time import monotonic, sleep

from connectors.audit_log import ClockOffset
from connectors.errors import AuditorError


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
    budget_s: float = 0.6,
    enough_s: float = 0.3,
) -> ClockOffset:
    """
    Narrow by how much a clock that tells whole seconds is ahead of ours, looking at it a few times within `budget_s`.

    Stops when `enough_s` is not known of it. Raises as `SecondsClock.look` does.
    """
    looked = SecondsClock(by, resolution_s, clock)
    narrow(looked, read, budget_s=budget_s, enough_s=enough_s, pause_s=resolution_s / 6)
    offset = looked.offset()
    assert offset is not None  # noqa: S101 - `narrow` has looked
    return offset


def narrow(
    looked: SecondsClock, read: Callable[[], datetime], *, budget_s: float, enough_s: float, pause_s: float = 1 / 6
) -> None:
    """Look at a clock at least once more, and with pauses until little is left to know or the time is up."""
    until = monotonic() + budget_s
    looked.look(read)
    while looked.width_s > enough_s and monotonic() + pause_s <= until:
        sleep(pause_s)
        looked.look(read)
