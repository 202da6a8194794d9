"""An agreement that names a person survives the person's new name, and never covers somebody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.headcount.former_names import former_names, of_one_person
from auditor.store import Store
from connectors.facts import Employment, Engagement, Person, PersonKind
from policies.agreements.register import AgreementKind
from tests.builders import AGENCY, STARTED, Clinic, ago, ask
from tests.store_sample import PRACTICE, facts, record, save_all, signer

SUB = AgreementKind.SUBCONTRACTOR_BAA


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auditor.db") as opened:
        yield opened


def version(name, *, email=None, login="", start=STARTED):
    person = Person("V1", name, email, PersonKind.VMA, (("ehr", login),) if login else ())
    return person, Engagement("V1", AGENCY, Employment.CONTRACTOR, ("scheduler",), start)


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        (version("Ana Ruiz"), version("Ana Diaz"), True),  # the engagement goes on, the first name stays
        (version("Ana Ruiz", email="ana@x.org"), version("Ana Diaz", email="ANA@x.org", start=ago(5)), True),
        (version("Ana Ruiz", login="aruiz"), version("Anna-Maria Diaz", login="aruiz", start=ago(5)), True),
        (version("Ana Ruiz"), version("Bo Li"), False),  # the id was given to somebody else
        (version("Ana Ruiz"), version("Ana Li", start=ago(5)), False),  # a new engagement shows nothing
        (version("Ana Ruiz", email="a@x.org"), version("Bo Li", email="b@x.org"), False),
        (version("Ana Ruiz"), version("Bo Li", start=ago(5)), False),
    ],
)
def test_an_earlier_name_counts_only_where_it_is_shown_to_be_the_same_person(was, now, same):
    assert of_one_person(now, [was]) == (frozenset({was[0].name}) if same else frozenset())


def test_names_are_followed_back_to_the_first_that_may_be_somebody_elses():
    versions = [version("Ana Diaz"), version("Ana Ruiz"), version("Bo Li"), version("Ana Old")]
    assert of_one_person(version("Ana Cruz"), versions) == {"Ana Diaz", "Ana Ruiz"}


def test_the_store_knows_the_names_of_the_audits_before(store, tmp_path):
    old = facts(vmas=("VMA-1",))
    person = replace(old.people["VMA-1"], name="Ana Ruiz")
    new = replace(person, name="Ana Diaz")
    audits = [record(replace(old, people={"VMA-1": p}), day=n) for n, p in enumerate((person, new))]
    save_all(store, signer(tmp_path), audits)
    assert former_names(store, PRACTICE, {"VMA-1": new}, old.engagements) == {"VMA-1": {"Ana Ruiz"}}
    assert former_names(store, PRACTICE, {}, {}) == {"VMA-1": {"Ana Ruiz"}}  # who has left has had names as well
    first = store.audits(PRACTICE)[0].id
    assert former_names(store, PRACTICE, {"VMA-1": person}, old.engagements, until=first) == {}
    assert former_names(None, PRACTICE, {"VMA-1": new}, old.engagements) == {}


# ---- what it does to the cover ----


def renamed(**agreement) -> Clinic:
    """Ana Diaz, who was Ana Ruiz, a contractor of the agency; the papers know the old name."""
    clinic = Clinic().vma("V1", "Ana Diaz", employment=Employment.CONTRACTOR, start=ago(300))
    clinic.agreement("BAA-1").former_names["V1"] = frozenset({"Ana Ruiz"})
    return clinic.agreement("SUB-1", agreement.pop("receiver", "Ana Ruiz"), AGENCY, kind=SUB, **agreement)


@pytest.mark.parametrize("party", ["Ana Ruiz", "RUIZ, ANA", "Ana Diaz", "V1", "v1"])
def test_an_agreement_with_a_person_survives_the_new_name(party):
    assert ask("no-agreement", renamed(receiver=party)).counts == (0, 1, 0)


@pytest.mark.parametrize("people", [{"V1"}, {"Ana Ruiz"}, {"Ana Diaz"}, {"diaz, ana"}])
def test_a_schedule_that_names_a_person_survives_the_new_name(people):
    clinic = Clinic().vma("V1", "Ana Diaz").agreement("BAA-1", people=frozenset(people))
    clinic.former_names["V1"] = frozenset({"Ana Ruiz"})
    assert ask("agreement-person", clinic).counts == (0, 1, 0)


def test_without_a_history_an_old_name_names_nobody():
    clinic = renamed()
    clinic.former_names.clear()
    assert ask("no-agreement", clinic).counts == (1, 0, 0)


def test_an_old_name_that_somebody_else_has_now_names_neither():
    clinic = renamed().vma("V2", "Ana Ruiz", employment=Employment.CONTRACTOR)
    assert sorted(f.vma for f in ask("no-agreement", clinic).findings) == ["V1", "V2"]


def test_a_name_that_is_somebodys_id_is_that_persons_alone():
    clinic = Clinic().vma("ana", "Bea Cruz").vma("V2", "Ana").agreement("BAA-1", people=frozenset({"ana"}))
    assert [f.vma for f in ask("agreement-person", clinic).findings] == ["V2"]
