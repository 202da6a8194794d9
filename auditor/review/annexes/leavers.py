"""Annex B: who left or changed role, and how many hours their access lived on, by the gates' own reckoning."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from auditor.gates.checklist import AnsweredItem, GateAnswer
from auditor.gates.history import Past
from auditor.gates.offboard import AccountLag, Timely, offboard
from auditor.gates.role_change import KeptGrant, kept_after, when_changed
from auditor.gates.subject import SubjectFacts
from auditor.headcount.events import EventKind
from auditor.instants.instant import Instant
from auditor.instants.wording import source, told
from auditor.orders.called_for import last_day
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from auditor.review.annexes.period import FIRST, too_young
from policies.engagements import touching
from policies.engine.candidates import candidates_of
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, NotLookedAt, RowState
from reports.words import plural

ABOUT = About(
    "B",
    "terminations and transfers",
    "Who left or changed role, and how long after that did their access end?",
    "OCR audit protocol, 164.308(a)(3)(ii)(C) and 164.312(a)(1): list of terminations and job transfers with proof of "
    "removal; 45 CFR 164.308(a)(4)(ii)(C)",
)
LEFT, MOVED = "left", "changed role"


@dataclass(frozen=True, slots=True)
class EndedAccess(AnnexRow):
    """One account of one leaver, or one thing that a former role brought; or that there was none."""

    what: str
    """`left` or `changed role`."""
    person: str
    agency: str
    last_day: date | Instead | None
    """Of a leaver, the last day of work."""
    system: str
    login: str
    entitlement: str
    """Of a change of role: what the new role does not allow."""
    hours_until_ended: float | Instead
    """From the end until it was disabled or taken away, at the latest."""
    hours_at_least: float | Instead
    hours_allowed: int | Instead
    """The practice's own clock; HIPAA in force names no number."""
    timely: str
    ended_at: datetime | Instead
    """The latest instant that it can have been."""
    known_by: str
    note: str


