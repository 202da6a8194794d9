"""How a name, a log-in and an address are read before anybody is looked for: what is a word, an initial, a mark."""

import pytest

from policies.candidates.fold import address, fold, names_of, of_words, words_of_login
from tests.unit.policies.candidates.test_candidates import called, whose


def read(text: str) -> list[tuple[str, str]]:
    """The words and the initials of a name, in each way in which it may be read."""
    return [(" ".join(name.full), " ".join(name.initials)) for name in names_of(text)]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("X Denise Calloway", [("denise calloway", "")]),  # a mark, because a whole name is left
        ("X Li Bo", [("li bo", "")]),
        ("X Calloway", [("calloway", "x")]),  # an initial: nothing else is
        ("Z R Calloway", [("calloway", "z r")]),
        ("X De Calloway", [("de calloway", "x")]),  # a small word does not count
        ("X Do Calloway", [("calloway", "x"), ("do calloway", "")]),  # Do is a last name, or a degree
        ("Dr. Calloway", [("calloway", "")]),  # a title is none, though it is alone with one word
        ("Ma, Li", [("li", ""), ("li ma", "")]),
        ("De Li", [("de li", "")]),
        ("Calloway, MD, Ann", [("ann calloway", "")]),
        ("MD, Calloway, Ann", [("ann calloway", "")]),  # the empty part is not the last name
        ("Minh Anh Le", [("minh anh le", "")]),  # a small word that stands last is the last name
        ("Le Minh Anh", [("minh anh", "")]),
        ("Dr., RN", []),
    ],
)
def test_marks_titles_and_initials_are_told_from_words(text, readings):
    assert read(text) == readings


def test_a_title_before_one_word_hides_nobody():
    assert whose(name="Dr. Calloway") == ["V5"]
    assert whose(name="Calloway, MD, Denise") == ["V5"]


def test_a_last_name_that_is_a_small_word_or_has_some_before_it_is_found():
    assert whose(called("Minh Anh Le"), name="Le, Minh") == ["V1"]
    assert whose(called("De Li"), name="Li, De") == ["V1"]
    assert whose(called("José Delacruz"), name="De La Cruz") == ["V1"]


def test_only_neighbours_are_written_as_one():
    units = {unit for unit, _, _ in of_words(["ana", "maria", "de", "luca"]).units}
    assert units == {"ana", "maria", "luca", "deluca", "anamaria"}
    assert whose(called("Ana Maria de Luca"), name="Ana Marialuca") == []


@pytest.mark.parametrize(
    ("text", "initial"),
    [
        ("D. Calloway", "d"), ("Calloway D.", "d"), ("Calloway D. M.", "d"), ("Li C.", "c"),
        ("D. Denise Calloway", "d"), ("Li Wang C", ""), ("Denise M Calloway", ""), ("Calloway", ""), ("Li Wang", ""),
    ],
)  # fmt: skip
def test_an_initial_stands_for_a_first_name_where_it_is_first_or_beside_one_word(text, initial):
    assert [name.first_initial for name in names_of(text)] == [initial]


def test_an_initial_beside_one_short_word_stands_for_a_first_name():
    assert whose(called("Li C."), name="Carol Li") == ["V1"]
    assert whose(called("Li Wang C."), name="Carol Li") == []


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("CLINIC\\dcalloway2", ["dcalloway"]),
        ("inactive_d.calloway", ["d", "calloway"]),
        ("d.calloway@clinic.example", ["d", "calloway"]),
        ("d.calloway+ehr@clinic.example", ["d", "calloway"]),
        ("va-bo", ["bo"]),
        ("x.calloway", ["x", "calloway"]),  # Xavier, or a mark
        ("md", ["md"]),  # nothing else is left
        ("va-md", ["va", "md"]),
        ("a b c d e f g h i", list("abcdefgh")),
    ],
)
def test_a_log_in_is_split_into_words_without_what_stands_beside_them(login, words):
    assert words_of_login(login) == words


def test_what_is_no_address_is_not_the_same_address_as_anything():
    for text in ("none", "@clinic.example", "denise@", "", "@"):
        assert address(text) == ""
        assert whose(called("Bo Li", text), email=text) == []
    assert address(" Denise+EHR@Clinic.Example ") == "denise@clinic.example"


def test_whoever_has_one_word_for_a_name_may_be_told_by_the_log_in():
    assert whose(login="calloway", name="Kim") == ["V5"]
    assert whose(login="calloway", name="Kim R") == whose(login="calloway", name="Kim Reyes") == []


def test_of_a_hostile_name_a_bounded_beginning_is_looked_at():
    assert fold("Å" * 200) == "a" * 160
    assert fold("A" * 200) == "a" * 160
    assert of_words([f"w{c}" for c in "abcdefghi"]).full == tuple(f"w{c}" for c in "abcdefgh")
    assert len(of_words(["de"] * 7 + ["cruz"]).units) == 16
