"""Where the words of a name begin and end, and how few letters are enough: at the very edge of what is compared."""

import pytest

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.fold import names_of, of_words, words_of_login
from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.candidates.seen import Match
from policies.roles.generic_logins import GenericNames

GENERIC = GenericNames.load()


def found(person: str, email: str | None = None, *, login: str = "q77", name: str = "") -> list[Match]:
    people = People.of([Person("V1", person, email, PersonKind.VMA)], {}, GENERIC)
    return list(matches(Account("ehr", "1", login, name, Status.ACTIVE), people, GENERIC))


def units(*words: str) -> set[str]:
    return {unit for unit, _, _ in of_words(list(words)).units}


def test_small_words_belong_to_the_surname_also_where_the_name_begins_with_them():
    assert {"lacruz", "delacruz"} <= units("de", "la", "cruz", "ana")


def test_two_words_are_written_as_one_only_where_nothing_stands_between_them():
    assert "jeanluc" in units("jean", "luc", "picard")
    assert "jeanluc" not in units("jean", "m", "luc", "picard")


@pytest.mark.parametrize(
    ("login", "words"),
    [("x.calloway", ["x", "calloway"]), ("dcalloway-va", ["dcalloway"]), ("bo.calloway", ["bo", "calloway"])],
)
def test_a_letter_of_a_log_in_may_be_an_initial_and_a_mark_is_none(login, words):
    assert words_of_login(login) == words


def test_a_name_of_two_letters_in_an_address_is_a_name():
    assert [m.person for m in found("Denise Ortiz", "bo.xu@agency.example", name="Bo Xu")] == ["V1"]


def test_a_last_name_of_before_is_a_last_name():
    (match,) = found("Denise Brown", "denise.calloway@agency.example", name="Calloway")
    assert match.reason == "the name is their last name, and no more"


def test_the_whole_name_in_one_word_beside_another_is_theirs():
    assert [m.person for m in found("Denise Calloway", login="dcallow", name="DeniseCalloway Ortiz")] == ["V1"]


def test_a_first_name_of_two_letters_with_an_initial_is_too_little_for_a_log_in():
    assert found("Bo Diaz", login="bod", name="Ward Three") == []
    assert found("Bob Diaz", login="bobd", name="Ward Three")


def test_a_surname_with_small_words_is_cut_off_as_one_word_is():
    assert [m.person for m in found("Ana de la Cruz", login="adelac")] == ["V1"]
    assert found("Jean Luc Picard", login="jlucpica") == []


def test_a_mark_is_an_initial_only_where_too_little_else_is_left():
    assert [name.initials for name in names_of("x_Calloway, Denise")] == [()]
    assert [name.initials for name in names_of("X Ana")] == [("x",)]


@pytest.mark.parametrize(("login", "whose"), [("qz", []), ("qzk", ["V1"])])
def test_a_log_in_of_three_letters_that_is_theirs_elsewhere_tells_enough(login, whose):
    people = People.of([Person("V1", "Ana Cruz", None, PersonKind.VMA)], {"V1": {login: "the roster"}}, GENERIC)
    account = Account("ehr", "1", login, "", Status.ACTIVE)
    assert [match.person for match in matches(account, people, GENERIC)] == whose
