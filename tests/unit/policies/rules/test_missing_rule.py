"""Does a VMA hold what the role requires, and what should be given otherwise?"""

from connectors.facts import Status
from policies.engine.case import EvaluationScope
from policies.engine.outcomes import Severity
from policies.rules.privilege import Missing
from tests.builders import Clinic, ask, in_step, kinds


def lacking(*held: str, **vma) -> Clinic:
    clinic = in_step(**vma)
    clinic.grants.clear()
    return clinic.grant("ehr", "asantos", *held, through=["Schedulers"]) if held else clinic


def test_access_that_the_role_requires_and_the_vma_lacks_is_a_finding():
    finding = ask("missing", lacking("patients/demo:view")).finding
    assert finding.observed == "cannot see the schedule, book and change appointments; has live accounts in OpenEMR"
    assert finding.severity is Severity.LOW
    assert kinds(finding) == ["vma", "capability", "template"]
    assert "schedule.read: scheduler.yaml line" in finding.path[-1].text


def test_access_in_any_system_counts_for_the_role():
    clinic = lacking("patients/demo:view").system("old", title="Old EHR")
    clinic.account("old", "ana", "ana").grant("old", "ana", "patients/appt:write", through=["Schedulers"])
    assert ask("missing", clinic).counts == (0, 1, 0)


def test_a_vma_on_leave_needs_no_access():
    assert ask("missing", lacking(on_leave=True)).population == 0


def test_a_vma_without_any_account_lacks_everything():
    clinic = Clinic().agreement("BAA-1").vma("ana").account("ehr", "other")
    finding = ask("missing", clinic).finding
    assert finding.observed.endswith("has live accounts in no system at all")


def test_an_unread_system_might_give_what_is_missing():
    clinic = lacking("patients/demo:view").system("cloud").unread("cloud")
    said = ask("missing", clinic)
    assert said.counts == (0, 0, 1)
    assert "cloud was not read" in said.not_evaluated[0].reason


def test_an_unread_system_cannot_take_away_what_is_there():
    assert ask("missing", in_step().system("cloud").unread("cloud")).counts == (0, 1, 0)


def test_an_unknown_entitlement_might_give_what_is_missing():
    said = ask("missing", lacking("patients/demo:view", "custom/thing"))
    assert said.counts == (0, 0, 1)
    assert "custom/thing" in said.not_evaluated[0].reason


def colleague(clinic: Clinic, *assignments: tuple[str, ...]) -> Clinic:
    """Somebody of the staff who holds things that could be given to a VMA as well."""
    clinic.person("lee").account("ehr", "lee", "lee")
    for group, *objects in assignments:
        clinic.grant("ehr", "lee", *objects, through=[group])
    return clinic


def test_the_advice_names_the_group_that_gives_most_with_no_excess():
    clinic = colleague(
        lacking("patients/demo:view"),
        ("Appointments", "patients/appt:write"),
        ("Half", "patients/appt:view"),
        ("Clinicians", "patients/appt:write", "patients/med:write"),
        ("Administrators", "patients/appt:write", "admin/users"),
    )
    remedy = ask("missing", clinic).finding.remedy
    assert remedy == "in OpenEMR: Admin > ACL > User Memberships > asantos > add Appointments"


def test_the_advice_says_what_is_still_missing_and_what_would_be_too_much():
    clinic = colleague(lacking("patients/demo:view"), ("Clinicians", "patients/appt:view", "patients/med:view"))
    remedy = ask("missing", clinic).finding.remedy
    assert remedy.endswith(
        "add Clinicians; it also gives problem.read, which the role does not allow; then still missing: schedule.write"
    )


def test_the_advice_never_offers_what_breaks_another_rule():
    forbidden = colleague(lacking("patients/demo:view"), ("Administrators", "patients/appt:write", "admin/users"))
    assert "create a finer one" in ask("missing", forbidden).finding.remedy


def test_the_advice_never_joins_two_duties_that_are_to_be_separate():
    front = ("Front", "patients/demo:write")
    biller = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", ("billing",)).account("ehr", "asantos", "ana")
    assert "add Front" in ask("missing", colleague(biller, front)).finding.remedy
    biller.grant("ehr", "asantos", "acct/eob")  # who posts payments must not make patients
    assert "create a finer one" in ask("missing", biller).finding.remedy


def test_the_advice_to_a_vma_without_an_account_is_to_create_one():
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos")
    colleague(clinic, ("Schedulers", "patients/appt:write", "patients/demo:view"))
    assert ask("missing", clinic).finding.remedy == (
        "create an account for Ana Santos in OpenEMR, and give it Schedulers"
    )


def test_what_only_an_account_of_unknown_state_gives_is_neither_there_nor_missing():
    clinic = in_step().account("ehr", "asantos", status=Status.UNKNOWN)
    (said,) = ask("missing", clinic).not_evaluated
    assert said.reason == "what gives it may not work: no source says whether asantos in OpenEMR does"
    beside = clinic.account("ehr", "ana2", "ana").grant("ehr", "ana2", "patients/appt:write", "patients/demo:view")
    assert ask("missing", beside).counts == (0, 1, 0)
    less = lacking("patients/demo:view").account("ehr", "asantos", status=Status.UNKNOWN)
    assert ask("missing", less).counts == (1, 0, 0)  # whatever its state, it does not give the schedule


def test_anybodys_advice_may_be_another_when_what_can_be_given_is():
    before = colleague(lacking("patients/demo:view"))
    after = colleague(lacking("patients/demo:view"), ("Appointments", "patients/appt:write"))
    nobody = EvaluationScope(frozenset(), frozenset())
    assert Missing().peers(before.case(), before.case(), nobody) == ()
    assert Missing().peers(before.case(), after.case(), nobody) is None


def test_what_one_of_the_accounts_gives_whose_names_cannot_be_compared_might_be_what_is_missing():
    clinic = Clinic().agreement("BAA-1").vma("ana", "田中花子")
    clinic.account("ehr", "q1", name="Hanako Tanaka").account("ehr", "q2", name="Pia Cruz")
    assert ask("missing", clinic).counts == (1, 0, 0)
    assert ask("missing", clinic.grant("ehr", "q2", "patients/appt:write")).counts == (0, 0, 1)
