"""What people hold is compared with the work that the map gives them."""

from dataclasses import replace
from datetime import timedelta

from connectors.facts import PersonKind, Status
from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.incremental import reevaluate
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, ahead, in_step, noon
from tests.workmaps import asked, mapped, one_task


def clinic(**vma):
    return in_step(**vma).person("boss", "Laura Pettersen")


def test_an_owner_who_can_do_the_work_is_satisfied_and_one_who_cannot_is_told_what_is_lacking():
    assert asked("owner-lacks-capability", mapped(clinic(), one_task())).counts == (0, 1, 0)
    finding = asked("owner-lacks-capability", mapped(clinic(), one_task("message.send"))).finding
    assert finding.title == "Ana Santos cannot do the work that is theirs: Book visits"
    assert "write messages to patients" in finding.observed
    assert finding.severity == "medium"
    assert [step.kind for step in finding.path] == ["vma", "work", "capability"]


def test_an_owner_whose_role_rules_the_work_out_is_not_given_the_access():
    assert (
        "give the work to somebody of another role"
        in asked("owner-lacks-capability", mapped(clinic(), one_task("claim.submit"))).finding.remedy
    )


def test_a_backup_who_cannot_do_the_work_matters_less_and_staff_are_asked_too():
    case = mapped(clinic(), one_task(more=", backup: boss"))
    finding = asked("owner-lacks-capability", case).finding
    assert (finding.subject.kind, finding.subject.id, finding.severity, finding.vma) == ("staff", "boss", "low", None)


def test_the_backup_does_the_work_until_then_only_where_there_is_one_who_can():
    def remedy(practice, more=""):
        findings = asked("owner-lacks-capability", mapped(practice, one_task("reminder.read", more=more))).findings
        return next(f.remedy for f in findings if f.vma == "ana")

    nobody = "until then no backup is known to be able to do: Book visits"
    assert nobody in remedy(clinic())
    assert nobody in remedy(clinic(), ", backup: boss")  # holds nothing
    able = clinic().account("ehr", "boss", "boss").grant("ehr", "boss", "patients/reminder:view")
    assert "until then the backup does the work" in remedy(able, ", backup: boss")


def test_an_unread_system_might_hold_what_an_owner_lacks():
    case = mapped(clinic().system("directory").unread("directory"), one_task("message.send"))
    assert asked("owner-lacks-capability", case).counts == (0, 0, 1)


def test_without_a_work_map_the_rules_about_work_ask_nobody():
    case = clinic().case()
    for rule in ("owner-lacks-capability", "outside-lane", "outside-scope", "few-administrators"):
        assert asked(rule, case).counts == (0, 0, 0)


def more(*entitlements):
    return clinic().grant("ehr", "asantos", *entitlements)


def test_what_the_role_allows_and_the_own_work_does_not_need_is_outside_of_the_lane():
    case = mapped(more("patients/reminder:view"), one_task())
    assert asked("excess", case).findings == (), "the role allows it"
    finding = asked("outside-lane", case).finding
    assert finding.what == "asantos|patients/reminder:view"
    assert finding.severity == "low"


def test_what_the_work_needs_or_the_role_requires_is_inside_of_the_lane():
    assert asked("outside-lane", mapped(more("patients/reminder:view"), one_task("reminder.read"))).counts == (0, 1, 0)
    assert asked("outside-lane", mapped(clinic(), one_task("task.read"))).counts == (0, 1, 0)


def test_what_comes_along_with_something_needed_is_no_finding_because_it_cannot_be_taken_away_by_itself():
    case = mapped(clinic().grant("ehr", "asantos", "patients/reminder:view", through=["Schedulers"]), one_task())
    assert asked("outside-lane", case).counts == (0, 1, 0)


def test_a_vma_without_work_in_the_map_has_no_lane_to_judge_by():
    case = mapped(clinic().vma("bob", "Bob").account("ehr", "bob", "bob"), one_task(owner="ana"))
    assert asked("outside-lane", case).counts == (0, 1, 1)


