"""
Reads the entries of a search from their bytes, a fifth of the time that ldap3 takes and stricter than it.

ldap3 2.9.1 does not compare the length of a part with what holds it: a value that claims to go on past its end is cut
there, and a part that ends too early lets the next one in. Here every part must end exactly where its parts do.
Everything else than an entry (results, references, controls) is left to ldap3.

Sources: RFC 4511 section 4.5.2 (SearchResultEntry) and 5.1 (definite lengths only, strings in one piece); X.690 8.1.3.
"""

from functools import lru_cache

from ldap3.utils.conv import to_unicode

from connectors.directory.schema.entry import Entry

_INTEGER, _OCTETS, _SEQUENCE, _SET = 0x02, 0x04, 0x30, 0x31
_ENTRY, _CONTROLS = 0x64, 0xA0
_LONG = 0x80
"""From here on, the first byte of a length counts the bytes that hold it."""


class NotBer(ValueError):
    """The bytes are no message of LDAP, or no entry; says why in words that hold nothing of them."""


def answers(message: bytes) -> int | None:
    """
    Return the number of the request that an entry answers; `None` when the message is something else than an entry.

    `message` is one whole LDAPMessage. Raises `NotBer`.
    """
    try:
        number, at, _ = _envelope(message)
        return number if message[at] == _ENTRY else None
    except IndexError:
        raise NotBer("a message that ends too early") from None


def read_entry(message: bytes) -> Entry:
    """
    Return the entry in a message.

    Attributes without values are left out: AD sends an empty `member` beside `member;range=…`. Raises `NotBer`.
    """
    try:
        _, at, end = _envelope(message)
        at, entry_end = _open(message, at, _ENTRY)
        if entry_end != end:  # Controls may follow, though nobody asked for any.
            _same(_open(message, entry_end, _CONTROLS)[1], end)
        dn_at, dn_end = _open(message, at, _OCTETS)
        at, stop = _open(message, dn_end, _SEQUENCE)
        _same(stop, entry_end)
        return Entry(_text(message[dn_at:dn_end]), _attributes(message, at, stop))
    except IndexError:
        raise NotBer("a message that ends too early") from None


def _envelope(message: bytes) -> tuple[int, int, int]:
    """Return the number of the request, and where the operation begins and where the message ends."""
    at, end = _open(message, 0, _SEQUENCE)
    _same(end, len(message))
    number_at, at = _open(message, at, _INTEGER)
    number = int.from_bytes(message[number_at:at], "big", signed=True)
    if not 0 < at - number_at <= 4 or number < 0:
        raise NotBer("a request number that is none")
    return number, at, end


def _attributes(message: bytes, at: int, stop: int) -> dict[str, list[bytes]]:
    """Read the attributes between two places; values without a call for each, because most of the time goes there."""
    found: dict[str, list[bytes]] = {}
    while at < stop:
        at, attribute_end = _open(message, at, _SEQUENCE)
        name_at, at = _open(message, at, _OCTETS)
        name = _name(message[name_at:at])
        at, set_end = _open(message, at, _SET)
        _same(set_end, attribute_end)
        if name in found:
            raise NotBer("an attribute that stands twice")
        values = []
        while at < set_end:
            if message[at] != _OCTETS:
                raise NotBer("a part of another kind")
            length = message[at + 1]
            at += 2
            if length >= _LONG:
                at, length = _long(message, at, length)
            values.append(message[at : at + length])
            at += length
        _same(at, set_end)
        if values:
            found[name] = values
    _same(at, stop)
    return found


def _open(message: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of the part at this place begins and ends."""
    if message[at] != tag:
        raise NotBer("a part of another kind")
    length = message[at + 1]
    at += 2
    if length >= _LONG:
        at, length = _long(message, at, length)
    return at, at + length


def _long(message: bytes, at: int, first: int) -> tuple[int, int]:
    """Read a length of several bytes; AD always writes four of them."""
    size = first & ~_LONG
    if not 0 < size <= 8 or at + size > len(message):
        raise NotBer("a length without an end")
    return at + size, int.from_bytes(message[at : at + size], "big")


def _same(found: int, expected: int) -> None:
    if found != expected:
        raise NotBer("parts that do not fill what holds them")


@lru_cache(maxsize=256)
def _name(raw: bytes) -> str:
    return _text(raw).lower()


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return str(to_unicode(raw, from_server=True))  # what ldap3 makes of it
