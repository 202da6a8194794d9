"""
Turns whatever was raised into a page of ours: what is said stands in `auditor.web.errors`, never in the exception.

The log gets the kind of the fault and the lines of the program, and nothing that came with the request: an exception's
text may hold what somebody typed, or a token.
"""

import logging
import traceback
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auditor.web.errors import ErrorWords, Refused, words_of
from connectors.errors import AuditorError
from reports.safe import one_line

log = logging.getLogger("auditor.web")

ErrorPage = Callable[[Scope, int, ErrorWords], Response]


class OwnErrors:
    """Answers with a page of ours whatever the pages raise."""

    def __init__(self, app: ASGIApp, *, page: ErrorPage) -> None:
        self._app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; an answer that had begun is left unfinished, which browsers take for the failure that it is."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            await send(message)
            begun = True

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if begun:
                write_down(error)
                return
            await self._answer(error, scope, receive, send)

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        status, words = said_of(error)
        if status >= 500 and not isinstance(error, HTTPException):
            write_down(error)
        response = self._page(scope, status, words)
        for name, value in (getattr(error, "headers", None) or {}).items():
            response.headers[name] = value
        await response(scope, receive, send)


def said_of(error: Exception) -> tuple[int, ErrorWords]:
    """Return the status of a fault, and what is said of it."""
    if isinstance(error, Refused):
        words = words_of(error.status_code)
        return error.status_code, ErrorWords(error.title, error.text, words.outcome)
    status = error.status_code if isinstance(error, HTTPException) else 503 if isinstance(error, AuditorError) else 500
    return status, words_of(status)


def write_down(error: Exception) -> None:
    """Log what failed and where in the program, without a word of what was sent."""
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in _frames(error)]
    said = f": {one_line(error.message)}" if isinstance(error, AuditorError) else ""
    log.error("a page failed: %s%s (%s)", type(error).__name__, said, " < ".join(reversed(where[-12:])))


def _frames(error: Exception) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))
