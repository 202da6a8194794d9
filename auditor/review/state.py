"""Campaigns as they stand: which are open, which are closed, and what is recorded in them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from auditor.review_records import (
    Campaign,
    Decision,
    Question,
    ReviewEvent,
    ReviewItem,
    ReviewPerson,
    ReviewState,
    Seal,
    SealKind,
    Signature,
)
from auditor.store.reviews import CAMPAIGN, DECISION, EVENT, ITEM, PERSON, QUESTION, SEAL, SIGNATURE, STATE, read
from connectors.errors import AuditorError, shorten


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """Everything that is recorded of one campaign, each in the order in which it was written."""

    campaign: Campaign
    people: tuple[ReviewPerson, ...]
    questions: tuple[Question, ...]
    items: tuple[ReviewItem, ...]
    decisions: tuple[Decision, ...]
    signatures: tuple[Signature, ...]
    events: tuple[ReviewEvent, ...]
    seals: tuple[Seal, ...]
    states: tuple[ReviewState, ...]
    """How each question stands now, by its id."""

    @property
    def closed(self) -> Seal | None:
        """The seal that closed it."""
        return next((s for s in self.seals if s.kind is SealKind.CLOSED), None)


def campaigns(connection: Connection, practice: str) -> list[Campaign]:
    """Return the campaigns of a practice, oldest first."""
    return read(connection, CAMPAIGN, CAMPAIGN.table.c.practice == practice)


def closed_ids(connection: Connection, practice: str) -> frozenset[str]:
    """Return the ids of the campaigns of a practice that are closed."""
    c = SEAL.table.c
    found = read(connection, SEAL, c.practice == practice, c.kind == SealKind.CLOSED.value)
    return frozenset(seal.campaign for seal in found)


def open_campaigns(connection: Connection, practice: str) -> list[Campaign]:
    """Return those that are not closed, oldest first."""
    closed = closed_ids(connection, practice)
    return [c for c in campaigns(connection, practice) if c.id not in closed]


def select_campaign(connection: Connection, practice: str, named: str | None) -> Campaign:
    """
    Return the campaign that somebody means by id or name; without a name, the one that is open, or else the last.

    Raises `AuditorError`, naming those that there are, where that is not one.
    """
    found = campaigns(connection, practice)
    if not found:
        raise AuditorError("there is no review yet", hint="`auditor review start` opens one")
    if named is not None:
        meant = [c for c in found if named in (c.id, c.name)]
        if not meant:
            known = ", ".join(f"{c.id} ({c.name})" for c in found[-12:])
            raise AuditorError(f"there is no review {shorten(named)}", hint=f"the reviews are: {known}")
        return meant[-1]
    closed = closed_ids(connection, practice)
    open_ = [c for c in found if c.id not in closed]
    if len(open_) > 1:
        known = ", ".join(f"{c.id} ({c.name})" for c in open_)
        raise AuditorError("several reviews are open", hint=f"name one with `--campaign`: {known}")
    return open_[0] if open_ else found[-1]


def record_of(connection: Connection, campaign: Campaign) -> CampaignRecord:
    """Return everything that is recorded of a campaign."""
    id_ = campaign.id

    return CampaignRecord(
        campaign=campaign,
        people=tuple(read(connection, PERSON, PERSON.table.c.campaign == id_)),
        questions=tuple(read(connection, QUESTION, QUESTION.table.c.campaign == id_)),
        items=tuple(read(connection, ITEM, ITEM.table.c.campaign == id_)),
        decisions=tuple(read(connection, DECISION, DECISION.table.c.campaign == id_)),
        signatures=tuple(read(connection, SIGNATURE, SIGNATURE.table.c.campaign == id_)),
        events=tuple(read(connection, EVENT, EVENT.table.c.campaign == id_)),
        seals=tuple(read(connection, SEAL, SEAL.table.c.campaign == id_)),
        states=tuple(read(connection, STATE, STATE.table.c.campaign == id_)),
    )
