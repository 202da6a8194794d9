"""The campaigns that an audit, or a period, concerns, each as it stands, with the ledger's entry of its close."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from auditor.config import Config
from auditor.ledger.seals import SEALS
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.state import CampaignRecord, campaigns, record_of
from auditor.review.status import Status, status_of
from auditor.review_records import Decision, DecisionKind, Question
from auditor.store import Store
from connectors.inputs.dates import day_of
from reports.annexes import NotLookedAt

NO_CAMPAIGN = NotLookedAt("the review", "nobody has opened one: `auditor review start` does")
NOT_CONFIGURED = NotLookedAt("the review", "the configuration no longer says under `review` who decides")
RECENT = 5_000
"""So far back in the ledger the entry of a seal is looked for; `auditor verify` looks at all of it."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """One campaign."""

    status: Status
    entry: int | None
    """Number of the ledger's entry that closed it; `None`: it is open, or its entry is further back than is looked."""


@dataclass(frozen=True, slots=True)
class DecidedException:
    """A reviewer let somebody keep something until a day."""

    review: str
    question: Question
    decision: Decision
    signed: bool


@dataclass(frozen=True, slots=True)
class Reviews:
    """The campaigns, oldest first; and why there is none where that is so."""

    campaigns: tuple[CampaignFacts, ...]
    missing: tuple[NotLookedAt, ...] = ()
    exceptions: tuple[DecidedException, ...] = ()
    """Of every campaign so far, also of those that are not told here: an exception outlives its review."""


def reviews_of(facts: AnnexFacts, config: Config, store: Store, now: datetime) -> Reviews:
    """
    Return the campaigns that are about the period, were opened or closed in it, or were open at its end.

    Where there is none of these, the last one before. Each is told as it stands in the store.
    """
    practice, zone = config.practice.id, config.practice.timezone
    with store.reviewed() as connection:
        known = [record_of(connection, campaign) for campaign in campaigns(connection, practice)]
    first, last = facts.begins or facts.case.today, facts.case.today
    excepted = tuple(one for record in known for one in _exceptions(record, last, zone))
    wanted = [record for record in known if _concerned(record, first, last, zone)]
    if not wanted:
        wanted = [r for r in known if day_of(r.campaign.opened_at, zone) <= last][-1:]
    if not wanted:
        return Reviews((), (NO_CAMPAIGN,))
    if config.review is None:
        return Reviews((), (NOT_CONFIGURED,), excepted)
    return Reviews(
        tuple(
            CampaignFacts(status_of(store, record, config.review, zone, now), _entry(store, record))
            for record in wanted
        ),
        exceptions=excepted,
    )


def _exceptions(record: CampaignRecord, until: date, zone: str) -> Iterator[DecidedException]:
    """Yield the exceptions that stand, of those decided by the end of a day."""
    questions = {question.question: question for question in record.questions}
    newest = {decision.question: decision for decision in record.decisions if day_of(decision.at, zone) <= until}
    signed = {state.question for state in record.states if state.signed}
    for id_, decision in newest.items():
        if decision.kind is DecisionKind.EXCEPTION:
            yield DecidedException(record.campaign.name, questions[id_], decision, id_ in signed)


def _concerned(record: CampaignRecord, first: date, last: date, zone: str) -> bool:
    campaign, closed = record.campaign, record.closed
    opened_on = day_of(campaign.opened_at, zone)
    closed_on = day_of(closed.at, zone) if closed else None
    about = campaign.period_from <= last and first <= campaign.period_to
    moved = first <= opened_on <= last or (closed_on is not None and first <= closed_on <= last)
    was_open = opened_on <= last and (closed_on is None or closed_on > last)
    return about or moved or was_open


def _entry(store: Store, record: CampaignRecord) -> int | None:
    closed = record.closed
    return None if closed is None or closed.id is None else store.entry_of(SEALS, closed.id, among=RECENT)
