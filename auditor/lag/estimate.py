"""How long it takes until a control is in place, when some lags are still open: the product-limit estimate, exactly."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

HALF, TENTH = Fraction(1, 2), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What can be said of many lags, in seconds."""

    count: int
    open: int
    """How many had not come to an end: still growing, or the engagement ended first."""
    median: int | None
    """By then, half are expected to be in place; `None`: not reached, too many are open."""
    p90: int | None
    maximum: int
    """The longest lag, open ones too."""
    maximum_is_open: bool


def survival(lags: Iterable[tuple[int, bool]]) -> tuple[tuple[int, Fraction], ...]:
    """
    Return the share that is not yet in place after each duration at which some came to be.

    Each lag is its duration, and whether the control was in place at its end; one that was not counts among those at
    risk up to, and at, its duration, and is never taken for an end. Durations may be negative: in place early.
    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958), 457-481.
    """
    known = list(lags)
    ended = Counter(duration for duration, over in known if over)
    leaving = Counter(duration for duration, _ in known)
    at_risk, share = len(known), Fraction(1)
    found = []
    for duration in sorted(leaving):
        if ended[duration]:
            share *= 1 - Fraction(ended[duration], at_risk)
            found.append((duration, share))
        at_risk -= leaving[duration]
    return tuple(found)


def estimate(lags: Iterable[tuple[int, bool]]) -> Estimate | None:
    """Return median, 90th percentile and maximum; `None` where there is no lag."""
    known = list(lags)
    if not known:
        return None
    curve = survival(known)
    longest = max(duration for duration, _ in known)
    return Estimate(
        count=len(known),
        open=sum(not over for _, over in known),
        median=_reached(curve, HALF),
        p90=_reached(curve, TENTH),
        maximum=longest,
        maximum_is_open=any(duration == longest and not over for duration, over in known),
    )


def _reached(curve: Iterable[tuple[int, Fraction]], share: Fraction) -> int | None:
    return next((duration for duration, left in curve if left <= share), None)
