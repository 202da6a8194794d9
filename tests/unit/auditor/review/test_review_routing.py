"""Nobody decides about themselves, by whichever spelling, nor about privileged access while holding such."""

import pytest

from auditor.store import Store
from connectors.errors import AuditorError
from tests.review_practice import ACCOUNTS, REVIEW, Reviewed, who
from tests.small_practice import account

SUPERVISOR = (
    "    dana: {name: Dana Ortiz, person: STF-1, email: dana@small.example.test, supervises: {roles: [scheduler]}}\n"
)


def with_dana(line):
    return REVIEW.replace(SUPERVISOR, f"    dana: {{{line}, supervises: {{roles: [scheduler]}}}}\n")


def test_an_id_in_other_letters_is_still_ones_own(tmp_path):
    made = Reviewed.made(tmp_path, review=with_dana("name: D, person: ANA"))
    asked = made.open().asked
    assert {q.reviewer for q in asked.questions if q.person == "ana"} == {"morgan"}
    assert {q.reviewer for q in asked.questions if q.person == "ben"} == {"dana"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("name: Somebody Else, person: STF-99", "neither in the roster nor in the staff file"),
        ("name: Pat Quinn, email: DANA@small.example.test", r"is that of Dana Ortiz \(STF-1\)"),
        ("name: Pat Quinn, person: STF-2, email: dana@small.example.test", r"is that of Dana Ortiz \(STF-1\)"),
    ],
)
def test_a_reviewer_who_cannot_be_told_apart_keeps_a_review_from_opening(tmp_path, line, says):
    made = Reviewed.made(tmp_path, review=with_dana(line))
    with pytest.raises(AuditorError, match=says):
        made.open()


def test_somebody_outside_roster_and_staff_file_may_review(tmp_path):
    made = Reviewed.made(tmp_path, review=with_dana("name: Pat Quinn, email: pat@elsewhere.example.test"))
    assert {q.reviewer for q in made.open().asked.questions if q.person == "ben"} == {"dana"}


def test_who_holds_privileged_access_by_what_the_systems_show_decides_nothing_privileged(tmp_path):
    admin = account("dana", "Administrator", Name="Dana Ortiz", Last="2026-11-19")
    ana = account("ana", "Scheduling;Administrator", Last="2026-11-09")
    made = Reviewed.made(tmp_path, accounts=(ana, *ACCOUNTS[1:], admin))
    found = made.open()
    privileged = [q for q in found.asked.questions if q.privileged]
    assert {q.person for q in privileged} == {"ana", "STF-1"}
    assert {q.reviewer for q in privileged} == {"morgan"}
    assert {q.reviewer for q in found.asked.questions if q.person == "ben"} == {"dana"}
    about_ana = next(q for q in privileged if q.person == "ana")
    with Store.open(made.path) as store:
        takers = made.desk(store).may_take(who("morgan"), found.campaign.id, about_ana.question)
    assert takers == ()
