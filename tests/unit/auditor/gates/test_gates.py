"""The gate of whoever comes: who may start."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.gates.checklist import GateAnswer, load_checklist
from auditor.gates.grants import what_to_grant
from auditor.gates.leaver_checks import CHECKS as OFFBOARDING_CHECKS
from auditor.gates.onboard import CHECKS as ONBOARDING_CHECKS
from auditor.gates.onboard import onboard
from auditor.gates.transfer import TransferOutcome, transfer
from auditor.ledger.statements import Statement, StatementKind
from connectors.errors import AuditorError
from connectors.facts import Employment, Status
from policies.engine.rule import all_rules
from tests.builders import SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, in_step, noon, policy
from tests.unit.auditor.gates.gate_answers import ALL, TOPICS, answers, approved, facts, gate


def test_every_item_names_rules_and_checks_that_exist_and_a_source():
    rules = {rule.id for rule in all_rules()}
    for name, checks in (("onboarding", ONBOARDING_CHECKS), ("offboarding", OFFBOARDING_CHECKS)):
        items = load_checklist(name).items
        assert len({item.id for item in items}) == len(items)
        assert {rule for item in items for rule in item.rules} <= rules
        assert {item.check for item in items if item.check} == set(checks)
        assert all(item.source for item in items)


def test_a_vma_with_everything_in_place_is_ready():
    result = gate(in_step(), [*ALL, *approved("ehr: Schedulers")], audited=TODAY)
    assert [a for a in result.items if a.answer is not GateAnswer.PASSED] == []
    assert result.ready


@pytest.mark.parametrize("topic", TOPICS["onboarding"])
def test_what_no_machine_sees_needs_a_persons_word(topic):
    others = [s for s in ALL if s.topic != topic]
    result = gate(in_step(), [*others, *approved("ehr: Schedulers")])
    (missing,) = result.missing
    assert missing.answer is GateAnswer.NEEDS_A_WORD
    assert missing.todo == (f"auditor attest ana {topic} --by …",)


def test_a_word_that_expired_or_was_withdrawn_or_is_about_somebody_else_does_not_count():
    said = next(s for s in ALL if s.topic == "training")
    rest = [*(s for s in ALL if s is not said), *approved("ehr: Schedulers")]
    withdrawal = Statement("lakeside", StatementKind.WITHDRAWAL, said.id, "", "Dr. Kim", TODAY, recorded_at=noon(TODAY))
    for words in ([replace(said, expires=ago(1))], [replace(said, about="ben")], [said, withdrawal]):
        assert [a.item.id for a in gate(in_step(), [*rest, *words]).missing] == ["training"]


def test_access_that_nobody_approved_is_missing_and_the_command_names_what_to_approve():
    (missing,) = gate(in_step(), ALL).missing
    assert missing.item.id == "approval"
    assert missing.todo[0].startswith("auditor approve ana 'ehr: ")


def test_somebody_who_starts_later_is_asked_for_the_first_day():
    clinic = in_step(start=ahead(10))
    clinic.agreements = [replace(a, end=ahead(5)) for a in clinic.agreements]
    result = gate(clinic, [*ALL, *approved("ehr: Schedulers")])
    assert result.day == ahead(10)
    assert answers(result)["agreement"] is GateAnswer.FAILED
    assert answers(result)["template"] is GateAnswer.NOT_DUE


def test_without_an_account_it_says_in_which_system_and_exactly_what_to_grant():
    clinic = in_step().vma("eve", "Eve", start=ahead(3))
    case = clinic.case()
    result = onboard(case, lambda then: facts(then, [], "eve"), "eve")
    accounts = next(a for a in result.items if a.item.id == "accounts")
    assert accounts.answer is GateAnswer.FAILED
    assert "make an account and grant Schedulers" in accounts.todo[0]
    given = result.grants.advice
    assert not given.excess
    assert given.covers & case.template("eve").requires


def test_a_system_that_was_not_read_is_never_a_pass():
    result = gate(in_step().unread("ehr"), [*ALL, *approved("ehr: Schedulers")])
    assert answers(result)["accounts"] is GateAnswer.CANNOT_TELL
    assert answers(result)["mfa"] is GateAnswer.CANNOT_TELL
    assert not result.ready


def test_nobody_on_the_roster_and_somebody_who_left_are_no_newcomers():
    with pytest.raises(AuditorError, match="no VMA `zoe`"):
        onboard(in_step().case(), lambda then: facts(then, []), "zoe")
    with pytest.raises(AuditorError, match="left on"):
        gate(in_step(end=ago(1)), [])


def test_a_product_that_gives_rights_by_groups_is_never_told_to_give_a_single_right():
    clinic = in_step().vma("eve", start=ahead(3), roles=("front_desk",)).entitlement("ehr", "patients/demo:write")
    grants = what_to_grant(clinic.case(today=ahead(3)), "eve")
    assert {c.name for chosen in grants.by_system.values() for c in chosen} == {"Schedulers"}
    assert "demographics.write" in policy().vocabulary.names(grants.nowhere)


def test_where_only_a_group_that_gives_too_much_is_there_the_finer_group_to_make_is_named():
    clinic = in_step().vma("eve", start=ahead(3), roles=("scheduler",))
    clinic.grants.clear()
    clinic.grant(
        "ehr", "asantos", "patients/appt:write", "patients/demo:view", "acct/bill:view", through=["Everything"]
    )
    grants = what_to_grant(clinic.case(today=ahead(3)), "eve")
    assert [c.name for c in grants.by_system["ehr"]] == ["Everything"]
    assert grants.advice.excess
    assert [c.name for c in grants.finer["ehr"]] == ["patients/appt:write", "patients/demo:view"]


# ---- the practice's own people ----


def of_the_practice(**fields: Any) -> Clinic:
    """A scheduler whom the practice engages itself; there is no agreement at all."""
    clinic = in_step(agency=None, **fields)
    clinic.agreements.clear()
    return clinic


def test_an_employee_of_the_practice_can_be_ready_and_is_told_why_no_agreement_is_needed():
    result = gate(of_the_practice(), [*ALL, *approved("ehr: Schedulers")], audited=TODAY)
    (agreement,) = (a for a in result.items if a.item.id == "agreement")
    assert agreement.answer is GateAnswer.PASSED
    assert "no agreement is needed" in agreement.evidence[0]
    assert "45 CFR 160.103" in agreement.evidence[0]
    assert result.ready


def test_a_contractor_of_the_practice_needs_an_agreement_and_an_employee_with_a_system_unread_is_not_ready():
    contractor = gate(of_the_practice(employment=Employment.CONTRACTOR), [*ALL, *approved("ehr: Schedulers")])
    assert answers(contractor)["agreement"] is GateAnswer.FAILED
    unread = gate(of_the_practice().unread("ehr"), [*ALL, *approved("ehr: Schedulers")])
    assert answers(unread)["agreement"] is GateAnswer.PASSED
    assert not unread.ready


def test_nobody_is_ready_and_gets_a_second_account_while_one_could_be_theirs():
    clinic = in_step().account("ehr", "asantos2", name="Santos, Ana M")
    result = gate(clinic, [*ALL, *approved("ehr: Schedulers")])
    said = {a.item.id: a for a in result.items}
    assert not result.ready
    for item in ("accounts", "mfa", "agreement"):
        assert said[item].answer is GateAnswer.CANNOT_TELL
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos").account("ehr", "asantos2", name="Santos, Ana M")
    clinic.grant("ehr", "asantos2", *SCHEDULER_NEEDS, through=["Schedulers"])
    (accounts,) = (a for a in gate(clinic, ALL).items if a.item.id == "accounts")
    assert (accounts.answer, accounts.todo) == (
        GateAnswer.CANNOT_TELL,
        ("`auditor confirm ana ehr:asantos2 --is-theirs --by …`, or `--is-not-theirs`",),
    )


def test_a_log_in_that_the_roster_states_and_that_is_still_to_be_made_is_an_account_to_make():
    clinic = in_step().vma("bea", "Bea Lim", start=ahead(3))
    clinic.people["bea"] = replace(clinic.people["bea"], logins=(("ehr", "blim"),))
    case = clinic.case()
    result = onboard(case, lambda then: facts(then, [], "bea"), "bea")
    (accounts,) = (a for a in result.items if a.item.id == "accounts")
    assert accounts.answer is GateAnswer.FAILED
    assert accounts.todo[0].startswith("in OpenEMR, make an account")


def test_a_change_of_role_is_unproven_while_an_account_could_be_theirs():
    clinic = in_step().account("ehr", "asantos2", name="Santos, Ana M")
    clinic.earlier_roles["ana"] = ("billing",)
    assert transfer(clinic.case(), "ana", (), ()).outcome is TransferOutcome.UNPROVEN
    clinic.accounts["ehr", "asantos2"] = replace(clinic.accounts["ehr", "asantos2"], status=Status.DISABLED)
    assert transfer(clinic.case(), "ana", (), ()).outcome is TransferOutcome.DONE


def test_what_rules_say_of_somebody_else_or_what_other_rules_say_is_no_answer():
    clinic = in_step().vma("ben", "Ben Cruz").account("ehr", "bcruz", "ben", mfa=False)
    clinic.account("ehr", "asantos", "ana", last_login=noon(ago(200)))
    ana = facts(clinic.case(), [])
    assert ana.by_rules(["no-mfa"])[0] is GateAnswer.PASSED
    assert ana.by_rules(["dormant-account"])[0] is GateAnswer.FAILED
    assert ana.by_rules(["no-such-rule"])[0] is GateAnswer.CANNOT_TELL
    assert facts(clinic.case(), [], "ben").by_rules(["no-mfa"])[0] is GateAnswer.FAILED


def test_what_was_approved_for_somebody_else_is_not_approved():
    others = [replace(one, about="ben") for one in approved("ehr: Schedulers")]
    (missing,) = gate(in_step(), [*ALL, *others]).missing
    assert missing.item.id == "approval"


def test_who_has_everything_is_not_ready_while_another_account_could_be_theirs():
    clinic = in_step().account("ehr", "q7", name="Santos, Ana M")
    (accounts,) = (a for a in gate(clinic, [*ALL, *approved("ehr: Schedulers")]).items if a.item.id == "accounts")
    assert accounts.answer is GateAnswer.CANNOT_TELL
    assert "`q7` in OpenEMR may be Ana Santos's" in accounts.evidence[0]
    assert "auditor confirm ana ehr:q7 --is-theirs" in accounts.todo[0]


def test_who_has_everything_needs_nothing_of_what_no_catalog_knows():
    clinic = in_step().system("directory").person("lee").account("directory", "lee", "lee")
    clinic.grant("directory", "lee", "CN=Own,DC=clinic,DC=example")
    assert what_to_grant(clinic.case(), "ana").unclassified == {"directory": 1}
    assert answers(gate(clinic, [*ALL, *approved("ehr: Schedulers")]))["accounts"] is GateAnswer.PASSED
