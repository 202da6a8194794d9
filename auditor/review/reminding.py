"""Who is to be reminded of which review, and what goes to the practice manager because it was not decided in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from auditor.review.counters import is_open, moved_and_counted, stepped
from auditor.review.routing import barred, knowing, privileged_users
from auditor.review.state import CampaignRecord, open_campaigns, record_of
from auditor.review_records import Campaign, Question, QuestionKind, ReviewEvent, ReviewEventKind, ReviewState
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.store.reviews import EVENT, add, read_one
from connectors.inputs.dates import day_of
from policies.engine.evidence import counted


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one reviewer is told of one campaign."""

    campaign: Campaign
    reviewer: str
    name: str
    email: str | None
    open: int
    risky: int
    """Of them, those that are no confirmation of what the role explains."""
    due: date
    days: int
    """Until the first of them is due; negative when it is over."""
    key: str

    @property
    def says(self) -> str:
        """Return the text: counts and days, no names of people and no access."""
        when = (
            f"due on {self.due}, in {counted(self.days, 'day')}"
            if self.days > 0
            else (f"due today, {self.due}" if self.days == 0 else f"was due on {self.due}")
        )
        rest = f", {self.risky} of them beyond what a role explains" if self.risky else ""
        return f"The access review {self.campaign.name} waits for you: {counted(self.open, 'question')}{rest}; {when}."


@dataclass(frozen=True, slots=True)
class Escalated:
    """A question that went on because it was not decided in time."""

    campaign: Campaign
    question: str
    before: str
    after: str


def reminders(
    store: Store, practice: str, settings: ReviewSettings, timezone: str, now: datetime, *, due: bool
) -> tuple[Reminder, ...]:
    """Return who has something open; with `due`, only who has come to a step of which they were not reminded."""
    today = day_of(now, timezone)
    with store.reviewed() as connection:
        records = [record_of(connection, campaign) for campaign in open_campaigns(connection, practice)]
    return tuple(
        one
        for record in records
        for one in _of(record, settings, today)
        if not due or (one.key and one.key not in {event.key for event in record.events})
    )


def _of(record: CampaignRecord, settings: ReviewSettings, today: date) -> Iterator[Reminder]:
    questions = {q.question: q for q in record.questions}
    open_: dict[str, list[Question]] = {}
    for state in record.states:
        if is_open(state):
            open_.setdefault(state.reviewer, []).append(questions[state.question])
    for reviewer, mine in sorted(open_.items()):
        known = settings.reviewers.get(reviewer)
        first = min(q.due for q in mine)
        days = (first - today).days
        step = next((s for s in sorted(settings.remind_days) if days <= s), None)
        yield Reminder(
            campaign=record.campaign,
            reviewer=reviewer,
            name=known.name if known else reviewer,
            email=known.email if known else None,
            open=len(mine),
            risky=sum(not q.bulk for q in mine),
            due=first,
            days=days,
            key="" if step is None else f"remind {record.campaign.id} {reviewer} {first} {step}",
        )


def note_reminded(connection: Connection, reminder: Reminder, at: datetime, by: str) -> None:
    """Record that somebody was reminded, once for each step."""
    key = reminder.key or None
    if key is not None and read_one(connection, EVENT, EVENT.table.c.key == key) is not None:
        key = None
    detail = f"{reminder.open} open, due on {reminder.due}"
    kind = ReviewEventKind.REMINDED
    add(connection, EVENT, [ReviewEvent(reminder.campaign.id, None, reminder.reviewer, kind, at, by, detail, key)])


def escalate(
    store: Store, practice: str, settings: ReviewSettings, timezone: str, now: datetime
) -> tuple[Escalated, ...]:
    """Hand what is overdue for longer than `escalate_days` to the practice manager who may decide it."""
    last = day_of(now, timezone) - timedelta(days=settings.escalate_days)
    found: list[Escalated] = []
    with store.reviewing() as connection:
        for campaign in open_campaigns(connection, practice):
            record = record_of(connection, campaign)
            questions = {q.question: q for q in record.questions}
            people = {p.person: dict(zip(p.users, p.user_names, strict=True)) for p in record.people}
            asked = {q.person for q in record.questions if q.privileged and q.kind is not QuestionKind.SERVICE}
            knowingly = knowing(settings, privileged_users(p for p in record.people if p.person in asked))
            for state in record.states:
                q = questions[state.question]
                if is_open(state) and q.due < last:
                    to = _manager(knowingly, campaign, q, state, people[q.person])
                    if to is not None:
                        _hand_on(connection, state, q, (to, settings.reviewers[to].name), now)
                        found.append(Escalated(campaign, q.question, state.reviewer, to))
    return tuple(found)


def _manager(
    settings: ReviewSettings, campaign: Campaign, q: Question, state: ReviewState, users: dict[str, str]
) -> str | None:
    """Return the manager, else the officer, who may decide a question and does not have it yet."""
    if state.reviewer in settings.reviewers and settings.reviewers[state.reviewer].manager:
        return None
    order: Sequence[str] = [i for i, r in settings.reviewers.items() if r.manager]
    order = [*order, *(i for i, r in settings.reviewers.items() if "officer" in r.roles and i not in order)]
    for id_ in order:
        if id_ == state.reviewer:
            return None
        if not barred(settings, id_, campaign.prepared_by, users, privileged=q.privileged):
            return id_
    return None


def _hand_on(connection: Connection, state: ReviewState, q: Question, to: tuple[str, str], now: datetime) -> None:
    id_, name = to
    moved_and_counted(connection, state, stepped(state, reviewer=id_), q.person_name)
    detail = f"to {name}: it was due on {q.due}"
    kind = ReviewEventKind.ESCALATED
    add(connection, EVENT, [ReviewEvent(q.campaign, q.question, id_, kind, now, "the due day", detail, None)])
