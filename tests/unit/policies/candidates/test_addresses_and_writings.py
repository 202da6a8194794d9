"""What an e-mail address says of its user, and in which writing a name stands."""

import pytest

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.matching import matches
from policies.candidates.near import one_slip
from policies.candidates.people import People
from policies.candidates.writing import of_account, of_person, writings
from tests.unit.policies.candidates.test_candidates import GENERIC, called, found, whose


@pytest.mark.parametrize(
    ("email", "more"),
    [
        ("denise@agency.example", ""),
        (" Denise@Agency.example", ""),
        ("denise+ehr@agency.example", " but for what follows a plus"),
    ],
)
def test_the_same_address_is_theirs_and_a_plus_is_told(email, more):
    (match,) = found((called("Kim Tan", "denise@agency.example"),), email=email)
    assert match.reason == f"the e-mail address is theirs{more}"


def test_an_address_that_begins_as_theirs_does_could_be_theirs_unless_the_accounts_name_explains_it():
    kim = called("Bo Tan", "kiki@agency.example")
    assert whose(kim, email="kiki@clinic.example") == ["V1"]
    assert whose(called("Bo Tan", "kim@agency.example"), email="kim@clinic.example") == ["V1"]
    assert whose(called("Bo Tan", "ki@agency.example"), email="ki@clinic.example") == []
    assert whose(kim, email="kiki@clinic.example", name="Rosa Lee") == ["V1"]
    assert whose(kim, email="kiki@clinic.example", name="Ki Ki") == []


def test_an_address_is_made_of_the_accounts_name_where_it_agrees_with_one_of_theirs():
    person = Person("V1", "Kim Brown", "dcalloway@agency.example", PersonKind.VMA)
    account = Account("ehr", "1", "q77", "Denise Calloway", Status.ACTIVE)
    for before, expected in ({"Denise Smith"}, ["V1"]), ({"Dora Smith"}, []):
        people = People.of([person], {}, GENERIC, {"V1": before})
        assert [match.person for match in matches(account, people, GENERIC)] == expected


def test_initials_are_asked_about_where_the_account_is_named_after_a_desk_only():
    assert whose(called("Bo Li"), login="bl", name="Reception") == ["V1"]
    assert whose(called("Bo Li"), login="bl", name="Rosa") == []


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("calloway", "callowya", True),
        ("calloway", "callowyx", False),  # two letters, which did not change places
        ("abcdef", "bacdeg", False),  # they did, and something else is another too
        ("abcdef", "xycdef", False),
        ("calloway", "calloways", True),
        ("calloway", "callowayss", False),
        ("calloway", "calloway", False),
    ],
)
def test_one_slip_is_one(one, other, slip):
    assert one_slip(one, other) is one_slip(other, one) is slip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Wang Xiaoming 王小明", {"LATIN", "CJK"}),
        ("David 王", {"CJK"}),  # one word may be a name of work
        ("David", {"LATIN"}),
        ("", set()),
        ("7 - 8", set()),
    ],
)
def test_a_name_stands_in_latin_letters_where_they_are_two_words_or_all_there_is(name, expected):
    assert writings(name) == expected


@pytest.mark.parametrize(
    ("email", "latin"),
    [
        ("aiko.mori@agency.example", True),
        ("bo.li@agency.example", True),
        ("a.mori@agency.example", False),  # an initial is no name
        ("a.b.mori@agency.example", False),
        ("mori@agency.example", False),
        ("森.mori@agency.example", False),
        ("森田.花子@agency.example", False),
        (None, False),
    ],
)
def test_an_address_of_two_words_of_a_name_says_how_a_person_writes_it(email, latin):
    assert of_person(Person("V5", "田中花子", email, PersonKind.VMA)) == {"CJK"} | ({"LATIN"} if latin else set())


@pytest.mark.parametrize(
    ("login", "name", "expected"),
    [
        ("ab", "森花子", {"CJK"}),
        ("abc", "森花子", {"CJK", "LATIN"}),
        ("ab", "", {"LATIN"}),
        ("森花子", "森花子", {"CJK"}),
        ("hmori", "hmori", {"LATIN"}),
    ],
)
def test_a_log_in_says_how_a_name_is_written_from_three_letters_on(login, name, expected):
    assert of_account(Account("ehr", "1", login, name, Status.ACTIVE)) == expected
