"""Is it known what every entitlement gives, and does every vendor that hosts PHI have an agreement?"""

import pytest

from policies.agreements.register import PRACTICE, AgreementKind
from policies.engine.outcomes import Severity
from tests.builders import AGENCY, HOSTILE, TODAY, Clinic, ago, ahead, ask, cites, identity, in_step, kinds

# Unclassified entitlement


def test_an_entitlement_that_no_catalog_knows_is_a_finding_that_names_its_holders():
    clinic = in_step().vma("bea", "Bea Lim").account("ehr", "blim", "bea")
    for account in ("asantos", "blim"):
        clinic.grant("ehr", account, "custom/thing", through=["Extras"])
    said = ask("unclassified-entitlement", clinic)
    finding = said.finding
    assert finding.subject.id == "ehr:custom/thing"
    assert finding.observed.startswith("held by Ana Santos, Bea Lim; no catalog of `openemr` says")
    assert finding.remedy.startswith("say in the practice's own catalog what custom/thing lets a person do")
    assert kinds(finding) == ["vma", "account", "group", "privilege"]
    assert cites(finding)[0] == "164.308(a)(4)(ii)(C)"


def test_each_entitlement_is_one_check_however_many_hold_it():
    clinic = in_step().vma("bea").account("ehr", "bea", "bea").grant("ehr", "bea", *["patients/appt:write"])
    said = ask("unclassified-entitlement", clinic)
    assert (said.counts, said.population) == ((0, 2, 0), 2)


def test_a_group_that_only_carries_objects_which_are_listed_is_known():
    assert ask("unclassified-entitlement", in_step().grant("ehr", "asantos", "Empty group")).counts == (0, 3, 0)


def test_what_only_staff_leavers_or_disabled_accounts_hold_is_not_asked():
    clinic = in_step().person("lee").account("ehr", "lee", "lee").grant("ehr", "lee", "custom/a")
    clinic.vma("lea", end=ago(2)).account("ehr", "lea", "lea").grant("ehr", "lea", "custom/b")
    assert ask("unclassified-entitlement", clinic).counts == (0, 2, 0)


def test_a_product_without_a_catalog_makes_every_entitlement_unknown():
    clinic = in_step().system("ehr", product="homegrown")
    assert ask("unclassified-entitlement", clinic).findings
    assert not ask("unclassified-entitlement", clinic).satisfied
    assert ask("excess", clinic).counts == (0, 0, 1)


def test_entitlements_of_an_unread_system_are_not_evaluated():
    assert ask("unclassified-entitlement", in_step().unread("ehr")).counts == (0, 0, 1)


def test_an_entitlement_that_is_renamed_keeps_the_identity_of_its_finding():
    one = in_step().grant("ehr", "asantos", "custom/thing")
    other = in_step().grant("ehr", "asantos", "custom/thing").entitlement("ehr", "custom/thing", name=HOSTILE)
    first, second = (ask("unclassified-entitlement", c).finding for c in (one, other))
    assert identity(first) == identity(second)
    assert HOSTILE in second.title
    assert HOSTILE in second.remedy


# Vendor


def hosted(account_owner: str = PRACTICE, **terms) -> Clinic:
    clinic = in_step().system("ehr", vendor="Cedar Hosting Inc", account_owner=account_owner)
    if terms:
        clinic.agreement("HOST-1", "Cedar Hosting Inc", account_owner, **terms)
    return clinic


@pytest.mark.parametrize(
    ("terms", "counts"),
    [
        ({"end": None}, (0, 1, 0)),
        ({"end": TODAY}, (0, 1, 0)),  # in force for the last day
        ({"end": ago(1)}, (1, 0, 0)),
        ({"start": ahead(1)}, (1, 0, 0)),
        ({"signed": False}, (1, 0, 0)),
        ({"systems": frozenset({"cloud"})}, (1, 0, 0)),
        ({"systems": frozenset({"ehr"})}, (0, 1, 0)),
        ({"kind": AgreementKind.WORKFORCE_ATTESTATION}, (1, 0, 0)),  # a company is nobody's workforce
    ],
)
def test_whoever_hosts_phi_has_an_agreement_in_force_for_that_system(terms, counts):
    assert ask("vendor-agreement", hosted(**terms)).counts == counts


