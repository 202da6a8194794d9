"""A directory, with every fault that LDAP can show."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from connectors.collect import collect
from connectors.connector import Connector
from connectors.facts import Collection
from connectors.testing.certificates import make_certificates
from connectors.testing.faults import Fault
from connectors.testing.harness import AT_ONCE, ENDS, Connect, Observation, Population, Target, Trial, same_facts
from connectors.testing.ldap_proxy import (
    BIND,
    ENTRY,
    INTEGER,
    OCTETS,
    SEARCH,
    SEQUENCE,
    LdapDelivery,
    LdapMessage,
    LdapResponse,
    elements,
    ldap_proxy,
    tlv,
)

SECOND = 1
CANNOT = {
    **dict.fromkeys(ENDS, "a page of LDAP ends with its own cookie (RFC 2696); none states a total"),
    Fault.TOO_MANY: "LDAP names no time to wait; `busy` (51) and `unavailable` (52) stand for it in error-for-ever",
    Fault.ERROR_ONCE: "a cookie is bound to its connection (RFC 2696 §3): a read that broke starts anew",
    Fault.CLOCK_AHEAD: "an answer of LDAP carries no time of its own",
    Fault.CLOCK_BEHIND: "an answer of LDAP carries no time of its own",
}
CODES: Mapping[Fault, tuple[int, ...]] = {
    Fault.NOT_SIGNED_IN: (8,),  # strongerAuthRequired
    Fault.FORBIDDEN: (50,),  # insufficientAccessRights
    Fault.REFUSED_AT_ONCE: (49,),  # invalidCredentials
    Fault.ERROR_FOR_EVER: (51, 52),  # busy, unavailable
}
CUTS = {3: "timeLimitExceeded", 4: "sizeLimitExceeded", 10: "referral", 11: "adminLimitExceeded"}
DELIVERY = {
    Fault.HALF_ANSWER: LdapDelivery.HALF,
    Fault.SLOW_DRIP: LdapDelivery.DRIP,
    Fault.RESET: LdapDelivery.RESET,
    Fault.EMPTY_ANSWER: LdapDelivery.NOTHING,
}
TLS = (Fault.UNKNOWN_AUTHORITY, Fault.WRONG_NAME, Fault.EXPIRED_CERTIFICATE)

Edit = Callable[[int, LdapResponse], LdapResponse | None]
"""Gets the number of the page and the answer; `None` leaves it as it is."""


class LdapSource:
    """
    Stands behind a proxy that shows every fault.

    `upstream` is the directory on loopback, with TLS or without; `connect` makes a connector for `ldap://` or
    `ldaps://` at another address; `canary_dn` is the DN of the account that must be seen: the search that returns it
    is the one that is disturbed.
    """

    def __init__(
        self,
        upstream: Target,
        connect: Connect,
        population: Population,
        canary_dn: str,
        folder: Path,
        *,
        cannot: Mapping[Fault, str] | None = None,
        same: Callable[[Collection, Collection], bool] = same_facts,
        at_once: int = AT_ONCE,
    ) -> None:
        self.at_once = at_once
        self.population, self.cannot = population, {**CANNOT, **(cannot or {})}
        self._upstream, self._connect, self._same = upstream, connect, same
        self._canary_dn = canary_dn.encode().lower()
        self._certificates = make_certificates(folder / "certificates")

    @property
    def pages(self) -> int:
        """How many pages the accounts took."""
        return len(self._recording.pages)

    def healthy(self) -> Connector:
        """Return a connector for the source as it is."""
        return self._connect(self._upstream)

    def same(self, truth: Collection, read: Collection) -> bool:
        """Whether two reads say the same."""
        return self._same(truth, read)

    @contextmanager
    def trials(self, fault: Fault) -> Iterator[list[Trial]]:
        """Set up the forms of a fault."""
        with ExitStack() as stack:
            if fault in TLS:
                seen = Observation()
                proxy = ldap_proxy(self._upstream, _as_it_is, seen=seen, certificate=self._certificates[fault])
                yield [Trial(self._connect(stack.enter_context(proxy)), seen)]
                return
            trials = []
            for label, script in self._scripts(fault):
                at = stack.enter_context(ldap_proxy(self._upstream, script))
                trials.append(Trial(self._connect(at.under(fault)), script.seen, label))
            yield trials

    @contextmanager
    def over_tls(self) -> Iterator[Connector]:
        """Return a connector for the source behind a certificate that it is told to trust."""
        with ldap_proxy(self._upstream, _as_it_is, certificate=self._certificates[None]) as at:
            yield self._connect(at)

    def _scripts(self, fault: Fault) -> "list[tuple[str, _Edited]]":
        if fault is Fault.REFUSED_AT_ONCE:
            return [("", _NoSignIn(self._recording, lambda *_: None))]
        return [(label, _Edited(self._recording, edit)) for label, edit in _edits(fault, self._recording)]

    @cached_property
    def _recording(self) -> "_Recording":
        recording = _Recording(self._canary_dn)
        with ldap_proxy(self._upstream, recording) as at:
            collect(self._connect(at))
        return recording


@dataclass
class _Recording:
    """The pages of the search that returns the canary."""

    canary_dn: bytes
    searches: dict[bytes, list[LdapResponse]] = field(default_factory=dict)

    def __call__(self, request: LdapMessage, answer: LdapResponse) -> LdapResponse:
        if request.op == SEARCH and request.cookie is not None:
            self.searches.setdefault(request.body, []).append(answer)
        return answer

    @cached_property
    def key(self) -> bytes:
        """The request that asks for the accounts."""
        return next(key for key, pages in self.searches.items() if any(self.holds(p) for p in pages))

    @property
    def pages(self) -> list[LdapResponse]:
        return self.searches[self.key]

    def without(self, page: LdapResponse) -> LdapResponse:
        """Return a page as if the canary came on a later one: the order may differ from read to read."""
        return replace(page, entries=tuple(e for e in page.entries if not self.holds(replace(page, entries=(e,)))))

    def holds(self, page: LdapResponse) -> bool:
        """Whether the canary is on a page."""
        return any(e.op == ENTRY and elements(e.body)[0][1].lower() == self.canary_dn for e in page.entries)


class _Edited:
    """Changes the pages of accounts, and nothing else."""

    def __init__(self, recording: _Recording, edit: Edit) -> None:
        self.recording, self.edit, self.seen = recording, edit, Observation()
        self._next, self._lock = 0, threading.Lock()

    def __call__(self, request: LdapMessage, answer: LdapResponse) -> LdapResponse:
        """Answer one request."""
        if request.op != SEARCH or request.body != self.recording.key:
            return answer
        with self._lock:
            index = self._next if request.cookie else 0
            self._next = index + 1
        changed = self.edit(index, answer)
        if changed is None:
            return answer
        self.seen.fired += 1
        return changed


class _NoSignIn(_Edited):
    def __call__(self, request: LdapMessage, answer: LdapResponse) -> LdapResponse:
        if request.op != BIND:
            return answer
        self.seen.fired += 1
        return replace(answer, done=answer.done.with_result(CODES[Fault.REFUSED_AT_ONCE][0]))


def _edits(fault: Fault, recording: _Recording) -> list[tuple[str, Edit]]:
    pages = recording.pages
    entries = [entry for page in pages for entry in page.entries]
    if fault in DELIVERY:
        return [("", _from_second(lambda a: replace(a, delivery=DELIVERY[fault])))]
    if fault in CODES:
        return [(f"result {c}", _from_second(partial(_refuses, c))) for c in CODES[fault]]
    if fault is Fault.OTHER_ORDER:
        return [("", _reversed(pages))]
    if fault is Fault.WRONG_FIELD:
        return _wrong_fields(pages[SECOND])
    broken = LdapMessage(ENTRY, tlv(INTEGER, b"\x07") + tlv(OCTETS, b"a text where attributes were"))
    edits: Mapping[Fault, list[tuple[str, Edit]]] = {
        Fault.REPEATED_TOKEN: [("", lambda i, _: pages[SECOND] if i > SECOND else None)],
        Fault.DROPPED_PAGE: [
            ("entries", lambda _, a: replace(a, entries=()) if recording.holds(a) else None),
            ("cookie", _on(0, lambda a: replace(recording.without(a), done=a.done.with_cookie(b"")))),
            ("control", _on(0, lambda a: replace(a, done=replace(a.done, controls=b"")))),
            *((name, _on(SECOND, lambda a, c=c: replace(a, done=a.done.with_result(c)))) for c, name in CUTS.items()),  # type: ignore[misc]
        ],
        Fault.DUPLICATE_ENTRY: [("", _on(SECOND, lambda a: replace(a, entries=(*a.entries, entries[0]))))],
        Fault.WRONG_TYPE: [("", _on(SECOND, lambda a: replace(a, entries=tuple(map(_text_for_list, a.entries)))))],
        Fault.WRONG_ENTRY: [("", _on(SECOND, lambda a: replace(a, entries=(broken, *a.entries))))],
        Fault.CUT_DOCUMENT: [("", _on(SECOND, lambda a: replace(a, entries=(_cut(a.entries[0]), *a.entries[1:]))))],
        Fault.EMPTY_LIST: [
            ("all pages", lambda _, a: replace(a, entries=())),
            ("one page", lambda _, a: replace(a, entries=()) if recording.holds(a) else None),
        ],
    }
    return edits[fault]


def _on(page: int, change: Callable[[LdapResponse], LdapResponse]) -> Edit:
    return lambda index, answer: change(answer) if index == page else None


def _from_second(change: Callable[[LdapResponse], LdapResponse]) -> Edit:
    return lambda index, answer: change(answer) if index >= SECOND else None


def _refuses(code: int, answer: LdapResponse) -> LdapResponse:
    return LdapResponse((), answer.done.with_result(code))


def _reversed(pages: list[LdapResponse]) -> Edit:
    entries = [entry for page in pages for entry in page.entries][::-1]
    starts = [sum(len(p.entries) for p in pages[:i]) for i in range(len(pages) + 1)]

    def edit(index: int, answer: LdapResponse) -> LdapResponse | None:
        if index >= len(pages):
            return None
        return replace(answer, entries=tuple(entries[starts[index] : starts[index + 1]]))

    return edit


def _wrong_fields(page: LdapResponse) -> list[tuple[str, Edit]]:
    """Give each attribute of the first entry a value that is neither text nor anything else."""
    (_, dn), (_, attributes) = elements(page.entries[0].body)
    found = elements(attributes)

    def edit(place: int) -> Edit:
        kind = tlv(OCTETS, elements(found[place][1])[0][1])
        bad = (SEQUENCE, kind + tlv(0x31, tlv(OCTETS, b"\xff\xfe\x00\x80")))
        body = b"".join(tlv(*attribute) for attribute in (*found[:place], bad, *found[place + 1 :]))
        entry = LdapMessage(ENTRY, tlv(OCTETS, dn) + tlv(SEQUENCE, body))
        return _on(SECOND, lambda a: replace(a, entries=(entry, *a.entries[1:])))

    return [(elements(f)[0][1].decode(), edit(i)) for i, (_, f) in enumerate(found)]


def _text_for_list(entry: LdapMessage) -> LdapMessage:
    dn = elements(entry.body)[0][1]
    return LdapMessage(ENTRY, tlv(OCTETS, dn) + tlv(OCTETS, b"a text where the attributes were"))


def _cut(entry: LdapMessage) -> LdapMessage:
    return LdapMessage(ENTRY, entry.body[: len(entry.body) // 2])


def _as_it_is(request: LdapMessage, answer: LdapResponse) -> LdapResponse:  # noqa: ARG001
    return answer
