"""Questions to the history: what was true at an audit, since when, and until when."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from auditor.ledger.entries import LedgerEntry
from auditor.snapshot import AuditSummary, Snapshot, Stored
from auditor.store import codec, statements
from auditor.store.sync import CHUNK
from auditor.store.tables import columns_of, table_of
from connectors.errors import AuditorError
from connectors.facts import Engagement, Evidence, Partial, Person
from policies.engine.case import AccountKey
from policies.engine.outcomes import Finding

IN_ONE_QUESTION = 500
"""SQLite takes no more than so many values for sure."""

_Row = Row[*tuple[Any, ...]]
_AUDIT = table_of("audit")
_FINDING = table_of("finding")
_ENGAGEMENT = table_of("engagement")


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding with its life."""

    id: str
    practice: str
    finding: Finding
    """As it was worded last."""
    first_seen: datetime
    """The instant of the first audit that ever found it."""
    last_seen: datetime
    """The instant of the last audit in which it stood open."""
    open: bool


def summaries(connection: Connection, practice: str | None) -> tuple[AuditSummary, ...]:
    """Return all audits, oldest first."""
    query = select(_AUDIT).order_by(_AUDIT.c.id)
    if practice is not None:
        query = query.where(_AUDIT.c.practice == practice)
    corrected = statements.corrections(connection)
    return tuple(_summary(row, corrected) for row in connection.execute(query))


def last_audit(connection: Connection, practice: str) -> int | None:
    """Return the id of a practice's latest audit."""
    latest: int | None = connection.scalar(select(func.max(_AUDIT.c.id)).where(_AUDIT.c.practice == practice))
    return latest


def stored(connection: Connection, practice: str, audit: int) -> Stored:
    """Return an audit with what was true then; raises `AuditorError` when the practice has no such audit."""
    row = connection.execute(select(_AUDIT).where(_AUDIT.c.practice == practice, _AUDIT.c.id == audit)).first()
    if row is None:
        raise AuditorError(
            f"the practice `{practice}` has no audit {audit}",
            hint="list the audits of the practice to see their numbers",
        )
    latest = last_audit(connection, practice) == audit
    snapshot = replace(
        _snapshot(connection, practice, None if latest else audit), known=_known(connection, practice, audit)
    )
    return Stored(
        _summary(row, statements.corrections(connection)),
        snapshot,
        _first_seen(connection, practice, snapshot.findings),
    )


def _known(connection: Connection, practice: str, audit: int) -> frozenset[str]:
    """Return the systems that an audit, or one of the practice before it, had read whole."""
    t = table_of("collection").c
    query = select(t.system).join(_AUDIT, _AUDIT.c.id == t.audit).distinct()
    return frozenset(connection.scalars(query.where(_AUDIT.c.practice == practice, t.audit <= audit, t.complete)))


def reads(connection: Connection, audit: int) -> dict[str, tuple[str, datetime, Partial | None]]:
    """Return how each system was read in an audit: from where, when, and why not whole."""
    t = table_of("collection").c
    query = select(t.system, t.source, t.as_of, t.complete, t.reason, t.hint).where(t.audit == audit)
    latest = statements.corrections(connection).get(audit, datetime.max.replace(tzinfo=UTC))
    return {
        row.system: (
            row.source,
            min(datetime.fromisoformat(row.as_of), latest),
            None if row.complete else Partial(row.reason or "", row.hint or ""),
        )
        for row in connection.execute(query.order_by(t.system))
    }


def proofs(connection: Connection, audit: int) -> dict[str, tuple[Evidence, ...]]:
    """Return, of each system that an audit read whole, what its source told of that."""
    t = table_of("collection").c
    query = select(t.system, t.evidence).where(t.audit == audit, t.complete.is_(True))
    return {
        row.system: tuple(Evidence(name, detail) for name, detail in json.loads(row.evidence))
        for row in connection.execute(query.order_by(t.system))
    }


def _summary(row: _Row, corrected: Mapping[int, datetime]) -> AuditSummary:
    at = corrected.get(row.id) or datetime.fromisoformat(row.at)
    return AuditSummary(row.id, row.practice, at, row.exit_code, row.headline, json.loads(row.counts))


