"""
What became of access between two audits: every change with exactly one cause, and what was called for and not done.

The primary cause of a change is, in this order: a headcount event that calls for just it; an earlier event that had
called for it, where it had not been done since (`auditor.drift.not_done_before`); an approved request for it; an
accepted finding about it; none. A system that was not read at the end is a cause of its own, "not read", and has no
changes: a gap in reading is never a removal. What an event should have changed and did not is *called for and not
done*. What is *owed* are controls: `auditor.figures.owed` says which.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from auditor.drift.change import Change, ChangeKind
from auditor.drift.compare import drift
from auditor.headcount.events import Event, EventKind
from auditor.ledger.statements import Statement, StatementKind, in_force
from auditor.snapshot import PolicySnapshot, Stored
from connectors.facts import Partial
from policies.engine.case import Case
from policies.engine.outcomes import Finding
from policies.engine.unproven import why_unproven


class Cause(StrEnum):
    """Why something changed."""

    EVENT = "explained by an event"
    EARLIER = "explained by what was owed"
    REQUEST = "explained by an approved request"
    EXCEPTION = "explained by an accepted finding"
    UNEXPLAINED = "unexplained"

    @property
    def words(self) -> str:
        """What people read; the value is what JSON says, and stays."""
        return "explained by an earlier event" if self is Cause.EARLIER else self.value


@dataclass(frozen=True, slots=True)
class AttributedChange:
    """One change with its one primary cause."""

    change: Change
    cause: Cause
    by: str
    """The event, or the id of the statement; empty when nothing explains it."""
    note: str = ""
    """What is known of it besides: who approved or accepted it, or the finding that asked for it."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """What an event should have changed and did not."""

    event: Event
    system: str
    login: str
    what: str


@dataclass(frozen=True, slots=True)
class AccessSums:
    """One VMA in one system: the sums of all changes."""

    vma: str
    """Empty for accounts of nobody on the roster."""
    system: str
    accounts: int
    """Accounts that came, less those that went."""
    entitlements: int
    gained: int
    """Capabilities that the VMA has there now and had not."""
    lost: int
    phi_gained: tuple[str, ...]
    phi_lost: tuple[str, ...]
    by_cause: Mapping[Cause, int]
    """Number of changes; their sum is the number of all changes."""


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The whole answer."""

    events: tuple[Event, ...]
    attributed: tuple[AttributedChange, ...]
    not_done: tuple[NotDone, ...]
    not_read: Mapping[str, Partial]
    lines: tuple[AccessSums, ...]
    outside_offboarding: tuple[AttributedChange, ...] = field(default=())
    """Access that was removed, or changed, though nobody left: with the cause."""


def compare(
    before: Stored,
    case_before: Case,
    after: Case,
    statements: Iterable[Statement],
    policy: PolicySnapshot | None = None,
) -> DriftReport:
    """Compare two audits; `after` is the case of the later one (`auditor.history.load`), `policy` what it went by."""
    result = drift(before.snapshot, case_before.today, after, policy)
    seen = {system for system, _ in before.snapshot.accounts} | before.snapshot.known
    first_time = {
        system: Partial(f"no audit up to {case_before.today} had read it whole, so what it held then is not known")
        for system in case_before.incomplete
        if system not in seen and system in after.systems and system not in result.not_read
    }
    told = attribute(result.changes, statements, before, case_before.today, after)
    return DriftReport(
        events=result.events,
        attributed=told,
        not_done=tuple(_not_done(result.events, case_before, after)),
        not_read={**result.not_read, **first_time},
        lines=tuple(_lines(told, case_before, after)),
        outside_offboarding=outside_offboarding(told),
    )


def attribute(
    changes: Iterable[Change], statements: Iterable[Statement], before: Stored, since: date, after: Case
) -> tuple[AttributedChange, ...]:
    """Give each change since an audit of the day `since` its one primary cause."""
    explaining = _Explaining(tuple(statements), before, since, after)
    return tuple(explaining.attribute(change) for change in changes)


_DONE_SINCE = "called for, and not done, at the first of the two audits"


class _Explaining:
    """The statements that can explain a change which no event explains."""

    def __init__(self, statements: tuple[Statement, ...], before: Stored, since: date, after: Case) -> None:
        holding = in_force(statements, after.today)
        self._requests = [s for s in holding if s.kind is StatementKind.REQUEST and since <= s.on]
        findings = {f.identity(after.practice.id): f for f in before.snapshot.findings.values()}
        accepted = (s for s in holding if s.kind is StatementKind.EXCEPTION and s.about in findings)
        self._accepted = [(s, findings[s.about]) for s in accepted]
        self._open = findings

    def attribute(self, change: Change) -> AttributedChange:
        if change.cause is not None:
            cause = change.cause
            return AttributedChange(change, Cause.EVENT, f"{cause.subject} {cause.kind.value}: {cause.detail}")
        if change.earlier is not None:
            cause = change.earlier
            return AttributedChange(
                change, Cause.EARLIER, f"{cause.subject} {cause.kind.value}: {cause.detail}", _DONE_SINCE
            )
        for request in self._requests:
            if _asks_for(request, change):
                return AttributedChange(change, Cause.REQUEST, request.id, _said(request))
        for statement, finding in self._accepted:
            if _is_about(finding, change):
                return AttributedChange(change, Cause.EXCEPTION, statement.id, _said(statement))
        return AttributedChange(change, Cause.UNEXPLAINED, "", self._asked_for(change))

    def _asked_for(self, change: Change) -> str:
        """Name the finding of the earlier audit that asked for a removal; it is no cause, but an answer to "why?"."""
        if change.kind is not ChangeKind.GRANT_WENT:
            return ""
        return next((f"{id_} asked for it" for id_, finding in self._open.items() if _is_about(finding, change)), "")


