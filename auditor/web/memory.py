"""What the process remembers of a browser for a short while: bounded in number and in time, gone when it ends."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class ShortMemory(Generic[T]):
    """Remembers one thing for each key, for so many seconds; beyond `most`, the oldest is forgotten."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: str, what: T) -> None:
        """Remember this, in place of what was remembered for the key."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock(), what)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def take(self, key: str) -> T | None:
        """Return what is remembered, and forget it."""
        with self._lock:
            at, what = self._kept.pop(key, (0.0, None))
        return what if what is not None and self._clock() - at < self._seconds else None
