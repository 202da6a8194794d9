"""
Two small tests that need no distribution: is there a trend over the weeks, and did a day divide better from worse?

Mann-Kendall: H. B. Mann, Econometrica 13 (1945); M. G. Kendall, Rank Correlation Methods (1975); with ties, the
variance of R. O. Gilbert, Statistical Methods for Environmental Pollution Monitoring (1987), chapter 16. Slope:
P. K. Sen, JASA 63 (1968), the median of all pairwise slopes. Before and after: the exact permutation distribution of
the rank sum (F. Wilcoxon, Biometrics Bulletin 1, 1945), with midranks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb, erfc, sqrt
from statistics import median

EXACT_UP_TO = 30
"""Without ties, the distribution is computed exactly up to so many values; above, the normal one is as good."""
MAX_SPLITS = 200_000


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend over equally spaced values."""

    n: int
    s: int
    """Pairs that rise minus pairs that fall."""
    variance: float
    """Of `s` when there is no trend."""
    p: float
    """Two-sided: how likely at least so strong a trend is when there is none."""
    slope: float
    """By how much the values change from one to the next (Theil-Sen)."""
    exact: bool


def mann_kendall(values: Sequence[float]) -> Trend:
    """Test values for a trend; raises `ValueError` for fewer than three."""
    n = len(values)
    if n < 3:
        raise ValueError("a trend needs three values")
    pairs = list(combinations(values, 2))
    s = sum((later > earlier) - (later < earlier) for earlier, later in pairs)
    ties = [count for count in Counter(values).values() if count > 1]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    exact = not ties and n <= EXACT_UP_TO
    return Trend(n, s, variance, _exact(n, s) if exact else _normal(s, variance), theil_sen(values), exact)


def theil_sen(values: Sequence[float], times: Sequence[float] | None = None) -> float:
    """Return the median of the slopes between all pairs; `times` are 0, 1, 2, … when not given."""
    at = range(len(values)) if times is None else times
    points = list(zip(at, values, strict=True))
    return median((b - a) / (u - t) for (t, a), (u, b) in combinations(points, 2) if u != t)


def _normal(s: int, variance: float) -> float:
    """Two-sided p by the normal distribution, with correction for continuity."""
    if s == 0 or variance == 0:
        return 1.0
    return erfc((abs(s) - 1) / sqrt(variance) / sqrt(2))


def _exact(n: int, s: int) -> float:
    """Two-sided p by counting the orders of `n` different values that are at least as strongly ordered."""
    counts = _inversions(n)
    most = n * (n - 1) // 2
    at_most = (most - abs(s)) // 2
    total = sum(counts)
    return min(1.0, 2 * sum(counts[: at_most + 1]) / total)


@cache
def _inversions(n: int) -> tuple[int, ...]:
    """Return how many orders of `n` values have 0, 1, 2, … inversions."""
    counts = [1]
    for k in range(2, n + 1):
        sums, running = [], 0
        for i in range(k * (k - 1) // 2 + 1):
            running += counts[i] if i < len(counts) else 0
            running -= counts[i - k] if 0 <= i - k < len(counts) else 0
            sums.append(running)
        counts = sums
    return tuple(counts)


def before_after(before: Sequence[float], after: Sequence[float]) -> float:
    """
    Return the two-sided p that two groups differ as much as they do by chance alone: exact, also with ties.

    Raises `ValueError` for an empty group, and for groups so large that counting would take long.
    """
    if not before or not after:
        raise ValueError("both groups need values")
    if comb(len(before) + len(after), len(after)) > MAX_SPLITS:
        raise ValueError("too many values to count all ways of dividing them")
    ranks = _midranks([*before, *after])
    n, k = len(ranks), len(after)
    expected = k * (n + 1) / 2
    seen = abs(sum(ranks[len(before) :]) - expected)
    splits = [abs(sum(split) - expected) for split in combinations(ranks, k)]
    return sum(distance >= seen - 1e-9 for distance in splits) / len(splits)


def _midranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    first = {value: ordered.index(value) for value in set(values)}
    count = Counter(values)
    return [first[value] + (count[value] + 1) / 2 for value in values]
