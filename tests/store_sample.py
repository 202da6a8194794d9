"""Audits to be stored: a small practice, and a builder of any other."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from auditor.ledger.keys import Signer
from auditor.ledger.statements import Statement, StatementKind
from auditor.snapshot import (
    AcceptedDrop,
    AuditRecord,
    OrderCause,
    OrderEnd,
    OrderEnding,
    OrderKind,
    PolicySnapshot,
    Snapshot,
    TemplateTerms,
    WorkOrder,
)
from auditor.store import SavedAudit, Store
from connectors.audit_log import SECOND, ClockOffset, LogAnswer, LogEvent, LogKind, LogRecord, LogUnread
from connectors.facts import (
    NEVER,
    Account,
    Collection,
    Complete,
    Employment,
    Engagement,
    Entitlement,
    EntitlementKind,
    Evidence,
    Grant,
    Partial,
    Person,
    PersonKind,
    Status,
    System,
    SystemKind,
)
from policies.agreements.register import Agreement, AgreementKind
from policies.citations import Citation
from policies.engine.case import Owner
from policies.engine.outcomes import Finding, Severity, Step, Subject

PRACTICE = "cedar-family"
START = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
HOSTILE = 'Zoë "\\ \n\x00\x1f\u2028 שרה 𝒳 </script>'

SYSTEMS = {
    "ehr": System("ehr", SystemKind.EHR, "openemr", "Practice EHR", holds_phi=True),
    "directory": System("directory", SystemKind.DIRECTORY, "active-directory", "Directory", holds_phi=False),
}


def account(system: str, id_: str, **fields: object) -> Account:
    return replace(Account(system, id_, f"{id_}-login", f"Name of {id_}", Status.ACTIVE), **fields)


def entitlement(system: str, id_: str) -> Entitlement:
    return Entitlement(system, id_, id_.title(), EntitlementKind.GROUP, aliases=("S-1-5", "x"), document='{"a": 1}')


def agreement(id_: str) -> Agreement:
    return Agreement(
        id=id_,
        kind=AgreementKind.BAA,
        giver="practice",
        receiver="Harbor LLC",
        signed=True,
        start=date(2026, 1, 1),
        end=None,
        systems=None,
        phi=None,
        headcount=4,
        people=None,
        line=1,
    )


def finding(subject: str, severity: Severity = Severity.HIGH, *, title: str = "An account without owner") -> Finding:
    return Finding(
        rule="account-without-owner",
        severity=severity,
        subject=Subject("account", subject, f"Name of {subject}"),
        system="ehr",
        what="",
        title=title,
        observed="nobody",
        expected="an owner",
        remedy="name one",
        path=(Step("account", subject, HOSTILE), Step("group", "g", "G")),
        citations=(Citation("164.308(a)(4)", "STD", "access", ("ac-2", "ac-6")),),
        since=date(2026, 10, 1),
        vma="VMA-1",
    )


def facts(
    *,
    vmas: Iterable[str] = ("VMA-1", "VMA-2"),
    accounts: Iterable[Account] | None = None,
    grants: Iterable[tuple[str, Grant]] | None = None,
    findings: Iterable[Finding] | None = None,
) -> Snapshot:
    """Return a practice with two systems, and with every field in use somewhere."""
    if accounts is None:
        accounts = (
            account("ehr", "u1", last_login=START, mfa=True, email="a@example.com", created=START, name=HOSTILE),
            account("ehr", "u2", last_login=NEVER, mfa=False, employee_id="77", status=Status.LOCKED),
            account("directory", "u1", last_login_lag_days=14, service=True, expires=START + timedelta(days=9)),
        )
    accounts = tuple(accounts)
    if grants is None:
        grants = {
            ("ehr", Grant("u1", "billing")),
            ("ehr", Grant("u1", "billing", ("staff", "billers"))),
            ("directory", Grant("u1", "billing")),
        }
    findings = (finding("ehr:u2"),) if findings is None else tuple(findings)
    vmas = tuple(vmas)
    return Snapshot(
        people={v: Person(v, f"Person {v}", None, PersonKind.VMA, (("ehr", f"{v}-login"),), "Dr. Lee") for v in vmas},
        engagements={v: engagement(v) for v in vmas},
        accounts={(a.system, a.id): a for a in accounts},
        owners={(a.system, a.id): Owner(("VMA-1",), PersonKind.VMA, "login") for a in accounts},
        entitlements={(s, e): entitlement(s, e) for s in SYSTEMS for e in ("billing", "staff", "billers")},
        grants=frozenset(grants),
        findings={f.identity(PRACTICE): f for f in findings},
        others=tuple(replace(engagement(v), start=date(2025, 1, 6), end=date(2025, 12, 31)) for v in vmas),
        policy=PolicySnapshot(
            agreements={"BAA-1": agreement("BAA-1")}, templates={"biller": TemplateTerms(("claim.read",), (), ())}
        ),
        orders={o.id: o for o in (order("O-1"), order("O-2"))},
    )


def order(id_: str) -> WorkOrder:
    fields = ("VMA-1", "ehr", "u1", "billing", "u1-login", "Billing")
    return WorkOrder(id_, OrderKind.REMOVE, OrderCause.ROLE_CHANGED, *fields, START)


def engagement(vma: str) -> Engagement:
    return Engagement(vma, "Harbor LLC", Employment.CONTRACTOR, ("biller", "intake"), date(2026, 1, 5), hours=37.5)


def collection(system: str, snapshot: Snapshot, *, complete: bool = True) -> Collection:
    proof = Complete((Evidence("pages", "1"),)) if complete else Partial("no answer", "try again")
    accounts = tuple(a for (s, _), a in sorted(snapshot.accounts.items()) if s == system)
    return Collection(SYSTEMS[system], f"{system}.csv", START, proof, accounts if complete else ())


def without(snapshot: Snapshot, system: str) -> Snapshot:
    """Return what an audit sees when it cannot read a system."""
    return replace(
        snapshot,
        accounts={k: v for k, v in snapshot.accounts.items() if k[0] != system},
        owners={k: v for k, v in snapshot.owners.items() if k[0] != system},
        entitlements={k: v for k, v in snapshot.entitlements.items() if k[0] != system},
        grants=frozenset(g for g in snapshot.grants if g[0] != system),
    )


def record(
    snapshot: Snapshot | None = None,
    *,
    day: int = 0,
    practice: str = PRACTICE,
    partial: Iterable[str] = (),
    keep_open: Iterable[str] = (),
    counts: Mapping[str, int] | None = None,
) -> AuditRecord:
    snapshot = facts() if snapshot is None else snapshot
    return AuditRecord(
        practice=practice,
        at=START + timedelta(days=day),
        tool_version="0.1.0",
        policy_digest="a" * 64,
        result_digest="b" * 64,
        exit_code=1,
        headline=f"day {day}: 1 finding",
        counts=counts or {"findings": 1, "satisfied": 9},
        collections={s: collection(s, snapshot, complete=s not in partial) for s in SYSTEMS},
        snapshot=snapshot,
        keep_open=frozenset(keep_open),
        accepted_drops=(AcceptedDrop("ehr", 90, 40, 50, "clinic closed"),) if day == 3 else (),
        order_ends=(OrderEnd("O-0", OrderEnding.DONE, HOSTILE, START, START, "log", "1", "ab" * 32, "dana"),)
        if day == 3
        else (),
    )


def signer(folder: Path) -> Signer:
    key = folder / "keys" / "ledger.pem"
    return Signer.load_or_create(key, ledger_is_empty=not key.exists())


def save_all(store: Store, key: Signer, records: Iterable[AuditRecord]) -> list[SavedAudit]:
    """Save one record after the other, as the pipeline does."""
    saved = []
    for one in records:
        last = store.last(one.practice)
        saved.append(store.save(one, key, after=last.audit.id if last else None))
    return saved


def log_of(day: int) -> LogAnswer:
    """Return what the EHR's own record told on a day: one event, and nothing before it."""
    at = START + timedelta(days=day, hours=-1)
    said = LogRecord.of("ir.model.log", str(day), b"row")
    event = LogEvent("ehr", "u1", LogKind.DISABLED, at, SECOND, said, actor="mgr", host="db1")
    clock = ClockOffset(-0.25, 0.5, at, "Date")
    covers = frozenset({LogKind.ENABLED, LogKind.DISABLED})
    return LogAnswer("ehr", "ir.model.log", at, (event,), START - timedelta(days=9), covers, clock, ("cut",), ("401",))


