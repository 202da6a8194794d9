"""Does a VMA hold what the role needs, no more, nothing forbidden, and no two duties that must be separate?"""

import json
from dataclasses import replace

import pytest

from connectors.facts import Employment, EntitlementKind, Status
from policies.engine.outcomes import Severity
from tests.builders import AGENCY, HOSTILE, Clinic, ago, ahead, ask, cites, identity, in_step, kinds, policy

TYPES = {
    "practice-workforce": (None, Employment.EMPLOYEE),
    "direct-contractor": (None, Employment.CONTRACTOR),
    "agency-employee": (AGENCY, Employment.EMPLOYEE),
    "agency-contractor": (AGENCY, Employment.CONTRACTOR),
}


def holding(*entitlements, through=(), **vma) -> Clinic:
    """A scheduler in step who also holds these."""
    return in_step(**vma).grant("ehr", "asantos", *entitlements, through=through)


# Excess


def test_access_beyond_the_role_is_a_finding_with_the_whole_path():
    finding = ask("excess", holding("patients/med:view", through=["Clinicians"])).finding
    assert finding.title == "Clinicians gives Ana Santos more than the role allows in OpenEMR"
    assert finding.observed == "can see problems, medications and allergies"
    assert finding.remedy == "in OpenEMR: Admin > ACL > User Memberships > asantos > remove Clinicians"
    assert kinds(finding) == ["vma", "account", "group", "privilege", "capability", "template"]
    assert [s.id for s in finding.path][1:] == [
        "asantos", "Clinicians", "patients/med:view", "problem.read", "scheduler"
    ]  # fmt: skip
    assert "scheduler.yaml names none of it" in finding.path[-1].text


def test_what_the_role_allows_is_satisfied_wherever_it_comes_from():
    assert ask("excess", holding("patients/appt:view", through=["Clinicians"])).counts == (0, 1, 0)


def test_every_assignment_with_excess_is_a_finding_of_its_own():
    clinic = holding("patients/med:view", through=["Clinicians"]).grant("ehr", "asantos", "patients/docs:write")
    assert sorted(f.what for f in ask("excess", clinic).findings) == [
        "asantos|Clinicians", "asantos|patients/docs:write"
    ]  # fmt: skip
    assert ask("excess", clinic).population == 1


def test_access_that_the_role_needs_in_part_is_to_be_replaced_by_something_finer():
    finding = ask("excess", holding("patients/med:view", "patients/appt:view", through=["Clinicians"])).finding
    assert "the role does need part of it (schedule.read): give that by something finer" in finding.remedy


@pytest.mark.parametrize(
    ("entitlement", "phi", "severity"),
    [
        ("patients/med:view", True, Severity.MEDIUM),  # reading: everyday work of somebody else
        ("patients/med:write", True, Severity.HIGH),  # writing medicines: high risk
        ("patients/med:write", False, Severity.MEDIUM),
    ],
)
def test_the_severity_of_excess_follows_what_it_can_do_and_keeps_the_identity(entitlement, phi, severity):
    clinic = holding(entitlement, through=["Clinicians"]).system("ehr", holds_phi=phi)
    finding = ask("excess", clinic).finding
    assert finding.severity is severity
    assert identity(finding) == identity(ask("excess", holding("patients/med:view", through=["Clinicians"])).finding)


def test_two_roles_allow_together_what_each_allows():
    assert ask("excess", holding("patients/med:view")).counts == (1, 0, 0)
    assert ask("excess", holding("patients/med:view", roles=("scheduler", "medical_scribe"))).counts == (0, 1, 0)


def test_an_entitlement_that_no_catalog_knows_is_neither_excess_nor_harmless():
    said = ask("excess", holding("custom/thing"))
    assert said.counts == (0, 0, 1)
    assert said.not_evaluated[0].reason == "no catalog says what custom/thing gives"


def test_known_excess_is_found_beside_what_no_catalog_knows_and_the_check_stays_unevaluated():
    said = ask("excess", holding("custom/thing", "patients/med:view"))
    assert (said.counts, said.population) == ((1, 0, 1), 1)


def test_a_disabled_account_holds_nothing():
    clinic = holding("admin/super").account("ehr", "asantos", status=Status.DISABLED)
    for rule in ("excess", "forbidden"):
        assert ask(rule, clinic).population == 0


def test_a_vma_on_leave_may_not_hold_more_than_the_role_either():
    assert ask("excess", holding("patients/med:view", on_leave=True)).counts == (1, 0, 0)


