"""The next day on which a verdict changes although nobody does anything, and what happens on it."""

from collections.abc import Iterable
from datetime import date, timedelta

from auditor.audit.result import AuditResult, identify
from auditor.headcount.events import EventKind, coming
from auditor.history.projection import dated, project
from policies.engine.case import Case
from policies.engine.evaluate import Judgment
from policies.engine.evidence import listing
from policies.engine.incremental import reevaluate
from policies.engine.outcomes import Finding
from policies.engine.rule import all_rules

MOST_DAYS = 30
"""So many days on which something may change are judged; most often the first of them is it."""


def next_change(judged: AuditResult) -> tuple[date, str] | None:
    """
    Judge the days to come on which something may change, and return the first on which a finding comes or goes.

    A check that was good until a day and is good again on it changes nothing. `None` where nothing was found to change.
    """
    case, judgment = judged.case, judged.judgment
    waiting = {*dated(case), *_foreseen(judgment, case.today)}
    found = dict(judged.findings)
    for _ in range(MOST_DAYS):
        day = min((d for d in waiting if d > case.today), default=None)
        if day is None:
            return None
        then = project(case, day)
        judgment = reevaluate(case, judgment, then)
        later = identify(then, judgment)
        come = [later[identity] for identity in later if identity not in found]
        gone = [found[identity] for identity in found if identity not in later]
        if come or gone:
            return day, "; ".join((*_events(case, day), *_words(come, ""), *_words(gone, "settled: ")))
        waiting |= set(_foreseen(judgment, day))
        case, found = then, later
    return None


def _foreseen(judgment: Judgment, day: date) -> Iterable[date]:
    return (s.until for s in judgment.satisfied if s.until is not None and s.until > day)


def _events(case: Case, day: date) -> Iterable[str]:
    for _, event in coming(case.periods, day - timedelta(days=1), day):
        name = case.people[event.vma].name if event.vma in case.people else event.vma
        yield f"{name} {'has left' if event.kind is EventKind.LEFT else 'starts'}"


def _words(findings: Iterable[Finding], before: str) -> Iterable[str]:
    """Name subjects and rule: "asantos (Dormant account)"; those of one rule together."""
    titles = {rule.id: rule.title for rule in all_rules()}
    by_rule: dict[str, list[str]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding.subject.name)
    return (f"{before}{listing(dict.fromkeys(names))} ({titles[rule]})" for rule, names in by_rule.items())
