"""Headcount events: what became of each engagement between two audits."""

from datetime import date, timedelta

import pytest

from auditor.headcount.events import Event, applying, coming, events
from connectors.facts import Employment, Engagement, Person, PersonKind
from policies.engagements import stretches
from tests.builders import TODAY, ago, ahead, engagements_of

THEN = ago(30)


def happened(before: dict | None, after: dict | None, *, then: date = THEN, today: date = TODAY) -> list[Event]:
    old = {} if before is None else engagements_of(ana=before)
    new = {} if after is None else engagements_of(ana=after)
    return list(events(old.values(), new.values(), then, today))


def told(*args: dict | None, **kwargs: date) -> list[tuple[str, str]]:
    return [(event.kind.value, event.detail) for event in happened(*args, **kwargs)]


def person(name: str, email: str | None) -> Person:
    return Person("ana", name, email, PersonKind.VMA)


def test_a_roster_that_did_not_change_has_no_events():
    assert told({}, {}) == []


def test_somebody_new_on_the_roster_has_joined():
    assert told(None, {"start": ago(5)}) == [("joined", f"scheduler, from {ago(5)}, through Harbor Assist LLC")]
    assert told(None, {"start": ago(5), "agency": None})[0][1].endswith("engaged by the practice")


@pytest.mark.parametrize(
    ("start", "kinds"),
    [
        (TODAY, ["joined"]),  # the first day is today
        (ago(29), ["joined"]),
        (THEN, []),  # was there already at the audit before
        (ahead(1), []),  # still to come
    ],
)
def test_somebody_who_was_listed_all_along_joins_on_the_first_day(start, kinds):
    assert [kind for kind, _ in told({"start": start}, {"start": start})] == kinds


@pytest.mark.parametrize(
    ("end", "kinds"),
    [
        (TODAY, []),  # the last working day is today
        (ago(1), ["left"]),
        (THEN, ["left"]),  # the last day was the day of the audit before
        (ago(31), []),  # had left before that already
        (None, []),
    ],
)
def test_somebody_whose_end_was_known_all_along_leaves_on_the_day_after(end, kinds):
    assert [kind for kind, _ in told({"end": end}, {"end": end})] == kinds


def test_somebody_who_leaves_is_told_with_the_last_day():
    assert told({}, {"end": ago(3)}) == [("left", f"last day {ago(3)}")]


def test_somebody_who_vanished_from_the_roster_has_left_without_a_known_end():
    assert told({}, None) == [("left", "no longer on the roster, without an end date")]


def test_somebody_who_vanished_after_a_known_last_day_left_on_that_day():
    assert told({"end": ago(3)}, None) == [("left", f"last day {ago(3)}; no longer on the roster")]
    assert told({"end": ahead(3)}, None) == [("left", "no longer on the roster, without an end date")]


def test_a_start_that_moved_into_the_future_is_told_as_that():
    assert told({}, {"start": ahead(9)}) == [("left", f"now starts on {ahead(9)}")]


def test_somebody_who_never_started_has_not_left():
    assert told({"start": ahead(3)}, None) == []
    assert told({"start": ahead(3)}, {"start": ahead(9)}) == []


def test_somebody_who_returns_to_the_roster_is_rehired():
    assert [kind for kind, _ in told({"end": ago(90)}, {"start": ago(2)})] == ["rehired"]
    assert [kind for kind, _ in told({"end": ago(20)}, {"start": ago(2)})] == ["left", "rehired"]


