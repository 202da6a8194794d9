"""What people have stated of whose accounts are."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.correlation import correlate
from auditor.gates.rests_on import rests_on
from auditor.gates.subject import SubjectFacts
from auditor.ledger.statements import Statement, StatementKind, parse
from auditor.settled import NOT_THEIRS, THEIRS, looks, settle
from connectors.facts import Account, Collection, Complete, Partial, Person, PersonKind, Status
from policies.engine.evaluate import judge
from tests.builders import SYSTEMS, TODAY, Clinic, ago, noon

ACCOUNT = Account("ehr", "17", "dcalloway", "Calloway, Denise M", Status.ACTIVE)
DENISE = Person("V5", "Denise Calloway", None, PersonKind.VMA)
DANA = Person("S1", "Dana Ortiz", None, PersonKind.STAFF, (("ehr", "dcalloway"),))


def read(account: Account = ACCOUNT) -> dict[str, Collection]:
    return {"ehr": Collection(SYSTEMS["ehr"], "export", noon(TODAY), Complete(()), (account,))}


def said(topic: str, about: str = "V5", **fields: Any) -> Statement:
    plain = {"account": "ehr:17", "login": "dcalloway", "looks": looks(ACCOUNT), "recorded_at": noon(ago(3))}
    return Statement(
        "lakeside",
        StatementKind.CONFIRMATION,
        about,
        topic,
        "Dr. Kim",
        ago(3),
        **{**plain, **fields},  # type: ignore[arg-type]
    )


def owner(*statements: Statement, people: tuple[Person, ...] = (DENISE,), account: Account = ACCOUNT):
    settled = settle(statements, TODAY, read(account), people)
    return correlate(read(account), people, settled=settled)["ehr", "17"]


def test_what_somebody_confirmed_makes_the_owner_and_tells_who_said_so_and_when():
    statement = said(THEIRS)
    found = owner(statement)
    assert (found.people, found.kind) == (("V5",), PersonKind.VMA)
    assert found.reason == f"Dr. Kim stated on {ago(3)} that it is theirs ({statement.id})"


def test_it_holds_for_the_account_whatever_it_is_called_later_and_not_for_another():
    renamed = replace(ACCOUNT, login="dbrown", name="Brown, Denise")
    assert owner(said(THEIRS), account=renamed).people == ("V5",)
    assert owner(said(THEIRS, account="ehr:18")).people == ()
    assert owner(said(THEIRS, account="cloud:17")).people == ()


def test_that_it_is_not_theirs_holds_only_while_the_account_looks_the_same():
    assert settle([said(NOT_THEIRS)], TODAY, read(), (DENISE, DANA)).not_theirs == {("ehr", "17"): frozenset({"V5"})}
    for change in ({"name": "Denise Calloway"}, {"login": "dc"}, {"email": "d@x.example"}, {"employee_id": "V5"}):
        assert settle([said(NOT_THEIRS)], TODAY, read(replace(ACCOUNT, **change)), (DENISE, DANA)).not_theirs == {}
    assert settle([said(NOT_THEIRS)], TODAY, read(replace(ACCOUNT, status=Status.LOCKED)), (DENISE, DANA)).not_theirs


def test_what_is_not_theirs_is_theirs_by_no_rule_but_by_the_roster():
    exact = replace(ACCOUNT, name="Denise Calloway")
    denied = said(NOT_THEIRS, looks=looks(exact))
    assert owner(account=exact).people == ("V5",)
    assert owner(denied, account=exact).people == ()
    stated = replace(DENISE, logins=(("ehr", "dcalloway"),))
    assert owner(denied, people=(stated,), account=exact).people == ("V5",)


def test_an_answer_rests_on_a_word_only_while_the_account_looks_as_it_did_when_it_was_given():
    clinic = Clinic().vma("V5", "Denise Calloway", end=ago(30))
    for login, rests in (("dcalloway", 1), ("dc", 0)):
        case = clinic.account("ehr", login, id_="17", name=ACCOUNT.name).case()
        facts = SubjectFacts(case, judge(case), "V5", (said(NOT_THEIRS),), None)
        assert len(rests_on(facts)) == rests


TWO: dict[str, Any] = {"reason": "both use it at the front desk, seen today", "requested_by": "Helen Brandt"}


def test_whom_the_roster_states_shares_the_account_with_whom_two_people_confirmed():
    assert owner(said(THEIRS), people=(DENISE, DANA)).people == ("S1",)
    found = owner(said(THEIRS, **TWO), people=(DENISE, DANA))
    assert (found.people, found.kind) == (("S1", "V5"), PersonKind.VMA)
    assert owner(said(THEIRS), said(THEIRS, "S1"), people=(DENISE, replace(DANA, logins=()))).people == ("S1", "V5")


HERS = replace(ACCOUNT, email="Denise+ehr@agency.example")
ADDRESSED = replace(DENISE, email="denise@agency.example")


@pytest.mark.parametrize(
    ("account", "people"),
    [
        (HERS, (ADDRESSED, DANA)),
        (replace(ACCOUNT, employee_id="v5"), (DENISE, DANA)),
        (replace(ACCOUNT, login="denise@agency.example"), (ADDRESSED, DANA)),
        (replace(ACCOUNT, login="V-5"), (DENISE, DANA)),
        (ACCOUNT, (replace(DENISE, logins=(("ehr", "DCALLOWAY"),)), DANA)),
    ],
)
@pytest.mark.parametrize("topic", [THEIRS, NOT_THEIRS])
def test_what_identifies_somebody_is_outweighed_by_two_people_with_a_reason_and_by_nobody_alone(account, people, topic):
    """`theirs` of another, or `not theirs` of whom the account identifies, is what makes a leaver seem gone."""
    people = tuple(replace(p, logins=()) if p.id == "S1" else p for p in people)
    about = "S1" if topic == THEIRS else "V5"

    def counts(**fields: Any) -> bool:
        found = settle([said(topic, about, looks=looks(account), **fields)], TODAY, read(account), people)
        return bool(found.theirs or found.not_theirs)

    assert counts(**TWO)
    assert not counts()
    assert not counts(reason=TWO["reason"])
    assert not counts(reason="ok", requested_by="Helen Brandt")
    assert not counts(**{**TWO, "requested_by": "KIM, Dr."})


def test_an_address_that_both_have_speaks_against_neither():
    shared = (ADDRESSED, replace(DANA, email="denise@agency.example", logins=()))
    assert settle([said(THEIRS, "S1", looks=looks(HERS))], TODAY, read(HERS), shared).theirs


def test_the_newest_word_counts_and_a_withdrawn_one_does_not():
    later = {"recorded_at": noon(ago(2))}
    assert owner(said(THEIRS), replace(said(NOT_THEIRS, **later), on=ago(2))).people == ()
    assert owner(said(NOT_THEIRS), replace(said(THEIRS, **later), on=ago(2))).people == ("V5",)
    first = said(THEIRS)
    withdrawn = Statement("lakeside", StatementKind.WITHDRAWAL, first.id, "", "Dr. Kim", ago(1), **later)
    assert owner(first, withdrawn).people == ()
    assert settle([first], ago(4), read(), (DENISE, DANA)).theirs == {}


def test_nothing_is_settled_of_nobody_known_and_of_a_system_that_was_not_read():
    assert owner(said(THEIRS, "V99")).people == ()
    partial = {"ehr": replace(read()["ehr"], completeness=Partial("no"))}
    assert settle([said(THEIRS)], TODAY, partial, (DENISE, DANA)).theirs == {}


def test_a_confirmation_is_read_back_as_it_was_written_and_the_bytes_of_other_statements_are_as_before():
    statement = said(THEIRS)
    assert parse(statement.body()) == statement
    other = Statement("p", StatementKind.ATTESTATION, "V5", "training", "D", ago(3), recorded_at=noon(ago(3)))
    assert b"looks" not in other.body()
    assert b"account" not in other.body()
