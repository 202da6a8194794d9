"""What is the same in every finding comes from the item and from the data beside the rule."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from policies.engine.case import Case
from policies.engine.evidence import account_subject, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Severity, Subject
from policies.engine.rule import Item, Reads
from policies.families import RuleData
from tests.builders import HOSTILE, Clinic, policy

WORDS = {"title": "{person} by {login} in {system}: {more}", "observed": "o", "expected": "e", "remedy": "r"}


class Short:
    """Short. Source: none."""

    id, title, question, reads = "no-mfa", "Short", "Is it short?", Reads.SYSTEM

    def items(self, case: Case):
        yield from ()

    def judge(self, case: Case, item: Item):
        yield from ()


def told(system: str = "ehr", person: str = "Ana", data: dict | None = None, **words: Any) -> Finding:
    clinic = Clinic(systems=("ehr", "directory")).vma("ana", name=person).account(system, "ana", "ana")
    case = clinic.case()
    said = {"severity": "high where there is PHI, else low", "finding": WORDS, "citations": {"all": ["x"]}} | (
        data or {}
    )
    case = replace(case, policy=replace(case.policy, rules={"no-mfa": RuleData.model_validate(said)}))
    key = next(iter(case.accounts))
    return finding(Short(), case, Item(account_subject(case, key), system, "ana", key), **words)


def test_the_item_says_who_and_where_and_the_data_say_what():
    found = told(more="x")
    assert found.title == "Ana by ana in OpenEMR: x"
    assert (found.observed, found.expected, found.remedy) == ("o", "e", "r")
    assert (found.subject.id, found.system, found.vma, found.what) == ("ehr:ana", "ehr", "ana", "")
    assert [step.kind for step in found.path] == ["vma", "account"]
    assert [c.id for c in found.citations] == ["164.312(d)"]


def test_the_severity_is_that_of_the_data_by_phi_unless_it_is_given():
    assert told(more="").severity is Severity.HIGH
    assert told("directory", more="").severity is Severity.LOW
    assert told("directory", data={"severity": "critical"}, more="").severity is Severity.CRITICAL
    for unclear in ("high or low", "high where there is PHI, else none", "High"):
        with pytest.raises(AssertionError, match="a severity of several kinds"):
            told(data={"severity": unclear}, more="")


def test_a_hostile_name_is_never_taken_for_a_place():
    found = told(person=f"{{more}} {HOSTILE}", more="{person}")
    assert found.title == f"{{more}} {HOSTILE} by ana in OpenEMR: {{person}}"


def test_a_text_that_is_given_stands_as_it_is():
    assert told(title="{login} {nothing}").title == "{login} {nothing}"


def test_a_place_or_a_text_that_nobody_gives_is_a_fault_that_names_rule_and_place():
    with pytest.raises(AssertionError, match="rule `no-mfa` has a place `more` in `title`"):
        told()
    with pytest.raises(AssertionError, match="rule `no-mfa` says nothing as `observed`"):
        told(data={"finding": {"title": "t"}})


def test_what_to_do_is_told_in_the_words_of_the_product():
    found = told(data={"finding": {**WORDS, "remedy": "{do:disable-account}; then ask"}}, more="")
    assert found.remedy.startswith("in OpenEMR: Admin > Users > ana")
    assert found.remedy.endswith("; then ask")


WAYS = {"finding": WORDS, "ways": {"late": {"severity": "low", "observed": "late, {more}"}, "never": {"title": "n"}}}


def test_a_way_has_its_own_words_and_severity_and_shares_the_others():
    late, never = told(data=WAYS, way="late", more="x"), told(data=WAYS, way="never", more="x")
    assert (late.severity, late.observed, late.title) == ("low", "late, x", "Ana by ana in OpenEMR: x")
    assert (never.severity, never.observed, never.title) == ("high", "o", "n")
    assert (late.expected, never.expected) == ("e", "e")


def test_a_way_that_the_data_do_not_know_is_a_fault_that_names_it():
    with pytest.raises(AssertionError, match="the data of rule `no-mfa` know no way `later`"):
        told(data=WAYS, way="later", more="x")


def test_the_severity_of_a_way_is_one_that_can_be_decided():
    with pytest.raises(ValidationError, match="severity"):
        told(data={"ways": {"late": {"severity": "low, or high"}}}, more="x")


def test_capabilities_and_roles_are_told_in_words_and_by_id():
    words = {**WORDS, "title": "{roles}", "observed": "can {can}", "expected": "never: {capabilities}"}
    found = told(data={"finding": words}, mask=policy().vocabulary.mask(["schedule.write", "note.sign"]))
    assert found.title == "scheduler"
    assert found.expected == "never: note.sign, schedule.write"
    assert found.observed == f"can {listing(policy().vocabulary.titles(policy().vocabulary.mask(['note.sign'])))}, " + (
        listing(policy().vocabulary.titles(policy().vocabulary.mask(["schedule.write"])))
    )


def test_what_to_do_names_what_is_given_and_the_account_that_it_is_about():
    data = {"finding": {**WORDS, "remedy": "today: {do:remove-entitlement}"}}
    assert told(data=data, more="", name="Back office").remedy.endswith("> User Memberships > ana > remove Back office")
    assert told(data=data, more="", name="Front", login="desk").remedy.endswith("> desk > remove Front")


@pytest.mark.parametrize("native", ["jdoe", "arn:aws:iam::1:user/a", "", "a:", ":"])
def test_what_is_of_a_system_says_which_system_and_its_native_id_whatever_stands_in_it(native):
    subject = Subject.within("account", ("ehr", native), "J. Doe")
    assert (subject.id, subject.key) == (f"ehr:{native}", ("ehr", native))
