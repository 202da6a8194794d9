"""
A leaver, from notice to proof: GONE, NOT GONE, or UNPROVEN.

Nobody is gone because an account is not in an answer that was cut short: only a whole read after the end proves it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from auditor.gates.announced import only_announced
from auditor.gates.checklist import AnsweredItem, GateAnswer, GateItem, load_checklist
from auditor.gates.history import Past
from auditor.gates.leaver import Leaver
from auditor.gates.leaver_checks import CHECKS
from auditor.gates.subject import SubjectFacts
from auditor.instants.instant import Instant, account_ended
from auditor.instants.log import AccessLog
from auditor.lag.controls import Control
from connectors.errors import AuditorError, shorten
from policies.agreements.chain import legs
from policies.engine.case import Case


class OffboardOutcome(StrEnum):
    """What the offboarding ends with."""

    GONE = "GONE"
    NOT_GONE = "NOT GONE"
    UNPROVEN = "UNPROVEN"


class Timely(StrEnum):
    """Whether an account was disabled within the practice's clock."""

    IN_TIME = "in time"
    LATE = "late"
    NOT_DUE = "still within the clock"
    """It works still, and the hours are not over."""
    UNPROVEN = "not proven in time"
    """No audit looked between the clock and the disabling: it may have been either."""


@dataclass(frozen=True, slots=True)
class AccountLag:
    """How long one account stayed live after the end."""

    system: str
    login: str
    live: bool
    hours: float
    """From the end of the last day, on the practice's clock, until it was disabled, at the latest."""
    at_least: float
    """The same at the earliest; it was disabled somewhere between this and `hours`."""
    seen_at: datetime
    """When a whole read showed it."""
    timely: Timely
    instant: Instant | None = None
    """When it was disabled, and by what that is known; `None` while it is live."""


@dataclass(frozen=True, slots=True)
class Offboarding:
    """The checklist, answered."""

    vma: str
    name: str
    end: date | None
    items: tuple[AnsweredItem, ...]
    lags: tuple[AccountLag, ...]
    outcome: OffboardOutcome
    due_hours: int
    """The practice's clock: within how many hours after the end every account is to be disabled."""


def offboard(case: Case, subject: SubjectFacts, past: Past, clock: Control) -> Offboarding:
    """
    Answer the checklist of a leaver.

    `past` is what earlier audits saw, `clock` the control whose hours count. Raises `AuditorError` for nobody who is
    on the roster, or ever was.
    """
    vma = subject.vma
    engagement = case.engagements.get(vma)
    if engagement is None:
        raise AuditorError(
            f"there is no VMA {shorten(vma)}, and there never was",
            hint=f"{only_announced(case, vma)}check the id on the roster",
        )
    if engagement.start > case.today and (earlier := [e for e in case.known[vma] if e.end and e.end < case.today]):
        # Between two stays: whoever comes back later has left all the same.
        engagement = earlier[-1]
        case = replace(case, engagements={**case.engagements, vma: engagement})
        subject = replace(subject, case=case)
    over = engagement.end is not None and engagement.end < case.today
    leaver = Leaver(subject, past)
    asked = [item.of(workforce=not legs(engagement)) for item in load_checklist("offboarding").items]
    items = tuple(_answer(item, leaver, over=over) for item in asked)
    lags = _lags(leaver, clock.due_hours) if over else ()
    outcome = _outcome(items, over=over)
    return Offboarding(vma, case.people[vma].name, engagement.end, items, lags, outcome, clock.due_hours)


def _outcome(items: tuple[AnsweredItem, ...], *, over: bool) -> OffboardOutcome:
    if not over:
        return OffboardOutcome.NOT_GONE
    access = [a.answer for a in items if a.item.id in ("disabled", "keys")]
    if GateAnswer.FAILED in access:
        return OffboardOutcome.NOT_GONE
    everything = [a.answer for a in items]
    return OffboardOutcome.GONE if all(a is GateAnswer.PASSED for a in everything) else OffboardOutcome.UNPROVEN


def _answer(item: GateItem, leaver: Leaver, *, over: bool) -> AnsweredItem:
    if item.when == "after" and not over:
        return AnsweredItem(item, GateAnswer.NOT_DUE, ("the last day is not over",))
    if item.attested:
        return AnsweredItem(item, *leaver.facts.by_word(item, leaver.case.today))
    answer, evidence, todo = CHECKS[str(item.check)](leaver)
    if item.check in ("disabled", "after_end"):
        evidence = (*evidence, *leaver.words)
    return AnsweredItem(item, answer, evidence, todo)


def _lags(leaver: Leaver, due_hours: int) -> tuple[AccountLag, ...]:
    case, past = leaver.case, leaver.past

    def hours(moment: datetime) -> float:
        return max(0.0, (moment - leaver.end).total_seconds() / 3600)

    found = []
    for key, account in {**leaver.vanished, **{k: case.accounts[k] for k in leaver.facts.accounts}}.items():
        read = case.collections[key[0]].as_of
        if account.live and key in case.accounts:
            late = hours(read)
            live = timely(late, late, due_hours, live=True)
            found.append(AccountLag(key[0], account.login, True, late, late, read, live))
            continue
        last_live = past.last_live.get(key)
        seen = past.stopped.get(key, read)
        if last_live is not None and seen <= last_live:
            seen = max(case.at, last_live)  # the file was written later than is said of it, and before it was read
        instant = account_ended(past.records.get(key[0], AccessLog()), key[1], last_live, seen)
        most = hours(instant.latest)
        least = min(hours(instant.earliest or leaver.end), most)
        in_time = timely(least, most, due_hours, live=False)
        found.append(AccountLag(key[0], account.login, False, most, least, seen, in_time, instant))
    return tuple(found)


def timely(least: float, most: float, due_hours: int, *, live: bool) -> Timely:
    """Return whether what ended between two numbers of hours was within the clock; `live`: it has not ended."""
    if most <= due_hours:
        return Timely.NOT_DUE if live else Timely.IN_TIME
    return Timely.LATE if least > due_hours else Timely.UNPROVEN
