"""
A VMA who changes role: what must go, first; what must come, then; what may stay. DONE, NOT DONE or UNPROVEN.

Remove first, then add, so that nobody holds two roles' access on the way (45 CFR 164.308(a)(4)(ii)(C); NIST SP 800-53
PS-5). What was gathered over several changes of role is the finding `accumulated-access`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from auditor.gates.grants import Grants, what_to_grant
from auditor.gates.history import Past
from auditor.gates.role_change import Changed, KeptGrant, kept_after, when_changed
from auditor.headcount.events import applying
from connectors.errors import AuditorError, shorten
from policies.engine.candidates import Open, candidates_of
from policies.engine.case import AccountKey, Case
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding
from policies.notices import ClaimKind

NO_PAST = Past()


class TransferOutcome(StrEnum):
    """What the transfer ends with."""

    DONE = "DONE"
    NOT_DONE = "NOT DONE"
    UNPROVEN = "UNPROVEN"


@dataclass(frozen=True, slots=True)
class TransferHolding:
    """One thing that the VMA holds by one account."""

    system: str
    login: str
    name: str
    beyond: int
    """Capabilities that the new roles do not allow; what is forbidden is among them."""
    needed: int
    """Capabilities that the new roles require."""
    remedy: str
    """How to take it away, in the words of the product."""
    account: str
    """Native id."""
    entitlement: str
    """Native id of what was given, and would be taken away."""


@dataclass(frozen=True, slots=True)
class SortedHoldings:
    """What a VMA holds, by what the roles say of it."""

    go: tuple[TransferHolding, ...]
    stay: tuple[TransferHolding, ...]
    unknown: tuple[TransferHolding, ...]
    kept: int
    """The capabilities of what may stay, and of what no catalog can read."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The change of role, answered."""

    vma: str
    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    on: date | None
    """The first day in the new roles where it is still to come; `None` when it has been."""
    go: tuple[TransferHolding, ...]
    stay: tuple[TransferHolding, ...]
    unknown: tuple[TransferHolding, ...]
    """What no catalog can read: whether it may stay is for a person to say."""
    idle: tuple[tuple[str, str], ...]
    """System and login of live accounts that nothing in the new roles needs."""
    grants: Grants
    """What must come, beside what may stay."""
    accumulated: tuple[Finding, ...]
    unread: dict[str, str]
    unsettled: tuple[Open, ...] = ()
    """Accounts that could be the VMA's: what they hold might have to go."""
    changed: Changed | None = None
    """When the role changed, where it has and that can be told."""
    kept: tuple[KeptGrant, ...] = ()
    """How long what the earlier roles brought, and the new ones do not allow, was held after the change."""

    @property
    def outcome(self) -> TransferOutcome:
        """Done only when nothing is left to do, and everything was looked at."""
        if self.go or self.grants.by_system:
            return TransferOutcome.NOT_DONE
        unproven = self.unread or self.unknown or self.unsettled or self.grants.nowhere
        return TransferOutcome.UNPROVEN if unproven else TransferOutcome.DONE


def transfer(
    case: Case, vma: str, to: Sequence[str], findings: Sequence[Finding], *, past: Past = NO_PAST, due_hours: int = 0
) -> Transfer:
    """
    Answer for one VMA: the roles named by `to`, or the next period of the roster, or the change that has been.

    `findings` are those of the case, `past` is what audits saw, `due_hours` the practice's clock. Raises `AuditorError`
    for nobody on the roster, somebody who left, a role without template, and a VMA who has only ever had one set of
    roles.
    """
    engagement = case.engagements.get(vma)
    if engagement is None or vma in case.former:
        known = ", ".join(sorted(set(case.engagements) - case.former))
        raise AuditorError(f"there is no VMA {shorten(vma)} on the roster", hint=f"one of: {known}")
    if engagement.end is not None and engagement.end < case.today:
        raise AuditorError(f"`{vma}` left on {engagement.end}", hint=f"`auditor offboard {vma}` is the question to ask")
    old, new, on = _change(case, vma, to)
    then = replace(case, engagements={**case.engagements, vma: replace(engagement, roles=new)})
    held = sort_holdings(then, vma)
    grants = what_to_grant(then, vma, kept=held.kept)
    changed = when_changed(case, vma, past) if on is None and not to else None
    return Transfer(
        vma=vma,
        name=case.people[vma].name,
        old=old,
        new=new,
        on=on,
        go=held.go,
        stay=held.stay,
        unknown=held.unknown,
        idle=tuple((key[0], case.accounts[key].login) for key in idle_accounts(case, vma, held, grants)),
        grants=grants,
        accumulated=tuple(f for f in findings if f.rule == "accumulated-access" and f.vma == vma),
        unread={system: partial.reason for system, partial in case.incomplete.items()},
        unsettled=candidates_of(case).of(vma),
        changed=changed,
        kept=kept_after(case, vma, changed, past, due_hours) if changed else (),
    )