@pytest.mark.parametrize(
    ("before", "after", "kind", "detail"),
    [
        ({}, {"roles": ("billing",)}, "role-changed", "scheduler → billing"),
        ({"locations": ("Lakeside",)}, {"locations": ("Lakeside", "Hillcrest")}, "scope-changed",
         "Lakeside → Lakeside, Hillcrest"),
        ({"locations": ("Lakeside",)}, {}, "scope-changed", "Lakeside → none"),
        ({"hours": 40.0}, {"hours": 20.0}, "hours-changed", "40 hours a week → 20 hours a week"),
        ({}, {"hours": 37.5}, "hours-changed", "not stated → 37.5 hours a week"),
        ({}, {"agency": None}, "agency-changed", "employee of Harbor Assist LLC → employee of the practice"),
        ({}, {"employment": Employment.CONTRACTOR}, "agency-changed",
         "employee of Harbor Assist LLC → contractor of Harbor Assist LLC"),
        ({}, {"on_leave": True}, "on-leave", "on leave"),
        ({"on_leave": True}, {}, "returned", "back from leave"),
    ],
)  # fmt: skip
def test_each_change_of_an_engagement_is_an_event(before, after, kind, detail):
    assert told(before, after) == [(kind, detail)]


@pytest.mark.parametrize("field", ["roles", "locations"])
def test_the_order_of_roles_and_places_is_no_change(field):
    assert told({field: ("billing", "scheduler")}, {field: ("scheduler", "billing")}) == []


def test_several_changes_at_once_are_several_events():
    before = {"locations": ("Lakeside",), "hours": 40.0}
    after = {"locations": ("Hillcrest",), "hours": 20.0, "roles": ("billing",), "agency": "Other Inc", "on_leave": True}
    assert [kind for kind, _ in told(before, after)] == [
        "role-changed", "scope-changed", "hours-changed", "agency-changed", "on-leave"
    ]  # fmt: skip


def test_an_event_carries_the_engagement_before_and_after():
    (event,) = happened({}, {"roles": ("billing",)})
    assert (event.vma, event.before.roles, event.after.roles) == ("ana", ("scheduler",), ("billing",))
    (joined,) = happened(None, {"start": ago(1)})
    assert joined.before is None
    (left,) = happened({}, None)
    assert left.after is None


def test_events_stand_in_the_order_of_vmas_whatever_the_order_of_the_rosters():
    old = engagements_of(cy={}, ana={}, bea={})
    new = engagements_of(bea={"roles": ("billing",)}, dee={"start": ago(2)}, cy={})
    backwards = [dict(reversed(roster.items())) for roster in (old, new)]
    told = events(old.values(), new.values(), THEN, TODAY)
    assert [(e.vma, e.kind.value) for e in told] == [("ana", "left"), ("bea", "role-changed"), ("dee", "joined")]
    assert events(*(roster.values() for roster in backwards), THEN, TODAY) == told


def test_somebody_who_came_and_went_between_two_audits_is_told():
    (brief,) = engagements_of(ana={"start": ago(20), "end": ago(10)}).values()
    found = events([], [brief], THEN, TODAY)
    assert [event.kind.value for event in found] == ["joined", "left"]
    assert found[1].detail == f"last day {ago(10)}"


def test_a_corrected_start_is_told_and_is_no_coming_or_going():
    assert told({"start": ago(60)}, {"start": ago(50)}) == [("corrected", f"first day {ago(60)} → {ago(50)}")]
    assert told({}, {"end": ahead(9)}) == [("corrected", f"last day not known → {ahead(9)}")]


def test_an_end_that_is_set_afterwards_says_how_late_it_was_told():
    assert told({}, {"end": ago(40)}) == [("left", f"last day {ago(40)}, told 10 days or more after it")]


def test_a_new_name_with_the_same_id_is_the_same_person():
    both = engagements_of(ana={})
    then, now = person("Ana Reyes", "ana.reyes@example.com"), person("Ana Santos", "ana.reyes@example.com")
    found = events(both.values(), both.values(), THEN, TODAY, people=({"ana": then}, {"ana": now}))
    assert [(event.kind.value, event.detail) for event in found] == [("renamed", "Ana Reyes → Ana Santos")]