def _rows(connection: Connection, table: str, practice: str, audit: int | None) -> Iterator[_Row]:
    """Yield the rows that were true at an audit; `None` asks for those that are true now, which is quicker."""
    t = table_of(table)
    query = select(*(t.c[name] for name in columns_of(table))).where(t.c.practice == practice)
    if audit is None:
        query = query.where(t.c.to_audit.is_(None))
    else:
        query = query.where(t.c.from_audit <= audit, or_(t.c.to_audit.is_(None), t.c.to_audit > audit))
    yield from connection.execute(query.execution_options(yield_per=CHUNK))


def _snapshot(connection: Connection, practice: str, audit: int | None) -> Snapshot:
    def rows(table: str) -> Iterator[_Row]:
        return _rows(connection, table, practice, audit)

    sign_ins = {(row[0], row[1]): row[2] for row in rows("sign_in")}
    engagements = [codec.engagement(row) for row in rows("engagement")]
    return Snapshot(
        people={person.id: person for person, _ in engagements},
        engagements={engagement.vma: engagement for _, engagement in engagements},
        accounts={(r[0], r[1]): codec.account(r, sign_ins.get((r[0], r[1]))) for r in rows("account")},
        owners={(r[0], r[1]): codec.owner(r) for r in rows("owner")},
        entitlements={(r[0], r[1]): codec.entitlement(r) for r in rows("entitlement")},
        grants=frozenset(codec.grant(row) for row in rows("grant")),
        findings={row[0]: codec.finding(row) for row in rows("finding")},
        others=tuple(sorted((codec.period(row) for row in rows("period")), key=lambda e: (e.vma, e.start))),
        terms={(row[0], row[1]): row[2] for row in rows("term")},
    )


def _first_seen(connection: Connection, practice: str, among: Collection[str]) -> Mapping[str, datetime]:
    f = _FINDING.c
    first = select(f.finding, func.min(f.from_audit).label("audit")).where(f.practice == practice).group_by(f.finding)
    since = first.subquery()
    query = select(since.c.finding, _AUDIT.c.id, _AUDIT.c.at).join(_AUDIT, _AUDIT.c.id == since.c.audit)
    corrected = statements.corrections(connection)
    return {
        id_: corrected.get(audit) or datetime.fromisoformat(at)
        for id_, audit, at in connection.execute(query)
        if id_ in among
    }


def finding(connection: Connection, id_: str, practice: str | None) -> StoredFinding | None:
    """Return the latest version of a finding."""
    f = _FINDING.c
    names = columns_of("finding")
    query = select(f.practice, f.from_audit, f.to_audit, *(f[name] for name in names)).where(f.finding == id_)
    if practice is not None:
        query = query.where(f.practice == practice)
    versions = connection.execute(query.order_by(f.from_audit)).all()
    if not versions:
        return None
    latest = versions[-1]
    owner = latest.practice
    first = min(version.from_audit for version in versions if version.practice == owner)
    return StoredFinding(
        id=id_,
        practice=owner,
        finding=codec.finding(latest[3:]),
        first_seen=_at(connection, select(_AUDIT.c.id, _AUDIT.c.at).where(_AUDIT.c.id == first)),
        last_seen=_last_before(connection, owner, latest.to_audit),
        open=latest.to_audit is None,
    )


def former_engagements(
    connection: Connection, practice: str, present: Collection[str]
) -> tuple[tuple[Person, Engagement, datetime], ...]:
    """Return the VMAs once on the roster and not among `present`, as last known, in the order of their ids."""
    e = _ENGAGEMENT.c
    query = select(e.to_audit, *(e[name] for name in columns_of("engagement"))).where(e.practice == practice)
    latest: dict[str, _Row] = {}
    for row in connection.execute(query.order_by(e.from_audit)):
        if row.vma not in present:
            latest[row.vma] = row
    seen: dict[int | None, datetime] = defaultdict()
    for row in latest.values():
        if row.to_audit not in seen:
            seen[row.to_audit] = _last_before(connection, practice, row.to_audit)
    return tuple((*codec.engagement(row[1:]), seen[row.to_audit]) for _, row in sorted(latest.items()))


