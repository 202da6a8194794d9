"""Lag and lockstep, worded for every format."""

from collections.abc import Iterable
from fractions import Fraction

from auditor import __version__
from auditor.figures import owed as figures
from auditor.lag.lag import Lockstep, worst
from auditor.lag.report import ALL, LagGroup, LagReport
from auditor.lag.spans import HOUR, Calendar, moment, seconds
from policies.engine.case import Practice
from policies.engine.evidence import counted
from reports.lag_page import Early, LagPage, LagRow, LagTable, OwedControl, Stretch

MANY = 5
"""How many stored sentences are named."""
FINEST = 360
"""Above so many steps the picture has so many columns, each of which shows its worst moment."""


def lag_page(report: LagReport, practice: Practice) -> LagPage:
    """Return the page of a report."""
    calendar, step = Calendar(practice.timezone), report.lockstep
    titles = {c.id: c.title for c in report.controls}
    return LagPage(
        practice=practice.name,
        timezone=practice.timezone,
        tool_version=__version__,
        first=calendar.day(int(report.since.timestamp())),
        last=calendar.day(int(report.now.timestamp())),
        at=report.now,
        lockstep=percent(step.share),
        whole=step.exposure == 0,
        exposure=_days(step.exposure),
        vma_days=_days(step.vma_days),
        stretches=tuple(_stretches(step)),
        alone=tuple((titles[id_], percent(one.share)) for id_, one in report.alone.items()),
        tables=tuple(_tables(report, titles)),
        owed=tuple(owed_line(one) for one in figures.owed(report)),
        early=tuple(_early(report, calendar)),
        left_out=tuple(titles[control] for control in report.left_out),
        not_read=report.unread,
        notes=tuple(_notes(report, calendar)),
    )


def _notes(report: LagReport, calendar: Calendar) -> Iterable[str]:
    if report.bare_words:
        yield (
            f"{counted(report.bare_words, 'attestation')} of `access-review` rest on no closed review: a bare word, "
            "which makes nobody reviewed (`auditor review start`)."
        )
    if report.own_controls:
        kept = "the report counts by the shipped controls, whatever these say"
        if report.other_controls:
            kept = f"the report counts by the shipped controls, which differ in: {', '.join(report.other_controls)}"
        yield f"These are the practice's own controls, of {report.own_controls}; {kept}."
    if report.otherwise:
        shown = "; ".join(
            f"audit {one.audit} of {calendar.day(seconds(one.at))} said {one.said}, and {one.covered} were"
            for one in report.otherwise[:MANY]
        )
        more = len(report.otherwise) - MANY
        yield (
            "The stored sentences of some audits count those under a BAA otherwise than this page: "
            f"{shown}{f'; and {more} more' if more > 0 else ''}. An earlier version counted otherwise (by the chain of "
            "agreements alone, whatever was reached), or agreements or roster were corrected since."
        )


def percent(share: Fraction | None) -> str:
    """Write a share with one decimal, rounded down: only all of it is 100 %."""
    return "not defined: nobody was engaged" if share is None else f"{share * 1000 // 1 / 10:.1f} %"


def _stretches(step: Lockstep) -> Iterable[Stretch]:
    if step.since >= step.until:
        return
    if len(step.steps) <= FINEST:
        lines = [(s.at, s.headcount, s.controlled) for s in step.steps]
    else:
        length = step.until - step.since
        lines = [(step.since + length * n // FINEST, *worst(step, n, FINEST)) for n in range(FINEST)]
    ends = [*(at for at, _, _ in lines[1:]), step.until]
    for (at, heads, controlled), end in zip(lines, ends, strict=True):
        yield Stretch(moment(at), moment(end), heads, controlled)


def _tables(report: LagReport, titles: dict[str, str]) -> Iterable[LagTable]:
    yield LagTable(
        "lag by control", tuple(_row(g, titles.get(g.control, g.control)) for g in report.groups if g.kind == "all")
    )
    for kind in ("agency", "role", "system"):
        rows = tuple(_row(g, g.name) for g in report.groups if g.kind == kind and g.control == ALL)
        yield LagTable(f"lag by {kind}", rows)


def _row(group: LagGroup, name: str) -> LagRow:
    e = group.estimate
    longest = f"{e.maximum / HOUR:.1f}{'+' if e.maximum_is_open else ''}"
    return LagRow(name, _hours(e.median), _hours(e.p90), longest, e.open, e.count)


def owed_line(one: figures.Owed) -> OwedControl:
    """Word one control that is owed."""
    why = "a finding stands" if one.finding else "not shown to be in place"
    lapsed = ", after it had been in place" if one.lapsed else ""
    return OwedControl(one.name, one.vma, one.title, f"{one.hours:.1f}", why + lapsed)


def _early(report: LagReport, calendar: Calendar) -> Iterable[Early]:
    for one in report.out_of_order:
        until = "and there is none yet" if one.agreement_from is None else f"{-one.hours:.1f} h too early"
        name, when = report.names.get(one.vma, one.vma), calendar.day(one.account_from)
        yield Early(name, one.vma, f"{one.login} in {one.system}", when, until)


def _hours(seconds: int | None) -> str:
    return "not reached" if seconds is None else f"{seconds / HOUR:.1f}"


def _days(days: Fraction) -> str:
    return f"{float(days):,.2f}"
