"""The counts that stand in several places: live accounts, leavers' accounts, who needs action, what is not known."""

from collections import Counter

from auditor.audit.result import AuditResult
from auditor.drift.attribution import Cause
from connectors.facts import PersonKind, SystemKind
from policies.engine.case import Case
from policies.engine.evaluate import Judgment
from policies.engine.outcomes import Severity

URGENT = (Severity.CRITICAL, Severity.HIGH)


def need_action(judged: AuditResult) -> int:
    """Count the people, accounts, entitlements and systems with a critical or high finding that nobody accepted."""
    return len({f.vma or f"{f.subject.kind} {f.subject.id}" for f in judged.open.values() if f.severity in URGENT})


def live(case: Case, system: str) -> Counter[PersonKind | None]:
    """
    Count the live accounts of a system that was read whole, by the kind of their owners; `None`: of nobody.

    A live account is one with which somebody may be able to sign in, so one of unknown state is live.
    """
    return Counter(case.owners[key].kind for key in case.live_accounts if key[0] == system)


def live_ehr(case: Case) -> int | None:
    """
    Count the live EHR accounts of VMAs and of nobody: what headcount is to be compared with.

    `None` where an EHR was not read whole, or none is configured.
    """
    systems = ehr_systems(case)
    if not systems or systems & set(case.incomplete):
        return None
    counts = [live(case, system) for system in systems]
    return sum(count[PersonKind.VMA] + count[None] for count in counts)


def ehr_systems(case: Case) -> set[str]:
    """Return the ids of the configured EHRs."""
    return {id_ for id_, system in case.systems.items() if system.kind is SystemKind.EHR}


def leavers(judged: AuditResult) -> int:
    """Count the accounts that still work after the end of their VMA's engagement."""
    return sum(finding.rule == "active-after-end" for finding in judged.findings.values())


def leavers_in_doubt(judged: AuditResult) -> int:
    """Count the leavers of whom it is not settled whether an account is theirs."""
    rule = "active-after-end"
    return len({n.subject.id for n in judged.judgment.not_evaluated if n.rule == rule and n.subject.kind == "vma"})


def unexplained(judged: AuditResult) -> int | None:
    """Count the access changes since the audit before that nothing explains; `None` in a first audit."""
    return sum(told.cause is Cause.UNEXPLAINED for told in judged.attributed) if judged.drift else None


def not_evaluated(judgment: Judgment) -> int:
    """Count the checks that neither passed nor failed."""
    return sum(tally.not_evaluated for tally in judgment.tallies)


def population(judgment: Judgment) -> int:
    """Count the checks that were to be made."""
    return sum(tally.population for tally in judgment.tallies)
