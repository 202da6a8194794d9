"""What is judged, gathered: roster, staff, agreements, policy, every system; then the case of an instant."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo

from auditor.audit.freshness import AGE, how_dated, refuse_file_date, refuse_wrong_age
from auditor.config import Config, Source
from auditor.correlation import correlate
from auditor.headcount.engagements import past_of, with_roster
from auditor.headcount.events import applying
from auditor.headcount.former_names import former_names
from auditor.headcount.reissued import reissued
from auditor.headcount.rosters import told_by
from auditor.ledger.statements import Statement
from auditor.settled import NOTHING, settle
from auditor.store import Store
from connectors.collect import collect
from connectors.connector import BY_FILE, BY_PRINT
from connectors.errors import InputError, SourceError
from connectors.facts import LINKED, Collection, Complete, Engagement, Evidence, Partial, Person
from connectors.roster.csv_file import read_staff
from connectors.roster.record import RosterRead
from policies.agreements.organisations import is_practice, words_of
from policies.agreements.register import Agreement, load_agreements
from policies.engagements import stretches
from policies.engine.candidates import LIKELY
from policies.engine.case import AccountKey, Case, Owner
from policies.policy import Policy, load_policy
from policies.work.file import KnownNames, load_work_map
from policies.work.model import WorkMap


class Progress(Protocol):
    """Told where an audit is; draws a bar, measures time, or does nothing."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Enter one of `read`, `correlate`, `judge`, `report`, `store`, `write`."""

    def reading(self, system: str, accounts: int) -> None:
        """So many accounts of a system were read so far."""


class Silent:
    """Says nothing."""

    def stage(self, name: str) -> AbstractContextManager[object]:  # noqa: ARG002
        """Do nothing."""
        return nullcontext()

    def reading(self, system: str, accounts: int) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What people keep: files, not systems."""

    roster: RosterRead
    staff: tuple[Person, ...]
    agreements: tuple[Agreement, ...]
    policy: Policy


def read_inputs(config: Config) -> Inputs:
    """Read roster, staff, agreements and policy; raises `AuditorError` when one of them cannot be used."""
    policy = load_policy(config.catalogs, config.roles)
    roster = _in_house(config.roster.read(), config.practice.name)
    staff = read_staff(config.staff, config.sources) if config.staff else ()
    agreements = load_agreements(config.agreements, policy.vocabulary, frozenset(config.sources), config.practice.name)
    refuse_unknown_roles(roster, policy)
    refuse_unknown_systems(config, roster)
    for id_, source in config.sources.items():
        if not policy.catalogs.has(source.connector.system.product):
            known = ", ".join(policy.catalogs.products())
            raise InputError(
                config.path,
                "no catalog explains this product",
                field=f"systems.{id_}.product",
                found=source.connector.system.product,
                expected=f"one of: {known}",
                hint="or add a catalog of your own under `policies.catalogs`; docs/policies.md shows how",
            )
    _no_double_ids(config, roster, staff)
    return Inputs(roster, staff, agreements, policy)


def _in_house(roster: RosterRead, practice: str) -> RosterRead:
    """Let nobody work through the practice itself: its own name as an agency says that it engages the VMA."""
    named = {link for e in roster.roster.engagements for link in e.agencies}
    own = {link for link in named if is_practice(link, practice, named - {link})}
    if not own:
        return roster
    engagements = tuple(
        replace(e, agency=f" {LINKED} ".join(e.agencies[1:]) or None) if e.agencies[:1] and e.agencies[0] in own else e
        for e in roster.roster.engagements
    )
    return replace(roster, roster=replace(roster.roster, engagements=engagements))


def refuse_unknown_roles(roster: RosterRead, policy: Policy) -> None:
    """Raise `InputError` for a role that has no template: nothing could be required of whoever has it."""
    for engagement in roster.roster.engagements:
        for role in engagement.roles:
            if role not in policy.templates:
                expected = f"one of: {', '.join(policy.templates.ids)}"
                near = get_close_matches("_".join(words_of(role)), policy.templates.ids, n=1)
                hint = f"did you mean `{near[0]}`?" if near else ""
                problem = "there is no template for this role"
                roster.refuse(engagement, "roles", problem, found=role, expected=expected, hint=hint)


def refuse_unknown_systems(config: Config, roster: RosterRead) -> None:
    """Raise `InputError` for a log-in of a system that is not there: the account would be nobody's, without a word."""
    for record in roster.records.values():
        record.logins(config.sources)


