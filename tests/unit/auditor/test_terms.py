"""Changes that are no headcount and move the controls: agreements, role templates, systems."""

import json
from dataclasses import replace
from datetime import date

import pytest

from auditor.drift.policy_terms import agreements_of, control_events, templates_of, terms_of
from tests.builders import AGENCY, TODAY, Clinic, ago, ahead, in_step, policy

THEN = ago(30)


def told(before: Clinic, after: Clinic, then: date = THEN) -> list[tuple[str, str, str]]:
    found = control_events(terms_of(before.case()), terms_of(after.case()), then, TODAY)
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
    assert [replace(a, line=0) for a in agreements_of(terms_of(clinic.case()))] == [
        replace(a, line=0) for a in clinic.agreements
    ]


def test_a_system_that_came_or_went_is_told():
    both = under().system("directory")
    assert [(k, a) for k, a, _ in told(under(), both)] == [("system-added", "directory")]
    assert [(k, a) for k, a, _ in told(both, under())] == [("system-removed", "directory")]


def test_an_audit_that_kept_no_terms_tells_of_no_change():
    assert control_events({}, terms_of(under().case()), THEN, TODAY) == ()


def test_the_templates_of_an_earlier_audit_are_those_of_then_without_words_that_are_gone():
    terms = terms_of(in_step().case())
    scheduler, vocabulary = policy().templates["scheduler"], policy().vocabulary
    assert templates_of(terms, vocabulary)["scheduler"].allows == scheduler.allows
    body = {**json.loads(terms["template", "scheduler"]), "requires": ["schedule.read", "no.longer.known"]}
    old = templates_of({**terms, ("template", "scheduler"): json.dumps(body)}, vocabulary)
    assert vocabulary.names(old["scheduler"].requires) == ("schedule.read",)


def test_an_agency_that_changed_its_contract_is_told_by_its_agreement():
    before, after = under(), under()
    after.agreements = [replace(a, receiver="Other Inc") for a in after.agreements]
    assert told(before, after) == [("agreement-amended", "BAA-1", f"parties +Other Inc, −{AGENCY}")]


# ---- the day of the signature ----


def test_the_day_of_the_signature_is_kept_and_read_again():
    case = under(signed_on=date(2025, 6, 10)).case()
    assert agreements_of(terms_of(case)) == case.agreements


def test_terms_without_a_day_of_signature_are_word_for_word_what_they_were():
    ((_, body),) = [(key, text) for key, text in terms_of(under().case()).items() if key[0] == "agreement"]
    assert "signed_on" not in json.loads(body)


def test_an_agreement_that_was_signed_late_is_told_from_the_day_of_its_signature():
    assert told(Clinic().vma("ana"), under(signed_on=ago(3))) == [
        ("agreement-signed", "BAA-1", f"in force from {ago(3)}")
    ]


def test_a_day_of_signature_that_is_entered_or_taken_out_afterwards_is_an_amendment():
    late = under(signed_on=date(2025, 6, 10))
    assert told(under(), late) == [("agreement-amended", "BAA-1", "signed_on open → 2025-06-10")]
    assert told(late, under()) == [("agreement-amended", "BAA-1", "signed_on 2025-06-10 → open")]
