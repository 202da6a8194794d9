"""The store's intervals as spans of time: engagements, whole reads, live accounts and open findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.lag_doubt import doubtful
from auditor.lag_time import Calendar, Span, Spans, joined, moment, seconds
from auditor.lag_unproven import Unproven, unproven
from auditor.statements import Statement
from auditor.store import Store, codec
from connectors.errors import AuditorError
from connectors.facts import Account, Engagement
from policies.case import AccountKey
from policies.outcomes import Finding


@dataclass(frozen=True, slots=True)
class Read:
    """One audit: when, until when it is the latest, and which systems it read whole."""

    id: int
    at: int
    until: int
    whole: frozenset[str]
    partial: frozenset[str]

    @property
    def span(self) -> Span:
        """How long what it saw stands."""
        return self.at, self.until


@dataclass(frozen=True, slots=True)
class Period:
    """One engagement of one VMA, as it was known last."""

    engagement: Engagement
    name: str
    start: int
    end: int | None
    """The first instant after the last day; `None`: not known to end."""
    listed: Spans
    """When an audit had it on the roster."""
    not_before: int
    """The end of the VMA's earlier engagement; 0 where there is none."""
    next_start: int | None = None
    """When the VMA's next engagement begins."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An account of a VMA while its facts stayed the same."""

    vma: str
    span: Span
    account: Account


@dataclass(frozen=True)
class History:
    """What the store knew at an instant."""

    now: int
    reads: tuple[Read, ...]
    periods: tuple[Period, ...]
    holdings: Mapping[str, tuple[Holding, ...]]
    """By VMA."""
    findings: Mapping[str, tuple[tuple[Span, Finding], ...]]
    """By VMA."""
    statements: tuple[Statement, ...]
    unproven: Unproven
    """When it was not known what a VMA held, by VMA and system."""
    doubtful: Unproven = field(default_factory=dict)
    """When it was not settled whether an account was a VMA's, by VMA and system."""

    @property
    def horizon(self) -> int:
        """The second after the present, so that what the present audit saw has a length."""
        return self.now + 1


def read_history(store: Store, practice: str, timezone: str, now: datetime) -> History:
    """
    Return what the store knew at an instant: later audits and statements do not exist for it.

    Raises `AuditorError` when there was no audit by then.
    """
    moments = {audit.id: seconds(audit.at) for audit in store.audits(practice) if audit.at <= now}
    if not moments:
        raise AuditorError(
            f"there is no audit up to {now:%Y-%m-%d %H:%M} UTC",
            hint="`auditor audit` makes one; lag is told from audits",
        )
    clock = _Clock(moments, seconds(now) + 1)
    keys = _owned(store, practice, clock)
    holdings, told = _holdings(store, practice, clock, keys), _told(store, practice, clock)
    statements = tuple(s for s in store.statements(practice) if s.recorded_at is None or s.recorded_at <= now)
    reads = _reads(store, clock)
    return History(
        now=seconds(now),
        reads=reads,
        periods=_periods(store, practice, clock, Calendar(timezone)),
        holdings=holdings,
        findings=_findings(told, keys),
        statements=statements,
        unproven=unproven(store, practice, clock, told, holdings),
        doubtful=doubtful(store, practice, clock, statements, Calendar(timezone).day(seconds(now))),
    )


@dataclass(frozen=True)
class _Clock:
    moments: Mapping[int, int]
    """By audit, oldest first."""
    horizon: int

    def span(self, first: int, after: int | None) -> Span | None:
        """Return when a row is true; `None` for one that is younger than the present."""
        if first not in self.moments:
            return None
        return self.moments[first], self.horizon if after is None else self.moments.get(after, self.horizon)


_Owned = Mapping[AccountKey, tuple[tuple[Span, tuple[str, ...]], ...]]


def _reads(store: Store, clock: _Clock) -> tuple[Read, ...]:
    found = []
    ids = list(clock.moments)
    for number, id_ in enumerate(ids):
        until = clock.moments[ids[number + 1]] if number + 1 < len(ids) else clock.horizon
        reads = store.reads(id_)
        whole = frozenset(system for system, (_, _, partial) in reads.items() if partial is None)
        found.append(Read(id_, clock.moments[id_], until, whole, frozenset(reads) - whole))
    return tuple(found)


def _owned(store: Store, practice: str, clock: _Clock) -> _Owned:
    found: dict[AccountKey, list[tuple[Span, tuple[str, ...]]]] = defaultdict(list)
    for first, after, row in store.lives(practice, "owner"):
        span = clock.span(first, after)
        if span is not None:
            found[row[0], row[1]].append((span, codec.owner(row).people))
    return {key: tuple(spans) for key, spans in found.items()}


