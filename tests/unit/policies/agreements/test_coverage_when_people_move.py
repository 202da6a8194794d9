"""Coverage that is carried over from the audit before says what coverage that is made anew says."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.facts import Employment
from policies.agreements.chain import legs
from policies.agreements.coverage import Coverage
from policies.agreements.register import AgreementKind
from tests.builders import AGENCY, TODAY, Clinic, ago, ahead

TIDE = "Tide Partners Inc"
SUB = AgreementKind.SUBCONTRACTOR_BAA


def practice() -> Clinic:
    """Two agencies with too few seats, and a paper with one seat for two who are named."""
    clinic = Clinic().agreement("A", headcount=2).agreement("N").agreement("T", TIDE, headcount=1)
    clinic.agreement("P", headcount=1, people=frozenset({"Bea Lim", "Cal Tan"}))
    clinic.agreement("M", "Manila Desk", AGENCY, kind=SUB, headcount=1)
    for days, (id_, name) in enumerate((("ana", "Ana Santos"), ("bea", "Bea Lim"), ("cal", "Cal Tan"))):
        clinic.vma(id_, name, start=ago(90 - 10 * days))
    clinic.vma("tia", "Tia Cruz", agency=TIDE, start=ago(60)).vma("tom", "Tom Yu", agency=TIDE, start=ago(50))
    return clinic.vma("mia", "Mia Ong", agency=f"{AGENCY} > Manila Desk", start=ago(40))


def joined(clinic: Clinic) -> None:
    clinic.vma("abe", "Abe Roy", start=ago(85))


def left(clinic: Clinic) -> None:
    clinic.engagements["ana"] = replace(clinic.engagements["ana"], end=ago(1))


def forgotten(clinic: Clinic) -> None:
    del clinic.people["ana"], clinic.engagements["ana"]


def renamed(clinic: Clinic) -> None:
    clinic.people["bea"] = replace(clinic.people["bea"], name="Bea Ortiz")


def namesake(clinic: Clinic) -> None:
    """Somebody of the other agency takes a name by which a paper knows one of this."""
    clinic.people["tom"] = replace(clinic.people["tom"], name="Bea Lim")


def swapped(clinic: Clinic) -> None:
    for one, agency in (("ana", TIDE), ("tia", AGENCY)):
        clinic.engagements[one] = replace(clinic.engagements[one], agency=agency)


def further_down(clinic: Clinic) -> None:
    """Two change places, of whom one works through two links."""
    for one, agency in (("mia", TIDE), ("tom", f"{AGENCY} > Manila Desk")):
        clinic.engagements[one] = replace(clinic.engagements[one], agency=agency)


Answers = dict[str, dict[str, object]]


def answers(coverage: Coverage, clinic: Clinic) -> Answers:
    """What coverage says of each VMA, and of each paper."""
    of_people = {
        vma: {"days": coverage.chain_days(e), **{a.id: coverage.seat_from(a, e) for a in clinic.agreements}}
        for vma, e in clinic.engagements.items()
    }
    used = {a.id: [coverage.seats_used(a, day) for day in (ago(30), TODAY)] for a in clinic.agreements}
    return {**of_people, "used": used}


MOVES = [
    (joined, {"bea", "cal", "mia"}),
    (left, {"cal", "mia"}),  # Cal gets the seat, and Mia is told another count
    (forgotten, {"cal", "mia"}),
    (renamed, {"bea", "cal"}),
    (namesake, {"bea", "cal", "tom"}),
    (swapped, {"cal"}),
    (further_down, {"mia", "tom"}),
]


def moved_by(move: Callable[[Clinic], None]) -> tuple[Clinic, Clinic, set[str]]:
    before, after = practice(), practice()
    move(after)
    of = [
        {v: (c.engagements.get(v), c.people.get(v)) for v in {*before.people, *after.people}} for c in (before, after)
    ]
    return before, after, {vma for vma in of[0] if of[0][vma] != of[1][vma]}


@pytest.mark.parametrize("move", [move for move, _ in MOVES])
def test_what_is_carried_over_is_what_is_made_anew(move):
    before, after, moved = moved_by(move)
    old = before.case().coverage
    answers(old, before)  # so that what it keeps is there, and could be stale
    rows = ([clinic.engagements[v] for v in sorted(moved) if v in clinic.engagements] for clinic in (before, after))
    later = old.after(after.people, {}, moved, *rows)
    assert answers(later, after) == answers(after.case().coverage, after)
    assert answers(old, before) == answers(before.case().coverage, before)


@pytest.mark.parametrize(("move", "asked"), MOVES)
def test_whoever_is_covered_otherwise_because_of_others_is_asked_again(move, asked):
    before, after, moved = moved_by(move)
    old, new = before.case().coverage, after.case().coverage
    said = {*old.moved(TODAY, new, TODAY)}
    were, are = answers(old, before), answers(new, after)
    otherwise = {vma for vma in before.engagements.keys() & after.engagements.keys() if were[vma] != are[vma]}
    assert otherwise - moved <= said
    assert said | moved == asked | moved


def test_nobody_is_asked_again_while_all_stay():
    assert {*practice().case().coverage.moved(TODAY, practice().case().coverage, TODAY)} == set()


def test_a_seat_that_is_free_from_today_is_there_today():
    clinic = Clinic().agreement("A", headcount=1).vma("ana", start=ago(90), end=ago(1)).vma("bea", start=ago(80))
    (leg,) = legs(clinic.engagements["bea"])
    coverage = clinic.case().coverage
    assert [a.id for a in coverage.seated(leg, clinic.engagements["bea"], TODAY)] == ["A"]
    assert coverage.seated(leg, clinic.engagements["bea"], ago(1)) == []


@pytest.mark.parametrize(("end", "asked"), [(ago(2), {"cal"}), (ago(1), {"cal"}), (ahead(1), {"bea", "cal"})])
def test_whoever_has_no_seat_yet_is_asked_again_when_the_count_is_another(end, asked):
    """Cal never had a seat, and Bea gets Ana's from the day after Ana's last."""

    def clinic() -> Clinic:
        made = Clinic().agreement("A", headcount=1).vma("ana", start=ago(90), end=end)
        return made.vma("bea", start=ago(80)).vma("cal", start=ago(70))

    later = clinic().vma("dan", start=ago(5)).case().coverage
    assert {*clinic().case().coverage.moved(TODAY, later, TODAY)} == asked | {"dan"}


def test_only_papers_of_the_kind_that_a_leg_needs_are_of_the_leg():
    clinic = Clinic().vma("ana").agreement("A").agreement("B", kind=SUB)
    (leg,) = legs(clinic.engagements["ana"])
    assert [a.id for a in clinic.case().coverage.of_leg(leg)] == ["A"]


def test_a_paper_with_a_person_is_not_one_between_two_organisations():
    clinic = Clinic().agreement("A").agreement("S", "ana", AGENCY, kind=SUB, headcount=1)
    clinic.vma("ana", employment=Employment.CONTRACTOR)
    coverage = clinic.case().coverage
    assert {a.id: coverage.works_under(a, clinic.engagements["ana"]) for a in clinic.agreements} == {
        "A": True,
        "S": False,
    }


def test_two_spellings_of_an_organisation_are_one():
    coverage = practice().case().coverage
    assert coverage.same("Harbor Assist, LLC", AGENCY)
    assert not coverage.same(TIDE, AGENCY)
