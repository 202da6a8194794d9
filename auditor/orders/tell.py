"""Orders in words: what to do, who, by when, since when; most urgent first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from auditor.clocks import Clocks
from auditor.gates.offboard import timely
from auditor.orders.called_for import last_day
from auditor.orders.decided import Decided, Thing
from auditor.orders.due import dues, own_due
from auditor.orders.state import EndedOrder, OpenOrder, OrderBook, OrderOpened
from auditor.snapshot import OrderCause, OrderEnd, OrderEnding, OrderKind, WorkOrder
from connectors.facts import Status, System
from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import how_to_settle
from policies.engine.case import Case
from reports.order_lines import SheetOrder
from reports.words import plural

HOUR = 3600
_ACTIONS = {
    OrderKind.DISABLE: "disable-account",
    OrderKind.REMOVE: "remove-entitlement",
    OrderKind.OPEN: "make-account",
    OrderKind.GRANT: "grant-entitlement",
}


def in_short(order: WorkOrder) -> str:
    """Say in a few words what an order asks for."""
    match order.kind:
        case OrderKind.DISABLE:
            return f"disable {order.login}"
        case OrderKind.REMOVE:
            return f"take {order.name} from {order.login}"
        case OrderKind.OPEN:
            return f"make an account with {order.name}"
        case OrderKind.GRANT:
            return f"give {order.name} to {order.login}"


_FIRST = ("disable", "remove", "open", "grant")
"""What takes access away comes before what gives it, so that nobody holds two roles' (NIST SP 800-53 PS-5)."""
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Teller:
    """Words the orders of one practice at one instant."""

    case: Case
    clocks: Clocks
    administrators: Mapping[str, str]
    """By system, who administers it, where the configuration says so."""
    now: datetime
    decided: Mapping[Thing, Decided] = field(default_factory=dict)
    """What reviews decided about each thing."""
    being_made: bool = False
    """An audit is being made, which records what it tells."""

    def open(self, book: OrderBook) -> tuple[SheetOrder, ...]:
        """Return the open orders, the one that is due first, first; of those due together, what reaches PHI."""
        found = [self.of_open(one) for one in book.open]
        return tuple(sorted(found, key=_urgency))

    def ended(self, book: OrderBook) -> tuple[SheetOrder, ...]:
        """Return those that ended, the latest first."""
        return tuple(self.of_ended(one) for one in book.ended)

    def of_open(self, one: OpenOrder) -> SheetOrder:
        """Word one open order."""
        order, found = one.order, dues(one.order, self.clocks)
        own = own_due(found)
        over = (self.now - own.at).total_seconds() / HOUR if own is not None and own.at < self.now else None
        told = self._worded(order, one.opened, "open" if over is None else "overdue")
        return replace(told, before=" ".join(self._before(order)), hours_over=over, over=_span(over), note=one.waiting)

    def of_ended(self, one: EndedOrder) -> SheetOrder:
        """Word one that ended."""
        end = one.end
        told = self._worded(one.order, one.opened, end.ending.value)
        return replace(
            told,
            proof=f"{end.proof}; found by {'this audit' if one.audit is None else f'audit {one.audit}'}",
            earliest=end.earliest,
            latest=end.latest,
            timely=_timely(end, told.due),
            record_source=end.source,
            record_id=end.record,
            record_sha256=end.sha256,
            actor=end.actor,
        )

    def _worded(self, order: WorkOrder, opened: OrderOpened, state: str) -> SheetOrder:
        system, found = self._system(order), dues(order, self.clocks)
        own, zone, title = own_due(found), self.case.practice.timezone, system.title if system else order.system
        person = self.case.people.get(order.vma)
        return SheetOrder(
            id=order.id,
            state=state,
            kind=order.kind.value,
            vma=order.vma,
            person=person.name if person else _stranger(order),
            why=self._why(order),
            system=order.system,
            system_title=title,
            holds_phi=system.holds_phi if system else False,
            account=order.login,
            entitlement=order.name,
            steps=self.steps(order),
            before="",
            who=self.administrators.get(order.system) or f"whoever administers {title}",
            due=own.at if own else None,
            clocks=tuple(due.says(zone) for due in found),
            sources=tuple(due.source for due in found),
            hours_over=None,
            over="",
            opened=self._opened(opened),
            opened_at=None if opened.audit is None else opened.at,
            opened_audit=opened.audit,
            times=opened.times,
            note="",
            proof="",
            earliest=None,
            latest=None,
            timely="",
            record_source=None,
            record_id=None,
            record_sha256=None,
            actor=None,
        )

    def steps(self, order: WorkOrder) -> tuple[str, ...]:
        """Say what to do: in plain words, then exactly where or how in that product."""
        system = self._system(order)
        if system is None:
            return (f"{order.kind.value} {order.login or order.name} in {order.system}, which is no longer configured",)
        action = _ACTIONS[order.kind]
        login = order.login or self._name(order)
        if order.kind is OrderKind.DISABLE and self._others(order):
            first = self.case.policy.remedies.text("separate-accounts", system, login=login)
            return (first, *self.case.policy.remedies.steps(action, system, login=login)[1:])
        return self.case.policy.remedies.steps(action, system, login=login, name=order.name)

    def _before(self, order: WorkOrder) -> Iterator[str]:
        """Yield what must be settled before somebody acts."""
        key = (order.system, order.account)
        if order.kind in (OrderKind.OPEN, OrderKind.GRANT) and order.cause is OrderCause.JOINED:
            yield f"Not before `auditor onboard {order.vma}` shows agreement, training and approval."
        for question in candidates_of(self.case).by_account.get(key, ()):
            yield f"It is not settled whose this account is: {how_to_settle(question)}"
        if others := self._others(order):
            yield f"{', '.join(others)} use the account too: give them accounts of their own first."
        account = self.case.accounts.get(key)
        if account is not None and account.status is Status.UNKNOWN:
            yield "Whether the account still works is not known: look there."

    def _others(self, order: WorkOrder) -> tuple[str, ...]:
        """Return who else uses the account and has not left."""
        owner = self.case.owners.get((order.system, order.account))
        others = (person for person in owner.people if person != order.vma) if owner else ()
        return tuple(p for p in others if p not in self.case.engagements or last_day(self.case, p) is None)

    def _why(self, order: WorkOrder) -> str:
        match order.cause:
            case OrderCause.LEFT:
                day = last_day(self.case, order.vma)
                gone = (
                    "is no longer on the roster, and was seen there last" if order.vma in self.case.former else "left"
                )
                return f"{gone} on {day}" if day else "left"
            case OrderCause.ROLE_CHANGED:
                roles = self.case.engagements[order.vma].roles if order.vma in self.case.engagements else ()
                return f"changed role, and is {', '.join(roles)} now" if roles else "changed role"
            case OrderCause.JOINED:
                begun = "began" if order.since <= self.now else "begins"
                return f"{begun} on {self.case.day_of(order.since)}"
            case OrderCause.REVIEW:
                given = order.entitlement if order.kind is OrderKind.REMOVE else ""
                one = self.decided.get((order.system, order.account, given))
                return f"is to lose it: {one.says}" if one is not None else "is to lose it: a review decided so"

    def _opened(self, opened: OrderOpened) -> str:
        if opened.audit is None and self.being_made:
            return "by this audit" + (f", for the {opened.times}. time" if opened.times > 1 else "")
        if opened.audit is None:
            return "by the roster of today; the next audit records it"
        day = f"{opened.at.astimezone(ZoneInfo(self.case.practice.timezone)):%Y-%m-%d %H:%M}"
        again = f", for the {opened.times}. time" if opened.times > 1 else ""
        age = max(0, int((self.now - opened.at).total_seconds() // HOUR))
        old = plural(age // 24, "day") if age >= 48 else plural(age, "hour")
        return f"{day} by audit {opened.audit}{again}, {old} ago"

    def _name(self, order: WorkOrder) -> str:
        person = self.case.people.get(order.vma)
        return person.name if person else order.vma

    def _system(self, order: WorkOrder) -> System | None:
        return self.case.systems.get(order.system)


def _stranger(order: WorkOrder) -> str:
    """Name whose access an order is about where that is nobody whom the practice knows."""
    return f"whoever uses {order.login}" if order.vma.startswith("account:") else order.vma


def _urgency(o: SheetOrder) -> tuple[object, ...]:
    return o.due or _FAR, not o.holds_phi, o.vma, o.system, _FIRST.index(o.kind), o.id


def _timely(end: OrderEnd, due: datetime | None) -> str:
    """Say by when it was done, as the gates do: what may have been either is not proven."""
    if due is None or end.ending is not OrderEnding.DONE:
        return ""
    least, most = ((at - due).total_seconds() / HOUR for at in (end.earliest, end.latest))
    return timely(least, most, 0, live=False).value


def _span(hours: float | None) -> str:
    if hours is None:
        return ""
    return plural(int(hours // 24), "day") if hours >= 48 else f"{hours:.1f} h"
