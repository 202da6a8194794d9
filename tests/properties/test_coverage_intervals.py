"""Intervals and seats against the plainest possible reference: one day after the other."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.facts import Employment, Engagement
from policies.agreements.chain import engaged, legs
from policies.agreements.coverage import Coverage
from policies.agreements.days import FOREVER, Days, contains, difference, intersection, since, union, until
from policies.agreements.register import PRACTICE, Agreement, AgreementKind

FIRST = date(2026, 1, 1)
SPAN = 30
CALENDAR = [FIRST + timedelta(days=n) for n in range(SPAN)]
BEYOND = FIRST + timedelta(days=SPAN + 400)

days = st.integers(0, SPAN - 1).map(lambda n: CALENDAR[n])
last_days = st.one_of(days, st.just(FOREVER))
intervals = st.tuples(days, last_days)
sets = st.lists(intervals, max_size=6).map(union)


def naive(pieces: list[tuple[date, date]] | Days) -> set[date]:
    return {day for day in (*CALENDAR, BEYOND) if any(a <= day <= b for a, b in pieces)}


@given(st.lists(intervals, max_size=6))
def test_joining_loses_no_day_and_adds_none(pieces):
    joined = union(pieces)
    assert naive(joined) == naive(pieces)
    assert union(reversed(pieces)) == joined == union(joined)


@given(st.lists(intervals, max_size=6))
def test_joined_intervals_stand_in_order_and_apart(pieces):
    joined = union(pieces)
    assert all(a <= b for a, b in joined)
    assert all(b + timedelta(days=2) <= c for (_, b), (c, _) in pairwise(joined))


@given(sets, sets)
def test_intersection_and_difference_are_those_of_sets_of_days(a, b):
    assert naive(intersection(a, b)) == naive(a) & naive(b)
    assert naive(difference(a, b)) == naive(a) - naive(b)
    assert intersection(a, b) == intersection(b, a)
    assert union([*intersection(a, b), *difference(a, b)]) == a


@given(sets, days)
def test_until_is_the_first_day_that_is_not_in_the_set(a, day):
    if not contains(a, day):
        return
    after = [d for d in CALENDAR if d > day and d not in naive(a)]
    end = until(a, day)
    if after:
        assert end == after[0]
    else:
        assert end is None or end > CALENDAR[-1]


@given(sets, sets, days)
def test_since_is_the_first_day_of_the_gap(a, covered, day):
    gap = naive(a) - naive(covered)
    if day not in gap:
        return
    first = day
    while first - timedelta(days=1) in gap:
        first -= timedelta(days=1)
    assert since(a, covered, day) == first


@st.composite
def engagements(draw: st.DrawFn) -> list[Engagement]:
    found = []
    for number in range(draw(st.integers(1, 7))):
        start = draw(days)
        end = draw(st.one_of(st.none(), days.filter(lambda d, start=start: d >= start)))
        agency = draw(st.sampled_from(["Harbor", "HARBOR", "Other", None]))
        found.append(Engagement(f"v{number}", agency, Employment.EMPLOYEE, ("scheduler",), start, end))
    return draw(st.permutations(found))


contracts = st.builds(
    Agreement,
    id=st.sampled_from(["A", "B", "C", "D"]),
    kind=st.just(AgreementKind.BAA),
    giver=st.just(PRACTICE),
    receiver=st.sampled_from(["Harbor", "Other"]),
    signed=st.sampled_from([True, True, True, False]),
    start=days,
    end=st.one_of(st.none(), days),
    systems=st.one_of(st.none(), st.frozensets(st.sampled_from(["ehr", "cloud"]))),
    phi=st.none(),
    headcount=st.one_of(st.none(), st.integers(1, 3)),
    people=st.one_of(st.none(), st.frozensets(st.sampled_from([f"v{n}" for n in range(7)]))),
    line=st.just(1),
)
registers = st.lists(contracts, max_size=4, unique_by=lambda a: a.id)


def at_work(e: Engagement, day: date) -> bool:
    return e.start <= day and (e.end is None or day <= e.end)


def works_under(e: Engagement, a: Agreement) -> bool:
    return e.agency is not None and e.agency.lower() == a.receiver.lower() and (a.people is None or e.vma in a.people)


def covered_on(day: date, e: Engagement, team: list[Engagement], register: list[Agreement], system: str | None) -> bool:
    """Walk through the register on one day, as a person would with a finger on the page."""
    if not at_work(e, day):
        return False
    for a in register:
        in_force = a.signed and a.start <= day and (a.end is None or day <= a.end)
        in_scope = system is None or a.systems is None or system in a.systems
        if not (in_force and in_scope and works_under(e, a)):
            continue
        present = sorted((o.start, o.vma) for o in team if works_under(o, a) and at_work(o, day))
        if a.headcount is None or (e.start, e.vma) in present[: a.headcount]:
            return True
    return False


@given(engagements(), registers, st.sampled_from([None, "ehr", "cloud"]))
def test_cover_by_algebra_is_cover_day_by_day(team, register, system):
    coverage = Coverage(register, {}, team)
    for engagement in team:
        for leg in legs(engagement):
            found = coverage.days(leg, engagement, system)
            for day in CALENDAR:
                assert contains(found, day) is covered_on(day, engagement, team, register, system), (engagement, day)


@given(engagements(), registers)
def test_nobody_is_covered_outside_the_engagement(team, register):
    coverage = Coverage(register, {}, team)
    for engagement in team:
        assert difference(coverage.chain_days(engagement), engaged(engagement)) == ()


@given(engagements(), registers, days)
def test_no_agreement_ever_seats_more_people_than_it_covers(team, register, day):
    coverage = Coverage(register, {}, team)
    for a in register:
        if a.headcount is None:
            continue
        seated = [
            e for e in team
            if works_under(e, a) and at_work(e, day)
            and (seat := coverage.seat_from(a, e)) is not None and seat <= day
        ]  # fmt: skip
        present = coverage.seats_used(a, day)
        assert len(seated) == min(a.headcount, present)


@given(engagements(), registers, st.randoms(use_true_random=False))
def test_the_order_of_roster_and_register_changes_nothing(team, register, random):
    other_team, other_register = list(team), list(register)
    random.shuffle(other_team)
    random.shuffle(other_register)
    one, other = Coverage(register, {}, team), Coverage(other_register, {}, other_team)
    for engagement in team:
        assert one.chain_days(engagement) == other.chain_days(engagement)


@given(engagements(), registers, days)
def test_the_next_boundary_is_never_later_than_the_next_change_of_cover(team, register, day):
    coverage = Coverage(register, {}, team)
    for engagement in team:
        found = coverage.chain_days(engagement)
        later = [d for d in CALENDAR if d > day and contains(found, d) is not contains(found, day)]
        if later and at_work(engagement, day):
            boundary = coverage.next_boundary(engagement, day)
            assert boundary is not None
            assert boundary <= later[0]
