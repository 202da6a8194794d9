"""What became of access between two audits, worded for every format."""

from auditor import __version__
from auditor.between import Between, Cause, Owed, Told
from auditor.headcount import Event
from auditor.reporting.changes import change_text
from auditor.snapshot import AuditSummary
from policies.case import Case
from reports.drift_page import AuditLine, DriftPage, Group, Happened, Line, Row

ORDER = (Cause.UNEXPLAINED, Cause.EVENT, Cause.OWED, Cause.REQUEST, Cause.EXCEPTION)
"""What needs a person comes first."""
NOBODY = "nobody on the roster"


def drift_page(result: Between, first: AuditSummary, last: AuditSummary, case: Case) -> DriftPage:
    """Return the page of a comparison; `case` is that of the later audit."""
    return DriftPage(
        practice=case.practice.name,
        timezone=case.practice.timezone,
        tool_version=__version__,
        first=AuditLine(first.id, first.at),
        last=AuditLine(last.id, last.at),
        headcount=tuple(_happened(case, e) for e in result.events if e.vma),
        controls=tuple(_happened(case, e) for e in result.events if not e.vma),
        groups=tuple(
            Group(
                cause.value,
                "bad" if cause is Cause.UNEXPLAINED else "good",
                tuple(_line(case, t) for t in result.told if t.cause is cause),
            )
            for cause in ORDER
        ),
        owed=tuple(_owed(case, o) for o in result.owed),
        outside=tuple(_why(case, t) for t in result.outside_offboarding),
        not_read=tuple((case.systems[s].title, partial.reason) for s, partial in result.not_read.items()),
        rows=tuple(
            Row(
                name=case.people[line.vma].name if line.vma in case.people else line.vma or NOBODY,
                id=line.vma,
                system=case.systems[line.system].title,
                accounts=line.accounts,
                entitlements=line.entitlements,
                gained=case.policy.vocabulary.names(line.gained),
                lost=case.policy.vocabulary.names(line.lost),
                phi_gained=line.phi_gained,
                phi_lost=line.phi_lost,
                causes=tuple(line.by_cause.get(cause, 0) for cause in ORDER),
            )
            for line in result.lines
        ),
    )


def _happened(case: Case, event: Event) -> Happened:
    name = case.people[event.vma].name if event.vma in case.people else event.subject
    return Happened(event.kind.value, name, event.subject, event.detail)


def _line(case: Case, told: Told) -> Line:
    return Line(change_text(case, told.change), told.by, told.note)


def _why(case: Case, told: Told) -> Line:
    """Say why something went although nobody left; also where nothing explains it."""
    return Line(change_text(case, told.change), told.by or told.cause.value, told.note)


def _owed(case: Case, owed: Owed) -> str:
    where = f" ({owed.login} in {case.systems[owed.system].title})" if owed.system else ""
    name = f"{case.people[owed.event.vma].name} ({owed.event.vma})" if owed.event.vma in case.people else owed.event.vma
    return f"{name}, {owed.event.kind.value}: {owed.what}{where}"
