"""VMAs across systems, and their agreements over time."""

from dataclasses import replace
from datetime import date, timedelta

from auditor.audit.result import AuditResult
from connectors.facts import Engagement
from policies.agreements.days import FOREVER, after, contains
from policies.agreements.register import PRACTICE, Agreement
from policies.engagements import days_of
from policies.engine.candidates import candidates_of
from policies.engine.case import Case
from policies.engine.covered import Cover, reach_of, stretches
from policies.engine.outcomes import Finding
from reports.timeline_model import AgreementLine, CoverageRow, MatrixCell, MatrixRow, Span

BACK = timedelta(days=365)
AHEAD = timedelta(days=90)
"""How far the coverage picture reaches: a year back, and the days in which agreements are renewed."""


def matrix(judged: AuditResult) -> tuple[MatrixRow, ...]:
    """Return a row for whoever is active, starts later, or has left with an account that works or may be theirs."""
    case = judged.case
    rows = []
    unjudged = _unjudged(judged)
    for vma, engagement in sorted(case.engagements.items()):
        has_left = engagement.end is not None and engagement.end < case.today
        if has_left and not case.live_accounts_of(vma) and not candidates_of(case).of(vma):
            continue
        by_system: dict[str, list[tuple[str, Finding]]] = {}
        for identity, finding in judged.of_vma(vma):
            by_system.setdefault(finding.system or "", []).append((identity, finding))
        rows.append(
            MatrixRow(
                vma=vma,
                name=case.people[vma].name,
                roles=", ".join(case.policy.templates[r].title for r in engagement.roles if r in case.policy.templates),
                agency=engagement.agency or "the practice",
                status=status(engagement, case.today),
                cells=tuple(
                    _cell(case, vma, system, by_system.get(system, []), (vma, system) in unjudged)
                    for system in case.systems
                ),
                across=tuple(identity for identity, _ in by_system.get("", [])),
            )
        )
    return tuple(rows)


def status(engagement: Engagement, today: date) -> str:
    """Say where an engagement stands."""
    if engagement.start > today:
        return f"starts {engagement.start}"
    if engagement.end is not None and engagement.end < today:
        return f"ended {engagement.end}"
    return "on leave" if engagement.on_leave else "active"


def _unjudged(judged: AuditResult) -> set[tuple[str, str]]:
    """Return the VMAs and systems of which something could not be judged."""
    pairs = set()
    for outcome in judged.judgment.not_evaluated:
        if outcome.subject.kind == "vma" and outcome.system:
            pairs.add((outcome.subject.id, outcome.system))
        elif outcome.subject.kind == "account" and outcome.system:
            pairs |= {(person, outcome.system) for person in judged.case.owners[outcome.subject.key].people}
    return pairs


def _cell(case: Case, vma: str, system: str, findings: list[tuple[str, Finding]], unjudged: bool) -> MatrixCell:
    if system in case.incomplete:
        return MatrixCell("unknown", (), 0, tuple(i for i, _ in findings))
    keys = [key for key in case.accounts_of.get(vma, ()) if key[0] == system]
    held = 0
    for key in case.live_accounts_of(vma, system):
        held |= case.holdings[key].mask
    logins = tuple(
        case.accounts[k].login + ("" if case.accounts[k].status == "active" else f" ({case.accounts[k].status})")
        for k in keys
    )
    worst = min((f.severity for _, f in findings), key=lambda s: s.rank, default=None)
    state = "finding" if findings else "unknown" if unjudged else "ok" if keys else "none"
    return MatrixCell(state, logins, held.bit_count(), tuple(i for i, _ in findings), worst)


def coverage_window(case: Case) -> tuple[date, date]:
    """Return the first and last day of the coverage picture."""
    earliest = min(mine[0].start for mine in case.known.values())
    return max(min(earliest, case.today), case.today - BACK), case.today + AHEAD


