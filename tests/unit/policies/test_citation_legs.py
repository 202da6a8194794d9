"""
Whom each citation binds: by the engagement, by the leg of the chain, and by the paper that is missing.

The table was written from the text of the provisions before the code and its data were read. A practice must have
assurances from its business associate (164.308(b)(1), (b)(3), 164.502(e)(2), 164.504(e)); it need not have them from
that one's subcontractor, whose paper is the business associate's duty (164.308(b)(2), 164.314(a)(2)(iii),
164.504(e)(5), 164.502(e)(1)(ii)).
"""

from itertools import pairwise

import pytest

from auditor.gates.checklist import load_checklist
from auditor.lag.controls import load_controls
from connectors.facts import Employment
from policies.agreements.register import AgreementKind
from policies.citations import ENGAGEMENT_TYPES, Citations
from tests.builders import AGENCY, Clinic, ago, ask, cites

EMPLOYEE, CONTRACTOR = Employment.EMPLOYEE, Employment.CONTRACTOR
SUB = AgreementKind.SUBCONTRACTOR_BAA
MANILA = "Harbor Manila Inc"
CHAIN = f"{AGENCY} > {MANILA}"

PRACTICES = {"164.308(b)(1)", "164.308(b)(3)", "164.502(e)(2)", "164.504(e)"}
AGENCYS = {"164.308(b)(2)", "164.314(a)(2)(iii)", "164.504(e)(5)", "164.502(e)(1)(ii)"}

TO_AGENCY, TO_ANA = "practice>harbor assist llc", "harbor assist llc>ana"
TO_MANILA, MANILA_TO_ANA = "harbor assist llc>harbor manila inc", "harbor manila inc>ana"

MISSING = [
    # engagement (agency, employment), the leg without a paper, whom the paper binds
    ("contractor of the practice", None, CONTRACTOR, "practice>ana", PRACTICES),
    ("agency's employee", AGENCY, EMPLOYEE, TO_AGENCY, PRACTICES),
    ("agency's contractor", AGENCY, CONTRACTOR, TO_AGENCY, PRACTICES),
    ("agency's contractor", AGENCY, CONTRACTOR, TO_ANA, AGENCYS),
    ("affiliate's person", CHAIN, EMPLOYEE, TO_AGENCY, PRACTICES),
    ("affiliate's person", CHAIN, EMPLOYEE, TO_MANILA, AGENCYS),
    ("affiliate's contractor", CHAIN, CONTRACTOR, TO_AGENCY, PRACTICES),
    ("affiliate's contractor", CHAIN, CONTRACTOR, TO_MANILA, AGENCYS),
    ("affiliate's contractor", CHAIN, CONTRACTOR, MANILA_TO_ANA, AGENCYS),
]


def clinic_of(agency, employment) -> Clinic:
    return Clinic().vma("ana", "Ana Santos", agency=agency, employment=employment, start=ago(30))


@pytest.mark.parametrize(("who", "agency", "employment", "leg", "expected"), MISSING)
def test_a_missing_paper_cites_what_binds_those_whose_paper_it_is(who, agency, employment, leg, expected):
    found = {f.what: f for f in ask("no-agreement", clinic_of(agency, employment)).findings}
    assert set(cites(found[leg])) == expected, who


def test_an_employee_of_the_practice_owes_no_paper():
    assert ask("no-agreement", clinic_of(None, EMPLOYEE)).population == 0


def limited(agency, employment, **terms) -> Clinic:
    """Every leg has a paper in force, each limited by `terms`."""
    clinic = clinic_of(agency, employment).account("ehr", "asantos", "ana")
    clinic.grant("ehr", "asantos", "patients/appt:write")
    links = ["practice", *(link for link in (agency or "").split(" > ") if link)]
    for number, (giver, receiver) in enumerate(pairwise(links)):
        clinic.agreement(f"P-{number}", receiver, giver, kind=SUB if number else AgreementKind.BAA, **terms)
    if employment is CONTRACTOR:
        clinic.agreement("P-ANA", "ana", links[-1], kind=SUB if agency else AgreementKind.BAA, **terms)
    return clinic


# An agreement permits the uses that it states (164.504(e)(2)(i)); between a business associate and its subcontractor by
# 164.504(e)(5), which makes the same contents apply, and 164.314(a)(2)(iii). What goes beyond a practice's paper is a
# use without the written assurance of 164.308(b)(3); beyond an agency's, without that of 164.308(b)(2).
SCOPE = {
    "agreement-person": (frozenset({"other"}), "people"),
    "agreement-system": (frozenset(), "systems"),
    "agreement-phi": (frozenset(), "phi"),
}
CONTENTS = {True: "164.504(e)(2)(i)", False: "164.504(e)(5)"}
ASSURANCE = {True: "164.308(b)(3)", False: "164.308(b)(2)"}


