"""The record of Active Directory and Samba: replication metadata, what is kept of the deleted, Samba's log files."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from connectors.audit_log import LogEvent
from connectors.directory.changes import replication
from connectors.directory.changes.samba_log import SambaLog
from connectors.directory.changes.stamps import METADATA, STATE, KeptStamp, kept_of, of_member
from connectors.directory.changes.story import held_by
from connectors.directory.ldap.record import Recorded, any_of, parts
from connectors.directory.schema.decode import dn_key, identifier
from connectors.directory.schema.dn import normalise
from connectors.directory.schema.entry import Entry, join_range, read_sid
from connectors.errors import SourceError, shorten

CLOCK = ("", "currentTime", "rootDSE currentTime")
ROOT = ("vendorName", "configurationNamingContext", "dsServiceName")
DELETED = ("objectGUID", "isDeleted", "lastKnownParent", "name", *STATE, *METADATA)
WHEN = "whenChanged"


def read(recorded: Recorded) -> None:
    """Read metadata of the accounts asked for, their groups where it shows, and log files; raises `SourceError`."""
    wire, system = recorded.wire, recorded.system
    root = wire.read_entry("", ROOT) or Entry("", {})
    samba = "samba" in (root.text("vendorname") or "").casefold()
    servers = _servers(recorded, root)
    wanted = (replication.BLOB,) if samba else METADATA
    recorded.find((*STATE, WHEN, *wanted))
    gone = _deleted(recorded)
    recorded.gone |= dict(filter(None, map(_key_before, gone)))
    known = kept_of([*recorded.entries.values(), *gone], system, samba=samba, gaps=recorded.gaps)
    recorded.events += [_served(event, servers) for one in known for event in one.events]
    recorded.sources.append(replication.ATTRIBUTES if any(one.xml for one in known) else replication.BLOB)
    if not samba and known and not all(one.xml for one in known):
        recorded.gaps.append(f"`{replication.ATTRIBUTES}` is not shown; read from `{replication.BLOB}` instead")
    if not known:
        recorded.gaps.append(f"`{replication.BLOB}` is shown on no account: when they changed is not known")
    if recorded.logs.samba is not None:
        _from_log(recorded, recorded.logs.samba, known, len(servers))
    else:
        _members(recorded, servers, samba=samba)


def _servers(recorded: Recorded, root: Entry) -> dict[str, str]:
    """Return the domain controllers by their invocation ids, and note which of them answered."""
    base = root.text("configurationnamingcontext")
    found: dict[str, str] = {}
    try:
        entries = recorded.wire.read_all(base, "(objectClass=nTDSDSA)", ("invocationId",)) if base else []
    except SourceError:
        entries = []
    for entry in entries:
        raw = entry.raw("invocationid")
        if raw and len(raw) == 16:
            found[str(UUID(bytes_le=raw))] = entry.dn
    own = root.text("dsservicename")
    recorded.hosts = frozenset({_server(own)} if own else ())
    if not found:
        recorded.gaps.append("which domain controllers there are is not shown")
    return found


def _server(dn: str) -> str:
    """Name a domain controller by the DN of its settings, as short as it is clear: its own part."""
    parts_ = dn.split(",")
    return parts_[1].partition("=")[2] if len(parts_) > 1 else dn


def _served(event: LogEvent, servers: dict[str, str]) -> LogEvent:
    host = event.host or ""
    return replace(event, host=_server(servers.get(host, host)) or None)


def _deleted(recorded: Recorded) -> list[Entry]:
    """Read what the domain keeps of accounts that are gone, where the auditor's account may see it."""
    gone = [a.id for a in recorded.question.accounts if a.id not in recorded.entries and "=" not in a.id]
    guids = [id_ for id_ in gone if len(id_) == 36]
    found: list[Entry] = []
    for root in recorded.scope.flavour.roots if guids else ():
        for part in parts(guids):
            try:
                search = any_of("objectGUID", part)
                found += recorded.wire.read_deleted(f"CN=Deleted Objects,{root}", search, DELETED)
            except SourceError:
                break
    missing = len(guids) - len(found)
    if missing:
        recorded.gaps.append(
            f"{missing} accounts are gone, and what the domain keeps of the deleted is not shown: the right to read "
            "`CN=Deleted Objects` would tell when"
        )
    return found


def _members(recorded: Recorded, servers: dict[str, str], *, samba: bool) -> None:
    """Read when members came and went: each value's metadata on Windows, else the stamp of the group."""
    held = held_by(recorded.question)
    shown = not samba and _member_metadata(recorded, list(held) or list(recorded.question.entitlements), servers)
    if shown:
        recorded.sources.append(replication.VALUES)
        return
    recorded.touch_groups(WHEN)
    why = "Samba does not tell it over LDAP" if samba else f"`{replication.VALUES}` is not shown"
    files = "; its audit log does (`log_files`)" if samba else ""
    recorded.gaps.append(f"who came into a group and who went, and when, is not known: {why}{files}")


