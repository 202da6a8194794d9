"""Answers that break the protocol inside an entry: nothing of them is taken for the truth."""

import socket
from collections.abc import Callable
from typing import cast

import pytest

from tests.unit.connectors.directory.ldap.test_ad import FakeAd, Values, read, read_tlv, reason, text, tlv

ENTRY, REFERENCE = 0x64, 0x73
NO_ENTRY = "`directory` sent an entry that is not LDAP: "


class Meddles(FakeAd):
    """Sends what the domain says, with one kind of message changed on the way."""

    kind = ENTRY

    def change(self, number: bytes, body: bytes) -> bytes:
        return tlv(0x02, number) + tlv(self.kind, body)

    def serve(self, peer: socket.socket) -> None:
        self.changed = 0
        super().serve(cast("socket.socket", _Through(peer, self._meddle)))

    def _meddle(self, message: bytes) -> bytes:
        (_, number), (kind, body), *rest = read_tlv(read_tlv(message)[0][1])
        if kind != self.kind or rest or b"supportedCapabilities" in body:
            return message
        self.changed += 1
        return tlv(0x30, self.change(number, body))


class _Through:
    def __init__(self, peer: socket.socket, meddle: Callable[[bytes], bytes]) -> None:
        self.recv, self._peer, self._meddle = peer.recv, peer, meddle

    def sendall(self, message: bytes) -> None:
        self._peer.sendall(self._meddle(message))


class CutsAValue(Meddles):
    """Says that the last value is three bytes longer than it is."""

    def change(self, number: bytes, body: bytes) -> bytes:
        dn = tlv(0x04, read_tlv(body)[0][1])
        attribute = tlv(0x30, text("sAMAccountName"), tlv(0x31, b"\x04\x08first"))
        return tlv(0x02, number) + tlv(ENTRY, dn, tlv(0x30, attribute))


class AnswersSomebodyElse(Meddles):
    """Sends entries with the number of a request that was never made."""

    def change(self, number: bytes, body: bytes) -> bytes:
        return tlv(0x02, bytes([number[-1] + 1])) + tlv(ENTRY, body)


class NeverEnds(Meddles):
    """Uses lengths without an end, which LDAP does not have (RFC 4511 section 5.1)."""

    def change(self, number: bytes, body: bytes) -> bytes:
        return tlv(0x02, number) + b"\x64\x80" + body + b"\x00\x00"


@pytest.mark.parametrize(
    ("liar", "told"),
    [
        (CutsAValue, f"{NO_ENTRY}parts that do not fill what holds them"),
        (NeverEnds, f"{NO_ENTRY}a length without an end"),
        (AnswersSomebodyElse, "`directory` sent something that is not LDAP while reading groups"),
    ],
)
def test_an_entry_that_breaks_the_protocol_leaves_the_directory_unevaluated(liar, told, monkeypatch):
    directory = liar()
    assert told in reason(read(directory, monkeypatch))
    assert directory.changed


def test_an_attribute_that_stands_twice_is_not_read_as_either(monkeypatch):
    class SaysTwoThings(FakeAd):
        def entries(self, search_filter: bytes, attributes: list[str], page: int) -> list[tuple[str, Values]]:
            found = super().entries(search_filter, attributes, page)
            return [(dn, {**values, "USERACCOUNTCONTROL": ["514"]}) for dn, values in found]

    assert f"{NO_ENTRY}an attribute that stands twice" in reason(read(SaysTwoThings(), monkeypatch))


def test_a_reference_that_does_not_say_where_to_counts_as_unread(monkeypatch):
    class SaysNotWhere(Meddles):
        kind = REFERENCE

        def change(self, number: bytes, body: bytes) -> bytes:
            return tlv(0x02, number) + tlv(REFERENCE)

    assert "part of `DC=t` is on another server" in reason(read(SaysNotWhere(), monkeypatch))


def test_lengths_as_windows_writes_them_are_read(monkeypatch):
    directory = Meddles()  # changes nothing, and every length of the fake takes four bytes
    assert read(directory, monkeypatch).complete
    assert directory.changed