SCOPED = "scoped: [{system: ehr, entitlement: Schedulers, locations: [Hillcrest]}]\nlocations: [Hillcrest, Lakeside]\n"


def test_access_to_another_location_is_outside_of_the_scope():
    finding = asked("outside-scope", mapped(clinic(locations=("Lakeside",)), one_task(top=SCOPED))).finding
    assert finding.observed == "it is for Hillcrest; the VMA works at Lakeside"
    assert finding.system == "ehr"


def test_access_to_an_own_location_is_in_scope_and_a_roster_without_locations_cannot_tell():
    assert asked("outside-scope", mapped(clinic(locations=("Lakeside", "Hillcrest")), one_task(top=SCOPED))).counts == (
        0,
        1,
        0,
    )
    assert asked("outside-scope", mapped(clinic(), one_task(top=SCOPED))).counts == (0, 0, 1)


def test_what_a_group_brings_is_taken_out_of_the_group_and_not_the_group_from_the_vma():
    scoped = SCOPED.replace("Schedulers", "patients/appt:write")
    finding = asked("outside-scope", mapped(clinic(locations=("Lakeside",)), one_task(top=scoped))).finding
    assert finding.remedy.startswith("Schedulers brings patients/appt:write: take it out of Schedulers")


PROVIDERS = "providers: [Dr. Lee, Dr. Kim]\nscoped: [{system: ehr, entitlement: Schedulers, providers: [Dr. Kim]}]\n"


def test_access_to_another_providers_patients_is_outside_of_the_scope():
    case = mapped(clinic(), one_task(more=", providers: [Dr. Lee]", top=PROVIDERS))
    assert asked("outside-scope", case).finding.observed == "it is for patients of Dr. Kim; the VMA works for Dr. Lee"
    for providers in (", providers: [Dr. Lee, Dr. Kim]", ""):
        assert asked("outside-scope", mapped(clinic(), one_task(more=providers, top=PROVIDERS))).counts == (0, 1, 0)


def two_in_one_role():
    return clinic().vma("bob", "Bob Reyes")


def test_a_shared_log_in_is_likely_where_a_colleague_has_what_somebody_lacks():
    finding = asked("fewer-accounts-than-people", two_in_one_role().case()).finding
    assert finding.title == "2 people work as scheduler with 1 account in OpenEMR: a shared log-in is likely"
    assert (finding.system, finding.what) == ("ehr", "scheduler")


def test_enough_accounts_are_enough_until_the_next_day_on_which_somebody_begins_or_has_ended_in_the_role():
    (said,) = asked("fewer-accounts-than-people", clinic().vma("bob", start=ahead(9)).case()).satisfied
    assert said.until == ahead(9)
    (said,) = asked(
        "fewer-accounts-than-people", clinic().vma("bob", "", ("billing",), start=ahead(9)).case()
    ).satisfied
    assert said.until is None


def test_two_people_with_one_account_are_fewer_accounts_than_people():
    shared = two_in_one_role()
    shared.people["bob"] = replace(shared.people["bob"], logins=(("ehr", "asantos"),))
    assert asked("fewer-accounts-than-people", shared.case()).counts == (1, 0, 0)


def test_who_has_what_the_role_requires_elsewhere_or_is_on_leave_needs_no_account():
    elsewhere = two_in_one_role().system("ehr2").account("ehr2", "bob", "bob").grant("ehr2", "bob", *SCHEDULER_NEEDS)
    assert asked("fewer-accounts-than-people", elsewhere.case()).counts == (0, 2, 0)
    assert asked("fewer-accounts-than-people", clinic().vma("bob", on_leave=True).case()).counts == (0, 1, 0)
    assert asked("fewer-accounts-than-people", two_in_one_role().account("ehr", "bob", "bob").case()).counts == (
        0,
        1,
        0,
    )