@pytest.mark.parametrize("when", [{"start": ahead(1)}, {"end": ago(1)}])
def test_who_has_not_started_or_has_left_is_judged_by_other_rules(when):
    for rule in ("excess", "forbidden", "missing", "separation-of-duties"):
        assert ask(rule, holding("admin/super", **when)).population == 0


def test_each_system_is_a_check_of_its_own():
    clinic = holding("patients/med:view").system("directory").account("directory", "ana", "ana")
    said = ask("excess", clinic)
    assert (said.counts, said.population) == ((1, 1, 0), 2)


# Forbidden


def test_what_no_vma_may_hold_is_critical_and_says_why():
    finding = ask("forbidden", holding("admin/users", through=["Administrators"])).finding
    assert finding.severity is Severity.CRITICAL
    assert finding.title == "Administrators lets Ana Santos do what no VMA may in OpenEMR"
    assert finding.expected == "never: user.admin"
    assert finding.remedy.startswith("today: in OpenEMR")
    assert "who can change rights can give any right to anybody" in finding.path[-1].text


def test_what_only_this_role_rules_out_is_not_said_of_every_vma():
    finding = ask("forbidden", holding("encounters/notes:addonly")).finding
    assert finding.title == "encounters/notes:addonly lets Ana Santos do what the role scheduler rules out in OpenEMR"
    assert "note.draft: scheduler.yaml line" in finding.path[-1].text


def test_what_is_forbidden_is_told_once_and_not_as_excess_too():
    clinic = holding("admin/acl")  # user.admin, which is forbidden, and nothing else
    assert ask("forbidden", clinic).counts == (1, 0, 0)
    assert ask("excess", clinic).counts == (0, 1, 0)


def test_a_role_that_one_of_two_roles_rules_out_may_be_held_when_the_other_needs_it():
    both = ("scheduler", "front_desk")
    assert ask("forbidden", holding("patients/demo:write", roles=both)).counts == (0, 1, 0)


def test_an_unknown_entitlement_could_be_forbidden_whatever_else_was_found():
    assert ask("forbidden", holding("custom/thing")).counts == (0, 0, 1)
    said = ask("forbidden", holding("custom/thing", "admin/users"))
    assert (said.counts, said.population) == ((1, 0, 1), 1)


def test_what_half_of_a_policy_document_plainly_allows_counts():
    document = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"},
        {"Effect": "Allow", "Action": "nosuchservice:Do", "Resource": "*"},
    ]}  # fmt: skip
    clinic = in_step().system("cloud").account("cloud", "ana", "ana")
    clinic.policy_document("ana", "inline", json.dumps(document))
    said = ask("forbidden", clinic)
    assert said.counts == (1, 1, 1)  # found in the cloud, satisfied in the EHR, and the cloud not evaluated whole
    assert "identity.admin" in said.finding.expected
    assert "action" in kinds(said.finding)


def test_a_practice_in_step_holds_nothing_forbidden():
    assert ask("forbidden", in_step()).counts == (0, 1, 0)


# Separation of duties


def test_two_duties_in_one_person_are_a_finding_that_names_both_halves():
    clinic = holding("acct/eob", through=["Accounting"]).grant("ehr", "asantos", "acct/disc", through=["Write-offs"])
    found = {f.what: f for f in ask("separation-of-duties", clinic).findings}
    assert set(found) == {"SOD-1"}
    assert "payment.post by Accounting in OpenEMR" in found["SOD-1"].observed
    assert "adjustment.write by Write-offs in OpenEMR" in found["SOD-1"].observed
    assert found["SOD-1"].severity is Severity.HIGH
    assert "another person compares postings with deposits" in found["SOD-1"].remedy
    assert kinds(found["SOD-1"])[0] == "vma"
    assert kinds(found["SOD-1"]).count("capability") == 2
    clinic.grant("ehr", "asantos", "patients/appt:view", through=["A first one that gives neither half"])
    (finding,) = ask("separation-of-duties", clinic).findings
    assert [step.text for step in finding.path] == [step.text for step in found["SOD-1"].path]


def test_duties_are_separate_only_when_they_are_over_all_systems():
    clinic = holding("acct/eob").system("old", title="Old EHR")
    clinic.account("old", "ana", "ana").grant("old", "ana", "acct/disc")
    assert [f.what for f in ask("separation-of-duties", clinic).findings] == ["SOD-1"]


def test_two_people_with_one_duty_each_are_satisfied():
    clinic = holding("acct/eob").vma("bea").account("ehr", "bea", "bea").grant("ehr", "bea", "acct/disc")
    assert ask("separation-of-duties", clinic).counts == (0, 2, 0)


