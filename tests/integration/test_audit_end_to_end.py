"""The example practice through the command line: what a practice manager does, and gets."""

import json
import re
import shutil
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.store import Store

EXAMPLES = Path(__file__).parents[2] / "examples" / "lakeside"
Q3 = ("2026-q3", "2026-09-30T17:00:00-05:00")
NOVEMBER = ("2026-11", "2026-11-20T17:00:00-06:00")
SEEDED = {
    "account-before-start",
    "account-of-nobody",
    "active-after-end",
    "agreement-headcount",
    "agreement-person",
    "agreement-system",
    "cloned-access",
    "dormant-account",
    "excess",
    "few-administrators",
    "fewer-accounts-than-people",
    "forbidden",
    "missing",
    "no-agreement",
    "no-mfa",
    "outside-lane",
    "outside-scope",
    "owner-gone",
    "owner-lacks-capability",
    "separation-of-duties",
    "shared-account",
    "unclassified-entitlement",
    "unused-access",
    "vendor-agreement",
}


@pytest.fixture
def practice(tmp_path):
    """A copy of the example that a test may spoil."""
    shutil.copytree(EXAMPLES, tmp_path / "lakeside")
    return Practice(tmp_path)


class Practice:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "auditor.db"
        self.report = folder / "report.html"

    def audit(self, which=NOVEMBER, *more: str) -> int:
        config = self.folder / "lakeside" / which[0] / "auditor.yaml"
        return run(
            ["audit", str(config), "--at", which[1], "--store", str(self.store), "--report", str(self.report), *more]
        )

    def audited(self, capsys, which=NOVEMBER, *more: str) -> dict:
        self.audit(which, "--format", "json", *more)
        return json.loads(capsys.readouterr().out)


def test_the_first_line_is_headcount_arithmetic_and_the_exit_code_says_not_evaluated(practice, capsys):
    code = practice.audit()
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "8 active VMAs, 5 under a BAA, 9 live EHR accounts; 10 need action today"
    assert code == 2  # one group that no catalog knows
    assert first in practice.report.read_text()


def test_the_example_has_one_of_everything_that_goes_wrong(practice, capsys):
    found = practice.audited(capsys)["findings"]
    assert {f["rule"] for f in found} == SEEDED
    for finding in found:
        assert finding["remedy"]
        assert finding["path"], finding["rule"]
        assert finding["citations"], finding["rule"]
        assert finding["id"].startswith("F-")


def test_what_was_kept_of_an_earlier_role_is_found_once_two_audits_know_of_it(practice, capsys):
    practice.audited(capsys, Q3)
    found = practice.audited(capsys, NOVEMBER)["findings"]
    assert {f["rule"] for f in found} == {*SEEDED, "accumulated-access"}


def test_every_format_has_the_same_findings(practice, capsys):
    audit = practice.audited(capsys)
    page = practice.report.read_text()
    assert all(finding["id"] in page for finding in audit["findings"])
    assert len(audit["findings"]) == audit["counts"]["findings"]
    assert audit["counts"]["population"] == sum(
        audit["counts"][k] for k in ("with_findings", "satisfied", "not_evaluated")
    )


def test_a_second_audit_tells_the_events_what_they_explain_what_nothing_explains_and_what_is_owed(practice, capsys):
    practice.audited(capsys, Q3)
    drift = practice.audited(capsys)["drift"]
    kinds = {(e["vma"], e["kind"]) for e in drift["events"]}
    assert {("VMA-09", "joined"), ("VMA-06", "left"), ("VMA-03", "role-changed")} <= kinds
    by_vma = {e["vma"]: e for e in drift["events"]}
    assert any("VMA-Billing" in line for line in by_vma["VMA-03"]["explained"])
    assert any("still works" in line for line in by_vma["VMA-06"]["owed"])
    unexplained = " ".join(c["text"] for c in drift["unexplained"])
    assert "IT-Helpers" in unexplained
    assert "Accounting" in unexplained
    assert "cmejia (Carlos Mejía Ospina) got VMA-Billing" not in unexplained
    # Tomás had it for an afternoon: no audit saw it, and the domain's own log did.
    (unseen,) = drift["unseen"]
    assert "tquiroga (Tomás Quiroga Salas) had VMA-Billing" in unseen
    assert "had VMA-Billing" not in unexplained


