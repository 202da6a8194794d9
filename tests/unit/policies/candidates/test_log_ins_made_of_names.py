"""Which log-ins may be made of a name, how much each tells, and where the list of them ends."""

import pytest

from policies.candidates.fold import names_of
from policies.candidates.forms import Form, forms_of, read_as
from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.candidates.seen import Strength
from tests.unit.policies.candidates.test_candidates import GENERIC, Account, Status, called, found, whose


def forms(name: str) -> dict[str, Form]:
    (read,) = names_of(name)
    return forms_of(read)


def strength(person: str, login: str) -> Strength:
    (match,) = found((called(person),), login=login)
    return match.strength


def test_a_log_in_tells_much_only_where_a_whole_first_and_last_name_are_in_it():
    assert strength("Li Wang", "liwang") is Strength.STRONG  # two letters are a whole name, too
    assert strength("M. Calloway", "mcalloway") is Strength.WEAK
    assert strength("Denise Calloway", "dcalloway") is Strength.WEAK
    assert forms("M. Calloway")["mcalloway"] is Form.INITIAL


def test_of_two_ways_to_make_a_log_in_the_one_with_more_of_the_name_counts():
    """`anareyes` is Ana Reyes, and also the beginning of Anali with Reyes."""
    assert forms("Ana Anali Reyes")["anareyes"] is Form.WHOLE
    assert forms("Anali Ana Reyes")["anareyes"] is Form.WHOLE
    assert strength("Ana Anali Reyes", "anareyes") is Strength.STRONG


@pytest.mark.parametrize(
    ("person", "theirs", "nobodys"),
    [
        ("Ana Lim", ["lana", "anal", "alim", "lima"], ["lan"]),
        ("Ana Rosa Lim", ["lana", "anal", "anarl", "rlana"], []),
        ("Bo Lim", ["blim", "limb", "bmlim"], ["lbo"]),  # two letters and an initial are anybody's
        ("Bo Li", ["bli", "lib"], ["bmli"]),  # four letters are too few to look for a middle initial in them
        ("José de la Cruz", ["jdelacr", "jodelacruz", "delacruzj"], []),  # with its small words it is one word
        ("Denise Calloway", ["dencal", "dencallo", "denical", "decallo", "callode", "callodeni"], ["dencalloww"]),
        ("Ann Leeds", ["anlee", "leean", "annlee", "leedann"], ["anle"]),
    ],
)
def test_the_log_ins_that_are_made_of_a_name_and_those_that_are_too_short_to_be(person, theirs, nobodys):
    assert {login: whose(called(person), login=login) for login in theirs} == {login: ["V1"] for login in theirs}
    assert {login: whose(called(person), login=login) for login in nobodys} == {login: [] for login in nobodys}


def test_the_list_of_log_ins_ends():
    assert not {"jeanlupicard", "jeanlucpic"} & {
        text for text, form in forms("Jean Luc Picard").items() if form is Form.PART
    }
    assert "deniscal" not in forms("Denise Calloway")  # of a first name at most four letters are cut off
    assert "dencallow" not in forms("Denise Calloway")  # and of a last name five, or all
    assert len(forms("Ana Lim")) < 40
    assert len(forms("Maximilian Featherstonehaugh")) < 150


def test_a_log_in_of_sixty_four_letters_is_looked_at_whole_and_of_a_longer_one_the_beginning():
    first, last = "abcdefghijklmnopqrstuvwxyzabcd", "efghijklmnopqrstuvwxyzabcdefghijkl"
    assert len(first + last) == 64
    assert strength(f"{first} {last}", first + last) is Strength.STRONG
    assert strength(f"{first} {last}q", f"{first}{last}q") is Strength.WEAK
    assert forms(f"{first} {'m' * 33} N")["m" * 33 + "na"] is Form.INITIAL
    long = "o" * 62
    assert long + "pq" in forms(f"P Q {long}")
    assert f"{long}ppq" not in forms(f"P P Q {long}")
    assert all(len(text) <= 64 for text, _ in read_as("abc" * 50))


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("denisemcalloway", Strength.STRONG),  # a middle initial that no list has
        ("denisecallowayx", Strength.STRONG),  # or at the end
        ("denisecallowxay", Strength.STRONG),
        ("denisecallowaxy", Strength.WEAK),  # one slip of writing
        ("dmcalloway", Strength.WEAK),
    ],
)
def test_one_letter_more_may_be_a_middle_initial(login, told):
    assert strength("Denise Calloway", login) is told


def test_a_log_in_that_is_the_beginnings_of_the_accounts_own_name_is_nobody_elses():
    assert whose(called("Dora Callo"), login="dcallo") == ["V1"]
    assert whose(called("Dora Callo"), login="dcallo", name="Denise Calloway") == []


@pytest.mark.parametrize(
    ("person", "account", "expected"),
    [
        ("Denise Calloway", {"login": "denise.ann.calloway"}, ["V1"]),
        ("Denise Calloway", {"login": "x.denise.ann.calloway"}, ["V1"]),
        ("Denise Ann Calloway", {"login": "denise.calloway"}, ["V1"]),
        ("Denise Ann Calloway", {"login": "denise.calloway", "name": "Denise Marie Calloway"}, []),
        ("Denise Mueller", {"login": "denisemuellerm", "name": "DeniseMüller M"}, ["V1"]),  # read in one of two ways
        ("Bo Lim", {"login": "lim"}, ["V1"]),
        ("Bo Li", {"login": "li"}, []),
    ],
)
def test_words_of_a_log_in_are_read_as_a_name_unless_the_accounts_own_name_says_whose_they_are(
    person, account, expected
):
    assert whose(called(person), **account) == expected


@pytest.mark.parametrize(
    ("login", "expected"), [("abcd", ["V1"]), ("dabc", ["V1"]), ("ad", ["V1"]), ("abd", []), ("a", []), ("abce", [])]
)
def test_the_initials_of_four_names_are_a_log_in_too(login, expected):
    assert whose(called("Ana Bea Cruz Diaz"), login=login) == expected


def test_another_initial_between_is_looked_through_only_where_no_middle_name_is_known_of_before_either():
    def asked(login: str, *before: str) -> list[str]:
        people = People.of([called("Bo Li")], {}, GENERIC, {"V1": before})
        account = Account("ehr", "1", login, "", Status.ACTIVE)
        return [match.person for match in matches(account, people, GENERIC)]

    assert asked("bxl") == ["V1"]
    assert asked("bxl", "Bo Max Li") == []
    assert asked("bml", "Bo Max Li") == ["V1"]
