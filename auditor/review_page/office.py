"""What the pages of one practice share: its desk, its words, and as whom a visit may ask it."""

from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import func, select

from auditor.config import Config
from auditor.review.annexes.sealed import close_with_annexes
from auditor.review.desk import Desk
from auditor.review.signing import Summary
from auditor.review.state import campaigns, closed_ids
from auditor.review.wanted import Who
from auditor.review_page.overview import KEPT, Overviews
from auditor.review_page.views import Words
from auditor.review_records import Campaign, Signature
from auditor.review_settings import Role as SettingsRole
from auditor.store.reviews import CAMPAIGN, PROGRESS, SIGNATURE, STATE, read, read_one
from auditor.web.people import Role
from auditor.web.visit import Visit
from policies.vocabulary import Vocabulary
from reports.words import plural

SECONDS_EACH = 30
"""What a considered decision takes, for the estimate; nobody is hurried by it."""


@dataclass(frozen=True, slots=True)
class CampaignSeen:
    """A campaign, as somebody who takes part in it sees it."""

    campaign: Campaign
    closed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a reviewer is."""

    people: int
    people_open: int
    questions: int
    open: int
    after: str
    """Who is to be decided about next; empty: nobody else is open."""

    @property
    def percent(self) -> int:
        """Of the questions, decided or closed; 100 only when all are."""
        return 100 * (self.questions - self.open) // self.questions if self.questions else 100

    @property
    def minutes(self) -> str:
        """Say how long it takes from here, roughly."""
        return plural(max(1, round(self.open * SECONDS_EACH / 60)), "minute")


@dataclass(frozen=True)
class Office:
    """The desk of one practice, and how its pages ask it."""

    desk: Desk
    vocabulary: Vocabulary
    config: Config

    def close(self, campaign: str, *, by: str, undecided_because: str) -> None:
        """Close and seal a campaign with its annexes; raises `AuditorError`, and then nothing is closed."""
        desk = self.desk
        close_with_annexes(
            self.config,
            desk.store,
            desk.signer,
            campaign,
            by=by,
            undecided_because=undecided_because,
            clock=desk.clock,
        )

    def words(self, seen: CampaignSeen) -> Words:
        """Return how the pages of a campaign say what they show."""
        return Words(self.desk.timezone, self.titles, seen.closed)

    @staticmethod
    def who(visit: Visit) -> Who:
        """Return who asks, and how they were known; never by a word of a form."""
        how = visit.signed_in_by
        known = f"link {how['link']}" if "link" in how else f"{how['issuer']} {how['subject']}"
        return Who(visit.person.id, known)

    def own(self, visit: Visit) -> Desk:
        """
        Return the desk as somebody decides at it: the own questions, and no others.

        An officer sees everything on the pages that are made for it, never here: to decide is another part.
        """
        decides = bool({Role.REVIEWER, Role.OFFICER} & visit.roles)
        return self._as(visit.person.id, ("reviewer",) if decides else ())

    def whole(self, visit: Visit) -> Desk:
        """
        Return the desk as the officer and the auditor read it.

        By the roles of this session, which a link narrows, and not by those that the configuration gives.
        """
        roles: list[SettingsRole] = []
        if Role.OFFICER in visit.roles:
            roles.append("officer")
        if Role.AUDITOR in visit.roles:
            roles.append("auditor")
        return self._as(visit.person.id, tuple(roles))

    def _as(self, reviewer: str, roles: tuple[SettingsRole, ...]) -> Desk:
        settings = self.desk.settings
        known = settings.reviewers[reviewer].model_copy(update={"roles": roles})
        everybody = {**settings.reviewers, reviewer: known}
        return replace(self.desk, settings=settings.model_copy(update={"reviewers": everybody}))

    def campaign(self, visit: Visit, *, whole: bool = False) -> CampaignSeen:
        """
        Return the campaign of the address; raises `Refused` (404) where there is none, or none of theirs.

        With `whole`, any of the practice: for pages of the officer and the auditor.
        """
        id_, c, p = visit.param("campaign"), CAMPAIGN.table.c, PROGRESS.table.c
        with self.desk.store.reviewed() as connection:
            found = read_one(connection, CAMPAIGN, c.campaign == id_, c.practice == self.desk.practice)
            if found is None:
                raise visit.not_found()
            if not whole and read_one(connection, PROGRESS, p.campaign == id_, p.reviewer == visit.person.id) is None:
                raise visit.not_found()
            return CampaignSeen(found, id_ in closed_ids(connection, self.desk.practice))

    def takes_part(self, campaign: str, reviewer: str) -> bool:
        """Whether somebody has questions in a campaign."""
        p = PROGRESS.table.c
        with self.desk.store.reviewed() as connection:
            return read_one(connection, PROGRESS, p.campaign == campaign, p.reviewer == reviewer) is not None

    def tally(self, visit: Visit, campaign: str, *, but: str = "") -> Tally:
        """Return how far somebody is, by the counters, and who is open next, other than one person."""
        t = PROGRESS.table
        mine = (t.c.campaign == campaign, t.c.reviewer == visit.person.id)
        sums = (func.count(), func.count().filter(t.c.open > 0), func.sum(t.c.total), func.sum(t.c.open))
        following = select(t.c.person).where(*mine, t.c.open > 0, t.c.person != but)
        with self.desk.store.reviewed() as connection:
            people, people_open, questions, open_ = connection.execute(select(*sums).where(*mine)).one()
            after = connection.scalar(following.order_by(t.c.risk.desc(), t.c.person).limit(1))
        return Tally(people, people_open, questions or 0, open_ or 0, after or "")

    def every(self) -> tuple[CampaignSeen, ...]:
        """Return every campaign of the practice, the last first."""
        with self.desk.store.reviewed() as connection:
            closed = closed_ids(connection, self.desk.practice)
            found = campaigns(connection, self.desk.practice)
        return tuple(CampaignSeen(one, one.id in closed) for one in reversed(found))

    def signed(self, campaign: str, reviewer: str) -> Signature | None:
        """Return the last signature of somebody in a campaign."""
        c = SIGNATURE.table.c
        with self.desk.store.reviewed() as connection:
            found = read(connection, SIGNATURE, c.campaign == campaign, c.reviewer == reviewer)
        return found[-1] if found else None

    @cached_property
    def titles(self) -> dict[str, str]:
        """Every capability in plain words, by its id."""
        return {capability.id: capability.title for capability in self.vocabulary.capabilities}

    def summary(self, visit: Visit, campaign: str) -> Summary | None:
        """
        Return everything that somebody decided, as the desk says it; kept while nothing of it has changed.

        What is kept is only shown: to sign, the desk works it out anew.
        """
        who, t = self.who(visit), STATE.table
        query = select(t.c.question, t.c.version, t.c.signed, t.c.closed).where(
            t.c.campaign == campaign, t.c.reviewer == who.reviewer
        )
        with self.desk.store.reviewed() as connection:
            stands = hash(tuple(map(tuple, connection.execute(query.order_by(t.c.question)))))
        known = self._summaries.get((campaign, who.reviewer))
        if known is None or known[0] != stands:
            found = self.own(visit).summary(who, campaign)
            if found is None:
                return None
            known = (stands, found)
            self._summaries.pop((campaign, who.reviewer), None)
            self._summaries[campaign, who.reviewer] = known
            while len(self._summaries) > KEPT:
                self._summaries.pop(next(iter(self._summaries)), None)
        return known[1]

    @cached_property
    def _summaries(self) -> dict[tuple[str, str], tuple[int, Summary]]:
        return {}

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the reviewers, by their ids."""
        return {id_: reviewer.name for id_, reviewer in self.desk.settings.reviewers.items()}

    @cached_property
    def overviews(self) -> Overviews:
        """The overviews of the campaigns."""
        desk = self.desk
        return Overviews(desk.store, desk.settings, desk.timezone, self.titles, desk.clock)
