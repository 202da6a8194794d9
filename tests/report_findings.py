"""Who is in the sample report, with hostile names among them, and its findings, from `report_findings.yaml`."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from policies.engine.outcomes import Severity, Step
from reports.model import CitationLine, FindingLine

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(document.domain)>'
HEBREW = "שרה כהן"
OVERRIDE = "Tomi \u202eevitca\u202c Okafor"
"""A right-to-left override: without care it reads `Tomi active Okafor`."""

NAMES = {
    "VMA-01": "Maria Reyes",
    "VMA-02": "Jun dela Cruz",
    "VMA-03": "Priya Natarajan",
    "VMA-04": "Ana Sofía Gómez",
    "VMA-05": SCRIPT,
    "VMA-06": IMAGE,
    "VMA-07": HEBREW,
    "VMA-08": OVERRIDE,
    "VMA-09": "Daniel Ocampo",
}

TITLES = {"ehr": "OpenEMR", "directory": "Active Directory", "cloud": "Amazon Web Services"}


@lru_cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "report_findings.yaml").read_text("utf-8"))
    return loaded


def rule_titles() -> dict[str, str]:
    """Return the titles of the rules, by id."""
    return dict(_texts()["rules"])


def findings() -> tuple[FindingLine, ...]:
    """Return the findings, most severe first."""
    return tuple(_finding(entry) for entry in _texts()["findings"])


def finding_id(*parts: str) -> str:
    """Return an id of the shape that findings have."""
    return "F-" + base64.b32encode(hashlib.sha256("\x00".join(parts).encode()).digest()).decode()[:10]


def _finding(entry: dict[str, Any]) -> FindingLine:
    vma, system, new = entry.get("vma"), entry.get("system"), entry.get("new", False)
    first = (Step("vma", vma, NAMES[vma]),) if vma else ()
    return FindingLine(
        id=finding_id(entry["rule"], vma or entry["subject"], system or "", entry["title"]),
        rule=entry["rule"],
        rule_title=rule_titles()[entry["rule"]],
        severity=Severity(entry["severity"]),
        subject=f"{NAMES[vma]} ({vma})" if vma else entry["subject"],
        subject_kind="vma" if vma else "account",
        vma=vma,
        system=system,
        system_title=TITLES[system] if system else "",
        title=entry["title"],
        observed=entry["observed"],
        expected=entry["expected"],
        remedy=entry["remedy"],
        path=(*first, *(Step(*step) for step in entry["path"])),
        citations=tuple(_citation(cite) for cite in entry["citations"]),
        since=entry.get("since"),
        first_seen=entry["seen"],
        new=new,
    )


def _citation(cite: str) -> CitationLine:
    provision = _texts()["citations"][cite]
    return CitationLine(f"45 CFR {cite}", provision["kind"], provision["text"], tuple(provision["nist"]))
