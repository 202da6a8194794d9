"""
What the page needs besides the model: groups, look-ups, and how much of a very big audit it shows.

Nothing is cut silently: every part knows its total, and the page says where the rest is.
"""

from policies.engine.outcomes import Severity
from reports.annex_view import ShownAnnex
from reports.listing import ListPart, top
from reports.model import ChangeLine, EventLine, FindingLine, NotEvaluatedLine, OwnerLine, Report
from reports.order_lines import ClaimLine, SheetOrder
from reports.timeline import Picture, picture
from reports.timeline_model import AgreementLine, CoverageRow, MatrixRow

FINDINGS_SHOWN = 500
"""So many findings, the most severe, stand on the page; JSON has them all."""
OWNERS_SHOWN = 2_000
"""So many lines of the list of accounts and owners."""
LINES_SHOWN = 500
"""So many lines of every other list."""
FIRST_SHOWN = 5
"""So many findings stand under "Do this first"."""


class View:
    """One report, ready to be laid out."""

    def __init__(self, report: Report) -> None:
        ordered = tuple(sorted(report.findings, key=lambda finding: finding.severity.rank))
        self.findings: ListPart[FindingLine] = top(ordered, FINDINGS_SHOWN)
        self.first: tuple[FindingLine, ...] = tuple(f for f in ordered if not f.accepted)[:FIRST_SHOWN]
        self.groups = tuple((severity, self._of(severity)) for severity in Severity if self._of(severity))
        self.by_id: dict[str, FindingLine] = {finding.id: finding for finding in report.findings}
        self.shown = frozenset(finding.id for finding in self.findings.items)
        self.people = {row.vma: row.name for row in report.matrix}
        self.unread = tuple(system for system in report.systems if not system.complete)
        self.not_evaluated: ListPart[NotEvaluatedLine] = top(report.not_evaluated, LINES_SHOWN)
        self.events: ListPart[EventLine] = top(report.drift.events, LINES_SHOWN)
        self.explained: ListPart[ChangeLine] = top(report.drift.explained, LINES_SHOWN)
        self.unexplained: ListPart[ChangeLine] = top(report.drift.unexplained, LINES_SHOWN)
        self.closed: ListPart[str] = top(report.drift.closed, LINES_SHOWN)
        self.matrix: ListPart[MatrixRow] = top(report.matrix, LINES_SHOWN)
        self.coverage: ListPart[CoverageRow] = top(report.coverage, LINES_SHOWN)
        self.picture: Picture = picture(report, self.coverage.items)
        self.cover_unknown = any(lane.days("unknown") for lane in self.picture.lanes)
        self.agreements: ListPart[AgreementLine] = top(report.agreements, LINES_SHOWN)
        self.owners: ListPart[OwnerLine] = top(_nobody_first(report.owners), OWNERS_SHOWN)
        shown = [ShownAnnex(x, report.timezone) for x in report.annexes.annexes] if report.annexes else []
        self.annexes = tuple(x for x in shown if not x.of_review)
        self.reviews = tuple(x for x in shown if x.of_review)
        self.reviewed = any(x.annex.rows for x in self.reviews)
        told = report.orders
        self.orders: ListPart[SheetOrder] = top(told.open if told else (), LINES_SHOWN)
        self.ended: ListPart[SheetOrder] = top(told.ended if told else (), LINES_SHOWN)
        self.claims: ListPart[ClaimLine] = top(told.claims if told else (), LINES_SHOWN)
        self.system_titles = {system.id: system.title for system in report.systems}

    def _of(self, severity: Severity) -> tuple[FindingLine, ...]:
        return tuple(finding for finding in self.findings.items if finding.severity is severity)

    def person(self, finding: FindingLine) -> str:
        """Return whom a finding concerns, for grouping by person."""
        if finding.vma is None:
            return "No single VMA"
        name = self.people.get(finding.vma)
        return f"{name} · {finding.vma}" if name else finding.vma

    def about(self, change: ChangeLine) -> str:
        """Return what a change's own text does not say yet: where, whose, and why."""
        where = self.system_titles.get(change.system, change.system)
        whose = self.people.get(change.vma, change.vma) if change.vma else ""
        cause = "" if change.cause == "unexplained" else change.cause
        return " · ".join(part for part in (where, whose, cause) if part and part not in change.text)

    def system(self, finding: FindingLine) -> str:
        """Return where a finding is to be mended, for grouping by system."""
        return finding.system_title or "No single system"


def _nobody_first(owners: tuple[OwnerLine, ...]) -> tuple[OwnerLine, ...]:
    return tuple(sorted(owners, key=lambda owner: owner.owner_kind != "nobody"))
