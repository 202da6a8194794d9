"""Changes that are no headcount and move the controls: agreements, role templates, systems; and how they are stored."""

import json
from dataclasses import replace
from datetime import date

import pytest

from auditor.drift.policy_changes import policy_events
from auditor.drift.policy_snapshot import policy_snapshot, role_access
from auditor.headcount.events import EventKind
from auditor.snapshot import PolicySnapshot
from auditor.store.policy import PolicyTerm, policy_of, terms_of
from connectors.errors import AuditorError
from policies.agreements.register import Agreement
from tests.builders import AGENCY, TODAY, Clinic, ago, ahead, in_step, policy

THEN = ago(30)


def told(before: Clinic, after: Clinic, then: date = THEN) -> list[tuple[str, str, str]]:
    found = policy_events(policy_snapshot(before.case()), policy_snapshot(after.case()), then, TODAY)
    return [(e.kind.value, e.about, e.detail) for e in found]


def under(**fields) -> Clinic:
    return Clinic().vma("ana").agreement("BAA-1", start=date(2025, 1, 6), **fields)


def test_terms_that_did_not_change_are_not_told():
    assert told(under(), under()) == []


def test_an_agreement_that_both_have_signed_since_is_told_with_its_days():
    nothing, unsigned = Clinic().vma("ana"), under(signed=False)
    for before in (nothing, unsigned):
        assert told(before, under(end=date(2027, 1, 5))) == [
            ("agreement-signed", "BAA-1", "in force from 2025-01-06 to 2027-01-05")
        ]
    assert told(nothing, unsigned) == []


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ({"headcount": 4}, {"headcount": 6}, "headcount 4 → 6"),
        ({"headcount": 4}, {}, "headcount 4 → no cap"),
        ({"people": frozenset({"a", "b"})}, {"people": frozenset({"b", "c"})}, "people +c, −a"),
        ({"systems": frozenset({"ehr"})}, {}, "systems ehr → all"),
        ({}, {"end": date(2027, 1, 5)}, "to open → 2027-01-05"),
    ],
)
def test_an_agreement_that_was_amended_is_told_field_by_field(old, new, detail):
    assert told(under(**old), under(**new)) == [("agreement-amended", "BAA-1", detail)]


def test_an_agreement_ends_by_its_date_by_termination_and_by_leaving_the_register():
    assert told(under(end=ago(3)), under(end=ago(3))) == [("agreement-ended", "BAA-1", f"last day {ago(3)}")]
    assert told(under(), under(end=ago(3))) == [
        ("agreement-amended", "BAA-1", f"to open → {ago(3)}"),
        ("agreement-ended", "BAA-1", f"last day {ago(3)}"),
    ]
    assert told(under(), Clinic().vma("ana")) == [("agreement-ended", "BAA-1", "no longer in the register")]
    assert told(under(end=ago(60)), under(end=ago(60))) == []  # it had ended before the earlier audit
    assert told(under(end=ahead(9)), under(end=ahead(9))) == []


def test_the_register_of_an_earlier_audit_comes_back_as_it_was():
    clinic = under(end=date(2027, 1, 5), headcount=4, people=frozenset({"ana"}), systems=frozenset({"ehr"}))
    clinic.agreement("BAA-2", signed=False)
    policy = policy_snapshot(clinic.case())
    assert tuple(policy.agreements.values()) == tuple(clinic.agreements)
    assert policy_of(terms_of(policy)) == policy


def test_a_system_that_came_or_went_is_told():
    both = under().system("directory")
    assert [(k, a) for k, a, _ in told(under(), both)] == [("system-added", "directory")]
    assert [(k, a) for k, a, _ in told(both, under())] == [("system-removed", "directory")]


def test_an_audit_that_kept_no_terms_tells_of_no_change():
    assert policy_events(PolicySnapshot(), policy_snapshot(under().case()), THEN, TODAY) == ()


def test_the_templates_of_an_earlier_audit_are_those_of_then_without_words_that_are_gone():
    then = policy_of(terms_of(policy_snapshot(in_step().case())))
    scheduler, vocabulary = policy().templates["scheduler"], policy().vocabulary
    assert role_access(then, vocabulary)["scheduler"].allows == scheduler.allows
    gone = replace(then.templates["scheduler"], requires=("schedule.read", "no.longer.known"))
    old = role_access(replace(then, templates={"scheduler": gone}), vocabulary)
    assert vocabulary.names(old["scheduler"].requires) == ("schedule.read",)


def test_an_agency_that_changed_its_contract_is_told_by_its_agreement():
    before, after = under(), under()
    after.agreements = [replace(a, receiver="Other Inc") for a in after.agreements]
    assert told(before, after) == [("agreement-amended", "BAA-1", f"parties +Other Inc, −{AGENCY}")]


# ---- the day of the signature ----


def test_the_day_of_the_signature_is_kept_and_read_again():
    case = under(signed_on=date(2025, 6, 10)).case()
    assert tuple(policy_of(terms_of(policy_snapshot(case))).agreements.values()) == case.agreements