def _asks_for(request: Statement, change: Change) -> bool:
    """Whether a request is for just this: the VMA, the system, and the entitlement or the account itself."""
    system, _, wanted = (part.strip() for part in request.topic.partition(":"))
    if request.about not in change.people or system != change.system:
        return False
    if change.kind in (ChangeKind.ACCOUNT_CAME, ChangeKind.ACCOUNT_WORKS):
        return True
    names = {name.strip().casefold() for name in wanted.split(",")}
    return change.kind is ChangeKind.GRANT_CAME and (change.assignment or "").casefold() in names


def _said(s: Statement) -> str:
    """Tell who approved or accepted it, on whose request, when and why."""
    verb = "approved" if s.kind is StatementKind.REQUEST else "accepted"
    asked = f", asked for by {s.requested_by}" if s.requested_by else ""
    return f"{verb} by {s.by} on {s.on}{asked}" + (f": {s.reason}" if s.reason else "")


def _is_about(finding: Finding, change: Change) -> bool:
    return finding.system == change.system and finding.what == f"{change.account}|{change.given}"


_REMOVED = (ChangeKind.ACCOUNT_WENT, ChangeKind.ACCOUNT_STOPPED, ChangeKind.ACCOUNT_MOVED, ChangeKind.GRANT_WENT)


def outside_offboarding(told: Iterable[AttributedChange]) -> tuple[AttributedChange, ...]:
    """Return the access that was removed, or changed, though nobody left."""
    return tuple(one for one in told if _removal_without_leaving(one))


def _removal_without_leaving(told: AttributedChange) -> bool:
    removed = told.change.kind in _REMOVED
    cause = told.change.cause or told.change.earlier
    return removed and (cause is None or cause.kind is not EventKind.LEFT)


def _not_done(events: tuple[Event, ...], before: Case, after: Case) -> Iterable[NotDone]:
    """
    What the events call for by what each VMA is now, and is not done.

    Access is not called for by anybody who has left, nor its end by anybody who is back.
    """
    last = {e.vma: e for e in events if e.kind in (EventKind.JOINED, EventKind.REHIRED, EventKind.ROLE_CHANGED)}
    for event in events:
        now = after.engagements.get(event.vma)
        here = now is not None and event.vma not in after.former and now.active_on(after.today)
        if event.kind is EventKind.LEFT and not here:
            for key in after.live_accounts_of(event.vma):
                yield NotDone(event, key[0], after.accounts[key].login, "the account still works")
        if now is None or not here:
            continue
        if event.kind is EventKind.ON_LEAVE and now.on_leave:
            for key in after.live_accounts_of(event.vma):
                yield NotDone(event, key[0], after.accounts[key].login, "the account still works")
        elif event.kind is EventKind.ROLE_CHANGED:
            yield from _kept(event, before, after)
        if event is last.get(event.vma) and not now.on_leave:
            missing = after.template(event.vma).requires & ~after.held(event.vma)
            # What is not known to be held may be what is required.
            if missing and not why_unproven(after, event.vma):
                names = ", ".join(after.policy.vocabulary.names(missing))
                yield NotDone(event, "", "", f"the role requires, and no system gives: {names}")


def _kept(event: Event, before: Case, after: Case) -> Iterable[NotDone]:
    """Yield what the old role had, the new one does not allow, and is still held."""
    allowed = after.template(event.vma).allows
    for key in after.live_accounts_of(event.vma):
        had = before.holdings[key].assignments if key in before.accounts else {}
        for id_, assignment in sorted(after.holdings[key].assignments.items()):
            if id_ in had and assignment.mask & ~allowed:
                name = after.holdings.entitlement(key[0], id_).name
                yield NotDone(event, key[0], after.accounts[key].login, f"still holds {name} of the earlier role")


def _lines(told: tuple[AttributedChange, ...], before: Case, after: Case) -> Iterable[AccessSums]:
    """Sum the changes by VMA and system, in a stable order; a shared account counts for its first VMA."""
    groups: dict[tuple[str, str], list[AttributedChange]] = {}
    for one in told:
        vma = next((p for p in one.change.people if p in after.engagements or p in before.engagements), "")
        groups.setdefault((vma, one.change.system), []).append(one)
    for (vma, system), mine in sorted(groups.items()):
        was, is_ = _held(before, vma, system), _held(after, vma, system)
        kinds = Counter(one.change.kind for one in mine)
        phi = after.policy.vocabulary.phi
        yield AccessSums(
            vma,
            system,
            accounts=kinds[ChangeKind.ACCOUNT_CAME] - kinds[ChangeKind.ACCOUNT_WENT],
            entitlements=sum(_sign(one.change) * len(one.change.entitlements) for one in mine),
            gained=is_ & ~was,
            lost=was & ~is_,
            phi_gained=tuple(c for c in phi(is_) if c not in phi(was)),
            phi_lost=tuple(c for c in phi(was) if c not in phi(is_)),
            by_cause=dict(Counter(one.cause for one in mine)),
        )


def _held(case: Case, vma: str, system: str) -> int:
    mask = 0
    for key in case.live_accounts_of(vma, system) if vma else ():
        mask |= case.holdings[key].mask
    return mask


def _sign(change: Change) -> int:
    return {ChangeKind.GRANT_CAME: 1, ChangeKind.GRANT_WENT: -1}.get(change.kind, 0)
