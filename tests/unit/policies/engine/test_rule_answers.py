"""What a rule answers becomes outcomes: nothing is lost, and nobody is satisfied by silence."""

from datetime import date

import pytest

from policies.engine.answers import Asking, Broken, Kept, Unknown, gathered, outcomes
from policies.engine.evaluate import ask
from policies.engine.evidence import vma_subject
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied, Severity
from policies.engine.rule import Item, Reads
from tests.builders import in_step

DAY = date(2026, 12, 1)
WORDS = {"halves": "do both", "conflict": "-", "where": "-", "remedy": "-"}


class Answering(Asking):
    """A rule that says of Ana whatever a test wants. Source: none."""

    id = "separation-of-duties"
    reads = Reads.SYSTEM
    title = "-"
    question = "-"

    def __init__(self, *said):
        self.said = said

    def items(self, case):
        yield Item(vma_subject(case, "ana"), "ehr", "ana")

    def answer(self, case, item):
        return self.said[0] if len(self.said) == 1 else iter(self.said)


def broken(way="", **given):
    return Broken(way, severity=Severity.LOW, **{**WORDS, **given})


def said(*answers):
    return ask(Answering(*answers), in_step().case())


def kinds(*answers):
    return [type(outcome) for outcome in said(*answers).outcomes]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([Kept()], [Satisfied]),
        ([Unknown("a")], [NotEvaluated]),
        ([broken()], [Finding]),
        ([broken(), Kept()], [Finding]),
        ([Kept(), broken()], [Finding]),
        ([Unknown("a"), Kept()], [NotEvaluated]),
        ([broken(), Unknown("a"), broken(what="x"), Kept()], [Finding, NotEvaluated, Finding]),
    ],
)
def test_it_holds_only_where_nothing_else_is_said(answers, told):
    assert kinds(*answers) == told


def test_the_day_until_which_it_holds_is_told():
    (outcome,) = said(Kept(DAY)).outcomes
    assert outcome.until == DAY
    assert (outcome.subject.id, outcome.system) == ("ana", "ehr")


@pytest.mark.parametrize("silent", [(), ((),)])
def test_a_rule_that_says_nothing_is_a_fault_and_no_pass(silent):
    with pytest.raises(AssertionError, match="said nothing"):
        ask(Answering(*silent), in_step().case())


def test_reasons_are_told_once_each_in_their_order():
    (outcome,) = said(Unknown("b", "a", "b")).outcomes
    assert outcome.reason == "b; a"


def test_answers_about_many_things_are_one_reason_and_no_pass_beside_it():
    many = [Unknown("a"), broken(), Unknown("b"), Unknown("a")]
    assert list(gathered(many, DAY)) == [many[1], Unknown("a", "b")]
    assert list(gathered([broken()], DAY))[1:] == [Kept(DAY)]
    assert list(gathered([], DAY)) == [Kept(DAY)]


def test_what_is_not_given_is_the_items_own():
    (found,) = said(broken(what="x", since=DAY)).outcomes
    assert found.title == "Ana Santos alone can do both"
    assert (found.rule, found.what, found.since) == ("separation-of-duties", "x", DAY)
    assert (found.vma, found.system, found.severity, found.expected) == ("ana", "ehr", "low", "two people")


def test_another_vma_may_be_concerned_than_the_items():
    clinic = in_step().vma("bea", "Bea Lim")
    case, rule = clinic.case(), Answering()
    item = Item(vma_subject(case, "ana"), "ehr")
    (found,) = outcomes(rule, case, item, broken(vma="bea"))
    assert (found.vma, found.subject.id) == ("bea", "ana")
    assert found.title == "Bea Lim alone can do both"


def test_a_text_that_is_given_twice_is_the_one_given_by_name():
    assert Broken(words={"title": "a", "expected": "b"}, title="c").words == {"title": "c", "expected": "b"}
