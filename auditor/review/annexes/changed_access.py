"""Annex H: every change of access since the last run with its one cause; and what went without anybody leaving."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.drift.attribution import AttributedChange, Cause, outside_offboarding
from auditor.reporting.changes import change_text, moment_text, unseen_text
from auditor.review.annexes.facts import AnnexFacts, Changes, Meanwhile
from auditor.review.annexes.making import About, made
from auditor.review.annexes.period import FIRST, not_read
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, RowState
from reports.words import plural

CHANGED = About(
    "H",
    "changes since the last run",
    "What changed, and what explains it?",
    "45 CFR 164.308(a)(1)(ii)(D), 164.308(a)(4)(ii)(C)",
)
REMOVED = About(
    "outside-offboarding",
    "removed or changed outside a normal offboarding",
    "Whose access was removed or changed though they did not leave, and why?",
    "45 CFR 164.308(a)(4)(ii)(C); asked at quarterly reviews, such as those of VA.gov",
)
DIFFERENCE, UNDONE, UNSEEN = (
    *("access", "access, undone again before the last audit", "access, seen by the system's own record only"),
)
HEADCOUNT, CONTROLS = "headcount", "agreements, templates, systems and rules"


@dataclass(frozen=True, slots=True)
class ChangedAccess(AnnexRow):
    """One change."""

    what: str
    """`access`, `headcount`, …"""
    cause: str
    """Of a change of access, its one cause; empty for an event, which needs none."""
    explained_by: str
    change: str
    people: tuple[str, ...]
    system: str
    since: datetime | Instead | None
    """It was not so yet, as of this instant."""
    seen: datetime | Instead | None
    """As of when an audit saw it first."""
    recorded: str
    """When it took effect by the system's own record; empty where that tells nothing."""


@dataclass(frozen=True, slots=True)
class RemovedAccess(AnnexRow):
    """Access that was removed or changed though nobody left."""

    change: str
    people: tuple[str, ...]
    system: str
    why: str


def changed_access(facts: AnnexFacts) -> Annex:
    """Return the annex; its counts are those of `auditor drift` and of the report."""
    changes = facts.changes
    if changes is None:
        told = "This is the first audit, so nothing can have changed since another"
        return made(CHANGED, ChangedAccess, (), told, looked_at=(), not_evaluated=(FIRST,))
    causes = Counter(one.cause for one in changes.told)
    unseen = changes.moments.unseen()
    open_, explained = causes[Cause.UNEXPLAINED], len(changes.told) - causes[Cause.UNEXPLAINED]
    told = f"{plural(len(changes.told), 'change')} of access since {facts.case.day_of(changes.since)}: "
    told += f"{explained} explained, {open_} unexplained"
    if undone := len(unseen) + len(changes.meanwhile):
        told += f"; {undone} more came and went again in between"
    looked_at = (
        LookedAt("systems compared", len(facts.case.systems) - len(changes.not_read)),
        LookedAt("headcount events", sum(bool(event.vma) for event in changes.events)),
        LookedAt("changes of access", len(changes.told)),
    )
    rows = tuple(_rows(facts, changes))
    return made(CHANGED, ChangedAccess, rows, told, looked_at=looked_at, not_evaluated=not_read(facts))


def removed_access(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    changes = facts.changes
    if changes is None:
        told = "This is the first audit, so what was removed since another is not known"
        return made(REMOVED, RemovedAccess, (), told, looked_at=(), not_evaluated=(FIRST,))
    all_changes = (*changes.told, *(one.told for one in changes.meanwhile))
    rows = [
        RemovedAccess(
            state=_state(told),
            change=change_text(facts.case, told.change),
            people=tuple(facts.name(person) for person in told.change.people),
            system=facts.title(told.change.system),
            why="; ".join(part for part in (told.cause.words, told.by, told.note) if part),
        )
        for told in outside_offboarding(all_changes)
    ]
    open_ = sum(row.state is RowState.OPEN for row in rows)
    sentence = f"{plural(len(rows), 'removal or change', 'removals or changes')} outside a normal offboarding"
    sentence += f" since {facts.case.day_of(changes.since)}" + (f", {open_} without a known reason" if open_ else "")
    looked_at = (LookedAt("changes of access", len(all_changes)),)
    return made(REMOVED, RemovedAccess, rows, sentence, looked_at=looked_at, not_evaluated=not_read(facts))


def _state(told: AttributedChange) -> RowState:
    return RowState.OPEN if told.cause is Cause.UNEXPLAINED else RowState.IN_ORDER


def _rows(facts: AnnexFacts, changes: Changes) -> Iterator[ChangedAccess]:
    order = {cause: n for n, cause in enumerate((Cause.UNEXPLAINED, *(c for c in Cause if c is not Cause.UNEXPLAINED)))}
    for told in sorted(changes.told, key=lambda one: order[one.cause]):
        yield _change(facts, changes, told)
    yield from (_undone(facts, one) for one in changes.meanwhile)
    for one in changes.moments.unseen():
        yield ChangedAccess(
            state=RowState.OPEN,
            what=UNSEEN,
            cause="",
            explained_by="",
            change=unseen_text(facts.case, one),
            people=facts.users((one.system, one.account)) if (one.system, one.account) in facts.case.owners else (),
            system=facts.title(one.system),
            since=changes.moments.before.get(one.system),
            seen=Instead.BLANK,
            recorded=one.began.record.source,
        )
    for event in changes.events:
        yield ChangedAccess(
            state=RowState.TOLD,
            what=HEADCOUNT if event.vma else CONTROLS,
            cause="",
            explained_by="",
            change=f"{event.kind.value}: {event.detail}",
            people=(facts.name(event.vma),) if event.vma else (),
            system=facts.title(event.about) if event.about in facts.case.systems else "",
            since=Instead.BLANK,
            seen=Instead.BLANK,
            recorded="",
        )


def _change(facts: AnnexFacts, changes: Changes, told: AttributedChange) -> ChangedAccess:
    change = told.change
    instant = changes.moments.of(change)
    return ChangedAccess(
        state=_state(told),
        what=DIFFERENCE,
        cause=told.cause.words,
        explained_by="; ".join(part for part in (told.by, told.note) if part),
        change=change_text(facts.case, change),
        people=tuple(facts.name(person) for person in change.people),
        system=facts.title(change.system),
        since=changes.moments.before.get(change.system),
        seen=changes.moments.after.get(change.system),
        recorded=moment_text(facts.case, instant) if instant else "",
    )


def _undone(facts: AnnexFacts, one: Meanwhile) -> ChangedAccess:
    told = one.told
    return ChangedAccess(
        state=_state(told),
        what=UNDONE,
        cause=told.cause.words,
        explained_by="; ".join(part for part in (told.by, told.note, f"seen by audit {one.audit}") if part),
        change=change_text(facts.case, told.change),
        people=tuple(facts.name(person) for person in told.change.people),
        system=facts.title(told.change.system),
        since=one.after,
        seen=one.seen,
        recorded="",
    )
