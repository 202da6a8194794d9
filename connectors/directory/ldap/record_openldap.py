"""OpenLDAP's record: `cn=accesslog`, or else no more than when an entry was written last."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.audit_log import LogQuestion
from connectors.directory.changes import accesslog
from connectors.directory.changes.accesslog import csn_time
from connectors.directory.ldap.record import STAMP, Recorded, any_of, generalized, parts
from connectors.directory.schema.entry import Entry
from connectors.errors import SourceDenied, SourceError

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

CLOCK = ("cn=Current,cn=Time,cn=Monitor", "monitorTimestamp", "cn=Monitor monitorTimestamp")
CHANGED = "(&(objectClass=auditWriteObject)(reqResult=0){since}{which})"
_MEMBERS = ("member", "uniqueMember", "memberUid", "roleOccupant")
GROUPS = "(|" + "".join(f"(reqMod={name}:*)" for name in _MEMBERS) + "(objectClass=auditModRDN))"
"""Of groups that were written, and of whatever got another name."""
ANEW = "(|" + "".join(f"(reqMod={name}:=*)(reqMod={name}:-)" for name in _MEMBERS) + "(objectClass=auditDelete))"
"""Of groups that were written as a whole, and of what was deleted: what was there before matters."""
SIDE_EFFECTS = frozenset({"refint", "memberof"})
"""Overlays that change groups without a word in the log, and without moving the stamp of the group."""
HIDDEN = ("reqMod", "userPassword:= x"), ("reqOld", "userPassword: x")
"""What the auditor's account must not be able to see."""


def read(recorded: Recorded, base: str) -> None:
    """Read the log below `base`, or the stamps of entries where there is none; raises `SourceError`."""
    wire, question = recorded.wire, recorded.question
    recorded.find(("entryUUID", STAMP))
    top = wire.read_entry(base, ("objectClass", "minCSN"))
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
    found: dict[str, Entry] = {}
    for which, old in _which(question):
        search, wanted = CHANGED.format(since=since, which=which), (*accesslog.ATTRIBUTES, *old)
        found |= {e.dn: e for e in wire.read_all(base, search, wanted, what="changes", page_size=200)}
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


def _which(question: LogQuestion) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the filters of the records that matter, of groups and of the accounts, and what is asked for besides."""
    ids = [account.id for account in question.accounts if "=" not in account.id]
    by_dn = [account.id for account in question.accounts if "=" in account.id]
    yield GROUPS, ()
    yield ANEW, (accesslog.OLD,)
    for attribute, wanted in (("reqEntryUUID", ids), ("reqDN", by_dn)):
        yield from ((any_of(attribute, part), (accesslog.OLD,)) for part in parts(wanted))


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