def _holdings(store: Store, practice: str, clock: _Clock, owned: _Owned) -> dict[str, tuple[Holding, ...]]:
    found: dict[str, list[Holding]] = defaultdict(list)
    for first, after, row in store.lives(practice, "account"):
        span = clock.span(first, after)
        if span is None:
            continue
        account = codec.account(row, None)
        for during, people in owned.get((account.system, account.id), ()):
            both = max(span[0], during[0]), min(span[1], during[1])
            if both[0] < both[1]:
                for person in people:
                    found[person].append(Holding(person, both, account))
    return {vma: tuple(holdings) for vma, holdings in found.items()}


def _told(store: Store, practice: str, clock: _Clock) -> tuple[tuple[Span, Finding], ...]:
    lives = ((clock.span(first, after), row) for first, after, row in store.lives(practice, "finding"))
    return tuple((span, codec.finding(row)) for span, row in lives if span is not None)


def _findings(told: Iterable[tuple[Span, Finding]], owned: _Owned) -> dict[str, tuple[tuple[Span, Finding], ...]]:
    """A finding concerns the VMA whom it names; one about an account concerns whoever owns it meanwhile, too."""
    found: dict[str, list[tuple[Span, Finding]]] = defaultdict(list)
    for span, finding in told:
        people = {finding.vma} if finding.vma else set()
        if finding.subject.kind == "vma":
            people.add(finding.subject.id)
        if finding.subject.kind == "account":
            system, _, account = finding.subject.id.partition(":")
            people |= {
                person
                for during, owners in owned.get((system, account), ())
                if during[0] < span[1] and span[0] < during[1]
                for person in owners
            }
        for person in people:
            found[person].append((span, finding))
    return {vma: tuple(findings) for vma, findings in found.items()}


@dataclass
class _Draft:
    engagement: Engagement
    name: str
    first: int
    """The first audit that had it."""
    listed: list[Span]
    vanished: int | None
    """The audit that no longer had it."""


def _periods(store: Store, practice: str, clock: _Clock, calendar: Calendar) -> tuple[Period, ...]:
    drafts: dict[str, list[_Draft]] = defaultdict(list)
    for first, after, row in store.lives(practice, "engagement"):
        span = clock.span(first, after)
        if span is not None:
            person, engagement = codec.engagement(row)
            new = _Draft(engagement, person.name, first, [span], after if after in clock.moments else None)
            _add(drafts[engagement.vma], new, clock, calendar)
    found: list[Period] = []
    for mine in drafts.values():
        found += _linked([_period(draft, clock, calendar) for draft in mine])
    return tuple(found)


def _add(drafts: list[_Draft], new: _Draft, clock: _Clock, calendar: Calendar) -> None:
    """Take a row for a correction of the engagement that is known, unless it begins after the end of that one."""
    if drafts:
        last = drafts[-1]
        interrupted = last.vanished is not None and last.vanished != new.first
        ended = (_end_of(last, clock, calendar) if interrupted else last.engagement).end
        if ended is None or new.engagement.start <= ended:
            new.first, new.listed = last.first, [*last.listed, *new.listed]
            drafts.pop()
    drafts.append(new)


def _end_of(draft: _Draft, clock: _Clock, calendar: Calendar) -> Engagement:
    """Give somebody who vanished from the roster the last day on which an audit still saw them there as the end."""
    engagement = draft.engagement
    if draft.vanished is None:
        return engagement
    last = max(at for id_, at in clock.moments.items() if id_ < draft.vanished)
    day = max(calendar.day(last), engagement.start)
    return replace(engagement, end=min(engagement.end, day) if engagement.end else day)


def _period(draft: _Draft, clock: _Clock, calendar: Calendar) -> Period:
    engagement = _end_of(draft, clock, calendar)
    end = None if engagement.end is None else calendar.end(engagement.end)
    return Period(engagement, draft.name, calendar.start(engagement.start), end, joined(draft.listed), 0)


def _linked(periods: list[Period]) -> list[Period]:
    found = []
    for number, period in enumerate(periods):
        before = periods[number - 1].end if number else None
        after = periods[number + 1].start if number + 1 < len(periods) else None
        found.append(replace(period, not_before=before or 0, next_start=after))
    return found


def in_words(second: int) -> str:
    """Return an instant for a machine: ISO 8601 in UTC."""
    return moment(second).isoformat().replace("+00:00", "Z")
