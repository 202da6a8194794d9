"""What a VMA was and had before: from the store's intervals, so that nothing is forgotten when access is taken away."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.instants.known import logs_of
from auditor.instants.log import AccessLog
from auditor.store import Store
from auditor.store.records import ACCOUNT, ENGAGEMENT, ENTITLEMENT, GRANT, OWNER
from connectors.audit_log import LogAnswer, LogUnread
from connectors.facts import Account, Engagement, Entitlement, Status
from policies.engine.case import AccountKey


@dataclass(frozen=True, slots=True)
class EarlierGrant:
    """One thing that was given to one account, as audits saw it."""

    first: datetime
    """The first audit that saw it."""
    last: datetime
    """The last audit that saw it."""
    gone: datetime | None
    """The first audit that no longer saw it; `None` when the last one still did."""
    entitlements: tuple[Entitlement, ...]
    """All that it brought, ever."""


@dataclass(frozen=True, slots=True)
class Past:
    """The past of one VMA, as far as the audits of the practice saw it."""

    stopped: dict[AccountKey, datetime] = field(default_factory=dict)
    """As of when a whole read first saw an account of the practice disabled, expired or gone."""
    last_live: dict[AccountKey, datetime] = field(default_factory=dict)
    """As of when a whole read saw an account live the last time."""
    known: Mapping[AccountKey, Account] = field(default_factory=dict)
    """Every account that was ever the VMA's, as it was seen last."""
    accounts: frozenset[AccountKey] = frozenset()
    """Every account that was ever the VMA's, alone or with others."""
    shared: frozenset[AccountKey] = frozenset()
    """Those of them that were somebody else's too, then or at another time."""
    held: dict[str, tuple[Entitlement, ...]] = field(default_factory=dict)
    """By system: everything that those accounts ever held."""
    given: dict[tuple[AccountKey, str], EarlierGrant] = field(default_factory=dict)
    """By account and assignment: what was given to those accounts, from when until when."""
    records: Mapping[str, AccessLog] = field(default_factory=dict)
    """By system: what its own record of changes told."""
    engagements: tuple[tuple[datetime, datetime, Engagement], ...] = ()
    """Every line that a roster had of the VMA, oldest first, with the first and the last audit that saw it."""


RosterSpan = tuple[datetime, datetime, Engagement]
"""A line that a roster had, with the first and the last audit that saw it."""


class _WholeReads:
    """As of when each system was read whole: an audit that could not read it saw nothing there."""

    def __init__(self, store: Store, practice: str, audits: Collection[int]) -> None:
        self._of: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
        for audit, system, as_of in store.whole_reads(practice):
            if audit in audits:
                self._of[system].append((audit, as_of))

    def at(self, system: str, audit: int) -> datetime | None:
        """Return as of when an audit, or the first after it that read the system whole, saw it."""
        return next((as_of for n, as_of in self._of[system] if n >= audit), None)

    def newer(self, system: str, audit: int, seen: datetime | None) -> datetime | None:
        """Return as of when an audit saw the system; `None` where that is no later than what was seen before it."""
        as_of = self.at(system, audit)
        return None if as_of is None or (seen is not None and as_of <= seen) else as_of

    def before(self, system: str, first: int, after: int | None) -> datetime | None:
        """Return as of when the system was read whole the last time before `after`, if that was since `first`."""
        return next(
            (as_of for n, as_of in reversed(self._of[system]) if first <= n and (after is None or n < after)), None
        )


def past_of(
    store: Store, practice: str, vma: str, until: int | None = None, *, now: Iterable[LogAnswer | LogUnread] = ()
) -> Past:
    """Return the past of a VMA, up to an audit or to the last one; with what records of changes told just `now`."""
    return pasts_of(store, practice, (vma,), until, records=logs_of(store, practice, until, now))[vma]


def pasts_of(
    store: Store, practice: str, vmas: Collection[str], until: int | None, *, records: Mapping[str, AccessLog]
) -> dict[str, Past]:
    """
    Return the past of some VMAs, by id, up to an audit or to the last one: the history is read once for all of them.

    `records` are the systems' own, as `auditor.instants.known.logs_of` gives them.
    """
    audits = [a for a in store.audits(practice) if until is None or a.id <= until]
    at = {a.id: a.at for a in audits}
    reads = _WholeReads(store, practice, at)
    owned = _owned(store, practice, at)
    mine = {vma: frozenset(key for key, people in owned.items() if vma in people) for vma in vmas}
    all_given = _all_given(store, practice, at, frozenset().union(*mine.values()))
    stopped, last_live, known = _working(store, practice, at, reads)
    lines: dict[str, list[RosterSpan]] = defaultdict(list)
    for first, after, line in store.intervals(practice, ENGAGEMENT):
        if first in at and line.engagement.vma in mine:
            lines[line.engagement.vma].append((at[first], _last(after, at), line.engagement))
    found = {}
    for vma, accounts in mine.items():
        given = {key: intervals for key, intervals in all_given.items() if key[0] in accounts}
        held: dict[str, dict[str, Entitlement]] = {}
        for (key, _), intervals in given.items():
            held.setdefault(key[0], {}).update({entitlement.id: entitlement for _, _, entitlement in intervals})
        found[vma] = Past(
            stopped=stopped,
            last_live=last_live,
            accounts=accounts,
            shared=frozenset(key for key in accounts if owned[key] != {vma}),
            held={s: tuple(e.values()) for s, e in sorted(held.items())},
            known={key: account for key, account in known.items() if key in accounts},
            given={key: _given(key[0][0], intervals, at, reads) for key, intervals in given.items()},
            records=records,
            engagements=tuple(lines[vma]),
        )
    return found


