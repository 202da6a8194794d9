"""What became of access between two audits, worded for every format."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from auditor import __version__
from auditor.drift.attribution import AttributedChange, Cause, DriftReport, NotDone
from auditor.drift.moments import Moments
from auditor.figures.owed import Owed
from auditor.headcount.events import Event
from auditor.reporting.changes import change_text, moment_text, unseen_text
from auditor.snapshot import AuditSummary
from policies.engine.case import Case
from reports.drift_page import AuditLine, CauseGroup, DriftLine, DriftPage, DriftRow, HappenedLine

ORDER = (Cause.UNEXPLAINED, Cause.EVENT, Cause.EARLIER, Cause.REQUEST, Cause.EXCEPTION)
"""What needs a person comes first."""
NOBODY = "nobody on the roster"
UNSEEN = "came and went again between two audits, by the system's own record"


def drift_page(
    result: DriftReport, first: AuditSummary, last: AuditSummary, case: Case, owed: Sequence[Owed], *, moments: Moments
) -> DriftPage:
    """Return the page of a comparison; `case` and what is `owed` are those of the later audit."""
    unseen = tuple(DriftLine(unseen_text(case, one)) for one in moments.unseen())
    return DriftPage(
        practice=case.practice.name,
        timezone=case.practice.timezone,
        tool_version=__version__,
        first=AuditLine(first.id, first.at),
        last=AuditLine(last.id, last.at),
        headcount=tuple(_happened(case, e) for e in result.events if e.vma),
        controls=tuple(_happened(case, e) for e in result.events if not e.vma),
        groups=(
            *(
                CauseGroup(
                    cause.words,
                    "bad" if cause is Cause.UNEXPLAINED else "good",
                    tuple(_line(case, t, moments) for t in result.attributed if t.cause is cause),
                )
                for cause in ORDER
            ),
            *([CauseGroup(UNSEEN, "bad", unseen, counted=False)] if unseen else []),
        ),
        not_done=tuple(_not_done(case, one) for one in result.not_done),
        owed=len(owed),
        owing=tuple(_owing(owed)),
        outside=tuple(_why(case, t) for t in result.outside_offboarding),
        not_read=tuple((case.systems[s].title, partial.reason) for s, partial in result.not_read.items()),
        rows=tuple(
            DriftRow(
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


def _happened(case: Case, event: Event) -> HappenedLine:
    name = case.people[event.vma].name if event.vma in case.people else event.subject
    return HappenedLine(event.kind.value, name, event.subject, event.detail)


def _line(case: Case, told: AttributedChange, moments: Moments) -> DriftLine:
    instant = moments.of(told.change)
    notes = (told.note, moment_text(case, instant) if instant else "")
    return DriftLine(change_text(case, told.change), told.by, "; ".join(note for note in notes if note))


def _why(case: Case, told: AttributedChange) -> DriftLine:
    """Say why something went although nobody left; also where nothing explains it."""
    return DriftLine(change_text(case, told.change), told.by or told.cause.words, told.note)


def _not_done(case: Case, one: NotDone) -> str:
    where = f" ({one.login} in {case.systems[one.system].title})" if one.system else ""
    name = f"{case.people[one.event.vma].name} ({one.event.vma})" if one.event.vma in case.people else one.event.vma
    return f"{name}, {one.event.kind.value}: {one.what}{where}"


def _owing(owed: Sequence[Owed]) -> Iterable[str]:
    """Word what is owed, one line for each control; of whom it is merely not shown stands apart."""
    order = sorted(owed, key=lambda one: (one.title, not one.missing))
    for (title, missing), those in groupby(order, key=lambda one: (one.title, one.missing)):
        names = dict.fromkeys(f"{one.name} ({one.vma})" for one in those)
        yield f"{title}{'' if missing else ', not shown to be in place'}: {', '.join(names)}"
