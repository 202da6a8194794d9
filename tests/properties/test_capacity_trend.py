"""The trend test against what it abbreviates: counting all orders of the values."""

from itertools import permutations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.capacity.trend import before_after, mann_kendall, theil_sen

FIGURES = st.lists(st.integers(0, 6), min_size=3, max_size=6)
LONG = st.lists(st.integers(-50, 50).map(float), min_size=3, max_size=30)


def s_of(values):
    return mann_kendall(values).s


@given(FIGURES)
def test_the_variance_with_ties_is_that_over_all_orders(values):
    assert fmean(s_of(order) ** 2 for order in permutations(values)) == pytest.approx(mann_kendall(values).variance)


@given(st.lists(st.integers(0, 100), min_size=3, max_size=6, unique=True))
def test_without_ties_the_probability_is_the_share_of_orders_that_are_at_least_as_strong(values):
    trend = mann_kendall(values)
    orders = [s_of(order) for order in permutations(values)]
    assert trend.p == pytest.approx(min(1, sum(abs(s) >= abs(trend.s) for s in orders) / len(orders)))


@given(LONG)
def test_turning_the_weeks_round_turns_the_trend_round(values):
    trend, back = mann_kendall(values), mann_kendall(values[::-1])
    assert (back.s, back.slope) == (-trend.s, pytest.approx(-trend.slope))
    assert back.p == trend.p
    assert 0 <= trend.p <= 1


@given(LONG, st.integers(-9, 9), st.integers(1, 9))
def test_the_unit_of_a_figure_changes_the_slope_and_not_the_verdict(values, shift, scale):
    other = [shift + scale * value for value in values]
    assert (mann_kendall(other).s, mann_kendall(other).p) == (mann_kendall(values).s, mann_kendall(values).p)
    assert theil_sen(other) == pytest.approx(scale * theil_sen(values))


@given(FIGURES, FIGURES)
def test_before_and_after_differ_as_much_as_after_and_before(before, after):
    p = before_after(before, after)
    assert p == pytest.approx(before_after(after, before))
    assert 0 < p <= 1
