"""What `auditor doctor` says of a system's own record of changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditor.connecting.checks import CheckState
from auditor.connecting.record import RECORD, check_record
from connectors.audit_log import LogAnswer, LogKind, LogQuestion
from connectors.errors import SourceDenied
from connectors.facts import Account, Collection, Complete, Status, System, SystemKind

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SYSTEM = System("ehr", SystemKind.EHR, "openemr", "EHR", holds_phi=True)
ROBOT = Account("ehr", "0", "robot", "Robot", Status.ACTIVE, service=True)
PEOPLE = tuple(Account("ehr", str(n), f"va{n}", "VA", Status.ACTIVE) for n in range(1, 9))
READ = Collection(SYSTEM, "x", NOW, Complete(()), (ROBOT, *PEOPLE))
WHOLE = LogAnswer("ehr", "its log", NOW, (), NOW - timedelta(days=90), frozenset({LogKind.DISABLED, LogKind.ENABLED}))


class Mute:
    system, source = SYSTEM, "x"

    def read_page(self, token: str | None) -> Any:
        raise NotImplementedError


class Keeps(Mute):
    def __init__(self, answer: LogAnswer | Exception) -> None:
        self.answer, self.asked = answer, list[LogQuestion]()

    def read_log(self, question: LogQuestion) -> LogAnswer:
        self.asked.append(question)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_whole_record_is_told_with_its_beginning_and_asked_for_a_few_people_only() -> None:
    source = Keeps(WHOLE)
    check = check_record(source, READ, clock=lambda: NOW)
    assert (check.step, check.state, check.advice) == (RECORD, CheckState.OK, "")
    assert check.found == "its log; whole since 2026-09-01 12:00 UTC"
    assert [a.login for a in source.asked[0].accounts] == ["va1", "va2", "va3"]


def test_one_that_says_nothing_of_its_beginning_and_of_no_gap_is_as_old_as_it_is_kept() -> None:
    check = check_record(Keeps(replace(WHOLE, covers_from=None)), READ, clock=lambda: NOW)
    assert (check.state, check.found) == (CheckState.OK, "its log; as far back as the system keeps it")


def test_a_product_without_one_is_not_tried_and_it_is_said_what_helps() -> None:
    check = check_record(Mute(), READ, clock=lambda: NOW)
    assert check.state is CheckState.SKIPPED
    assert "between two audits" in check.found
    assert "auditor watch" in check.advice


@pytest.mark.parametrize(
    ("answer", "found", "advice"),
    [
        (SourceDenied("the log is hidden", hint="run the statements"), "the log is hidden", "run the statements"),
        (SourceDenied("the log is hidden"), "told between two audits", "`auditor connect ehr` prints the set-up"),
        (ValueError("secret-word"), "failed with ValueError", "report it"),
        (replace(WHOLE, covers_from=None, covers=frozenset()), "no more than the last change", "auditor connect ehr"),
        (
            replace(WHOLE, covers_from=None, gaps=("cut",)),
            "since when it is whole is not known; cut",
            "auditor connect",
        ),
        (replace(WHOLE, gaps=tuple("abcde")), "whole since 2026-09-01 12:00 UTC; a; b; c; and 2 more", "the set-up"),
        (replace(WHOLE, covers=frozenset({LogKind.SIGNED_IN})), "no more than the last change", "the set-up"),
    ],
)
def test_what_falls_short_is_a_warning_with_the_step_to_take(
    answer: LogAnswer | Exception, found: str, advice: str
) -> None:
    check = check_record(Keeps(answer), READ, clock=lambda: NOW)
    assert check.state is CheckState.WARNING
    assert found in check.found
    assert advice in check.advice
    assert "secret-word" not in check.found


def test_words_of_a_source_are_cut() -> None:
    check = check_record(Keeps(replace(WHOLE, gaps=("x" * 9_000,))), READ, clock=lambda: NOW)
    assert len(check.found) < 1_000