def sort_holdings(case: Case, vma: str) -> SortedHoldings:
    """Say of everything that a VMA holds by a live account whether the roles of the engagement let it stay."""
    template, forbidden = case.template(vma), case.forbidden(vma)
    go: list[TransferHolding] = []
    stay: list[TransferHolding] = []
    unknown: list[TransferHolding] = []
    kept = 0
    for key in case.live_accounts_of(vma):
        for _, assignment in sorted(case.holdings[key].assignments.items()):
            beyond = assignment.mask & (~template.allows | forbidden)
            held = _held(case, key, assignment, beyond, assignment.mask & template.requires)
            unclassified = any(grant.entitlement in case.holdings[key].unclassified for grant, _ in assignment.grants)
            if beyond:
                go.append(held)
                continue
            (unknown if unclassified else stay).append(held)
            kept |= assignment.mask
    return SortedHoldings(tuple(go), tuple(stay), tuple(unknown), kept)


def _change(case: Case, vma: str, to: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], date | None]:
    """Return the roles before, the roles after, and the first day of the latter where it is still to come."""
    present = case.engagements[vma].roles
    if to:
        for role in to:
            case.policy.templates[role]  # raises for a role without template, and names the nearest ones
        return present, tuple(dict.fromkeys(to)), None
    coming = sorted((p for p in case.periods if p.vma == vma and p.start > case.today), key=lambda p: p.start)
    for period in coming:
        if set(period.roles) != set(present):
            before = applying([p for p in case.periods if p.vma == vma], case.today).get(vma)
            return before.roles if before else present, period.roles, period.start
    earlier = case.earlier_roles.get(vma)
    if not earlier:
        raise AuditorError(
            f"`{vma}` has only ever been {', '.join(present)}, as far as audits and roster tell",
            hint=f"name the role to come: {_asks(case, vma)}",
        )
    return earlier, present, None


def _asks(case: Case, vma: str) -> str:
    """Return the command that asks for a role to come: the one that a notice claims, where one does."""
    claimed = [claim for claim in case.announced.of(vma) if claim.kind is ClaimKind.ROLE_CHANGE]
    if not claimed:
        return f"auditor transfer {vma} --to ROLE"
    to = " ".join(f"--to {role}" for role in claimed[-1].roles)
    return f"auditor transfer {vma} {to} (as notice {claimed[-1].id} claims)"


def _held(case: Case, key: AccountKey, assignment: Assignment, beyond: int, needed: int) -> TransferHolding:
    system, account = case.systems[key[0]], case.accounts[key]
    name = case.holdings.entitlement(key[0], assignment.id).name
    remedy = case.policy.remedies.text("remove-entitlement", system, login=account.login, name=name)
    return TransferHolding(key[0], account.login, name, beyond, needed, remedy, key[1], assignment.id)


def idle_accounts(case: Case, vma: str, held: SortedHoldings, grants: Grants) -> list[AccountKey]:
    """
    Return the live accounts in systems of which the new roles keep nothing and ask for nothing.

    One by which people sign in to a system that is used is not idle, though nothing is held there.
    """
    used = {one.system for one in (*held.stay, *held.unknown)} | set(grants.by_system)
    used |= {str(case.systems[system].sign_in) for system in used}
    return [key for key in case.live_accounts_of(vma) if key[0] not in used]
