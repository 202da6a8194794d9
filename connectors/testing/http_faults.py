"""Every fault that HTTP can show, as a script for the proxy."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from connectors.testing.bodies import Body
from connectors.testing.faults import Fault
from connectors.testing.harness import ENDS, Observation
from connectors.testing.http_ends import SECOND, Change, Ends, end_changes
from connectors.testing.http_proxy import Forward, ProxyRequest, ProxyResponse, ResponseDelivery

RETRY_AFTER_S = 1
OFF = {Fault.CLOCK_AHEAD: timedelta(hours=5), Fault.CLOCK_BEHIND: timedelta(hours=-5)}
STATUS = {
    Fault.NOT_SIGNED_IN: 401,
    Fault.FORBIDDEN: 403,
    Fault.REFUSED_AT_ONCE: 401,
    Fault.TOO_MANY: 429,
    Fault.ERROR_ONCE: 500,
    Fault.ERROR_FOR_EVER: 500,
}
DELIVERY = {
    Fault.HALF_ANSWER: ResponseDelivery.HALF,
    Fault.SLOW_DRIP: ResponseDelivery.DRIP,
    Fault.RESET: ResponseDelivery.RESET,
}


def json_refusal(status: int) -> ProxyResponse:
    """Return how most HTTP sources refuse; the body looks like the answer of an empty source on purpose."""
    body = b'{"error": "refused", "total": 0, "totalResults": 0, "count": 0, "results": [], "items": [], "result": []}'
    return ProxyResponse(status, (("Content-Type", "application/json"),), body)


@dataclass(frozen=True, slots=True)
class Pages:
    """Which answers are pages of accounts, and how they are written."""

    is_page: Callable[[ProxyRequest], bool]
    body: Body
    refusal: Callable[[int], ProxyResponse] = json_refusal
    """How this source refuses with a status."""
    adapt: Callable[[ProxyRequest, ProxyResponse], ProxyResponse] = lambda _, reply: reply
    """Fits an old answer to a new request, where answers repeat something of the request (JSON-RPC's `id`)."""
    retry_after: bool = True
    """Whether the source says how long to wait (RFC 9110 §10.2.3)."""
    ends: Ends | None = None
    """`None`: an answer says nothing of the kind; the harness then tells in `cannot` why."""


@dataclass(slots=True)
class Recording:
    """The pages of a read without fault, in order."""

    pages: Pages
    replies: list[ProxyResponse] = field(default_factory=list)

    def __call__(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Pass a request on, and remember the answer when it is a page."""
        reply = forward(request)
        if self.pages.is_page(request):
            self.replies.append(reply)
        return reply

    def place_of(self, canary: str | None) -> int:
        """Return the page to lose: a source that states no total can only miss what is known to be there."""
        holds = [i for i, reply in enumerate(self.replies) if i and canary and canary.encode() in reply.body]
        return holds[0] if holds else SECOND


class PagePlayed:
    """A script that knows which page is asked for: two tries of one request are one page."""

    def __init__(self, recording: Recording, canary: str | None) -> None:
        self.recording, self.pages, self.seen = recording, recording.pages, Observation()
        self.canary = canary
        self._asked: dict[tuple[str, str, bytes], int] = {}

    def __call__(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Answer one request."""
        if not self.pages.is_page(request):
            return self.aside(request, forward)
        index = self._asked.setdefault(request.key, len(self._asked))
        return self.page(index, request, forward)

    def aside(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Answer what is no page of accounts."""
        return forward(request)

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Answer a page."""
        raise NotImplementedError


class Refused(PagePlayed):
    """Refuses: at once, from the second page on, or once."""

    def __init__(self, recording: Recording, canary: str | None, fault: Fault) -> None:
        super().__init__(recording, canary)
        self.fault, self.at = fault, 0.0

    def aside(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Refuse at once, or answer."""
        return self._refuse() if self.fault is Fault.REFUSED_AT_ONCE else forward(request)

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Refuse when it is time to."""
        if self.fault is Fault.REFUSED_AT_ONCE:
            return self._refuse()
        once = self.fault in (Fault.TOO_MANY, Fault.ERROR_ONCE)
        if once and self.seen.fired:
            self.seen.waited_s = self.seen.waited_s or time.monotonic() - self.at
        if index < SECOND or (once and self.seen.fired):
            return forward(request)
        return self._refuse()

    def _refuse(self) -> ProxyResponse:
        self.seen.fired += 1
        self.at = time.monotonic()
        reply = self.pages.refusal(STATUS[self.fault])
        if self.fault is Fault.TOO_MANY and self.pages.retry_after:
            self.seen.told_to_wait_s = RETRY_AFTER_S
            reply = reply.with_header("Retry-After", str(RETRY_AFTER_S))
        return reply


class Delivered(PagePlayed):
    """Delivers badly from the second page on, however often it is asked."""

    def __init__(self, recording: Recording, canary: str | None, delivery: ResponseDelivery) -> None:
        super().__init__(recording, canary)
        self.delivery = delivery

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Deliver."""
        reply = forward(request)
        if index < SECOND:
            return reply
        self.seen.fired += 1
        return replace(reply, delivery=self.delivery)


class Swapped(PagePlayed):
    """Gives another page than the one that was asked for."""

    def __init__(self, recording: Recording, canary: str | None, fault: Fault) -> None:
        super().__init__(recording, canary)
        self.fault, self.lost = fault, recording.place_of(canary)

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Repeat the second page, or leave one out."""
        replies = self.recording.replies
        if self.fault is Fault.REPEATED_TOKEN:
            other = SECOND if index > SECOND else index
        else:
            other = index + (index >= self.lost)
        if other == index or other >= len(replies):
            at_end = self.fault is Fault.DROPPED_PAGE and index == self.lost == len(replies) - 1
            return self._emptied(forward(request)) if at_end else forward(request)
        self.seen.fired += 1
        # Only the source itself can say what it would have said; so its old answer is given.
        forward(request)
        return self.pages.adapt(request, replies[other])

    def _emptied(self, reply: ProxyResponse) -> ProxyResponse:
        self.seen.fired += 1
        document = self.pages.body.load(reply.body)
        self.pages.body.replace(document, [])
        return replace(reply, body=self.pages.body.dump(document))


class Rewritten(PagePlayed):
    """Changes what is written in a page."""

    def __init__(self, recording: Recording, canary: str | None, change: Callable[[int, bytes], bytes | None]) -> None:
        super().__init__(recording, canary)
        self.change = change

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Answer with the changed page; `None` leaves it as it is."""
        reply = forward(request)
        body = self.change(index, reply.body)
        if body is None:
            return reply
        self.seen.fired += 1
        return replace(reply, body=body)


class Clocked(PagePlayed):
    """Has a clock that is off, and says so in every `Date`."""

    def __init__(self, recording: Recording, canary: str | None, off: timedelta) -> None:
        super().__init__(recording, canary)
        self.off = off

    def aside(self, request: ProxyRequest, forward: Forward) -> ProxyResponse:
        """Answer with the wrong time."""
        self.seen.fired += 1
        return forward(request).with_header("Date", format_datetime(datetime.now(UTC) + self.off, usegmt=True))

    def page(self, index: int, request: ProxyRequest, forward: Forward) -> ProxyResponse:  # noqa: ARG002
        """Answer with the wrong time."""
        return self.aside(request, forward)


def scripts(fault: Fault, recording: Recording, canary: str | None) -> list[tuple[str, PagePlayed]]:
    """Return the forms of a fault, each with a label."""
    if fault in STATUS:
        return [("", Refused(recording, canary, fault))]
    if fault in DELIVERY:
        return [("", Delivered(recording, canary, DELIVERY[fault]))]
    if fault in (Fault.REPEATED_TOKEN, Fault.DROPPED_PAGE):
        return [("", Swapped(recording, canary, fault))]
    if fault in OFF:
        return [("", Clocked(recording, canary, OFF[fault]))]
    return [(label, Rewritten(recording, canary, change)) for label, change in _changes(fault, recording, canary)]


def _changes(fault: Fault, recording: Recording, canary: str | None) -> list[tuple[str, Change]]:
    body, replies = recording.pages.body, [reply.body for reply in recording.replies]

    def edited(edit: Callable[[int, object], None], *, only: int | None = SECOND) -> Change:
        def change(index: int, data: bytes) -> bytes | None:
            if only is not None and index != only:
                return None
            document = body.load(data)
            edit(index, document)
            return body.dump(document)

        return change

    if fault in ENDS:
        ends = recording.pages.ends
        return [] if ends is None else end_changes(fault, ends, body, replies)
    if fault is Fault.WRONG_FIELD:
        spoils = body.wrong_fields(body.load(replies[SECOND]))
        return [(label, edited(lambda _, document, spoil=spoil: spoil(document))) for label, spoil in spoils]  # type: ignore[misc]
    first = body.entries(body.load(replies[0]))
    simple: Mapping[Fault, list[tuple[str, Change]]] = {
        Fault.OTHER_ORDER: [("", _reversed(body, replies))],
        Fault.DUPLICATE_ENTRY: [("", edited(lambda _, d: body.replace(d, [*body.entries(d), first[0]])))],
        Fault.WRONG_TYPE: [("", edited(lambda _, d: body.spoil_list(d)))],
        Fault.WRONG_ENTRY: [("", edited(lambda _, d: body.replace(d, [body.text_entry(), *body.entries(d)])))],
        Fault.EMPTY_LIST: [
            ("all pages", edited(lambda _, d: body.replace(d, []), only=None)),
            ("one page", edited(lambda _, d: body.replace(d, []), only=recording.place_of(canary))),
        ],
        Fault.EMPTY_ANSWER: [("", lambda index, _: b"" if index == SECOND else None)],
        Fault.CUT_DOCUMENT: [("", lambda index, data: data[: len(data) // 2] if index == SECOND else None)],
    }
    return simple[fault]


def _reversed(body: Body, replies: list[bytes]) -> Change:
    """Hand out the entries of all pages from the last to the first, as many on each page as before."""
    sizes = [len(body.entries(body.load(data))) for data in replies]
    entries = [entry for data in replies for entry in body.entries(body.load(data))][::-1]

    def change(index: int, data: bytes) -> bytes | None:
        if index >= len(sizes):
            return None
        start = sum(sizes[:index])
        document = body.load(data)
        body.replace(document, entries[start : start + sizes[index]])
        return body.dump(document)

    return change
