"""Histories to measure lag from: one VMA, hired once, and audits of a small practice on some days."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.lag.controls import load_controls
from auditor.lag.history import History, read_history
from auditor.lag.lag import Obligation
from auditor.lag.measured import Measured, Setting
from auditor.lag.obligations import measure
from auditor.lag.spans import Calendar, seconds
from auditor.snapshot import AuditRecord
from auditor.store import Store
from connectors.facts import Account, Complete, Employment, Engagement, Evidence
from policies.agreements.register import Agreement, AgreementKind
from policies.engine.case import Owner
from policies.engine.outcomes import Finding, Severity, Subject
from tests.store_sample import PRACTICE, START, account, facts, record, save_all, signer, without

ZONE = "UTC"
CALENDAR = Calendar(ZONE)
HARBOR = Agreement(
    "A-1", AgreementKind.BAA, "practice", "Harbor LLC", True, date(2026, 1, 1), None, None, None, None, None, 1
)
HIRED = Engagement("VMA-1", "Harbor LLC", Employment.EMPLOYEE, ("scheduler",), START.date())


def audit(
    day: float,
    engagement: Engagement | None = HIRED,
    *,
    findings: tuple[Finding, ...] = (),
    partial: tuple[str, ...] = (),
    held: bool = True,
    **account_: Any,
) -> AuditRecord:
    fields = {"mfa": True, "created": START, **account_}
    accounts: tuple[Account, ...] = (account("ehr", "u1", **fields),) if held else ()
    snapshot = facts(vmas=("VMA-1",) if engagement else ("VMA-9",), accounts=accounts, grants=(), findings=findings)
    if engagement:
        snapshot = replace(snapshot, engagements={"VMA-1": engagement})
    # The roster states no log-in: one that no read has shown would leave everything unproven.
    people = {id_: replace(person, logins=()) for id_, person in snapshot.people.items()}
    snapshot = replace(snapshot, people=people, others=())  # one engagement, and none before it
    snapshot = replace(snapshot, owners={key: Owner(("VMA-1",), None, "login") for key in snapshot.owners})
    for system in partial:
        snapshot = without(snapshot, system)
    kept = [f.identity(PRACTICE) for f in findings if f.system in partial]
    return record(snapshot, day=day, partial=partial, keep_open=kept)


def no_mfa() -> Finding:
    return Finding(
        "no-mfa", Severity.HIGH, Subject("account", "ehr:u1", "u1"), "ehr", "", "t", "o", "e", "r", vma="VMA-1"
    )


def history(store: Store, tmp_path: Path, *records: AuditRecord, day: float = 10) -> History:
    save_all(store, signer(tmp_path), records)
    return read_history(store, PRACTICE, ZONE, at(day))


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def measured(past: History, *, agreements: tuple[Agreement, ...] = (HARBOR,)) -> Measured:
    return measure(past, Setting(load_controls(), agreements, lambda _: True, {}), CALENDAR)


def duty(found: Measured, control: str, number: int = 0) -> Obligation:
    return [d for p in found.presences for d in p.duties if d.control == control][number]


def days(*spans: tuple[float, float]) -> tuple[tuple[int, int], ...]:
    return tuple((seconds(at(first)), seconds(at(last))) for first, last in spans)


def horizon(day: float = 10) -> float:
    return day + 1 / 86400


NEAR = {"name": "Calloway, Denise M", "login": "q77"}


def unsettled(day: int, *, end: date | None = None, **account_: Any) -> AuditRecord:
    """An audit of Denise Calloway, with an account of nobody's that could be hers."""
    found = audit(day, replace(HIRED, end=end), **{**NEAR, **account_})
    snapshot = replace(
        found.snapshot,
        people={"VMA-1": replace(found.snapshot.people["VMA-1"], name="Denise Calloway", logins=())},
        owners={key: Owner((), None, "no rule names an owner") for key in found.snapshot.owners},
    )
    return replace(found, snapshot=snapshot)


def in_part(found: AuditRecord, why: str) -> AuditRecord:
    """Return the same audit, whose read of the EHR may have left out accounts."""
    read = replace(found.collections["ehr"], completeness=Complete((Evidence(why, "only a part was read"),)))
    return replace(found, collections={**found.collections, "ehr": read})
