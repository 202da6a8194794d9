"""Whom a rule asks and whom it is about follow from one word: who is wanted."""

import pytest

from policies.engine.answers import Asking, Kept
from policies.engine.bases import (
    EachAccount,
    EachAccountOutsideWork,
    EachEntitlement,
    EachLiveAccount,
    EachSystem,
    EachVma,
    EachVmaInSystem,
)
from policies.engine.rule import Individual, Reads
from tests.builders import Clinic, ago, ahead

BASES = (EachAccount, EachAccountOutsideWork, EachEntitlement, EachLiveAccount, EachSystem, EachVma, EachVmaInSystem)


def rule(base, **methods):
    """A rule of a base that keeps whatever it is asked."""
    return type("Example", (base,), {"id": "excess", "answer": lambda self, case, item: Kept(), **methods})()


@pytest.fixture
def case():
    clinic = (
        Clinic(systems=("ehr", "directory"))
        .vma("ana")
        .vma("bea", on_leave=True)
        .vma("gone", end=ago(1))
        .vma("new", start=ahead(1))
    )
    for vma in ("ana", "bea", "gone", "new"):
        clinic.account("ehr", vma, vma)
    return clinic.account("directory", "ana", "ana").account("ehr", "nobody").case()


def asked(rule, case):
    return {(item.subject.id, item.system, item.vma) for item in rule.items(case)}


@pytest.mark.parametrize(
    ("base", "told"),
    [
        (EachVma, {("ana", "", "ana"), ("bea", "", "bea")}),
        (EachVmaInSystem, {("ana", "directory", "ana"), ("ana", "ehr", "ana"), ("bea", "ehr", "bea")}),
        (EachAccount, {("directory:ana", "directory", "ana"), ("ehr:ana", "ehr", "ana"), ("ehr:bea", "ehr", "bea")}),
    ],
)
def test_whoever_is_active_is_asked(base, told, case):
    assert asked(rule(base), case) == told


def test_before_and_after_the_work_accounts_are_asked_of_whoever_is_wanted(case):
    left = rule(EachAccountOutsideWork, wanted=lambda self, case, e: e.end is not None)
    assert asked(left, case) == {("ehr:gone", "ehr", "gone")}
    assert len(asked(rule(EachAccountOutsideWork), case)) == 5


def test_each_live_account_is_asked_whoever_owns_it(case):
    everyone = asked(rule(EachLiveAccount), case)
    assert {vma for _, _, vma in everyone} == {""}
    assert ("ehr:nobody", "ehr", "") in everyone
    assert {vma for _, _, vma in asked(rule(EachLiveAccount, of_vmas=True), case)} == {"", "ana", "bea", "gone", "new"}
    only = rule(EachLiveAccount, wanted=lambda self, case, key: key[1] == "bea")
    assert {id_ for id_, _, _ in asked(only, case)} == {"ehr:bea"}


@pytest.mark.parametrize("base", [EachAccount, EachVmaInSystem])
def test_a_rule_is_about_whom_it_asks_and_nobody_else(base, case):
    """So nobody whose account is not settled passes by not being asked."""
    present = rule(base, wanted=lambda self, case, e: not e.on_leave, within=lambda self, case, s: s.id == "ehr")
    about = {
        (vma, system)
        for vma, engagement in case.engagements.items()
        for system, each in case.systems.items()
        if present.about(case, engagement, each)
    }
    assert about == {(vma, system) for _, system, vma in asked(present, case)} == {("ana", "ehr")}


def test_a_rule_by_the_papers_or_over_all_systems_weighs_itself_what_is_open(case):
    assert not rule(EachVma).about(case, case.engagements["ana"], case.systems["ehr"])


def test_a_system_that_was_not_read_whole_is_no_item(case):
    unread = Clinic().vma("ana").unread("ehr").case()
    assert "ehr" in {id_ for id_, _, _ in asked(rule(EachSystem), case)}
    assert "ehr" not in {id_ for id_, _, _ in asked(rule(EachSystem), unread)}
    phi = rule(EachSystem, wanted=lambda self, case, system: system.holds_phi)
    assert {id_ for id_, _, _ in asked(phi, unread)} == {id_ for id_, s in unread.systems.items() if s.holds_phi}


def test_each_entitlement_is_asked_once_in_order():
    clinic = Clinic().vma("ana").account("ehr", "ana", "ana")
    for id_ in ("b", "a"):
        clinic.entitlement("ehr", id_).grant("ehr", "ana", id_)
    items = list(rule(EachEntitlement).items(clinic.case()))
    assert [(item.subject.id, item.subject.key[1]) for item in items] == [("ehr:a", "a"), ("ehr:b", "b")]


@pytest.mark.parametrize("base", BASES)
def test_only_rules_about_people_and_accounts_are_asked_again_for_those_who_moved(base):
    assert issubclass(base, Individual) == (base not in (EachEntitlement, EachSystem))


@pytest.mark.parametrize("base", [Asking, EachVma])
def test_a_rule_that_looks_at_all_systems_or_none_says_so_itself(base):
    """What an unread system could change, nobody weighs by a default: a rule without `reads` is refused."""
    assert not hasattr(base, "reads")
    assert {each.reads for each in BASES if each is not base and each is not EachVma} == {Reads.SYSTEM}
