"""
"Is it done now?": the known accounts of one person, each asked for by itself, in the systems that can be asked.

It stores nothing and closes nothing. It says how each known account is at an instant, and what was not looked at;
never that somebody is gone, because an account under another name is not looked for.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from auditor.audit.case import ended
from auditor.config import Config
from auditor.headcount.events import applying
from auditor.orders.state import whole_reads
from auditor.snapshot import OrderKind, WorkOrder
from auditor.store import Store
from connectors.audit_log import LogAnswer, LogEvent, LogQuestion, LogUnread
from connectors.connector import Connector
from connectors.errors import AuditorError, shorten
from connectors.facts import Account, Engagement, Status, System
from connectors.inputs.dates import day_of
from connectors.one_account import AccountNow, AccountsNow, AccountsUnread
from connectors.read_accounts import read_accounts
from connectors.read_log import read_log
from policies.engagements import stretches

AT_ONCE = 8
"""Systems that are asked at the same time."""


class SeenState(StrEnum):
    """What a look at one known account says."""

    STOPPED = "disabled now"
    WORKS = "still works"
    UNCLEAR = "may still work"
    """The system does not say whether it does."""
    NOT_SHOWN = "not shown"
    """Deleted, moved or hidden: only a whole read tells which."""
    NOT_ASKED = "not looked at"


class OrderSeen(StrEnum):
    """How an open order stands by what was looked at."""

    LOOKS_DONE = "looks done: the next audit proves it"
    NOT_SEEN = "not seen any more: the next audit proves it"
    """What was to be taken away was not among what the account was seen to be given; there may be more."""
    NOT_DONE = "not done"
    CANNOT_TELL = "only an audit tells"


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """One known account of the person."""

    system: str
    title: str
    account: str
    login: str
    seen: SeenState
    status: Status | None
    as_of: datetime | None
    """`None`: it was not looked at."""
    why: str
    """Why it was not looked at, and what to do; empty where it was."""
    events: tuple[LogEvent, ...]
    """What the system's own record says of it since the last whole read, oldest first."""
    log: str
    """Why its record tells nothing; empty where it was read."""


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """An open order, and how it stands."""

    order: WorkOrder
    stands: OrderSeen


@dataclass(frozen=True, slots=True)
class AccountsCheck:
    """What was seen of one person."""

    vma: str
    name: str
    last_day: date | None
    """Of somebody who has left by the roster; `None` otherwise."""
    at: datetime
    accounts: tuple[AccountSeen, ...]
    orders: tuple[OrderCheck, ...]
    none_known: tuple[str, ...]
    """The systems in which no account of theirs is known: nothing was asked there."""


def check(config: Config, store: Store, vma: str, clock: Callable[[], datetime]) -> AccountsCheck:
    """Ask every system that can be asked for the known accounts of one person; raises `AuditorError` for a stranger."""
    now, practice = clock(), config.practice.id
    today = day_of(now, config.practice.timezone)
    name, engagement = _person(config, store, vma, today)
    known: dict[str, list[Account]] = {}
    for account in store.accounts_of(practice, vma):
        known.setdefault(account.system, []).append(account)
    audits = store.audits(practice)
    since = whole_reads(store, practice, audits[-1].id, known) if audits else {}
    asked = [(id_, source.connector) for id_, source in config.sources.items() if id_ in known]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = list(pool.map(lambda one: _look(one[1], known[one[0]], since.get(one[0]), clock), asked))
    accounts = tuple(seen for look in looks for seen in look.accounts)
    now_by_key = {(look.system.id, id_): one for look in looks for id_, one in look.found.items()}
    orders = tuple(
        OrderCheck(o, _stands(o, now_by_key.get((o.system, o.account)))) for o in store.open_orders(practice, vma)
    )
    return AccountsCheck(
        vma=vma,
        name=name,
        last_day=engagement.end if engagement.end is not None and engagement.end < today else None,
        at=now,
        accounts=(*accounts, *_unconfigured(config, known)),
        orders=orders,
        none_known=tuple(source.connector.system.title for id_, source in config.sources.items() if id_ not in known),
    )