def _member_metadata(recorded: Recorded, groups: Sequence[str], servers: dict[str, str]) -> bool:
    by_key = {key: id_ for id_, key in recorded.keys.items()}
    shown = False
    for group in groups:
        values = _ranges(recorded, group) if "=" in group else []
        shown |= bool(values)
        for link in replication.links(values):
            id_ = by_key.get(_key(link.member))
            if id_ and link.attribute == "member":
                recorded.events.append(_served(of_member(recorded.system, group, id_, link), servers))
    return shown


def _ranges(recorded: Recorded, dn: str) -> list[bytes]:
    """Read all values of a group's metadata, range by range; none where the server shows none, with success."""
    found: list[bytes] = []
    name, start = replication.VALUES.lower(), 0
    while True:
        entry = recorded.wire.read_entry(dn, (f"{replication.VALUES};range={start}-*",))
        if entry is None:
            return found
        values, following = join_range(entry.attributes, name)
        found += values
        if following is None or following <= start:
            return found
        start = following


def _key(dn: str) -> str:
    try:
        return normalise(dn)
    except ValueError:
        return ""


def _from_log(recorded: Recorded, log: SambaLog, kept: Sequence[KeptStamp], servers: int) -> None:
    """Take up what log files say: they name actors, and members who left."""
    system, question = recorded.system, recorded.question
    _name_actors(recorded, log)
    recorded.gone |= {id_: key for key, id_ in log.keys.items() if id_ not in {*recorded.entries, *recorded.gone}}
    _check_domain(recorded, log, kept)
    recorded.check_reach([log], WHEN)
    recorded.writes.append(log)
    recorded.sources.append(log.source)
    recorded.gaps += _renamed(log, kept)
    by_sid = {one.sid: one.events[0].account for one in kept if one.sid and one.events}
    recorded.events += log.signed_in(by_sid, system, question.ask_from)
    if servers == 1:
        recorded.covers_from = log.covers_from
    else:
        recorded.gaps.append(
            f"{servers or 'not known how many'} domain controllers write such a log, each of its own changes: "
            "what another one did may be missing"
        )


def _name_actors(recorded: Recorded, log: SambaLog) -> None:
    """Resolve the SIDs of those who changed something to their names."""
    wanted = sorted(sid for sid in log.sids if sid.startswith("S-1-5-21-"))
    names = {"S-1-5-18": "the domain controller itself"}
    for part in parts(wanted):
        search = "(|" + "".join(f"(objectSid={sid})" for sid in part if _is_sid(sid)) + ")"
        for root in recorded.scope.flavour.roots:
            for entry in recorded.wire.read_all(root, search, ("objectSid", "sAMAccountName")):
                sid = read_sid(entry)
                if sid:
                    names[sid] = entry.text("samaccountname") or dn_key(entry)
    log.name_actors(names)


def _is_sid(text: str) -> bool:
    return text.startswith("S-1-") and text.replace("-", "").removeprefix("S").isdecimal()


def _check_domain(recorded: Recorded, log: SambaLog, kept: Iterable[KeptStamp]) -> None:
    """Doubt a log that knows nobody of this domain."""
    roots = recorded.scope.flavour.roots
    mine = {one.sid.rpartition("-")[0] for one in kept if one.sid}
    theirs = {sid.rpartition("-")[0] for sid in log.sids if sid.startswith("S-1-5-21-")}
    if log.found and mine and theirs and mine.isdisjoint(theirs):
        log.doubt_all("the log is of another domain")
        recorded.gaps.append(f"the log files are of another domain than {shorten(roots[0] if roots else '')}")


def _renamed(log: SambaLog, kept: Sequence[KeptStamp]) -> list[str]:
    """Tell whom the log may name by a DN that is not known: it does not tell of renames."""
    known = set(log.keys.values())
    late = [
        one
        for one in kept
        if one.renamed
        and log.covers_from
        and one.renamed >= log.covers_from
        and one.events
        and one.events[0].account not in known
    ]
    if not late:
        return []
    return [
        f"{len(late)} accounts were renamed or moved since the log begins, and what it says of them before is not found"
    ]


def _key_before(entry: Entry) -> tuple[str, str] | None:
    """Return the id of a deleted entry and the DN that it had."""
    id_, name, parent = identifier(entry), entry.text("name"), entry.text("lastknownparent")
    if not (id_ and name and parent):
        return None
    return id_, _key(f"CN={name.partition(chr(10))[0]},{parent}")
