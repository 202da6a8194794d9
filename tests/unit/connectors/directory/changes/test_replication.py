"""Replication metadata: what a real Samba keeps of a user, and the XML of Windows in its documented shape."""

import base64
import struct
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.audit_log import LogKind
from connectors.directory.changes import replication
from connectors.directory.changes.stamps import kept_of, of_ad
from connectors.directory.schema.entry import Entry

DELETED = base64.b64decode((Path(__file__).parent / "samba_deleted_user.b64").read_text())
GUID = UUID("ae77f853-a1cd-4ce7-a3aa-32ff1e9f3de0")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def element(attid: int, version: int, seconds: int) -> bytes:
    return struct.pack("<IIQ16sQQ", attid, version, seconds, bytes(16), 7, 7)


def blob(*elements: bytes) -> bytes:
    return struct.pack("<IIII", 1, 0, len(elements), 0) + b"".join(elements)


def user(control: str, metadata: bytes, **more: list[bytes]) -> Entry:
    attributes = {"objectguid": [GUID.bytes_le], "useraccountcontrol": [control.encode()]}
    return Entry("CN=x,DC=t", {**attributes, "replpropertymetadata": [metadata], **more})


def test_what_samba_keeps_of_a_deleted_user_is_read() -> None:
    found = {stamp.attribute: (stamp.version, stamp.at) for stamp in replication.blob(DELETED)}
    assert found["userAccountControl"] == (15, at("2026-11-30T14:53:21"))
    assert found["isDeleted"] == (1, at("2026-11-30T14:53:21"))
    kept = of_ad("directory", user("66050", DELETED, isdeleted=[b"TRUE"]), samba=True)
    assert kept is not None
    # Deleting it wrote its name and its group as well: that is no rename.
    assert {e.kind for e in kept.events} == {LogKind.DISABLED, LogKind.DELETED}
    assert {e.change_steps for e in kept.events} == {(2, 3), (1, 1)}


def test_while_it_is_enabled_no_stamp_says_that_it_was_enabled_then() -> None:
    kept = of_ad("directory", user("66048", blob(element(0x90008, 3, 13_440_000_000))), samba=False)
    assert kept is not None
    assert [e.kind for e in kept.events] == [LogKind.STATUS_SET]
    assert kept.events[0].last_only


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01",
        DELETED[:-1],
        DELETED + b"\0",
        struct.pack("<IIII", 2, 0, 0, 0),
        struct.pack("<IIII", 1, 0, 10**9, 0),
    ],
    ids=["nothing", "a byte", "cut", "longer", "another version", "a count that lies"],
)
def test_what_is_no_metadata_is_told_and_nothing_is_made_of_it(raw: bytes) -> None:
    gaps: list[str] = []
    assert kept_of([user("514", raw)], "directory", samba=True, gaps=gaps) == []
    assert gaps == ["the replication metadata of 1 accounts is not understood"]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(raw: bytes) -> None:
    kept_of([user("514", raw)], "directory", samba=True, gaps=[])


@pytest.mark.parametrize("seconds", [0, 2**63, 265_046_774_399])
def test_a_stamp_of_no_time_is_none(seconds: int) -> None:
    """0, beyond the calendar, and 9999-12-29, which the container of deleted objects bears."""
    assert replication.blob(blob(element(0x20030, 1, seconds))) == []


# From public test data of a domain controller in a lab; a DN with a bare `&`, and a NUL at the end.
XML = (
    b"<DS_REPL_ATTR_META_DATA>\n\t<pszAttributeName>userAccountControl</pszAttributeName>\n\t<dwVersion>3</dwVersion>\n"
    b"\t<ftimeLastOriginatingChange>2026-09-16T06:39:42Z</ftimeLastOriginatingChange>\n"
    b"\t<uuidLastOriginatingDsaInvocationID>8d2f6dd6-1cbb-4d44-9ee2-2f1a4d5fbd2b</uuidLastOriginatingDsaInvocationID>\n"
    b"\t<usnOriginatingChange>12782</usnOriginatingChange>\n\t<usnLocalChange>12782</usnLocalChange>\n"
    b"\t<pszLastOriginatingDsaDN>CN=NTDS Settings,CN=DC7,CN=Servers,CN=R&D,CN=Sites,DC=t</pszLastOriginatingDsaDN>\n"
    b"</DS_REPL_ATTR_META_DATA>\n\0"
)


def link(deleted: str, member: str = "CN=VA &amp; Co,DC=t", version: int = 2) -> bytes:
    return (
        "<DS_REPL_VALUE_META_DATA>\n\t<pszAttributeName>member</pszAttributeName>\n"
        f"\t<pszObjectDn>{member}</pszObjectDn>\n\t<cbData>0</cbData>\n\t<pbData></pbData>\n"
        f"\t<ftimeDeleted>{deleted}</ftimeDeleted>\n\t<ftimeCreated>2026-01-02T03:04:05Z</ftimeCreated>\n"
        f"\t<dwVersion>{version}</dwVersion>\n"
        "\t<ftimeLastOriginatingChange>2026-09-17T08:00:00Z</ftimeLastOriginatingChange>\n"
        "\t<usnOriginatingChange>9</usnOriginatingChange>\n</DS_REPL_VALUE_META_DATA>\n\0"
    ).encode()


def test_the_xml_of_windows_names_the_server_and_comes_before_the_bytes() -> None:
    entry = user("514", blob(element(0x90008, 9, 13_440_000_000)), **{"msds-replattributemetadata": [XML]})
    kept = of_ad("directory", entry, samba=False)
    assert kept is not None
    (event,) = kept.events
    assert (event.kind, event.at, event.changes) == (LogKind.DISABLED, at("2026-09-16T06:39:42"), 3)
    assert "CN=DC7" in (event.host or "")


def test_a_member_that_was_removed_has_its_own_time() -> None:
    gone, there = replication.links([link("2026-09-17T08:00:00Z"), link("1601-01-01T00:00:00Z")])
    assert (gone.there, there.there) == (False, True)
    assert gone.member == "CN=VA & Co,DC=t"
    assert gone.stamp.at == at("2026-09-17T08:00:00")


@pytest.mark.parametrize(
    "value", [b"", b"<a>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><dwVersion>&a;</dwVersion>", b"\xff\xfe"]
)
def test_what_is_no_metadata_in_xml_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="not replication metadata"):
        replication.attributes([value])
