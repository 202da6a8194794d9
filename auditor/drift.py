"""
Drift: the difference between two audits, each change with its one cause.

An access change is a grant that came or went, or an account that came, went, or started or stopped working. What a
group or a policy that was given before brings more or less than before is a change too, of every account that holds it.
A change of a VMA's access is explained by a headcount event of that VMA when the event calls for just that change:

- joined:        new accounts, and grants that give nothing beyond the templates of the roles;
- left:          accounts that stop working, and grants that go;
- role-changed:  accounts and grants that come and fit the new roles; grants that go and are not needed by them;
- on-leave:      accounts that stop working; returned: accounts that work again.

Everything else is unexplained. A system that was not read whole has no changes: it is "not read".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from auditor.headcount import Event, EventKind, events
from auditor.snapshot import Snapshot
from connectors.facts import Account, Entitlement, Grant, Partial
from policies.case import AccountKey, Case, Owner
from policies.catalog import Known
from policies.tell import listing


class ChangeKind(StrEnum):
    """What happened to one piece of access."""

    ACCOUNT_CAME = "account came"
    ACCOUNT_WENT = "account went"
    ACCOUNT_WORKS = "account works again"
    ACCOUNT_STOPPED = "account stopped working"
    ACCOUNT_MOVED = "account has other owners"
    GRANT_CAME = "grant came"
    GRANT_WENT = "grant went"


_ADDED = frozenset({ChangeKind.ACCOUNT_CAME, ChangeKind.ACCOUNT_WORKS, ChangeKind.GRANT_CAME})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of access in one system."""

    kind: ChangeKind
    system: str
    login: str
    people: tuple[str, ...]
    """Ids of the owners; empty for an account of nobody."""
    assignment: str | None
    """Name of what was given or taken away; `None` for a change of the account itself."""
    mask: int | None
    """The capabilities that came or went with it; `None` when no catalog can tell."""
    cause: Event | None
    """The one event that explains it; `None` when nothing does."""
    account: str = ""
    """Native id of the account."""
    given: str = ""
    """Native id of the assignment; empty for a change of the account itself."""
    entitlements: tuple[str, ...] = ()
    """Native ids of what came or went with it."""


@dataclass(frozen=True, slots=True)
class DriftResult:
    """All changes since the audit before: every one is explained by one event, or by none."""

    events: tuple[Event, ...]
    changes: tuple[Change, ...]
    not_read: Mapping[str, Partial]


def drift(before: Snapshot, then: date, case: Case) -> DriftResult:
    """Compare the facts of an earlier audit, judged on the day `then`, with the present case."""
    roster = {vma: engagement for vma, engagement in case.engagements.items() if vma not in case.former}
    names = {vma: p.name for vma, p in before.people.items()}, {vma: p.name for vma, p in case.people.items()}
    happened = events(before.engagements, roster, then, case.today, periods=case.periods, names=names)
    changes = [
        change
        for system in case.systems
        if system not in case.incomplete
        for change in _Comparison(before, case, system, happened).changes()
    ]
    return DriftResult(happened, tuple(changes), case.incomplete)


_Assignments = dict[tuple[str, str], set[Grant]]
"""Grants by account and assignment: what an administrator gave or took away is one change."""


