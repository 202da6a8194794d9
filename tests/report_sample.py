"""
A rich report, built by hand: 8 active VMAs, 3 systems of which one could not be read, drift with events, hostile names.

It is what the tests of every format look at. `sample` is the whole; `clean`, `first_audit` and `big` are made from it.
"""

from dataclasses import replace
from datetime import date

from reports.model import ControlLine, Drift, Headline, Report, Tile, Verification
from tests import report_parts as parts
from tests.annex_sample import annexes
from tests.order_sample import order_lines
from tests.report_findings import HEBREW, IMAGE, NAMES, OVERRIDE, SCRIPT, finding_id, findings

__all__ = ["HEBREW", "IMAGE", "NAMES", "OVERRIDE", "SCRIPT", "big", "clean", "finding_id", "first_audit", "sample"]


def sample() -> Report:
    """Return the whole report; the same one every time."""
    lines = findings()
    rules = parts.rules(lines, parts.NOT_READ)
    return Report(
        practice="lakeside",
        practice_name="Lakeside Family Medicine",
        at=parts.AT,
        timezone="America/Chicago",
        tool_version="0.1.0",
        first_audit=False,
        headline=Headline(
            "8 active VMAs, 6 under a BAA, 13 live EHR accounts; 3 need action today",
            "not in step",
            "Controls lag behind headcount for 6 of 8 VMAs, and one system could not be read.",
        ),
        tiles=(
            Tile("6 of 8", "VMAs under an agreement", "bad", "2 without: Jun dela Cruz, VMA-08"),
            Tile("1", "leaver who can still sign in", "bad", "24 days since the engagement ended"),
            Tile("2", "changes that nothing explains", "bad", "5 explained by headcount"),
            Tile("1 of 3", "systems not read", "unknown", "Amazon Web Services"),
        ),
        counts=parts.counts(rules, lines),
        controls=(
            ControlLine("Agreement in force", 6, 8, (NAMES["VMA-02"], NAMES["VMA-08"])),
            ControlLine("Access within the role", 4, 8, (NAMES["VMA-01"], SCRIPT, IMAGE, HEBREW)),
            ControlLine("Multi-factor sign-in", 6, 8, (NAMES["VMA-03"],), (HEBREW,)),
            ControlLine("Access reviewed this quarter", 8, 8, ()),
            ControlLine("Cloud access within the role", 0, 8, (), tuple(NAMES[f"VMA-0{n}"] for n in range(1, 9))),
        ),
        drift=parts.drift(lines),
        findings=lines,
        not_evaluated=parts.not_evaluated(),
        rules=rules,
        systems=parts.systems(),
        matrix=parts.matrix(lines),
        coverage=parts.coverage(),
        coverage_from=date(2026, 1, 1),
        coverage_to=date(2026, 12, 31),
        agreements=parts.agreements(),
        owners=parts.owners(),
        next_change=date(2026, 12, 1),
        next_change_reason="the account mreyes in Active Directory becomes dormant (45 days without a sign-in)",
        accepted_drops=("Active Directory: 16 → 13 accounts, confirmed by K. Lindqvist on 3 Nov 2026",),
        verification=Verification(
            7,
            "7 3q2+7wX0b9h1v4m5Zk8sT6yR1uJ0cN4eG7fA2dL9pQo= kY0v7c1B9mJ4nQ2sX6wE8rT5uI3oP1aS7dF9gH2jK4lZ6xC8vB0nM==",
            "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "auditor verify ledger/ --head head-0007.txt",
            "sha256:5f1c2d3e4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d6e",
            "sha256:c0ffee11d3e4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5",
        ),
        notes=("IAM actions: data of 20 Nov 2026", "OpenEMR catalog: version 3"),
        annexes=annexes(),
        orders=order_lines(),
    )


def clean() -> Report:
    """Return a report with nothing to do: everything was read, and everything holds."""
    base = sample()
    rules = parts.rules((), {})
    cells = tuple(
        replace(row, cells=tuple(replace(c, state="ok", findings=(), worst=None, accounts=("a",)) for c in row.cells))
        for row in base.matrix
    )
    whole = tuple(
        s if s.complete else replace(s, complete=True, reason="", hint="", evidence=(("end", "last page"),))
        for s in base.systems
    )
    return replace(
        base,
        headline=Headline(
            "8 active VMAs, 8 under a BAA, 13 live EHR accounts; nothing to do", "in step", "Every rule holds."
        ),
        tiles=(Tile("8 of 8", "VMAs under an agreement", "good"), Tile("0", "leavers who can still sign in", "good")),
        counts=parts.counts(rules, ()),
        controls=tuple(replace(c, in_place=8, missing=(), unknown=()) for c in base.controls),
        drift=Drift(since=parts.BEFORE),
        findings=(),
        not_evaluated=(),
        rules=rules,
        systems=whole,
        matrix=cells,
        next_change=None,
        next_change_reason="",
    )


def first_audit() -> Report:
    """Return the same as a first audit, before its ledger entry is made."""
    base = sample()
    lines = tuple(replace(line, new=False) for line in base.findings)
    return replace(base, first_audit=True, findings=lines, drift=Drift(since=None), verification=None)


def big(findings_count: int, owners_count: int) -> Report:
    """Return a report with so many findings and accounts; the words are those of `sample`."""
    base = sample()
    kinds = base.findings
    lines = sorted(
        (
            replace(kinds[n % len(kinds)], id=finding_id("big", str(n)), title=f"{kinds[n % len(kinds)].title} ({n})")
            for n in range(findings_count)
        ),
        key=lambda line: line.severity.rank,
    )
    rules = parts.rules(tuple(lines), parts.NOT_READ)
    owners = tuple(replace(base.owners[n % len(base.owners)], login=f"login{n:05}") for n in range(owners_count))
    return replace(
        base,
        findings=tuple(lines),
        rules=rules,
        counts=parts.counts(rules, tuple(lines)),
        owners=owners,
        matrix=parts.matrix(base.findings),
        drift=replace(base.drift, opened=()),
    )
