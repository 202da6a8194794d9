"""From weekly figures to an answer: is it a ceiling, which role, which lever, and did the last hire help."""

from datetime import date, timedelta

import pytest

from auditor.capacity.advise import Lever, assess
from auditor.capacity.checklist import load_checklist
from auditor.capacity.figures import Figures
from auditor.capacity.hires import HiresVerdict
from connectors.facts import Employment, Engagement

MONDAY = date(2026, 6, 1)
CHECKLIST = load_checklist()
STEADY = (0, 1, -1, 0, 2, -1, 1, 0, -2, 1, 0, -1, 1, 0, 2, -2, 0, 1, -1, 0)


def steady(value, weeks=20):
    return tuple(value + STEADY[i] for i in range(weeks))


def rising(first, last, weeks=20):
    return tuple(first + (last - first) * i // (weeks - 1) for i in range(weeks))


def figures(weeks=20, **columns):
    """Figures of the whole practice."""
    return by_role(weeks, **{"": columns})


def by_role(weeks=20, **roles):
    names = tuple(dict.fromkeys(name for columns in roles.values() for name in columns))
    values = {(role, name): tuple(map(float, columns[name])) for role, columns in roles.items() for name in names}
    if "" not in roles:
        together = {name: zip(*(values[role, name] for role in roles), strict=True) for name in names}
        values |= {("", name): tuple(map(sum, rows)) for name, rows in together.items()}
    each = tuple(MONDAY + timedelta(weeks=i) for i in range(weeks))
    return Figures("figures.csv", each, tuple(sorted(r for r in roles if r)), names, values)


def vma(id_, role="front_desk", start=date(2025, 1, 6), hours=40.0, **fields):
    return Engagement(id_, "Harbor Assist LLC", Employment.EMPLOYEE, (role,), start, hours=hours, **fields)


QUIET = {"calls": steady(200), "abandoned": steady(6), "tasks_due": steady(100), "done_late": steady(3)}
FULL = {"calls": steady(200), "abandoned": rising(6, 30), "tasks_due": steady(100), "done_late": rising(3, 20)}


def on(capacity):
    return {measured.signal.id for measured in capacity.practice if measured.on}


def test_steady_figures_are_no_ceiling_and_nobody_is_hired():
    found = assess(figures(**QUIET), CHECKLIST)
    assert (found.ceiling, on(found), found.advice.lever, found.advice.plan) == (False, set(), Lever.NONE, "")


def test_one_signal_is_no_ceiling_and_two_at_once_are():
    one = assess(figures(**{**QUIET, "abandoned": rising(6, 30)}), CHECKLIST)
    assert (one.ceiling, on(one)) == (False, {"abandoned-calls"})
    two = assess(figures(**FULL), CHECKLIST)
    assert (two.ceiling, on(two)) == (True, {"abandoned-calls", "late-tasks"})


def test_growth_alone_is_no_signal_because_every_signal_is_a_share():
    grown = {name: tuple(value * (10 + i) for i, value in enumerate(values)) for name, values in QUIET.items()}
    assert on(assess(figures(**grown), CHECKLIST)) == set()


def test_a_level_that_is_too_high_is_a_signal_without_a_trend_and_a_sure_but_tiny_trend_is_none():
    assert on(assess(figures(calls=(200,) * 20, abandoned=steady(40)), CHECKLIST)) == {"abandoned-calls"}
    tiny = assess(figures(calls=(100_000,) * 20, abandoned=rising(3000, 3100)), CHECKLIST)
    (measured,) = [m for m in tiny.practice if m.signal.id == "abandoned-calls"]
    assert measured.trend.p < 0.001
    assert not measured.on


def test_what_gets_better_is_no_signal():
    found = assess(figures(calls=(200,) * 20, abandoned=rising(6, 30)[::-1], tasks_due=steady(100)), CHECKLIST)
    assert on(found) == set()


def test_less_support_for_each_provider_is_worse_and_more_is_not():
    fewer = figures(hours=rising(40, 80)[::-1], providers=(2,) * 20)
    more = figures(hours=rising(40, 80), providers=(2,) * 20)
    assert (on(assess(fewer, CHECKLIST)), on(assess(more, CHECKLIST))) == ({"hours-per-provider"}, set())


def test_too_few_weeks_and_missing_columns_are_told_and_are_no_all_clear():
    found = assess(figures(weeks=7, calls=rising(9, 20, 7), abandoned=rising(0, 9, 7)), CHECKLIST)
    assert not found.measured
    reasons = {m.signal.id: m.reason for m in found.practice}
    assert reasons["abandoned-calls"] == "7 weeks have a figure, 8 are needed"
    assert reasons["late-tasks"] == "the file has no column done_late, tasks_due"


def test_weeks_without_a_call_have_no_share_of_calls():
    calls = (0, *(200,) * 19)
    found = assess(figures(calls=calls, abandoned=(0, *steady(6)[1:])), CHECKLIST)
    (measured,) = [m for m in found.practice if m.signal.id == "abandoned-calls"]
    assert len(measured.values) == 19
    assert measured.weeks[0] == 1


def test_the_role_whose_bottleneck_costs_most_comes_first_and_the_practice_sets_the_cost():
    file = by_role(front_desk=FULL, billing={**QUIET, "done_late": steady(20)})
    found = assess(file, CHECKLIST)
    assert [cost.role for cost in found.costs] == ["front_desk", "billing"]
    assert found.costs[0].hours == pytest.approx(27 * 0.2 + 18 * 0.25, abs=1)
    assert found.advice.role == "front_desk"
    dearer = assess(file, CHECKLIST, hours={"abandoned": 0, "done_late": 2})
    assert dearer.costs[0].role == "billing"


def test_a_hire_ends_with_the_plan_of_that_hire_on_the_first_of_a_month():
    advice = assess(by_role(front_desk=FULL, billing=QUIET), CHECKLIST, [vma("a")], config="my.yaml").advice
    assert (advice.lever, advice.count, advice.role) == (Lever.VMAS, 1, "front_desk")
    assert advice.plan == "auditor plan my.yaml --hire 1:front_desk:2026-12-01"


def test_old_figures_plan_no_hire_for_a_day_that_is_over():
    file, late = by_role(front_desk=FULL, billing=QUIET), date(2027, 3, 18)
    assert assess(file, CHECKLIST, [vma("a")], today=late).advice.plan.endswith(":2027-04-01")


def test_without_roles_the_plan_leaves_the_role_open_and_says_why():
    advice = assess(figures(**FULL), CHECKLIST).advice
    assert advice.plan.endswith("--hire 1:ROLE:2026-12-01")
    assert "a column `role` would say which role comes first" in advice.why


def test_where_those_who_are_there_can_work_more_nobody_is_hired():
    advice = assess(by_role(front_desk=FULL, billing=QUIET), CHECKLIST, [vma("a", hours=20)]).advice
    assert (advice.lever, advice.plan) == (Lever.HOURS, "")
    assert "a could work 20 hours more" in advice.why


def test_two_are_hired_where_more_than_one_week_of_work_is_missing():
    heavy = {**FULL, "abandoned": rising(6, 190)}
    advice = assess(by_role(front_desk=heavy, billing=QUIET), CHECKLIST, [vma("a")], hours={"abandoned": 0.3}).advice
    assert (advice.lever, advice.count) == (Lever.VMAS, 2)


def test_work_of_a_role_that_nobody_has_calls_for_that_role():
    advice = assess(by_role(front_desk=FULL, billing=QUIET), CHECKLIST, [vma("b", "billing")]).advice
    assert (advice.lever, advice.count) == (Lever.VMAS, 1)
    assert "nobody at work has that role" in advice.why


def test_somebody_who_has_just_come_is_waited_for():
    fresh = vma("b", start=MONDAY + timedelta(weeks=18))
    found = assess(by_role(front_desk=FULL, billing=QUIET), CHECKLIST, [vma("a"), fresh])
    assert found.effects[0].verdict is HiresVerdict.EARLY
    assert found.advice.lever is Lever.NONE
    assert "b (from 2026-10-05) cannot be seen in the figures yet" in found.advice.why


def test_somebody_who_is_hired_already_and_starts_later_is_counted_too():
    coming = vma("b", start=MONDAY + timedelta(weeks=26))
    assert assess(by_role(front_desk=FULL, billing=QUIET), CHECKLIST, [vma("a"), coming]).advice.lever is Lever.NONE


def test_work_that_is_late_everywhere_is_divided_wrongly():
    advice = assess(by_role(front_desk=FULL, billing=FULL, scheduler=FULL), CHECKLIST, [vma("a")]).advice
    assert advice.lever is Lever.ROLES
    assert "no role stands out" in advice.why


def hired(after):
    """Front desk figures that go from bad to `after` when somebody joins in the tenth week."""
    bad = {"calls": (200,) * 20, "tasks_due": (100,) * 20}
    columns = {
        "abandoned": tuple(30 + i % 3 if i < 10 else after + i % 3 for i in range(20)),
        "done_late": tuple(20 + i % 3 if i < 10 else after * 2 // 3 + i % 3 for i in range(20)),
    }
    roster = [vma("a"), vma("b", start=MONDAY + timedelta(weeks=10))]
    return assess(by_role(front_desk=bad | columns, billing=QUIET), CHECKLIST, roster)


@pytest.mark.parametrize(
    ("after", "verdict"), [(6, HiresVerdict.BETTER), (30, HiresVerdict.SAME), (60, HiresVerdict.WORSE)]
)
def test_the_last_vma_made_the_figures_better_the_same_or_worse(after, verdict):
    (effect,) = hired(after).effects
    assert (effect.hire.vma, effect.verdict) == ("b", verdict)
    assert effect.structural is (verdict is not HiresVerdict.BETTER)


def test_a_hire_that_changed_nothing_is_a_problem_of_structure_and_the_next_one_is_not_advised():
    advice = hired(30).advice
    assert (advice.lever, advice.plan) == (Lever.ROLES, "")
    assert "a problem of structure, not of capacity" in advice.why


def test_better_in_one_figure_and_worse_in_another_is_mixed():
    late = tuple(5 + i % 3 if i < 10 else 40 + i % 3 for i in range(20))
    lost = tuple(40 + i % 3 if i < 10 else 5 + i % 3 for i in range(20))
    file = figures(calls=(200,) * 20, abandoned=lost, tasks_due=(100,) * 20, done_late=late)
    (effect,) = assess(file, CHECKLIST, [vma("a"), vma("b", start=MONDAY + timedelta(weeks=10))]).effects
    assert effect.verdict is HiresVerdict.MIXED


def test_without_a_roster_the_number_of_vmas_tells_when_one_was_added():
    file = figures(**FULL, vmas=(2,) * 10 + (3,) * 10)
    (effect,) = assess(file, CHECKLIST).effects
    assert (effect.hire.vma, effect.hire.start) == ("", MONDAY + timedelta(weeks=10))


def test_somebody_who_was_there_before_the_first_week_or_returns_is_no_hire():
    again = vma("a", start=MONDAY + timedelta(weeks=9))
    assert assess(figures(**FULL), CHECKLIST, [vma("a", end=date(2025, 12, 1)), again]).effects == ()
