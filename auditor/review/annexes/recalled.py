"""The annexes of a stored audit, or of the audits of a period, from the store alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from auditor.audit.inputs import Inputs
from auditor.audit.result import accepted
from auditor.config import Config
from auditor.drift.attribution import compare
from auditor.drift.moments import Moments
from auditor.history.load import load_audit_case
from auditor.history.projection import with_former
from auditor.instants.known import logs_of
from auditor.ledger.statements import recorded_by
from auditor.review.annexes.build import build_annexes
from auditor.review.annexes.campaigns import reviews_of
from auditor.review.annexes.completed import completed, new_to_us
from auditor.review.annexes.facts import RULES, AnnexFacts, Changes, SystemProof
from auditor.review.annexes.meanwhile import meanwhile
from auditor.snapshot import AuditSummary, Stored
from auditor.store import Store
from connectors.facts import Complete
from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.rule import all_rules
from reports.annexes import Annexes


@dataclass(frozen=True, slots=True)
class Period:
    """Some stored audits that follow each other, and what they are told of."""

    name: str
    """In words."""
    audits: Sequence[AuditSummary]
    """Oldest first; the last one is judged, and compared with the first, where there are two."""
    since_before: bool
    """The first one is of the time before, and no part of the period."""
    begun: date | None = None
    """The first day of the period, where no audit is as old."""


def recalled_annexes(config: Config, inputs: Inputs, store: Store, period: Period, *, now: datetime) -> Annexes:
    """Return the annexes of a period; how reviews went is told as of `now`: a quarter is reviewed when it is over."""
    facts = recalled_facts(config, inputs, store, period)
    return build_annexes(facts, reviews_of(facts, config, store, now), period.name)


def recalled_facts(config: Config, inputs: Inputs, store: Store, period: Period) -> AnnexFacts:
    """Return what the store knows of a period."""
    audits = period.audits
    practice, last = config.practice.id, audits[-1]
    stored, plain = load_audit_case(config, inputs, store, last.id)
    case = with_former(_with_proofs(plain, store, last.id), store, last)
    statements = recorded_by(store.statements(practice), case.today, case.practice.timezone)
    records = logs_of(store, practice, last.id)
    own = audits[1:] if period.since_before else audits
    numbers = {audit.id for audit in own}
    judgment = judge(case, [rule for rule in all_rules() if rule.id in RULES])
    again = {finding.identity(practice) for finding in judgment.findings}
    unjudged = set(case.incomplete)
    findings = stored.snapshot.findings
    facts = AnnexFacts(
        case=case,
        judgment=judgment,
        findings=findings,
        kept_open=frozenset(id_ for id_, f in findings.items() if f.system in unjudged and id_ not in again),
        accepted=accepted(case, findings, statements),
        statements=statements,
        changes=_changes(config, inputs, store, period, (stored, plain)) if len(audits) > 1 else None,
        pasts={},
        clock_end=None,
        clock_move=None,
        proofs=tuple(proof for audit in own for proof in _proofs(store, audit.id, audit.at)),
        entries=tuple(e for e in store.entries() if e.practice == practice and e.audit in numbers),
        recalled=True,
        audit=last.id,
    )
    return completed(facts, config, store, last.id, records)


def _with_proofs(case: Case, store: Store, audit: int) -> Case:
    """Give the collections the proofs that were stored with them: what nobody has explained is not explained later."""
    proofs = store.proofs(audit)
    return replace(
        case,
        collections={
            system: replace(c, completeness=Complete(proofs[system])) if c.complete and proofs.get(system) else c
            for system, c in case.collections.items()
        },
    )


def _changes(config: Config, inputs: Inputs, store: Store, period: Period, last: tuple[Stored, Case]) -> Changes:
    """Return what `auditor drift` tells of the first and the last audit, and what was undone in between."""
    first, (stored, case) = period.audits[0], last
    before, case_before = load_audit_case(config, inputs, store, first.id)
    statements = store.statements(config.practice.id)
    result = compare(before, case_before, case, statements, stored.snapshot.policy)
    records = logs_of(store, config.practice.id, stored.audit.id)
    not_read = {system: partial.reason for system, partial in result.not_read.items()}
    return Changes(
        since=first.at,
        audit=first.id,
        events=result.events,
        told=result.attributed,
        not_read={**new_to_us(before.snapshot, case), **not_read},
        moments=Moments(records, store.read_whole(first.id), store.read_whole(stored.audit.id), before.snapshot),
        begun=period.begun,
        meanwhile=meanwhile(config, inputs, store, period.audits),
    )


def _proofs(store: Store, audit: int, at: datetime) -> list[SystemProof]:
    evidence = store.proofs(audit)
    return [
        SystemProof(audit, at, system, source, as_of, partial, evidence.get(system, ()))
        for system, (source, as_of, partial) in sorted(store.reads(audit).items())
    ]
