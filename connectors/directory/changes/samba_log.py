"""
The JSON that Samba's domain controllers log: `dsdb_json_audit`, `dsdb_group_json_audit`, `auth_json_audit`.

One object in a line, with an offset in its stamp; it also lists what was refused. Renames and moves are not in it.
Passwords are redacted by Samba. Source: Samba wiki, Setting up Audit Logging; seen with 4.17.12.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from connectors.audit_log import MICROSECOND, LogEvent, LogKind, LogRecord
from connectors.directory.changes.names import guid_of
from connectors.directory.changes.write import EARLIER, SECRETS, How, Mod, What, Write, Writes
from connectors.directory.schema.dn import normalise

CHANGE, GROUP, SIGN_IN = "dsdbChange", "groupChange", "Authentication"
KINDS = frozenset({CHANGE, GROUP, SIGN_IN, "Authorization", "passwordChange", "dsdbTransaction", "KDC Authorization"})
HOLDINGS = frozenset({LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET})
"""What the log of groups shows by itself."""
SOURCE = "Samba's audit log"
_TYPES = {"Add": What.ADD, "Modify": What.MODIFY, "Delete": What.DELETE}
_GROUPS = {"Added": How.ADD, "Removed": How.DELETE}
_CROSSING = timedelta(seconds=5)
"""By how much a line may be older than the one before it: several processes write into one file."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that was let in."""

    at: datetime
    sid: str
    record: LogRecord


@dataclass(slots=True)
class SambaLog(Writes):
    """Besides the writes who signed in, and which DNs the lines say are whose."""

    sign_ins: list[SignIn] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    """By normalised DN: the objectGUID."""
    sids: set[str] = field(default_factory=set)
    """The SIDs of those who changed something."""
    starts: dict[str, datetime] = field(default_factory=dict)
    """By kind of line: the first stamp, also of what was refused."""
    files: set[str] = field(default_factory=set)
    """The files that hold changes."""
    taken: list[tuple[str, str, Write]] = field(default_factory=list)
    """Of each line that tells of a change its kind and its transaction."""
    members: set[str] = field(default_factory=set)
    """The transactions of which the log of groups says who came and who went."""
    newest: dict[str, datetime] = field(default_factory=dict)
    """By file: the latest stamp so far."""
    back: int = 0
    """How many lines stand in their file after a later stamp."""

    def signed_in(self, by_sid: Mapping[str, str], system: str, since: datetime | None) -> Iterator[LogEvent]:
        """Yield the sign-ins of accounts, by their SIDs, from an instant on."""
        for one in self.sign_ins:
            id_ = by_sid.get(one.sid)
            if id_ and (since is None or one.at >= since):
                yield LogEvent(system, id_, LogKind.SIGNED_IN, one.at, MICROSECOND, one.record, actor=one.sid)


def read(lines: Iterable[tuple[str, int, str]]) -> SambaLog:
    """Read the lines of one or several files, each with the name of its file and its number, in order."""
    log = SambaLog(SOURCE)
    odd = list[str]()
    for source, number, line in lines:
        text = line.strip()
        if not text:
            continue
        try:
            data = json.loads(text)
            record = LogRecord.of(SOURCE, f"line {number}", text.encode())
            _take(log, data, record, EARLIER if _goes_back(log, data, source) else "")
            _note_start(log, data, source)
        except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
            odd.append(f"line {number} of {source}")
    if odd:
        log.broken = True
        log.gaps.append(f"{len(odd)} lines of {SOURCE} are not understood, the first is {odd[0]}")
    log.note_back(log.back)
    log.found = [one for taken in log.taken if (one := _once(*taken, log.members))]
    log.found.sort(key=attrgetter("at"))
    # What is written into a group is a change as well: the log of groups says it more plainly, and may begin later.
    log.covers_from = log.starts.get(CHANGE, log.starts.get(GROUP))
    if CHANGE not in log.starts:
        log.covers = HOLDINGS
    return log


