"""
How each reviewer decided: pace, streaks, uniformity and check items, for the officer and nobody else.

None of this proves that somebody did not look; it says where to ask. A decision without the time at which its page was
given out (a spreadsheet) has no pace.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from auditor.review.state import CampaignRecord
from auditor.review_records import Advice, Decision, DecisionKind, Question

LONGEST = timedelta(minutes=5)
"""Nobody looks at one question for longer: what lies longer was left open meanwhile."""
FAST_S = 5
LATE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Pace:
    """One reviewer in one campaign."""

    reviewer: str
    name: str
    decided: int
    timed: int
    """Decisions of which the time is known."""
    median_s: float | None
    """Seconds for a decision, between page and answer, at most five minutes."""
    fast: int
    """Decisions within five seconds of the page, of those that are no confirmation of what the role explains."""
    streak: int
    """The longest run of `keep` one after the other, where something else was advised."""
    kept_share: float
    """Of what was advised to go or to change: the share that was kept."""
    same_reason: int
    """How often the most frequent reason was given."""
    last_hours: float
    """The share that was decided in the last two hours before the signature, or the last decision."""
    checks: int
    checks_kept: int
    """Check items that were kept: nobody holds what they asked about."""


def paces(record: CampaignRecord) -> tuple[Pace, ...]:
    """Return how each reviewer decided, by their ids."""
    questions = {q.question: q for q in record.questions}
    by: dict[str, list[Decision]] = {}
    for d in record.decisions:
        if d.kind is not DecisionKind.UNDONE:
            by.setdefault(d.reviewer, []).append(d)
    signed = {s.reviewer: s.at for s in record.signatures}
    return tuple(_pace(mine, questions, signed.get(reviewer) or mine[-1].at) for reviewer, mine in sorted(by.items()))


def _pace(mine: list[Decision], questions: dict[str, Question], end: datetime) -> Pace:
    seconds = {d.key: min(d.at - d.served_at, LONGEST).total_seconds() for d in mine if d.served_at is not None}
    asked = [d for d in mine if d.advice is not Advice.KEEP]
    reasons = Counter(d.reason.casefold() for d in mine if d.reason)
    checks = [d for d in mine if questions[d.question].seeded]
    late = sum(end - d.at <= LATE for d in mine)
    return Pace(
        reviewer=mine[0].reviewer,
        name=mine[-1].reviewer_name,
        decided=len(mine),
        timed=len(seconds),
        median_s=median(seconds.values()) if seconds else None,
        fast=sum(seconds.get(d.key, FAST_S) < FAST_S for d in mine if not questions[d.question].bulk),
        streak=_streak(asked),
        kept_share=sum(d.kind is DecisionKind.KEEP for d in asked) / len(asked) if asked else 0.0,
        same_reason=max(reasons.values(), default=0),
        last_hours=late / len(mine),
        checks=len(checks),
        checks_kept=sum(d.kind is DecisionKind.KEEP for d in checks),
    )


def _streak(decisions: list[Decision]) -> int:
    longest = run = 0
    for d in decisions:
        run = run + 1 if d.kind is DecisionKind.KEEP else 0
        longest = max(longest, run)
    return longest


def remarks(pace: Pace) -> tuple[str, ...]:
    """Say what is to be asked about, in sentences; empty where nothing stands out."""
    found = []
    if pace.fast:
        found.append(f"{pace.fast} decisions within {FAST_S} seconds of the page")
    if pace.streak >= 5:
        found.append(f"{pace.streak} times in a row kept against the advice")
    if pace.kept_share >= 0.9 and pace.streak >= 3:
        found.append(f"{pace.kept_share:.0%} of what was advised to go was kept")
    if pace.same_reason >= 3:
        found.append(f"the same reason {pace.same_reason} times")
    if pace.checks_kept:
        found.append(f"{pace.checks_kept} of {pace.checks} check items kept, which nobody holds")
    return tuple(found)
