"""Patterns against patterns: what may meet is never missed, and what is said to cover does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.permissions.aws.evaluation.overlap import covers, meet, overlap
from policies.permissions.aws.evaluation.patterns import matches

patterns = st.text("ab*?", max_size=6)
texts = st.text("ab", max_size=6)


@given(patterns, patterns, texts)
def test_patterns_that_fit_one_text_overlap(one, other, text):
    if matches(one, text) and matches(other, text):
        assert overlap(one, other)
        assert meet(one, other) is not None


@given(patterns, patterns, texts)
def test_what_covers_a_pattern_fits_whatever_the_pattern_fits(wide, narrow, text):
    if covers(wide, narrow) and matches(narrow, text):
        assert matches(wide, text)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("arn:aws:s3:::charts/*", "arn:aws:s3:::templates/*", None),
        ("arn:aws:s3:::charts/*", "arn:aws:s3:::charts/2026/*", "arn:aws:s3:::charts/2026/*"),
        ("arn:aws:s3:::charts/2026/*", "arn:aws:s3:::charts/*", "arn:aws:s3:::charts/2026/*"),
        ("arn:aws:s3:::*-phi", "arn:aws:s3:::clinic-*", "arn:aws:s3:::clinic-*"),
        ("arn:aws:s3:::charts", "arn:aws:s3:::charts/*", None),
        ("*", "x", "x"),
    ],
)
def test_two_patterns_meet_in_the_narrower_one_or_nowhere(one, other, expected):
    assert meet(one, other) == expected


def test_a_hostile_pattern_cannot_pass_for_a_wildcard():
    assert not covers("arn:\ue010", "arn:*")
    assert not covers("a??b", "a*b")
    assert not covers("a?*b", "a*b")
