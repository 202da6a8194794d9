"""
Real jobs, as a person's day: what they click, in OpenEMR and in a product that cannot split rights (DrChrono).

Nobody gets a critical finding for doing the job; each gets one for the one dangerous right that is planted.
"""

import pytest

from policies.engine.outcomes import Severity
from tests.builders import Clinic

ARRIVES = "patients/demo:write patients/appt:write patients/alert:view"

OPENEMR = {
    # books, registers a new patient, sees the reminders on the chart
    "scheduler": (ARRIVES, "encounters/auth_a"),
    # checks in, takes the copay, scans the card, reminds
    "front_desk": (
        f"{ARRIVES} patients/docs:addonly patients/notes:addonly patients/reminder:addonly",
        "patients/docs_rm",
    ),
    # answers the portal, rebooks
    "patient_communication": (
        (
            "patients/appt:write patients/demo:view patients/notes:addonly patients/reminder:addonly"
            " patientportal/portal:view"
        ),
        "patients/rx:write",
    ),
    "insurance_verification": ("patients/appt:view patients/demo:write patients/docs:addonly", "admin/users"),
    "prior_authorization": (
        (
            "patients/demo:view patients/med:view patients/docs:addonly patients/lab:view patients/trans:view"
            " encounters/notes_a:view"
        ),
        "sensitivities/high",
    ),
    "medical_scribe": (
        (
            "patients/appt:view patients/demo:view patients/med:addonly patients/docs:addonly patients/lab:view"
            " encounters/notes:addonly"
        ),
        "encounters/auth",
    ),
    "billing": ("acct/bill:write acct/rep patients/demo:view", "acct/disc"),
    "payment_posting": ("acct/eob:write patients/demo:view", "admin/superbill:write"),
    "referral_coordinator": (
        "patients/trans:write patients/demo:view patients/appt:write patients/docs:addonly patients/med:view",
        "patients/sign",
    ),
    "team_lead": ("patients/appt:view patients/demo:view", "admin/acl"),
    # prints the record that a patient asked for
    "records_release": ("patients/demo:view patients/docs:view patients/pat_rep:view", "admin/database"),
}
assert len(OPENEMR) == 11

OPENING = ("Create and Update Patients",)
DRCHRONO = {
    "scheduler": (("Access Scheduling",), "Access to eRx"),
    "front_desk": (("Access Scheduling", "Access Patient Payments"), "Manage Permissions"),
    "patient_communication": (("Access Scheduling", "Access to Message Center"), "Export Patients"),
    "insurance_verification": ((), "Settings"),
    "prior_authorization": (("Access Clinical Notes",), "Sign/Lock Clinical Notes"),
    "medical_scribe": (("Access Clinical Notes",), "Sign/Lock Clinical Notes"),
    "billing": (("Access Billing",), "Billing Administrator"),
    "coder": (("Show Billing Tab", "Access Clinical Notes"), "Export Patients"),
    "chronic_care": (("Access Scheduling", "Access Clinical Notes", "Access to Message Center"), "Access to eRx"),
    "referral_coordinator": (("Access Scheduling", "Add new referring sources"), "is_doctor"),
    "team_lead": (("Access Scheduling",), "Manage Accounts"),
}
assert len(DRCHRONO) == 11


def critical(role: str, product: str, rights: tuple[str, ...]) -> list[str]:
    clinic = Clinic().system("ehr", product=product).agreement("BAA-1").vma("ana", "Ana Santos", (role,))
    clinic.account("ehr", "asantos", "ana").grant("ehr", "asantos", *rights)
    return [f.title for f in clinic.judge().findings if f.severity is Severity.CRITICAL]


@pytest.mark.parametrize("role", OPENEMR)
def test_in_openemr_the_job_is_never_critical_and_the_one_dangerous_right_is(role: str) -> None:
    rights, dangerous = OPENEMR[role]
    assert critical(role, "openemr", tuple(rights.split())) == []
    assert any(dangerous in title for title in critical(role, "openemr", (*rights.split(), dangerous)))


def found(product: str, *rights: str) -> dict[str, str]:
    clinic = Clinic().system("ehr", product=product).agreement("BAA-1").vma("ana", "Ana Santos", ("billing",))
    clinic.account("ehr", "asantos", "ana").grant("ehr", "asantos", *rights)
    return {f"{f.rule} {f.what}".strip(): f.severity.value for f in clinic.judge().findings if f.vma == "ana"}


def test_a_biller_who_enters_charges_is_accused_of_nothing_where_posting_is_a_right_of_its_own() -> None:
    assert set(found("elation", "delegate:bills")) <= {"missing"}
    coding = "encounters/coding_a:write"
    assert not [
        one for one in found("openemr", coding, "patients/demo:view") if one.startswith(("excess", "separation"))
    ]


def test_a_biller_who_enters_charges_and_can_post_is_told_that_and_no_more() -> None:
    rights = ("acct/bill:write", "encounters/coding_a:write", "patients/demo:view")
    assert found("openemr", *rights) == {"separation-of-duties SOD-5": "medium"}
    assert found("openemr", *rights, "acct/disc")["separation-of-duties SOD-1"] == "high"


@pytest.mark.parametrize("role", DRCHRONO)
def test_where_rights_cannot_be_split_the_job_is_never_critical_and_the_one_dangerous_right_is(role: str) -> None:
    rights, dangerous = DRCHRONO[role]
    assert critical(role, "drchrono", (*OPENING, *rights)) == []
    assert any(dangerous in title for title in critical(role, "drchrono", (*OPENING, *rights, dangerous)))
