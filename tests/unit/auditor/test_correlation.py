"""Whose is an account?"""

from datetime import timedelta

import pytest

from auditor.correlation import RULES, correlate
from auditor.settled import Settled
from connectors.facts import Account, Collection, Complete, Partial, Person, PersonKind, Status
from tests.builders import SYSTEMS, TODAY, noon

NOW = noon(TODAY)
ANA = Person("VMA-1", "Ana Santos", "ana.santos@harbor.example", PersonKind.VMA, (("ehr", "asantos"),))
BEA = Person("VMA-2", "Bea Lim", "bea.lim@harbor.example", PersonKind.VMA)
LEE = Person("S-1", "Dr. Lee", "lee@clinic.example", PersonKind.STAFF)


def owner(people=(ANA, BEA, LEE), rules=RULES, system="ehr", former=frozenset(), **fields):
    account = Account(system, "id-1", **{"login": "x", "name": "", "status": Status.ACTIVE, **fields})
    collection = Collection(SYSTEMS[system], "export", NOW, Complete(()), (account,))
    return correlate({system: collection}, people, rules, former)[system, "id-1"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"login": "asantos"}, "the roster or staff file names this log-in"),
        ({"login": "ASANTOS"}, "the roster or staff file names this log-in"),
        ({"employee_id": "vma-1"}, "the account carries the person's id"),
        ({"email": "Ana.Santos@Harbor.example"}, "the account has the person's e-mail address"),
        ({"login": "ana.santos"}, "the log-in is the person's e-mail address or its first part"),
        ({"login": "ana.santos@harbor.example"}, "the log-in is the person's e-mail address or its first part"),
        ({"name": "ana  SANTOS "}, "the account has the person's full name, which nobody else has"),
        ({"name": "Santos, Ana"}, "the account has the person's full name, which nobody else has"),
    ],
)
def test_an_account_belongs_to_whom_it_names_and_the_reason_is_told(fields, reason):
    found = owner(**fields)
    assert (found.people, found.kind, found.reason) == (("VMA-1",), PersonKind.VMA, reason)


def test_what_the_practice_states_goes_before_what_is_only_likely():
    assert owner(login="asantos", email="x@clinic.example", name=LEE.name).people == ("VMA-1",)


@pytest.mark.parametrize("fields", [{"email": BEA.email}, {"employee_id": "vma-2"}, {"email": LEE.email.upper()}])
def test_a_stated_login_and_an_address_or_id_of_somebody_else_contradict_each_other(fields):
    found = owner(login="asantos", **fields)
    assert (found.people, found.kind) == ((), None)
    assert found.reason.startswith("the roster and the account contradict each other: stated names VMA-1")


def test_nothing_contradicts_where_the_address_is_one_of_theirs_nobodys_or_not_asked():
    both = Person("VMA-2", "Bea Lim", BEA.email, PersonKind.VMA, (("ehr", "asantos"),))
    assert owner((ANA, both), login="asantos", email=BEA.email).people == ("VMA-1", "VMA-2")
    assert owner(login="asantos", email="desk@clinic.example").people == ("VMA-1",)
    assert owner(login="asantos", email=BEA.email, rules=("stated", "name")).people == ("VMA-1",)


@pytest.mark.parametrize(("made", "whose"), [(-40, ("VMA-1",)), (-10, ("VMA-1",)), (-9, ("VMA-1",)), (-8, ())])
def test_an_account_that_was_made_after_the_last_day_is_not_the_leavers_whom_the_roster_states(made, whose):
    account = Account("ehr", "id-1", "asantos", "", Status.ACTIVE, created=noon(TODAY + timedelta(days=made)))
    collection = Collection(SYSTEMS["ehr"], "export", NOW, Complete(()), (account,))
    last_days = {"VMA-1": TODAY - timedelta(days=10)}
    found = correlate({"ehr": collection}, (ANA, BEA), last_days=last_days)["ehr", "id-1"]
    assert found.people == whose
    assert correlate({"ehr": collection}, (ANA, BEA))["ehr", "id-1"].people == ("VMA-1",)


def test_what_somebody_said_is_not_theirs_contradicts_nothing():
    settled = Settled(not_theirs={("ehr", "id-1"): frozenset({"VMA-2"})})
    account = Account("ehr", "id-1", "asantos", "", Status.ACTIVE, email=BEA.email)
    collection = Collection(SYSTEMS["ehr"], "export", NOW, Complete(()), (account,))
    assert correlate({"ehr": collection}, (ANA, BEA), settled=settled)["ehr", "id-1"].people == ("VMA-1",)


@pytest.mark.parametrize("kind", [PersonKind.STAFF, PersonKind.VENDOR])
def test_a_stated_row_with_a_leavers_address_does_not_take_the_leavers_account(kind):
    other = Person("S-2", "Zoe Zed", BEA.email, kind, (("ehr", "blim"),))
    account = Account("ehr", "id-1", "blim", "Bea Lim", Status.ACTIVE, email=BEA.email)
    collection = Collection(SYSTEMS["ehr"], "export", NOW, Complete(()), (account,))
    left = correlate({"ehr": collection}, (BEA, other), last_days={"VMA-2": TODAY})["ehr", "id-1"]
    assert (left.people, left.kind) == ((), None)
    assert "stated names S-2, the account carries what is VMA-2's" in left.reason
    assert correlate({"ehr": collection}, (BEA, other))["ehr", "id-1"].people == ("S-2",)