def test_another_name_and_another_address_under_an_old_id_are_another_person():
    both = engagements_of(ana={})
    then, now = person("Ana Reyes", "ana.reyes@example.com"), person("Ben Cole", "ben.cole@example.com")
    found = events(both.values(), both.values(), THEN, TODAY, people=({"ana": then}, {"ana": now}))
    assert [(event.kind.value, event.detail) for event in found] == [("id-reused", "Ana Reyes → Ben Cole")]


def test_two_roles_at_once_are_one_engagement_and_the_second_role_that_came_or_went_is_told():
    assert told({}, {"roles": ("scheduler", "front_desk")}) == [("role-changed", "scheduler → scheduler, front_desk")]
    assert told({"roles": ("scheduler", "front_desk")}, {}) == [("role-changed", "scheduler, front_desk → scheduler")]
    assert told({"roles": ("scheduler", "front_desk")}, {"roles": ("front_desk", "scheduler")}) == []


def test_what_the_roster_dates_is_known_before_it_happens():
    (early,) = engagements_of(ana={"start": ago(90), "end": ahead(3)}).values()
    (again,) = engagements_of(ana={"start": ahead(20)}).values()
    (new,) = engagements_of(ben={"start": ahead(5)}).values()
    (far,) = engagements_of(cy={"start": ahead(400)}).values()
    found = coming([early, again, new, far], TODAY, ahead(90))
    assert [(day, event.vma, event.kind.value) for day, event in found] == [
        (ahead(4), "ana", "left"),
        (ahead(5), "ben", "joined"),
        (ahead(20), "ana", "rehired"),
    ]


@pytest.mark.parametrize(("day", "start"), [(ago(10), ago(90)), (ago(2), ahead(20)), (ahead(30), ahead(20))])
def test_of_several_periods_the_one_that_runs_counts_or_the_next_or_the_last(day, start):
    (early,) = engagements_of(ana={"start": ago(90), "end": ago(5)}).values()
    (again,) = engagements_of(ana={"start": ahead(20), "end": ahead(25)}).values()
    assert applying([again, early], day)["ana"].start == start


# ---- several engagements of one VMA: truths written by hand, with audits on 10 and 20 November ---------------------

TENTH, TWENTIETH = date(2026, 11, 10), date(2026, 11, 20)


def row(first: int, last: int | None, *roles: str, **fields: object) -> Engagement:
    """Return a row from one day of November to another."""
    end = None if last is None else date(2026, 11, last)
    facts = {"agency": "Harbor Assist LLC", "employment": Employment.EMPLOYEE} | fields
    return Engagement(vma="ana", roles=roles or ("scheduler",), start=date(2026, 11, first), end=end, **facts)


def between(old: list[Engagement], new: list[Engagement]) -> list[tuple[str, str]]:
    return [(e.kind.value, e.detail) for e in events(stretches(old), stretches(new), TENTH, TWENTIETH)]


def test_rows_that_touch_are_one_change_on_that_day():
    both = [row(1, 12), row(13, None, "billing")]
    assert between(both, both) == [("role-changed", "scheduler → billing, from 2026-11-13")]
    # the same, when the first row had no end before the second was entered, or was replaced by the second
    assert between([row(1, None)], both) == [("role-changed", "scheduler → billing, from 2026-11-13")]
    assert between([row(1, None)], both[1:]) == [("role-changed", "scheduler → billing, from 2026-11-13")]


def test_a_contractor_who_becomes_an_employee_has_not_left():
    both = [row(1, 12, employment=Employment.CONTRACTOR), row(13, None)]
    detail = "contractor of Harbor Assist LLC → employee of Harbor Assist LLC, from 2026-11-13"
    assert between(both, both) == [("agency-changed", detail)]


def test_another_agency_from_the_next_day_on_is_a_change_of_agency():
    both = [row(1, 12), row(13, None, agency="Tide Partners Inc")]
    detail = "employee of Harbor Assist LLC → employee of Tide Partners Inc, from 2026-11-13"
    assert between(both, both) == [("agency-changed", detail)]


