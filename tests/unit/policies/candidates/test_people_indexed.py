"""By which keys of a person an account finds them: where a key begins to tell, and where it is nobody's."""

import pytest

from connectors.facts import Account, Status
from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.candidates.seen import Strength
from tests.unit.policies.candidates.test_candidates import DENISE, GENERIC, called, found, whose

OTHER = called("Denise Brown", id_="V2")


def test_an_address_of_two_words_is_a_name_of_theirs_and_one_of_a_word_or_an_initial_is_none():
    for name, address, accounts_name, expected in (
        ("Kim Brown", "bo.li@agency.example", "Li, Bo", ["V1"]),  # the name of before, of short words too
        ("Denise Brown", "d.calloway@agency.example", "Dora Calloway", []),
    ):
        assert whose(called(name, address), name=accounts_name) == expected
    # A first name stays one: that it is an address, too, makes no last name of it.
    assert whose(called("Denise Calloway", "denise@agency.example"), OTHER, name="Denise") == []


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("billing.team@agency.example", {"email": "billingteam@clinic.example"}),
        ("billing.team@agency.example", {"login": "billingteam"}),
        ("front.desk@agency.example", {"name": "Front Desk", "login": "frontdesk"}),
        ("info@agency.example", {"email": "info@clinic.example"}),
    ],
)
def test_the_address_of_a_desk_is_no_name_of_whoever_reads_it(address, account):
    assert whose(called("Denise Calloway", address), **account) == []
    assert whose(called("Denise Calloway", address), email=address) == ["V1"]  # the very address is


def test_the_first_part_of_an_address_is_a_log_in_from_three_letters_on():
    assert whose(called("Denise Calloway", "kim@agency.example"), login="kim") == ["V1"]
    assert whose(called("Denise Calloway", "bo@agency.example"), login="bo") == []


def test_an_id_is_a_log_in_from_two_signs_on():
    assert whose(called("Denise Calloway", id_="77"), login="77") == ["77"]
    assert whose(called("Denise Calloway", id_="7"), login="7") == []


@pytest.mark.parametrize(("login", "expected"), [("zyx", ["V5"]), ("zy", []), ("frontdesk", [])])
def test_a_log_in_of_another_system_is_known_from_three_letters_on_and_where_it_is_no_desk(login, expected):
    people = People.of([DENISE], {"V5": {login: "the roster"}}, GENERIC)
    account = Account("ehr", "1", login, "", Status.ACTIVE)
    assert [match.person for match in matches(account, people, GENERIC)] == expected


def test_a_word_alone_names_somebody_from_three_letters_on():
    assert whose(called("Bo Lim"), name="Lim") == ["V1"]
    assert whose(called("Bo Li"), name="Li") == []
    assert whose(called("Ana Lim"), name="Ana L") == ["V1"]
    assert whose(called("Bo Lim"), name="Bo L") == []


def test_two_slips_are_two_though_what_is_left_without_a_letter_is_the_same():
    assert whose(called("Denise Calloway"), name="Enised Calloway") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("M. Calloway", ["V1"]),
        ("Calloway, Maria", ["V1"]),
        ("M. Denise", ["V1"]),
        ("Denise Calloway", ["V1"]),
        ("David Calloway", []),
        ("D. Calloway", ["V1"]),
        ("Maria Denise", []),  # of the two words, only one is a last name
    ],
)
def test_whoever_goes_by_the_second_first_name_could_be_whom_an_account_has_by_the_first(name, expected):
    assert whose(called("M. Denise Calloway"), name=name) == expected


def test_an_initial_in_front_says_little():
    (match,) = found((called("M. Denise Calloway"),), name="Maria Calloway")
    assert match.strength is Strength.WEAK
    assert match.reason == "the name has their last name, and a first name with their initial"
