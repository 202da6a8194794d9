"""
What is to be done now, by the state alone: accounts of who left, what an earlier role left behind, what is missing.

The gates say the same in more words (`auditor offboard`, `transfer`, `onboard`). What only a person can state, such as
that a shared secret was changed, is their item and no order: no system could ever show that it was done.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain

from auditor.gates.grants import what_to_grant
from auditor.gates.history import Past, RosterSpan
from auditor.gates.leaver import ends_at
from auditor.gates.role_change import when_changed
from auditor.gates.transfer import idle_accounts, sort_holdings
from auditor.orders.decided import Decided, order_of
from auditor.orders.identity import order_id
from auditor.snapshot import OrderCause, OrderKind, Snapshot, WorkOrder
from connectors.facts import Engagement
from policies.engine.candidates import candidates_of
from policies.engine.case import AccountKey, Case

NEW_DAYS = 30
"""For so long after the first day, what a role requires and nobody gave is still a matter of the start."""
ROSTERS = Callable[[Collection[str]], Mapping[str, tuple[RosterSpan, ...]]]
"""What the rosters of earlier audits said of some VMAs; asked only where a role changed."""


def last_day(case: Case, vma: str) -> date | None:
    """Return the last day of somebody who does not work today and did before; `None` for everybody else."""
    present = case.engagements[vma]
    if present.start <= case.today:
        return present.end if present.end is not None and present.end < case.today else None
    # Between two stays: whoever comes back later has left all the same.
    earlier = [e.end for e in case.known.get(vma, ()) if e.end is not None and e.end < case.today]
    return max(earlier, default=None)


def called_for(
    case: Case,
    before: Snapshot | None,
    rosters: ROSTERS,
    decided: Iterable[Decided] = (),
    *,
    only: Collection[str] | None = None,
) -> Iterator[WorkOrder]:
    """
    Yield every order that the state of a practice calls for, or that of some VMAs (`only`).

    `decided` is what reviews decided: of what is asked for already, the first cause stands.

    `before` is the audit before. What it did not see in place yet has its clock run from the read that sees it now.
    """
    yield from _first_of_each(chain(_by_state(case, before, rosters, only), _by_review(case, before, decided)))


def _first_of_each(orders: Iterable[WorkOrder]) -> Iterator[WorkOrder]:
    seen: set[str] = set()
    for order in orders:
        if order.id not in seen:
            seen.add(order.id)
            yield order


def _by_review(case: Case, before: Snapshot | None, decided: Iterable[Decided]) -> Iterator[WorkOrder]:
    """Yield what reviews decided to take away and is held still."""
    known = before.orders if before is not None else {}
    found = [one for one in decided if one.takes and _may_be_there(case, one, known)]
    whole = {one.thing[:2] for one in found if not one.thing[2]}
    seen = _Before(case, before)
    for one in found:
        system, account, given = one.thing
        key, since = (system, account), one.decision.at
        if not given:
            order = _disable(case, one.person, key, OrderCause.REVIEW, seen.account(key, since))
            yield order if order.login else replace(order, login=one.login)
        elif key not in case.accounts:
            order = _order(case, one.person, key, given, kind=OrderKind.REMOVE, cause=OrderCause.REVIEW)
            yield replace(order, name=one.name, login=one.login, since=since)
        elif key not in whole and given in case.holdings[key].assignments:
            order = _order(case, one.person, key, given, kind=OrderKind.REMOVE, cause=OrderCause.REVIEW)
            yield replace(order, name=one.name, since=seen.grant(key, given, since))


def _may_be_there(case: Case, one: Decided, known: Collection[str]) -> bool:
    """
    Whether an account works; or is not shown any more, and nothing has proved yet that it is gone.

    What is not shown may have another name by now, or have been left out: an order that is opened for it once settles
    that by its own end.
    """
    system, account, _ = one.thing
    if (system, account) in case.live_accounts:
        return True
    shown = system not in case.systems or system in case.incomplete or (system, account) in case.accounts
    return not shown and not one.proved and order_of(case.practice.id, one) not in known


def _by_state(
    case: Case, before: Snapshot | None, rosters: ROSTERS, only: Collection[str] | None
) -> Iterator[WorkOrder]:
    asked = case.engagements.keys() if only is None else case.engagements.keys() & only
    left = {vma: day for vma in sorted(asked) if (day := last_day(case, vma)) is not None}
    seen = _Before(case, before)
    for vma, day in left.items():
        since = ends_at(case, day)
        for key in case.live_accounts_of(vma):
            yield _disable(case, vma, key, OrderCause.LEFT, seen.account(key, since))
    moved = {
        vma
        for vma in case.earlier_roles
        if vma in asked and vma not in left and case.engagements[vma].active_on(case.today)
    }
    for vma, moment in _changed(case, moved, rosters).items():
        yield from _of_role(case, vma, moment, seen)
    if not case.incomplete:
        for vma in sorted(asked - moved):
            if vma not in left or case.engagements[vma].start > case.today:
                yield from _of_start(case, vma)


def _changed(case: Case, moved: Collection[str], rosters: ROSTERS) -> dict[str, datetime]:
    """Return by when each changed role at the latest; where nothing tells, it is seen now."""
    spans = rosters(moved) if moved else {}
    found = {}
    for vma in sorted(moved):
        changed = when_changed(case, vma, Past(engagements=spans.get(vma, ())))
        found[vma] = case.at if changed is None else changed.latest
    return found


def _of_role(case: Case, vma: str, since: datetime, seen: "_Before") -> Iterator[WorkOrder]:
    held = sort_holdings(case, vma)
    for one in held.go:
        key = (one.system, one.account)
        order = _order(case, vma, key, one.entitlement, kind=OrderKind.REMOVE, cause=OrderCause.ROLE_CHANGED)
        yield replace(order, name=one.name, since=seen.grant(key, one.entitlement, since))
    if case.incomplete:
        return  # what is missing may be in what was not read
    grants = what_to_grant(case, vma, kept=held.kept)
    for key in idle_accounts(case, vma, held, grants):
        yield _disable(case, vma, key, OrderCause.ROLE_CHANGED, seen.account(key, since))
    yield from _to_come(case, vma, OrderCause.ROLE_CHANGED, held.kept, since)


def _of_start(case: Case, vma: str) -> Iterator[WorkOrder]:
    start = _start(case, vma)
    if case.today - start <= timedelta(NEW_DAYS):
        since = ends_at(case, start - timedelta(1))
        yield from _to_come(case, vma, OrderCause.JOINED, sort_holdings(case, vma).kept, since)


def _start(case: Case, vma: str) -> date:
    engagement: Engagement = case.engagements[vma]
    return engagement.start if engagement.start > case.today else case.stay(vma).start


def _to_come(case: Case, vma: str, cause: OrderCause, kept: int, since: datetime) -> Iterator[WorkOrder]:
    """Yield what the roles require and nothing gives yet; a second account is made for nobody who may have one."""
    if not case.template(vma).requires & ~kept:
        return
    perhaps = {question.system for question in candidates_of(case).of(vma)}
    for system, chosen in what_to_grant(case, vma, kept=kept).by_system.items():
        accounts = case.live_accounts_of(vma, system)
        if accounts:
            for one in chosen:
                order = _order(case, vma, accounts[0], one.id.partition("/")[2], kind=OrderKind.GRANT, cause=cause)
                yield replace(order, name=one.name, since=since)
        elif system not in perhaps:
            order = _order(case, vma, (system, ""), kind=OrderKind.OPEN, cause=cause)
            yield replace(order, name=", ".join(one.name for one in chosen), since=since)


def _disable(case: Case, vma: str, key: AccountKey, cause: OrderCause, since: datetime) -> WorkOrder:
    return replace(_order(case, vma, key, kind=OrderKind.DISABLE, cause=cause), since=since)


def _order(
    case: Case, vma: str, key: AccountKey, entitlement: str = "", *, kind: OrderKind, cause: OrderCause
) -> WorkOrder:
    return WorkOrder(
        id=order_id(case.practice.id, kind, vma, key, entitlement),
        kind=kind,
        cause=cause,
        vma=vma,
        system=key[0],
        account=key[1],
        entitlement=entitlement,
        login=case.accounts[key].login if key in case.accounts else "",
        name="",
        since=case.at,
    )


@dataclass(frozen=True)
class _Before:
    """The audit before: whether it had seen already what is to go now."""

    case: Case
    snapshot: Snapshot | None

    @cached_property
    def _given(self) -> frozenset[tuple[str, str, str]]:
        grants = self.snapshot.grants if self.snapshot else ()
        return frozenset((system, grant.account, grant.assignment) for system, grant in grants)

    def account(self, key: AccountKey, since: datetime) -> datetime:
        """Return from when a clock runs that began at `since`: later, where the account works only since."""
        if self.snapshot is None or key[0] not in self.snapshot.known:
            return since
        then = self.snapshot.accounts.get(key)
        return since if then is not None and then.live else max(since, self.case.collections[key[0]].as_of)

    def grant(self, key: AccountKey, assignment: str, since: datetime) -> datetime:
        """Return the same of something that was given to an account."""
        if self.snapshot is None or key[0] not in self.snapshot.known:
            return since
        was = (*key, assignment) in self._given
        return since if was else max(since, self.case.collections[key[0]].as_of)
