"""A chain of agencies: practice, agency, affiliate, person; the seat counted at each link."""

from datetime import date

import pytest

from connectors.facts import Employment
from policies.agreements.chain import engagement_type
from policies.agreements.register import AgreementKind
from policies.engine.outcomes import Severity
from tests.builders import AGENCY, TODAY, Clinic, ago, ask

SUB, ATTESTED = AgreementKind.SUBCONTRACTOR_BAA, AgreementKind.WORKFORCE_ATTESTATION
CONTRACTOR = Employment.CONTRACTOR
MANILA = "Harbor Manila Inc"
CHAIN = f"{AGENCY} > {MANILA}"


def ends(clinic: Clinic, vma: str = "ana") -> list[tuple[str, str]]:
    return [(leg.giver, leg.receiver) for leg in clinic.case().coverage.legs(clinic.engagements[vma])]


def through(agency: str = MANILA, **fields) -> Clinic:
    """Ana works through an affiliate of the agency, each link with its paper."""
    clinic = Clinic().vma("ana", agency=agency, start=ago(30), **fields)
    return clinic.agreement("BAA-1", AGENCY).agreement("SUB-1", MANILA, AGENCY, kind=SUB)


@pytest.mark.parametrize("agency", [MANILA, CHAIN, "Harbor Manila", f"harbor assist > {MANILA}"])
def test_the_chain_is_what_the_roster_says_or_what_the_register_knows_of_the_last_link(agency):
    clinic = through(agency)
    names = clinic.case().coverage
    legs = names.legs(clinic.engagements["ana"])
    assert [leg.receiver.casefold().removesuffix(" llc").removesuffix(" inc") for leg in legs] == [
        "harbor assist",
        "harbor manila",
    ]
    assert ask("no-agreement", clinic).counts == (0, 1, 0)
    assert names.chain_days(clinic.engagements["ana"]) == ((ago(30), date.max),)


def test_a_contractor_of_the_affiliate_needs_a_paper_with_the_affiliate():
    clinic = through(CHAIN, employment=CONTRACTOR)
    assert ends(clinic) == [("practice", AGENCY), (AGENCY, MANILA), (MANILA, "ana")]
    assert [f.what for f in ask("no-agreement", clinic).findings] == ["harbor manila inc>ana"]
    clinic.agreement("ATT-1", "ana", MANILA, kind=ATTESTED)
    assert ask("no-agreement", clinic).counts == (0, 1, 0)


@pytest.mark.parametrize("chain", [CHAIN, MANILA])
def test_a_paper_that_has_ended_breaks_the_chain_at_its_own_link(chain):
    clinic = Clinic().vma("ana", agency=chain, start=ago(30)).agreement("BAA-1", AGENCY)
    clinic.agreement("SUB-1", MANILA, AGENCY, kind=SUB, end=ago(5))
    finding = ask("no-agreement", clinic).finding
    assert (finding.what, finding.severity, finding.since) == (
        "harbor assist llc>harbor manila inc", Severity.CRITICAL, ago(4),
    )  # fmt: skip
    assert f"subcontractor BAA between {AGENCY} and {MANILA}" in finding.title


def test_an_attestation_about_people_binds_no_organisation():
    clinic = Clinic().vma("ana", agency=CHAIN).agreement("BAA-1", AGENCY)
    clinic.agreement("ATT-1", MANILA, AGENCY, kind=ATTESTED)
    assert [f.what for f in ask("no-agreement", clinic).findings] == ["harbor assist llc>harbor manila inc"]


def test_four_links_are_a_chain_as_well():
    clinic = Clinic().vma("ana", agency="D").agreement("1", "A").agreement("2", "B", "A", kind=SUB)
    clinic.agreement("3", "C", "B", kind=SUB).agreement("4", "D", "C", kind=SUB)
    assert ends(clinic) == [("practice", "A"), ("A", "B"), ("B", "C"), ("C", "D")]
    assert ask("no-agreement", clinic).counts == (0, 1, 0)


def test_an_agency_with_a_paper_of_its_own_with_the_practice_works_through_nobody():
    """As ever: a register that also knows the two agencies as partners changes nothing, in force or not."""
    clinic = through().agreement("BAA-2", MANILA, end=ago(3))
    assert ends(clinic) == [("practice", MANILA)]
    assert ask("no-agreement", clinic).finding.observed == f"BAA-2 ended on {ago(3)}"


