"""
A practice in a folder: roster, agreements and one system, written anew before each audit; the real commands run there.

For histories: what a roster says changes from audit to audit, and what is told of the past must not.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.cli import run

HEADER = "vma_id,name,email,agency,employment,roles,start,end,locations,hours,status,logins"
HARBOR, TIDE = "Harbor Assist LLC", "Tide Partners Inc"
BOTH = f"""\
agreements:
  - {{id: B1, kind: baa, between: [practice, {HARBOR}], signed_by_both: true, from: 2026-01-01}}
  - {{id: B2, kind: baa, between: [practice, {TIDE}], signed_by_both: true, from: 2026-01-01}}
"""
CONFIG = """\
practice: {id: small, name: Small Practice, timezone: America/Chicago}
roster: {file: roster.csv}
agreements: agreements.yaml
policies: {catalogs: [catalog.yaml]}
systems:
  ehr: {kind: ehr, product: small-ehr, title: EHR, connector: table, holds_phi: true, vendor: self,
        exported: "EXPORTED", settings: {file: users.csv, mapping: mapping.yaml, canary: reader}}
store: auditor.db
report: report.html
"""
MAPPING = """\
columns: {id: Id, login: Login, name: Name, email: Email, status: Status, last_login: Last, created: Created, mfa: MFA}
status_values: {Active: active, Disabled: disabled}
mfa_true: ["yes"]
mfa_false: ["no"]
entitlements: [{column: Role, kind: role, separator: ;}]
"""
CATALOG = """\
product: small-ehr
title: Small EHR
version: 1
source: "Dana Ortiz, 2026-11-30, from the role screen"
entitlements:
  Scheduling: {gives: [schedule.read, schedule.write, demographics.read], why: the front of the house}
  Claims: {gives: [BILLING], why: the back of the house}
  Claims Only: {gives: [charge.read, ledger.read, claim.read, claim.submit, coverage.read], why: no demographics}
  Demographics: {gives: [demographics.read], why: the rest}
  Nothing: {gives: [], why: the reader of the audit}
"""


def row(vma: str, start: str, end: str = "", roles: str = "scheduler", **fields: str) -> str:
    """Return one line of the roster; the name is that of the id unless it is given."""
    facts = {"name": f"{vma.title()} Reyes", "agency": HARBOR, "employment": "employee", **fields}
    known = {"vma_id": vma, "roles": roles, "start": start, "end": end, **facts}
    return ",".join(known.get(name, "") for name in HEADER.split(","))


def account(login: str, roles: str = "Scheduling", **fields: str) -> dict[str, str]:
    """Return one account; its id is its log-in, and the log-in is stated by name or e-mail, not by the roster."""
    facts = {"Id": login, "Login": login, "Name": f"{login.title()} Reyes", "Status": "Active", "MFA": "yes"}
    return {**facts, "Role": roles, "Last": "2026-11-25", **fields}


COLUMNS = ("Id", "Login", "Name", "Email", "Status", "Last", "Created", "MFA", "Role")


@dataclass(frozen=True)
class Small:
    """The practice."""

    folder: Path
    agreements: str = BOTH

    @property
    def config(self) -> Path:
        return self.folder / "auditor.yaml"

    def write(self, at: str, rows: Sequence[str], accounts: Iterable[dict[str, str]]) -> None:
        """Write everything as it is at an instant."""
        self.folder.mkdir(exist_ok=True)
        self.config.write_text(CONFIG.replace("EXPORTED", at), encoding="utf-8")
        billing = "charge.read, ledger.read, claim.read, claim.submit, coverage.read, demographics.read"
        files = {
            "roster.csv": "\n".join((HEADER, *rows)) + "\n",
            "agreements.yaml": self.agreements,
            "mapping.yaml": MAPPING,
            "catalog.yaml": CATALOG.replace("BILLING", billing),
            "users.csv": _users([*accounts, account("reader", "Nothing", Name="Audit Reader")]),
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def audit(self, at: str, rows: Sequence[str], accounts: Iterable[dict[str, str]]) -> int:
        """Write everything as it is at an instant, and audit it then."""
        self.write(at, rows, accounts)
        return run(["audit", str(self.config), "--at", at])


def _users(accounts: Iterable[dict[str, str]]) -> str:
    lines = [",".join(COLUMNS)]
    lines += [",".join(one.get(name, "") for name in COLUMNS) for one in accounts]
    return "\n".join(lines) + "\n"


def noon(day: str) -> str:
    """Return an instant of a day at the practice."""
    return datetime.fromisoformat(f"{day}T18:00:00+00:00").isoformat()


def answer(capsys: Any, *command: str) -> Any:
    """Return what a command prints as JSON."""
    capsys.readouterr()
    run([*command, "--format", "json"])
    return json.loads(capsys.readouterr().out)