def test_an_agreement_that_was_signed_late_is_told_from_the_day_of_its_signature():
    assert told(Clinic().vma("ana"), under(signed_on=ago(3))) == [
        ("agreement-signed", "BAA-1", f"in force from {ago(3)}")
    ]


def test_a_day_of_signature_that_is_entered_or_taken_out_afterwards_is_an_amendment():
    late = under(signed_on=date(2025, 6, 10))
    assert told(under(), late) == [("agreement-amended", "BAA-1", "signed_on open → 2025-06-10")]
    assert told(late, under()) == [("agreement-amended", "BAA-1", "signed_on 2025-06-10 → open")]


# ---- how agreements are stored ----

PLAIN = {
    "from": "2025-01-06",
    "to": "",
    "kind": "baa",
    "parties": ["practice", AGENCY],
    "signed": 1,
    "systems": "all",
    "phi": "all",
    "headcount": "no cap",
    "people": "nobody in particular",
}
"""The first form, in words; every store of before the schema 0005 has it."""


def stored(clinic: Clinic) -> list[dict[str, object]]:
    terms = terms_of(policy_snapshot(clinic.case()))
    return [json.loads(term.body) for term in terms if term.kind == "agreement"]


def read(body: dict[str, object]) -> Agreement:
    (agreement,) = policy_of([PolicyTerm("agreement", "BAA-1", json.dumps(body))]).agreements.values()
    return agreement


def test_an_agreement_is_stored_as_data_and_what_is_not_limited_is_not_there():
    plain = {"form": 2, "kind": "baa", "giver": "practice", "receiver": AGENCY, "signed": 1, "start": "2025-01-06"}
    assert stored(under()) == [plain]
    limited = {"headcount": 4, "people": frozenset({"b", "a"}), "systems": frozenset(), "phi": frozenset({"billing"})}
    assert stored(under(**limited, end=date(2027, 1, 5), signed_on=date(2025, 6, 10))) == [
        {
            **plain,
            "headcount": 4,
            "people": ["a", "b"],
            "systems": [],
            "phi": ["billing"],
            "end": "2027-01-05",
            "signed_on": "2025-06-10",
        }
    ]


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ({}, {}),
        ({"signed": 0}, {"signed": False}),
        ({"to": "2027-01-05", "signed_on": "2025-06-10"}, {"end": date(2027, 1, 5), "signed_on": date(2025, 6, 10)}),
        ({"headcount": 4, "people": ["a", "b"]}, {"headcount": 4, "people": frozenset({"a", "b"})}),
        ({"systems": [], "phi": ["billing"]}, {"systems": frozenset(), "phi": frozenset({"billing"})}),
        # Somebody may be called what the first form said of nobody.
        ({"people": ["nobody in particular"]}, {"people": frozenset({"nobody in particular"})}),
        ({"systems": ["all"]}, {"systems": frozenset({"all"})}),
    ],
)
def test_an_agreement_in_the_words_of_before_is_the_same_as_one_stored_as_data(words, fields):
    agreement = under(**fields).case().agreements[0]
    assert read({**PLAIN, **words}) == agreement
    assert read(stored(under(**fields))[0]) == agreement


def test_an_agreement_that_is_only_stored_otherwise_did_not_change():
    old = policy_of([PolicyTerm("agreement", "BAA-1", json.dumps(PLAIN))])
    assert policy_events(old, policy_snapshot(under().case()), THEN, TODAY)[0].kind is EventKind.SYSTEM_ADDED
    only = replace(policy_snapshot(under().case()), templates={}, systems={})
    assert policy_events(old, only, THEN, TODAY) == ()


@pytest.mark.parametrize("body", [{"form": 3}, {"form": 2, "kind": "baa"}, {"kind": "baa"}, {**PLAIN, "from": "then"}])
def test_a_term_that_cannot_be_read_is_an_error_for_people(body):
    with pytest.raises(AuditorError, match="agreement `BAA-1`") as caught:
        read(body)
    assert "auditor verify" in caught.value.hint


def with_rules(**packages: str) -> PolicySnapshot:
    case = under().case()
    return policy_snapshot(replace(case, policy=replace(case.policy, installed_rules=packages)))


def test_rules_that_came_went_or_changed_with_their_package_are_told():
    before = with_rules(gone="old-clinic 1.0", kept="same 1.0", changed="b 1.0")
    after = with_rules(kept="same 1.0", changed="b 1.1", came="young-clinic 0.1")
    assert [(e.kind.value, e.about, e.detail) for e in policy_events(before, after, THEN, TODAY)] == [
        ("rule-added", "came", "of young-clinic 0.1: what it would have found before is not known"),
        ("rule-changed", "changed", "b 1.0 → b 1.1"),
        ("rule-removed", "gone", "of old-clinic 1.0: no installed package offers it, so it is not asked"),
    ]
    assert policy_of(terms_of(before)).rules == before.rules
