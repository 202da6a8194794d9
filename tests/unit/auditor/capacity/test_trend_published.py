"""The tests of the capacity signals against published values."""

import pytest

from auditor.capacity.trend import before_after, mann_kendall, theil_sen

# From: M. G. Kendall, Rank Correlation Methods, table of S; also R. O. Gilbert (1987), table A18. One-sided.
PUBLISHED = [
    (4, 6, 0.042),
    (5, 8, 0.042),
    (5, 10, 0.0083),
    (8, 16, 0.031),
    (8, 20, 0.0071),
    (9, 20, 0.022),
    (9, 24, 0.0063),
    (10, 21, 0.036),
    (10, 25, 0.014),
    (10, 29, 0.0046),
]


def ordered(n, s):
    """Different values with just this S: the last one is moved down until it fits."""
    values = list(range(n))
    surplus = (n * (n - 1) // 2 - s) // 2
    place = n - 1
    while surplus > 0:
        steps = min(surplus, place)
        values.insert(place - steps, values.pop(place))
        surplus -= steps
        place = n - 1
    return values


@pytest.mark.parametrize(("n", "s", "p"), PUBLISHED)
def test_small_samples_have_the_probability_of_the_published_table(n, s, p):
    trend = mann_kendall(ordered(n, s))
    assert trend.s == s
    assert trend.exact
    assert trend.p / 2 == pytest.approx(p, rel=0.06), "the table has two figures"


def test_the_slope_is_that_of_sens_own_example():
    # From: P. K. Sen, Journal of the American Statistical Association 63 (1968), section 4.
    assert theil_sen([9, 15, 19, 20, 45, 55, 78], [1, 2, 3, 4, 10, 12, 18]) == 4


def test_ties_lower_the_variance_as_gilbert_writes_it():
    # 10·9·25/18 = 125 without ties; one pair takes 2·1·9/18 = 1, one triple 3·2·11/18 = 3.667.
    assert mann_kendall(list(range(10))).variance == 125
    assert mann_kendall([1, 1, 2, 3, 3, 3, 4, 5, 6, 7]).variance == pytest.approx(125 - 1 - 66 / 18)


def test_figures_that_never_change_have_no_trend():
    assert (mann_kendall([3] * 12).p, mann_kendall([3] * 12).slope) == (1.0, 0.0)


def test_fewer_than_three_values_have_no_trend_to_speak_of():
    with pytest.raises(ValueError, match="three values"):
        mann_kendall([1, 2])


# From: Wilcoxon's table for two samples of four: 2 of 70 ways for complete separation, 4 of 70 for the next.
@pytest.mark.parametrize(
    ("after", "p"), [([5, 6, 7, 8], 2 / 70), ([4, 6, 7, 8], 4 / 70), ([1, 2, 3, 4], 2 / 70), ([1, 4, 5, 8], 1.0)]
)
def test_before_and_after_are_compared_by_all_ways_of_dividing_them(after, p):
    before = [n for n in range(1, 9) if n not in after]
    assert before_after(before, after) == pytest.approx(p)


def test_groups_that_are_all_the_same_do_not_differ():
    assert before_after([2, 2, 2], [2, 2, 2, 2]) == 1.0
