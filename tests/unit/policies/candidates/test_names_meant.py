"""Who is meant by a name that is not written as theirs is: by one word, with a slip, with words that contradict."""

from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.candidates.seen import Match, Strength
from tests.unit.policies.candidates.test_candidates import GENERIC, Account, Status, called, found, whose


def named_before(name: str, **before: str) -> list[Match]:
    """Whose an account of this name could be; everybody is called Brown now, and `before` is what they were called."""
    people = People.of(
        [called(f"Kim{id_} Brown", id_=id_) for id_ in before], {}, GENERIC, {id_: {was} for id_, was in before.items()}
    )
    return list(matches(Account("ehr", "1", "q77", name, Status.ACTIVE), people, GENERIC))


def test_a_last_name_alone_may_be_one_of_before():
    (match,) = named_before("Calloway", V1="Denise Calloway")
    assert match.reason == "the name is their last name, and no more"
    assert [m.person for m in named_before("Calloway", V1="Denise Calloway", V2="Dora Calloway")] == ["V1", "V2"]


def test_one_of_two_last_names_alone_could_be_theirs_with_its_small_words_too():
    for name in ("Cruz", "Delacruz", "De La Cruz", "Reyes"):
        assert whose(called("Ana de la Cruz Reyes"), name=name) == ["V1"]
    for name in ("Cruz", "Delacruz"):  # two have it, and nobody as the last name of all
        assert whose(called("Ana de la Cruz Reyes"), called("Eva de la Cruz Lim", id_="V2"), name=name) == []


def test_a_whole_name_in_one_word_is_theirs_with_an_initial_beside_it_too():
    assert whose(name="DeniseCalloway M", login="denisecallowaym") == ["V5"]


def test_a_mark_in_front_contradicts_no_initial():
    assert whose(called("De M. Li"), name="X De Li") == ["V1"]
    assert whose(called("De M. Li"), name="R De Li") == []


def test_two_first_names_in_one_word_are_a_whole_name():
    (match,) = found((called("Anna Maria Weiss"),), name="Annamaria")
    assert match.strength is Strength.STRONG


def test_what_contradicts_is_somebody_else_where_it_is_also_misspelt():
    assert whose(called("Maria Santos Reyes"), name="Cruz Maria Reyes") == ["V1"]
    assert whose(called("Maria Santos Reyes"), name="Cruz Maria Reyez") == []


def test_a_slip_is_looked_through_where_a_middle_name_is_left_out():
    assert whose(called("Denise Ann Calloway"), name="Denise Callowey") == ["V1"]
    assert whose(called("Denise Ann Calloway"), name="Denyse Calloway") == ["V1"]


def test_an_initial_on_the_roster_fits_a_first_name_that_stands_last():
    assert whose(called("D. Calloway"), name="Calloway Denise") == ["V1"]
    assert whose(called("D. Calloway"), name="Calloway Marie") == []


def test_of_two_names_of_somebody_the_one_that_fits_better_counts():
    """Cruz Maria Reyes is Maria Santos Reyes maybe, and whoever writes as maria.reyes for sure."""
    (match,) = found((called("Maria Santos Reyes", "maria.reyes@agency.example"),), name="Cruz Maria Reyes")
    assert match == Match("V1", "the name is theirs with more to it", Strength.STRONG)
