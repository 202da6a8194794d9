"""The whole of a campaign for the officer, worked out at most every few seconds: it takes all that is recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from auditor.review.closing import lacking, reviewed_late
from auditor.review.counters import is_open
from auditor.review.quality import Pace, paces, remarks
from auditor.review.removals import RemovalState, removals, undecided
from auditor.review.state import CampaignRecord, record_of
from auditor.review_page.addresses import read_path
from auditor.review_page.views import DECIDED, Words
from auditor.review_records import Campaign, DecisionKind
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from connectors.inputs.dates import day_of
from reports.words import day_text, plural

FRESH = timedelta(seconds=15)
KEPT = 8
"""Campaigns of which the overview is kept in memory."""

REMOVAL_TONES = {
    RemovalState.DECIDED: ("plain", "Decided"),
    RemovalState.ASKED_FOR: ("medium", "Asked for"),
    RemovalState.REMOVED: ("good", "Removed"),
    RemovalState.CAME_BACK: ("bad", "Came back"),
}


@dataclass(frozen=True, slots=True)
class ReviewerLine:
    """One reviewer: how far, how late, and how they decided."""

    name: str
    people: int
    questions: int
    open: int
    late: int
    pace: str
    remarks: tuple[str, ...]
    signed: str
    """When they signed; empty: not yet."""

    @property
    def decided(self) -> int:
        """Questions that are decided or closed."""
        return self.questions - self.open

    @property
    def percent(self) -> int:
        """The share that is decided; 100 only when all is."""
        return 100 * self.decided // self.questions if self.questions else 100


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One question that nobody has decided."""

    title: str
    person: str
    path: str
    reviewer: str
    due: str
    late: bool


@dataclass(frozen=True, slots=True)
class RemovalLine:
    """One thing that is to go."""

    tone: str
    word: str
    what: str
    where: str
    since: str
    order: str
    proof: str


