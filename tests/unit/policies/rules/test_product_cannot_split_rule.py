"""What a product cannot split is asked of the product, once, and nobody is told to give up what the work needs."""

from pathlib import Path

import pytest

from connectors.errors import InputError
from policies.policy import load_policy
from tests import builders
from tests.builders import Clinic, Said, ago, ask

PATIENTS, PAYMENTS, BILLING = "Create and Update Patients", "Access Patient Payments", "Access Billing"
SCHEDULE, MESSAGES, NOTES = "Access Scheduling", "Access to Message Center", "Access Clinical Notes"

JOBS = {
    "scheduler": (SCHEDULE, PATIENTS),
    "medical_scribe": (PATIENTS, NOTES),
    "front_desk": (SCHEDULE, PATIENTS, PAYMENTS),
    "billing": (PATIENTS, BILLING),
    "patient_communication": (SCHEDULE, PATIENTS, MESSAGES),
    "insurance_verification": (PATIENTS,),
    "prior_authorization": (PATIENTS, NOTES),
}
"""What each job is given in DrChrono, where no chart opens without the right to change it."""

ACCEPTED = """\
product: drchrono
title: what DrChrono cannot split
version: 1
source: our decision of 20 November 2026
accepted:
  {right}: {{reason: "no chart opens without it; the log is read each week", by: Dr. Kim, on: 2026-11-20}}
"""


def practice(*more: tuple[str, str]) -> Clinic:
    clinic = Clinic().system("ehr", product="drchrono", title="DrChrono").agreement("BAA-1")
    for number, (role, rights) in enumerate(JOBS.items()):
        clinic.vma(f"V{number}", role.title(), (role,)).account("ehr", role, f"V{number}", created=ago_noon(number))
        clinic.grant("ehr", role, *rights)
    for login, right in more:
        clinic.grant("ehr", login, right)
    return clinic


def ago_noon(days: int):
    return builders.noon(ago(300 - days))


def test_nobody_gets_a_critical_finding_or_an_excess_for_what_the_product_cannot_split():
    clinic = practice()
    assert [f.title for f in ask("forbidden", clinic).findings] == []
    assert [f.title for f in ask("cloned-access", clinic).findings] == []
    excess = {f.vma for f in ask("excess", clinic).findings}
    assert not excess, "every right is one that its role needs"


def test_it_is_one_question_for_each_right_of_the_product_however_many_need_it():
    found = {f.subject.name: f for f in ask("product-cannot-split", practice()).findings}
    assert PATIENTS in found
    finding = found[PATIENTS]
    assert "cannot be finer" in finding.title
    assert finding.vma is None
    assert "7 of those who need it" in finding.observed
    assert "clear" not in finding.remedy  # no remedy takes the work away
    assert finding.remedy.startswith("leave the right where the work needs it")


@pytest.mark.parametrize(
    ("login", "right", "capability"),
    [
        ("scheduler", "Access to eRx", "prescription.write"),
        ("front_desk", "Manage Permissions", "user.admin"),
        ("medical_scribe", "Sign/Lock Clinical Notes", "note.sign"),
        ("billing", "Billing Administrator", "adjustment.write"),
        ("patient_communication", "Export Patients", "record.export"),
    ],
)
def test_the_one_dangerous_right_stays_critical(login, right, capability):
    (finding,) = ask("forbidden", practice((login, right))).findings
    assert capability in finding.expected
    assert right in finding.title


def test_a_right_that_the_role_does_not_need_at_all_stays_an_excess():
    (finding,) = ask("excess", practice(("scheduler", MESSAGES))).findings
    assert MESSAGES in finding.title


def test_where_the_product_has_something_finer_it_is_no_question_of_the_product():
    """The balance can be shown without the right to take payments."""
    clinic = practice(("insurance_verification", PAYMENTS))
    holders = {f.subject.name: f.observed for f in ask("product-cannot-split", clinic).findings}
    assert "1 of those" in holders[PAYMENTS]
    assert [f.severity.value for f in ask("forbidden", clinic).findings] == ["critical"]


def accepting(tmp_path: Path, monkeypatch, right: str, clinic: Clinic, rule: str) -> Said:
    own = tmp_path / "accepted.yaml"
    own.write_text(ACCEPTED.format(right=right))
    policy = load_policy([own])
    monkeypatch.setattr("auditor.testing.clinic.policy", lambda: policy)
    return ask(rule, clinic)


def test_accepted_once_with_a_reason_it_is_no_finding_any_more(tmp_path, monkeypatch):
    said = accepting(tmp_path, monkeypatch, PATIENTS, practice(), "product-cannot-split")
    assert PATIENTS not in {f.subject.name for f in said.findings}
    assert PATIENTS in {s.subject.name for s in said.satisfied}


