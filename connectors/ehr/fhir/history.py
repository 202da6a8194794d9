"""
When an entry of FHIR stopped being active, by its own versions (HL7 FHIR R4, section 3.1.0.11 `history`).

`active` that is true in one version and false in the next was set when the later one was written: `meta.lastUpdated`,
to the digits that the server gives. Many servers keep no history; of them only the last change of an entry is known,
which bounds the end of one that is not active. A Person is not asked for its history, because it may be linked with
patients. FHIR speaks of the entry, not of the log-in behind it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import quote, urljoin

from connectors.audit_log import SECOND, LogEvent, LogKind, LogRecord
from connectors.errors import SourceMalformed
from connectors.facts import Account
from connectors.http.client import Web
from connectors.inputs.fields import EARLIEST, LATEST, Fields, FromServer

PRACTITIONER = "Practitioner/"
NOT_KEPT = (400, 404, 405, 410, 501)
"""How servers say that there is no history, or none of this entry."""
MAX_VERSIONS = 10_000
COMMIT = timedelta(milliseconds=500)
"""How much later than its stamp a version may have come to hold."""
PAGE_SIZE = 100
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an entry."""

    at: datetime
    resolution: timedelta
    active: bool | None
    """`None`: the entry does not say."""
    number: str
    deleted: bool
    first: bool
    """The server says that with it the entry was made."""
    raw: bytes


_NOBODY: Mapping[Version, str] = {}


@dataclass(slots=True)
class EntryHistory:
    """Reads the versions of the entries in question."""

    system: str
    web: Web
    base: str

    def versions(self, account: Account) -> tuple[Version, ...] | None:
        """Return the versions of an entry, oldest first; `None` where the server keeps or tells none."""
        if not _of_practitioner(account):
            return None
        found: list[Version] = []
        address: str | None = f"{account.id}/_history"
        params: dict[str, str | int] | None = {"_count": PAGE_SIZE}
        while address is not None:
            answer = self.web.get(address, params, accept=NOT_KEPT)
            if answer.status in NOT_KEPT:
                if found:
                    self._refuse("no next page of")
                return None
            bundle = Fields(FromServer(self.system), "a history", answer.object("a history"))
            if (bundle.text("resourceType"), bundle.text_or_none("type")) != ("Bundle", "history"):
                self._refuse("something else than")
            found += [self._version(entry, account) for entry in bundle.entries("entry", "a version", optional=True)]
            address, params = self._next(bundle), None
            if len(found) > MAX_VERSIONS:
                self._refuse("no end of")
        return tuple(found[::-1])

    def last_change(self, account: Account) -> Version | None:
        """Return an entry as it is, with when it was written last; `None` where that is not told."""
        if not _of_practitioner(account):
            return None
        answer = self.web.get(account.id, {"_elements": "active"}, accept=NOT_KEPT)
        if answer.status in NOT_KEPT:
            return None
        resource = Fields(FromServer(self.system), "an entry", answer.object("an entry"))
        meta = resource.part("meta")
        if meta is None or meta.text_or_none("lastUpdated") is None:
            return None
        return self._resource(resource, account)

    def _version(self, entry: Fields, account: Account) -> Version:
        request, resource = entry.part("request"), entry.part("resource")
        method = request.text_or_none("method") if request else None
        if resource is None or method == "DELETE":
            response = entry.part("response")
            text = response.text_or_none("lastModified") if response else None
            return self._made(text, None, "", deleted=True)
        return self._resource(resource, account, made=method == "POST")

    def _resource(self, resource: Fields, account: Account, *, made: bool = False) -> Version:
        type_, _, id_ = account.id.partition("/")
        if (resource.text("resourceType"), resource.text("id")) != (type_, id_):
            resource.refuse("id", "that of another entry")
        meta = resource.part("meta") or resource.refuse("meta", "missing")
        active = resource.flag("active") if resource.has("active") else None
        number = meta.text_or_none("versionId") or ""
        return self._made(meta.text_or_none("lastUpdated"), active, number, first=made or number == "1")

    def _made(
        self, text: str | None, active: bool | None, number: str, *, deleted: bool = False, first: bool = False
    ) -> Version:
        when = instant(text or "")
        if when is None:
            raise SourceMalformed(
                f"`{self.system}` gave a version of an entry without the instant at which it was written",
                hint="FHIR wants `meta.lastUpdated` with an offset from UTC there; ask the vendor",
            )
        raw = f"{number}\t{text}\t{active}\t{deleted}".encode()
        return Version(*when, active, number, deleted, first, raw)

    def _next(self, bundle: Fields) -> str | None:
        links = bundle.entries("link", "a link", optional=True)
        following = [link.text("url") for link in links if link.text_or_none("relation") == "next"]
        return urljoin(f"{self.base}/", following[0]) if following else None

    def _refuse(self, what: str) -> NoReturn:
        raise SourceMalformed(f"`{self.system}` gave {what} the history of an entry", hint="ask the vendor")


def steps(
    system: str, account: Account, versions: tuple[Version, ...], writers: Mapping[Version, str] = _NOBODY
) -> Iterator[LogEvent]:
    """
    Give what changed from version to version; of the oldest that is kept what it was before is not known.

    `writers`: who wrote a version, where that is known.
    """
    before: bool | None = None
    known = False
    for version in versions:
        live = not version.deleted and version.active is not False
        kinds: list[LogKind] = []
        if version.deleted:
            kinds = [LogKind.DELETED] if live is not before or not known else []
        elif version.first and not known:
            kinds = [LogKind.CREATED, *([] if live else [LogKind.DISABLED])]
        elif known and live is not before:
            kinds = [LogKind.ENABLED if live else LogKind.DISABLED]
        elif not known and not live:
            kinds = [LogKind.DISABLED]
        for kind in kinds:
            bound, who = not known and not version.first, writers.get(version)
            yield replace(event(system, account, kind, version, upper_bound=bound), actor=who)
        before, known = live, True


def event(
    system: str, account: Account, kind: LogKind, version: Version, *, upper_bound: bool = False, last: bool = False
) -> LogEvent:
    """Return the event that a version tells."""
    name = f"{account.id}/_history/{version.number or version.at.isoformat()}"
    return LogEvent(
        *(system, account.id, kind, version.at, version.resolution, LogRecord.of("_history", name, version.raw)),
        upper_bound=upper_bound,
        last_only=last,
    )


def _of_practitioner(account: Account) -> bool:
    type_, _, id_ = account.id.partition("/")
    return f"{type_}/" == PRACTITIONER and _ID.fullmatch(id_) is not None and quote(id_) == id_


def instant(text: str) -> tuple[datetime, timedelta] | None:
    """Read a FHIR instant: from when on, and how much later at most by its digits."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    digits = (match[2] or "")[:6]
    try:
        at = datetime.fromisoformat(f"{match[1]}.{digits.ljust(6, '0')}{match[3].replace('Z', '+00:00')}")
    except ValueError:
        return None
    at = at.astimezone(UTC)
    return (at, SECOND / 10 ** len(digits) + COMMIT) if EARLIEST <= at < LATEST else None
