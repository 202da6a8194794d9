"""The record of 389 Directory Server and FreeIPA: the retro changelog, the audit file, or when an entry was written."""

from collections.abc import Sequence

from connectors.directory.changes import changelog
from connectors.directory.changes.changelog import ACTOR, CHANGES, ID, LOCK
from connectors.directory.changes.write import Write
from connectors.directory.ldap.record import STAMP, Recorded, any_of, generalized, parts
from connectors.directory.schema.dn import below
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time, integer

CLOCK = ("cn=monitor", "currentTime", "cn=monitor currentTime")
BASE = "cn=changelog"
ROOT = ("changelog", "firstChangeNumber", "lastChangeNumber")
STATE = ("nsUniqueId", "nsAccountLock", STAMP)


def read(recorded: Recorded) -> None:
    """Read the audit file that was given, else the changelog, else stamps; raises `SourceError`."""
    recorded.find(STATE)
    if recorded.logs.writes:
        recorded.writes += recorded.logs.writes
        recorded.check_reach(recorded.logs.writes, STAMP)
        recorded.sources += sorted({one.source for one in recorded.logs.writes})
        recorded.covers_from = min((w.covers_from for w in recorded.logs.writes if w.covers_from), default=None)
        return
    root = recorded.wire.read_entry("", ROOT) or Entry("", {})
    base = root.text("changelog") or BASE
    first = recorded.wire.read_first(base, "(objectClass=changeLogEntry)") if _shown(recorded, base) else None
    if first is None:
        recorded.touch()
        recorded.touch_groups()
        recorded.sources.append(STAMP)
        recorded.gaps.append(
            f"`{base}` is not there, or not shown: a time is no more than that of the last change of any kind"
        )
        return
    _read_changelog(recorded, base, root)


def _shown(recorded: Recorded, base: str) -> bool:
    return recorded.wire.read_entry(base, ("objectClass",)) is not None


def _read_changelog(recorded: Recorded, base: str, root: Entry) -> None:
    since = f"(changeTime>={generalized(at)})" if (at := recorded.question.ask_from) else ""

    def entries(which: str, *more: str) -> list[Entry]:
        search = f"(&(objectClass=changeLogEntry){since}{which})"
        wanted = (*changelog.ATTRIBUTES, *more)
        return recorded.wire.read_all(base, search, wanted, what="changes", page_size=200)

    # It can be searched by DN and not by its copies, which no schema knows: so first under which names to look.
    moved = entries("(|(changeType=delete)(changeType=modrdn)(changeType=moddn))")
    found = {entry.dn: entry for entry in moved}
    accounts, groups = _places(recorded, changelog.writes(moved, base).found)
    for part in parts(sorted(accounts)):
        found |= {entry.dn: entry for entry in entries(any_of("targetDn", part))}
    # What was written to a group holds no password; what was written to an account may.
    for part in parts(sorted(groups - accounts)):
        found |= {entry.dn: entry for entry in entries(any_of("targetDn", part), CHANGES)}
    locked = {id_: (e.text("nsaccountlock") or "").casefold() for id_, e in recorded.entries.items()}
    recorded.writes.append(changelog.writes(found.values(), base, locked))
    recorded.sources.append(base)
    _check_copies(recorded, base, found)
    _check_range(recorded, base, root)


def _places(recorded: Recorded, moved: Sequence[Write]) -> tuple[set[str], set[str]]:
    """Return all DNs that the accounts asked for, and the groups, have had since."""
    ids = {account.id for account in recorded.question.accounts}
    accounts = {*recorded.keys.values(), *(id_ for id_ in ids if "=" in id_)}
    groups = {id_ for id_ in recorded.question.entitlements if "=" in id_}
    for write in reversed(moved):
        if write.id in ids:
            accounts |= {write.key, *filter(None, [write.new_key])}
        for known in (accounts, groups) if write.new_key else ():
            known |= {k.removesuffix(write.new_key) + write.key for k in known if below(k, write.new_key)}
    return accounts, groups


def _check_copies(recorded: Recorded, base: str, found: dict[str, Entry]) -> None:
    """Tell what the changelog was not set up to copy: without, nothing is known of locks, or of groups."""
    names = {name for entry in found.values() for name in entry.attributes}
    missing = [name for name in (ID, ACTOR) if found and name.lower() not in names]
    locked = any((e.text("nsaccountlock") or "") for e in recorded.entries.values())
    if locked and found and LOCK.lower() not in names:
        missing.append(LOCK)
    if missing:
        recorded.gaps.append(
            f"`{base}` does not copy {', '.join(missing)}: what it does not copy is not known; "
            f"`auditor connect {recorded.system}` prints how it is set up"
        )


def _check_range(recorded: Recorded, base: str, root: Entry) -> None:
    """Say since when the changelog is whole: it drops the oldest, and keeps the numbers of those that are left."""
    flavour = recorded.scope.flavour.attributes
    first = root.read("firstchangenumber", integer)
    oldest = recorded.wire.read_all(base, f"(changeNumber={first})", ("changeTime",)) if first is not None else []
    at = oldest[0].read("changetime", generalized_time) if oldest else None
    if at is None:
        recorded.gaps.append(f"the server does not say from when on `{base}` is whole (firstChangeNumber)")
    elif flavour == "freeipa":
        recorded.gaps.append(f"in FreeIPA `{base}` holds a part of the directory, unless it was set up for all of it")
    else:
        recorded.covers_from = at
        if recorded.question.since and at > recorded.question.since:
            recorded.gaps.append(f"`{base}` begins at {at:%Y-%m-%d %H:%M:%S} UTC: what was before is dropped")
