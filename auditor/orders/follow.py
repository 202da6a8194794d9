"""
How orders go on from one audit to the next: opened, still open, done, or no longer called for.

An order is done only where a whole read that is newer than the one before shows it; the system's own record then tells
when, where it has one. Where a system was not read whole,
where an account is merely missing from a read that may have left it out, or where it is no longer settled whose an
account is, the order stays open: nothing is closed by a name, a filter or a word.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.instants.instant import Instant, InstantKind, account_ended, came, taken
from auditor.instants.log import AccessLog
from auditor.orders.called_for import ROSTERS, called_for, last_day
from auditor.orders.decided import Decided, Thing
from auditor.snapshot import OrderCause, OrderEnd, OrderEnding, OrderKind, Snapshot, WorkOrder
from connectors.unproven import filtered, narrowed
from connectors.unread import is_unread
from policies.engine.candidates import LIKELY, candidates_of
from policies.engine.case import AccountKey, Case

_NOTHING: Mapping[Thing, Decided] = {}


@dataclass(frozen=True, slots=True)
class Followed:
    """The orders after an audit."""

    open: Mapping[str, WorkOrder]
    ended: tuple[OrderEnd, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the audit before knew."""

    snapshot: Snapshot
    at: datetime
    reads: Mapping[str, datetime]
    """By system: of when its facts were."""
    records: Mapping[str, AccessLog] = field(default_factory=dict)
    """By system: its own record of changes, with what was read of it just now."""


def follow(
    case: Case,
    earlier: Earlier | None,
    rosters: ROSTERS,
    retired: Collection[str] = (),
    decided: Mapping[Thing, Decided] = _NOTHING,
) -> Followed:
    """Return the orders that are open now, and how those ended that were open at the audit before and are no longer."""
    wanted = {o.id: o for o in called_for(case, earlier.snapshot if earlier else None, rosters, decided.values())}
    before = earlier.snapshot.orders if earlier else {}
    ended: list[OrderEnd] = []
    for id_, order in before.items():
        if id_ in wanted:
            # Its clock never runs from an earlier instant than it was told to.
            wanted[id_] = replace(wanted[id_], since=max(wanted[id_].since, order.since))
        elif earlier is not None and (end := _end(case, order, earlier, retired, decided)) is not None:
            ended.append(end)
        else:
            wanted[id_] = order
    return Followed(dict(sorted(wanted.items())), tuple(sorted(ended, key=lambda end: end.order)))


def _end(
    case: Case, order: WorkOrder, earlier: Earlier, retired: Collection[str], decided: Mapping[Thing, Decided]
) -> OrderEnd | None:
    if order.system in retired and order.system not in case.systems:
        return _not_called_for(case, order, earlier, "the system is no longer there, as somebody stated")
    if order.system not in case.systems or order.system in case.incomplete:
        return None
    read = case.collections[order.system]
    seen = earlier.reads.get(order.system, earlier.at)
    if shown := _shown_done(case, order):
        if read.as_of <= seen:
            return None  # the same facts as before, or older ones, show nothing that was done since
        proof = f"{read.system.title} was read whole: {shown}"
        whole = OrderEnd(order.id, OrderEnding.DONE, proof, min(seen, read.as_of), read.as_of)
        return _by_record(case, order, whole, earlier.records.get(order.system))
    why = _decided_anew(order, decided) if order.cause is OrderCause.REVIEW else _no_longer(case, order)
    return _not_called_for(case, order, earlier, why) if why else None


def _by_record(case: Case, order: WorkOrder, whole: OrderEnd, log: AccessLog | None) -> OrderEnd:
    """Narrow by the system's own record when something was done that a whole read has shown to be done."""
    found = None if log is None else _instant(case, order, whole, log)
    if found is None or found.kind is InstantKind.BETWEEN or found.record is None:
        return whole
    return replace(
        whole,
        proof=f"{whole.proof}; {found.kind.value}, because: {found.why}",
        earliest=found.earliest or whole.earliest,
        latest=found.latest,
        source=found.record.source,
        record=found.record.id,
        sha256=found.record.sha256,
        actor=found.actor,
    )


def _instant(case: Case, order: WorkOrder, whole: OrderEnd, log: AccessLog) -> Instant | None:
    """Return when it was done, as far as the record tells."""
    account = case.accounts.get((order.system, order.account))
    ends = order.kind is OrderKind.DISABLE or (order.kind is OrderKind.REMOVE and (account is None or not account.live))
    if ends:
        return account_ended(log, order.account, whole.earliest, whole.latest)
    if order.kind is OrderKind.REMOVE:
        return taken(log, order.account, order.entitlement, whole.earliest, whole.latest)
    if order.kind is OrderKind.GRANT:
        return came(log, order.account, order.entitlement, whole.earliest, whole.latest)
    made = case.live_accounts_of(order.vma, order.system)
    return came(log, made[0][1], None, whole.earliest, whole.latest) if made else None


