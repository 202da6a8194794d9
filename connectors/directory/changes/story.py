"""
What writes mean for the accounts asked for: created, disabled, given, taken, deleted.

An instant is that of the write which made the difference: a second disabling of who is disabled changes nothing, and a
group that is written anew is compared with what was in it, where the record says that.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from connectors.audit_log import DoubtedEvent, LogEvent, LogKind, LogQuestion
from connectors.directory.changes.names import MEMBER_NAMES, Named, Names
from connectors.directory.changes.status import DISABLED_BY, EXPIRES_BY, ROLE, UNCLEAR, after, disabled, expires, says
from connectors.directory.changes.write import How, Mod, What, Write
from connectors.directory.schema.dn import member_key

COVERS = frozenset(
    {
        *(LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET, LogKind.DELETED, LogKind.RENAMED),
        *(LogKind.EXPIRY_SET, LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    }
)
"""What a whole record of writes shows."""
_GROUP_OF_ACCOUNT = frozenset({"primarygroupid", "gidnumber", ROLE})
"""Attributes of an account by which it is in a group or has a role."""


_SIGN_INS = frozenset({"pwdlastsuccess", "authtimestamp", "lastlogintime"})
"""Written by the server itself when somebody has signed in: OpenLDAP with `lastbind`, 389 with its account policy."""


class Story:
    """Goes through the writes of a directory in their order, and remembers what they made of each account."""

    def __init__(self, system: str, question: LogQuestion, names: Names) -> None:
        self._system, self._question, self._names = system, question, names
        self._off: dict[tuple[str, str], bool] = {}
        self._in: dict[tuple[str, str], bool] = {}
        self.lacking = 0
        """How often somebody came into a group, or went, twice in a row."""
        self.events: list[LogEvent] = []
        self.doubted: list[DoubtedEvent] = []

    def tell(self, writes: Sequence[Write]) -> None:
        """Add what they mean; call it once for each record, with all of it in order."""
        self._names.place_gone(writes)
        for write, named in zip(writes, self._names.resolve(writes), strict=True):
            found = [*self._of_account(write, named), *self._of_group(write, named)]
            if write.doubt:
                self.doubted += [DoubtedEvent(event, write.doubt) for event in found]
            else:
                self.events += found

    def _event(
        self,
        write: Write,
        account: str,
        kind: LogKind,
        *,
        entitlement: str | None = None,
        ends: datetime | None = None,
    ) -> LogEvent:
        return LogEvent(
            self._system,
            account,
            kind,
            write.at,
            write.resolution,
            write.record,
            entitlement=entitlement,
            actor=write.actor,
            host=write.host,
            expires=ends,
        )

    def _of_account(self, write: Write, named: Named) -> Iterator[LogEvent]:
        id_ = named.account
        if id_ is None:
            return
        whole = {What.ADD: LogKind.CREATED, What.DELETE: LogKind.DELETED, What.RENAME: LogKind.RENAMED}
        if write.what in whole:
            yield self._event(write, id_, whole[write.what])
        if write.what is What.DELETE:
            for value in (write.old or {}).get("memberof", ()):
                yield self._holding(write, id_, named.groups.get(value, member_key(value)), inside=False)
        for name in sorted({mod.name for mod in write.mods}):
            kind = self._status(write, id_, name) if name in DISABLED_BY and says(write.mods, name) else None
            if write.what is not What.ADD:  # the state that it was born with is only remembered
                yield from self._by_attribute(write, id_, name, kind)

    def _by_attribute(self, write: Write, id_: str, name: str, kind: LogKind | None) -> Iterator[LogEvent]:
        if kind:
            yield self._event(write, id_, kind)
        if name in EXPIRES_BY:
            yield self._event(write, id_, LogKind.EXPIRY_SET, ends=expires(name, after(write.mods, name, ())))
        if name in _SIGN_INS and after(write.mods, name, ()):
            yield self._event(write, id_, LogKind.SIGNED_IN)
        if name in _GROUP_OF_ACCOUNT and not (name == ROLE and kind):
            yield self._event(write, id_, LogKind.HOLDINGS_SET)

    def _status(self, write: Write, id_: str, name: str) -> LogKind | None:
        """Return how the state changed by one attribute; `None` where it stays as it was known to be."""
        before = (write.old.get(name, ()) if write.old is not None else None) if write.what is What.MODIFY else ()
        was = self._off.get((id_, name)) if before is None else disabled(name, before)
        now = disabled(name, after(write.mods, name, before))
        if not isinstance(now, bool):
            self._off.pop((id_, name), None)
            return LogKind.STATUS_SET
        self._off[id_, name] = now
        if now is was:
            return LogKind.STATUS_SET
        if (
            was is UNCLEAR
            or (was is None and not now and not _taken_away(write, name))
            or (not now and any(off for (who, by), off in self._off.items() if who == id_ and by != name))
        ):
            return LogKind.STATUS_SET  # nobody knows what it was, or it is still closed by another lock
        return LogKind.DISABLED if now else LogKind.ENABLED

    def _of_group(self, write: Write, named: Named) -> Iterator[LogEvent]:
        group = named.group
        if write.what is What.DELETE:
            yield from self._group_gone(write, named)
        for mod in write.mods:
            if mod.name in MEMBER_NAMES:
                members = {named.members[value] for value in mod.values if value in named.members}
                yield from self._members(write, named, mod, members)
                inner = {named.groups[value] for value in mod.values if value in named.groups}
                yield from self._nested(write, group, inner)

    def _group_gone(self, write: Write, named: Named) -> Iterator[LogEvent]:
        group = named.group
        ended = _before(write, named, MEMBER_NAMES) or set()
        ended |= {id_ for (id_, known), inside in self._in.items() if known == group and inside}
        ended |= {id_ for id_, held in self._question.held.items() if group in held and id_ in self._names.ids}
        for id_ in sorted(ended):
            if self._in.get((id_, group)) is not False:
                yield self._holding(write, id_, group, inside=False)

    def _members(self, write: Write, named: Named, mod: Mod, members: set[str]) -> Iterator[LogEvent]:
        group = named.group
        if mod.how is How.ADD or write.what is What.ADD:
            for id_ in sorted(members):
                yield self._holding(write, id_, group, inside=True)
        elif mod.how is How.DELETE and mod.values:
            for id_ in sorted(members):
                yield self._holding(write, id_, group, inside=False)
        else:
            yield from self._anew(write, group, members, _before(write, named, {mod.name}))

    def _anew(self, write: Write, group: str, members: set[str], before: set[str] | None) -> Iterator[LogEvent]:
        """Tell who came and who went where a group's members are written as a whole; none: all were deleted."""
        held = self._question.held
        for id_ in sorted(self._names.ids):
            known = self._in.get((id_, group))
            if before is not None:
                known = id_ in before
            elif known is None and (id_ in members or id_ not in held or group in held[id_]):
                yield self._event(write, id_, LogKind.HOLDINGS_SET, entitlement=group)
                self._in[id_, group] = id_ in members
                continue
            if bool(known) != (id_ in members):
                yield self._holding(write, id_, group, inside=id_ in members)

    def _holding(self, write: Write, id_: str, group: str, *, inside: bool) -> LogEvent:
        # Nobody can be taken out twice: what let them in again in between is not in the record.
        self.lacking += self._in.get((id_, group)) is inside
        self._in[id_, group] = inside
        return self._event(write, id_, LogKind.GIVEN if inside else LogKind.TAKEN, entitlement=group)

    def _nested(self, write: Write, group: str, inner: set[str]) -> Iterator[LogEvent]:
        """Tell whoever is in a group that was put into another, or taken out: it may have other ways into that."""
        for id_, held in self._question.held.items() if inner else ():
            if id_ in self._names.ids and not inner.isdisjoint(held):
                yield self._event(write, id_, LogKind.HOLDINGS_SET, entitlement=group)


def _before(write: Write, named: Named, attributes: AbstractSet[str]) -> set[str] | None:
    """Return who of those asked for was in the group, where the record says it."""
    old = [values for name, values in (write.old or {}).items() if name in attributes]
    return {named.members[v] for values in old for v in values if v in named.members} if old else None


def _taken_away(write: Write, name: str) -> bool:
    """Whether an attribute was deleted that was there: only a lock is, while it holds."""
    return any(m.name == name and m.how is How.DELETE for m in write.mods) and name in {
        "nsaccountlock",
        "pwdaccountlockedtime",
    }


def held_by(question: LogQuestion) -> Mapping[str, list[str]]:
    """Return who held each entitlement, of the accounts asked for."""
    ids = {account.id for account in question.accounts}
    found: dict[str, list[str]] = {}
    for id_, held in question.held.items():
        if id_ in ids:
            for entitlement in sorted(held):
                found.setdefault(entitlement, []).append(id_)
    return found