def terminations(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    left, moved = leavers_of(facts), movers_of(facts)
    rows = [
        *(row for vma in left for row in _of_leaver(facts, vma)),
        *_came_back(facts),
        *(row for vma in moved for row in _of_mover(facts, vma)),
    ]
    mine = [row for row in rows if row.what == LEFT and isinstance(row.ended_at, datetime)]
    worst = max((row.hours_until_ended for row in mine if isinstance(row.hours_until_ended, float)), default=0.0)
    works = sum(row.ended_at is Instead.STILL for row in rows)
    sentence = f"{plural(len(left), 'person', 'people')} left"
    sentence += f" and {len(moved)} changed role since {facts.begins}" if facts.begins else ", by the roster"
    sentence += f"; {plural(works, 'account or right', 'accounts or rights')} of theirs still to end" if works else ""
    sentence += f"; the slowest account of a leaver was disabled {worst:.1f} h after the end" if worst else ""
    looked_at = (
        LookedAt("people whom the roster, or an earlier one, names", len(facts.case.engagements)),
        LookedAt("of them, left", len(left)),
        LookedAt("of them, changed role", len(moved)),
    )
    nothing_before = (NotLookedAt("who changed role", FIRST.why),) if facts.changes is None else ()
    missing = (*(facts.unread if left or moved else ()), *nothing_before, *too_young(facts))
    no_clock = "The practice has no clock for the end of access, so there is no verdict on the hours."
    notes = () if facts.clock_end else (no_clock,)
    return made(ABOUT, EndedAccess, rows, sentence, looked_at=looked_at, not_evaluated=missing, notes=notes)


def leavers_of(facts: AnnexFacts) -> tuple[str, ...]:
    """Return whoever left in the period, and whoever left before and may have access still."""
    case, begins = facts.case, facts.begins
    events = facts.changes.events if facts.changes else ()
    told = {event.vma for event in events if event.kind is EventKind.LEFT}
    found = []
    for vma in sorted(case.engagements):
        day = last_day(case, vma)
        if day is None:
            continue
        lately = begins is None or day >= begins or vma in told
        if lately or case.live_accounts_of(vma) or candidates_of(case).of(vma):
            found.append(vma)
    return tuple(found)


def movers_of(facts: AnnexFacts) -> tuple[str, ...]:
    """Return whoever changed role in the period and works today."""
    events = facts.changes.events if facts.changes else ()
    moved = {event.vma for event in events if event.kind is EventKind.ROLE_CHANGED}
    working = (e.vma for e in facts.case.active if e.vma not in facts.case.former)
    return tuple(vma for vma in working if vma in moved)


def _of_leaver(facts: AnnexFacts, vma: str) -> Iterator[EndedAccess]:
    case = facts.case
    subject = SubjectFacts(case, facts.judgment, vma, facts.statements, facts.seen_on.get(vma))
    past = facts.pasts.get(vma, Past())
    clock = facts.clock_end
    if clock is None:
        yield replace(_left(facts, vma), state=RowState.UNKNOWN, note="the practice has no clock `by: stopped`")
        return
    result = offboard(case, subject, past, clock)
    items = {answered.item.id: answered for answered in result.items}
    used = _used_after(items.values())
    for lag in result.lags:
        yield replace(
            _left(facts, vma),
            state=_state(lag.timely, live=lag.live),
            system=facts.title(lag.system),
            login=lag.login,
            hours_until_ended=lag.hours,
            hours_at_least=lag.at_least,
            timely=lag.timely.value,
            ended_at=lag.instant.latest if lag.instant else Instead.STILL,
            known_by=_known(facts, past, lag),
        )
    if used:
        yield replace(_left(facts, vma), state=RowState.OPEN, note=f"used after the end: {used}")
    disabled = items.get("disabled")
    open_question = bool(case.incomplete or subject.questions)
    if disabled is not None and (disabled.answer is GateAnswer.CANNOT_TELL or open_question):
        yield replace(_left(facts, vma), state=RowState.UNKNOWN, note="; ".join(disabled.evidence))
    elif not result.lags:
        yield replace(_left(facts, vma), state=RowState.IN_ORDER, note="no account of theirs was ever seen")


def _used_after(items: Iterable[AnsweredItem]) -> str:
    """Say who signed in after the end; empty where nobody is known to have."""
    for answered in items:
        if answered.item.check == "after_end" and answered.answer is GateAnswer.FAILED:
            return "; ".join(answered.evidence)
    return ""


def _left(facts: AnnexFacts, vma: str) -> EndedAccess:
    """Return what is the same of everything that one leaver had."""
    return EndedAccess(
        state=RowState.TOLD,
        what=LEFT,
        person=facts.name(vma),
        agency=facts.case.engagements[vma].agency or "the practice",
        last_day=last_day(facts.case, vma),
        system="",
        login="",
        entitlement="",
        hours_until_ended=Instead.BLANK,
        hours_at_least=Instead.BLANK,
        hours_allowed=facts.clock_end.due_hours if facts.clock_end else Instead.BLANK,
        timely="",
        ended_at=Instead.BLANK,
        known_by="",
        note="",
    )


def _known(facts: AnnexFacts, past: Past, lag: AccountLag) -> str:
    if lag.instant is None:
        return "it works still, as its system was read"
    return f"{told(lag.instant, facts.zone)}; {source(lag.instant, past.records.get(lag.system))}"


def _state(timely: Timely, *, live: bool) -> RowState:
    if live:
        return RowState.TOLD if timely is Timely.NOT_DUE else RowState.OPEN
    if timely is Timely.UNPROVEN:
        return RowState.UNKNOWN
    return RowState.IN_ORDER if timely is Timely.IN_TIME else RowState.TOLD


def _came_back(facts: AnnexFacts) -> Iterator[EndedAccess]:
    """Yield whoever left in the period and is back: how long the accounts worked in between is reckoned elsewhere."""
    case = facts.case
    for engagement in case.active:
        runs = list(touching(case.known.get(engagement.vma, ())))
        for run, later in pairwise(runs):
            end = run[-1].end
            if end is not None and later[0].start <= case.today and (facts.begins is None or end >= facts.begins):
                note = f"came back on {later[0].start}; `auditor lag` tells how long the accounts worked in between"
                yield replace(_left(facts, engagement.vma), state=RowState.UNKNOWN, last_day=end, note=note)


def _of_mover(facts: AnnexFacts, vma: str) -> Iterator[EndedAccess]:
    case, past = facts.case, facts.pasts.get(vma, Past())
    hours = facts.clock_move.due_hours if facts.clock_move else 0
    roles = ", ".join(case.engagements[vma].roles)
    changed = when_changed(case, vma, past)
    hours_allowed = hours if facts.clock_move else Instead.BLANK
    plain = replace(_left(facts, vma), what=MOVED, last_day=Instead.BLANK, hours_allowed=hours_allowed)
    if changed is None:
        yield replace(plain, state=RowState.UNKNOWN, note=f"{roles} now; since when is not known")
        return
    kept = kept_after(case, vma, changed, past, hours)
    day = f"{roles} since {case.day_of(changed.latest)}" + ("" if changed.dated else " at the latest")
    for one in kept:
        yield replace(
            plain,
            state=_state(one.timely, live=one.held),
            system=facts.title(one.system),
            login=one.login,
            entitlement=one.name,
            hours_until_ended=one.hours,
            hours_at_least=one.at_least,
            timely=one.timely.value,
            ended_at=one.instant.latest if one.instant else Instead.STILL,
            known_by=_taken(facts, past, one, one.instant),
            note=day,
        )
    questions = candidates_of(case).of(vma)
    if case.incomplete or questions:
        yield replace(plain, state=RowState.UNKNOWN, note=f"{day}; not everything that they hold is known")
    elif not kept:
        yield replace(plain, state=RowState.IN_ORDER, note=f"{day}; nothing that was held is beyond the new role")


def _taken(facts: AnnexFacts, past: Past, one: KeptGrant, instant: Instant | None) -> str:
    if instant is None:
        return "it is held still, as its system was read"
    return f"{told(instant, facts.zone)}; {source(instant, past.records.get(one.system))}"