class _Comparison:
    """One system, then and now."""

    def __init__(self, before: Snapshot, case: Case, system: str, happened: tuple[Event, ...]) -> None:
        self._case, self._system, self._before = case, system, before
        self._events: dict[str, list[Event]] = {}
        for event in happened:
            self._events.setdefault(event.vma, []).append(event)
        self._old = {key: account for key, account in before.accounts.items() if key[0] == system}
        self._new = {key: account for key, account in case.accounts.items() if key[0] == system}

    def changes(self) -> Iterator[Change]:
        if not self._old:
            return  # the system is new to the auditor: nothing is known of what it was before
        for key in sorted({*self._old, *self._new}):
            kind = _account_change(self._old.get(key), self._new.get(key))
            if kind is not None:
                yield self._explain(kind, key, None, 0)
            elif self._moved(key):
                yield self._explain(ChangeKind.ACCOUNT_MOVED, key, None, 0)
        old = _assignments(before_grants(self._before, self._system))
        new = _assignments(self._case.collections[self._system].grants)
        yield from self._grants(ChangeKind.GRANT_CAME, new, old)
        yield from self._grants(ChangeKind.GRANT_WENT, old, new)
        yield from self._rewritten(old, new)

    def _moved(self, key: AccountKey) -> bool:
        """Whether an account that was somebody's is now somebody else's, or nobody's, with all that it holds."""
        before, now = self._before.owners.get(key), self._case.owners.get(key)
        return before is not None and now is not None and bool(before.people) and before.people != now.people

    def _grants(self, kind: ChangeKind, these: _Assignments, those: _Assignments) -> Iterator[Change]:
        """Yield what these have and those have not: whole assignments, or more that an assignment brings."""
        for key, grants in sorted(these.items()):
            # By entitlement: the same right through another chain of groups is no change of access.
            extra = {g.entitlement for g in grants} - {g.entitlement for g in those.get(key, ())}
            if extra:
                held = [e for e in map(self._entitlement, sorted(extra)) if e is not None]
                name, brought = self._name(key[1]), [e.name for e in held if e.id != key[1]]
                if key in those and brought:
                    name = f"{listing(brought)} through {name}"
                yield self._explain(kind, (self._system, key[0]), name, self._mask(held), key[1], *sorted(extra))

    def _rewritten(self, old: _Assignments, new: _Assignments) -> Iterator[Change]:
        """Yield what a policy that is still held gives more or less since its document was changed."""
        for key, grants in sorted(new.items()):
            for id_ in sorted({g.entitlement for g in grants & old.get(key, set())}):
                was = self._before.entitlements.get((self._system, id_))
                now = self._entitlement(id_)
                if was is None or now is None or was.document == now.document:
                    continue
                before, after = self._mask([was]), self._mask([now])
                unknown = before is None or after is None
                more = None if unknown else (after or 0) & ~(before or 0)
                less = 0 if unknown else (before or 0) & ~(after or 0)
                name = f"another document of {now.name}"
                for kind, mask in ((ChangeKind.GRANT_CAME, more), (ChangeKind.GRANT_WENT, less)):
                    if mask != 0:
                        yield self._explain(kind, (self._system, key[0]), name, mask, key[1])

    def _mask(self, held: list[Entitlement]) -> int | None:
        """Return what entitlements give; `None` when no catalog can tell of one of them."""
        mask = 0
        for reading in self._case.policy.catalogs.read(self._case.systems[self._system], held).values():
            if not isinstance(reading, Known):
                return None
            mask |= reading.mask
        return mask

    def _name(self, id_: str) -> str:
        entitlement = self._entitlement(id_)
        return entitlement.name if entitlement else id_

    def _entitlement(self, id_: str) -> Entitlement | None:
        now = self._case.collections[self._system].entitlements.get(id_)
        return now or self._before.entitlements.get((self._system, id_))

    def _explain(
        self,
        kind: ChangeKind,
        key: AccountKey,
        assignment: str | None,
        mask: int | None,
        *held: str,
    ) -> Change:
        account = self._new.get(key) or self._old[key]
        owner: Owner | None = self._case.owners.get(key) or self._before.owners.get(key)
        people = owner.people if owner else ()
        cause = next(
            (e for person in people for e in self._events.get(person, ()) if self._calls_for(e, kind, mask)), None
        )
        return Change(
            kind,
            self._system,
            account.login,
            people,
            assignment,
            mask,
            cause,
            key[1],
            held[0] if held else "",
            held[1:],
        )

    def _calls_for(self, event: Event, kind: ChangeKind, mask: int | None) -> bool:
        """Whether an event calls for just this change."""
        match event.kind:
            case EventKind.RETURNED:
                return kind is ChangeKind.ACCOUNT_WORKS
            case EventKind.JOINED | EventKind.REHIRED | EventKind.ROLE_CHANGED if kind in _ADDED:
                assert event.after is not None  # noqa: S101
                # What no catalog can read might be more than the role allows.
                return mask is not None and not mask & ~self._case.template(event.vma).allows
            case EventKind.ROLE_CHANGED if kind is ChangeKind.GRANT_WENT:
                template = self._case.template(event.vma)
                return mask is None or not mask & template.requires or bool(mask & ~template.allows)
            case EventKind.LEFT:
                return kind not in _ADDED
            case EventKind.ON_LEAVE:
                return kind is ChangeKind.ACCOUNT_STOPPED
        return False


def before_grants(before: Snapshot, system: str) -> list[Grant]:
    """Return the grants of one system in a snapshot."""
    return [grant for system_, grant in before.grants if system_ == system]


def _account_change(old: Account | None, new: Account | None) -> ChangeKind | None:
    match (old, new):
        case (None, Account()):
            return ChangeKind.ACCOUNT_CAME
        case (Account(), None):
            return ChangeKind.ACCOUNT_WENT
        case (Account(live=was), Account(live=is_)) if was != is_:
            return ChangeKind.ACCOUNT_WORKS if is_ else ChangeKind.ACCOUNT_STOPPED
    return None


def _assignments(grants: Iterable[Grant]) -> _Assignments:
    grouped: _Assignments = {}
    for grant in grants:
        grouped.setdefault((grant.account, grant.assignment), set()).add(grant)
    return grouped
