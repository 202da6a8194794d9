"""
uvicorn's reader of HTTP/1.1, with an end to its patience.

By itself it waits for ever for a request to begin: whoever holds a few hundred silent connections keeps everybody out.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""In so long the head of a request has to be there, from the first moment of the connection."""


class TimedHeads(H11Protocol):
    """Closes a connection on which no whole head of a request comes in time; one that is being answered stays."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; wait only while what came is not yet a request."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()
