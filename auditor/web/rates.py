"""How often somebody may ask: buckets of tokens, bounded in number, in the memory of the one process."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

MAX_BUCKETS = 10_000
"""Beyond so many the one that was asked longest ago is forgotten: at most 2 MB, whatever strangers send."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a minute in the long run."""

    burst: int
    per_minute: float


READS = Rate(300, 600)
"""Pages, of one address: a whole practice may stand behind it."""
WRITES = Rate(60, 60)
"""Forms, of one session: faster than anybody decides."""
STRANGERS = Rate(30, 30)
"""Forms and sign-ins of one address, by whoever is not signed in."""
ONE_LINK = Rate(6, 3)
"""Attempts on one link."""
ONE_PERSON = Rate(10, 5)
"""Sign-ins of one person, and requests for a new link of theirs."""


class Rates:
    """Counts by name, such as `("form", 17)`; safe in threads."""

    def __init__(self, clock: Callable[[], float] = monotonic, max_buckets: int = MAX_BUCKETS) -> None:
        self._clock, self._max = clock, max_buckets
        self._buckets: OrderedDict[tuple[str, object], tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def allows(self, name: str, key: object, rate: Rate) -> bool:
        """Take one token; whether there was one."""
        now = self._clock()
        with self._lock:
            left, before = self._buckets.pop((name, key), (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - before) * rate.per_minute / 60)
            allowed = left >= 1
            self._buckets[name, key] = (left - 1 if allowed else left, now)
            while len(self._buckets) > self._max:
                self._buckets.popitem(last=False)
        return allowed
