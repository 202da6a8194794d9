"""Who has which work on a day: a role owns it through whoever holds it, is there, and works at the place."""

import pytest

from policies.vocabulary import Vocabulary
from tests.builders import Clinic, ago, ahead
from tests.workmaps import mapped, one_task


def clinic(**bob):
    return (
        Clinic()
        .vma("ana", "Ana Santos", locations=("Lakeside",))
        .vma("bob", "Bob Reyes", **{"locations": ("Hillcrest",), **bob})
        .person("boss", "Laura Pettersen")
    )


def owners(case):
    return {(piece.task, piece.location): piece.owners for piece in case.duties.pieces}


PLACES = ", locations: [Lakeside, Hillcrest]"


def test_each_location_is_owned_by_those_of_the_role_who_work_there():
    case = mapped(clinic(), one_task(more=PLACES))
    assert owners(case) == {("book", "Lakeside"): ("ana",), ("book", "Hillcrest"): ("bob",)}


@pytest.mark.parametrize(
    "absent",
    [
        {"end": ago(1)},  # the last day was yesterday
        {"start": ahead(1)},
        {"on_leave": True},
        {"roles": ("billing",)},
    ],
)
def test_work_of_somebody_who_is_not_there_has_no_owner(absent):
    assert owners(mapped(clinic(**absent), one_task(more=PLACES)))["book", "Hillcrest"] == ()


def test_somebody_whose_last_day_is_today_still_owns_the_work():
    assert owners(mapped(clinic(end=ago(0)), one_task(more=PLACES)))["book", "Hillcrest"] == ("bob",)


def test_somebody_for_whom_the_roster_names_no_location_works_at_all_of_them():
    assert owners(mapped(clinic(locations=()), one_task(more=PLACES, top="locations: [Hillcrest]\n")))[
        "book", "Lakeside"
    ] == (
        "ana",
        "bob",
    )


def test_a_pool_owns_central_work_together_and_dedicated_work_twice():
    text = one_task()
    (pool,) = mapped(clinic(), text).duties.pieces
    (twice,) = mapped(clinic(), text.replace("centralized", "dedicated")).duties.pieces
    assert (pool.owners, pool.doubled) == (("ana", "bob"), False)
    assert (twice.owners, twice.doubled) == (("ana", "bob"), True)


def test_work_that_names_two_owners_or_stands_in_two_clusters_has_two_owners_in_any_model():
    (named,) = mapped(clinic(), one_task(owner="[ana, bob]")).duties.pieces
    again = (
        one_task(owner="ana")
        + "  other:\n    title: Other\n    tasks: {book: {title: B, owner: bob, needs: [schedule.read]}}\n"
    )
    (claimed,) = mapped(clinic(), again).duties.pieces
    assert named.doubled
    assert claimed.doubled
    assert len(claimed.entries) == 2


def test_two_names_for_one_person_are_one_owner():
    (piece,) = mapped(clinic(roles=("billing",)), one_task(owner="[ana, scheduler]")).duties.pieces
    assert (piece.owners, piece.doubled) == (("ana",), False)


def test_the_lane_is_what_owned_and_backed_up_work_needs_and_who_may_change_may_see():
    text = one_task("schedule.write", owner="ana", more=", backup: bob")
    words = Vocabulary.load()
    duties = mapped(clinic(), text).duties
    assert words.names(duties.lane("ana")) == words.names(duties.lane("bob")) == ("schedule.read", "schedule.write")
    assert duties.lane("boss") == 0


def test_staff_can_own_work_and_services_cannot():
    staffed = clinic().person("boss", "Laura Pettersen")
    assert mapped(staffed, one_task(owner="boss")).duties.by_person.keys() == {"boss"}
