"""
Stopping at SIGTERM, within two seconds, wherever the watch is.

An audit is simply left: it is stored whole or not at all. A message that is just being sent has a moment to end, so
that it is not sent again by the next watch.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE_S = 0.7
"""For a message that is being sent."""
AGAIN_S = 0.3
"""An exception may be raised where Python throws it away, such as in a finalizer: then it is raised again."""


class Stop(BaseException):
    """Somebody wants the watch to end; not an `Exception`, so that nobody takes it for a fault."""


class StopSignals:
    """Turns SIGTERM into `Stop`; for the main thread."""

    def __init__(self) -> None:
        self.wanted = False
        self._sending = False

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Listen for SIGTERM, and end quietly when it comes."""
        before = signal.signal(signal.SIGTERM, self._asked), signal.signal(signal.SIGALRM, self._now)
        try:
            yield
        except Stop:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGTERM, before[0])
            signal.signal(signal.SIGALRM, before[1])

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Let what is inside end, if it does so soon."""
        self._sending = True
        try:
            yield
        finally:
            self._sending = False
        if self.wanted:
            raise Stop

    def _asked(self, _signal: int, _frame: FrameType | None) -> None:
        self.wanted = True
        signal.setitimer(signal.ITIMER_REAL, GRACE_S if self._sending else AGAIN_S, AGAIN_S)
        if not self._sending:
            raise Stop

    def _now(self, _signal: int, _frame: FrameType | None) -> None:
        raise Stop
