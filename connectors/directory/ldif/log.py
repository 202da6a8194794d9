"""When access ended, from an export: what its entries bear of their last changes, and logs that were saved with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.audit_log import LogAnswer
from connectors.directory.changes import accesslog, changelog, replication
from connectors.directory.changes.answer import Found, answer_of
from connectors.directory.changes.files import Logs
from connectors.directory.changes.lives_on import BY_KIND
from connectors.directory.changes.names import Names
from connectors.directory.changes.samba_log import SambaLog
from connectors.directory.changes.stamps import kept_of, touched
from connectors.directory.changes.story import held_by
from connectors.directory.changes.write import Writes
from connectors.directory.ldif.parse import LdifReader
from connectors.directory.schema.decode import dn_key, identifier
from connectors.directory.schema.entry import BadValue, Entry, read_sid
from connectors.directory.schema.times import integer
from connectors.errors import InputError

UAC_SERVER = 0x2000
"""The account of a domain controller (SERVER_TRUST_ACCOUNT)."""
STAMP, WHEN = "modifyTimestamp", "whenChanged"
ONLY_LAST = "a time is no more than that of the last change of any kind"


@dataclass(slots=True, kw_only=True)
class Exported(Found):
    """What an export and the logs beside it say."""

    path: Path
    entries: dict[str, Entry] = field(default_factory=dict)
    """The accounts asked for that are in it, by id."""
    groups: dict[str, Entry] = field(default_factory=dict)
    """The groups that they hold, by their normalised DNs."""
    actors: dict[str, str] = field(default_factory=dict)
    """By SID: a name."""
    servers: int = 0
    """How many domain controllers it shows."""
    kind: str = ""
    """`ad`, `openldap`, `389` or `freeipa`, by what its entries bear."""


def read_log(exported: Exported, logs: Logs, now: datetime) -> LogAnswer:
    """Read the export and the logs; raises `InputError` or `SourceError`."""
    _read_entries(exported)
    names = Names.of(exported.question.accounts, {id_: dn_key(e) for id_, e in exported.entries.items()})
    _stamps(exported)
    if logs.samba is not None:
        _take_samba(exported, logs.samba, names)
    _take(exported, logs.writes)
    _take(exported, [_saved(path, exported) for path in logs.ldif])
    return answer_of(exported, names, now, lives_on=BY_KIND.get(exported.kind, ()))


def _read_entries(exported: Exported) -> None:
    ids = {account.id for account in exported.question.accounts}
    held = held_by(exported.question)
    for record in LdifReader(exported.path):
        entry = record.entry
        try:
            id_, key = identifier(entry), dn_key(entry)
            sid = read_sid(entry)
            control = entry.read("useraccountcontrol", integer) or 0
        except BadValue:
            continue  # the collection says what is wrong with it
        exported.kind = exported.kind or _kind(entry)
        exported.servers += bool(control & UAC_SERVER)
        if sid:
            exported.actors[sid] = entry.text("samaccountname") or key
        for own in {id_, key} & ids:
            exported.entries[own or key] = entry
        if key in held:
            exported.groups[key] = entry


def _kind(entry: Entry) -> str:
    by_id = {"objectguid": "ad", "ipauniqueid": "freeipa", "nsuniqueid": "389", "entryuuid": "openldap"}
    return next((kind for name, kind in by_id.items() if name in entry.attributes), "")


def _stamps(exported: Exported) -> None:
    system = exported.system
    for id_, entry in exported.entries.items():
        # Which of the two servers wrote it, an export does not say, and they count differently: no count is told.
        kept = kept_of([entry], system, samba=None, gaps=exported.gaps)
        last = None if kept else touched(system, id_, entry, WHEN if entry.is_ad else STAMP)
        exported.events += [event for one in kept for event in one.events] or ([last] if last else [])
    sources = {event.record.source for event in exported.events}
    exported.sources += [exported.path.name, *sorted(sources)]
    if exported.kind in {"ad", "389", "freeipa"}:
        # OpenLDAP's refint and memberof change groups behind their stamps; an export does not say whether they are on.
        _touch_groups(exported)
    if sources <= {STAMP, WHEN}:
        bears = f"bears no `{replication.BLOB}`" if exported.kind == "ad" else "holds no record of changes"
        exported.gaps.append(f"{exported.path.name} {bears}: {ONLY_LAST}")


def _touch_groups(exported: Exported) -> None:
    attribute = WHEN if exported.kind == "ad" else STAMP
    for group, holders in held_by(exported.question).items():
        entry = exported.groups.get(group)
        here = [id_ for id_ in holders if id_ in exported.entries] if entry else []
        found = (touched(exported.system, id_, entry, attribute, entitlement=group) for id_ in here if entry)
        exported.events += [event for event in found if event]


def _take_samba(exported: Exported, log: SambaLog, names: Names) -> None:
    log.name_actors(exported.actors)
    for key, id_ in log.keys.items():
        if id_ in names.ids:
            names.by_key.setdefault(key, id_)
    exported.events += log.signed_in(_by_sid(exported.entries.items()), exported.system, exported.question.ask_from)
    if exported.servers != 1:
        exported.gaps.append(
            f"{exported.path.name} shows {exported.servers or 'no'} domain controllers, and each logs its own changes: "
            "what another one did may be missing"
        )
        log.covers_from = None
    _take(exported, [log])


def _by_sid(entries: Iterable[tuple[str, Entry]]) -> dict[str, str]:
    return {sid: id_ for id_, entry in entries if (sid := read_sid(entry))}


def _take(exported: Exported, logs: Sequence[Writes]) -> None:
    exported.writes += logs
    exported.sources += dict.fromkeys(one.source for one in logs)
    starts = [one.covers_from for one in logs]
    if starts:
        known = [at for at in starts if at is not None]
        exported.covers_from = min(known) if len(known) == len(starts) else None
        # A log tells what stamps do not: that these tell little is no gap any more.
        exported.gaps[:] = [gap for gap in exported.gaps if ONLY_LAST not in gap]


def _saved(path: Path, exported: Exported) -> Writes:
    """Read an export of `cn=accesslog` or of `cn=changelog`; raises `InputError`."""
    reader = LdifReader(path, log=True)
    entries = [record.entry for record in reader]
    records = [entry for entry in entries if {"auditwriteobject", "reqstart"} & (entry.classes | set(entry.attributes))]
    changes = [entry for entry in entries if "changelogentry" in entry.classes]
    if records:
        found = accesslog.writes(records, "cn=accesslog")
        minimum = next((text for entry in entries if (text := entry.text("mincsn"))), None)
        found.covers_from = accesslog.csn_time(minimum) if minimum else None
        if not minimum:
            found.gaps.append(f"{path.name} does not hold `cn=accesslog` with its minCSN: export with `'*' '+'`")
    elif changes:
        locked = {id_: (e.text("nsaccountlock") or "").casefold() for id_, e in exported.entries.items()}
        found = changelog.writes(changes, "cn=changelog", locked)
        _check_numbers(found, changes, path)
    else:
        raise InputError(
            path,
            "there is no record of changes in it",
            field="log_files",
            expected="an export of `cn=accesslog` or `cn=changelog`",
        )
    if not reader.trailer.proven:
        found.broken = True
        found.gaps.append(f"{path.name} does not say how its export ended: export with `ldapsearch` without `-L`")
    return found


def _check_numbers(found: Writes, changes: Iterable[Entry], path: Path) -> None:
    """Say since when a changelog is whole: its numbers leave none out."""
    numbers = sorted(number for entry in changes if (number := entry.read("changenumber", integer)) is not None)
    if numbers and numbers[-1] - numbers[0] + 1 == len(set(numbers)) and found.found:
        found.covers_from = found.found[0].at
    else:
        found.broken = True
        found.gaps.append(f"records are missing in {path.name}: their numbers leave some out")
