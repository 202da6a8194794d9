"""Is every VMA's work covered: an agreement in force, for this person, this headcount, this system, this PHI?"""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from connectors.facts import Employment
from policies.agreements.register import AgreementKind
from policies.engine.outcomes import Severity
from tests.builders import AGENCY, HOSTILE, TODAY, Clinic, ago, ahead, ask, cites, identity, in_step, kinds
from tests.strategies import clinics

EMPLOYEE, CONTRACTOR = Employment.EMPLOYEE, Employment.CONTRACTOR
TRADING = "Harbor Assist Staffing LLC dba HarborVA"
SUB, ATTESTATION = AgreementKind.SUBCONTRACTOR_BAA, AgreementKind.WORKFORCE_ATTESTATION
RULES = ("no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi")


def ana(**vma) -> Clinic:
    """One scheduler with an account in the EHR, and no agreement yet."""
    clinic = in_step(**vma)
    clinic.agreements.clear()
    return clinic


# No agreement in force


@pytest.mark.parametrize(
    ("agency", "papers", "meant"),
    [
        ("Harbor Assist", [("practice", TRADING)], f"`{TRADING}`, of A0"),
        ("Harbor VA", [("practice", TRADING)], f"`{TRADING}`, of A0"),
        ("Harbor Assist > Manila Desk", [("practice", "Harbor Assist"), ("Harbor Assist", "Manila Desk of Cebu Inc")],
         "`Manila Desk of Cebu Inc`, of A1"),
        ("Harbor Assist > Manila Desk", [("practice", "Harbor Assist"), ("Harbor Assist Staffing Inc", "Manila Desk")],
         "`Harbor Assist Staffing Inc`, of A1"),
        ("Harbor Assist", [("practice", "Tide Partners Inc")], ""),
        ("Harbor Assist", [("Cedar Inc", "Harbor Assist Staffing LLC")], ""),
    ],
)  # fmt: skip
def test_a_paper_with_a_near_name_is_asked_about_and_covers_nobody(agency, papers, meant):
    clinic = ana(agency=agency)
    for number, (giver, receiver) in enumerate(papers):
        clinic.agreement(f"A{number}", receiver, giver, kind=AgreementKind.BAA if giver == "practice" else SUB)
    (finding,) = ask("no-agreement", clinic).findings
    assert finding.severity is Severity.CRITICAL
    if meant:
        assert finding.remedy.startswith(f"did you mean {meant}? ")
    assert ("did you mean" in finding.remedy) is bool(meant)
    assert "have it signed" in finding.remedy


@pytest.mark.parametrize(
    ("agency", "employment", "agreements", "missing"),
    [
        (None, EMPLOYEE, [], []),  # workforce of the practice: none needed
        (None, CONTRACTOR, [], ["practice>ana"]),
        (None, CONTRACTOR, [("practice", "ana", AgreementKind.BAA)], []),
        (None, CONTRACTOR, [("practice", "ana", ATTESTATION)], []),
        (AGENCY, EMPLOYEE, [], ["practice>harbor assist llc"]),
        (AGENCY, EMPLOYEE, [("practice", AGENCY, AgreementKind.BAA)], []),
        (AGENCY, EMPLOYEE, [("practice", AGENCY, ATTESTATION)], ["practice>harbor assist llc"]),
        (AGENCY, EMPLOYEE, [(AGENCY, "practice", AgreementKind.BAA)], ["practice>harbor assist llc"]),
        (AGENCY, CONTRACTOR, [], ["harbor assist llc>ana", "practice>harbor assist llc"]),
        (AGENCY, CONTRACTOR, [("practice", AGENCY, AgreementKind.BAA)], ["harbor assist llc>ana"]),
        (AGENCY, CONTRACTOR, [("practice", AGENCY, AgreementKind.BAA), (AGENCY, "ana", SUB)], []),
        (AGENCY, CONTRACTOR, [("practice", AGENCY, AgreementKind.BAA), (AGENCY, "ana", ATTESTATION)], []),
        (AGENCY, CONTRACTOR, [("practice", "ana", AgreementKind.BAA), (AGENCY, "ana", SUB)],
         ["practice>harbor assist llc"]),
    ],
)  # fmt: skip
def test_who_employs_a_vma_decides_which_agreements_must_exist(agency, employment, agreements, missing):
    clinic = ana(agency=agency, employment=employment)
    for number, (giver, receiver, kind) in enumerate(agreements):
        clinic.agreement(f"A{number}", receiver, giver, kind=kind)
    said = ask("no-agreement", clinic)
    assert sorted(f.what for f in said.findings) == missing
    assert bool(said.satisfied) is (not missing and not (agency is None and employment is EMPLOYEE))