@dataclass(frozen=True, slots=True)
class EveryLine:
    """One person whose access is reviewed."""

    name: str
    path: str
    questions: int
    open: int
    reviewers: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A campaign as it stood at an instant."""

    at: datetime
    questions: int
    open: int
    late: int
    kinds: tuple[tuple[str, str, int], ...]
    """Tone, word and number of what stands decided."""
    reviewers: tuple[ReviewerLine, ...]
    undecided: tuple[OpenLine, ...]
    removals: tuple[RemovalLine, ...]
    removal_counts: tuple[tuple[str, str, int], ...]
    people: tuple[EveryLine, ...]
    unsigned: tuple[str, ...]
    reviewed_late: tuple[str, ...]
    closed: str
    """By whom and when it was closed; empty: it is open."""

    @property
    def percent(self) -> int:
        """The share that is decided; 100 only when all is."""
        return 100 * (self.questions - self.open) // self.questions if self.questions else 100


class Overviews:
    """The overviews of the last few campaigns, each a few seconds old at most."""

    def __init__(
        self,
        store: Store,
        settings: ReviewSettings,
        timezone: str,
        titles: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._words = Words(timezone, titles)
        self._kept: dict[str, Overview] = {}
        self._lock = Lock()

    def of(self, campaign: Campaign) -> Overview:
        """Return the overview of a campaign; two who ask at once wait for one."""
        with self._lock:
            now, kept = self._clock(), self._kept.get(campaign.id)
            if kept is not None and timedelta(0) <= now - kept.at < FRESH:
                return kept
            found = self._made(campaign, now)
            self._kept.pop(campaign.id, None)
            self._kept[campaign.id] = found
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
            return found

    def forget(self) -> None:
        """Work everything out anew at the next look."""
        with self._lock:
            self._kept.clear()

    def _made(self, campaign: Campaign, now: datetime) -> Overview:
        with self._store.reviewed() as connection:
            record = record_of(connection, campaign)
        words, today = self._words, day_of(now, self._words.timezone)
        open_ = undecided(record)
        seal = record.closed
        gone = removals(self._store, record)
        counted = {state: sum(one.state is state for one in gone) for state in RemovalState}
        stand = [s.decision for s in record.states if s.decision is not None]
        late = sum(q.due < today for q in open_)
        return Overview(
            at=now,
            questions=len(record.questions),
            open=len(open_),
            late=late,
            kinds=tuple((*DECIDED[kind], stand.count(kind)) for kind in DecisionKind if kind in stand),
            reviewers=tuple(self._reviewers(record, now)),
            undecided=tuple(self._undecided(record, now)),
            removals=tuple(
                RemovalLine(
                    *REMOVAL_TONES[one.state],
                    what=f"{one.question.person_name}: {one.item.given_name or one.item.login}",
                    where=f"{one.item.system_title}, account {one.item.login}",
                    since=words.moment(one.since),
                    order=one.order,
                    proof=one.proof,
                )
                for one in sorted(gone, key=lambda one: (list(RemovalState).index(one.state), one.since))
            ),
            removal_counts=tuple((*REMOVAL_TONES[state], count) for state, count in counted.items() if count),
            people=tuple(self._people(record)),
            unsigned=lacking(record, self._settings).unsigned,
            reviewed_late=tuple(f"{name} ({day_text(day)})" for name, day in reviewed_late(record, words.timezone)),
            closed=f"{seal.by}, {words.moment(seal.at)}" if seal else "",
        )

    def _name(self, reviewer: str) -> str:
        known = self._settings.reviewers.get(reviewer)
        return known.name if known else reviewer

    def _reviewers(self, record: CampaignRecord, now: datetime) -> list[ReviewerLine]:
        today = day_of(now, self._words.timezone)
        due = {q.question: q.due for q in record.questions}
        how = {pace.reviewer: pace for pace in paces(record)}
        signed = {s.reviewer: s.at for s in record.signatures}
        by: dict[str, list[int]] = {}
        people: dict[str, set[str]] = {}
        for state in record.states:
            counts = by.setdefault(state.reviewer, [0, 0, 0])
            people.setdefault(state.reviewer, set()).add(state.person)
            counts[0] += 1
            counts[1] += is_open(state)
            counts[2] += is_open(state) and due[state.question] < today
        lines = [
            ReviewerLine(
                name=self._name(reviewer),
                people=len(people[reviewer]),
                questions=counts[0],
                open=counts[1],
                late=counts[2],
                pace=_pace(how.get(reviewer)),
                remarks=tuple(_sentences(how.get(reviewer))),
                signed=self._words.moment(signed[reviewer]) if reviewer in signed else "",
            )
            for reviewer, counts in by.items()
        ]
        return sorted(lines, key=lambda line: (-line.late, -line.open, line.name))

    def _undecided(self, record: CampaignRecord, now: datetime) -> list[OpenLine]:
        today = day_of(now, self._words.timezone)
        with_ = {s.question: s.reviewer for s in record.states}
        return [
            OpenLine(
                title=q.title,
                person=q.person_name,
                path=read_path(q.campaign, q.person),
                reviewer=self._name(with_[q.question]),
                due=day_text(q.due),
                late=q.due < today,
            )
            for q in undecided(record)
        ]

    def _people(self, record: CampaignRecord) -> list[EveryLine]:
        lines: dict[str, list[int]] = {}
        reviewers: dict[str, dict[str, None]] = {}
        for state in record.states:
            counts = lines.setdefault(state.person, [0, 0])
            counts[0] += 1
            counts[1] += is_open(state)
            reviewers.setdefault(state.person, {})[self._name(state.reviewer)] = None
        found = [
            EveryLine(
                name=p.name,
                path=read_path(p.campaign, p.person),
                questions=lines[p.person][0],
                open=lines[p.person][1],
                reviewers=", ".join(reviewers[p.person]),
            )
            for p in record.people
            if p.person in lines
        ]
        return sorted(found, key=lambda line: (-line.open, line.name))


def _pace(pace: Pace | None) -> str:
    if pace is None or pace.median_s is None:
        return ""
    return f"{plural(round(pace.median_s), 'second')} a decision (median of {pace.timed})"


def _sentences(pace: Pace | None) -> list[str]:
    return [text[:1].upper() + text[1:] for text in remarks(pace)] if pace is not None else []