def test_an_agency_that_nobody_leads_to_is_asked_for_the_agreement_with_the_practice():
    clinic = Clinic().vma("ana", agency=MANILA).agreement("SUB-1", MANILA, AGENCY, kind=SUB)
    assert ends(clinic) == [("practice", MANILA)]
    assert ask("no-agreement", clinic).counts == (1, 0, 0)


def test_two_ways_to_an_affiliate_are_a_question_and_cover_nobody_until_the_roster_answers():
    clinic = through().agreement("BAA-2", "Other Inc").agreement("SUB-2", MANILA, "Other Inc", kind=SUB)
    said = ask("no-agreement", clinic)
    assert said.counts == (0, 0, 1)
    assert f"`agency: {CHAIN}` or `agency: Other Inc > {MANILA}`" in said.not_evaluated[0].reason
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == ()
    clinic.vma("ana", agency=f"Other Inc > {MANILA}", start=ago(30))
    assert ask("no-agreement", clinic).counts == (0, 1, 0)


def test_a_circle_in_old_terms_is_no_way_and_no_endless_one():
    clinic = Clinic().vma("ana", agency="B").agreement("1", "B", "A", kind=SUB).agreement("2", "A", "B", kind=SUB)
    assert ends(clinic) == [("practice", "B")]


# ---- seats ----


def two_tiers(**caps) -> Clinic:
    """Ana works for the agency itself, Bea and Cy through its affiliate; they started in this order."""
    clinic = Clinic().vma("ana", start=ago(30)).vma("bea", agency=CHAIN, start=ago(20))
    clinic.vma("cy", agency=MANILA, start=ago(10)).agreement("BAA-1", AGENCY, headcount=caps.get("first"))
    return clinic.agreement("SUB-1", MANILA, AGENCY, kind=SUB, headcount=caps.get("second"))


@pytest.mark.parametrize(
    ("caps", "beyond"),
    [
        ({"first": 3, "second": 2}, []),
        ({"first": 2}, [("cy", "practice>harbor assist llc")]),  # whoever works further down takes a seat above, too
        ({"second": 1}, [("cy", "harbor assist llc>harbor manila inc")]),
        ({"first": 1}, [("bea", "practice>harbor assist llc"), ("cy", "practice>harbor assist llc")]),
        (
            {"first": 2, "second": 1},
            [("cy", "harbor assist llc>harbor manila inc"), ("cy", "practice>harbor assist llc")],
        ),
    ],
)
def test_a_seat_is_counted_at_each_link(caps, beyond):
    findings = ask("agreement-headcount", two_tiers(**caps)).findings
    assert sorted((f.vma, f.what) for f in findings) == beyond


def test_the_seats_in_use_of_a_link_are_those_of_everybody_below_it():
    clinic = two_tiers(first=3, second=2)
    coverage = clinic.case().coverage
    assert [coverage.seats_used(a, TODAY) for a in clinic.agreements] == [3, 2]


# ---- the name of an organisation in a paper ----


@pytest.mark.parametrize("party", ["Harbor Assist, LLC", "HARBOR ASSIST L.L.C.", "Harbor Assist"])
def test_an_agreement_with_the_agency_in_another_spelling_covers(party):
    assert ask("no-agreement", Clinic().vma("ana").agreement("BAA-1", party)).counts == (0, 1, 0)


@pytest.mark.parametrize("also", [[], ["Harbor Assist LLC"]])
def test_an_agreement_with_another_legal_form_is_a_question_and_covers_nobody(also):
    clinic = Clinic().vma("ana").agreement("BAA-1", "Harbor Assist Inc.")
    for number, name in enumerate(also):
        clinic.agreement(f"OLD-{number}", name, end=ago(50))
    said = ask("no-agreement", clinic)
    assert said.counts == (0, 0, 1)
    assert "BAA-1 is between practice and Harbor Assist Inc." in said.not_evaluated[0].reason
    assert clinic.case().coverage.chain_days(clinic.engagements["ana"]) == (
        ((clinic.engagements["ana"].start, ago(50)),) if also else ()
    )


def test_an_agreement_with_another_company_is_no_question_but_a_finding():
    assert ask("no-agreement", Clinic().vma("ana").agreement("BAA-1", "Harbour Assist LLC")).counts == (1, 0, 0)


@pytest.mark.parametrize("chain", [CHAIN, MANILA])
def test_a_chain_of_agencies_has_the_engagement_type_of_one(chain):
    assert engagement_type(through(chain).engagements["ana"]) == "agency-employee"
    assert engagement_type(through(chain, employment=CONTRACTOR).engagements["ana"]) == "agency-contractor"
