"""The store's intervals as spans of time: engagements, whole reads, live accounts and open findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from auditor.headcount.engagements import history
from auditor.headcount.rosters import told_by
from auditor.instants.known import logs_of
from auditor.lag.doubt import doubtful
from auditor.lag.recorded import WholeReads, as_recorded
from auditor.lag.spans import Calendar, Span, Spans, moment, seconds
from auditor.lag.unproven import Unproven, unproven
from auditor.lag.unseen import unseen
from auditor.ledger.statements import Statement
from auditor.reviewed import bare_words, resting_on_reviews
from auditor.store import Store
from auditor.store.records import ACCOUNT, ENGAGEMENT, FINDING, OWNER
from connectors.errors import AuditorError
from connectors.facts import Account, Engagement
from connectors.unproven import LEAVES_OUT
from policies.engagements import touching
from policies.engine.case import AccountKey
from policies.engine.outcomes import Finding
from policies.intervals import union


@dataclass(frozen=True, slots=True)
class AuditRead:
    """One audit: when, until when it is the latest, and which systems it read whole."""

    id: int
    at: int
    until: int
    whole: frozenset[str]
    partial: frozenset[str]
    in_part: frozenset[str] = frozenset()
    """Those read whole whose reads may leave out accounts that are there: by a filter, or by a base."""

    @property
    def span(self) -> Span:
        """How long what it saw stands."""
        return self.at, self.until


@dataclass(frozen=True, slots=True)
class Period:
    """Engagements of one VMA without a day between them, as they are known last: a stay, or one with one employer."""

    engagement: Engagement
    name: str
    start: int
    end: int | None
    """The first instant after the last day; `None`: not known to end."""
    listed: Spans
    """When an audit had the VMA on the roster."""
    not_before: int
    """The end of the VMA's earlier stay; 0 where there is none."""
    next_start: int | None = None
    """When the VMA's next engagement begins."""
    parts: tuple[Engagement, ...] = ()
    """The engagements themselves, by day: roles, agency and employment may change within."""


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
    reads: tuple[AuditRead, ...]
    periods: tuple[Period, ...]
    """Every stay: from the first day to the last without a day between, whatever the role or the agency."""
    chains: tuple[Period, ...]
    """Every stay with one employer: who must have an agreement with whom is the same all along."""
    holdings: Mapping[str, tuple[Holding, ...]]
    """By VMA."""
    findings: Mapping[str, tuple[tuple[Span, Finding], ...]]
    """By VMA."""
    statements: tuple[Statement, ...]
    unproven: Unproven
    """When it was not known what a VMA held, by VMA and system."""
    doubtful: Unproven = field(default_factory=dict)
    """When it was not settled whether an account was a VMA's, by VMA and system."""
    unseen: Unproven = field(default_factory=dict)
    """When an account of a VMA's that had been live was no longer shown by reads that may leave it out."""
    bare_words: int = 0
    """Attestations of a review that rest on nothing but a word: they count for nobody."""

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
    stays, chains = _periods(store, practice, timezone, clock)
    keys = _owned(store, practice, clock)
    holdings, told = _holdings(store, practice, clock, keys), _told(store, practice, clock)
    said = tuple(s for s in store.statements(practice) if s.recorded_at is None or s.recorded_at <= now)
    statements = resting_on_reviews(store, practice, timezone, said, now)
    reads = _reads(store, clock)
    records = logs_of(store, practice, max(moments))
    worked = as_recorded(holdings, _whole_reads(store, clock), records) if records else holdings
    return History(
        now=seconds(now),
        reads=reads,
        periods=stays,
        chains=chains,
        holdings=worked,
        findings=_findings(told, keys),
        statements=statements,
        unproven=unproven(store, practice, clock, told, holdings),
        doubtful=doubtful(store, practice, clock, statements, Calendar(timezone).day(seconds(now))),
        unseen=unseen(holdings, reads),
        bare_words=len(bare_words(said)),
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


def _reads(store: Store, clock: _Clock) -> tuple[AuditRead, ...]:
    found = []
    ids = list(clock.moments)
    for number, id_ in enumerate(ids):
        until = clock.moments[ids[number + 1]] if number + 1 < len(ids) else clock.horizon
        reads = store.reads(id_)
        whole = frozenset(system for system, (_, _, partial) in reads.items() if partial is None)
        in_part = frozenset(s for s, told in store.proofs(id_).items() if any(e.name in LEAVES_OUT for e in told))
        found.append(AuditRead(id_, clock.moments[id_], until, whole, frozenset(reads) - whole, in_part))
    return tuple(found)


def _whole_reads(store: Store, clock: _Clock) -> WholeReads:
    found: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for id_, at in clock.moments.items():
        for system, as_of in store.read_whole(id_).items():
            found[system].append((at, as_of))
    return {system: tuple(told) for system, told in found.items()}


def _owned(store: Store, practice: str, clock: _Clock) -> _Owned:
    found: dict[AccountKey, list[tuple[Span, tuple[str, ...]]]] = defaultdict(list)
    for first, after, owned in store.intervals(practice, OWNER):
        span = clock.span(first, after)
        if span is not None:
            found[owned.system, owned.account].append((span, owned.owner.people))
    return {key: tuple(spans) for key, spans in found.items()}


def _holdings(store: Store, practice: str, clock: _Clock, owned: _Owned) -> dict[str, tuple[Holding, ...]]:
    found: dict[str, list[Holding]] = defaultdict(list)
    for first, after, account in store.intervals(practice, ACCOUNT):
        span = clock.span(first, after)
        if span is None:
            continue
        for during, people in owned.get((account.system, account.id), ()):
            both = max(span[0], during[0]), min(span[1], during[1])
            if both[0] < both[1]:
                for person in people:
                    found[person].append(Holding(person, both, account))
    return {vma: tuple(holdings) for vma, holdings in found.items()}


def _told(store: Store, practice: str, clock: _Clock) -> tuple[tuple[Span, Finding], ...]:
    known = ((clock.span(first, after), one.finding) for first, after, one in store.intervals(practice, FINDING))
    return tuple((span, finding) for span, finding in known if span is not None)


def _findings(told: Iterable[tuple[Span, Finding]], owned: _Owned) -> dict[str, tuple[tuple[Span, Finding], ...]]:
    """A finding concerns the VMA whom it names; one about an account concerns whoever owns it meanwhile, too."""
    found: dict[str, list[tuple[Span, Finding]]] = defaultdict(list)
    for span, finding in told:
        people = {finding.vma} if finding.vma else set()
        if finding.subject.kind == "vma":
            people.add(finding.subject.id)
        if finding.subject.kind == "account":
            people |= {
                person
                for during, owners in owned.get(finding.subject.key, ())
                if during[0] < span[1] and span[0] < during[1]
                for person in owners
            }
        for person in people:
            found[person].append((span, finding))
    return {vma: tuple(findings) for vma, findings in found.items()}


def _periods(
    store: Store, practice: str, timezone: str, clock: _Clock
) -> tuple[tuple[Period, ...], tuple[Period, ...]]:
    """Return every stay of every VMA, and every stay with one employer."""
    calendar = Calendar(timezone)
    names: dict[str, str] = {}
    listed: dict[str, list[Span]] = defaultdict(list)
    for first, after, line in store.intervals(practice, ENGAGEMENT):
        span = clock.span(first, after)
        if span is not None:
            names[line.person.id] = line.person.name
            listed[line.person.id].append(span)
    stays: list[Period] = []
    chains: list[Period] = []
    for vma, told in told_by(store, practice, timezone, max(clock.moments)).items():
        runs = list(touching(history(told)))
        seen = names[vma], union(listed[vma])
        stays += _linked([_period(run, *seen, calendar) for run in runs])
        chains += _linked([_period(part, *seen, calendar) for run in runs for part in _by_employer(run)])
    return tuple(stays), tuple(chains)


def _by_employer(run: Iterable[Engagement]) -> Iterator[tuple[Engagement, ...]]:
    for _, mine in groupby(run, key=lambda e: (e.agency, e.employment)):
        yield tuple(mine)


def _period(parts: Sequence[Engagement], name: str, listed: Spans, calendar: Calendar) -> Period:
    """Return engagements that touch as one: of the first employer, with every role that there was."""
    roles = tuple(dict.fromkeys(role for part in parts for role in part.roles))
    whole = replace(parts[0], roles=roles, end=parts[-1].end)
    end = None if whole.end is None else calendar.end(whole.end)
    return Period(whole, name, calendar.start(whole.start), end, listed, 0, parts=tuple(parts))


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
