"""One directory entry: bytes by attribute, read with clear complaints; and ranges of many-valued attributes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from connectors.errors import shorten

MAX_VALUE = 16_384
"""Longest value that is read as text; names, addresses and DNs are far shorter."""

Value = TypeVar("Value")
_AD_ONLY = frozenset({"objectguid", "objectsid", "samaccountname", "useraccountcontrol"})
_RANGE = re.compile(r"([^;]+)(?:;[^;]+)*;range=(\d{1,9})-(\d{1,9}|\*)", re.ASCII)
_SID = re.compile(r"S-1-\d{1,15}(?:-\d{1,10}){1,15}", re.ASCII)


class BadValue(ValueError):
    """An attribute of the entry `dn` holds what its definition does not allow; the caller says in which source."""

    def __init__(self, dn: str, attribute: str, found: str, expected: str) -> None:
        super().__init__(f"`{attribute}` is {shorten(found)}, expected {expected}")
        self.dn, self.attribute, self.found, self.expected = dn, attribute, found, expected


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the directory gave it."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]
    """
    Raw values by attribute name in lower case, options included.

    What bears options, as `member;lang-de`, counts for the plain name too, because it is a value of it (RFC 4512
    section 2.5.2); ranges do not, which `join_range` puts together.
    """

    def __post_init__(self) -> None:
        if self.optioned:
            object.__setattr__(self, "attributes", _with_options(self.attributes))

    @property
    def optioned(self) -> bool:
        """Whether some attribute bears options."""
        return ";" in "".join(self.attributes)

    @property
    def classes(self) -> frozenset[str]:
        """The object classes, in lower case."""
        try:
            return _classes(tuple(self.attributes.get("objectclass", ())))
        except BadValue as error:
            raise BadValue(self.dn, error.attribute, error.found, error.expected) from None

    @property
    def is_ad(self) -> bool:
        """Whether it comes from Active Directory or Samba: only they have these attributes."""
        return not _AD_ONLY.isdisjoint(self.attributes)

    def raw(self, name: str) -> bytes | None:
        """Return the first value, or `None`."""
        values = self.attributes.get(name)
        return values[0] if values else None

    def texts(self, name: str) -> list[str]:
        """Return all values as text; raises `BadValue`."""
        return [_text(self.dn, name, value) for value in self.attributes.get(name, ())]

    def text(self, name: str) -> str | None:
        """Return the first value as text, `None` when absent or blank; raises `BadValue`."""
        values = self.attributes.get(name)
        return (_text(self.dn, name, values[0]).strip() or None) if values else None

    def read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        """Return the first value as `reader` understands it, `None` when absent; raises `BadValue`."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return reader(text)
        except ValueError as error:
            raise BadValue(self.dn, name, text, f"another form: this is {error}") from None


def read_sid(entry: Entry) -> str | None:
    """Return objectSid in its usual form, `S-1-5-…`; raises `BadValue`. Source: MS-DTYP 2.4.2.2."""
    raw = entry.raw("objectsid")
    if raw is None:
        return None
    if raw.startswith(b"S-1-") and (written := _text(entry.dn, "objectSid", raw).strip()) and _SID.fullmatch(written):
        return written  # as Samba's `ldbsearch` writes it
    if len(raw) < 12 or raw[0] != 1 or not 1 <= raw[1] <= 15 or len(raw) != 8 + 4 * raw[1]:
        raise BadValue(entry.dn, "objectSid", f"{len(raw)} bytes", "the binary form of a SID")
    parts = [int.from_bytes(raw[at : at + 4], "little") for at in range(8, len(raw), 4)]
    return "-".join(["S-1", str(int.from_bytes(raw[2:8], "big")), *map(str, parts)])


def join_range(attributes: Mapping[str, Sequence[bytes]], name: str) -> tuple[list[bytes], int | None]:
    """
    Return the values of an attribute that may come in ranges, and where the next range starts.

    `None` means that the source said that these were the last. AD hands out at most 1,500 values at once, as
    `member;range=0-1499`; a range that ends in `*` is the last (MS-ADTS 3.1.1.3.1.3.3).
    """
    values = list(attributes.get(name, ()))
    following: int | None = None
    for key, part in attributes.items():
        match = _RANGE.fullmatch(key)
        if match and match[1] == name:
            values += part
            following = None if match[3] == "*" else int(match[3]) + 1
    return values, following


def _with_options(attributes: Mapping[str, Sequence[bytes]]) -> dict[str, list[bytes]]:
    """Add to the plain name what bears options; the values without come first."""
    merged = {name: list(values) for name, values in attributes.items()}
    for name, values in attributes.items():
        plain, *options = name.split(";")
        if options and not any(option.startswith("range=") for option in options):
            merged[plain] = list(dict.fromkeys((*merged.get(plain, ()), *values)))
    return merged


@lru_cache(maxsize=256)
def _classes(values: tuple[bytes, ...]) -> frozenset[str]:
    """Kept, because thousands of entries have the same."""
    return frozenset(_text("", "objectclass", value).lower() for value in values)


def _text(dn: str, name: str, raw: bytes) -> str:
    if len(raw) > MAX_VALUE:
        raise BadValue(dn, name, f"{len(raw)} bytes long", f"at most {MAX_VALUE} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadValue(dn, name, "not UTF-8", "UTF-8 text") from None
