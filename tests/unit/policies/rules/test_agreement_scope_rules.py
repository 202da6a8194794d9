"""Do the agreements in force cover the systems and the PHI that a VMA can reach?"""

import pytest

from connectors.facts import Status
from tests.builders import Clinic, ago, ask, cites, in_step, noon


def ana() -> Clinic:
    """One scheduler with an account in the EHR, and no agreement yet."""
    clinic = in_step()
    clinic.agreements.clear()
    return clinic


# The system


@pytest.mark.parametrize(
    ("systems", "counts"), [(None, (0, 1, 0)), ({"ehr"}, (0, 1, 0)), ({"cloud"}, (1, 0, 0)), ((), (1, 0, 0))]
)
def test_an_agreement_covers_the_systems_that_it_names(systems, counts):
    terms = None if systems is None else frozenset(systems)
    assert ask("agreement-system", ana().agreement("BAA-1", systems=terms)).counts == counts


def test_a_system_that_the_agreement_leaves_out_is_told_with_the_account_and_since_when():
    clinic = ana().account("ehr", "asantos", created=noon(ago(12))).agreement("BAA-1", systems=frozenset({"cloud"}))
    finding = ask("agreement-system", clinic).finding
    assert finding.observed == "covers cloud; asantos is live in OpenEMR"
    assert finding.since == ago(12)  # before that there was no account there
    assert cites(finding) == ["164.504(e)(2)(i)", "164.308(b)(3)"]


def test_one_agreement_for_the_person_and_another_for_the_system_are_together_nothing():
    clinic = ana()
    clinic.agreement("A", people=frozenset({"ana"}), systems=frozenset({"cloud"}))
    clinic.agreement("B", people=frozenset({"bea"}), systems=frozenset({"ehr"}))
    assert ask("agreement-person", clinic).counts == (0, 1, 0)
    finding = ask("agreement-system", clinic).finding
    assert finding.title == "A does not cover OpenEMR, which Ana Santos can use"


def test_one_agreement_with_a_seat_and_another_for_the_system_are_together_nothing():
    clinic = ana().vma("abe", start=ago(900))
    clinic.agreement("FULL", headcount=1, systems=frozenset({"ehr"}))
    clinic.agreement("ROOMY", systems=frozenset({"cloud"}))
    assert ask("agreement-headcount", clinic).counts == (0, 2, 0)
    assert [f.title for f in ask("agreement-system", clinic).findings] == [
        "ROOMY does not cover OpenEMR, which Ana Santos can use"
    ]


def test_a_disabled_account_or_a_system_without_phi_needs_no_cover():
    terms = {"systems": frozenset({"cloud"})}
    disabled = ana().account("ehr", "asantos", status=Status.DISABLED).agreement("BAA-1", **terms)
    plain = ana().system("ehr", holds_phi=False).agreement("BAA-1", **terms)
    assert ask("agreement-system", disabled).population == 0
    assert ask("agreement-system", plain).population == 0


def test_the_cover_of_a_system_that_was_not_read_is_not_evaluated():
    said = ask("agreement-system", ana().agreement("BAA-1", systems=frozenset({"cloud"})).unread("ehr"))
    assert said.counts == (0, 0, 1)


# The PHI


def test_reach_beyond_the_categories_of_the_agreement_is_a_finding():
    finding = ask("agreement-phi", ana().agreement("BAA-1", phi=frozenset({"schedule", "contact"}))).finding
    assert finding.observed == "reaches demographics, coverage"
    assert finding.expected == "only contact, schedule"
    assert cites(finding) == ["164.504(e)(2)(i)", "164.502(b)(1)"]


def test_two_agreements_for_the_same_vma_and_system_add_their_categories():
    clinic = ana().agreement("A", phi=frozenset({"schedule", "contact"}))
    clinic.agreement("B", phi=frozenset({"demographics", "coverage"}))
    assert ask("agreement-phi", clinic).counts == (0, 1, 0)


def test_categories_that_an_agreement_gives_for_another_system_or_person_do_not_count():
    rest = frozenset({"demographics", "coverage"})
    for other in ({"systems": frozenset({"cloud"})}, {"people": frozenset({"bea"})}):
        clinic = ana().agreement("A", phi=frozenset({"schedule", "contact"})).agreement("B", phi=rest, **other)
        assert ask("agreement-phi", clinic).counts == (1, 0, 0)


def test_what_no_catalog_knows_might_reach_any_category():
    clinic = ana().agreement("BAA-1", phi=frozenset({"schedule", "contact", "demographics", "coverage"}))
    clinic.grant("ehr", "asantos", "custom/thing")
    said = ask("agreement-phi", clinic)
    assert said.counts == (0, 0, 1)
    assert "custom/thing" in said.not_evaluated[0].reason


def test_an_agreement_for_all_phi_needs_no_catalog():
    assert ask("agreement-phi", ana().agreement("BAA-1").grant("ehr", "asantos", "custom/thing")).counts == (0, 1, 0)


@pytest.mark.parametrize(
    ("stay", "first_day", "account", "since"), [(90, 30, 60, 30), (30, 90, 60, 30), (90, 60, 30, 30)]
)
def test_reach_beyond_an_agreement_began_when_work_agreement_and_account_were_all_there(
    stay, first_day, account, since
):
    clinic = in_step(start=ago(stay))
    clinic.agreements.clear()
    clinic.account("ehr", "asantos", created=noon(ago(account)))
    clinic.agreement("BAA-1", start=ago(first_day), phi=frozenset({"schedule"}))
    assert ask("agreement-phi", clinic).finding.since == ago(since)