def _person(config: Config, store: Store, vma: str, today: date) -> tuple[str, Engagement]:
    """Return the name and the engagement that counts: by the roster of today, or by the last that had the VMA."""
    roster = config.roster.read().roster
    engagement = applying(stretches(roster.engagements), today).get(vma)
    person = next((p for p in roster.people if p.id == vma), None)
    if engagement is not None and person is not None:
        return person.name, engagement
    line = store.roster_line(config.practice.id, vma)
    if line is None:
        raise AuditorError(f"there is no VMA {shorten(vma)}, and there never was", hint="check the id on the roster")
    seen = store.last_seen(config.practice.id, vma)
    assert seen is not None  # noqa: S101 - an audit had the line
    return line.person.name, ended(line.engagement, seen, config.practice.timezone)


@dataclass(frozen=True, slots=True)
class _Look:
    system: System
    accounts: tuple[AccountSeen, ...]
    found: dict[str, AccountNow]


def _look(
    connector: Connector, known: Sequence[Account], since: datetime | None, clock: Callable[[], datetime]
) -> _Look:
    """Ask one system for the accounts, then its record of changes for the same."""
    system, answer = connector.system, read_accounts(connector, known, clock=clock)
    log = read_log(connector, LogQuestion(tuple(known), since=since, closely=True), clock=clock)
    found = dict(answer.found) if isinstance(answer, AccountsNow) else {}
    return _Look(system, tuple(_seen(system, account, answer, log) for account in known), found)


def _seen(
    system: System, known: Account, answer: AccountsNow | AccountsUnread, log: LogAnswer | LogUnread
) -> AccountSeen:
    events = () if isinstance(log, LogUnread) else tuple(e for e in log.events if e.account == known.id)
    told = log.reason if isinstance(log, LogUnread) else ""
    if isinstance(answer, AccountsUnread) or known.id in answer.unasked:
        why = _why_not(answer)
        return AccountSeen(
            system.id, system.title, known.id, known.login, SeenState.NOT_ASKED, None, None, why, events, told
        )
    now = answer.found.get(known.id)
    account = now.account if now else known
    seen = SeenState.NOT_SHOWN if now is None else _of_status(account)
    status = None if now is None else account.status
    return AccountSeen(system.id, system.title, known.id, account.login, seen, status, answer.as_of, "", events, told)


def _why_not(answer: AccountsNow | AccountsUnread) -> str:
    if isinstance(answer, AccountsNow):
        return "an account of this kind cannot be asked for by itself; it needs a whole read: `auditor audit`"
    return f"{answer.reason}; {answer.hint}" if answer.hint else answer.reason


def _of_status(account: Account) -> SeenState:
    if not account.live:
        return SeenState.STOPPED
    return SeenState.UNCLEAR if account.status is Status.UNKNOWN else SeenState.WORKS


def _unconfigured(config: Config, known: dict[str, list[Account]]) -> Iterator[AccountSeen]:
    for system, accounts in known.items():
        if system not in config.sources:
            for a in accounts:
                why = "its system is no longer configured"
                yield AccountSeen(system, system, a.id, a.login, SeenState.NOT_ASKED, None, None, why, (), "")


def _stands(order: WorkOrder, now: AccountNow | None) -> OrderSeen:
    """Say how an order stands; what a partial look did not see to be held is not proven to be gone."""
    if now is None or order.kind is OrderKind.OPEN:
        return OrderSeen.CANNOT_TELL
    stopped, unclear = not now.account.live, now.account.status is Status.UNKNOWN
    if order.kind is OrderKind.DISABLE or (order.kind is OrderKind.REMOVE and stopped):
        return OrderSeen.CANNOT_TELL if unclear else _done(stopped)
    if now.given is None:
        return OrderSeen.CANNOT_TELL
    held = order.entitlement in now.given
    if order.kind is OrderKind.GRANT:
        return _done(held and not stopped)
    if not held and order.entitlement in now.perhaps:
        return OrderSeen.CANNOT_TELL
    return OrderSeen.NOT_DONE if held else OrderSeen.NOT_SEEN


def _done(done: bool) -> OrderSeen:
    return OrderSeen.LOOKS_DONE if done else OrderSeen.NOT_DONE