def earlier_roles(connection: Connection, practice: str, until: int | None) -> dict[str, tuple[str, ...]]:
    """Return the roles that each VMA ever had on a roster, oldest first; up to an audit, or to the last one."""
    e = _ENGAGEMENT.c
    query = select(e.vma, e.roles).where(e.practice == practice).order_by(e.from_audit)
    if until is not None:
        query = query.where(e.from_audit <= until)
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for vma, roles in connection.execute(query):
        found[vma] |= dict.fromkeys(json.loads(roles))
    return {vma: tuple(roles) for vma, roles in found.items()}


def owners_known(
    connection: Connection, practice: str, until: int | None, likely: Collection[str]
) -> dict[AccountKey, frozenset[str]]:
    """Return whose each account was at an audit for certain, not only likely; up to an audit, or to the last one."""
    t = table_of("owner").c
    query = select(t.system, t.account, t.people).where(
        t.practice == practice, t.people != "[]", t.reason.not_in(tuple(likely))
    )
    found: dict[AccountKey, set[str]] = defaultdict(set)
    for system, account, people in connection.execute(query if until is None else query.where(t.from_audit <= until)):
        found[system, account].update(json.loads(people))
    return {key: frozenset(people) for key, people in found.items()}


def owners_ever(
    connection: Connection, practice: str, keys: Set[AccountKey], until: int | None
) -> dict[AccountKey, frozenset[str]]:
    """Return the people whose each of some accounts was at an audit; up to an audit, or to the last one."""
    t = table_of("owner").c
    found: dict[AccountKey, set[str]] = defaultdict(set)
    accounts = sorted({account for _, account in keys})
    for start in range(0, len(accounts), IN_ONE_QUESTION):
        query = select(t.system, t.account, t.people).where(
            t.practice == practice, t.people != "[]", t.account.in_(accounts[start : start + IN_ONE_QUESTION])
        )
        for system, account, people in connection.execute(
            query if until is None else query.where(t.from_audit <= until)
        ):
            if (system, account) in keys:
                found[system, account].update(json.loads(people))
    return {key: frozenset(people) for key, people in found.items()}


def logins_ever(
    connection: Connection, practice: str, logins: Set[tuple[str, str]], until: int | None
) -> frozenset[tuple[str, str]]:
    """Return which of some log-ins an audit saw; up to an audit, or to the last one."""
    t = table_of("account").c
    query = select(t.system, t.login).distinct().where(t.practice == practice)
    query = query.where(t.system.in_(sorted({system for system, _ in logins})))
    if until is not None:
        query = query.where(t.from_audit <= until)
    return frozenset(logins & {(system, login.casefold()) for system, login in connection.execute(query)})


def last_seen(connection: Connection, practice: str, vma: str) -> datetime | None:
    """Return the instant of the last audit whose roster had a VMA; `None` when none had."""
    e = _ENGAGEMENT.c
    rows = connection.execute(
        select(e.to_audit).where(e.practice == practice, e.vma == vma).order_by(e.from_audit)
    ).all()
    return _last_before(connection, practice, rows[-1].to_audit) if rows else None


def _last_before(connection: Connection, practice: str, to_audit: int | None) -> datetime:
    """Return the instant of the last audit in which a row that ends at `to_audit` was still true."""
    query = select(_AUDIT.c.id, _AUDIT.c.at).where(_AUDIT.c.practice == practice).order_by(_AUDIT.c.id.desc()).limit(1)
    return _at(connection, query if to_audit is None else query.where(_AUDIT.c.id < to_audit))


def _at(connection: Connection, query: Select[tuple[Any, Any]]) -> datetime:
    audit, at = connection.execute(query).one()
    return statements.corrections(connection).get(audit) or datetime.fromisoformat(at)


def entries(connection: Connection) -> Iterator[LedgerEntry]:
    """Yield the ledger, oldest first; raises `AuditorError` at an entry that cannot be read."""
    t = table_of("ledger")
    for n, body, signature in connection.execute(select(t.c.n, t.c.body, t.c.signature).order_by(t.c.n)):
        try:
            yield LedgerEntry.parse(body.encode(), signature)
        except ValueError as error:
            raise AuditorError(
                f"entry {n} of the ledger cannot be read: {error}", hint="run `auditor verify`"
            ) from None
