"""Which agreements a VMA's work needs, and on which days each of them was in place."""

from datetime import date

import pytest

from connectors.facts import Employment
from policies.agreements.chain import engagement_type, legs
from policies.agreements.days import FOREVER
from policies.agreements.register import AgreementKind
from tests.builders import AGENCY, TODAY, Clinic, ago, ahead, engagements_of

EMPLOYEE, CONTRACTOR = Employment.EMPLOYEE, Employment.CONTRACTOR


@pytest.mark.parametrize(
    ("agency", "employment", "type_", "parties"),
    [
        (None, EMPLOYEE, "practice-workforce", []),
        (None, CONTRACTOR, "direct-contractor", [("practice", "ana")]),
        (AGENCY, EMPLOYEE, "agency-employee", [("practice", AGENCY)]),
        (AGENCY, CONTRACTOR, "agency-contractor", [("practice", AGENCY), (AGENCY, "ana")]),
    ],
)
def test_the_chain_follows_the_engagement(agency, employment, type_, parties):
    (engagement,) = engagements_of(ana={"agency": agency, "employment": employment}).values()
    assert engagement_type(engagement) == type_
    assert [(leg.giver, leg.receiver) for leg in legs(engagement)] == parties


def test_a_chain_is_covered_only_on_the_days_on_which_every_leg_is():
    clinic = Clinic().vma("ana", employment=CONTRACTOR, start=ago(100))
    clinic.agreement("BAA-1", start=ago(200), end=ahead(10))
    clinic.agreement("SUB-1", "ana", AGENCY, kind=AgreementKind.SUBCONTRACTOR_BAA, start=ago(50))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(50), ahead(10)),)


def test_nobody_is_covered_outside_the_engagement():
    clinic = Clinic().agreement("BAA-1").vma("ana", start=ago(9), end=ahead(9))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(9), ahead(9)),)


def test_the_workforce_of_the_practice_is_covered_without_any_agreement():
    clinic = Clinic().vma("ana", agency=None, start=ago(9))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(9), FOREVER),)


def test_a_gap_between_two_agreements_is_a_gap_in_cover():
    clinic = Clinic().vma("ana", start=ago(100))
    clinic.agreement("A", start=ago(200), end=ago(60)).agreement("B", start=ago(50))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(100), ago(60)), (ago(50), FOREVER))


def test_adjacent_agreements_leave_no_gap():
    clinic = Clinic().vma("ana", start=ago(100))
    clinic.agreement("A", start=ago(200), end=ago(60)).agreement("B", start=ago(59))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(100), FOREVER),)


def test_an_agreement_for_one_system_covers_that_one():
    clinic = Clinic().vma("ana", start=ago(9)).agreement("A", systems=frozenset({"ehr"}))
    coverage, engagement = clinic.case().coverage, clinic.engagements["ana"]
    (leg,) = legs(engagement)
    assert coverage.days(leg, engagement, "ehr") == ((ago(9), FOREVER),)
    assert coverage.days(leg, engagement, "cloud") == ()


def test_an_agreement_with_a_nameless_party_covers_nobody():
    clinic = Clinic().vma("ana").agreement("A", "")
    (leg,) = legs(clinic.engagements["ana"])
    assert clinic.case().coverage.of_leg(leg) == ()


def test_the_seats_of_a_team_go_by_start_date_and_pass_on_when_somebody_leaves():
    clinic = Clinic().agreement("A", headcount=2)
    clinic.vma("ana", start=ago(90), end=ago(40)).vma("bea", start=ago(80), end=ago(20))
    clinic.vma("cy", start=ago(70)).vma("dee", start=ago(60)).vma("eve", start=ago(10))
    coverage, agreement = clinic.case().coverage, clinic.agreements[0]
    seats = {vma: coverage.seat_from(agreement, clinic.engagements[vma]) for vma in clinic.engagements}
    assert seats == {"ana": ago(90), "bea": ago(80), "cy": ago(39), "dee": ago(19), "eve": None}


def test_the_last_day_of_a_predecessor_is_not_free_yet():
    clinic = Clinic().agreement("A", headcount=1).vma("ana", start=ago(90), end=ago(40)).vma("bea", start=ago(40))
    assert clinic.case().coverage.seat_from(clinic.agreements[0], clinic.engagements["bea"]) == ago(39)


def test_somebody_who_leaves_before_a_seat_is_free_never_had_one():
    clinic = Clinic().agreement("A", headcount=1)
    clinic.vma("ana", start=ago(90), end=ago(10)).vma("bea", start=ago(50), end=ago(30))
    assert clinic.case().coverage.chain_days(clinic.engagements["bea"]) == ()