@pytest.mark.parametrize("rule", sorted(SCOPE))
@pytest.mark.parametrize(("who", "agency", "employment", "leg", "missing"), MISSING)
def test_a_paper_that_says_too_little_cites_what_binds_those_whose_paper_it_is(
    rule, who, agency, employment, leg, missing
):
    nothing, field = SCOPE[rule]
    found = {f.what: f for f in ask(rule, limited(agency, employment, **{field: nothing})).findings}
    mine = missing is PRACTICES
    # More PHI than the paper names is also more than the minimum necessary, which binds both (164.502(b)(1)).
    second = "164.502(b)(1)" if rule == "agreement-phi" else ASSURANCE[mine]
    assert set(cites(found[leg])) == {CONTENTS[mine], second}, who


@pytest.mark.parametrize(
    ("agency", "leg", "expected"),
    [
        (AGENCY, TO_AGENCY, {"164.504(e)(2)(i)", "164.308(a)(8)"}),
        (CHAIN, TO_AGENCY, {"164.504(e)(2)(i)", "164.308(a)(8)"}),
        (CHAIN, TO_MANILA, {"164.504(e)(5)", "164.308(a)(8)"}),
    ],
)
def test_a_headcount_that_is_passed_rests_on_the_paper_and_on_the_evaluation_after_a_change(agency, leg, expected):
    clinic = limited(agency, EMPLOYEE, headcount=1).vma("bea", agency=agency, start=ago(5))
    found = {f.what: f for f in ask("agreement-headcount", clinic).findings}
    assert set(cites(found[leg])) == expected


@pytest.mark.parametrize(("owner", "expected"), [("practice", PRACTICES), (AGENCY, AGENCYS)])
def test_a_vendor_without_a_paper_cites_the_duty_of_whoever_owns_the_account(owner, expected):
    clinic = Clinic().vma("ana").agreement("BAA-1").system("ehr", vendor="Cloud Records Inc", account_owner=owner)
    assert set(cites(ask("vendor-agreement", clinic).finding)) == expected


# ---- what is printed of the workforce binds only whose workforce somebody is ----

RULES = sorted(Citations.load().rules)
AGENCYS_PEOPLE = ("agency-employee", "agency-contractor")


@pytest.mark.parametrize("rule", RULES)
def test_the_workforce_provisions_are_not_cited_for_an_agencys_people_nor_what_was_taken_back_for_anybody(rule):
    by_type = {kind: [c.id for c in Citations.load().for_rule(rule, kind)] for kind in ENGAGEMENT_TYPES}
    # `account-of-nobody` and `owner-gone` are about accounts of nobody in particular, so no VMA's type is asked.
    if rule not in ("account-of-nobody", "owner-gone"):
        assert not [c for kind in AGENCYS_PEOPLE for c in by_type[kind] if c.startswith("164.308(a)(3)")]
    everything = {c for cited in by_type.values() for c in cited}
    assert not {c for c in everything if c.startswith("164.530")}  # training and sanctions are in the checklists
    assert "164.504(e)(2)(ii)(J)" not in everything  # the end of the contract, not of a person's work
    assert "164.316(b)(2)(iii)" not in everything
    assert "164.312(a)(2)(ii)" not in everything
    practices, agencys = {"164.308(b)(1)", "164.502(e)(2)", "164.504(e)(2)(i)"}, AGENCYS
    if rule != "vendor-agreement":
        assert not practices & set(by_type["subcontractor"]) or rule in ("excess", "forbidden")
    assert not [c for kind, cited in by_type.items() if kind != "subcontractor" for c in cited if c in agencys]


def test_growth_is_no_word_of_the_regulation():
    assert "growth" not in Citations.load()["164.308(a)(8)"].paraphrase


def test_what_could_not_be_read_is_marked():
    assert {"164.502(e)(1)(ii)", "164.502(e)(2)"} <= Citations.load().unread


@pytest.mark.parametrize("name", ["onboarding", "offboarding"])
def test_a_checklist_cites_for_an_agencys_people_what_binds_for_them(name):
    for item in load_checklist(name).items:
        assert "164.308(a)(3)" not in item.of(workforce=False).source
        assert "164.530" not in item.of(workforce=False).source
        assert "164.504(e)(2)(ii)(J)" not in item.source + item.workforce_source
    if name == "onboarding":
        items = {item.id: item for item in load_checklist(name).items}
        assert "164.530(b)" in items["training"].of(workforce=True).source
        assert "direct control" in items["supervisor"].source
    else:
        items = {item.id: item for item in load_checklist(name).items}
        assert "164.308(a)(3)(ii)(C)" in items["disabled"].of(workforce=True).source


def test_being_audited_rests_on_the_evaluation_and_not_on_the_review_of_logs():
    (audited,) = (control for control in load_controls() if control.id == "audited")
    assert audited.source == "45 CFR 164.308(a)(8)"
