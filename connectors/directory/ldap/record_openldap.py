"""OpenLDAP's record: `cn=accesslog`, or else no more than when an entry was written last."""

from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.directory.changes import accesslog
from connectors.directory.changes.accesslog import csn_time
from connectors.directory.ldap.record import AT_ONCE, STAMP, Recorded, equal, generalized, parts
from connectors.directory.schema.entry import Entry
from connectors.errors import SourceDenied, SourceError

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

CLOCK = ("cn=Current,cn=Time,cn=Monitor", "monitorTimestamp", "cn=Monitor monitorTimestamp")
CHANGED = "(&(reqResult=0){since}{which})"
_MEMBERS = ("member", "uniqueMember", "memberUid", "roleOccupant")
_WHOLE = tuple(f"{name}:=".encode() for name in _MEMBERS)
_ALL_TAKEN = frozenset(f"{name}:-".encode() for name in _MEMBERS)
WIDE = "(|" + "".join(f"(reqMod={name}:*)" for name in _MEMBERS) + "(objectClass=auditModRDN)(objectClass=auditDelete))"
"""Of groups that were written, of whatever got another name, and of what was deleted: no index finds them all."""
ANEW = "(|" + "".join(f"(reqMod={name}:=*)(reqMod={name}:-)" for name in _MEMBERS) + "(objectClass=auditDelete))"
"""Of these, where what was there before matters: groups that were written as a whole, and what was deleted."""
MANY = 10 * AT_ONCE
"""More of them are found by looking through the log once more; fewer by their own names, which an index knows."""
SIDE_EFFECTS = frozenset({"refint", "memberof"})
"""Overlays that change groups without a word in the log, and without moving the stamp of the group."""
HIDDEN = ("reqMod", "userPassword:= x"), ("reqOld", "userPassword: x")
"""What the auditor's account must not be able to see."""


def read(recorded: Recorded, base: str) -> None:
    """Read the log below `base`, or the stamps of entries where there is none; raises `SourceError`."""
    wire, question = recorded.wire, recorded.question
    top = wire.read_entry(base, ("objectClass", "minCSN"))
    recorded.find(("entryUUID",) if top else ("entryUUID", STAMP), by="uid")
    if top is None:
        recorded.touch()
        _touch_groups(recorded)
        recorded.sources.append(STAMP)
        recorded.gaps.append(
            f"`{base}` is not there, or not shown: a time is no more than that of the last change of any kind"
        )
        return
    since = f"(reqStart>={generalized(question.ask_from)})" if question.ask_from else ""
    _refuse_passwords(recorded, base)
    found = _records(recorded, base, since)
    writes = accesslog.writes(found.values(), base)
    minimum = top.text("mincsn")
    if minimum:
        writes.covers_from = csn_time(minimum)
    else:
        writes.gaps.append(f"`{base}` does not say from when on it is whole (minCSN)")
    if minimum and question.since and writes.covers_from and writes.covers_from > question.since:
        writes.gaps.append(f"`{base}` begins at {writes.covers_from:%Y-%m-%d %H:%M:%S} UTC: what was before is purged")
    recorded.covers_from = writes.covers_from
    recorded.writes.append(writes)
    recorded.sources.append(base)


def _records(recorded: Recorded, base: str, since: str) -> dict[str, Entry]:
    """
    Read the records that matter, by DN.

    The log is gone through once, without what was there before: of a large group that is all its members, each time
    somebody comes or goes. Where it matters it is asked for by what is indexed, with the records of the accounts.
    """
    question = recorded.question

    def entries(which: str, *more: str) -> dict[str, Entry]:
        search, wanted = CHANGED.format(since=since, which=which), (*accesslog.ATTRIBUTES, *more)
        found = recorded.wire.read_all(base, search, wanted, what="changes", page_size=200 if more else 500)
        return {entry.dn: entry for entry in found}

    found = entries(WIDE)
    anew = [start for entry in found.values() if _old_matters(entry) and (start := entry.text("reqstart"))]
    if len(anew) > MANY:
        found |= entries(ANEW, accesslog.OLD)
        anew = []
    wanted = [
        *(("reqEntryUUID", account.id) for account in question.accounts if "=" not in account.id),
        *(("reqDN", account.id) for account in question.accounts if "=" in account.id),
        *(("reqStart", start) for start in anew),
    ]
    for part in parts(wanted):
        found |= entries("(|" + "".join(equal(attribute, value) for attribute, value in part) + ")", accesslog.OLD)
    return found


def _old_matters(entry: Entry) -> bool:
    """Whether a record found by `WIDE` is one of `ANEW`: a deletion, or members written as a whole or all taken."""
    mods = entry.attributes.get("reqmod", ())
    return entry.text("reqtype") == "delete" or any(mod.startswith(_WHOLE) or mod in _ALL_TAKEN for mod in mods)


def _refuse_passwords(recorded: Recorded, base: str) -> None:
    """Refuse to read a log in which passwords can be read; asks for none to know that."""
    first = recorded.wire.read_first(base, "(objectClass=auditWriteObject)")
    for attribute, value in HIDDEN if first else ():
        if first and recorded.wire.may_compare(first, attribute, value):
            raise SourceDenied(
                f"`{recorded.system}`: passwords stand in `{base}`, and the auditor's account may read them",
                hint=f"`auditor connect {recorded.system}` prints the access rules that hide them; set these first",
            )


def _overlays(wire: "LdapConnection") -> set[str]:
    shown: list[Entry] = []
    with suppress(SourceError):
        shown = wire.read_all("cn=Databases,cn=Monitor", "(monitorOverlay=*)", ("monitorOverlay",))
    return {name.lower() for entry in shown for name in entry.texts("monitoroverlay")}


def _touch_groups(recorded: Recorded) -> None:
    """Take the stamps of groups only where nothing changes them behind these."""
    overlays = _overlays(recorded.wire)
    if overlays and overlays.isdisjoint(SIDE_EFFECTS):
        recorded.touch_groups()
    else:
        why = "at work" if overlays else "not known to be off (cn=Monitor is not shown)"
        recorded.gaps.append(
            f"when a group changed is not known: refint and memberof, which change groups without a trace, are {why}"
        )
