"""What changed since the audit before, worded."""

from collections.abc import Iterable

from auditor.audit.result import AuditResult
from auditor.drift.attribution import AttributedChange, Cause
from auditor.drift.change import Change, ChangeKind
from auditor.headcount.events import Event
from auditor.instants.instant import Instant
from auditor.instants.unseen import UnseenAccess
from auditor.instants.wording import told as moment_told
from connectors.unproven import filtered, narrowed
from policies.engine.case import Case
from policies.engine.outcomes import Finding
from reports.model import ChangeLine, Drift, EventLine
from reports.words import clock_begin, clock_time

_VERBS = {
    ChangeKind.ACCOUNT_CAME: "got an account",
    ChangeKind.ACCOUNT_WENT: "lost the account",
    ChangeKind.ACCOUNT_WORKS: "can sign in again",
    ChangeKind.ACCOUNT_STOPPED: "can no longer sign in",
    ChangeKind.ACCOUNT_MOVED: "has other owners than before",
    ChangeKind.GRANT_CAME: "got",
    ChangeKind.GRANT_WENT: "lost",
}


def drift_lines(judged: AuditResult) -> Drift:
    """Return every change with its cause, every event with what it explains and its findings still open."""
    case, result, previous = judged.case, judged.drift, judged.previous
    if result is None or previous is None:
        return Drift(since=None)
    closed = {
        identity: finding
        for identity, finding in previous.snapshot.findings.items()
        if identity not in judged.findings and identity not in judged.kept_open
    }
    return Drift(
        since=previous.audit.at,
        events=tuple(_event(judged, event) for event in result.events),
        explained=tuple(_change(judged, t) for t in judged.attributed if t.cause is not Cause.UNEXPLAINED),
        unexplained=tuple(_change(judged, t) for t in judged.attributed if t.cause is Cause.UNEXPLAINED),
        not_read=tuple(f"{case.systems[s].title}: {p.reason}" for s, p in result.not_read.items()),
        opened=tuple(i for i in judged.findings if i not in previous.snapshot.findings),
        closed=tuple(f"{finding.title} ({identity})" for identity, finding in sorted(closed.items())),
        unseen=tuple(unseen_text(case, one) for one in judged.moments.unseen()),
    )


def _event(judged: AuditResult, event: Event) -> EventLine:
    case, result = judged.case, judged.drift
    explained = [change_text(case, c) for c in result.changes if c.cause is event] if result else []
    return EventLine(
        kind=event.kind.value,
        vma=event.subject,
        name=_whom(case, event),
        detail=event.detail,
        explained=tuple(explained),
        owed=tuple(f"{finding.title} [{identity}]" for identity, finding in _still_open(judged, event)),
    )


def _still_open(judged: AuditResult, event: Event) -> Iterable[tuple[str, Finding]]:
    """Return the open findings of the VMA whom an event is about, or those in whose path its agreement stands."""
    if event.vma:
        return [(i, f) for i, f in judged.of_vma(event.vma) if i not in judged.accepted]
    return [(i, f) for i, f in judged.open.items() if any(step.id == event.about for step in f.path)]


def unseen_text(case: Case, one: UnseenAccess) -> str:
    """Return in one sentence what came and went again between two audits."""
    key = (one.system, one.account)
    login = case.accounts[key].login if key in case.accounts else one.account
    people = case.owners[key].people if key in case.owners else ()
    who = " and ".join(case.people[p].name for p in people if p in case.people) or "nobody known"
    entitlements = case.collections[one.system].entitlements
    what = "could sign in"
    if one.entitlement is not None:
        what = f"had {entitlements[one.entitlement].name if one.entitlement in entitlements else one.entitlement}"
    zone = case.practice.timezone
    first, last = clock_begin(one.began.at, zone), clock_time(one.ended.at + one.ended.resolution, zone)
    by = f", given by {one.began.actor}" if one.began.actor else ""
    where = case.systems[one.system].title
    return f"{login} ({who}) {what} in {where} from {first} to {last}{by}: {one.began.record.source} tells it"


def moment_text(case: Case, instant: Instant) -> str:
    """Return in words when a change took effect, and which record tells it."""
    by = f", by {instant.actor}" if instant.actor else ""
    record = f" ({instant.record.source}{by})" if instant.record else ""
    return f"{moment_told(instant, case.practice.timezone)}{record}"


def _change(judged: AuditResult, told: AttributedChange) -> ChangeLine:
    case, change, cause = judged.case, told.change, told.cause.words
    if change.cause is not None:
        cause = f"explained: {_whom(case, change.cause)} {change.cause.kind.value}"
    elif told.by:
        cause = f"{told.cause.words} ({told.by})"
    vma = next((p for p in change.people if p in case.engagements), None)
    instant = judged.moments.of(change)
    text = change_text(case, change) + (f"; {moment_text(case, instant)}" if instant else "")
    return ChangeLine(text, vma, change.system, cause)


def _whom(case: Case, event: Event) -> str:
    """Return the name of the VMA, or the id of the agreement, template or system that an event is about."""
    return case.people[event.vma].name if event.vma in case.people else event.subject


def change_text(case: Case, change: Change) -> str:
    """Return one change in one sentence."""
    who = " and ".join(case.people[p].name for p in change.people if p in case.people) or "nobody known"
    title, collection = case.systems[change.system].title, case.collections[change.system]
    if change.kind is ChangeKind.ACCOUNT_WENT and (why := filtered(collection) or narrowed(collection)):
        return f"{change.login} ({who}) is no longer shown in {title}, which is not to say that it is gone: {why}"
    what = _VERBS[change.kind] + (f" {change.assignment}" if change.assignment else "")
    text = f"{change.login} ({who}) {what} in {title}"
    if change.mask:
        names = case.policy.vocabulary.names(change.mask)
        text += f": {', '.join(names[:4])}{f' and {len(names) - 4} more' if len(names) > 4 else ''}"
    return text