def test_ids_survive_and_a_mended_finding_is_closed(practice, capsys):
    before = {f["id"] for f in practice.audited(capsys, Q3)["findings"]}
    second = practice.audited(capsys)
    again = {f["id"]: f for f in second["findings"] if f["id"] in before}
    assert len(again) == len(before) - 1
    assert all(not f["new"] and f["first_seen"] == "2026-09-30" for f in again.values())
    assert len(second["drift"]["closed"]) == 1


def test_a_broken_export_leaves_its_system_not_evaluated_and_closes_nothing(practice, capsys):
    practice.audited(capsys, Q3)
    directory = practice.folder / "lakeside" / "2026-11" / "directory.ldif"
    directory.write_text(directory.read_text()[:-2000])
    (practice.folder / "lakeside" / "2026-11" / "ehr" / "gacl_acl.csv").unlink()
    audit = practice.audited(capsys)
    systems = {s["id"]: s for s in audit["systems"]}
    assert not systems["directory"]["complete"]
    assert not systems["ehr"]["complete"]
    assert "gacl_acl.csv" in systems["ehr"]["reason"]
    assert "live EHR accounts not known" in audit["headline"]["sentence"]
    assert not [line for line in audit["drift"]["closed"] if "OpenEMR" in line or "Active Directory" in line]
    kept = [line for line in audit["not_evaluated"] if "stays open" in line["reason"]]
    assert kept
    assert not [c for c in audit["drift"]["explained"] + audit["drift"]["unexplained"] if c["system"] != "cloud"]


def test_a_sudden_drop_is_held_until_somebody_accepts_it_and_that_is_recorded(practice, capsys):
    practice.audited(capsys, Q3)
    # A whole answer to a narrower question: the file is as it should be, and twelve people are not in it.
    ldif = practice.folder / "lakeside" / "2026-11" / "directory.ldif"
    entries = ldif.read_text().split("\n\n")
    people = [e for e in entries if "objectClass: user" in e]
    kept = "\n\n".join(e for e in entries if e not in people[:12])
    ldif.write_text(re.sub(r"(# num\w+: )(\d+)", lambda m: m[1] + str(int(m[2]) - 12), kept))
    held = practice.audited(capsys)
    directory = next(s for s in held["systems"] if s["id"] == "directory")
    assert directory["reason"].startswith("held: ")
    assert "--accept-drop directory" in directory["hint"]

    later = (NOVEMBER[0], "2026-11-21T17:00:00-06:00")
    accepted = practice.audited(capsys, later, "--accept-drop", "directory", "--reason", "tidied up, ticket 4711")
    assert next(s for s in accepted["systems"] if s["id"] == "directory")["complete"]
    assert "ticket 4711" in accepted["accepted_drops"][0]


def test_a_system_taken_out_of_the_configuration_closes_nothing_until_somebody_says_that_it_is_gone(practice, capsys):
    before = [f["id"] for f in practice.audited(capsys, Q3)["findings"] if f["system"] == "cloud"]
    assert before
    config = practice.folder / "lakeside" / "2026-11" / "auditor.yaml"
    text = config.read_text()
    config.write_text(text[: text.index("  cloud:")].replace("work: work.yaml\n", ""))
    agreements = config.with_name("agreements.yaml")
    agreements.write_text(agreements.read_text().replace("systems: [cloud]", "systems: all"))
    for people in (config.with_name("roster.csv"), config.parents[1] / "staff.csv"):
        people.write_text(re.sub(r";?cloud:[^,;\n]*", "", people.read_text()))

    left_out = practice.audited(capsys)
    kept = " ".join(s for n in left_out["not_evaluated"] if "stays open" in n["reason"] for s in n["subjects"])
    assert all(identity in kept for identity in before)
    assert not any(identity in " ".join(left_out["drift"]["closed"]) for identity in before)

    later = (NOVEMBER[0], "2026-11-21T17:00:00-06:00")
    gone = practice.audited(capsys, later, "--accept-drop", "cloud", "--reason", "account closed, ticket 4712")
    assert all(identity in " ".join(gone["drift"]["closed"]) for identity in before)
    assert "ticket 4712" in gone["accepted_drops"][0]


