"""What a campaign did not do in time: people reviewed late, and questions that nobody decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auditor.review.annexes.campaigns import CampaignFacts, Reviews
from auditor.review.annexes.making import About, made
from auditor.review_records import Question
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "review-late",
    "reviewed late, or by nobody",
    "Who was reviewed after the due day, and what has nobody decided?",
    "OCR audit protocol, 164.308(a)(4)(ii)(C): recertified in time; 45 CFR 164.308(a)(1)(ii)(D)",
)
LATE, NOBODY, WAITING = "decided late", "decided by nobody", "waiting, not due yet"


@dataclass(frozen=True, slots=True)
class ReviewGap(AnnexRow):
    """One person who was reviewed late, or one question that is undecided."""

    review: str
    what: str
    """`decided late`, `decided by nobody`, or `waiting, not due yet`."""
    person: str
    question: str
    advice: str
    reviewer: str
    due: date | Instead
    decided_on: date | Instead


def campaign_gaps(reviews: Reviews) -> Annex:
    """Return the annex; its figures are those of `auditor review status`."""
    rows = [row for one in reviews.campaigns for row in _rows(one)]
    late, nobody, waiting = (sum(row.what == what for row in rows) for what in (LATE, NOBODY, WAITING))
    who = {0: "Nobody was", 1: "1 person was"}.get(late, f"{late} people were")
    told = f"{who} reviewed late"
    told += f", {plural(nobody, 'question')} nobody decided in time" if nobody else ""
    told += f"; {plural(waiting, 'question')} not decided yet, and not due" if waiting else ""
    questions = sum(one.status.questions for one in reviews.campaigns)
    return made(
        ABOUT,
        ReviewGap,
        rows,
        told if reviews.campaigns else "Who was reviewed late is not known",
        looked_at=(LookedAt("questions", questions),),
        not_evaluated=reviews.missing,
    )


def _rows(one: CampaignFacts) -> Iterator[ReviewGap]:
    status = one.status
    name, closed = status.record.campaign.name, status.record.closed is not None
    names = {reviewer.reviewer: reviewer.name for reviewer in status.reviewers}
    now_with = {state.question: state.reviewer for state in status.record.states}
    for question in status.undecided:
        over = closed or _overdue(one, question)
        whose = now_with.get(question.question, question.reviewer)
        yield ReviewGap(
            state=RowState.OPEN if over else RowState.TOLD,
            review=name,
            what=NOBODY if over else WAITING,
            person=question.person_name,
            question=question.title,
            advice=question.advice.value,
            reviewer=names.get(whose, whose),
            due=question.due,
            decided_on=Instead.BLANK,
        )
    for person, day in status.late:
        yield ReviewGap(
            state=RowState.TOLD,
            review=name,
            what=LATE,
            person=person,
            question="",
            advice="",
            reviewer="",
            due=Instead.BLANK,
            decided_on=day,
        )


def _overdue(one: CampaignFacts, question: Question) -> bool:
    """Whether a question was due before the day as of which the campaign is told."""
    campaign = one.status.record.campaign
    return (question.due - campaign.due).days + one.status.days_left < 0