def test_who_came_back_under_a_new_id_with_the_same_name_and_address_contradicts_nobody():
    back = Person("VMA-9", "Lim, Bea", BEA.email, PersonKind.VMA, (("ehr", "blim"),))
    account = Account("ehr", "id-1", "blim", "Bea Lim", Status.ACTIVE, email=BEA.email)
    collection = Collection(SYSTEMS["ehr"], "export", NOW, Complete(()), (account,))
    assert correlate({"ehr": collection}, (BEA, back), last_days={"VMA-2": TODAY})["ehr", "id-1"].people == ("VMA-9",)


def test_the_order_of_the_rules_is_the_practices_choice():
    assert owner(email=BEA.email, name=LEE.name).people == ("VMA-2",)
    assert owner(email=BEA.email, name=LEE.name, rules=("name", "email")).people == ("S-1",)
    assert owner(email=BEA.email, rules=("name",)).people == ()


def test_a_stated_login_counts_in_its_own_system_only():
    assert owner(login="asantos", system="cloud").people == ()


def test_an_account_that_names_nobody_is_nobodys():
    found = owner()
    assert (found.people, found.kind, found.reason) == ((), None, "no rule names an owner")


def test_a_name_that_two_people_have_decides_nothing_and_says_so():
    twin = Person("VMA-9", "Ana Santos", None, PersonKind.VMA)
    found = owner(people=(twin, ANA), name="Ana Santos")
    assert found.people == ()
    assert found.reason == "no rule names an owner: name fits VMA-1 and VMA-9"


def test_a_later_rule_may_decide_what_an_earlier_one_left_open():
    twin = Person("VMA-9", "Ann Other", ANA.email, PersonKind.VMA)
    assert owner(people=(ANA, twin), email=ANA.email, name="Ann Other").people == ("VMA-9",)


def test_a_login_that_the_practice_states_for_two_is_a_shared_account():
    both = Person("VMA-9", "Cy Tan", None, PersonKind.VMA, (("ehr", "asantos"),))
    assert owner(people=(both, ANA), login="asantos").people == ("VMA-1", "VMA-9")


def test_one_vma_among_several_users_makes_it_an_account_of_vmas():
    lee = Person("A-1", "Dr. Lee", None, PersonKind.STAFF, (("ehr", "asantos"),))
    assert owner(people=(lee, ANA), login="asantos").kind is PersonKind.VMA


def test_the_two_ways_to_write_an_accent_are_one_name():
    jose = Person("VMA-3", "Jos\u00e9 Ram\u00edrez", None, PersonKind.VMA)
    assert owner(people=(jose,), name="Jose\u0301 Rami\u0301rez").people == ("VMA-3",)


@pytest.mark.parametrize("nothing", ["", " ", "\t"])
def test_nothing_is_not_a_name_that_two_share(nothing):
    empty = Person("VMA-4", nothing, None, PersonKind.VMA)
    assert owner(people=(empty,), name=nothing, login="x", email="", employee_id="").people == ()


def test_a_person_without_an_address_is_not_found_by_an_account_without_one():
    nameless = Person("VMA-4", "Cy Tan", None, PersonKind.VMA)
    assert owner(people=(nameless,), email=None).people == ()


def test_accounts_that_were_not_read_have_no_owners():
    partial = Collection(SYSTEMS["ehr"], "export", NOW, Partial("no"), (Account("ehr", "1", "a", "", Status.ACTIVE),))
    assert correlate({"ehr": partial}, [ANA]) == {}


def test_the_order_of_the_people_changes_nothing():
    for fields in ({"login": "asantos"}, {"name": "Ana Santos"}, {"email": BEA.email}):
        assert owner(people=(ANA, BEA, LEE), **fields) == owner(people=(LEE, BEA, ANA), **fields)


def test_somebody_who_returned_under_a_new_id_owns_the_account_and_not_the_former_self():
    again = Person("VMA-9", ANA.name, ANA.email, PersonKind.VMA)
    assert owner((ANA, again), email=ANA.email).people == ()
    assert owner((ANA, again), former={"VMA-1"}, email=ANA.email).people == ("VMA-9",)
    # Who is only on an earlier roster still owns what nobody on the present one fits.
    assert owner((ANA,), former={"VMA-1"}, email=ANA.email).people == ("VMA-1",)


def test_whoever_is_on_the_roster_comes_before_somebody_of_the_same_name_who_is_no_longer():
    back = Person("VMA-9", "Ana Santos", None, PersonKind.VMA)
    assert owner(people=(ANA, back), name="Ana Santos", former={"VMA-1"}).people == ("VMA-9",)
    assert owner(people=(ANA, back), name="Ana Santos", former={"VMA-1", "VMA-9"}).people == ()
    assert owner(people=(ANA,), name="Ana Santos", former={"VMA-1"}).people == ("VMA-1",)


def test_whose_an_account_is_by_what_it_carries_is_named_where_the_roster_states_somebody_else():
    assert owner(login="asantos", email=BEA.email).reason.endswith("the account carries what is VMA-2's")
