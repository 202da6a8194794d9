"""
What falls out of step if nobody acts: the last audit judged on every day to come on which something changes.

Time alone breaks controls: an agreement ends, somebody starts or leaves, an account lies unused, a statement expires.
Between two such days nothing changes, so judging those days judges them all. Pure: no clock, no file, no network.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from auditor.figures.counts import not_evaluated
from auditor.forecast.foreseen import Forecast, ForeseenItem, ForeseenKind
from auditor.headcount.events import EventKind, coming
from auditor.history.projection import dated, project
from auditor.lag.controls import Control, held_until
from auditor.ledger.statements import Statement, StatementKind, in_force
from auditor.reviewed import TOPIC
from policies.agreements.days import after
from policies.engine.case import Case
from policies.engine.evaluate import Judgment, judge
from policies.engine.incremental import reevaluate
from policies.engine.outcomes import Finding
from policies.engine.ownership import Lost, lost

__all__ = ["Forecast", "ForeseenItem", "ForeseenKind", "forecast"]

IDLE_DAYS = 14
"""An account that was used within so many days before the audit is in use: it is not foretold to be dormant."""


def forecast(
    case: Case, statements: Sequence[Statement], first: date, last: date, controls: Sequence[Control] = ()
) -> Forecast:
    """
    Return what is in step on the day `first` and no longer is on a day after it, up to `last`.

    Those of `controls` that are to be renewed by an attestation fall due too; what is overdue by then is told as well.
    """
    days, unowned, not_judged = _walk(case, first, last)
    causes = [
        *_agreements(case, first, last),
        *_headcount(case, first, last),
        *_statements(case, statements, first, last),
        *(r for c in controls if c.renew_days is not None for r in _renewals(case, statements, c, first, last)),
    ]
    items: list[ForeseenItem] = []
    for day, findings in days.items():
        items += _explained(day, [c for c in causes if c.day == day], findings, case)
    items += [c for c in causes if c.day not in days]
    items += unowned
    wanted = [i for i in items if i.kind is not ForeseenKind.START or i.findings]
    wanted.sort(key=lambda i: (i.day, list(ForeseenKind).index(i.kind), i.whom, i.what, i.key))
    return Forecast(first, last, tuple(wanted), {s: p.reason for s, p in case.incomplete.items()}, not_judged)


def _walk(case: Case, first: date, last: date) -> tuple[dict[date, list[Finding]], list[ForeseenItem], int]:
    """
    Judge every day on which something may change: what is new on each, the work that loses its owner, what is unknown.

    Where the rules foresee a day (`Satisfied.until`), it is added as the walk goes; a finding is new once only.
    """
    waiting = {day for day in dated(case) if first < day <= last}
    today = project(case, first)
    now = judge(today)
    seen = {f.identity(case.practice.id) for f in now.findings}
    unknown = not_evaluated(now)
    waiting |= _foreseen(now, first, last)
    found: dict[date, list[Finding]] = {}
    unowned: list[ForeseenItem] = []
    while waiting:
        day = min(waiting)
        that_day = project(case, day)
        then = reevaluate(today, now, that_day)
        new = [f for f in then.findings if f.identity(case.practice.id) not in seen]
        seen |= {f.identity(case.practice.id) for f in new}
        found[day] = [f for f in new if not _in_use(case, f, first)]
        unowned += (_unowned(day, work) for work in lost(today, that_day))
        waiting = (waiting - {day}) | _foreseen(then, day, last)
        today, now = that_day, then
    return found, unowned, unknown


def _unowned(day: date, work: Lost) -> ForeseenItem:
    todo = f"name somebody whose role fits, in the work map or by a hire; {work.stands_in}"
    return ForeseenItem(day, ForeseenKind.UNOWNED, f"unowned {work.key}", work.what, work.whom, todo)


def _in_use(case: Case, finding: Finding, first: date) -> bool:
    """Whether an account that would be dormant was in use when it was seen last: then nothing foretells that."""
    account = case.accounts.get(finding.subject.key) if finding.rule == "dormant-account" else None
    if account is None or not isinstance(account.last_login, datetime):
        return False
    unused = (first - case.day_of(account.last_login)).days - account.last_login_lag_days
    return unused < IDLE_DAYS


def _foreseen(judgment: Judgment, day: date, last: date) -> set[date]:
    return {s.until for s in judgment.satisfied if s.until is not None and day < s.until <= last}


# ---- causes ---------------------------------------------------------------------------------------------------------


def _agreements(case: Case, first: date, last: date) -> Iterable[ForeseenItem]:
    for agreement in case.agreements:
        if not agreement.signed or agreement.end is None or agreement.end < agreement.first_day:
            continue
        day = after(agreement.end)
        if first < day <= last:
            what = f"{agreement.id} between {agreement.giver} and {agreement.receiver} ends: last day {agreement.end}"
            todo = f"renew it before, signed by both, or have nobody work under it from {day}"
            yield ForeseenItem(day, ForeseenKind.AGREEMENT, f"agreement {agreement.id}", what, (), todo)


def _headcount(case: Case, first: date, last: date) -> Iterable[ForeseenItem]:
    for day, event in coming(case.periods, first, last):
        name = case.people[event.vma].name if event.vma in case.people else event.vma
        if event.kind is EventKind.LEFT and event.before is not None:
            key = f"end {event.vma} {event.before.start}"
            todo = f"have every account disabled by the end of that day; then `auditor offboard {event.vma}`"
            yield ForeseenItem(day, ForeseenKind.CONTRACT, key, f"{name} leaves: {event.detail}", (event.vma,), todo)
        elif event.kind not in (EventKind.JOINED, EventKind.REHIRED):
            # The work goes on: what is different falls due with whatever is found then.
            key = f"change {event.vma} {day} {event.kind.value}"
            todo = f"`auditor transfer {event.vma}` says what must go and what must come"
            yield ForeseenItem(
                day, ForeseenKind.START, key, f"{name} {event.kind.value}: {event.detail}", (event.vma,), todo
            )
        elif event.after is not None:
            key = f"start {event.vma} {event.after.start}"
            todo = f"`auditor onboard {event.vma}` says what is missing"
            yield ForeseenItem(day, ForeseenKind.START, key, f"{name} starts as {event.detail}", (event.vma,), todo)


_STATED = {
    StatementKind.ATTESTATION: ForeseenKind.ATTESTATION,
    StatementKind.REQUEST: ForeseenKind.REQUEST,
    StatementKind.EXCEPTION: ForeseenKind.EXCEPTION,
}


def _statements(case: Case, statements: Sequence[Statement], first: date, last: date) -> Iterable[ForeseenItem]:
    for s in statements:
        if s.expires is None or not first < (day := after(s.expires)) <= last:
            continue
        at_the_end = in_force(statements, s.expires)
        if s not in at_the_end:
            continue  # withdrawn, or itself a withdrawal
        same = [o for o in in_force(statements, day) if (o.kind, o.about, o.topic) == (s.kind, s.about, s.topic)]
        later = [o for o in at_the_end if _goes_on(o, s)]
        then = project(case, day).engagements.get(s.about)
        left = then is not None and then.end is not None and then.end < day
        if same or later or left:
            continue  # another one holds, or nobody is left whom it could be about
        subject = case.people[s.about].name if s.about in case.people else s.about
        whom = (s.about,) if s.about in case.people else ()
        yield ForeseenItem(day, _STATED[s.kind], f"{s.kind.value} {s.about} {s.topic}", *_stated(s, subject, whom))


def _renewals(
    case: Case, statements: Sequence[Statement], control: Control, first: date, last: date
) -> Iterable[ForeseenItem]:
    """
    Yield the days on which a control is to be attested again, or for the first time, with everybody who is due.

    Who is overdue on the day `first` already is told in one item, on the day of the one who has waited longest.
    """
    due: dict[date, list[str]] = {}
    overdue: dict[str, date] = {}
    ends = held_until(statements, control)
    for vma, engagement in sorted(project(case, last).engagements.items()):
        until = ends.get(vma, engagement.start + timedelta(hours=control.due_hours, days=-1))
        if until is None or vma in case.former:
            continue
        day = after(until)
        if first < day <= last and engagement.active_on(day):
            due.setdefault(day, []).append(vma)
        elif day <= first and engagement.active_on(first):
            overdue[vma] = day
    todo = "`auditor review start --by …`: each is asked of whoever may decide it, and `auditor review close` seals it"
    if (control.topic or "").casefold() != TOPIC:
        todo = f"look at what each of them holds, then `auditor attest VMA {control.topic} --by …`"
    if overdue:
        whom = sorted(overdue, key=lambda vma: (overdue[vma], vma))
        since = ", ".join(f"{_name(case, vma)} (since {overdue[vma]})" for vma in whom)
        what = f"{control.title}: overdue for {since}"
        yield ForeseenItem(overdue[whom[0]], ForeseenKind.REVIEW, f"overdue {control.id}", what, tuple(whom), todo)
    for day, those in sorted(due.items()):
        names = ", ".join(_name(case, vma) for vma in those)
        key = f"renew {control.id} {' '.join(those)}"
        yield ForeseenItem(day, ForeseenKind.REVIEW, key, f"{control.title}: due for {names}", tuple(those), todo)


def _name(case: Case, vma: str) -> str:
    return case.people[vma].name if vma in case.people else vma


def _goes_on(other: Statement, s: Statement) -> bool:
    """Whether another statement says the same for longer, or for as long and was made earlier in the order of ids."""
    if (other.kind, other.about, other.topic) != (s.kind, s.about, s.topic) or other.id == s.id:
        return False
    return other.expires is None or (other.expires, other.id) > (s.expires or date.max, s.id)


def _stated(s: Statement, subject: str, whom: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    over = f"last day {s.expires}"
    match s.kind:
        case StatementKind.ATTESTATION:
            what = f"the attestation that {subject} has `{s.topic}` expires: {over}"
            return what, whom, f"do it again, then `auditor attest {s.about} {s.topic} --by …`"
        case StatementKind.REQUEST:
            what = f"the approval of {s.topic} for {subject} expires: {over}"
            return what, whom, f"take it away, or `auditor approve {s.about} '{s.topic}' --by … --requested-by …`"
    what = f"the finding {s.about} is accepted no longer: {over}"
    return what, whom, f"`auditor explain {s.about}` says how to fix it; or accept it anew with `auditor accept`"


# ---- what follows from them -----------------------------------------------------------------------------------------


def _explained(
    day: date, causes: Sequence[ForeseenItem], findings: Sequence[Finding], case: Case
) -> list[ForeseenItem]:
    """Put each new finding under the one cause of that day from which it follows; what has none stands by itself."""
    by_cause: dict[str, list[Finding]] = {}
    alone: list[ForeseenItem] = []
    for finding in findings:
        cause = next((c for c in causes if _follows(finding, c)), None)
        if cause is None:
            alone.append(_item(day, finding, case))
        else:
            by_cause.setdefault(cause.key, []).append(finding)
    return [_with(c, by_cause.get(c.key, []), case) for c in causes] + alone


def _follows(finding: Finding, cause: ForeseenItem) -> bool:
    match cause.kind:
        case ForeseenKind.AGREEMENT:
            return any(s.kind == "agreement" and f"agreement {s.id}" == cause.key for s in finding.path)
        case ForeseenKind.CONTRACT | ForeseenKind.START:
            return finding.vma in cause.whom
    return False


def _with(cause: ForeseenItem, findings: Sequence[Finding], case: Case) -> ForeseenItem:
    if not findings:
        if cause.kind is ForeseenKind.AGREEMENT:
            todo = "nothing new falls out of step by it: renew it, or let it end knowingly"
            return replace(cause, todo=todo)
        return cause
    whom = cause.whom or tuple(dict.fromkeys(f.vma or f.system or f.subject.id for f in findings))
    return replace(
        cause,
        whom=whom,
        follows=tuple(dict.fromkeys(f.title for f in findings)),
        findings=tuple(f.identity(case.practice.id) for f in findings),
    )


def _item(day: date, finding: Finding, case: Case) -> ForeseenItem:
    id_ = finding.identity(case.practice.id)
    kind = ForeseenKind.DORMANT if finding.rule == "dormant-account" else ForeseenKind.OTHER
    whom = finding.vma or finding.system or finding.subject.id
    todo = finding.remedy
    if kind is ForeseenKind.DORMANT:
        todo = f"let it be used before, or {todo}"
    return ForeseenItem(day, kind, f"finding {id_}", f"{finding.title}: {finding.observed}", (whom,), todo, (), (id_,))
