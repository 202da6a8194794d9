"""
The report for a terminal: the headline, what to do first, what changed, the three counts, what was not read.

It is the first screen of the HTML report, in the same words and from the same model; the rest is in HTML and JSON.
Names are hostile here too: control characters are shown by number, so none of them can drive the terminal.
"""

import textwrap
from collections.abc import Iterator

from policies.engine.outcomes import Severity
from reports.model import FindingLine, Report
from reports.safe import one_line
from reports.words import VERDICT_STATES, day_text, instant_text, plural, utc_text

FIRST_SHOWN = 5
"""So many findings are told in full; the rest is counted."""
CHANGES_SHOWN = 10
"""So many unexplained changes are listed; the rest is counted."""
_NARROWEST = 40

_COLOURS = {
    "bold": "1",
    "dim": "2",
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "34",
    "good": "1;32",
    "bad": "1;31",
    "unknown": "1;35",
}


class _Paper:
    """Lines of text, wrapped to a width, coloured or not."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width, self.colour = max(width, _NARROWEST), colour
        self.lines: list[str] = []

    def paint(self, style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self.colour else text

    def title(self, text: str) -> None:
        self.lines += ["", self.paint("bold", text)]

    def line(self, text: str, indent: int = 0, first: str = "", style: str = "") -> None:
        """Add one paragraph; `first` stands before its first line, and `style` colours it."""
        wrapped = textwrap.wrap(
            one_line(text),
            self.width,
            initial_indent=" " * indent + first,
            subsequent_indent=" " * (indent + len(first)),
            break_on_hyphens=False,
        )
        if style and first and wrapped:
            mark = " " * indent + first
            wrapped[0] = mark.replace(first.strip(), self.paint(style, first.strip())) + wrapped[0][len(mark) :]
        self.lines += wrapped


def render(report: Report, *, width: int, colour: bool) -> str:
    """Return the summary as text that ends in a line feed; its first line is the headline's sentence."""
    paper = _Paper(width, colour)
    paper.lines.append(paper.paint("bold", one_line(report.headline.sentence)))
    verdict = report.headline.verdict
    paper.line(
        report.headline.explanation, first=f"{one_line(verdict)}: ", style=VERDICT_STATES.get(verdict, "unknown")
    )
    paper.line(f"{report.practice_name}, {instant_text(report.at, report.timezone)}")
    for part in (_first, _drift, _counts, _not_read, _end):
        part(paper, report)
    return "\n".join(paper.lines) + "\n"


def _first(paper: _Paper, report: Report) -> None:
    paper.title("Do this first")
    ordered = sorted((f for f in report.findings if not f.accepted), key=lambda finding: finding.severity.rank)
    for number, finding in enumerate(ordered[:FIRST_SHOWN], 1):
        word = finding.severity.value
        paper.line(finding.title, 2, f"{number}. {word}: ", word)
        paper.line(" · ".join(_about(finding)), 5)
        paper.line(finding.remedy, 5, "what to do: ", "dim")
    left = len(ordered) - FIRST_SHOWN
    if left > 0:
        paper.line(f"and {plural(left, 'more finding')}, in the HTML and JSON reports", 2)
    for finding in report.findings:
        if finding.accepted:
            paper.line(f"{finding.title} ({finding.id})", 2, "accepted: ", "dim")
            paper.line(finding.accepted, 5)
    if report.findings:
        return
    if report.counts["not_evaluated"]:
        paper.line("no finding in what could be judged; see below what could not", 2)
    else:
        checks, rules = plural(report.counts["population"], "check"), plural(len(report.rules), "rule")
        paper.line(f"nothing to do: {checks} by {rules} were made, and all hold", 2)


def _about(finding: FindingLine) -> Iterator[str]:
    yield finding.subject
    if finding.system_title:
        yield finding.system_title
    if finding.new:
        yield "new"
    yield finding.id


def _drift(paper: _Paper, report: Report) -> None:
    drift = report.drift
    paper.title("What changed")
    if drift.since is None:
        paper.line("first audit: there is none before it to compare with", 2)
        return
    explained, unexplained = len(drift.explained), len(drift.unexplained)
    changes = plural(explained + unexplained, "change")
    paper.line(
        f"since {utc_text(drift.since)}: {changes} = {explained:,} explained + {unexplained:,} unexplained; "
        f"{plural(len(drift.events), 'headcount event')}; "
        f"{plural(len(drift.opened), 'finding')} opened, {len(drift.closed):,} closed",
        2,
    )
    titles = {system.id: system.title for system in report.systems}
    for change in drift.unexplained[:CHANGES_SHOWN]:
        title = titles.get(change.system, change.system)
        where = "" if title in change.text else f" ({title})"
        paper.line(change.text + where, 2, "unexplained: ", "bad")
    if unexplained > CHANGES_SHOWN:
        paper.line(f"and {unexplained - CHANGES_SHOWN:,} more unexplained", 2)
    for line in drift.unseen:
        paper.line(line, 2, "came and went: ", "bad")
    for reason in drift.not_read:
        paper.line(reason, 2, "not read: ", "unknown")


def _counts(paper: _Paper, report: Report) -> None:
    counts = report.counts
    paper.title("Counts")
    paper.line(
        f"{plural(counts['population'], 'check')} = {counts['satisfied']:,} satisfied + "
        f"{counts['with_findings']:,} with findings + {counts['not_evaluated']:,} not evaluated",
        2,
    )
    if counts["findings"]:
        paper.line(
            f"{plural(counts['findings'], 'finding')}: "
            + ", ".join(f"{counts.get(s.value, 0):,} {s.value}" for s in Severity)
            + (f"; {counts['accepted']:,} of them accepted" if counts.get("accepted") else ""),
            2,
        )


def _not_read(paper: _Paper, report: Report) -> None:
    unread = [system for system in report.systems if not system.complete]
    if not unread and not report.not_evaluated:
        return
    paper.title("Not evaluated")
    for system in unread:
        paper.line(f"{system.title}: {system.reason}", 2, "not read: ", "unknown")
        if system.hint:
            paper.line(system.hint, 4, "what to do: ", "dim")
    for line in report.not_evaluated:
        if line.system in {system.id for system in unread}:
            continue
        where = f" ({line.system_title})" if line.system_title else ""
        subjects = plural(len(line.subjects), "subject")
        paper.line(f"{line.rule_title}{where}, {subjects}: {line.reason}", 2, "not judged: ", "unknown")


def _end(paper: _Paper, report: Report) -> None:
    if report.next_change is not None:
        paper.lines.append("")
        paper.line(
            f"If nobody does anything, the next verdict changes on {day_text(report.next_change)}: "
            f"{report.next_change_reason}"
        )
    if report.notes:
        paper.lines.append("")
        paper.line(f"judged with: {'; '.join(report.notes)}")
    if report.verification is not None:
        paper.lines.append("")
        paper.line(f"ledger entry {report.verification.entry:,}; check it with:")
        # One line, however long, so that it can be copied.
        paper.lines.append(f"  {one_line(report.verification.command)}")
