"""
Who wrote a version of an entry, where the server says it: its AuditEvents (HL7 FHIR R4, 6.4), its Provenance (6.3).

A version bears no name. A record that names the version by its number is about that; one that names the entry alone is
about the version that was written at its time, if there is only one then, and nobody else is named of that time. In
doubt nobody is named: the name of whoever did something else would be a false accusation. Of a record nothing but
its agents is kept.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.ehr.fhir.history import PAGE_SIZE, Version, instant
from connectors.ehr.fhir.people import Naming
from connectors.ehr.fhir.search import EVENTS, PROVENANCE, FhirSearch
from connectors.errors import SourceError
from connectors.facts import Account
from connectors.http.client import Web
from connectors.inputs.fields import Fields

NEAR = timedelta(seconds=2)
"""So far apart a version and a record of its writing may be stamped."""
MAX_PAGES = 10
MAX_NAME = 250
_WRITES = frozenset({"C", "U", "D"})
"""From: HL7 value set audit-event-action."""
_ELEMENTS = {EVENTS: "action,recorded,outcome,agent,entity", PROVENANCE: "target,recorded,agent"}
_BY = {EVENTS: "entity", PROVENANCE: "target"}


@dataclass(frozen=True, slots=True)
class Written:
    """A record that somebody wrote an entry."""

    at: datetime
    number: str
    """Of the version; empty where it does not say."""
    who: str


@dataclass(frozen=True, slots=True)
class Writers:
    """Asks for the records of one entry; `types` are those that the service lets the auditor search."""

    system: str
    web: Web
    base: str
    naming: Naming
    types: Sequence[str]

    def of(self, account: Account, versions: Sequence[Version]) -> dict[Version, str]:
        """Return by version who wrote it, where that is told beyond doubt; what cannot be read tells nothing."""
        found: list[Written] = []
        for type_ in self.types:
            try:
                found += self._records(type_, account, versions)
            except SourceError:
                continue  # when it was is known without
        return {version: who for version in versions if (who := _who(version, versions, found))}

    def _records(self, type_: str, account: Account, versions: Sequence[Version]) -> Iterator[Written]:
        since = min(version.at for version in versions) - NEAR
        params: dict[str, str | int] = {_BY[type_]: account.id, "_count": PAGE_SIZE, "_elements": _ELEMENTS[type_]}
        if type_ == EVENTS:
            params |= {"outcome": "0", "date": f"ge{since.date().isoformat()}"}
        search, link = FhirSearch(self.system, self.web, self.base, type_, params), None
        for _ in range(MAX_PAGES):
            page = search.page(link)
            for one in page.resources:
                yield from self._written(type_, one, account)
            link = page.next
            if link is None:
                return

    def _written(self, type_: str, record: Fields, account: Account) -> Iterator[Written]:
        if type_ == EVENTS and (record.text_or_none("action") not in _WRITES or record.text_or_none("outcome") != "0"):
            return
        when = instant(record.text_or_none("recorded") or "")
        agents = {name for agent in record.entries("agent", "an agent", optional=True) if (name := self._name(agent))}
        if when is None or len(agents) != 1:
            return
        about = record.entries("entity" if type_ == EVENTS else "target", "what it is about", optional=True)
        for one in about:
            what = one.part("what") if type_ == EVENTS else one
            number = _version_of(what.text_or_none("reference") if what else None, account, self.base)
            if number is not None:
                yield Written(when[0], number, next(iter(agents)))

    def _name(self, agent: Fields) -> str:
        """Return how the server calls who did it; not by a free text, and no device or program beside a person."""
        if agent.has("requestor") and not agent.flag("requestor"):
            return ""
        who = agent.part("who")
        identifier = who.part("identifier") if who else None
        mine = identifier is not None and identifier.text_or_none("system") in (None, self.naming.login)
        login = identifier.text_or_none("value") if identifier is not None and mine else None
        name = agent.text_or_none("altId") or login or (who.text_or_none("reference") if who else None) or ""
        return name.removeprefix(f"{self.base}/") if len(name) <= MAX_NAME else ""


def _version_of(reference: str | None, account: Account, base: str) -> str | None:
    """Return the version of the entry that a reference names, empty for any; `None`: it names another entry."""
    match = re.fullmatch(rf"(?:{re.escape(base)}/)?{re.escape(account.id)}(?:/_history/([A-Za-z0-9.-]{{1,64}}))?",
                         reference or "")  # fmt: skip
    return None if match is None else match[1] or ""


def _who(version: Version, versions: Sequence[Version], records: Sequence[Written]) -> str | None:
    named = {one.who for one in records if version.number and one.number == version.number}
    if not named and not any(_beside(version, other) for other in versions):
        named = {one.who for one in records if not one.number and _at(version, one.at)}
    return next(iter(named)) if len(named) == 1 else None


def _beside(version: Version, other: Version) -> bool:
    """Whether another version was written so near that a record of one may be of the other."""
    return other is not version and abs(other.at - version.at) <= 2 * NEAR + version.resolution


def _at(version: Version, at: datetime) -> bool:
    return version.at - NEAR <= at <= version.at + version.resolution + NEAR