@pytest.mark.parametrize(
    ("terms", "counts"),
    [
        ({"end": TODAY}, (0, 1, 0)),  # the last day of the agreement is today: still in force
        ({"end": ago(1)}, (1, 0, 0)),
        ({"start": TODAY}, (0, 1, 0)),
        ({"start": ahead(1)}, (1, 0, 0)),
        ({"signed": False}, (1, 0, 0)),
        ({"start": ahead(10), "end": ahead(5)}, (1, 0, 0)),  # terminated before it began
    ],
)
def test_an_agreement_counts_only_while_it_is_signed_and_in_force(terms, counts):
    assert ask("no-agreement", ana().agreement("BAA-1", **terms)).counts == counts


def test_work_without_an_agreement_is_critical_and_says_since_when():
    finding = ask("no-agreement", ana().agreement("BAA-1", start=ago(500), end=ago(20))).finding
    assert finding.severity is Severity.CRITICAL
    assert finding.since == ago(19)  # the day after the last day that was covered
    assert finding.observed == f"BAA-1 ended on {ago(20)}"
    assert "breach (45 CFR 164.402)" in finding.remedy
    assert kinds(finding) == ["vma", "chain", "agreement"]


def test_an_unsigned_agreement_never_covered_a_day():
    finding = ask("no-agreement", ana(start=ago(30)).agreement("BAA-1", signed=False, end=ago(3))).finding
    assert finding.since == ago(30)
    assert "not signed by both parties" in finding.observed


def test_an_agreement_that_starts_after_the_engagement_leaves_the_days_before_it_uncovered():
    clinic = ana(start=ago(30)).agreement("BAA-1", start=ago(10))
    engagement, case = clinic.engagements["ana"], clinic.case()
    assert case.coverage.chain_days(engagement) == ((ago(10), date.max),)
    assert ask("no-agreement", clinic).counts == (0, 1, 0)


def test_overlapping_agreements_cover_until_the_last_of_them_ends():
    clinic = ana().agreement("BAA-1", end=ahead(10)).agreement("BAA-2", start=ahead(5), end=ahead(40))
    assert ask("no-agreement", clinic).satisfied[0].until == ahead(41)


def test_a_renewal_that_begins_a_day_too_late_is_seen_coming():
    clinic = ana().agreement("BAA-1", end=ahead(10)).agreement("BAA-2", start=ahead(12))
    assert ask("no-agreement", clinic).satisfied[0].until == ahead(11)
    assert ask("no-agreement", clinic, today=ahead(11)).counts == (1, 0, 0)


def test_a_vma_may_be_given_by_name_in_an_agreement():
    clinic = ana(agency=None, employment=CONTRACTOR).agreement("BAA-1", "ANA SANTOS")
    assert ask("no-agreement", clinic).counts == (0, 1, 0)


def test_a_name_that_two_people_have_names_neither_in_an_agreement():
    clinic = ana(agency=None, employment=CONTRACTOR).agreement("BAA-1", "Ana Santos")
    clinic.vma("ana2", "Ana Santos", agency=None, employment=CONTRACTOR)
    assert ask("no-agreement", clinic).counts == (2, 0, 0)