def test_a_hire_who_has_no_account_yet_is_no_shared_log_in_until_the_days_for_a_first_sign_in_are_over():
    days = clinic().case().template("ana").controls.first_login_within_days
    hired = clinic().vma("bob", "Bob Reyes", start=ago(2))
    (said,) = asked("fewer-accounts-than-people", hired.case()).satisfied
    assert said.until == ago(2) + timedelta(days=days)
    late = clinic().vma("bob", "Bob Reyes", start=ago(days))
    assert asked("fewer-accounts-than-people", late.case()).counts == (1, 0, 0)
    had = hired.account("ehr", "breyes", "bob", status=Status.DISABLED)  # who had one does not wait for the first
    assert asked("fewer-accounts-than-people", had.case()).counts == (1, 0, 0)


def test_an_account_that_could_be_somebodys_might_be_the_one_that_seems_to_lack():
    perhaps = two_in_one_role().account("ehr", "q7", name="Reyes, Bob M").grant("ehr", "q7", *SCHEDULER_NEEDS)
    (said,) = asked("fewer-accounts-than-people", perhaps.case()).not_evaluated
    assert "`q7` in OpenEMR may be Bob Reyes's" in said.reason


def test_an_unread_system_might_give_what_somebody_seems_to_lack():
    unread = two_in_one_role().system("directory").unread("directory")
    assert asked("fewer-accounts-than-people", unread.case()).counts == (0, 0, 2), "the role, and the unread system"


SIGNING = {"copy": ("Signing", "Schedulers"), "source": ("Signing", "Schedulers")}
"""A right that is for nobody's role, and one that Ana needs."""


def copied(
    *, source_roles=("billing",), copy=("Accounting", "Schedulers"), source=("Accounting", "Schedulers"), **fields
):
    found = Clinic().vma("ana", "Ana Santos").vma("bob", "Bob Reyes", source_roles)
    found.account("ehr", "asantos", "ana", created=fields.get("made")).account("ehr", "breyes", "bob", created=None)
    for login, groups in (("asantos", copy), ("breyes", source)):
        for group in groups:
            found.grant("ehr", login, CARRIED[group], through=[group])
    return found


CARRIED = {
    "Accounting": "acct/eob:write",
    "Schedulers": "patients/appt:write",
    "Alerts": "patients/reminder:view",
    "Transactions": "patients/trans:view",
    "Notes": "patients/notes:addonly",
    "Labs": "patients/lab:view",
    "Signing": "patients/sign:write",
}


def of_ana(clinic):
    return [f for f in asked("cloned-access", clinic.case()).findings if f.vma == "ana"]


def test_a_copy_of_an_account_of_another_lane_is_told_with_its_overlap_and_what_it_inherits():
    (finding,) = of_ana(copied(**SIGNING))
    assert finding.title == "asantos of Ana Santos in OpenEMR looks like a copy of breyes, with 1 extra"
    assert finding.observed == (
        "2 of 2 the same (100% alike): Schedulers, Signing; not for scheduler: Signing; "
        "breyes is Bob Reyes's (billing); for a copy speaks that Signing is for the role of neither"
    )
    assert finding.what == "asantos"


def test_the_same_few_rights_of_two_jobs_are_no_copy():
    """Bob needs Accounting for billing, and Ana has it too: an excess of hers, whoever gave it."""
    assert not of_ana(copied())
    assert not of_ana(copied(made=noon(ago(3))))
    three = ("Accounting", "Schedulers", "Transactions")
    assert not of_ana(copied(source_roles=("billing", "referral_coordinator"), copy=three, source=three))


def test_a_facility_or_a_label_that_gives_nothing_makes_nobody_alike():
    clinic = copied(copy=("Signing",), source=("Signing",))
    for login in ("asantos", "breyes"):
        for place in ("North", "South", "East"):
            clinic.grant("ehr", login, "placeholder/filler", through=[place])
    assert not of_ana(clinic)


