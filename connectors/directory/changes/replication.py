"""
What Active Directory and Samba keep for replication: of each attribute, and each member, when it was written last.

Only the last time, and how often; never who. Sources: MS-DRSR 5.166 (PROPERTY_META_DATA_EXT_VECTOR), MS-ADTS
3.1.1.4.5.14 (msDS-ReplAttributeMetaData) and 3.1.1.4.5.13 (msDS-ReplValueMetaData); Samba constructs neither of these.
"""

import html
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from connectors.directory.schema.times import generalized_time

BLOB, ATTRIBUTES, VALUES = "replPropertyMetaData", "msDS-ReplAttributeMetaData", "msDS-ReplValueMetaData"
NAMES = {
    0x90008: "userAccountControl",
    0x9009F: "accountExpires",
    0x90062: "primaryGroupID",
    0x90001: "name",
    0x20030: "isDeleted",
}
"""The attributes of which it matters, by the number that the schema of every domain gives them."""
_WANTED = {name.lower(): name for name in NAMES.values()}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_HEAD, _ELEMENT = struct.Struct("<IIII"), struct.Struct("<IIQ16sQQ")
_FIELD = re.compile(r"<(\w{1,64})>([^<]*)</\1>")
_LAST = 9000
"""A year that no stamp bears: what does not expire, and the container of deleted objects itself."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an attribute of an object was written last."""

    attribute: str
    version: int
    at: datetime
    """The whole second in which it began; UTC, by the clock of the server that took the change."""
    server: str
    """That server: its DN, or its invocation id."""
    usn: int
    """The number of the change there."""


@dataclass(frozen=True, slots=True)
class LinkStamp:
    """When a value of a linked attribute, such as a member, was put in or taken out last."""

    attribute: str
    member: str
    """DN."""
    there: bool
    stamp: Stamp


def blob(raw: bytes) -> list[Stamp]:
    """Read `replPropertyMetaData`; raises `ValueError` for anything else."""
    if len(raw) < _HEAD.size:
        raise ValueError("not replPropertyMetaData")
    version, _, count, _ = _HEAD.unpack_from(raw)
    if version != 1 or len(raw) != _HEAD.size + count * _ELEMENT.size:
        raise ValueError("not replPropertyMetaData")
    found = []
    for number in range(count):
        attid, times, seconds, server, usn, _ = _ELEMENT.unpack_from(raw, _HEAD.size + number * _ELEMENT.size)
        name = NAMES.get(attid)
        at = _since_1601(seconds) if name else None
        if name and at:
            found.append(Stamp(name, times, at, str(UUID(bytes_le=server)), usn))
    return found


def attributes(values: Sequence[bytes]) -> list[Stamp]:
    """Read `msDS-ReplAttributeMetaData`, one value for each attribute; raises `ValueError` for anything else."""
    found = []
    for fields in map(_fields, values):
        name = _WANTED.get(fields.get("pszAttributeName", "").lower())
        if name:
            found += _stamp(name, fields)
    return found


def links(values: Sequence[bytes]) -> Iterator[LinkStamp]:
    """Read `msDS-ReplValueMetaData`, one value for each member; raises `ValueError` for anything else."""
    for fields in map(_fields, values):
        name = fields.get("pszAttributeName", "").lower()
        deleted = _time(fields.get("ftimeDeleted", ""))
        for stamp in _stamp(name, fields):
            yield LinkStamp(name, fields.get("pszObjectDn", ""), deleted is None, stamp)


def _since_1601(seconds: int) -> datetime | None:
    try:
        at = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return at if at > _EPOCH and at.year < _LAST else None


def _fields(value: bytes) -> dict[str, str]:
    text = value.decode("utf-8", "replace").replace("\0", "")
    found = {name: html.unescape(inner).strip() for name, inner in _FIELD.findall(text)}
    if "pszAttributeName" not in found:
        raise ValueError("not replication metadata")
    return found


def _stamp(name: str, fields: dict[str, str]) -> list[Stamp]:
    at = _time(fields.get("ftimeLastOriginatingChange", ""))
    if at is None:
        return []
    usn, version = fields.get("usnOriginatingChange", "0"), fields.get("dwVersion", "0")
    if not (usn.isdecimal() and version.isdecimal()):
        raise ValueError("not replication metadata")
    server = fields.get("pszLastOriginatingDsaDN") or fields.get("uuidLastOriginatingDsaInvocationID") or ""
    return [Stamp(name, int(version), at, server, int(usn))]


def _time(text: str) -> datetime | None:
    """Read a stamp; 1601 means that it never happened. Raises `ValueError`."""
    if not text:
        return None
    at = generalized_time(re.sub(r"[-:T]", "", text))
    return at if at > _EPOCH + timedelta(days=366) else None