def _note_start(log: SambaLog, data: Any, source: str) -> None:
    at, kind = datetime.fromisoformat(data["timestamp"]).astimezone(UTC), data["type"]
    log.starts[kind] = min(log.starts.get(kind, at), at)
    if kind == CHANGE:
        log.files.add(source)


def _goes_back(log: SambaLog, data: Any, source: str) -> bool:
    """Whether a line is older than one before it in its file: one of the two is false, and nobody knows which."""
    at = datetime.fromisoformat(data["timestamp"])
    if at.tzinfo is None:
        return False
    newest = log.newest.setdefault(source, at)
    if at + _CROSSING < newest:
        log.back += 1
        return True
    log.newest[source] = max(newest, at)
    return False


def _take(log: SambaLog, data: Any, record: LogRecord, doubt: str) -> None:
    kind = data["type"]
    at = datetime.fromisoformat(data["timestamp"])
    if at.tzinfo is None or kind not in KINDS:
        raise ValueError("no stamp with an offset, or another kind of line")
    body = data.get(kind) or {}
    stamp = data["timestamp"]
    if kind == SIGN_IN:
        if body.get("status") == "NT_STATUS_OK" and body.get("becameSid"):
            named = replace(record, id=f"{stamp}, {body['becameSid']}, {body.get('remoteAddress')}")
            log.sign_ins.append(SignIn(at.astimezone(UTC), body["becameSid"], named))
        return
    if kind not in {CHANGE, GROUP} or body.get("statusCode") != 0:
        return
    made = _change(log, body) if kind == CHANGE else _group(log, body)
    if made is not None:
        what, key, mods = made
        actor = str(body.get("userSid") or "")
        log.sids.add(actor)
        transaction = str(body.get("transactionId"))
        # By its own ids, which stay when the file is rotated and its lines are numbered anew.
        id_ = f"{stamp}, transaction {transaction}"
        if kind == GROUP:
            id_ += f", {mods[0].values[0]}"  # two members who leave in one transaction leave by two lines
        named = replace(record, id=id_)
        write = Write(what, key, at.astimezone(UTC), MICROSECOND, named, mods=mods, actor=actor or None, doubt=doubt)
        log.taken.append((kind, transaction, write))


Made = tuple[What, str, tuple[Mod, ...]]


def _change(log: SambaLog, body: Mapping[str, Any]) -> Made | None:
    what = _TYPES.get(body["operation"])
    return (what, normalise(body["dn"]), tuple(_mods(log, body.get("attributes") or {}))) if what else None


def _group(log: SambaLog, body: Mapping[str, Any]) -> Made | None:
    how = _GROUPS.get(body["action"])
    if how is None:
        return None  # `PrimaryGroup`: the account's own line says it
    made = What.MODIFY, normalise(body["group"]), (Mod(how, "member", (str(body["user"]),)),)
    if body.get("transactionId"):
        log.members.add(str(body["transactionId"]))
    return made


def _once(kind: str, transaction: str, write: Write, members: set[str]) -> Write | None:
    """Leave out the members of a write of which the log of groups says the same; `None` when that is all."""
    if kind == GROUP or transaction not in members:
        return write
    mods = tuple(mod for mod in write.mods if mod.name != "member")
    return replace(write, mods=mods) if mods or write.what is not What.MODIFY else None


def _mods(log: SambaLog, attributes: Mapping[str, Any]) -> Iterator[Mod]:
    for name, written in attributes.items():
        plain = str(name).lower()
        if plain in SECRETS:
            continue
        for action in written["actions"]:
            values = tuple(str(v["value"]) for v in action.get("values") or () if "value" in v)
            for value in values:
                guid, dn = guid_of(value), value.rpartition(";")[2]
                if guid and dn.upper().startswith("CN="):
                    log.keys.setdefault(normalise(dn), guid)
            yield Mod(How(action["action"]), plain, values)