def test_many_that_are_the_same_speak_for_a_copy_where_the_other_account_was_first():
    five = ("Accounting", "Schedulers", "Transactions", "Notes", "Labs")
    roles = ("billing", "referral_coordinator", "front_desk", "prior_authorization")
    clinic = copied(source_roles=roles, copy=five, source=five, made=noon(ago(10)))
    assert not of_ana(clinic), "nothing says which was first"
    clinic.accounts["ehr", "breyes"] = replace(clinic.accounts["ehr", "breyes"], created=noon(ago(300)))
    (finding,) = of_ana(clinic)
    assert f"breyes was made before it ({ago(300)}, then {ago(10)})" in finding.observed
    four = copied(source_roles=roles, copy=five[:-1], source=five[:-1], made=noon(ago(10)))
    four.accounts["ehr", "breyes"] = replace(four.accounts["ehr", "breyes"], created=noon(ago(300)))
    assert not of_ana(four), "too few to be no chance, whichever was first"


def test_whose_account_is_a_copy_is_asked_again_when_the_other_goes_into_another_lane():
    def among_others(lane: str) -> Case:
        clinic = copied(source_roles=(lane,), **SIGNING).agreement("BAA-1")
        for number in range(6):
            clinic.vma(f"v{number}").account("ehr", f"v{number}", f"v{number}")
        return clinic.case()

    before, after = among_others("scheduler"), among_others("billing")
    again = reevaluate(before, judge(before), after)
    assert {f.vma for f in again.findings if f.rule == "cloned-access"} == {"ana", "bob"}
    assert again == judge(after)


def test_what_is_no_copy():
    assert not of_ana(copied(source_roles=("scheduler",), **SIGNING)), "the same lane: there the extra is an excess"
    assert not of_ana(copied(copy=SIGNING["copy"], source=("Signing",))), "one group in common may be chance"
    assert not of_ana(copied(copy=SIGNING["copy"], source=("Signing", "Alerts"))), "half the same is not a copy"
    assert not of_ana(copied(copy=("Schedulers", "Alerts"), source=("Schedulers", "Alerts"))), "nothing inherited"


def test_a_younger_account_is_not_what_an_older_one_was_copied_from():
    older, younger = noon(ago(300)), noon(ago(10))
    clinic = copied(made=younger, **SIGNING)
    assert of_ana(clinic), "the system does not say when the other was made"
    clinic.accounts["ehr", "breyes"] = replace(clinic.accounts["ehr", "breyes"], created=older)
    assert of_ana(clinic)
    clinic.accounts["ehr", "asantos"] = replace(clinic.accounts["ehr", "asantos"], created=older)
    clinic.accounts["ehr", "breyes"] = replace(clinic.accounts["ehr", "breyes"], created=younger)
    assert not of_ana(clinic)


def service(owner):
    found = clinic().person("svc", "Fax ingest", PersonKind.SERVICE).account("ehr", "fax", "svc")
    found.people["svc"] = replace(found.people["svc"], owner=owner)
    return found


def test_a_service_account_needs_an_owner_who_is_still_there():
    assert asked("owner-gone", service("boss").case()).counts == (0, 1, 0)
    assert asked("owner-gone", service("laura pettersen").case()).counts == (0, 1, 0), "named, not by id"
    assert asked("owner-gone", service(None).case()).finding.title == "nobody answers for account fax in OpenEMR"
    gone = asked("owner-gone", service("STF-99").case()).finding
    assert (
        gone.title == "STF-99, who answers for account fax in OpenEMR, is neither on the roster nor in the staff file"
    )
    left = asked("owner-gone", service("bob").vma("bob", "Bob Reyes", end=ago(3)).case()).finding
    assert left.title == f"Bob Reyes, who answers for account fax in OpenEMR, left on {ago(3)}"


