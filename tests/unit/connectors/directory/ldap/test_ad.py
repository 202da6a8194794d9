"""
What a real Active Directory does on the wire and no server here can be made to do: ranges of members, references to
its own partitions, the same cookie on every page. The fake speaks the protocol (RFC 4511) over a loopback socket.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Collection, Complete, DoorKind, Partial, Status, System, SystemKind

SYSTEM = System("directory", SystemKind.DIRECTORY, "active-directory", "Directory", holds_phi=False)
BIND, UNBIND, SEARCH = 0x60, 0x42, 0x63
PAGED = b"1.2.840.113556.1.4.319"
Values = dict[str, list[str]]


def tlv(tag: int, *parts: bytes) -> bytes:
    """Write one BER element."""
    body = b"".join(parts)
    length = len(body).to_bytes(4, "big")
    return bytes([tag, 0x84]) + length + body


def text(value: str | bytes) -> bytes:
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def read_tlv(data: bytes) -> list[tuple[int, bytes]]:
    """Read the BER elements that follow each other in `data`."""
    found = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        found.append((tag, data[at : at + length]))
        at += length
    return found


class FakeAd:
    """An Active Directory of two users, a computer, a service and a group that hands out members in ranges."""

    member_ranges: tuple[str, ...] = ("member;range=0-1", "member;range=2-3", "member;range=4-*")
    references: tuple[str, ...] = ("ldaps://t.test/CN=Configuration,DC=t", "ldaps://d.t.test/DC=DomainDnsZones,DC=t")
    bind_result: tuple[int, str] = (0, "")
    pages_results = True
    refuses_pages = False
    controls: tuple[str, ...] = ()
    uac = "512"
    trusts: tuple[tuple[str, Values], ...] = ()
    shown: tuple[tuple[str, Values], ...] = ()
    """Entries that only a search by name finds."""

    def members(self, wanted: str) -> Values:
        """Answer with the range that starts where asked, as AD does."""
        everyone = [f"CN=ghost{n},DC=t" for n in range(4)] + ["CN=VA Last,DC=t"]
        start = wanted.partition("=")[2].partition("-")[0] or "0"
        for name in self.member_ranges:
            first, _, last = name.partition("=")[2].partition("-")
            if first == start:
                return {name: everyone[int(first) : None if last == "*" else int(last) + 1]}
        return {}

    def entries(self, search_filter: bytes, attributes: list[str], page: int) -> list[tuple[str, Values]]:
        if page == 2:
            return []  # a page may be empty
        if b"groupOfNames" in search_filter:
            group = {"objectClass": ["group"], "cn": ["Billing"], "member": [], **self.members("member")}
            return [("CN=Billing,DC=t", group)] if page == 0 else [("CN=Empty,DC=t", {"objectClass": ["group"]})]
        known = {"objectClass": ["person", "user"], "userAccountControl": [self.uac], "lastLogon": ["0"]}
        gmsa = {**known, "objectClass": ["user", "computer", "msDS-GroupManagedServiceAccount"]}
        if page == 0:
            return [("CN=VA First,DC=t", {**known, "sAMAccountName": ["first"]})]
        return [
            ("CN=VA Last,DC=t", {**known, "sAMAccountName": ["last"]}),
            ("CN=svc,DC=t", {**gmsa, "sAMAccountName": ["svc$"]}),
            ("CN=PC1,DC=t", {**known, "objectClass": ["user", "computer"], "sAMAccountName": ["pc1$"]}),
        ]

    def named(self, search_filter: bytes) -> list[tuple[str, Values]]:
        """Answer who of those that are looked up by name is shown; the ghosts are not."""
        if b"trustedDomain" in search_filter:
            return [*self.trusts]
        return [(dn, a) for dn, a in self.shown if dn.encode().lower() in search_filter.lower()]

    def serve(self, peer: socket.socket) -> None:
        pages = {True: 0, False: 0}
        while data := peer.recv(65536):
            number, (operation, body), *controls = read_tlv(read_tlv(data)[0][1])
            if operation == UNBIND:
                return
            answers = [tlv(0x61, self.result(*self.bind_result))]
            control = b""
            if operation == SEARCH:
                base, scope, *_, search_filter, wanted = read_tlv(body)
                attributes = [v.decode() for _, v in read_tlv(wanted[1])]
                raw_filter = tlv(search_filter[0], search_filter[1])
                found: list[tuple[str, Values]]
                references: tuple[str, ...] = ()
                if not base[1]:
                    root = {"supportedCapabilities": ["1.2.840.113556.1.4.800"], "defaultNamingContext": ["DC=t"]}
                    found = [("", {**root, **({"supportedControl": [*self.controls]} if self.controls else {})})]
                elif not scope[1][0]:
                    found = [(base[1].decode(), self.members(attributes[0]))]
                else:
                    groups = b"groupOfNames" in raw_filter
                    by_name = b"distinguishedName" in raw_filter or b"trustedDomain" in raw_filter
                    found = self.named(raw_filter) if by_name else self.entries(raw_filter, attributes, pages[groups])
                    references = self.references
                    pages[groups] += not by_name
                    # Samba and 389 name all pages of a search alike.
                    cookie = b"same" if pages[groups] < 3 and not by_name else b""
                    value = tlv(0x30, tlv(0x02, b"\x00"), text(cookie))
                    control = tlv(0xA0, tlv(0x30, text(PAGED), text(value))) if self.pages_results else b""
                answers = [
                    *(tlv(0x64, text(dn), tlv(0x30, *map(self.attribute, a.items()))) for dn, a in found),
                    *(tlv(0x73, text(uri)) for uri in references),
                    tlv(0x65, self.result(0, "")),
                ]
                if controls and self.refuses_pages:
                    answers, control = [tlv(0x65, self.result(12, ""))], b""
            identity = tlv(0x02, number[1])
            last = len(answers) - 1
            for n, answer in enumerate(answers):
                peer.sendall(tlv(0x30, identity, answer, control if n == last else b""))

    @staticmethod
    def attribute(item: tuple[str, list[str]]) -> bytes:
        return tlv(0x30, text(item[0]), tlv(0x31, *map(text, item[1])))

    @staticmethod
    def result(code: int, message: str) -> bytes:
        return tlv(0x0A, bytes([code])) + text("") + text(message)


@contextmanager
def running(fake: FakeAd) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as accepting:
        accepting.settimeout(5)

        def serve() -> None:
            peer, _ = accepting.accept()
            with peer, suppress(ConnectionError):  # whoever is lied to may hang up, also on an answer asked for ahead
                fake.serve(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"ldap://127.0.0.1:{accepting.getsockname()[1]}"
        thread.join(5)


def read(fake: FakeAd, monkeypatch: pytest.MonkeyPatch) -> Collection:
    monkeypatch.setenv("AUDITOR_TEST_AD_PASSWORD", "x")
    with running(fake) as url:
        settings = ldap.Settings.model_validate(
            {
                "url": url,
                "plain": True,
                "base_dn": "DC=t",
                "bind_dn": "auditor@t.test",
                "password_env": "AUDITOR_TEST_AD_PASSWORD",
                "timeout_s": 5,
            }
        )
        return collect(ldap.connect(SYSTEM, settings, Path()))


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), "must not count as whole"
    return f"{collection.completeness.reason} ({collection.completeness.hint})"


def test_members_held_back_in_ranges_are_fetched_to_the_last(monkeypatch):
    collection = read(FakeAd(), monkeypatch)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert [g.account for g in collection.grants] == [*(f"cn=ghost{n},dc=t" for n in range(4)), "cn=va last,dc=t"]


def test_windows_own_limit_of_1500_members_hides_nobody(monkeypatch):
    class Windows(FakeAd):
        """Hands out at most 1,500 members at once, whatever it is asked for (MaxValRange)."""

        def members(self, wanted: str) -> Values:
            everyone = [f"CN=ghost{n},DC=t" for n in range(3100)] + ["CN=VA Last,DC=t"]
            start = int(wanted.partition("=")[2].partition("-")[0] or 0)
            end = start + 1500
            name = f"member;range={start}-{'*' if end >= len(everyone) else end - 1}"
            return {name: everyone[start:end]}

    collection = read(Windows(), monkeypatch)
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert ("cn=va last,dc=t", "cn=billing,dc=t") in {(g.account, g.entitlement) for g in collection.grants}
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["hidden-members"].startswith("3100 ")


def test_a_cookie_that_stays_the_same_is_not_a_page_read_twice(monkeypatch):
    collection = read(FakeAd(), monkeypatch)
    seen = [a.login for a in collection.accounts if a.status is not Status.UNKNOWN]
    assert seen == ["svc$", "first", "last"], "sorted by id; the computer is left out"
    assert {a.login for a in collection.accounts if a.service} == {"svc$"}
    assert set(collection.entitlements) == {"cn=billing,dc=t", "cn=empty,dc=t"}


def test_references_to_the_directorys_own_partitions_are_ignored_knowingly(monkeypatch):
    collection = read(FakeAd(), monkeypatch)
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["references"] == "12 to AD's own partitions, which hold no accounts"
    assert evidence["directory"] == "Active Directory"


def test_a_reference_to_a_child_domain_means_that_part_was_not_read(monkeypatch):
    class ChildDomain(FakeAd):
        references = ("ldaps://child.t.test/DC=child,DC=t",)

    assert "part of `DC=t` is on another server" in reason(read(ChildDomain(), monkeypatch))


@pytest.mark.parametrize(
    "ranges",
    [
        ("member;range=0-1",),  # says that more follow, then gives nothing
        ("member;range=0-1", "member;range=2-1"),  # goes round and round
    ],
)
def test_members_that_stop_half_way_are_not_taken_for_all(ranges, monkeypatch):
    class BreaksOff(FakeAd):
        member_ranges = ranges

    assert "stopped after 2 members of a group that has more" in reason(read(BreaksOff(), monkeypatch))


def test_an_answer_that_does_not_say_whether_more_follows_is_no_answer(monkeypatch):
    class IgnoresPaging(FakeAd):
        pages_results = False

    assert "without saying whether more groups follow" in reason(read(IgnoresPaging(), monkeypatch))


def test_a_domain_that_is_trusted_is_a_door_and_one_that_trusts_us_is_none(monkeypatch):
    class Trusts(FakeAd):
        trusts = (
            ("CN=agency.test,CN=System,DC=t", {"objectClass": ["trustedDomain"], "trustPartner": ["agency.test"]}
             | {"trustDirection": ["3"], "trustAttributes": ["8"]}),
            ("CN=in,CN=System,DC=t", {"objectClass": ["trustedDomain"], "cn": ["in.test"], "trustDirection": ["1"]}),
        )  # fmt: skip

    (door,) = read(Trusts(), monkeypatch).doors
    assert (door.kind, door.who, door.to, door.detail) == (
        DoorKind.TRUST,
        "agency.test",
        "the domain dc=t",
        "the whole forest",
    )


class InOne(FakeAd):
    """Knows no paged results, and gives everything at once."""

    refuses_pages = True
    asked = 0

    def entries(self, search_filter: bytes, attributes: list[str], page: int) -> list[tuple[str, Values]]:
        self.asked += 1
        return [one for n in range(3) for one in super(InOne, self).entries(search_filter, attributes, n)]


def test_a_server_that_cannot_page_is_read_in_one_search_that_ends_in_success(monkeypatch):
    for directory in (InOne(), type("Says", (InOne,), {"controls": ("1.2.3",)})()):
        collection = read(directory, monkeypatch)
        assert isinstance(collection.completeness, Complete), collection.completeness
        seen = [a.login for a in collection.accounts if a.status is not Status.UNKNOWN]
        assert seen == ["svc$", "first", "last"]


def test_one_search_that_a_limit_cut_is_no_whole(monkeypatch):
    class Cut(InOne):
        """Ends the one search in result 4."""

        @staticmethod
        def result(code: int, message: str) -> bytes:
            return FakeAd.result(4 if code == 0 and Cut.cuts else code, message)

        cuts = False

        def entries(self, search_filter: bytes, attributes: list[str], page: int) -> list[tuple[str, Values]]:
            Cut.cuts = True
            return super().entries(search_filter, attributes, page)

    assert "answered result 12" in reason(read(Cut(), monkeypatch))
    Cut.cuts = False
    assert "answered result 4" in reason(read(type("Says", (Cut,), {"controls": ("1.2.3",)})(), monkeypatch))


@pytest.mark.parametrize(
    ("data", "told"), [("52e", "the password is wrong"), ("533", "disabled"), ("775", "the account is locked")]
)
def test_the_reason_of_a_refused_sign_in_is_told_in_words(data, told, monkeypatch):
    class Refuses(FakeAd):
        bind_result = (
            49,
            f"80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563",
        )

    text = reason(read(Refuses(), monkeypatch))
    assert told in text
    assert "DSID" not in text


def test_a_broken_value_names_its_entry(monkeypatch):
    class BrokenValue(FakeAd):
        uac = "many"

    text = reason(read(BrokenValue(), monkeypatch))
    assert "the entry `CN=VA First,DC=t` has a wrong value: `useraccountcontrol` is `many`" in text
