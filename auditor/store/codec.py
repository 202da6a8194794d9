"""
Facts to rows and back.

A row is a tuple in the order of `tables.columns_of`. Everything in it is text, a whole number or null, so that what is
stored is exactly what the ledger hashes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from auditor.ledger.entries import Value, canonical, instant
from auditor.snapshot import Snapshot
from connectors.facts import (
    NEVER,
    Account,
    Employment,
    Engagement,
    Entitlement,
    EntitlementKind,
    Grant,
    Never,
    Person,
    PersonKind,
    Status,
)
from policies.citations import Citation
from policies.engine.case import AccountKey, Owner
from policies.engine.outcomes import Finding, Severity, Step, Subject

Row = tuple[Value, ...]


def rows_of(table: str, snapshot: Snapshot) -> Iterator[Row]:
    """Yield what a snapshot holds for one interval table, in a stable order."""
    return _ROWS[table](snapshot)


def to_json(value: object) -> str:
    """Write canonical JSON as text."""
    return canonical(value).decode()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _to_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _sign_ins(snapshot: Snapshot) -> Iterator[Row]:
    for key, a in sorted(snapshot.accounts.items()):
        if a.last_login is not None:
            yield (*key, NEVER.value if isinstance(a.last_login, Never) else instant(a.last_login))


def _account(a: Account) -> Row:
    return (
        a.system,
        a.id,
        a.login,
        a.name,
        a.status.value,
        a.email,
        a.employee_id,
        _instant(a.created),
        a.last_login_lag_days,
        None if a.mfa is None else int(a.mfa),
        _instant(a.expires),
        int(a.service),
    )


def account(row: Sequence[Any], last_login: str | None) -> Account:
    """Read an account and its last sign-in."""
    return Account(
        system=row[0],
        id=row[1],
        login=row[2],
        name=row[3],
        status=Status(row[4]),
        email=row[5],
        employee_id=row[6],
        created=_to_instant(row[7]),
        last_login=NEVER if last_login == NEVER.value else _to_instant(last_login),
        last_login_lag_days=row[8],
        mfa=None if row[9] is None else bool(row[9]),
        expires=_to_instant(row[10]),
        service=bool(row[11]),
    )


def _owner(key: AccountKey, o: Owner) -> Row:
    return (*key, to_json(o.people), None if o.kind is None else o.kind.value, o.reason)


def owner(row: Sequence[Any]) -> Owner:
    """Read to whom an account belongs."""
    return Owner(tuple(json.loads(row[2])), None if row[3] is None else PersonKind(row[3]), row[4])


def _entitlement(e: Entitlement) -> Row:
    return (e.system, e.id, e.name, e.kind.value, to_json(e.aliases), e.document, int(e.container))


def entitlement(row: Sequence[Any]) -> Entitlement:
    """Read an entitlement."""
    kind = EntitlementKind(row[3])
    return Entitlement(row[0], row[1], row[2], kind, tuple(json.loads(row[4])), row[5], bool(row[6]))


@lru_cache(maxsize=65536)
def _path(path: tuple[str, ...]) -> str:
    return to_json(path)


@lru_cache(maxsize=65536)
def _to_path(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _grants(snapshot: Snapshot) -> Iterator[Row]:
    for system, g in sorted(snapshot.grants, key=lambda one: (one[0], one[1].account, one[1].entitlement, one[1].path)):
        yield (system, g.account, g.entitlement, _path(g.path))


def grant(row: Sequence[Any]) -> tuple[str, Grant]:
    """Read a grant with its system."""
    return row[0], Grant(row[1], row[2], _to_path(row[3]))


def _engagement(p: Person, e: Engagement) -> Row:
    return (
        e.vma,
        p.name,
        p.email,
        p.kind.value,
        to_json(p.logins),
        p.owner,
        e.agency,
        e.employment.value,
        to_json(e.roles),
        e.start.isoformat(),
        _day(e.end),
        to_json(e.locations),
        None if e.hours is None else repr(float(e.hours)),
        int(e.on_leave),
    )


def engagement(row: Sequence[Any]) -> tuple[Person, Engagement]:
    """Read a VMA on the roster."""
    logins = tuple((system, login) for system, login in json.loads(row[4]))
    return (
        Person(row[0], row[1], row[2], PersonKind(row[3]), logins, row[5]),
        Engagement(
            vma=row[0],
            agency=row[6],
            employment=Employment(row[7]),
            roles=tuple(json.loads(row[8])),
            start=date.fromisoformat(row[9]),
            end=_to_day(row[10]),
            locations=tuple(json.loads(row[11])),
            hours=None if row[12] is None else float(row[12]),
            on_leave=bool(row[13]),
        ),
    )


def _periods(snapshot: Snapshot) -> Iterator[Row]:
    for e in sorted(snapshot.others, key=lambda e: (e.vma, e.start)):
        hours = None if e.hours is None else repr(float(e.hours))
        work = (e.agency, e.employment.value, to_json(e.roles), to_json(e.locations), hours, int(e.on_leave))
        yield (e.vma, e.start.isoformat(), _day(e.end), *work)


def period(row: Sequence[Any]) -> Engagement:
    """Read another engagement of a VMA."""
    return Engagement(
        vma=row[0],
        agency=row[3],
        employment=Employment(row[4]),
        roles=tuple(json.loads(row[5])),
        start=date.fromisoformat(row[1]),
        end=_to_day(row[2]),
        locations=tuple(json.loads(row[6])),
        hours=None if row[7] is None else float(row[7]),
        on_leave=bool(row[8]),
    )


def _finding(id_: str, f: Finding) -> Row:
    return (
        id_,
        f.rule,
        f.severity.value,
        f.subject.kind,
        f.subject.id,
        f.subject.name,
        f.system,
        f.what,
        f.title,
        f.observed,
        f.expected,
        f.remedy,
        to_json([[s.kind, s.id, s.text] for s in f.path]),
        to_json([[c.id, c.kind, c.paraphrase, c.nist] for c in f.citations]),
        _day(f.since),
        f.vma,
    )


def finding(row: Sequence[Any]) -> Finding:
    """Read a finding."""
    return Finding(
        rule=row[1],
        severity=Severity(row[2]),
        subject=Subject(row[3], row[4], row[5]),
        system=row[6],
        what=row[7],
        title=row[8],
        observed=row[9],
        expected=row[10],
        remedy=row[11],
        path=tuple(Step(kind, id_, text) for kind, id_, text in json.loads(row[12])),
        citations=tuple(Citation(id_, kind, text, tuple(nist)) for id_, kind, text, nist in json.loads(row[13])),
        since=_to_day(row[14]),
        vma=row[15],
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _to_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_ROWS: Mapping[str, Callable[[Snapshot], Iterator[Row]]] = {
    "account": lambda s: (_account(a) for _, a in sorted(s.accounts.items())),
    "sign_in": _sign_ins,
    "owner": lambda s: (_owner(key, o) for key, o in sorted(s.owners.items())),
    "entitlement": lambda s: (_entitlement(e) for _, e in sorted(s.entitlements.items())),
    "grant": _grants,
    "engagement": lambda s: (_engagement(s.people[vma], e) for vma, e in sorted(s.engagements.items())),
    "period": _periods,
    "finding": lambda s: (_finding(id_, f) for id_, f in sorted(s.findings.items())),
    "term": lambda s: ((*key, body) for key, body in sorted(s.terms.items())),
}