def test_groups_keys_and_agreements_of_somebody_who_has_left_are_findings_of_their_own():
    owners = (
        "owners: [{agreement: BAA-1, owner: gone}, {system: ehr, group: Schedulers, owner: gone}, "
        "{system: ehr, key: fax, owner: boss}]\nleft: {gone: {name: Beth Nakamura, last_day: 2026-03-13}}\n"
    )
    said = asked("owner-gone", mapped(service("STF-99"), one_task(top=owners)))
    assert [f.title for f in said.findings] == [
        "Beth Nakamura, who answers for group Schedulers in OpenEMR, left on 2026-03-13",
        "Beth Nakamura, who answers for agreement BAA-1, left on 2026-03-13",
    ]
    assert said.counts == (2, 1, 0), "the work map's owner of the key stands for that of the staff file"


def admins(count, kind=PersonKind.STAFF):
    found = clinic()
    for n in range(count):
        found.person(f"adm{n}", f"Admin {n}", kind).account("ehr", f"adm{n}", f"adm{n}").grant(
            "ehr", f"adm{n}", "admin/super:write"
        )
    return found


def test_a_system_with_one_administrator_is_a_finding_and_with_two_is_not():
    assert asked("few-administrators", mapped(admins(1), one_task())).finding.title == (
        "only one person can administer OpenEMR"
    )
    assert asked("few-administrators", mapped(admins(2), one_task())).counts == (0, 1, 0)
    assert asked("few-administrators", mapped(admins(2), one_task(top="limits: {administrators: 3}\n"))).counts == (
        1,
        0,
        0,
    )


def test_services_and_vmas_are_no_administrators_and_an_unread_right_might_make_one():
    assert asked("few-administrators", mapped(admins(2, PersonKind.SERVICE), one_task())).counts == (1, 0, 0)
    vma = clinic().grant("ehr", "asantos", "admin/super:write")
    assert asked("few-administrators", mapped(vma, one_task())).finding.observed == (
        "no staff or vendor has an account that can"
    )
    unknown = admins(1).grant("ehr", "adm0", "odd/thing:write")
    assert asked("few-administrators", mapped(unknown, one_task())).counts == (0, 0, 1)


def test_only_systems_whose_access_the_map_ties_are_asked_about_scope():
    two = clinic(locations=("Lakeside",)).system("directory").account("directory", "ana", "ana")
    assert asked("outside-scope", mapped(two, one_task(top=SCOPED))).counts == (1, 0, 0)


def test_what_the_map_ties_and_the_vma_does_not_hold_accuses_nobody():
    scoped = SCOPED.replace("Schedulers", "Front desk")
    assert asked("outside-scope", mapped(clinic(locations=("Lakeside",)), one_task(top=scoped))).counts == (0, 1, 0)


def test_whoever_is_on_leave_has_no_lane_today():
    assert asked("outside-lane", mapped(clinic(on_leave=True), one_task())).counts == (0, 0, 0)


def test_while_an_account_could_be_theirs_whether_they_are_in_scope_is_not_known_where_the_map_ties_access():
    unsure = clinic(locations=("Lakeside", "Hillcrest")).account("ehr", "q7", name="Santos, Ana M")
    unsure.system("directory").account("directory", "q8", name="Santos, Ana M")
    said = asked("outside-scope", mapped(unsure, one_task(top=SCOPED)))
    assert ([s.system for s in said.not_evaluated], said.satisfied) == (["ehr"], ())


def test_who_lacks_something_and_has_an_account_works_with_nobody_elses():
    lacking = two_in_one_role().account("ehr", "bob", "bob").vma("cy", "Cy Young", start=ago(1))  # not at work yet
    assert asked("fewer-accounts-than-people", lacking.case()).counts == (0, 1, 0)


def test_an_account_that_could_be_somebodys_is_not_the_second_one_that_is_lacking():
    shared = clinic().vma("bob", "Bob Reyes").vma("cy", "Cy Young")
    shared.people["bob"] = replace(shared.people["bob"], logins=(("ehr", "asantos"),))
    shared.account("ehr", "q7", name="Young, Cyrus M").grant("ehr", "q7", *SCHEDULER_NEEDS)
    assert asked("fewer-accounts-than-people", shared.case()).counts == (1, 0, 0)