def test_a_gap_between_two_rows_is_a_leaving_and_a_rehiring():
    both = [row(1, 11), row(16, None)]
    assert between(both, both) == [
        ("left", "last day 2026-11-11"),
        ("rehired", "scheduler, from 2026-11-16, through Harbor Assist LLC"),
    ]


def test_whoever_is_back_today_left_on_the_last_day_that_was_known_though_its_row_is_gone():
    old, new = [row(1, 11), row(23, 30)], [row(23, None)]
    told_ = [(e.kind.value, e.detail) for e in events(old, new, date(2026, 11, 9), TODAY)]
    assert told_[0] == ("left", "last day 2026-11-11")
    assert told_[1][0] == "rehired"


def test_a_row_to_come_is_no_event_before_its_day():
    known = [row(1, 29), row(30, None, "billing")]
    assert between([row(1, None)], known) == []
    assert between(known, known) == []
    assert [(d.day, e.kind.value, e.detail) for d, e in coming(known, TWENTIETH, date(2026, 12, 31))] == [
        (30, "role-changed", "scheduler → billing")
    ]


def test_of_three_rows_each_change_is_told():
    three = [row(1, 10), row(11, 14, "billing"), row(15, None, "billing", locations=("Lakeside",))]
    assert between(three, three) == [
        ("role-changed", "scheduler → billing, from 2026-11-11"),
        ("scope-changed", "none → Lakeside, from 2026-11-15"),
    ]


def test_a_leave_that_has_its_own_row_begins_and_ends_on_its_days():
    rows = [row(1, 11), row(12, 15, on_leave=True), row(16, None)]
    assert between(rows, rows) == [
        ("on-leave", "on leave, from 2026-11-12"),
        ("returned", "back from leave, from 2026-11-16"),
    ]


def test_a_corrected_date_is_no_coming_and_going():
    assert between([row(1, None)], [row(3, None)]) == [("corrected", "first day 2026-11-01 → 2026-11-03")]
    assert between([row(1, 5)], [row(1, 8)]) == [("corrected", "last day 2026-11-05 → 2026-11-08")]
    assert between([row(1, 5)], [row(1, None)]) == [("corrected", "last day 2026-11-05 → not known")]
    both = [row(1, 5), row(9, None, "billing")]
    assert between(both, [row(2, 5), both[1]]) == [("corrected", "first day 2026-11-01 → 2026-11-02")]


def test_one_history_in_one_row_or_in_two_is_the_same():
    assert between([row(1, None)], [row(1, 7), row(8, None)]) == []
    assert between([row(5, None)], [row(1, 4), row(5, None)]) == [("corrected", "first day 2026-11-05 → 2026-11-01")]


def test_who_is_entered_late_has_joined_and_left_all_the_same():
    assert between([], [row(3, None)]) == [
        ("joined", "scheduler, from 2026-11-03, through Harbor Assist LLC, told 7 days or more after it")
    ]
    assert between([], [row(1, 8)]) == [
        ("joined", "scheduler, from 2026-11-01, through Harbor Assist LLC, told 9 days or more after it"),
        ("left", "last day 2026-11-08, told 2 days or more after it"),
    ]
    assert [kind for kind, _ in between([], [row(1, 8), row(9, None, "billing")])] == ["joined", "role-changed"]


def test_a_second_period_that_is_entered_late_is_told_with_the_gap():
    assert between([row(1, None)], [row(1, 4), row(8, None)]) == [
        ("left", "last day 2026-11-04, told 6 days or more after it"),
        ("rehired", "scheduler, from 2026-11-08, through Harbor Assist LLC, told 2 days or more after it"),
    ]


