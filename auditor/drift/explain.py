"""
Which event calls for which change of access: computed from the templates, never guessed.

A change of a VMA's access is explained by an event of that VMA when the event calls for just that change:

- joined, rehired:  new accounts, and grants that give nothing beyond the templates of the roles;
- left:             accounts that stop working, and grants that go; never that an account is given to somebody else;
- role-changed:     what `auditor transfer` orders: new accounts; grants that come, fit the new roles, and give what the
                    old ones did not ask for or allow, or what the new ones require and nothing that stays gives; grants
                    that go and gave what the new ones do not ask for or allow, or at least nothing that the new ones
                    require; accounts that stop and leave nothing missing that the new ones require;
- scope-changed:    grants of what the work map says opens a location that came or went;
- on-leave:         accounts that stop working; returned: accounts that work again;
- corrected:        accounts that work again, and what fits the roles, where the last day proved to be later;
- template-changed: of everybody with the role, exactly the difference of the template.

Hours, agencies, names, agreements and systems explain no access: they call for none. What no event between the two
audits calls for, an earlier one may have (`auditor.drift.not_done_before`): then doing it is explained by that one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from auditor.drift.change import ADDED, Change, ChangeKind
from auditor.drift.not_done_before import STOPPING, NotDoneBefore
from auditor.drift.policy_snapshot import RoleAccess, role_access
from auditor.headcount.events import Event, EventKind
from auditor.snapshot import PolicySnapshot, Snapshot
from policies.engine.case import Case


@dataclass(frozen=True, slots=True)
class _Difference:
    """What one template, or several together, ask for and allow, and others did not, and the reverse."""

    gained: int
    lost: int
    spare: int
    """What the old ones asked for or allowed, and the new ones do not require."""
    requires: int
    allows: int

    def explains(self, kind: ChangeKind, mask: int | None, *, new_account: bool, wanted: int = 0) -> bool:
        """`wanted` is what the new ones require and nothing gives that stays."""
        if mask is None:
            return False  # what no catalog can read is not in any difference
        if kind in ADDED:
            # What comes along with an account that the change of role called for needs only to fit.
            return not mask & ~self.allows and bool(new_account or mask & (self.gained | wanted))
        if kind is not ChangeKind.GRANT_WENT:
            return False
        return bool(mask & self.lost) or bool(mask & self.spare and not mask & self.requires)


class Explainer:
    """The events between two audits, asked for the one that explains a change."""

    def __init__(
        self, before: Snapshot, then: date, after: PolicySnapshot, case: Case, happened: Sequence[Event]
    ) -> None:
        self._case, self._before = case, before
        self._not_done = NotDoneBefore(before, then, case)
        self._then = role_access(before.policy, case.policy.vocabulary)
        self._now = role_access(after, case.policy.vocabulary)
        self._of_vma: dict[str, list[Event]] = {}
        self._of_template: list[Event] = []
        for event in happened:
            if event.kind is EventKind.TEMPLATE_CHANGED:
                self._of_template.append(event)
            elif event.vma:
                self._of_vma.setdefault(event.vma, []).append(event)

    def cause(self, change: Change, *, new_account: bool) -> Event | None:
        """Return the one event that explains a change; those of the VMA come before those of the templates."""
        people = [person for person in change.people if person in self._case.engagements or person in self._of_vma]
        for person in people:
            for event in self._of_vma.get(person, ()):
                if self._calls_for(event, change, new_account=new_account):
                    return event
        for person in people:
            for event in self._of_template if person in self._case.engagements else ():
                if event.about in self._case.engagements[person].roles and self._rewritten(person).explains(
                    change.kind, change.mask, new_account=False
                ):
                    return event
        return None

    def earlier(self, change: Change, *, new_account: bool) -> Event | None:
        """Return the event before the first audit that called for a change, where it was not done by then."""
        for person in change.people:
            before = self._before.engagements.get(person)
            role = None if before is None else self._come_to(before.roles, self._then)
            event = self._not_done.event(change, person, role, new_account=new_account)
            if event is not None:
                return event
        return None

    def _calls_for(  # noqa: PLR0911 - one answer for each kind of event
        self, event: Event, change: Change, *, new_account: bool
    ) -> bool:
        kind, mask = change.kind, change.mask
        match event.kind:
            case EventKind.RETURNED:
                return kind is ChangeKind.ACCOUNT_WORKS
            case EventKind.ON_LEAVE:
                return kind is ChangeKind.ACCOUNT_STOPPED
            case EventKind.LEFT:
                return kind in STOPPING or (kind is ChangeKind.ACCOUNT_MOVED and not change.people)
            case EventKind.JOINED | EventKind.REHIRED | EventKind.CORRECTED if kind in ADDED:
                if event.kind is EventKind.CORRECTED and not _stays_longer(event):
                    return False
                # What no catalog can read might be more than the role allows.
                return mask is not None and not mask & ~self._allowed(event.vma)
            case EventKind.ROLE_CHANGED if kind in (ChangeKind.ACCOUNT_CAME, ChangeKind.ACCOUNT_WORKS):
                return True
            case EventKind.ROLE_CHANGED if kind in (ChangeKind.ACCOUNT_STOPPED, ChangeKind.ACCOUNT_WENT):
                return self._idle(event, change)
            case EventKind.ROLE_CHANGED:
                role = self._of_roles(event)
                wanted = role.requires & ~self._staying(event.vma, role.allows)
                return role.explains(kind, mask, new_account=new_account, wanted=wanted) or (
                    kind is ChangeKind.GRANT_WENT and bool((mask or 0) & ~role.allows)
                )
            case EventKind.SCOPE_CHANGED:
                return self._opens(event, change)
        return False

    def _of_roles(self, event: Event) -> _Difference:
        assert event.before is not None and event.after is not None  # noqa: S101, PT018 - a role was changed
        old, new = self._come_to(event.before.roles, self._then), self._come_to(event.after.roles, self._now)
        return _difference(old, new)

    def _staying(self, vma: str, allows: int) -> int:
        """Return what a VMA holds by what was given before, is held still, and may stay in the new roles."""
        mask = 0
        for key in self._case.live_accounts_of(vma):
            for id_, assignment in self._case.holdings[key].assignments.items():
                if (*key, id_) in self._given and not assignment.mask & ~allows:
                    mask |= assignment.mask
        return mask

    @cached_property
    def _given(self) -> set[tuple[str, str, str]]:
        return {(system, grant.account, grant.assignment) for system, grant in self._before.grants}

    def _idle(self, event: Event, change: Change) -> bool:
        """Whether an account that stopped took away nothing that the new roles require."""
        had = self._not_done.by_account.get((change.system, change.account), 0)
        required = self._of_roles(event).requires
        return not had & required & ~self._case.held(event.vma)

    def _rewritten(self, vma: str) -> _Difference:
        roles = self._case.engagements[vma].roles
        return _difference(self._come_to(roles, self._then), self._come_to(roles, self._now))

    def _allowed(self, vma: str) -> int:
        return self._come_to(self._case.engagements[vma].roles, self._now).allows

    def _come_to(self, roles: Sequence[str], templates: Mapping[str, RoleAccess]) -> RoleAccess:
        """Return what roles come to together; by the templates of today where an audit kept none."""
        requires = allows = 0
        for role in roles:
            known = templates.get(role)
            if known is None and role in self._case.policy.templates:
                template = self._case.policy.templates[role]
                known = RoleAccess(template.requires, template.allows)
            if known is not None:
                requires, allows = requires | known.requires, allows | known.allows
        return RoleAccess(requires, allows)

    def _opens(self, event: Event, change: Change) -> bool:
        """Whether what came opens a location that came, or what went one that went, by the work map."""
        if self._case.work is None or event.before is None or event.after is None:
            return False
        old, new = set(event.before.locations), set(event.after.locations)
        names = {change.given.casefold(), (change.assignment or "").casefold()}
        for entry in self._case.work.scoped:
            if entry.system != change.system or entry.entitlement.casefold() not in names:
                continue
            if change.kind is ChangeKind.GRANT_CAME:
                beyond = (change.mask or 0) & ~self._allowed(event.vma)
                return bool(set(entry.locations) & (new - old)) and not beyond
            if change.kind is ChangeKind.GRANT_WENT:
                return bool(set(entry.locations) & (old - new))
        return False


def _difference(old: RoleAccess, new: RoleAccess) -> _Difference:
    return _Difference(
        gained=(new.allows & ~old.allows) | (new.requires & ~old.requires),
        lost=(old.allows & ~new.allows) | (old.requires & ~new.requires),
        spare=old.allows & ~new.requires,
        requires=new.requires,
        allows=new.allows,
    )


def _stays_longer(event: Event) -> bool:
    """Whether a correction says that somebody who counted as gone had not left."""
    if event.before is None or event.after is None or event.before.end is None:
        return False
    return event.after.end is None or event.after.end > event.before.end
