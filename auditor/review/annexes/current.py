"""The annexes of the audit that is being made: as it was judged, before it is stored."""

from auditor.audit.result import AuditResult
from auditor.config import Config
from auditor.review.annexes.build import build_annexes
from auditor.review.annexes.campaigns import reviews_of
from auditor.review.annexes.completed import completed, new_to_us
from auditor.review.annexes.facts import AnnexFacts, Changes, SystemProof
from auditor.store import Store
from connectors.facts import Complete, Partial
from policies.engine.case import Case
from reports.annexes import Annexes


def current_annexes(config: Config, judged: AuditResult, store: Store) -> Annexes:
    """Return the annexes of an audit since the one before it; `store` has all audits but this one."""
    facts = current_facts(config, judged, store)
    return build_annexes(facts, reviews_of(facts, config, store, judged.case.at), _period(judged))


def current_facts(config: Config, judged: AuditResult, store: Store) -> AnnexFacts:
    """Return what an audit and the store know."""
    case, previous = judged.case, judged.previous
    facts = AnnexFacts(
        case=case,
        judgment=judged.judgment,
        findings={**judged.findings, **judged.kept_open},
        kept_open=frozenset(judged.kept_open),
        accepted=judged.accepted,
        statements=judged.statements,
        changes=_changes(judged),
        pasts={},
        clock_end=None,
        clock_move=None,
        proofs=tuple(_proofs(case)),
        before=previous.snapshot if previous else None,
    )
    return completed(facts, config, store, None, judged.records)


def _changes(judged: AuditResult) -> Changes | None:
    previous, drift = judged.previous, judged.drift
    if previous is None or drift is None:
        return None
    not_read = {system: partial.reason for system, partial in drift.not_read.items()}
    return Changes(
        since=previous.audit.at,
        audit=previous.audit.id,
        events=drift.events,
        told=judged.attributed,
        not_read={**new_to_us(previous.snapshot, judged.case), **not_read},
        moments=judged.moments,
    )


def _proofs(case: Case) -> list[SystemProof]:
    found = []
    for system, collection in sorted(case.collections.items()):
        said = collection.completeness
        partial = said if isinstance(said, Partial) else None
        evidence = said.evidence if isinstance(said, Complete) else ()
        found.append(
            SystemProof(None, case.at, system, collection.source, collection.as_of, partial, evidence),
        )
    return found


def _period(judged: AuditResult) -> str:
    if judged.previous is None:
        return f"the audit of {judged.case.today}, which is the first"
    audit = judged.previous.audit
    return (
        f"the audit of {judged.case.today}, and what changed since audit {audit.id} of {judged.case.day_of(audit.at)}"
    )
