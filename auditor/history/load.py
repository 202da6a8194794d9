"""A past audit as a case again: what was true then, from the store, judged by the policy of today."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from auditor.audit.case import earlier_roles, once_known, seen_logins
from auditor.audit.inputs import Inputs, read_work
from auditor.config import Config
from auditor.headcount.engagements import past_of
from auditor.headcount.former_names import former_names
from auditor.headcount.rosters import told_by
from auditor.history.quarters import Quarter
from auditor.ledger.statements import recorded_by
from auditor.notices.claims import announced_by
from auditor.settled import Settled, confirmed, settle
from auditor.snapshot import AuditSummary, Stored
from auditor.store import Store
from connectors.errors import AuditorError, shorten
from connectors.facts import Account, Collection, Complete, Entitlement, Evidence, Grant, Person, System
from connectors.inputs.dates import day_of
from connectors.unproven import LEAVES_OUT
from policies.agreements.days import before
from policies.engine.candidates import STATED
from policies.engine.case import AccountKey, Case, Owner


def load_audit_case(config: Config, inputs: Inputs, store: Store, audit: int) -> tuple[Stored, Case]:
    """
    Return an audit and its case.

    Facts, engagements and agreements are those of the audit (agreements are today's where an older store kept none);
    staff, policy and work map are today's. A system that the audit did not read whole is `Partial` again, with the
    reason of then.
    """
    stored = store.at(config.practice.id, audit)
    facts, at = stored.snapshot, stored.audit.at
    systems = {id_: source.connector.system for id_, source in config.sources.items()}
    collections = _collections(stored, store, systems)
    people = {p.id: p for p in (*inputs.staff, *facts.people.values())}
    today = day_of(at, config.practice.timezone)
    known = recorded_by(store.statements(config.practice.id), today, config.practice.timezone)
    settled = settle(known, today, collections, people.values())
    owners = _owners(facts.owners, people, settled)
    told = told_by(store, config.practice.id, config.practice.timezone, audit)
    case = Case(
        practice=config.practice,
        at=at,
        today=today,
        people=people,
        engagements=facts.engagements,
        collections=collections,
        owners=owners,
        not_theirs=settled.not_theirs,
        once=once_known(store, config, owners, audit),
        seen_logins=seen_logins(store, config, people.values(), collections, audit),
        agreements=tuple(facts.policy.agreements.values()) if facts.policy.kept else inputs.agreements,
        policy=inputs.policy,
        periods=facts.rows,
        past=tuple(e for vma in sorted(told.keys() & facts.engagements.keys()) for e in past_of(told[vma])),
        earlier_roles=earlier_roles(
            facts.engagements, facts.rows, store.earlier_roles(config.practice.id, audit), today
        ),
        work=read_work(config, inputs, frozenset(people) | _ever(config, inputs, store)),
        former_names=former_names(store, config.practice.id, people, facts.engagements, audit),
        announced=announced_by(store, config, today),
    )
    return stored, case


def _owners(
    owners: Mapping[AccountKey, Owner], people: Mapping[str, Person], settled: Settled
) -> Mapping[AccountKey, Owner]:
    """Return the owners that an audit found, with what was stated on its day after it."""
    changed: dict[AccountKey, Owner] = {}
    for key, refused in settled.not_theirs.items():
        if key in owners and owners[key].reason != STATED and refused.issuperset(owners[key].people):
            changed[key] = Owner((), None, "somebody stated that it is not theirs")
    for key, said in settled.theirs.items():
        if key in owners and (owner := confirmed(said, people)) is not None:
            changed[key] = owner
    return {**owners, **changed} if changed else owners


def _ever(config: Config, inputs: Inputs, store: Store) -> frozenset[str]:
    """Return the ids of everybody who is or was on the roster: the work map of today may name them."""
    former = store.former_engagements(config.practice.id, ())
    return frozenset({p.id for p in inputs.roster.people} | {person.id for person, _, _ in former})


def _collections(stored: Stored, store: Store, systems: dict[str, System]) -> dict[str, Collection]:
    reads, proofs = store.reads(stored.audit.id), store.proofs(stored.audit.id)
    accounts: dict[str, list[Account]] = defaultdict(list)
    for (system, _), account in stored.snapshot.accounts.items():
        accounts[system].append(account)
    entitlements: dict[str, dict[str, Entitlement]] = defaultdict(dict)
    for (system, id_), entitlement in stored.snapshot.entitlements.items():
        entitlements[system][id_] = entitlement
    grants: dict[str, list[Grant]] = defaultdict(list)
    for system, grant in stored.snapshot.grants:
        grants[system].append(grant)
    found = {}
    for id_, (source, as_of, partial) in reads.items():
        if id_ not in systems:
            continue  # no longer configured: nothing says any more what its entitlements mean
        if partial is not None:
            found[id_] = Collection(systems[id_], source, as_of, partial)
            continue
        found[id_] = Collection(
            systems[id_],
            source,
            as_of,
            Complete((Evidence("store", f"audit {stored.audit.id}"), *_left_out(proofs.get(id_, ())))),
            tuple(sorted(accounts[id_], key=lambda a: a.id)),
            entitlements[id_],
            tuple(sorted(grants[id_], key=lambda g: (g.account, g.entitlement, g.path))),
        )
    return found


def _left_out(proofs: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return what an audit knew of accounts that its read may have left out: they are no more gone when recalled."""
    return tuple(e for e in proofs if e.name in LEAVES_OUT)


def select_audit(audits: Sequence[AuditSummary], text: str, timezone: str) -> AuditSummary:
    """
    Return the audit that a person means: its number, or a day, which means the last audit up to its end.

    Raises `AuditorError` naming the audits that there are.
    """
    known = ", ".join(f"{a.id} ({day_of(a.at, timezone)})" for a in audits[-12:])
    if text.isdecimal() and len(text) < 10:
        for audit in audits:
            if audit.id == int(text):
                return audit
        raise AuditorError(f"there is no audit {text} of this practice", hint=f"the audits are: {known}")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise AuditorError(
            f"{shorten(text)} is neither an audit nor a day", hint=f"a day such as 2026-09-30, or one of: {known}"
        ) from None
    until = [audit for audit in audits if day_of(audit.at, timezone) <= day]
    if not until:
        raise AuditorError(f"there is no audit up to {day}", hint=f"the audits are: {known}")
    return until[-1]


def last_quarter(today: date) -> tuple[date, date]:
    """Return the last day before the last whole quarter, and its last day."""
    last = before(Quarter.of(today).first)
    return before(Quarter.of(last).first), last
