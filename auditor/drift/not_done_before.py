"""
What was called for and not done at the audit before, so that doing it is explained by just that.

Of somebody who had left by then, that the accounts stop; on leave, that they rest; of somebody whose role requires what
no system gave, that it comes; and that what an earlier role brought goes, where the present one does not allow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from auditor.drift.change import ADDED, Change, ChangeKind
from auditor.drift.policy_snapshot import RoleAccess
from auditor.headcount.events import COMING, Event, EventKind, along
from auditor.snapshot import Snapshot
from connectors.facts import Engagement, Entitlement, PersonKind
from policies.engagements import on
from policies.engine.case import AccountKey, Case

STOPPING = frozenset({ChangeKind.ACCOUNT_STOPPED, ChangeKind.ACCOUNT_WENT, ChangeKind.GRANT_WENT})


class NotDoneBefore:
    """The audit of the day `then`, asked whether a change does what was not done at it."""

    def __init__(self, before: Snapshot, then: date, case: Case) -> None:
        self._before, self._then, self._case = before, then, case

    def event(self, change: Change, person: str, role: RoleAccess | None, *, new_account: bool) -> Event | None:
        """Return the event that had called for it, or `None`; `role` is what the roles of the person came to then."""
        rows = self._rows.get(person, ())
        present = on(rows, self._then)
        if not rows:
            return self._vanished(change, person)
        if present is None:
            return self._last(rows, EventKind.LEFT) if change.kind in STOPPING else None
        if present.on_leave and change.kind is ChangeKind.ACCOUNT_STOPPED:
            return self._last(rows, EventKind.ON_LEAVE) or Event(EventKind.ON_LEAVE, person, None, present, "on leave")
        return None if role is None else self._of_role(change, present, role, new_account=new_account)

    def _of_role(self, change: Change, present: Engagement, role: RoleAccess, *, new_account: bool) -> Event | None:
        rows = self._rows[present.vma]
        if change.kind in ADDED and self._was_missing(change, present.vma, role, new_account=new_account):
            return self._last(rows, *COMING, EventKind.ROLE_CHANGED, EventKind.RETURNED)
        if change.kind is ChangeKind.GRANT_WENT and (change.mask or 0) & ~role.allows:
            return self._last(rows, EventKind.ROLE_CHANGED) or self._earlier_role(present)
        return None

    def _vanished(self, change: Change, person: str) -> Event | None:
        owner = self._before.owners.get((change.system, change.account))
        known = owner is not None and person in owner.people and owner.kind is PersonKind.VMA
        if not known or change.kind not in STOPPING or person in self._case.engagements.keys() - self._case.former:
            return None
        return Event(EventKind.LEFT, person, None, None, "no longer on the roster")

    def _last(self, rows: Sequence[Engagement], *kinds: EventKind) -> Event | None:
        """Return the last event of these kinds that had happened by then."""
        told = [event for day, event in along(rows) if day <= self._then and event.kind in kinds]
        return told[-1] if told else None

    def _earlier_role(self, present: Engagement) -> Event | None:
        """A role that was written over in the same row: audits before knew it."""
        had = [role for role in self._case.earlier_roles.get(present.vma, ()) if role not in present.roles]
        if not had:
            return None
        detail = f"{', '.join(had)} → {', '.join(present.roles)}"
        return Event(EventKind.ROLE_CHANGED, present.vma, replace(present, roles=tuple(had)), present, detail)

    def _was_missing(self, change: Change, person: str, role: RoleAccess, *, new_account: bool) -> bool:
        missing = role.requires & ~self.held.get(person, 0)
        if not missing or change.kind is not ChangeKind.GRANT_CAME:
            return bool(missing)
        mask = change.mask
        return mask is not None and not mask & ~role.allows and bool(new_account or mask & missing)

    @cached_property
    def _rows(self) -> dict[str, tuple[Engagement, ...]]:
        found: dict[str, tuple[Engagement, ...]] = {}
        for row in self._before.rows:
            found[row.vma] = (*found.get(row.vma, ()), row)
        return found

    @cached_property
    def held(self) -> Mapping[str, int]:
        """The capabilities that each person held then over all live accounts, by id."""
        found: dict[str, int] = {}
        for key, mask in self.by_account.items():
            owner = self._before.owners.get(key)
            if owner is not None and self._before.accounts[key].live:
                for person in owner.people:
                    found[person] = found.get(person, 0) | mask
        return found

    @cached_property
    def by_account(self) -> Mapping[AccountKey, int]:
        """The capabilities that each account carried then, as far as catalogs know them."""
        by_system: dict[str, list[Entitlement]] = {}
        for (system, _), entitlement in self._before.entitlements.items():
            by_system.setdefault(system, []).append(entitlement)
        masks = {
            (system, id_): reading.mask
            for system, held in by_system.items()
            if system in self._case.systems
            for id_, reading in self._case.policy.catalogs.read(self._case.systems[system], held).items()
        }
        found: dict[AccountKey, int] = {}
        for system, grant in self._before.grants:
            if (system, grant.account) in self._before.accounts:
                key = system, grant.account
                found[key] = found.get(key, 0) | masks.get((system, grant.entitlement), 0)
        return found
