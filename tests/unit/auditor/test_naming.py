"""`doctor` asks what is meant by a name that only one file knows."""

import pytest

from auditor.naming import Names, questions
from connectors.facts import Roster
from policies.agreements.register import AgreementKind
from tests.builders import AGENCY, Clinic


def asked(clinic: Clinic) -> list[tuple[str, str]]:
    roster = Roster(tuple(clinic.people.values()), tuple(clinic.engagements.values()), "roster.csv", "")
    names = Names("Lakeside Family Medicine", roster, clinic.agreements, list(clinic.systems.values()))
    return [(question.text, question.meant) for question in questions(names)]


def test_names_that_stand_on_both_sides_raise_no_question():
    clinic = Clinic().vma("ana", "Ana Santos").agreement("BAA-1").agreement("S", "ana", AGENCY)
    clinic.agreement("T", "Santos, Ana", AGENCY).agreement("U", people=frozenset({"ana", "Ana Santos"}))
    assert asked(clinic) == []


@pytest.mark.parametrize("party", ["Harbor Assist", "HARBOR ASSIST, L.L.C."])
def test_another_spelling_of_a_company_is_no_question(party):
    assert asked(Clinic().vma("ana").agreement("BAA-1", party)) == []


def test_a_mistyped_agency_is_asked_from_both_sides():
    assert asked(Clinic().vma("ana").agreement("BAA-1", "Harbour Asist LLC")) == [
        ("`Harbour Asist LLC`, a party of BAA-1, stands neither on the roster nor at a system", AGENCY),
        (f"`{AGENCY}`, an agency of the roster, is no party of any agreement", "Harbour Asist LLC"),
    ]


def test_another_legal_form_is_asked():
    (first, _) = asked(Clinic().vma("ana").agreement("BAA-1", "Harbor Assist Inc"))
    assert first[1] == AGENCY


def test_each_link_of_a_chain_is_asked():
    clinic = Clinic().vma("ana", agency=f"{AGENCY} > Harbor Manilla").agreement("BAA-1")
    clinic.agreement("SUB-1", "Harbor Manila Inc", AGENCY, kind=AgreementKind.SUBCONTRACTOR_BAA)
    assert {meant for _, meant in asked(clinic)} == {"Harbor Manilla", "Harbor Manila Inc"}


def test_a_mistyped_vendor_or_owner_is_asked():
    clinic = Clinic().vma("ana").agreement("BAA-1").agreement("BAA-2", "Cloud Records Inc")
    clinic.system("ehr", vendor="Cloud Record Inc.", account_owner="Lakeside Family Medicine, P.C.")
    assert [meant for _, meant in asked(clinic)] == ["Cloud Record Inc.", "Cloud Records Inc"]


def test_a_vma_of_a_schedule_who_is_not_on_the_roster_is_asked():
    clinic = Clinic().vma("VMA-01", "Ana Santos").agreement("BAA-1", people=frozenset({"VMA-1", "ana santos"}))
    assert asked(clinic) == [("`VMA-1`, whom BAA-1 names, is not on the roster", "VMA-01")]


def test_a_paper_that_is_turned_round_is_asked():
    clinic = Clinic().vma("ana").agreement("BAA-1").agreement("BAA-2", "practice", AGENCY)
    assert asked(clinic) == [
        (f"BAA-2 says that `{AGENCY}` gives PHI and the practice receives it", f"between: [practice, {AGENCY}]")
    ]


def test_what_resembles_nothing_is_told_without_a_suggestion():
    assert asked(Clinic().vma("ana").agreement("BAA-1").agreement("FAX", "Zephyr Telecopy GmbH"))[0][1] == ""


def test_a_trade_name_that_no_paper_states_is_asked_from_both_sides():
    clinic = Clinic().vma("ana", agency="Harbor Assist").agreement("BAA-1", "Harbor Assist Staffing LLC dba HarborVA")
    assert [meant for _, meant in asked(clinic)] == ["Harbor Assist", "Harbor Assist Staffing LLC dba HarborVA"]
