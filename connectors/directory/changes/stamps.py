"""What an entry itself bears of its last changes: replication metadata, or the time of its last change of any kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from connectors.audit_log import SAMBA_STATE, SECOND, LogEvent, LogKind, LogRecord
from connectors.directory.changes import replication
from connectors.directory.changes.replication import Stamp
from connectors.directory.schema.decode import identifier
from connectors.directory.schema.entry import Entry, read_sid
from connectors.directory.schema.state import UAC_DISABLED
from connectors.directory.schema.times import account_expires, generalized_time, integer

METADATA = (replication.BLOB, replication.ATTRIBUTES)
STATE = ("objectGUID", "objectSid", "userAccountControl", "accountExpires")


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """Of one account: its stamps, and which server made each."""

    events: tuple[LogEvent, ...]
    renamed: datetime | None = None
    """When it got the name that it has, where it had another before."""
    sid: str | None = None
    xml: bool = False
    """Read from the constructed attribute, which names the servers."""


def kept_of(entries: Iterable[Entry], system: str, *, samba: bool | None, gaps: list[str]) -> list[KeptStamp]:
    """Read the metadata of accounts; what is none is told as a gap."""
    found: list[KeptStamp] = []
    odd = 0
    for entry in entries:
        try:
            kept = of_ad(system, entry, samba=samba)
        except ValueError:
            odd += 1
        else:
            found += [kept] if kept else []
    if odd:
        gaps.append(f"the replication metadata of {odd} accounts is not understood")
    return found


def of_ad(system: str, entry: Entry, *, samba: bool | None) -> KeptStamp | None:
    """
    Read the metadata of an account; `None` where it shows none. Raises `ValueError` for what is none.

    `samba`: whether Samba wrote it; `None`: not known, then how often something was written is not told.
    """
    id_ = identifier(entry)
    constructed = entry.attributes.get(replication.ATTRIBUTES.lower(), ())
    raw = entry.raw(replication.BLOB.lower())
    if id_ is None or (not constructed and raw is None):
        return None
    stamps = replication.attributes(constructed) if constructed else replication.blob(raw or b"")
    source = replication.ATTRIBUTES if constructed else replication.BLOB
    events = tuple(event for stamp in stamps for event in _of(system, entry, stamp, source, samba=samba))
    renamed = next((s.at for s in stamps if s.attribute == "name" and s.version > 1), None)
    return KeptStamp(events, renamed, read_sid(entry), xml=bool(constructed))


def _of(system: str, entry: Entry, stamp: Stamp, source: str, *, samba: bool | None) -> Iterator[LogEvent]:
    kind, ends, id_ = None, None, identifier(entry) or ""
    match stamp.attribute:
        case "userAccountControl":
            control = entry.read("useraccountcontrol", integer)
            if control is not None:
                # Another bit of it may have been written: while it is enabled nothing says that this enabled it.
                kind = LogKind.DISABLED if control & UAC_DISABLED else LogKind.STATUS_SET
        case "accountExpires":
            kind, ends = LogKind.EXPIRY_SET, entry.read("accountexpires", account_expires)
        case "primaryGroupID":
            kind = LogKind.HOLDINGS_SET if stamp.version > 1 else None
        case "name":
            kind = LogKind.RENAMED if stamp.version > 1 else None
        case "isDeleted":
            kind = LogKind.DELETED
    deleted = (entry.text("isdeleted") or "").casefold() == "true"
    if kind is None or (deleted and kind in {LogKind.RENAMED, LogKind.EXPIRY_SET, LogKind.HOLDINGS_SET}):
        return  # being deleted writes these as well
    yield LogEvent(
        system,
        id_,
        kind,
        stamp.at,
        SECOND,
        _record(SAMBA_STATE if samba and stamp.attribute == "userAccountControl" else source, id_, stamp),
        host=stamp.server or None,
        last_only=True,
        changes=stamp.version if samba is not None else None,
        expires=ends,
    )


def _record(source: str, object_: str, stamp: Stamp) -> LogRecord:
    id_ = f"{object_} {stamp.attribute}, version {stamp.version}, USN {stamp.usn} of {stamp.server}"
    return LogRecord.of(source, id_, f"{id_} {stamp.at.isoformat()}".encode())


def of_member(system: str, group: str, account: str, link: replication.LinkStamp) -> LogEvent:
    """Tell when somebody became, or ceased to be, a member of a group, by its value's metadata."""
    return LogEvent(
        system,
        account,
        LogKind.GIVEN if link.there else LogKind.TAKEN,
        link.stamp.at,
        SECOND,
        _record(replication.VALUES, f"{group} {account}", link.stamp),
        entitlement=group,
        host=link.stamp.server or None,
        last_only=True,
        changes=link.stamp.version,
    )


def touched(
    system: str, account: str, entry: Entry, attribute: str, *, entitlement: str | None = None
) -> LogEvent | None:
    """Tell when an entry, of an account or of a group that it holds, was written last; `None` where it does not say."""
    at = entry.read(attribute.lower(), generalized_time)
    if at is None:
        return None
    text = entry.text(attribute.lower()) or ""
    return LogEvent(
        system,
        account,
        LogKind.TOUCHED,
        at,
        SECOND,
        LogRecord.of(attribute, f"{entitlement or account}, {text}", f"{entry.dn} {text}".encode()),
        entitlement=entitlement,
        last_only=True,
        upper_bound=True,
    )