def _no_double_ids(config: Config, roster: RosterRead, staff: tuple[Person, ...]) -> None:
    vmas = {person.id for person in roster.roster.people}
    for person in staff:
        if person.id in vmas:
            raise InputError(
                config.staff or "",
                "this id is a VMA's on the roster",
                field="id",
                found=person.id,
                expected="an id of its own for every person",
            )


def collect_all(
    config: Config, progress: Progress, clock: Callable[[], datetime], at: datetime | None = None
) -> dict[str, Collection]:
    """
    Read every system; one that cannot be read whole is `Partial`, never an error.

    `at` is the instant of judgment, the present when `None`: facts that are too old for it are `Partial` as well.
    """
    collections = {}
    for id_, source in config.sources.items():
        collection = collect(
            source.connector,
            clock=clock,
            time_limit_s=source.time_limit_s,
            progress=lambda count, id_=id_: progress.reading(id_, count),  # type: ignore[misc]
        )
        now = clock()
        collections[id_] = _dated(source, collection, at or now, now)
    return collections


def _dated(source: Source, collection: Collection, at: datetime, now: datetime) -> Collection:
    """Say of when the facts are, and take them for nothing when that cannot be or is too long ago."""
    as_of = source.exported.astimezone(UTC) if source.exported else collection.as_of
    try:
        if collection.complete:
            refuse_file_date(collection.system.id, source)
            refuse_wrong_age(collection.system.id, source, as_of, at, now)
    except SourceError as error:
        return Collection(collection.system, collection.source, min(as_of, now), Partial(error.message, error.hint))
    return replace(collection, as_of=as_of, completeness=_aged(source, collection.completeness))


def _aged(source: Source, completeness: Complete | Partial) -> Complete | Partial:
    """Say beside the proofs by what the age is known, where nobody has stated it."""
    dated = how_dated(source)
    if not isinstance(completeness, Complete) or dated not in (BY_FILE, BY_PRINT):
        return completeness
    return Complete((*completeness.evidence, Evidence(AGE, dated)))


def make_case(
    config: Config, inputs: Inputs, collections: dict[str, Collection], at: datetime, store: Store | None
) -> Case:
    """Return the case of an instant; without a store, nothing is known of who was on earlier rosters."""
    today = at.astimezone(ZoneInfo(config.practice.timezone)).date()
    people = {p.id: p for p in (*inputs.staff, *inputs.roster.roster.people)}
    periods = stretches(inputs.roster.roster.engagements)
    engagements = applying(periods, today)
    former = store.former_engagements(config.practice.id, set(people)) if store else ()
    _same_ids(config, former, people)
    for person, engagement, last_seen in former:
        people[person.id] = person
        engagements[person.id] = ended(engagement, last_seen, config.practice.timezone)
    settled = settle(stated_by_day(store, config, today), today, collections, people.values()) if store else NOTHING
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
        roster_part=inputs.roster.roster.part,
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
    )
    return replace(case, reissued=reissued(store, case)) if store else case


def stated_by_day(store: Store, config: Config, day: date) -> tuple[Statement, ...]:
    """Return what people had stated by the end of a day of the practice."""
    zone = ZoneInfo(config.practice.timezone)
    return tuple(
        s
        for s in store.statements(config.practice.id)
        if s.recorded_at is None or s.recorded_at.astimezone(zone).date() <= day
    )


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


def read_work(config: Config, inputs: Inputs, people: frozenset[str]) -> WorkMap | None:
    """
    Read the work map, if there is one, against everybody who is or was known: work may still be theirs by its letter.

    Raises `InputError` for a map that names nobody, or somebody or something that nobody knows.
    """
    if config.work is None:
        return None
    known = KnownNames(
        people=people,
        roles=inputs.policy.templates.ids,
        locations=frozenset(place for e in inputs.roster.roster.engagements for place in e.locations),
        systems=frozenset(config.sources),
        agreements=frozenset(agreement.id for agreement in inputs.agreements),
        vocabulary=inputs.policy.vocabulary,
    )
    return load_work_map(config.work, known)


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
    last_day = max(last_seen.astimezone(ZoneInfo(timezone)).date(), engagement.start)
    return replace(engagement, end=min(engagement.end, last_day) if engagement.end else last_day)
