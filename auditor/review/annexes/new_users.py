"""Annex A: the accounts that came in the period, whose they are, and what called for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from auditor.drift.attribution import AttributedChange, Cause
from auditor.drift.change import ChangeKind
from auditor.headcount.events import COMING
from auditor.reporting.changes import moment_text
from auditor.review.annexes.facts import AnnexFacts, Changes
from auditor.review.annexes.making import About, made
from auditor.review.annexes.period import FIRST, not_read
from policies.engine.evidence import listing
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "A",
    "new users",
    "Which accounts are new since the last review, whose are they, and who approved them?",
    "OCR audit protocol, 164.312(a)(1): list of new users; 45 CFR 164.308(a)(4)(ii)(C)",
)


@dataclass(frozen=True, slots=True)
class NewUser(AnnexRow):
    """One account that was not there before."""

    system: str
    login: str
    people: tuple[str, ...]
    roles: tuple[str, ...]
    not_there_on: datetime | None
    """As of when the system was read whole without it."""
    first_seen: datetime | None
    created: date | None
    """By the system's own word."""
    recorded: str
    """When it came by the system's own record; empty where that tells nothing."""
    still_there: bool
    works: bool
    why: str


def new_users(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    changes = facts.changes
    count = LookedAt("accounts in the systems that were read whole", len(facts.case.accounts))
    if changes is None:
        told = f"{plural(count.count, 'account')} were seen for the first time, so which of them are new is not known"
        return made(ABOUT, NewUser, (), told, looked_at=(count,), not_evaluated=(FIRST,))
    rows = sorted(_rows(facts, changes), key=lambda r: (r.first_seen or changes.since, r.system, r.login))
    unexplained = sum(row.state is RowState.OPEN for row in rows)
    told = f"{plural(len(rows), 'account')} came since {facts.case.day_of(changes.since)}"
    told += f", {unexplained or 'none'} of them unexplained" if rows else ""
    joined = [event.vma for event in changes.events if event.kind in COMING]
    without = [facts.name(vma) for vma in joined if not facts.case.accounts_of.get(vma)]
    notes = (f"On the roster since, and without any account: {listing(without)}.",) if without else ()
    started = LookedAt("people who joined or came back", len(joined))
    return made(ABOUT, NewUser, rows, told, looked_at=(count, started), not_evaluated=not_read(facts), notes=notes)


def _rows(facts: AnnexFacts, changes: Changes) -> Iterator[NewUser]:
    for told in changes.told:
        if told.change.kind is ChangeKind.ACCOUNT_CAME:
            system = told.change.system
            yield _row(facts, told, changes.moments.before.get(system), changes.moments.after.get(system))
    for one in changes.meanwhile:
        if one.told.change.kind is ChangeKind.ACCOUNT_CAME:
            yield _row(facts, one.told, one.after, one.seen)


def _row(facts: AnnexFacts, told: AttributedChange, after: datetime | None, seen: datetime | None) -> NewUser:
    case, change = facts.case, told.change
    account = case.accounts.get((change.system, change.account))
    instant = facts.changes.moments.of(change) if facts.changes else None
    roles = dict.fromkeys(r for p in change.people if p in case.engagements for r in case.engagements[p].roles)
    return NewUser(
        state=RowState.OPEN if told.cause is Cause.UNEXPLAINED else RowState.IN_ORDER,
        system=facts.title(change.system),
        login=change.login,
        people=tuple(facts.name(person) for person in change.people) or ("nobody known",),
        roles=tuple(roles),
        not_there_on=after,
        first_seen=seen,
        created=case.day_of(account.created) if account and account.created else None,
        recorded=moment_text(case, instant) if instant else "",
        still_there=account is not None,
        works=account is not None and account.live,
        why="; ".join(part for part in (told.cause.words, told.by, told.note) if part),
    )