def test_a_host_without_any_agreement_is_critical_since_nobody_knows_when():
    finding = ask("vendor-agreement", hosted()).finding
    assert finding.severity is Severity.CRITICAL
    assert finding.observed == "the register has none"
    assert finding.since is None
    assert kinds(finding) == ["system"]


def test_a_host_whose_agreement_ended_is_without_one_since_the_day_after():
    finding = ask("vendor-agreement", hosted(end=ago(20))).finding
    assert finding.since == ago(19)
    assert finding.observed == f"HOST-1 ended on {ago(20)}"
    assert kinds(finding) == ["system", "agreement"]


@pytest.mark.parametrize(
    ("owner", "provisions"),
    [
        (PRACTICE, ["164.308(b)(1)", "164.308(b)(3)", "164.502(e)(2)", "164.504(e)"]),
        # Then it is the agency's subcontractor.
        (AGENCY, ["164.308(b)(2)", "164.314(a)(2)(iii)", "164.504(e)(5)", "164.502(e)(1)(ii)"]),
    ],
)
def test_who_owns_the_account_decides_which_provisions_bind_the_host(owner, provisions):
    finding = ask("vendor-agreement", hosted(owner)).finding
    assert cites(finding) == provisions
    whose = "the practice" if owner == PRACTICE else owner
    assert finding.expected.startswith(f"a BAA between {whose} and Cedar")
    assert finding.path[0].text.endswith(f"hosted by Cedar Hosting Inc for {whose}")


def test_an_agreement_of_the_wrong_owner_does_not_cover_the_host():
    clinic = hosted(AGENCY).agreement("HOST-1", "Cedar Hosting Inc", PRACTICE)
    assert ask("vendor-agreement", clinic).counts == (1, 0, 0)


def test_a_phi_system_whose_host_nobody_named_is_not_evaluated_and_one_without_phi_is_not_asked():
    assert ask("vendor-agreement", in_step()).counts == (0, 1, 0)  # `vendor: self`
    assert ask("vendor-agreement", in_step().system("ehr", vendor=None)).counts == (0, 0, 1)
    assert ask("vendor-agreement", hosted().system("ehr", holds_phi=False)).population == 0


def test_a_host_is_asked_for_its_agreement_even_when_its_system_was_not_read():
    assert ask("vendor-agreement", hosted().unread("ehr")).counts == (1, 0, 0)


def test_a_hosts_agreement_says_when_it_ends():
    assert ask("vendor-agreement", hosted(end=ahead(30))).satisfied[0].until == ahead(31)
    assert ask("vendor-agreement", hosted(end=None)).satisfied[0].until is None
    both = hosted(end=ahead(30)).agreement("HOST-2", "Cedar Hosting Inc", end=ahead(60))
    assert ask("vendor-agreement", both).satisfied[0].until == ahead(61)


# ---- names of vendors and owners ----


@pytest.mark.parametrize("owner", ["practice", "Lakeside Family Medicine", "LAKESIDE FAMILY MEDICINE, P.C."])
@pytest.mark.parametrize("party", ["Cloud Records, Inc.", "cloud records"])
def test_a_vendor_and_the_practice_are_known_in_other_spellings(owner, party):
    clinic = Clinic().vma("ana").system("ehr", vendor="Cloud Records Inc", account_owner=owner)
    assert ask("vendor-agreement", clinic.agreement("BAA-1", party)).counts == (0, 1, 0)


def test_a_vendor_of_another_legal_form_is_a_question():
    clinic = Clinic().vma("ana").system("ehr", vendor="Cloud Records Inc").agreement("BAA-1", "Cloud Records LLC")
    assert ask("vendor-agreement", clinic).counts == (0, 0, 1)
