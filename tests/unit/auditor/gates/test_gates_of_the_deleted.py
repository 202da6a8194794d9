"""The gate of whoever goes, where an account was deleted, or the file that shows its end is no newer than the last."""

from typing import Any

import pytest

from auditor.gates.checklist import GateAnswer
from auditor.gates.history import Past
from auditor.gates.offboard import OffboardOutcome
from connectors.facts import Status
from tests.builders import TODAY, Clinic, ago, noon
from tests.unit.auditor.gates.gate_answers import TOPICS, answers, attested, leave

KEY = ("ehr", "asantos")
STATED = attested(*TOPICS["offboarding"], "sessions-ended")


def left(**account: Any) -> Clinic:
    fields = {"status": Status.DISABLED, "last_login": noon(ago(20)), **account}
    return Clinic().agreement("BAA-1").vma("ana", "Ana Santos", end=ago(10)).account(*KEY, "ana", **fields)


def deleted() -> Clinic:
    return Clinic().agreement("BAA-1").vma("ana", "Ana Santos", end=ago(10)).vma("ben").account("ehr", "ben", "ben")


@pytest.mark.parametrize(
    ("stopped", "last_login", "answer"),
    [
        (noon(ago(11)), noon(ago(20)), GateAnswer.PASSED),
        (noon(ago(5)), noon(ago(20)), GateAnswer.CANNOT_TELL),
        (noon(ago(5)), None, GateAnswer.CANNOT_TELL),
        (noon(ago(5)), noon(ago(7)), GateAnswer.FAILED),
    ],
    ids=["gone before the end", "gone later, used before", "gone later, use unknown", "used after the end"],
)
def test_that_an_account_was_deleted_says_nothing_of_whether_it_was_used_after_the_end(stopped, last_login, answer):
    account = left(last_login=last_login).case().accounts[KEY]
    past = Past(stopped={KEY: stopped}, last_live={KEY: noon(ago(12))}, known={KEY: account}, accounts=frozenset({KEY}))
    result = leave(deleted(), STATED, past=past)
    after = next(a for a in result.items if a.item.id == "after-end")
    assert after.answer is answer
    assert result.outcome is (OffboardOutcome.GONE if answer is GateAnswer.PASSED else OffboardOutcome.UNPROVEN)
    if answer is not GateAnswer.PASSED:
        assert "asantos" in after.evidence[0]
        assert "is gone" in after.evidence[0]


def test_a_read_that_is_no_newer_than_the_one_that_saw_the_account_live_proves_no_end():
    same = left().case().collections["ehr"].as_of
    result = leave(left(), STATED, past=Past(last_live={KEY: same}))
    assert answers(result)["disabled"] is GateAnswer.CANNOT_TELL
    assert result.outcome is OffboardOutcome.UNPROVEN
    (lag,) = result.lags
    assert lag.instant is not None
    assert lag.instant.latest >= noon(TODAY)  # it may have ended at any time until it was read
