"""Covered: for the person, the systems with a live account, and the PHI reached there; never better than is known."""

from datetime import date
from typing import Any

import pytest

from policies.agreements.register import AgreementKind
from policies.engine.covered import Cover, covered_today, first_account, reach_of, stretches
from tests.builders import AGENCY, STARTED, TODAY, Clinic, ago, ahead, noon

SCHEDULE = frozenset({"schedule", "demographics"})
READS_SCHEDULE = "patients/appt:write"
READS_DEMOGRAPHICS = "patients/demo:view"
UNKNOWN = "custom/own"


def one(*held: str, created: Any = None, **terms: Any) -> Clinic:
    """One VMA with one account, under one agreement with these terms."""
    clinic = Clinic().agreement("BAA-1", **terms).vma("ana", "Ana Santos")
    return clinic.account("ehr", "asantos", "ana", created=created or noon(ago(300))).grant("ehr", "asantos", *held)


def two_ways() -> Clinic:
    """The register leads from the practice to the agency by two others."""
    clinic = Clinic()
    for name in ("North", "South"):
        clinic.agreement(f"BAA-{name}", name)
        clinic.agreement(f"S-{name}", AGENCY, name, kind=AgreementKind.SUBCONTRACTOR_BAA)
    return clinic


def today(clinic: Clinic) -> Cover:
    case = clinic.case()
    return covered_today(case, case.engagements["ana"])


@pytest.mark.parametrize(
    ("clinic", "expected"),
    [
        (one(READS_SCHEDULE), Cover.COVERED),
        (one(UNKNOWN), Cover.COVERED),  # whatever it reaches, the agreement is for all PHI
        (one(READS_SCHEDULE, phi=SCHEDULE), Cover.COVERED),
        (one(READS_DEMOGRAPHICS, phi=SCHEDULE), Cover.NOT_COVERED),
        (one(UNKNOWN, phi=SCHEDULE), Cover.UNKNOWN),
        (one(READS_DEMOGRAPHICS, UNKNOWN, phi=SCHEDULE), Cover.NOT_COVERED),  # what is known is enough
        (one(phi=frozenset()), Cover.COVERED),  # the account holds nothing, and all of it was read
        (one(READS_SCHEDULE, systems=frozenset({"cloud"})), Cover.NOT_COVERED),
        (one(READS_SCHEDULE, people=frozenset({"bea"})), Cover.NOT_COVERED),
        (one(READS_SCHEDULE, signed=False), Cover.NOT_COVERED),
        (one(READS_SCHEDULE, end=ago(1)), Cover.NOT_COVERED),
        (one(READS_SCHEDULE, headcount=1), Cover.COVERED),
        (one(READS_SCHEDULE, headcount=1).vma("abe", start=ago(500)), Cover.NOT_COVERED),  # abe has the seat
        # two agreements of which one is for the system and the other for the PHI are, together, nothing
        (one(READS_SCHEDULE, systems=frozenset({"cloud"})).agreement("B", phi=SCHEDULE - {"schedule"}),
         Cover.NOT_COVERED),
        # a system that was not read may hold an account
        (one(READS_SCHEDULE).system("cloud").unread("cloud"), Cover.COVERED),
        (one(READS_SCHEDULE, systems=frozenset({"ehr"})).system("cloud").unread("cloud"), Cover.UNKNOWN),
        (one(READS_SCHEDULE, phi=SCHEDULE).system("cloud").unread("cloud"), Cover.UNKNOWN),
        # the directory holds no PHI, read or not
        (one(READS_SCHEDULE, systems=frozenset({"ehr"})).system("directory").unread("directory"), Cover.COVERED),
        (Clinic().vma("ana", agency=None), Cover.NOT_NEEDED),
        (Clinic().vma("ana"), Cover.NOT_COVERED),
        (Clinic().agreement("BAA-1", phi=SCHEDULE).vma("ana"), Cover.COVERED),  # reaches nothing yet
        (two_ways().vma("ana"), Cover.UNKNOWN),  # who is between is a question, and no accusation
    ],
)  # fmt: skip
def test_covered_is_the_person_the_systems_and_the_phi_that_are_reached(clinic, expected):
    assert today(clinic) is expected


def test_what_is_reached_counts_from_the_day_of_the_account_and_before_it_the_chain_alone():
    case = one(READS_DEMOGRAPHICS, created=noon(ago(30)), phi=SCHEDULE).case()
    days = stretches(case.coverage, case.engagements["ana"], (ago(90), ahead(90)), reach_of(case, "ana"))
    assert days == ((ago(90), ago(31), Cover.COVERED), (ago(30), ahead(90), Cover.NOT_COVERED))


def test_the_picture_is_cut_where_an_agreement_begins_and_ends():
    clinic = Clinic().vma("ana").agreement("A", start=ago(20), end=ahead(10)).agreement("B", AGENCY, start=ahead(20))
    case = clinic.case()
    days = stretches(case.coverage, case.engagements["ana"], (ago(30), ahead(30)), {})
    assert [(first, state) for first, _, state in days] == [
        (ago(30), Cover.NOT_COVERED),
        (ago(20), Cover.COVERED),
        (ahead(11), Cover.NOT_COVERED),
        (ahead(20), Cover.COVERED),
    ]
    assert days[-1][1] == ahead(30)


def test_outside_the_engagement_there_is_nothing_to_cover():
    case = Clinic().vma("ana", start=STARTED, end=ago(100)).case()
    assert stretches(case.coverage, case.engagements["ana"], (ago(90), TODAY), {}) == ()


def test_what_no_catalog_knows_of_one_of_two_accounts_may_reach_anything():
    clinic = one(READS_SCHEDULE).account("ehr", "second", "ana").grant("ehr", "second", UNKNOWN)
    assert reach_of(clinic.case(), "ana")["ehr"].unread
    assert not reach_of(one(READS_SCHEDULE).case(), "ana")["ehr"].unread


@pytest.mark.parametrize(
    ("created", "first"),
    [
        ((ago(60), ago(30)), ago(60)),
        ((TODAY,), TODAY),
        ((ahead(1),), date.min),  # an error of the source, which tells nothing
        ((ago(60), None), date.min),
    ],
)
def test_the_first_account_is_there_since_the_earliest_day_that_is_known_of_all(created, first):
    clinic = Clinic().vma("ana")
    for number, day in enumerate(created):
        clinic.account("ehr", f"ana{number}", "ana", created=noon(day) if day else None)
    assert first_account(clinic.case(), "ana", "ehr") == first


def test_the_picture_of_one_day_is_that_day_and_what_begins_on_the_last_day_is_in_it():
    case = Clinic().agreement("A", start=TODAY).vma("ana").case()
    ana = case.engagements["ana"]
    assert stretches(case.coverage, ana, (TODAY, TODAY), {}) == ((TODAY, TODAY, Cover.COVERED),)
    assert stretches(case.coverage, ana, (ago(1), TODAY), {}) == (
        (ago(1), ago(1), Cover.NOT_COVERED),
        (TODAY, TODAY, Cover.COVERED),
    )