def until(tmp_path: Path, monkeypatch, on: str, end: str = "") -> Said:
    text = ACCEPTED.format(right=PATIENTS).replace("on: 2026-11-20", f"on: {on}" + (f", until: {end}" if end else ""))
    own = tmp_path / "accepted.yaml"
    own.write_text(text)
    policy = load_policy([own])
    monkeypatch.setattr("auditor.testing.clinic.policy", lambda: policy)
    return ask("product-cannot-split", practice())


@pytest.mark.parametrize(
    ("on", "end", "holds", "last"),
    [
        (365, None, True, 0),
        (366, None, False, None),
        (100, 0, True, 0),
        (100, 1, False, None),
        (10, None, True, -355),
        (-1, None, False, None),
    ],
)
def test_an_acceptance_holds_to_its_last_day_and_is_then_asked_again(tmp_path, monkeypatch, on, end, holds, last):
    said = until(tmp_path, monkeypatch, str(ago(on)), "" if end is None else str(ago(end)))
    open_ = [f for f in said.findings if f.subject.name == PATIENTS]
    kept = [s for s in said.satisfied if s.subject.name == PATIENTS]
    assert (len(open_), len(kept)) == ((0, 1) if holds else (1, 0))
    if holds:
        assert kept[0].until == ago(last - 1), "the first day on which it is asked again"
    else:
        assert f"Dr. Kim accepted it on {ago(on)}" in open_[0].observed
        assert "no chart opens without it" in open_[0].observed


def test_what_is_over_is_asked_of_the_product_and_not_of_each_person(tmp_path, monkeypatch):
    until(tmp_path, monkeypatch, str(ago(400)))
    assert not ask("excess", practice()).findings


@pytest.mark.parametrize("end", [-366 + 100, 101])
def test_nothing_is_accepted_for_more_than_a_year_nor_until_before_it_began(tmp_path, monkeypatch, end):
    with pytest.raises(InputError, match="nothing is accepted for ever"):
        until(tmp_path, monkeypatch, str(ago(100)), str(ago(end)))


def test_an_acceptance_excuses_nothing_that_no_vma_may_hold(tmp_path, monkeypatch):
    clinic = practice(("scheduler", "Access to eRx"))
    assert len(accepting(tmp_path, monkeypatch, "Access to eRx", clinic, "forbidden").findings) == 1


ELATION = ["scheduler", "front_desk", "insurance_verification", "medical_scribe", "patient_communication"]


@pytest.mark.parametrize("role", ELATION)
def test_who_opens_charts_in_elation_opens_all_of_them_which_is_asked_of_the_product_and_deleting_of_each(role):
    """Elation's help: any user who opens charts may change them, and delete in them as long as nobody pays for less."""
    clinic = Clinic().system("ehr", product="elation", title="Elation").agreement("BAA-1").vma("ana", "Ana", (role,))
    clinic.account("ehr", "ana", "ana").grant("ehr", "ana", "staff", "has_chart_access")
    assert "has_chart_access" in {f.subject.name for f in ask("product-cannot-split", clinic).findings}
    assert "has_chart_access" not in " ".join(f.title for f in ask("excess", clinic).findings)
    forbidden = ask("forbidden", clinic).finding
    assert forbidden.expected == "never: document.delete, record.delete"
    assert "Elation's strict delete permissions" in forbidden.remedy


def test_a_product_whose_rights_can_be_made_finer_gives_no_such_excuse():
    clinic = builders.in_step().grant("ehr", "asantos", "patients/demo:write", "acct/eob:write", through=["Wide"])
    assert ask("product-cannot-split", clinic).population == 0
    assert ask("excess", clinic).findings


@pytest.mark.parametrize("bad", ["reason: short, by: Dr. Kim, on: 2026-11-29", "by: Dr. Kim, on: 2026-11-29"])
def test_an_acceptance_without_a_reason_is_refused(tmp_path, bad):
    own = tmp_path / "accepted.yaml"
    own.write_text(ACCEPTED.split("  {right}", maxsplit=1)[0] + f"  {PATIENTS}: {{{bad}}}\n")
    with pytest.raises(InputError, match="reason"):
        load_policy([own])


def test_no_remedy_about_duties_takes_away_what_the_work_needs():
    findings = [f for f in ask("separation-of-duties", practice()).findings if f.vma == "V2"]
    assert findings
    assert all(f.remedy.startswith("DrChrono cannot split") for f in findings)