def coverage(case: Case) -> tuple[CoverageRow, ...]:
    """Return a row for every VMA who is engaged on a day of the picture."""
    window = coverage_window(case)
    rows = []
    for vma, engagement in sorted(case.engagements.items()):
        reach = reach_of(case, vma)
        spans = [
            Span(first, last, *_SPANS[cover])
            for one in case.known[vma]
            for first, last, cover in stretches(case.coverage, one, window, reach)
        ]
        if not spans:
            continue
        shown = [(first, None if last == FOREVER else last) for first, last in days_of(case.known[vma])]
        rows.append(
            CoverageRow(
                vma=vma,
                name=case.people[vma].name,
                engagement=(shown[0][0], shown[-1][1]),
                spans=_joined(sorted(spans, key=lambda s: s.start)),
                chain=_chain(case, engagement),
                stays=tuple(shown),
            )
        )
    return tuple(rows)


_SPANS = {
    Cover.COVERED: ("under agreement", "covered"),
    Cover.NOT_NEEDED: ("no agreement needed", "covered"),
    Cover.NOT_COVERED: ("no agreement for the person, a system or the PHI reached", "uncovered"),
    Cover.UNKNOWN: ("under agreement; whether for all that is reached is not known", "unknown"),
}


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Join what touches and says the same: a change of role is no border of a cover."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last and (last.label, last.state) == (span.label, span.state) and after(last.end) == span.start:
            found[-1] = replace(last, end=span.end)
        else:
            found.append(span)
    return tuple(found)


def _chain(case: Case, engagement: Engagement) -> tuple[str, ...]:
    lines = []
    if question := case.coverage.question(engagement):
        return (f"not known: {question}",)
    for leg in case.coverage.legs(engagement):
        register = case.coverage.of_leg(leg)
        in_place = contains(case.coverage.days(leg, engagement), case.today)
        states = "; ".join(f"{a.id} {_state(case, a, engagement)}" for a in register) or "none in the register"
        lines.append(f"{'in place' if in_place else 'not in place'}: {leg.text} ({states})")
    return tuple(lines) or ("none needed: workforce of the practice",)


def _state(case: Case, agreement: Agreement, engagement: Engagement) -> str:
    """Say what an agreement does for one VMA."""
    if not case.coverage.names(agreement, engagement.vma):
        return "does not name this person"
    seat = case.coverage.seat_from(agreement, engagement)
    if seat is None or seat > case.today:
        return f"has no seat left ({agreement.headcount} in all)"
    return agreement.state(case.today)


def agreement_lines(case: Case) -> tuple[AgreementLine, ...]:
    """Return the register of agreements."""
    return tuple(
        AgreementLine(
            id=a.id,
            parties=f"{_party(a.giver, case)} → {_party(a.receiver, case)}",
            kind=a.kind.value,
            effective=_effective(a),
            systems="all systems" if a.systems is None else ", ".join(sorted(a.systems)),
            seats=_seats(case, a),
            state=_in_short(a, case.today),
        )
        for a in sorted(case.agreements, key=lambda a: a.id)
    )


def _effective(agreement: Agreement) -> str:
    days = f"{agreement.start} to {agreement.end}" if agreement.end else f"from {agreement.start}"
    late = agreement.first_day > agreement.start
    return f"{days}, signed {agreement.signed_on}" if late else days


def _party(name: str, case: Case) -> str:
    if name == PRACTICE:
        return case.practice.name
    return f"{case.people[name].name} ({name})" if name in case.people else name


def _seats(case: Case, agreement: Agreement) -> str:
    parts = []
    if agreement.headcount is not None:
        parts.append(f"{case.coverage.seats_used(agreement, case.today)} of {agreement.headcount} used")
    if agreement.people is not None:
        parts.append(f"named: {len(agreement.people)}")
    return ", ".join(parts) or "no cap"


def _in_short(agreement: Agreement, today: date) -> str:
    if not agreement.signed:
        return "unsigned"
    if contains(agreement.days, today):
        return "in force"
    begins = agreement.first_day > today and (agreement.end is None or agreement.end >= agreement.first_day)
    return "not yet" if begins else "ended"
