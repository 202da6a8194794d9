"""
The records of 389 Directory Server's retro changelog: entries of class changeLogEntry below `cn=changelog`.

What was written to an account stands in `changes` beside the hash of its password, in one value that the server cannot
narrow (`nsslapd-exclude-attrs` takes the password away from accounts that are added then, seen with 2.3.1). So that is
asked for of groups alone; of accounts the changelog copies the lock, the last writer and the stamp into attributes of
its own. These tell the entry after the change, and what it has no more from before it: a lock that was taken away shows
once more. Source: 389 DS Administration Guide, Retro Changelog Plug-in; seen with 2.3.1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.audit_log import SECOND, LogRecord
from connectors.directory.changes.ldif_mods import added, changed, one, pairs_of
from connectors.directory.changes.write import How, Mod, What, Write, Writes
from connectors.directory.schema.dn import normalise
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time, integer

LOCK, ACTOR, CLASS, STAMP = "auditorLock", "auditorActor", "auditorClass", "auditorStamp"
"""The names of the copies, as `setup()` has them made."""
ID = "targetUniqueId"
ATTRIBUTES = (
    *("objectClass", "changeNumber", "changeTime", "changeType", "targetDn", ID, "newRdn", "newSuperior"),
    *(LOCK, ACTOR, CLASS, STAMP),
)
CHANGES = "changes"
_TYPES = {"add": What.ADD, "modify": What.MODIFY, "delete": What.DELETE, "modrdn": What.RENAME, "moddn": What.RENAME}
ON, OFF, UNKNOWN = "true", "false", "?"
LOCKED = "nsaccountlock"
_SLOW = timedelta(seconds=2)


def writes(entries: Iterable[Entry], source: str, locked_now: Mapping[str, str] | None = None) -> Writes:
    """
    Read records in the order of their numbers; of an account with what they copy, of a group with its `changes`.

    `locked_now` is the lock of accounts, by id, as it is today: it tells what became of the last copy.
    """
    found = Writes(source)
    numbered: list[tuple[int, Write, Entry]] = []
    odd = 0
    for entry in entries:
        try:
            numbered.append((entry.read("changenumber", integer) or 0, _write(entry, source), entry))
        except ValueError:
            odd += 1
    if odd:
        found.broken = True
        found.gaps.append(f"{odd} records of {source} are not understood")
    numbered.sort(key=lambda record: record[0])
    found.found = [write for _, write, _ in numbered]
    if _add_locks(found.found, [entry for _, _, entry in numbered], locked_now or {}):
        found.broken = True
        found.gaps.append(f"{source} lacks records: an account was locked, and then open, by nothing that it tells")
    found.in_order()
    return found


def _write(entry: Entry, source: str) -> Write:
    what = _TYPES.get((entry.text("changetype") or "").lower())
    number, dn = entry.text("changenumber"), entry.text("targetdn")
    if what is None or number is None or dn is None:
        raise ValueError("not a record of changes")
    mods: tuple[Mod, ...] = ()
    if raw := entry.raw(CHANGES.lower()):
        pairs = pairs_of(raw.rstrip(b"\x00").decode("utf-8", "replace").splitlines())
        mods = tuple(added(pairs) if what is What.ADD else changed(pairs))
    new_rdn, above = entry.text("newrdn"), entry.text("newsuperior") or dn.partition(",")[2]
    at = generalized_time(entry.text("changetime") or "")
    return Write(
        what,
        normalise(dn),
        at,
        SECOND,
        LogRecord.of(source, number, "\n".join((number, dn, repr(mods), entry.text("changetime") or "")).encode()),
        id=(entry.text(ID.lower()) or "").lower() or None,
        mods=mods,
        new_key=normalise(f"{new_rdn},{above}") if what is What.RENAME and new_rdn else "",
        # A deletion leaves nobody's name: the copy then tells who wrote the entry before.
        actor=None if what is What.DELETE else entry.text(ACTOR.lower()) or one(mods, "modifiersname") or None,
    )


def _add_locks(found: list[Write], entries: Sequence[Entry], locked_now: Mapping[str, str]) -> bool:
    """
    Turn the copies of the lock into what was written; return whether a record must be missing.

    A copy says locked where the account is so after the change, or was before it. So the first that says it is the
    locking, and the last, before one that says nothing, the unlocking; of those between nobody knows.
    """
    missing = False
    by_account: dict[str, list[int]] = {}
    for number, write in enumerate(found):
        if write.id and CHANGES.lower() not in entries[number].attributes:
            by_account.setdefault(write.id, []).append(number)
    for id_, numbers in by_account.items():
        copies = [_copy(entries[number]) for number in numbers]
        for place, number in enumerate(numbers):
            write, copy = found[number], copies[place]
            if write.what is not What.MODIFY or _unstamped(write, entries[number].text(STAMP.lower())):
                continue
            before = copies[place - 1] if place else UNKNOWN
            following = copies[place + 1] if place + 1 < len(numbers) else locked_now.get(id_, UNKNOWN)
            missing |= before in {"", OFF} and copy == ON and following == ""
            if mod := _lock_mod(before, copy, following):
                old = None if before == UNKNOWN else {LOCKED: (before,) if before else ()}
                found[number] = replace(write, mods=(mod,), old=old)
    return missing


def _copy(entry: Entry) -> str:
    return (entry.text(LOCK.lower()) or "").casefold()


def _unstamped(write: Write, stamp: str | None) -> bool:
    """Whether the server wrote it for itself, such as a failed sign-in: that leaves the entry's stamp as it was."""
    return stamp is not None and generalized_time(stamp) + _SLOW < write.at


def _lock_mod(before: str, copy: str, following: str) -> Mod | None:
    """Return what was written to the lock, by what it was copied as before, now and after; `None`: nothing."""
    if copy == ON:
        if before in {"", OFF}:
            return Mod(How.REPLACE, LOCKED, (ON,))
        # Deleted, it shows once more; and whether the copies between two such were the same lock nobody knows.
        return Mod(How.DELETE, LOCKED) if following == "" else Mod(How.REPLACE, LOCKED, ("?",))
    return Mod(How.REPLACE, LOCKED, (OFF,)) if copy == OFF and before == ON else None