_GivenSpans = list[tuple[int, int | None, Entitlement]]


def _all_given(
    store: Store, practice: str, at: Mapping[int, datetime], accounts: frozenset[AccountKey]
) -> dict[tuple[AccountKey, str], _GivenSpans]:
    """Return what was given to some accounts, by account and assignment, with the audits from and until which."""
    if not accounts:
        return {}
    entitlements: dict[AccountKey, Entitlement] = {}
    for first, _, entitlement in store.intervals(practice, ENTITLEMENT):
        if first in at:
            entitlements[entitlement.system, entitlement.id] = entitlement
    given: dict[tuple[AccountKey, str], _GivenSpans] = {}
    for first, after, one in store.intervals(practice, GRANT, {account for _, account in accounts}):
        system, grant = one.system, one.grant
        if first in at and (system, grant.account) in accounts and (system, grant.entitlement) in entitlements:
            entitlement = entitlements[system, grant.entitlement]
            given.setdefault(((system, grant.account), grant.assignment), []).append((first, after, entitlement))
    return given


def roster_spans(store: Store, practice: str, vmas: Collection[str]) -> dict[str, tuple[RosterSpan, ...]]:
    """Return every line that a roster had of some VMAs, by VMA id, oldest first."""
    found: dict[str, list[RosterSpan]] = {}
    if vmas:
        at = {a.id: a.at for a in store.audits(practice)}
        for first, after, line in store.intervals(practice, ENGAGEMENT):
            if line.engagement.vma in vmas:
                found.setdefault(line.engagement.vma, []).append((at[first], _last(after, at), line.engagement))
    return {vma: tuple(spans) for vma, spans in found.items()}


def _given(
    system: str, intervals: list[tuple[int, int | None, Entitlement]], at: Mapping[int, datetime], reads: _WholeReads
) -> EarlierGrant:
    first = min(n for n, _, _ in intervals)
    ends = [after if after in at else None for _, after, _ in intervals]
    gone = None if None in ends else max(end for end in ends if end is not None)
    seen = reads.before(system, first, gone)
    return EarlierGrant(
        first=reads.at(system, first) or at[first],
        last=seen or at[first],
        gone=None if gone is None else reads.newer(system, gone, seen) or at[gone],
        entitlements=tuple({e.id: e for _, _, e in intervals}.values()),
    )


def _last(after: int | None, at: Mapping[int, datetime]) -> datetime:
    """Return the last audit at which a row was true that is true no longer at the audit `after`."""
    return at[max(n for n in at if after is None or n < after)]


def _owned(store: Store, practice: str, at: Mapping[int, datetime]) -> dict[AccountKey, set[str]]:
    """Return everybody whose each account ever was."""
    found: dict[AccountKey, set[str]] = defaultdict(set)
    for first, _, owned in store.intervals(practice, OWNER):
        if first in at:
            found[owned.system, owned.account].update(owned.owner.people)
    return found


def _working(
    store: Store, practice: str, at: Mapping[int, datetime], reads: _WholeReads
) -> tuple[dict[AccountKey, datetime], dict[AccountKey, datetime], dict[AccountKey, Account]]:
    """Return when each account that does not work was first seen so, when live the last time, and as what."""
    stopped: dict[AccountKey, datetime] = {}
    last_live: dict[AccountKey, datetime] = {}
    known: dict[AccountKey, Account] = {}
    for first, after, account in store.intervals(practice, ACCOUNT):
        if first not in at:
            continue
        key = (account.system, account.id)
        known[key] = account
        if account.status in (Status.DISABLED, Status.EXPIRED):
            stopped.setdefault(key, reads.newer(account.system, first, last_live.get(key)) or at[first])
            continue
        stopped.pop(key, None)
        last_live[key] = reads.before(account.system, first, after) or at[first]
        if after is not None and after in at:
            # It went away, or a row follows that says what became of it.
            stopped[key] = reads.newer(account.system, after, last_live[key]) or at[after]
    return stopped, last_live, known
