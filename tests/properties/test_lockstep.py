"""Whatever happens to a practice, lockstep is a share, and its parts add up."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from auditor.lag.estimate import estimate, survival
from auditor.lag.lag import Obligation, Presence, area, lockstep
from auditor.lag.spans import Calendar, Spans, seconds
from policies.intervals import difference, intersection, union
from tests.builders import ago, noon

CALENDAR = Calendar("America/Chicago")
BEGIN = seconds(noon(ago(30)))
"""The clocks change on 1 November, eight days later."""
INSTANTS = st.integers(BEGIN, BEGIN + 40 * 86400)
SPANS = st.lists(st.tuples(INSTANTS, INSTANTS), max_size=4).map(union)


@st.composite
def duties(draw: st.DrawFn, vma: str) -> Obligation:
    due, until = sorted((draw(INSTANTS), draw(INSTANTS)))
    return Obligation(vma, "x", due, until, draw(SPANS), draw(SPANS), after_end=draw(st.booleans()))


@st.composite
def presences(draw: st.DrawFn) -> Presence:
    vma = draw(st.sampled_from("abc"))
    return Presence(vma, draw(SPANS), tuple(draw(st.lists(duties(vma), max_size=3))))


PRACTICES = st.lists(presences(), max_size=4)


@given(PRACTICES, INSTANTS, INSTANTS)
def test_lockstep_is_a_share_and_exposure_is_the_area_between_the_lines(practice, a, b):
    since, until = sorted((a, b))
    found = lockstep(practice, since, until, CALENDAR)
    assert found.share is None or 0 <= found.share <= 1
    assert 0 <= found.exposure <= found.vma_days
    assert area(found.steps, until, CALENDAR) == found.exposure
    assert all(0 <= step.controlled <= step.headcount for step in found.steps)


@given(PRACTICES, INSTANTS, INSTANTS, INSTANTS)
def test_the_parts_of_a_time_add_up_to_the_whole(practice, a, b, c):
    first, middle, last = sorted((a, b, c))
    whole = lockstep(practice, first, last, CALENDAR)
    parts = [lockstep(practice, *part, CALENDAR) for part in ((first, middle), (middle, last))]
    assert sum(p.vma_days for p in parts) == whole.vma_days
    assert sum(p.exposure for p in parts) == whole.exposure


@given(PRACTICES, st.data(), INSTANTS, INSTANTS)
def test_a_further_gap_never_raises_lockstep(practice, data, a, b):
    since, until = sorted((a, b))
    before = lockstep(practice, since, until, CALENDAR).share
    if not practice or before is None:
        return
    number = data.draw(st.integers(0, len(practice) - 1))
    one = practice[number]
    further = data.draw(duties(one.vma))
    worse = [*practice[:number], replace(one, duties=(*one.duties, further)), *practice[number + 1 :]]
    after = lockstep(worse, since, until, CALENDAR).share
    assert after is not None
    assert after <= before


@given(PRACTICES, st.randoms(), INSTANTS, INSTANTS)
def test_the_order_of_the_vmas_changes_nothing(practice, random, a, b):
    since, until = sorted((a, b))
    other = list(practice)
    random.shuffle(other)
    assert lockstep(practice, since, until, CALENDAR) == lockstep(other, since, until, CALENDAR)


@given(SPANS, SPANS)
def test_spans_are_a_set_of_instants(a: Spans, b: Spans):
    length = CALENDAR.days
    assert length(difference(a, b)) + length(intersection(a, b)) == length(a)
    assert union((*a, *b)) == union((*difference(a, b), *b))
    assert intersection(a, b) == intersection(b, a)


@given(st.lists(st.tuples(st.integers(-50, 50), st.booleans()), min_size=1))
def test_what_is_left_over_never_grows_and_an_open_lag_never_shortens_the_median(lags):
    shares = [share for _, share in survival(lags)]
    assert all(1 > a >= b >= 0 for a, b in zip([Fraction(99, 100), *shares][1:], shares, strict=False))
    assert shares == sorted(shares, reverse=True)
    longest = max(duration for duration, _ in lags)
    with_open, without_it = estimate([*lags, (longest, False)]), estimate(lags)
    assert with_open is not None
    assert without_it is not None
    if with_open.median is not None:
        assert without_it.median is not None
        assert without_it.median <= with_open.median
