"""What `auditor check` tells a machine."""

from dataclasses import dataclass
from datetime import date, datetime

from auditor.orders.check import AccountsCheck, AccountSeen, OrderSeen, SeenState
from auditor.snapshot import OrderKind
from connectors.audit_log import LogEvent, LogKind
from connectors.facts import Status


@dataclass(frozen=True, slots=True)
class RecordedChangeData:
    """What the system's own record says of one change."""

    kind: LogKind
    entitlement: str | None
    earliest: datetime | None
    """`None`: it was not later than `latest`, and nobody can say since when."""
    latest: datetime
    actor: str | None
    source: str
    record: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AccountNowData:
    """One known account of the person."""

    system: str
    title: str
    account: str
    login: str
    seen: SeenState
    status: Status | None
    as_of: datetime | None
    why: str
    log: str
    events: tuple[RecordedChangeData, ...]


@dataclass(frozen=True, slots=True)
class OrderNowData:
    """An open order, and how it stands."""

    id: str
    kind: OrderKind
    system: str
    account: str
    entitlement: str
    stands: OrderSeen


@dataclass(frozen=True, slots=True)
class CheckData:
    """What was seen of one person's known accounts; never that somebody is gone."""

    vma: str
    name: str
    last_day: date | None
    at: datetime
    accounts: tuple[AccountNowData, ...]
    orders: tuple[OrderNowData, ...]
    none_known: tuple[str, ...]
    proves_gone: bool
    """Never: an account under another name is not looked for."""


def seen_data(found: AccountsCheck) -> CheckData:
    """Return it for a machine."""
    orders = ((one.order, one.stands) for one in found.orders)
    return CheckData(
        vma=found.vma,
        name=found.name,
        last_day=found.last_day,
        at=found.at,
        accounts=tuple(_account(a) for a in found.accounts),
        orders=tuple(OrderNowData(o.id, o.kind, o.system, o.login, o.name, stands) for o, stands in orders),
        none_known=found.none_known,
        proves_gone=False,
    )


def _account(a: AccountSeen) -> AccountNowData:
    events = tuple(_event(e) for e in a.events)
    return AccountNowData(a.system, a.title, a.account, a.login, a.seen, a.status, a.as_of, a.why, a.log, events)


def _event(event: LogEvent) -> RecordedChangeData:
    return RecordedChangeData(
        kind=event.kind,
        entitlement=event.entitlement,
        earliest=None if event.upper_bound else event.at,
        latest=event.at + event.resolution,
        actor=event.actor,
        source=event.record.source,
        record=event.record.id,
        sha256=event.record.sha256,
    )