@pytest.mark.parametrize(
    ("agency", "employment", "first", "last"),
    [
        (None, CONTRACTOR, "164.308(b)(1)", "164.504(e)"),
        (AGENCY, EMPLOYEE, "164.308(b)(1)", "164.504(e)"),
        (AGENCY, CONTRACTOR, "164.308(b)(2)", "164.502(e)(1)(ii)"),
    ],
)
def test_the_citations_of_a_missing_agreement_follow_the_engagement(agency, employment, first, last):
    said = ask("no-agreement", ana(agency=agency, employment=employment))
    assert (cites(said.findings[0])[0], cites(said.findings[0])[-1]) == (first, last)


@pytest.mark.parametrize("when", [{"start": ahead(1)}, {"end": ago(1)}])
def test_only_active_vmas_are_in_the_population_of_the_agreement_rules(when):
    clinic = ana(**when)
    assert {ask(rule, clinic).population for rule in RULES} == {0}


def test_a_vma_on_leave_still_needs_an_agreement():
    assert ask("no-agreement", ana(on_leave=True)).counts == (1, 0, 0)


# The person


def test_an_agreement_that_names_others_does_not_cover_this_vma():
    finding = ask("agreement-person", ana(start=ago(9)).agreement("BAA-1", people=frozenset({"bea", "cy"}))).finding
    assert finding.title == "BAA-1 does not name Ana Santos"
    assert finding.observed == "names bea, cy"
    assert finding.since == ago(9)
    assert cites(finding) == ["164.504(e)(2)(i)", "164.308(b)(3)"]


@pytest.mark.parametrize("people", [frozenset({"ana"}), None])
def test_an_agreement_that_names_this_vma_or_nobody_in_particular_covers_the_vma(people):
    assert ask("agreement-person", ana().agreement("BAA-1", people=people)).counts == (0, 1, 0)


def test_an_empty_schedule_of_people_covers_nobody():
    finding = ask("agreement-person", ana().agreement("BAA-1", people=frozenset())).finding
    assert finding.observed == "names nobody"


def test_an_amendment_that_names_the_vma_is_enough():
    clinic = ana().agreement("BAA-1", people=frozenset({"bea"})).agreement("AMD-1", people=frozenset({"ana"}))
    assert ask("agreement-person", clinic).counts == (0, 1, 0)


def test_a_vma_who_is_no_longer_named_is_a_finding_since_the_day_after():
    clinic = ana().agreement("OLD", end=ago(15)).agreement("NEW", start=ago(20), people=frozenset({"bea"}))
    assert ask("agreement-person", clinic).finding.since == ago(14)


def test_where_no_agreement_is_in_force_nobody_passes_for_being_named_in_it():
    clinic = ana().agreement("BAA-1", end=ago(3))
    assert [ask(rule, clinic).population for rule in RULES] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("rule", RULES[1:])
def test_a_leg_without_any_agreement_is_one_finding_and_not_five(rule):
    clinic = ana(employment=CONTRACTOR).agreement("BAA-1")  # and none between the agency and Ana
    assert ask("no-agreement", clinic).counts == (1, 0, 0)
    assert ask(rule, clinic).counts == (0, 1, 0)


# The headcount


def team(cap, starts, **terms):
    clinic = Clinic().agreement("BAA-1", headcount=cap, **terms)
    for name, start in starts.items():
        clinic.vma(name, name.title(), start=start)
    return clinic


def over(clinic, **kwargs):
    return [f.vma for f in ask("agreement-headcount", clinic, **kwargs).findings]


def test_the_hire_that_tips_the_headcount_is_the_one_who_is_named():
    clinic = team(2, {"cy": ago(10), "ana": ago(30), "bea": ago(20)})
    assert over(clinic) == ["cy"]
    finding = ask("agreement-headcount", clinic).finding
    assert finding.observed == "BAA-1 covers 2, 3 work under it"
    assert finding.since == ago(10)
    assert cites(finding) == ["164.504(e)(2)(i)", "164.308(a)(8)"]