def test_two_rows_at_once_that_are_entered_together_are_one_coming():
    rows = [row(12, None, hours=20.0), row(15, None, "billing", hours=10.0)]
    assert between([], rows) == [
        ("joined", "scheduler, from 2026-11-12, through Harbor Assist LLC"),
        ("role-changed", "scheduler → scheduler, billing, from 2026-11-15"),
        ("hours-changed", "20 hours a week → 30 hours a week, from 2026-11-15"),
    ]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (("Ana Reyes", "ana.reyes@example.com"), ("Ana Cruz", "ana.cruz@example.com"), "renamed"),
        (("Reyes, Ana", "areyes@example.com"), ("Cruz, Ana", "acruz@example.com"), "renamed"),
        (("Ana Reyes", "ana.reyes@example.com"), ("Ana Cruz", "cruz.ana@example.org"), "renamed"),
        (("Ána Reyes", "ana.reyes@example.com"), ("Ana Cruz-Reyes", "ana.cruzreyes@example.com"), "renamed"),
        (("Ana Reyes", "ana.reyes@example.com"), ("Ana Cruz", None), "renamed"),
        (("Ana Reyes", "ana.reyes@example.com"), ("Ben Cole", "ben.cole@example.com"), "id-reused"),
        (("Ana Reyes", "ana.reyes@example.com"), ("Bea Reyes", "bea.reyes@example.com"), "id-reused"),
        (("Ana Reyes", "ana.reyes@example.com"), ("Ana Cruz", "zed@example.com"), "id-reused"),
    ],
)
def test_a_new_name_at_marriage_is_no_other_person(was, now, kind):
    rows = [row(1, None)]
    found = events(rows, rows, TENTH, TWENTIETH, people=({"ana": person(*was)}, {"ana": person(*now)}))
    assert [event.kind.value for event in found] == [kind]


def test_where_it_cannot_be_told_whether_it_is_the_same_person_that_is_said():
    was, now = person("Ana Reyes", "ana.reyes@example.com"), person("Ana Cruz", "ana.cruz@example.com")
    people = {"ana": was}, {"ana": now}
    (event,) = (
        e for e in events([row(1, 9)], [row(15, None)], TENTH, TWENTIETH, people=people) if e.kind == "id-reused"
    )
    assert "nothing here shows" in event.detail


@pytest.mark.parametrize(
    ("was", "now", "kinds"),
    [
        (ago(40), ago(10), ["left"]),  # it is the day on which she left
        (ago(40), THEN, ["left"]),
        (ago(40), ago(35), ["corrected"]),  # had left before either way
        (THEN, ago(40), ["left"]),
        (None, ago(10), ["left"]),
        (ahead(5), ahead(9), ["corrected"]),
    ],
)
def test_another_last_day_is_told_once_as_a_leaving_or_as_a_correction(was, now, kinds):
    assert [kind for kind, _ in told({"end": was}, {"end": now})] == kinds


def test_another_last_day_of_somebody_who_only_joined_since_is_part_of_the_joining():
    assert [kind for kind, _ in told({"start": ago(5), "end": ahead(5)}, {"start": ago(5), "end": ahead(9)})] == [
        "joined"
    ]


def test_what_happens_today_is_no_longer_to_come():
    (one,) = engagements_of(ana={"start": TODAY, "end": ahead(3)}).values()
    assert [day for day, _ in coming([one], TODAY, ahead(4))] == [ahead(4)]
    assert [day for day, _ in coming([one], ago(1), ahead(3))] == [TODAY]


def test_what_was_entered_of_the_very_day_of_the_audit_before_is_not_told_late():
    ((kind, detail),) = told(None, {"start": THEN})
    assert (kind, "told" in detail) == ("joined", False)
    assert "told 1 days or more after it" in told(None, {"start": THEN - timedelta(days=1)})[0][1]


def test_who_had_begun_on_the_day_of_the_audit_before_and_is_dated_earlier_now_has_not_come_anew():
    assert [kind for kind, _ in told({"start": THEN}, {"start": ago(40)})] == ["corrected"]