def _not_called_for(case: Case, order: WorkOrder, earlier: Earlier, why: str) -> OrderEnd:
    return OrderEnd(order.id, OrderEnding.NOT_CALLED_FOR, why, earlier.at, case.at)


def _shown_done(case: Case, order: WorkOrder) -> str:
    """Say what of a whole read shows that an order is done; empty where nothing does."""
    key = (order.system, order.account)
    account = case.accounts.get(key)
    if order.kind is OrderKind.OPEN:
        there = case.live_accounts_of(order.vma, order.system)
        return f"the account {case.accounts[there[0]].login} is there" if there else ""
    if order.kind is OrderKind.GRANT:
        given = account is not None and account.live and order.entitlement in case.holdings[key].assignments
        return f"{order.login} holds {order.name}" if given else ""
    if account is None:
        return "" if elsewhere(case, order.vma, order.system) else f"the account {order.login} is no longer there"
    if not account.live:
        return f"the account {account.login} is {account.status.value}"
    if order.kind is OrderKind.REMOVE and not _may_hold(case, key, order.entitlement):
        return f"{account.login} no longer holds {order.name}"
    return ""


def elsewhere(case: Case, person: str, system: str) -> str:
    """Say why an account of somebody that a whole read does not show may be there all the same."""
    read = case.collections[system]
    if why := filtered(read) or narrowed(read):
        return f"the read may have left it out: {why}"
    # Where ids are log-ins, whoever is renamed has another account by the next read.
    if candidates_of(case).of(person, system):
        return "another account there could be it, by another name: settle whose that is"
    others = [case.accounts[key].login for key in case.live_accounts_of(person, system)]
    return f"it may be {' or '.join(others)} now, by another name" if others else ""


def _may_hold(case: Case, key: AccountKey, entitlement: str) -> bool:
    """Whether an account holds something, or may, because rights of its kind were not read."""
    given = case.holdings.grants_of(*key)
    return any(grant.assignment == entitlement or is_unread(grant.entitlement) for grant in given)


def _decided_anew(order: WorkOrder, decided: Mapping[Thing, Decided]) -> str:
    """Say which later word ended what a review had decided; empty where none did."""
    given = order.entitlement if order.kind is OrderKind.REMOVE else ""
    one = decided.get((order.system, order.account, given))
    if one is None or one.takes:
        return ""  # a decision is only ever followed by another: without one, nothing says that it may stay
    return one.ended or one.says


def _no_longer(case: Case, order: WorkOrder) -> str:
    """Say why nothing asks for an order any more, though it was not done; empty where that is not settled."""
    if order.vma not in case.engagements:
        return ""
    if order.kind in (OrderKind.OPEN, OrderKind.GRANT):
        return _not_needed(case, order)
    return _not_theirs(case, order) if last_day(case, order.vma) is not None else _may_stay(case, order)


def _not_theirs(case: Case, order: WorkOrder) -> str:
    """Say of an account of somebody who left whose it is instead; empty where that is not settled."""
    key = (order.system, order.account)
    owner = case.owners.get(key)
    if order.vma in case.not_theirs.get(key, ()):
        return "somebody stated that the account is not theirs"
    if owner is None or not owner.people or owner.reason in LIKELY:
        return ""  # what was asked for stands until it is known whose it is now
    if order.vma not in owner.people:
        return f"the account is {' and '.join(owner.people)}'s: {owner.reason}"
    return "they left: the whole account is to be disabled instead" if order.kind is OrderKind.REMOVE else ""


def _may_stay(case: Case, order: WorkOrder) -> str:
    """Say why what somebody holds who works here may stay; empty where it is not settled that the account is theirs."""
    key = (order.system, order.account)
    owner = case.owners.get(key)
    if order.kind is OrderKind.REMOVE and order.entitlement not in case.holdings[key].assignments:
        return ""  # not seen, and not shown to be gone either
    if owner is not None and order.vma in owner.people and owner.reason not in LIKELY:
        return "they work here by the roster, and their present role lets it stay"
    return _not_theirs(case, order)


def _not_needed(case: Case, order: WorkOrder) -> str:
    if last_day(case, order.vma) is not None:
        return "they left"
    # Another system, or an account that may be theirs, could give it: what is not read says neither.
    return "" if case.incomplete else "their role asks for something else now, or has it by something else"


def waiting(case: Case, orders: Mapping[str, WorkOrder]) -> Iterator[tuple[str, str]]:
    """Yield the open orders that nothing could show to be done just now, each with the reason."""
    for id_, order in orders.items():
        if order.system not in case.systems:
            yield id_, "its system is no longer configured, so nothing can show that it is done"
        elif order.system in case.incomplete:
            yield id_, f"{case.systems[order.system].title} was not read whole: {case.incomplete[order.system].reason}"
        elif (
            order.account
            and (order.system, order.account) not in case.accounts
            and (why := elsewhere(case, order.vma, order.system))
        ):
            yield id_, f"the account is not shown any more, and {why}"
        elif _shown_done(case, order):
            yield id_, "the last read shows it done, and is not newer than the one before: read again to prove it"
