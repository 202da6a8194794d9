"""The evaluator agrees with an independent one, or a table says who is right and by which page of AWS."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.decision import Decision, Outcome
from tests.vectors.cases import request_of, stored
from tests.vectors.picked import picked

TABLE = yaml.safe_load((Path(__file__).parents[3] / "vectors" / "disagreements.yaml").read_text(encoding="utf-8"))
THEIR_WORDS = {
    "Allowed": Outcome.ALLOWED,
    "ExplicitlyDenied": Outcome.DENIED,
    "ImplicitlyDenied": Outcome.NOT_ALLOWED,
}
ROWS = {"identity", "boundary", "organization", "resource-control", "resource-policy", "cross-account",
        "not-principal", "session", "key-policy", "trust", "conditions", "variables"}  # fmt: skip


def fits(entry: dict[str, Any], case: dict[str, Any], ours: Decision) -> bool:
    return (
        entry.get("feature", case["feature"]) == case["feature"]
        and re.search(entry.get("contains", ""), json.dumps(case)) is not None
        and ours.outcome in entry.get("ours", list(Outcome))
        and case["expected"] in entry.get("theirs", THEIR_WORDS)
        and ("keys" not in entry or any(key.startswith(entry["keys"]) for key in ours.keys))
    )


@pytest.fixture(scope="module")
def answers() -> list[tuple[dict[str, Any], Decision]]:
    return [(case, decide(request_of(case))) for case in stored()]


def test_at_least_five_thousand_cases_cover_every_kind_of_policy(answers):
    assert len(answers) >= 5000
    assert {case["feature"] for case, _ in answers} == ROWS
    kinds = Counter(case["expected"] for case, _ in answers)
    assert all(kinds[word] > 500 for word in THEIR_WORDS)


def test_some_cases_of_every_kind_are_picked_by_hand(answers):
    stored_cases = [case for case, _ in answers if "picked" in case]
    assert {case["feature"] for case in stored_cases} == ROWS
    assert [case["picked"] for case in stored_cases] == [case["picked"] for case in picked()]


def test_every_answer_agrees_or_the_table_says_who_is_right(answers):
    differ = [(case, ours) for case, ours in answers if ours.outcome is not THEIR_WORDS[case["expected"]]]
    needed = set()
    for case, ours in differ:
        fitting = [entry["id"] for entry in TABLE if fits(entry, case, ours)]
        assert len(fitting) == 1, (fitting, ours, case)
        needed.add(fitting[0])
    assert needed == {entry["id"] for entry in TABLE}
    assert len(differ) < len(answers) / 50
    assert all(entry["source"] and entry["why"] and entry["right"] for entry in TABLE)


def test_we_never_say_allowed_with_certainty_where_the_other_says_no_except_as_documented(answers):
    loose = {
        entry["id"]
        for case, ours in answers
        if ours.outcome is Outcome.ALLOWED and case["expected"] != "Allowed"
        for entry in TABLE
        if fits(entry, case, ours)
    }
    assert loose <= {
        *("variables-in-the-old-version", "session-named-by-the-resource"),
        *("limits-of-resources-bind-some-services", "root-user-of-another-account"),
    }


def test_an_allowed_answer_names_the_statement_and_a_refused_one_the_layer(answers):
    for _, ours in answers:
        if ours.outcome is Outcome.DENIED:
            assert any(found.effect == "Deny" for found in ours.because)
        elif ours.outcome is Outcome.ALLOWED:
            assert any(found.effect == "Allow" for found in ours.because)
        elif ours.outcome is Outcome.NOT_ALLOWED:
            assert ours.lacking
        assert ours.step
