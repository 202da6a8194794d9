"""A folded test tries every item and tells of all that fail."""

import pytest

from tests.each import each


def test_every_item_is_tried_and_all_that_fail_are_told():
    tried = []

    @each([(1, "one"), (2, "two"), (3, "three")])
    def check(number: int, word: str) -> None:
        tried.append(word)
        assert number == 2, f"{number} is odd"
        raise LookupError(word)

    with pytest.raises(AssertionError, match="3 of 3 fail") as failed:
        check()
    assert tried == ["one", "two", "three"]
    for said in ("1 one: AssertionError: 1 is odd", "2 two: LookupError: two", "3 is odd"):
        assert said in str(failed.value)


def test_what_checks_one_thing_gets_the_item_as_it_is():
    seen = []
    each(["ab", ("c", "d")])(seen.append)()
    assert seen == ["ab", ("c", "d")]


def test_nothing_to_try_is_a_failure():
    with pytest.raises(AssertionError, match="nothing to try"):
        each([])(lambda item: None)()