def test_accepting_a_drop_that_is_not_there_is_refused(practice, capsys):
    assert practice.audit(Q3, "--accept-drop", "ehr", "--reason", "just in case") == 64
    assert "no sudden drop" in capsys.readouterr().err
    assert practice.audit(Q3, "--accept-drop", "ehr") == 64
    assert "go together" in capsys.readouterr().err


def test_explain_prints_the_whole_path_of_a_finding(practice, capsys):
    audit = practice.audited(capsys)
    finding = next(f for f in audit["findings"] if f["rule"] == "forbidden" and f["vma"] == "VMA-02")
    assert run(["explain", finding["id"], "--store", str(practice.store)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for step in ("Jenny Rose Villanueva", "jvillanueva", "IT-Helpers", "Domain Admins", "never-list", "45 CFR"):
        assert step in text
    assert run(["explain", "forbidden"]) == 0
    assert "never-list" in capsys.readouterr().out
    assert run(["explain", "F-NOSUCHONE1", "--store", str(practice.store)]) == 64


def test_verify_holds_for_what_was_written_and_not_for_what_was_changed(practice, capsys):
    practice.audited(capsys, Q3)
    proof = practice.audited(capsys)["verification"]
    arguments = ["verify", str(practice.store), "--key", proof["key"], "--head", proof["head"]]
    assert run(arguments) == 0
    assert "intact" in capsys.readouterr().out

    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(practice.store) as db:
        db.execute("update finding set severity = 'low' where severity = 'critical'")
    db.close()
    assert run(arguments) == 3
    assert "NOT INTACT" in capsys.readouterr().out


def test_the_same_input_at_the_same_instant_gives_the_same_bytes(practice, capsys, tmp_path):
    first = practice.audited(capsys)
    page = practice.report.read_bytes()
    again = Practice(tmp_path)
    again.store = tmp_path / "again" / "auditor.db"
    again.store.parent.mkdir()
    for suffix in (".key", ".key.pub"):  # the same signer, or the signatures must differ
        source = practice.store.with_suffix(suffix)
        if source.exists():
            shutil.copy(source, again.store.with_suffix(suffix))
    Store.open(again.store).close()  # with no store at all beside it, the key would tell of a lost one
    again.report = tmp_path / "again" / "report.html"
    assert again.audited(capsys) == first
    assert again.report.read_bytes() == page


def test_an_audit_of_the_past_is_refused_because_history_is_only_added_to(practice, capsys):
    practice.audited(capsys)
    assert practice.audit(Q3) == 64
    assert "history is only ever added to" in capsys.readouterr().err


def test_a_vma_who_vanishes_from_the_roster_has_left_and_the_account_is_told(practice, capsys):
    practice.audited(capsys, Q3)
    roster = practice.folder / "lakeside" / "2026-11" / "roster.csv"
    lines = [line for line in roster.read_text().splitlines() if not line.startswith("VMA-07")]
    roster.write_text("\n".join(lines) + "\n")
    audit = practice.audited(capsys)
    assert ("VMA-07", "left") in {(e["vma"], e["kind"]) for e in audit["drift"]["events"]}
    left = [f for f in audit["findings"] if f["rule"] == "active-after-end" and f["vma"] == "VMA-07"]
    assert {f["system"] for f in left} == {"ehr", "directory", "cloud"}


def test_an_account_that_is_suddenly_said_to_be_of_the_staff_is_a_change_that_nothing_explains(practice, capsys):
    practice.audited(capsys)
    roster, staff = (practice.folder / "lakeside" / p for p in ("2026-11/roster.csv", "staff.csv"))
    roster.write_text(roster.read_text().replace("ehr:tquiroga", ""))
    staff.write_text(staff.read_text().rstrip() + "\nSTF-99,Mole,mole@example.test,staff,ehr:tquiroga,\n")
    later = (NOVEMBER[0], "2026-11-21T17:00:00-06:00")
    unexplained = practice.audited(capsys, later)["drift"]["unexplained"]
    assert [c["system"] for c in unexplained if "other owners" in c["text"]] == ["ehr"]


def test_fail_on_decides_what_changes_the_exit_code(practice):
    config = practice.folder / "lakeside" / "2026-q3" / "auditor.yaml"
    assert practice.audit(Q3) == 1
    assert config.exists()
    later = (Q3[0], "2026-10-01T17:00:00-05:00")
    assert practice.audit(later, "--fail-on", "critical") == 0