@pytest.mark.parametrize(("cap", "expected"), [(1, ["bea", "cy"]), (2, ["cy"]), (3, []), (None, [])])
def test_an_agreement_covers_exactly_as_many_as_it_says(cap, expected):
    assert over(team(cap, {"ana": ago(30), "bea": ago(20), "cy": ago(10)})) == expected


def test_two_hires_of_one_day_take_their_seats_in_the_order_of_their_ids():
    assert over(team(1, {"bea": ago(5), "ana": ago(5)})) == ["bea"]


def test_a_seat_is_free_from_the_day_after_a_predecessor_leaves():
    clinic = team(1, {"bea": ago(20)}).vma("ana", start=ago(90), end=TODAY)
    assert over(clinic) == ["bea"]  # Ana works today for the last time
    assert over(clinic, today=ahead(1)) == []


def test_a_successor_had_no_seat_on_the_days_of_the_overlap():
    clinic = team(1, {"bea": ago(20)}).vma("ana", start=ago(90), end=ago(5))
    assert over(clinic) == []
    assert clinic.case().coverage.chain_days(clinic.engagements["bea"]) == ((ago(4), date.max),)


def test_somebody_who_starts_later_takes_no_seat_today():
    assert over(team(1, {"ana": ago(20), "bea": ahead(3)})) == []


def test_an_amendment_with_more_seats_gives_seats_to_all():
    clinic = team(1, {"ana": ago(30), "bea": ago(20)}).agreement("AMD-1", headcount=2, start=ago(3))
    assert over(clinic) == []
    assert clinic.case().coverage.chain_days(clinic.engagements["bea"]) == ((ago(3), date.max),)


def test_only_those_whom_an_agreement_names_take_its_seats():
    clinic = team(1, {"ana": ago(30), "bea": ago(20)}, people=frozenset({"bea"}))
    assert over(clinic) == []
    assert [f.vma for f in ask("agreement-person", clinic).findings] == ["ana"]


def test_vmas_of_another_agency_take_no_seat():
    assert over(team(1, {"ana": ago(30)}).vma("bob", agency="Other Inc", start=ago(90))) == []


# Every rule of the family


def uncovered(name="Ana Santos", agency=AGENCY, employment=EMPLOYEE):
    """One finding of each rule about the agreement's scope, for the leg to the agency or to the person."""
    clinic = ana(agency=agency, employment=employment)
    clinic.people["ana"] = replace(clinic.people["ana"], name=name)
    receiver = agency or "ana"
    clinic.agreement("X", receiver, people=frozenset(), systems=frozenset(), phi=frozenset())
    return clinic


@pytest.mark.parametrize("rule", ["agreement-person", "agreement-system", "agreement-phi"])
def test_a_vma_who_changes_name_keeps_the_identity_of_the_finding_about_agreements(rule):
    one, other = ask(rule, uncovered()).finding, ask(rule, uncovered(HOSTILE)).finding
    assert identity(one) == identity(other)
    assert HOSTILE in other.title
    assert other.path[0].kind == "vma"


@pytest.mark.parametrize("rule", ["agreement-person", "agreement-system", "agreement-phi"])
def test_a_contractor_of_an_agency_has_a_finding_for_each_leg_with_the_citations_of_a_subcontractor(rule):
    clinic = uncovered(employment=CONTRACTOR)
    clinic.agreement("Y", "ana", AGENCY, kind=SUB, people=frozenset(), systems=frozenset(), phi=frozenset())
    found = ask(rule, clinic).findings
    assert [f.what for f in found] == ["harbor assist llc>ana", "practice>harbor assist llc"]
    assert {"164.504(e)(5)", "164.308(b)(2)"} & set(cites(found[0]))


