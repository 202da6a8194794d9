"""The case of an instant, made of what was read and of what earlier audits knew."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from auditor.audit.inputs import Inputs, read_work
from auditor.config import Config
from auditor.correlation import correlate
from auditor.headcount.engagements import past_of, with_roster
from auditor.headcount.events import applying
from auditor.headcount.former_names import former_names
from auditor.headcount.reissued import reissued
from auditor.headcount.rosters import told_by
from auditor.ledger.statements import recorded_by
from auditor.notices.claims import announced_by
from auditor.settled import NOTHING, settle
from auditor.store import Store
from connectors.errors import InputError
from connectors.facts import Collection, Engagement, Person
from connectors.inputs.dates import day_of
from policies.engagements import stretches
from policies.engine.candidates import LIKELY
from policies.engine.case import AccountKey, Case, Owner
from policies.notices import NOTHING_ANNOUNCED


def make_case(
    config: Config, inputs: Inputs, collections: dict[str, Collection], at: datetime, store: Store | None
) -> Case:
    """Return the case of an instant; without a store, nothing is known of who was on earlier rosters."""
    today = day_of(at, config.practice.timezone)
    people = {p.id: p for p in (*inputs.staff, *inputs.roster.people)}
    periods = stretches(inputs.roster.engagements)
    engagements = applying(periods, today)
    former = store.former_engagements(config.practice.id, set(people)) if store else ()
    _same_ids(config, former, people)
    for person, engagement, last_seen in former:
        people[person.id] = person
        engagements[person.id] = ended(engagement, last_seen, config.practice.timezone)
    settled = NOTHING
    if store:
        known = recorded_by(store.statements(config.practice.id), today, config.practice.timezone)
        settled = settle(known, today, collections, people.values())
    last_days = {vma: e.end for vma, e in engagements.items() if e.end is not None and e.end < today}
    gone = {p.id for p, _, _ in former}
    owners = correlate(collections, people.values(), config.correlation, gone, settled=settled, last_days=last_days)
    told = told_by(store, config.practice.id, config.practice.timezone) if store else {}
    past = with_roster(told, periods, today)
    case = Case(
        practice=config.practice,
        at=at,
        today=today,
        people=people,
        engagements=engagements,
        collections=collections,
        owners=owners,
        not_theirs=settled.not_theirs,
        once=once_known(store, config, owners) if store else {},
        seen_logins=seen_logins(store, config, people.values(), collections) if store else frozenset(),
        agreements=inputs.agreements,
        policy=inputs.policy,
        former=frozenset(person.id for person, _, _ in former),
        roster_part=inputs.roster.part,
        periods=periods,
        past=tuple(e for vma in sorted(past.keys() & engagements.keys()) for e in past_of(past[vma])),
        work=read_work(config, inputs, frozenset(people)),
        earlier_roles=earlier_roles(
            engagements,
            periods,
            store.earlier_roles(config.practice.id) if store else {},
            today,
        ),
        former_names=former_names(store, config.practice.id, people, engagements),
        announced=announced_by(store, config, today) if store else NOTHING_ANNOUNCED,
    )
    return replace(case, reissued=reissued(store, case)) if store else case


def once_known(
    store: Store, config: Config, owners: Mapping[AccountKey, Owner], until: int | None = None
) -> dict[AccountKey, frozenset[str]]:
    """Return whose earlier audits, up to one, knew the accounts to be that no rule settles, or only a likely one."""
    unsettled = {key for key, owner in owners.items() if not owner.people or owner.reason in LIKELY}
    return store.owners_ever(config.practice.id, unsettled, until) if unsettled else {}


def seen_logins(
    store: Store,
    config: Config,
    people: Iterable[Person],
    collections: Mapping[str, Collection],
    until: int | None = None,
) -> frozenset[tuple[str, str]]:
    """Return which of the log-ins that the roster states, and no account has now, earlier audits saw."""
    stated = {(system, login.casefold()) for person in people for system, login in person.logins}
    there = {(system, a.login.casefold()) for system, read in collections.items() for a in read.accounts}
    lacking = stated - there
    return store.logins_ever(config.practice.id, lacking, until) if lacking else frozenset()


def earlier_roles(
    now: Mapping[str, Engagement], periods: Iterable[Engagement], audited: Mapping[str, tuple[str, ...]], today: date
) -> dict[str, tuple[str, ...]]:
    """Return the roles that each VMA had, by earlier audits and earlier periods of the roster, and has no more."""
    had: dict[str, dict[str, None]] = {vma: dict.fromkeys(roles) for vma, roles in audited.items()}
    for period in sorted(periods, key=lambda p: p.start):
        if period.start <= today:
            had[period.vma] = had.get(period.vma, {}) | dict.fromkeys(period.roles)
    gone = {
        vma: tuple(role for role in roles if role not in now[vma].roles) for vma, roles in had.items() if vma in now
    }
    return {vma: roles for vma, roles in gone.items() if roles}


def _same_ids(
    config: Config, former: Iterable[tuple[Person, Engagement, datetime]], people: Mapping[str, Person]
) -> None:
    """Refuse an id that differs from an earlier one in case only: one person would count as two."""
    present = {id_.casefold(): id_ for id_ in people}
    for person, _, _ in former:
        now = present.get(person.id.casefold())
        if now is not None:
            raise InputError(
                config.roster.path or config.path,
                "an id differs from that of the audits before in upper and lower case only",
                field="vma_id",
                found=now,
                expected=f"{person.id}, as the audits before have it",
                hint="write it as before; another person needs an id of their own",
            )


def ended(engagement: Engagement, last_seen: datetime, timezone: str) -> Engagement:
    """Give somebody who vanished from the roster the last day on which an audit still saw them there as the end."""
    last_day = max(day_of(last_seen, timezone), engagement.start)
    return replace(engagement, end=min(engagement.end, last_day) if engagement.end else last_day)
