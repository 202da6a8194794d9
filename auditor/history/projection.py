"""The practice on a day to come: the systems as an audit saw them, people and agreements as they are dated."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from auditor.audit.case import ended, make_case
from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.headcount.engagements import past_of
from auditor.headcount.events import applying
from auditor.headcount.reissued import reissued
from auditor.headcount.rosters import told_by
from auditor.history.load import load_audit_case, select_audit
from auditor.ledger.statements import Statement, recorded_by
from auditor.reviewed import resting_on_reviews
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.errors import AuditorError
from policies.agreements.days import after
from policies.engine.case import Case

LAST_YEAR = 2199
"""No engagement and no agreement is longer, and every day that is counted from it is still a date."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of the practice, and since when."""

    audit: AuditSummary
    """The audit that saw the systems."""
    case: Case
    """As it was on the day of the audit; with a past audit also the roster is of then."""
    statements: tuple[Statement, ...]


def load_baseline(config: Config, inputs: Inputs, store: Store, as_of: str | None) -> Baseline:
    """
    Return what the last audit saw, or the one that `as_of` names (a number, or a day: the last audit up to its end).

    Without `as_of`, roster, staff, agreements and work map are the files of today. With it, the roster is that of the
    audit and statements are those taken down up to it. Raises `AuditorError` when there is no such audit.
    """
    practice = config.practice
    audits = store.audits(practice.id)
    if not audits:
        raise AuditorError("there is no audit in the store yet", hint="`auditor audit` makes one")
    audit = select_audit(audits, as_of, practice.timezone) if as_of is not None else audits[-1]
    _, case = load_audit_case(config, inputs, store, audit.id)
    statements = store.statements(practice.id)
    if as_of is None:
        case = make_case(config, inputs, dict(case.collections), audit.at, store)
    else:
        case = with_former(case, store, audit)
        case = replace(case, reissued=reissued(store, case, audit.id))
        statements = recorded_by(statements, case.today, practice.timezone)
    resting = resting_on_reviews(store, practice.id, practice.timezone, statements)
    if as_of is not None:
        resting = recorded_by(resting, case.today, practice.timezone)
    return Baseline(audit, case, resting)


def with_former(case: Case, store: Store, audit: AuditSummary) -> Case:
    """Add whoever an earlier audit had on the roster and this one had not: they left, and may still have accounts."""
    former = [
        (person, engagement, seen)
        for person, engagement, seen in store.former_engagements(case.practice.id, set(case.people))
        if seen < audit.at
    ]
    engagements = {p.id: ended(e, seen, case.practice.timezone) for p, e, seen in former}
    told = told_by(store, case.practice.id, case.practice.timezone, audit.id)
    past = (e for vma in sorted(engagements.keys() & told.keys()) for e in past_of(told[vma]))
    return replace(
        case,
        people={**case.people, **{p.id: p for p, _, _ in former}},
        engagements={**case.engagements, **engagements},
        former=frozenset(engagements),
        past=(*case.past, *past),
    )


def project(case: Case, day: date) -> Case:
    """Return the case of another day: who works then by the dated roster, and everything else unchanged."""
    return replace(case, today=day, engagements={**case.engagements, **applying(case.periods, day)})


def dated(case: Case) -> Iterable[date]:
    """Yield the days on which roster and register say that something begins, or is over."""
    for agreement in case.agreements:
        yield agreement.start
        if agreement.end is not None:
            yield after(agreement.end)
    for engagement in case.periods:
        yield engagement.start
        if engagement.end is not None:
            yield after(engagement.end)


def asked_day(as_of: str | None) -> date | None:
    """Return the day that `as_of` names, if it names a day and not an audit."""
    day = None if as_of is None or as_of.isdecimal() else date.fromisoformat(as_of)
    if day is not None and day.year > LAST_YEAR:
        raise AuditorError(f"`{day}` is further than anybody can look", hint=f"a day up to {LAST_YEAR}-12-31")
    return day


def require_store(config: Config) -> None:
    """Raise `AuditorError` when no audit was ever stored."""
    if not config.store.exists():
        raise AuditorError(f"there is no store `{config.store.name}`", hint="`auditor audit` makes one")
