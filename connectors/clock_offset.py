"""By how much another clock is ahead of ours, from a few reads of one that tells whole seconds."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from time import monotonic, sleep

from connectors.audit_log import ClockOffset
from connectors.errors import AuditorError


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
    Narrow by how much a clock that tells whole seconds is ahead of ours, reading it a few times within `budget_s`.

    One read s between t0 and t1 of ours says: ahead by [s - t1, s + resolution - t0]. The intersection of several is
    narrower; stops when it is `enough_s` wide. Raises `SourceError`, as `read` does, and `AuditorError` when the reads
    contradict each other: the clock was set in between.
    """
    low, high = -inf, inf
    until = monotonic() + budget_s
    while True:
        before = clock()
        told = read()
        after = clock()
        low = max(low, (told - after).total_seconds())
        high = min(high, (told - before).total_seconds() + resolution_s)
        if low > high:
            raise AuditorError(
                "its clock was set while it was read", hint="run again; if it stays, mend its time server"
            )
        if high - low <= enough_s or monotonic() + resolution_s / 6 > until:
            return ClockOffset(low, high, after, by)
        sleep(resolution_s / 6)
