"""
Drift: the difference between two audits, each change with its one cause.

An access change is a grant that came or went, or an account that came, went, or started or stopped working. A change
of a VMA's access is explained by a headcount event of that VMA when the event calls for just that change:

- joined:        new accounts, and grants that give nothing beyond the templates of the roles;
- left:          accounts that stop working, and grants that go;
- role-changed:  grants that come and fit the new roles; grants that go and are not needed by them;
- on-leave:      accounts that stop working; returned: accounts that work again.

Everything else is unexplained. A system that was not read whole has no changes: it is "not read".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from auditor.headcount import Event, EventKind, events
from auditor.snapshot import Snapshot
from connectors.facts import Account, Entitlement, Grant, Partial
from policies.case import AccountKey, Case, Owner
from policies.catalog import Known


class ChangeKind(StrEnum):
    """What happened to one piece of access."""

    ACCOUNT_CAME = "account came"
    ACCOUNT_WENT = "account went"
    ACCOUNT_WORKS = "account works again"
    ACCOUNT_STOPPED = "account stopped working"
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


@dataclass(frozen=True, slots=True)
class DriftResult:
    """All changes since the audit before: every one is explained by one event, or by none."""

    events: tuple[Event, ...]
    changes: tuple[Change, ...]
    not_read: Mapping[str, Partial]


def drift(before: Snapshot, then: date, case: Case) -> DriftResult:
    """Compare the facts of an earlier audit, judged on the day `then`, with the present case."""
    roster = {vma: engagement for vma, engagement in case.engagements.items() if vma not in case.former}
    happened = events(before.engagements, roster, then, case.today)
    changes = [
        change
        for system in case.systems
        if system not in case.incomplete
        for change in _Comparison(before, case, system, happened).changes()
    ]
    return DriftResult(happened, tuple(changes), case.incomplete)


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
        old = _assignments(before_grants(self._before, self._system))
        new = _assignments(self._case.collections[self._system].grants)
        for account, assignment in sorted(new.keys() - old.keys()):
            yield self._grant(ChangeKind.GRANT_CAME, account, assignment, new[account, assignment])
        for account, assignment in sorted(old.keys() - new.keys()):
            yield self._grant(ChangeKind.GRANT_WENT, account, assignment, old[account, assignment])

    def _grant(self, kind: ChangeKind, account: str, assignment: str, grants: list[Grant]) -> Change:
        held = [e for e in map(self._entitlement, sorted({g.entitlement for g in grants})) if e is not None]
        mask: int | None = 0
        for reading in self._case.policy.catalogs.read(self._case.systems[self._system], held).values():
            mask = mask | reading.mask if mask is not None and isinstance(reading, Known) else None
        entitlement = self._entitlement(assignment)
        return self._explain(kind, (self._system, account), entitlement.name if entitlement else assignment, mask)

    def _entitlement(self, id_: str) -> Entitlement | None:
        now = self._case.collections[self._system].entitlements.get(id_)
        return now or self._before.entitlements.get((self._system, id_))

    def _explain(self, kind: ChangeKind, key: AccountKey, assignment: str | None, mask: int | None) -> Change:
        account = self._new.get(key) or self._old[key]
        owner: Owner | None = self._case.owners.get(key) or self._before.owners.get(key)
        people = owner.people if owner else ()
        cause = next(
            (e for person in people for e in self._events.get(person, ()) if self._calls_for(e, kind, mask)), None
        )
        return Change(kind, self._system, account.login, people, assignment, mask, cause)

    def _calls_for(self, event: Event, kind: ChangeKind, mask: int | None) -> bool:
        """Whether an event calls for just this change."""
        match event.kind:
            case EventKind.JOINED | EventKind.ROLE_CHANGED | EventKind.RETURNED if kind in _ADDED:
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


def _assignments(grants: "Iterator[Grant] | list[Grant] | tuple[Grant, ...]") -> dict[tuple[str, str], list[Grant]]:
    """Group grants by account and assignment: what an administrator gave or took away is one change."""
    grouped: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        grouped.setdefault((grant.account, grant.assignment), []).append(grant)
    return grouped