def days(count: int) -> list[AuditRecord]:
    """Return audits of successive days in each of which something opens, something closes and a record is read."""
    return [_with_log(one, day) for day, one in enumerate(_days(count))]


def _with_log(one: AuditRecord, day: int) -> AuditRecord:
    unread = LogUnread("directory", START, "no right", "give it")
    return replace(one, logs={"ehr": log_of(day), "directory": unread}) if day % 4 == 0 else one


def _days(count: int) -> list[AuditRecord]:
    return [
        record(
            facts(
                vmas=("VMA-1", f"VMA-{2 + day % 3}"),
                accounts=(
                    account("ehr", "u1", last_login=START + timedelta(days=day)),
                    account("ehr", f"u{2 + day % 2}", mfa=day % 2 == 0),
                    account("directory", "u1"),
                ),
                findings=[finding("ehr:u2", title=f"wording {day // 4}")] if day % 5 else [],
            ),
            day=day,
        )
        for day in range(count)
    ]


def attestation(vma: str, topic: str) -> Statement:
    """Return what Dana Ortiz states about a VMA."""
    return Statement(
        practice=PRACTICE,
        kind=StatementKind.ATTESTATION,
        about=vma,
        topic=topic,
        by="Dana Ortiz",
        on=START.date(),
        recorded_at=START,
    )