def test_the_seats_in_use_are_counted_by_day():
    clinic = Clinic().agreement("A", headcount=1).vma("ana", start=ago(90), end=TODAY).vma("bea", start=TODAY)
    coverage = clinic.case().coverage
    counted = [coverage.seats_used(clinic.agreements[0], d) for d in (ago(1), TODAY, ahead(1))]
    assert counted == [1, 2, 1]


def test_the_order_of_the_register_changes_nothing():
    clinic = Clinic().vma("ana").agreement("B").agreement("A")
    (leg,) = legs(clinic.engagements["ana"])
    assert [a.id for a in clinic.case().coverage.of_leg(leg)] == ["A", "B"]


def test_an_agreement_without_end_says_so_by_never_ending():
    assert Clinic().agreement("A").agreements[0].days == ((ago(1000), date.max),)


def test_an_agreement_that_is_signed_late_covers_from_the_signing_on():
    clinic = Clinic().vma("ana", start=ago(100)).agreement("A", start=ago(100), signed_on=ago(40))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ago(40), FOREVER),)


def test_a_signature_that_is_still_to_come_covers_nobody_yet():
    clinic = Clinic().vma("ana", start=ago(100)).agreement("A", start=ago(100), signed_on=ahead(3))
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ((ahead(3), FOREVER),)
    assert clinic.case().coverage.next_boundary(clinic.engagements["ana"], TODAY) == ahead(3)


def test_an_agreement_that_differs_by_the_legal_form_is_asked_about_while_it_is_in_force_and_of_the_kind():
    clinic = Clinic().vma("ana").agreement("A", "Harbor Assist Inc", end=ago(5)).agreement("B", "Harbor Assist Inc")
    clinic.agreement("C", "Harbor Assist Inc", kind=AgreementKind.WORKFORCE_ATTESTATION)
    (leg,) = legs(clinic.engagements["ana"])
    coverage = clinic.case().coverage
    assert [a.id for a in coverage.doubtful(leg, TODAY)] == ["B"]
    assert [a.id for a in coverage.doubtful(leg, ago(5))] == ["A", "B"]


def test_a_paper_with_a_name_that_is_near_is_asked_about_only_where_it_is_of_the_kind_that_is_needed():
    clinic = Clinic().vma("ana").agreement("A", "Harbor Assists LLC")
    clinic.agreement("B", "Harbor Assists LLC", kind=AgreementKind.WORKFORCE_ATTESTATION)
    (leg,) = legs(clinic.engagements["ana"])
    assert [(name, a.id) for name, a in clinic.case().coverage.near(leg)] == [("Harbor Assists LLC", "A")]


def test_a_person_whose_id_is_near_an_organisations_name_is_not_asked_about_as_one():
    clinic = Clinic().vma("Harbor Assist LLC", agency=None, employment=Employment.CONTRACTOR)
    clinic.agreement("A", "Harbor Assist Inc").agreement("B", "Harbor Assists LLC")
    (leg,) = legs(clinic.engagements["Harbor Assist LLC"])
    coverage = clinic.case().coverage
    assert coverage.near(leg) == coverage.doubtful(leg, TODAY) == []
    (agency_leg,) = legs(Clinic().vma("ana").engagements["ana"])
    assert coverage.near(agency_leg)
    assert coverage.doubtful(agency_leg, TODAY)


def test_a_paper_may_name_somebody_by_a_name_of_before():
    clinic = Clinic().vma("ana", "Ana Santos").agreement("A", people=frozenset({"Ana Lopez"}))
    (paper,) = clinic.agreements
    assert not clinic.case().coverage.names(paper, "ana")
    clinic.former_names["ana"] = frozenset({"Ana Lopez"})
    assert clinic.case().coverage.names(paper, "ana")


def test_a_leg_to_a_person_is_told_with_the_name_or_the_id():
    clinic = Clinic().vma("v1", "Ana Santos", agency=None, employment=Employment.CONTRACTOR)
    (by_id,), (by_name,) = legs(clinic.engagements["v1"]), clinic.case().coverage.legs(clinic.engagements["v1"])
    assert by_id.text == "BAA (or workforce attestation) between the practice and v1"
    assert by_name.text == "BAA (or workforce attestation) between the practice and Ana Santos"


def test_who_gets_or_loses_a_seat_is_asked_again_and_who_keeps_one_is_not():
    before = Clinic().agreement("A", headcount=2).vma("ana", start=ago(90)).vma("bea", start=ago(80))
    after = Clinic().agreement("A", headcount=2).vma("ana", start=ago(90)).vma("bea", start=ago(80))
    after.vma("abe", start=ago(85))  # known only now, and earlier than bea
    moved = before.case().coverage.moved(TODAY, after.case().coverage, TODAY)
    assert {*moved} == {"abe", "bea"}
