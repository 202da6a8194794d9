"""Questions to all audits of a practice at once: who and what there ever was, up to one of them or to the last."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from datetime import datetime

from sqlalchemy import Connection, select, tuple_
from sqlmodel import col

from auditor.snapshot import WorkOrder
from auditor.store.forms import NAMES, to_json
from auditor.store.reading import last_before
from auditor.store.records import ACCOUNT, ENGAGEMENT, OWNER, WORK_ORDER, RosterLine
from auditor.store.tables import AccountRow, EngagementRow, OwnerRow
from connectors.facts import Account, Engagement, Person
from policies.engine.case import AccountKey

NOBODY = NAMES.write(())
IN_ONE_QUESTION = 500
"""No database takes any number of values in one question."""


def batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of values into as many as one question takes."""
    return (values[start : start + IN_ONE_QUESTION] for start in range(0, len(values), IN_ONE_QUESTION))


def former_engagements(
    connection: Connection, practice: str, present: Collection[str]
) -> tuple[tuple[Person, Engagement, datetime], ...]:
    """Return the VMAs once on the roster and not among `present`, as last known, in the order of their ids."""
    c = ENGAGEMENT.table.c
    query = select(c.to_audit, *ENGAGEMENT.columns).where(c.practice == practice).order_by(c.from_audit)
    latest: dict[str, tuple[int | None, RosterLine]] = {}
    for to_audit, *row in connection.execute(query):
        line = ENGAGEMENT.read(row)
        if line.person.id not in present:
            latest[line.person.id] = (to_audit, line)
    seen = {end: last_before(connection, practice, end) for end in {end for end, _ in latest.values()}}
    return tuple((line.person, line.engagement, seen[end]) for _, (end, line) in sorted(latest.items()))


def earlier_roles(connection: Connection, practice: str, until: int | None) -> dict[str, tuple[str, ...]]:
    """Return the roles that each VMA ever had on a roster, oldest first; up to an audit, or to the last one."""
    e = EngagementRow
    query = select(col(e.vma), col(e.roles)).where(col(e.practice) == practice).order_by(col(e.from_audit))
    if until is not None:
        query = query.where(col(e.from_audit) <= until)
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for vma, roles in connection.execute(query):
        found[vma] |= dict.fromkeys(NAMES.read(roles))
    return {vma: tuple(roles) for vma, roles in found.items()}


def owners_known(
    connection: Connection, practice: str, until: int | None, likely: Collection[str]
) -> dict[AccountKey, frozenset[str]]:
    """Return whose each account was at an audit for certain, not only likely; up to an audit, or to the last one."""
    o = OwnerRow
    query = select(col(o.system), col(o.account), col(o.people)).where(
        col(o.practice) == practice, col(o.people) != NOBODY, col(o.reason).not_in(tuple(likely))
    )
    if until is not None:
        query = query.where(col(o.from_audit) <= until)
    found: dict[AccountKey, set[str]] = defaultdict(set)
    for system, account, people in connection.execute(query):
        found[system, account].update(NAMES.read(people))
    return {key: frozenset(people) for key, people in found.items()}


def owners_ever(
    connection: Connection, practice: str, keys: Set[AccountKey], until: int | None
) -> dict[AccountKey, frozenset[str]]:
    """Return the people whose each of some accounts was at an audit; up to an audit, or to the last one."""
    o = OwnerRow
    query = select(col(o.system), col(o.account), col(o.people)).where(
        col(o.practice) == practice, col(o.people) != NOBODY
    )
    if until is not None:
        query = query.where(col(o.from_audit) <= until)
    found: dict[AccountKey, set[str]] = defaultdict(set)
    for some in batches(sorted({account for _, account in keys})):
        for system, account, people in connection.execute(query.where(col(o.account).in_(some))):
            if (system, account) in keys:
                found[system, account].update(NAMES.read(people))
    return {key: frozenset(people) for key, people in found.items()}


def logins_ever(
    connection: Connection, practice: str, logins: Set[tuple[str, str]], until: int | None
) -> frozenset[tuple[str, str]]:
    """Return which of some log-ins an audit saw; up to an audit, or to the last one."""
    a = AccountRow
    query = select(col(a.system), col(a.login)).distinct().where(col(a.practice) == practice)
    query = query.where(col(a.system).in_(sorted({system for system, _ in logins})))
    if until is not None:
        query = query.where(col(a.from_audit) <= until)
    return frozenset(logins & {(system, login.casefold()) for system, login in connection.execute(query)})


def last_seen(connection: Connection, practice: str, vma: str) -> datetime | None:
    """Return the instant of the last audit whose roster had a VMA; `None` when none had."""
    e = EngagementRow
    query = select(col(e.to_audit)).where(col(e.practice) == practice, col(e.vma) == vma)
    ends = connection.scalars(query.order_by(col(e.from_audit))).all()
    return last_before(connection, practice, ends[-1]) if ends else None


def accounts_of(connection: Connection, practice: str, vma: str) -> tuple[Account, ...]:
    """Return, as last seen, the accounts that were a VMA's when an audit last knew whose they were."""
    c = OWNER.table.c
    theirs = select(c.system, c.account).where(
        c.practice == practice, col(OwnerRow.people).contains(to_json(vma), autoescape=True)
    )
    query = select(*OWNER.columns).where(c.practice == practice).order_by(c.from_audit)
    latest: dict[AccountKey, frozenset[str]] = {}
    for row in connection.execute(query.where(tuple_(c.system, c.account).in_(theirs))):
        owned = OWNER.read(row)
        if owned.owner.people:
            latest[owned.system, owned.account] = frozenset(owned.owner.people)
    found: list[Account] = []
    for system, account in sorted(key for key, people in latest.items() if vma in people):
        a = ACCOUNT.table.c
        rows = select(*ACCOUNT.columns).where(a.practice == practice, a.system == system, a.account == account)
        last = connection.execute(rows.order_by(a.from_audit.desc()).limit(1)).first()
        if last is not None:
            found.append(ACCOUNT.read(last))
    return tuple(found)


def roster_line(connection: Connection, practice: str, vma: str) -> RosterLine | None:
    """Return the line that the last roster which had a VMA gave them; `None` when none had."""
    c = ENGAGEMENT.table.c
    query = select(*ENGAGEMENT.columns).where(c.practice == practice, c.vma == vma).order_by(c.from_audit.desc())
    found = connection.execute(query.limit(1)).first()
    return None if found is None else ENGAGEMENT.read(found)


def open_orders(connection: Connection, practice: str, vma: str | None) -> tuple[WorkOrder, ...]:
    """Return the orders of a VMA, or of all, that were open at the last audit, by their ids."""
    c = WORK_ORDER.table.c
    query = select(*WORK_ORDER.columns).where(c.practice == practice, c.to_audit.is_(None))
    if vma is not None:
        query = query.where(c.vma == vma)
    return tuple(WORK_ORDER.read(row) for row in connection.execute(query.order_by(c.work_order)))
