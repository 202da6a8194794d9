"""
How long the access of an earlier role outlived it: from the change of role until an audit saw it gone.

Both ends may be known only as lying between two audits; then the hours are told as between two numbers, and what cannot
be known is not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from auditor.gates.history import EarlierGrant, Past
from auditor.gates.leaver import ends_at
from auditor.gates.offboard import Timely, timely
from auditor.instants.instant import Instant, account_ended, between, taken
from auditor.instants.log import AccessLog
from policies.engine.case import AccountKey, Case


@dataclass(frozen=True, slots=True)
class Changed:
    """When a role changed: somewhere between two instants, which are the same where the roster dates it."""

    earliest: datetime
    latest: datetime

    @property
    def dated(self) -> bool:
        """Whether the roster names the first day in the new role."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True)
class KeptGrant:
    """How long one thing of an earlier role was held after the change."""

    system: str
    login: str
    name: str
    held: bool
    """Whether it is held still."""
    hours: float
    """At most so long: from the earliest instant of the change until a read showed it gone, or the last read."""
    at_least: float
    """At least so long: from the latest instant of the change until a read showed it the last time."""
    timely: Timely
    instant: Instant | None = None
    """When it was taken away, and by what that is known; `None` while it is held."""


def when_changed(case: Case, vma: str, past: Past) -> Changed | None:
    """Return when the present roles began: as the roster dates it, or between two audits; `None`: nothing tells."""
    present = case.engagements[vma]
    periods = sorted((p for p in case.periods if p.vma == vma and p.start <= case.today), key=lambda p: p.start)
    for before, period in reversed(list(pairwise(periods))):
        if set(period.roles) == set(present.roles) != set(before.roles):
            return _on(case, period.start)
    others = [n for n, (_, _, e) in enumerate(past.engagements) if set(e.roles) != set(present.roles)]
    if not others:
        return None
    _, last, _ = past.engagements[others[-1]]
    if present.start > case.day_of(last):
        return _on(case, present.start)  # the line was replaced by one that begins with the new role
    following = past.engagements[others[-1] + 1 :]
    return Changed(last, following[0][0] if following else case.at)


def kept_after(case: Case, vma: str, changed: Changed, past: Past, due_hours: int) -> tuple[KeptGrant, ...]:
    """Return what the VMA held when the role changed and the present one does not allow, each with its hours."""
    return tuple(sorted(_kept(case, vma, changed, past, due_hours), key=lambda k: (k.system, k.login, k.name)))


def _kept(case: Case, vma: str, changed: Changed, past: Past, due_hours: int) -> Iterator[KeptGrant]:
    beyond = ~case.template(vma).allows | case.forbidden(vma)
    for (key, assignment), given in past.given.items():
        gone_before = given.gone is not None and given.gone <= changed.earliest
        if given.first > changed.latest or gone_before or key[0] not in case.systems or key[0] in case.incomplete:
            continue
        readings = case.policy.catalogs.read(case.systems[key[0]], given.entitlements).values()
        if not any(reading.mask & beyond for reading in readings):
            continue
        held = key in case.live_accounts and assignment in case.holdings[key].assignments
        read = case.collections[key[0]].as_of
        ends = () if held else _ends(key, assignment, given, past, read)
        instant = min(ends, key=lambda one: one.latest, default=None)
        last = min((one.earliest or given.last for one in ends), default=read)
        until = read if instant is None else instant.latest
        least, most = _hours(changed.latest, last), _hours(changed.earliest, until)
        login = case.accounts[key].login if key in case.accounts else key[1]
        name = next((e.name for e in given.entitlements if e.id == assignment), assignment)
        yield KeptGrant(
            key[0],
            login,
            name,
            held,
            most,
            min(least, most),
            timely(min(least, most), most, due_hours, live=held),
            instant,
        )


def _ends(key: AccountKey, assignment: str, given: EarlierGrant, past: Past, read: datetime) -> tuple[Instant, ...]:
    """Return when something was taken away, and when its account stopped: it is of no use since the first of them."""
    log = past.records.get(key[0], AccessLog())
    found = []
    if given.gone is not None:
        found.append(taken(log, key[1], assignment, given.last, given.gone))
    if key in past.stopped:
        found.append(account_ended(log, key[1], past.last_live.get(key), past.stopped[key]))
    return tuple(found) or (between(given.last, read, log.silent),)


def _on(case: Case, day: date) -> Changed:
    start = ends_at(case, day - timedelta(days=1))
    return Changed(start, start)


def _hours(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / 3600)
