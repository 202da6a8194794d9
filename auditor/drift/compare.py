"""
Drift: the difference between two audits, each change with its one cause.

An access change is a grant that came or went, or an account that came, went, or started or stopped working. What a
group or a policy that was given before brings more or less than before is a change too, of every account that holds it.
`auditor.drift.explain` says which event explains which change; everything else is unexplained. A system that was not
read whole has no changes: it is "not read".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from auditor.drift.change import Change, ChangeKind
from auditor.drift.explain import Explainer
from auditor.drift.policy_changes import policy_events
from auditor.drift.policy_snapshot import policy_snapshot
from auditor.headcount.events import Event, EventKind, events
from auditor.snapshot import PolicySnapshot, Snapshot
from connectors.facts import Account, Entitlement, Grant, Partial
from policies.catalogs.catalog import KnownEntitlement
from policies.engagements import known
from policies.engine.case import AccountKey, Case, Owner
from policies.engine.evidence import listing


@dataclass(frozen=True, slots=True)
class DriftResult:
    """All changes since the audit before: every one is explained by one event, or by none."""

    events: tuple[Event, ...]
    changes: tuple[Change, ...]
    not_read: Mapping[str, Partial]


def drift(before: Snapshot, then: date, case: Case, policy: PolicySnapshot | None = None) -> DriftResult:
    """
    Compare the facts of an earlier audit, judged on the day `then`, with a later case.

    `policy` is what the later audit went by, where the case is a recalled one; otherwise that of the case itself.
    """
    after = policy_snapshot(case) if policy is None else policy
    present = {vma: engagement for vma, engagement in case.engagements.items() if vma not in case.former}
    roster = [e for mine in known((), case.periods, present).values() for e in mine]
    happened = events(before.rows, roster, then, case.today, people=(before.people, case.people))
    happened = tuple(_fallen_out(event, case) for event in happened)
    happened = (*happened, *policy_events(before.policy, after, then, case.today))
    explaining = Explainer(before, then, after, case, happened)
    changes = [
        change
        for system in case.systems
        if system not in case.incomplete
        for change in _Comparison(before, case, system, explaining).changes()
    ]
    return DriftResult(happened, tuple(changes), case.incomplete)


def _fallen_out(event: Event, case: Case) -> Event:
    """Say of somebody who is no longer on the roster by what they may only have fallen out of it."""
    if event.kind is not EventKind.LEFT or event.vma not in case.former or not case.roster_part:
        return event
    return replace(event, detail=f"{event.detail}; {case.roster_part}")


_Assignments = dict[tuple[str, str], set[Grant]]
"""Grants by account and assignment: what an administrator gave or took away is one change."""


class _Comparison:
    """One system, then and now."""

    def __init__(self, before: Snapshot, case: Case, system: str, explaining: Explainer) -> None:
        self._case, self._system, self._before, self._explaining = case, system, before, explaining
        self._old = {key: account for key, account in before.accounts.items() if key[0] == system}
        self._new = {key: account for key, account in case.accounts.items() if key[0] == system}

    def changes(self) -> Iterator[Change]:
        if not self._old and self._system not in self._before.known:
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
            if not isinstance(reading, KnownEntitlement):
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
        change = Change(
            kind,
            self._system,
            account.login,
            owner.people if owner else (),
            assignment,
            mask,
            None,
            key[1],
            held[0] if held else "",
            held[1:],
        )
        new = key not in self._old
        cause = self._explaining.cause(change, new_account=new)
        return replace(
            change, cause=cause, earlier=None if cause else self._explaining.earlier(change, new_account=new)
        )


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