def test_an_agency_that_is_written_in_other_letters_is_the_same_and_so_is_the_finding():
    one, other = ana(), ana(agency=AGENCY.upper())
    assert identity(ask("no-agreement", one).finding) == identity(ask("no-agreement", other).finding)
    assert ask("no-agreement", other.agreement("BAA-1", AGENCY.lower())).counts == (0, 1, 0)


def test_an_agreement_terminated_before_it_began_never_starts():
    finding = ask("no-agreement", ana().agreement("BAA-1", start=ahead(10), end=ahead(5))).finding
    assert finding.observed == "BAA-1 terminated before it began"


@pytest.mark.parametrize("rule", RULES)
def test_a_verdict_about_agreements_says_until_when_it_holds(rule):
    clinic = ana(end=ahead(60)).agreement("BAA-1", headcount=1, end=ahead(30), phi=None)
    (satisfied,) = ask(rule, clinic).satisfied
    assert satisfied.until == ahead(31)
    before, after = ask(rule, clinic, today=ahead(30)), ask("no-agreement", clinic, today=ahead(31))
    assert (len(before.satisfied), len(after.findings)) == (1, 1)


def test_the_end_of_the_work_ends_the_need_for_an_agreement():
    clinic = ana(end=ahead(9)).agreement("BAA-1")
    assert ask("no-agreement", clinic).satisfied[0].until == ahead(10)
    assert ask("no-agreement", clinic, today=ahead(10)).population == 0


# Whom it is about


def test_a_title_names_the_person_and_keeps_the_id_for_the_identity():
    clinic = Clinic().vma("V-2", "Benita Ocampo", agency=None, employment=CONTRACTOR)
    (found,) = ask("no-agreement", clinic).findings
    assert found.title == (
        "Benita Ocampo works without a BAA (or workforce attestation) between the practice and Benita Ocampo"
    )
    assert (found.what, found.vma) == ("practice>v-2", "V-2")


@settings(max_examples=30, deadline=None)
@given(clinics())
def test_no_title_says_an_id_where_a_name_is_known(clinic):
    ids = {vma: f"V-{n}" for n, vma in enumerate(clinic.engagements)}
    for attribute in ("people", "engagements"):
        known = getattr(clinic, attribute)
        setattr(clinic, attribute, {ids.get(key, key): value for key, value in known.items()})
    clinic.people = {
        key: replace(person, id=key, name=f"{person.name} Person") if key in ids.values() else person
        for key, person in clinic.people.items()
    }
    clinic.engagements = {key: replace(e, vma=key) for key, e in clinic.engagements.items()}
    for finding in clinic.judged().judgment.findings:
        assert not re.search(r"V-\d", finding.title), finding.title
        if finding.rule in RULES:
            assert not re.search(r"(?<!\()V-\d", finding.expected + finding.remedy), finding


@pytest.mark.parametrize(("name", "whom"), [("Ana Santos", "Ana Santos (ana)"), ("ana", "ana")])
def test_whom_an_agreement_should_name_is_told_with_the_id_unless_it_is_the_name(name, whom):
    clinic = Clinic().vma("ana", name).agreement("BAA-1", people=("ben",))
    finding = ask("agreement-person", clinic).finding
    assert finding.expected == f"names {whom}, or names nobody in particular"


@pytest.mark.parametrize("rule", ["agreement-person", "agreement-headcount"])
def test_where_a_link_of_the_chain_has_no_agreement_yet_it_holds_until_the_first_of_it_begins(rule):
    clinic = ana(employment=CONTRACTOR).agreement("BAA-1")
    for id_, day in (("SUB-2", ahead(9)), ("SUB-1", ahead(3))):
        clinic.agreement(id_, "ana", AGENCY, kind=SUB, start=day, people=frozenset({"bob"}))
    (satisfied,) = ask(rule, clinic).satisfied
    assert satisfied.until == ahead(3)