def test_the_other_half_may_lie_in_what_was_not_read_or_is_not_known():
    unread = holding("acct/eob").system("cloud").unread("cloud")
    unknown = holding("acct/eob", "custom/thing")
    assert ask("separation-of-duties", unread).counts == (0, 0, 1)
    assert ask("separation-of-duties", unknown).counts == (0, 0, 1)
    assert "the other half" in ask("separation-of-duties", unknown).not_evaluated[0].reason


def test_duties_that_meet_in_what_was_read_meet_whatever_else_there_is():
    said = ask("separation-of-duties", holding("acct/eob", "acct/disc").system("cloud").unread("cloud"))
    assert (said.counts, said.population) == ((1, 0, 1), 1)


# Every rule of the family


def lacking(*held: str, **vma) -> Clinic:
    clinic = in_step(**vma)
    clinic.grants.clear()
    return clinic.grant("ehr", "asantos", *held, through=["Schedulers"]) if held else clinic


BROKEN = {
    "excess": lambda **vma: holding("patients/med:view", **vma),
    "forbidden": lambda **vma: holding("admin/acl", **vma),
    "missing": lambda **vma: lacking("patients/demo:view", **vma),
    "separation-of-duties": lambda **vma: holding("acct/eob", "acct/disc", **vma),
}


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize("type_", TYPES)
def test_the_citations_follow_the_engagement(rule, type_):
    agency, employment = TYPES[type_]
    finding = ask(rule, BROKEN[rule](agency=agency, employment=employment)).finding
    assert finding.citations == policy().citations.for_rule(rule, type_)
    assert ("164.504(e)(2)(i)" in cites(finding)) is (rule in ("excess", "forbidden") and type_ != "practice-workforce")


@pytest.mark.parametrize("rule", BROKEN)
def test_a_finding_about_access_keeps_its_identity_when_everything_is_renamed(rule):
    one, other = BROKEN[rule](), BROKEN[rule]()
    other.people["ana"] = replace(other.people["ana"], name=HOSTILE)
    other.system("ehr", title=HOSTILE)
    for key, entitlement in other.entitlements.items():
        other.entitlements[key] = replace(entitlement, name=f"{HOSTILE} {entitlement.name}")
    account = other.accounts["ehr", "asantos"]
    other.accounts["ehr", "asantos"] = replace(account, login=HOSTILE, name=HOSTILE)
    other.people["ana"] = replace(other.people["ana"], logins=(("ehr", HOSTILE),))
    before, after = ask(rule, one).finding, ask(rule, other).finding
    assert identity(before) == identity(after)
    assert HOSTILE in after.title
    assert len({identity(f) for f in other.judge().findings}) == len(other.judge().findings)


@pytest.mark.parametrize("rule", BROKEN)
def test_access_in_an_unread_system_is_never_satisfied_as_a_whole(rule):
    said = ask(rule, BROKEN[rule]().unread("ehr"))
    assert said.findings == ()
    assert said.satisfied == ()
    assert len(said.not_evaluated) == said.population == 1


def test_no_choice_of_native_names_makes_two_findings_one():
    clinic = in_step()
    for account, group in (("x|y", "z"), ("x", "y|z"), ("x\\", "y|z"), ("x\\|y", "z")):
        clinic.account("ehr", account, "ana").grant("ehr", account, "patients/med:view", through=[group])
    found = ask("excess", clinic).findings
    assert len({identity(f) for f in found}) == len(found) == 4


def test_a_shared_account_is_judged_by_the_role_of_each_user():
    clinic = holding("patients/med:view").vma("doc", roles=("medical_scribe", "scheduler"))
    clinic.people["doc"] = replace(clinic.people["doc"], logins=(("ehr", "asantos"),))
    assert [f.vma for f in ask("excess", clinic).findings] == ["ana"]


def test_a_boundary_gives_nothing_by_itself():
    clinic = in_step().system("cloud").account("cloud", "ana", "ana")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    clinic.entitlement("cloud", "limit", kind=EntitlementKind.BOUNDARY, document=json.dumps(everything))
    clinic.grant("cloud", "ana", "limit")
    assert ask("forbidden", clinic).counts == (0, 2, 0)


def test_which_system_might_give_the_other_half_is_told_where_one_was_not_read():
    (said,) = ask("separation-of-duties", in_step().system("directory").unread("directory")).not_evaluated
    assert said.reason == "directory was not read, and might give the other half"
