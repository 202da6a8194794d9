"""What changed since the audit before, and which change has a cause."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest

from auditor.drift.change import Change
from auditor.drift.compare import DriftResult, drift
from auditor.headcount.events import EventKind
from auditor.reporting.changes import change_text
from connectors.facts import Complete, Evidence, Status
from policies.engine.case import Case
from tests.builders import TODAY, Clinic, ago, in_step, policy
from tests.workmaps import mapped, one_task

THEN = ago(30)


def then(**vma) -> Clinic:
    """The audit before: one scheduler in step."""
    clinic = in_step(**vma)
    clinic.today = THEN
    return clinic


def now(before: Clinic) -> Clinic:
    """The same practice today, to be changed."""
    clinic = deepcopy(before)
    clinic.today = TODAY
    return clinic


def compare(before: Clinic, after: Clinic) -> DriftResult:
    return drift(before.snapshot(), before.today, after.case())


def told(before: Clinic, after: Clinic) -> list[tuple[str, str, str]]:
    """Kind, what, and the event that explains each change."""
    return [
        (c.kind.value, c.assignment or c.login, c.cause.kind.value if c.cause else "unexplained")
        for c in compare(before, after).changes
    ]


def names(change: Change) -> tuple[str, ...]:
    return policy().vocabulary.names(change.mask or 0)


def test_nothing_changed_is_no_drift():
    result = compare(then(), now(then()))
    assert (result.events, result.changes, dict(result.not_read)) == ((), (), {})


def test_whoever_is_known_from_an_earlier_roster_only_has_left_without_a_row():
    after = now(then()).vma("ana", "Ana Santos", end=ago(10))  # the last day on which an audit saw her
    after.former.add("ana")
    (left,) = compare(then(), after).events
    assert (left.kind, left.vma, left.detail) == (EventKind.LEFT, "ana", "no longer on the roster, without an end date")


# Joined


def test_a_new_vmas_account_and_fitting_grants_are_explained_by_joining():
    after = now(then()).vma("bea", start=ago(3)).account("ehr", "blim", "bea")
    after.grant("ehr", "blim", "patients/appt:write", through=["Schedulers"])
    assert told(then(), after) == [("account came", "blim", "joined"), ("grant came", "Schedulers", "joined")]


def test_a_grant_beyond_the_role_is_not_explained_by_joining():
    after = now(then()).vma("bea", start=ago(3)).account("ehr", "blim", "bea")
    after.grant("ehr", "blim", "patients/med:write", through=["Clinicians"])
    assert told(then(), after)[1] == ("grant came", "Clinicians", "unexplained")


def test_a_grant_that_no_catalog_can_read_is_not_explained_by_anything():
    after = now(then()).vma("bea", start=ago(3)).account("ehr", "blim", "bea").grant("ehr", "blim", "custom/thing")
    result = compare(then(), after)
    assert told(then(), after)[1] == ("grant came", "custom/thing", "unexplained")
    assert result.changes[1].mask is None


def test_one_vmas_joining_does_not_explain_what_another_got():
    after = now(then()).vma("bea", start=ago(3)).grant("ehr", "asantos", "patients/appt:view")
    assert told(then(), after) == [("grant came", "patients/appt:view", "unexplained")]


def test_an_account_of_nobody_has_no_cause():
    result = compare(then(), now(then()).account("ehr", "ghost"))
    assert [(c.login, c.people, c.cause) for c in result.changes] == [("ghost", (), None)]


# Left


def gone(clinic: Clinic, login: str) -> Clinic:
    """Take an account and its grants away."""
    clinic.accounts = {key: a for key, a in clinic.accounts.items() if key[1] != login}
    clinic.grants = [(system, g) for system, g in clinic.grants if g.account != login]
    return clinic


def test_a_leavers_account_that_stops_working_is_explained():
    after = now(then())
    after.engagements["ana"] = replace(after.engagements["ana"], end=ago(3))
    after.account("ehr", "asantos", status=Status.DISABLED)
    assert told(then(), after) == [("account stopped working", "asantos", "left")]


def test_a_leavers_account_that_vanished_with_its_grants_is_explained():
    after = gone(now(then()), "asantos").account("ehr", "other", "ana")
    after.engagements["ana"] = replace(after.engagements["ana"], end=ago(3))
    assert told(then(), after) == [
        ("account went", "asantos", "left"),
        ("account came", "other", "unexplained"),  # leaving calls for no new account
        ("grant went", "Schedulers", "left"),
    ]


def test_an_account_that_vanished_without_anybody_leaving_is_unexplained():
    before = then().vma("bea").account("ehr", "blim", "bea")
    assert told(before, gone(now(before), "blim")) == [("account went", "blim", "unexplained")]


@pytest.mark.parametrize("why", ["base", "filter"])
def test_an_account_that_a_read_of_a_part_no_longer_shows_is_not_said_to_be_lost(why):
    before = then().vma("bea").account("ehr", "blim", "bea")
    after = gone(now(before), "blim")
    (change,) = compare(before, after).changes
    case = after.case()
    assert change_text(case, change) == "blim (Bea) lost the account in OpenEMR"
    part = replace(case.collections["ehr"], completeness=Complete((Evidence(why, "only a part"),)))
    case = replace(case, collections={**case.collections, "ehr": part})
    told_ = "blim (Bea) is no longer shown in OpenEMR, which is not to say that it is gone: only a part"
    assert change_text(case, change) == told_


def test_whoever_may_only_have_fallen_out_of_the_roster_is_told_with_that():
    case = now(then()).case()
    case = replace(case, former=frozenset({"ana"}), periods=(), roster_part="the roster is of whoever is found by (x)")
    before = then()
    (left,) = (e for e in drift(before.snapshot(), before.today, case).events if e.vma == "ana")
    assert (left.kind.value, left.detail.endswith("; the roster is of whoever is found by (x)")) == ("left", True)
    (plain,) = (e for e in drift(before.snapshot(), before.today, replace(case, roster_part="")).events)
    assert "the roster is of" not in plain.detail


# Role, leave, place


def with_role(clinic: Clinic, *roles: str) -> Clinic:
    clinic.engagements["ana"] = replace(clinic.engagements["ana"], roles=roles)
    return clinic


def test_a_change_of_role_explains_what_the_new_role_needs_and_what_it_does_not():
    after = with_role(now(then()), "billing")
    after.grants.clear()
    after.grant("ehr", "asantos", "acct/bill:view", "patients/demo:view", through=["Billing"])
    assert told(then(), after) == [
        ("grant came", "Billing", "role-changed"),
        ("grant went", "Schedulers", "role-changed"),  # it held schedule.write, which billing may not hold
    ]


def test_a_change_of_role_does_not_explain_a_grant_that_the_new_role_may_not_hold():
    after = with_role(now(then()), "billing").grant("ehr", "asantos", "admin/users", through=["Administrators"])
    assert told(then(), after) == [("grant came", "Administrators", "unexplained")]


def test_a_change_of_role_does_not_explain_the_loss_of_what_the_new_role_needs():
    before = then().grant("ehr", "asantos", "patients/demo:view", through=["Reading"])
    after = with_role(now(before), "billing")
    after.grants = [(s, g) for s, g in after.grants if g.assignment != "Reading"]
    assert told(before, after) == [("grant went", "Reading", "unexplained")]


def test_a_change_of_role_explains_exactly_the_difference_of_the_two_templates():
    both = "patients/demo:view"  # scheduler and front desk require it alike
    after = with_role(now(then()), "front_desk")
    after.grant("ehr", "asantos", both, through=["Reading"]).grant("ehr", "asantos", "patients/demo:write")
    assert told(then(), after) == [
        ("grant came", "Reading", "unexplained"),  # it was fitting before the change as well
        ("grant came", "patients/demo:write", "role-changed"),
    ]


def test_what_comes_with_an_account_that_the_new_role_called_for_only_needs_to_fit():
    before = then().system("directory").vma("zoe").account("directory", "zoe", "zoe")
    after = with_role(now(before), "front_desk").account("directory", "asantos", "ana")
    after.entitlement("directory", "Domain Users", aliases=("S-1-5-21-1-2-3-513",)).grant(
        "directory", "asantos", "Domain Users"
    )
    assert [cause for _, _, cause in told(before, after)] == ["role-changed", "role-changed"]


def test_a_template_that_was_changed_explains_exactly_what_it_changed_for_everybody_with_the_role():
    before, after = then(), now(then())
    after.grant("ehr", "asantos", "patients/demo:view", through=["Reading"])
    assert told(before, after) == [("grant came", "Reading", "unexplained")]
    old = before.snapshot()
    template = old.policy.templates["scheduler"]
    lacks = {"demographics.read", "coverage.read"}
    template = replace(
        template,
        requires=tuple(name for name in template.requires if name not in lacks),
        allows=tuple(name for name in template.allows if name not in lacks),
    )
    old = replace(old, policy=replace(old.policy, templates={**old.policy.templates, "scheduler": template}))
    result = drift(old, THEN, after.case())
    (event,) = result.events
    assert (event.kind.value, event.about) == ("template-changed", "scheduler")
    assert event.detail == "allows +coverage.read, +demographics.read; requires +demographics.read"
    assert [c.cause for c in result.changes] == [event]


def scoped(*locations: str) -> Clinic:
    clinic = then()
    clinic.engagements["ana"] = replace(clinic.engagements["ana"], locations=locations)
    return clinic


SCOPED = "scoped: [{system: ehr, entitlement: Hillcrest, locations: [Hillcrest]}]\nlocations: [Hillcrest]\n"


def with_map(clinic: Clinic) -> Case:
    return mapped(clinic.person("boss"), one_task(top=SCOPED))


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (("Lakeside",), ("Lakeside", "Hillcrest"), "scope-changed"),
        (("Lakeside",), ("Lakeside",), "unexplained"),
        (("Lakeside",), ("Elsewhere",), "unexplained"),
    ],
)
def test_another_place_of_work_explains_just_what_the_work_map_ties_to_the_place(old, new, cause):
    before, after = scoped(*old), now(scoped(*new)).grant("ehr", "asantos", "patients/appt:view", through=["Hillcrest"])
    (change,) = drift(before.snapshot(), THEN, with_map(after)).changes
    assert (change.cause.kind.value if change.cause else "unexplained") == cause
    (back,) = drift(after.snapshot(), THEN, with_map(now(before))).changes
    assert (back.cause.kind.value if back.cause else "unexplained") == cause


def test_a_leave_explains_that_the_account_stops_and_a_return_that_it_works_again():
    working, resting = then(), then(on_leave=True).account("ehr", "asantos", status=Status.DISABLED)
    assert told(working, now(resting)) == [("account stopped working", "asantos", "on-leave")]
    assert told(resting, now(working)) == [("account works again", "asantos", "returned")]


def test_neither_leave_nor_return_explains_a_grant():
    more = then().grant("ehr", "asantos", "patients/appt:view")
    resting = then(on_leave=True)
    assert told(more, now(resting)) == [("grant went", "patients/appt:view", "unexplained")]
    assert told(resting, now(more)) == [("grant came", "patients/appt:view", "unexplained")]


@pytest.mark.parametrize("change", [{"locations": ("Hillcrest",)}, {"hours": 10.0}, {"agency": "Other Inc"}])
def test_another_place_time_or_agency_explains_no_access(change):
    after = now(then()).grant("ehr", "asantos", "patients/appt:view")
    after.engagements["ana"] = replace(after.engagements["ana"], **change)
    assert told(then(), after) == [("grant came", "patients/appt:view", "unexplained")]


# What an assignment brings


def test_a_group_that_brings_more_than_before_is_a_change_of_everybody_who_holds_it():
    before = then().vma("bea").account("ehr", "blim", "bea")
    before.grant("ehr", "blim", "patients/appt:view", through=["Schedulers"])
    after = now(before)
    for login in ("asantos", "blim"):
        after.grant("ehr", login, "admin/users", through=["Schedulers"])
    result = compare(before, after)
    assert [(c.login, c.assignment) for c in result.changes] == [
        ("asantos", "admin/users through Schedulers"),
        ("blim", "admin/users through Schedulers"),
    ]
    assert names(result.changes[0]) == ("audit.read", "user.admin")
    assert {c.cause for c in result.changes} == {None}


def test_a_group_that_brings_less_than_before_is_a_change_too():
    after = now(then())
    after.grants = [(s, g) for s, g in after.grants if g.entitlement != "patients/demo:view"]
    assert told(then(), after) == [("grant went", "patients/demo:view through Schedulers", "unexplained")]


def test_the_same_right_by_another_chain_of_groups_is_no_change():
    after = now(then())
    after.grants = [(s, replace(g, path=("Schedulers", "Inner"))) for s, g in after.grants]
    after.entitlement("ehr", "Inner")
    assert told(then(), after) == []


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def in_the_cloud(text: str) -> Clinic:
    return then().system("cloud").account("cloud", "ana", "ana").policy_document("ana", "Reports", text)


def test_a_policy_whose_document_was_rewritten_is_a_change_although_nobody_was_given_anything():
    before = in_the_cloud(document("s3:GetObject"))
    after = now(in_the_cloud(document("s3:GetObject", "iam:CreateUser")))
    (change,) = compare(before, after).changes
    assert (change.kind.value, change.assignment) == ("grant came", "another document of Reports")
    assert "identity.admin" in names(change)
    (back,) = compare(in_the_cloud(document("s3:GetObject", "iam:CreateUser")), now(before)).changes
    assert back.kind.value == "grant went"


def test_a_document_that_says_the_same_in_other_words_is_no_change():
    before, after = in_the_cloud(document("s3:GetObject")), in_the_cloud(document("s3:getobject"))
    assert compare(before, now(after)).changes == ()


def test_a_document_that_can_no_longer_be_read_might_give_anything():
    after = now(in_the_cloud(document("nosuchservice:Do")))
    (change,) = compare(in_the_cloud(document("s3:GetObject")), after).changes
    assert (change.kind.value, change.mask, change.cause) == ("grant came", None, None)


# Systems


def test_a_system_that_was_not_read_has_no_changes_and_nobody_in_it_is_gone():
    result = compare(then(), now(then()).unread("ehr"))
    assert result.changes == ()
    assert result.not_read["ehr"].reason == "it did not answer"


def test_a_system_that_is_audited_for_the_first_time_has_no_changes():
    after = now(then()).system("old", title="Old EHR").account("old", "ana", "ana").grant("old", "ana", "admin/super")
    assert compare(then(), after).changes == ()


def test_an_account_that_is_only_renamed_is_no_change():
    def clinic(login):
        return Clinic(today=THEN).agreement("BAA-1").vma("ana").account("ehr", login, "ana", id_="uuid-1")

    assert compare(clinic("asantos"), now(clinic("acruz"))).changes == ()


def test_a_new_account_under_an_old_name_is_another_account():
    def clinic(id_):
        return Clinic(today=THEN).agreement("BAA-1").vma("ana").account("ehr", "asantos", "ana", id_=id_)

    kinds = [kind for kind, _, _ in told(clinic("uuid-1"), now(clinic("uuid-2")))]
    assert sorted(kinds) == ["account came", "account went"]


def test_an_account_that_was_locked_by_failed_attempts_has_not_stopped_working():
    after = now(then()).account("ehr", "asantos", status=Status.LOCKED)
    assert compare(then(), after).changes == ()


def test_every_change_has_at_most_one_cause_even_when_several_events_would_do():
    after = with_role(now(then(on_leave=True)), "front_desk").grant("ehr", "asantos", "patients/demo:write")
    after.engagements["ana"] = replace(after.engagements["ana"], on_leave=False)
    result = compare(then(on_leave=True), after)
    assert [e.kind.value for e in result.events] == ["role-changed", "returned"]
    assert result.changes[0].cause is result.events[0]


def test_the_order_of_the_facts_changes_nothing():
    after = now(then()).vma("bea", start=ago(3)).account("ehr", "blim", "bea").account("ehr", "ghost")
    after.grant("ehr", "blim", "patients/appt:write", "patients/demo:view", through=["Schedulers"])
    backwards = deepcopy(after)
    backwards.grants.reverse()
    backwards.accounts = dict(reversed(backwards.accounts.items()))
    backwards.engagements = dict(reversed(backwards.engagements.items()))
    assert compare(then(), after) == compare(then(), backwards)


def test_the_membership_itself_that_comes_to_what_a_group_had_brought_is_told_by_its_name_once():
    before = then().grant("ehr", "asantos", "patients/med:view", through=["Clinicians"])
    after = now(before).grant("ehr", "asantos", "Clinicians")
    assert [what for _, what, _ in told(before, after)] == ["Clinicians"]
