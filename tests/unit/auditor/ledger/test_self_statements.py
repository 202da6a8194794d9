"""Nobody states for themselves what somebody else has to have seen."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.ledger.persons import same_person
from auditor.ledger.statements import Statement, StatementKind
from auditor.ledger.witnesses import refuse_self
from connectors.errors import AuditorError
from connectors.facts import Person, PersonKind

DENISE = Person("V5", "Denise Calloway", "denise@agency.example", PersonKind.VMA)


def _by(name):
    return Statement("p", StatementKind.CONFIRMATION, "V5", "not-theirs", name, date(2026, 11, 29))


@pytest.mark.parametrize(
    "name",
    [
        "v5",
        "Denise  Calloway ",
        "CALLOWAY, Denise",
        "Calloway Denise",
        "DENISE@agency.example",
        "D. Calloway",
        "Dénise Calloway",
        "Dеnise Cаllоwаy",
        "Calloway, D",
        "Denise M. Calloway RN",
        "dcalloway",
        "Denyse Calloway",
        "denise",
        "denise+x@agency.example",
    ],
)
def test_who_is_concerned_does_not_state_it(name):
    with pytest.raises(AuditorError, match="about themselves"):
        refuse_self(_by(name), [DENISE])


@pytest.mark.parametrize("name", ["Dana Ortiz", "Dana Calloway", "Denise Ortiz"])
def test_somebody_else_does(name):
    refuse_self(_by(name), [DENISE])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dana Ortiz", "D. Ortiz", True),
        ("Dana Ortiz", "Ortiz, Dana", True),
        ("Dana Ortiz", "Dána Ortíz", True),
        ("Dana Ortiz", "Dana \u041ertiz", True),
        ("dana.ortiz@clinic.example", "Dana Ortiz", True),
        ("Dana Ortiz", "dana.ortiz@clinic.example", True),
        ("Dana Ortiz", "dortiz", True),
        ("Dana Ortiz", "Helen Ortiz", False),
        ("Dana Ortiz", "Dr. Kim", False),
        ("Dana R. Ortiz", "Dana M. Ortiz", False),
    ],
)
def test_two_people_are_two_by_more_than_the_spelling(one, other, same):
    assert same_person(one, other) is same


def test_who_is_concerned_is_no_second_person_either_but_may_ask_for_access():
    asked = replace(_by("Dana Ortiz"), requested_by="D. Calloway")
    with pytest.raises(AuditorError, match="about themselves"):
        refuse_self(asked, [DENISE])
    refuse_self(replace(asked, kind=StatementKind.REQUEST), [DENISE])
