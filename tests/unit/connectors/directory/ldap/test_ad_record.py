"""What only Windows does when it is asked for its replication metadata; the answers are in its documented shapes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from connectors.audit_log import LogAnswer, LogKind, LogQuestion
from connectors.directory.changes.files import Logs
from connectors.directory.ldap import log
from connectors.directory.ldap.record import Recorded
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.server_type import ServerType
from connectors.facts import Account, Status
from tests.unit.connectors.directory.changes.test_replication import XML, blob, element, link

GUID = UUID("ae77f853-a1cd-4ce7-a3aa-32ff1e9f3de0")
VA_DN, GROUP = "CN=VA & Co,DC=t", "cn=desk,dc=t"
VALUES = "msds-replvaluemetadata"
VA = Account("directory", str(GUID), "va", "VA", Status.DISABLED)
NOW = datetime(2026, 9, 18, tzinfo=UTC)


class Windows:
    """A domain controller: its root entry, one account, and one group whose metadata comes in ranges."""

    def __init__(self, account: Mapping[str, Sequence[bytes]], ranges: Mapping[int, tuple[str, list[bytes]]]) -> None:
        self.account, self.ranges = account, ranges

    def read_entry(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        if not dn:
            service = b"CN=NTDS Settings,CN=DC7,CN=Servers,CN=R&D,CN=Sites,DC=t"
            told = {"currenttime": [f"{datetime.now(UTC):%Y%m%d%H%M%S}.0Z".encode()], "dsservicename": [service]}
            return Entry("", {**told, "configurationnamingcontext": [b"CN=Configuration,DC=t"]})
        start = next((int(a.partition("range=")[2].partition("-")[0]) for a in attributes if "range=" in a), None)
        if start is None:
            return Entry(dn, {"objectclass": [b"group"], "whenchanged": [b"20260917090000.0Z"]})
        if start not in self.ranges:
            return Entry(dn, {})
        end, values = self.ranges[start]
        return Entry(dn, {f"{VALUES};range={start}-{end}": values})

    def read_all(self, base: str, search_filter: str, attributes: Sequence[str], **_: Any) -> list[Entry]:
        return [Entry(VA_DN, self.account)] if "objectGUID" in search_filter else []

    def read_deleted(self, *_: object) -> list[Entry]:
        return []


def asked(wire: Windows) -> LogAnswer:
    flavour = ServerType("Active Directory", "ad", "active-directory", requires_members=False, roots=("dc=t",))
    scope = SimpleNamespace(flavour=flavour, base_dn="DC=t", group_base="DC=t")
    question = LogQuestion((VA,), held={VA.id: frozenset({GROUP})})
    recorded = Recorded("directory", question, wire=wire, scope=scope, logs=Logs())  # type: ignore[arg-type]
    return log.read_log(recorded, None, NOW)


def account(**more: list[bytes]) -> dict[str, list[bytes]]:
    known = {"objectguid": [GUID.bytes_le], "useraccountcontrol": [b"514"]}
    return {**known, "replpropertymetadata": [blob(element(0x90008, 3, 13_440_000_000))], **more}


def test_attributes_and_members_are_read_range_by_range_with_their_server() -> None:
    other = link("1601-01-01T00:00:00Z", member="CN=Other,DC=t")
    ranges = {0: ("1", [other, other]), 2: ("*", [link("2026-09-17T08:00:00Z", member="CN=VA &amp; Co,DC=t")])}
    answer = asked(Windows(account(**{"msds-replattributemetadata": [XML]}), ranges))
    found = {e.kind: e for e in answer.events}
    assert set(found) == {LogKind.DISABLED, LogKind.TAKEN}
    assert (found[LogKind.TAKEN].entitlement, found[LogKind.TAKEN].changes) == (GROUP, 2)
    assert found[LogKind.DISABLED].host == "DC7"
    assert answer.clock is not None
    assert answer.clock.hosts == {"DC7"}


def test_where_windows_shows_no_xml_with_success_the_bytes_are_read_and_that_is_told() -> None:
    answer = asked(Windows(account(), {}))
    assert [(e.kind, e.entitlement) for e in answer.events] == [(LogKind.DISABLED, None), (LogKind.TOUCHED, GROUP)]
    assert any("`msDS-ReplAttributeMetaData` is not shown" in gap for gap in answer.gaps)
    assert any("`msDS-ReplValueMetaData` is not shown" in gap for gap in answer.gaps)


def test_a_range_that_never_ends_ends_the_read() -> None:
    answer = asked(Windows(account(), {0: ("0", [link("2026-09-17T08:00:00Z")]), 1: ("0", [])}))
    assert LogKind.DISABLED in {e.kind for e in answer.events}
