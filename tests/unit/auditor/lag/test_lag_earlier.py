"""Stored sentences that count otherwise than today's definitions."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.lag.earlier import Otherwise, told_otherwise
from auditor.lag.lag import Obligation, Presence
from auditor.lag.spans import seconds
from auditor.snapshot import AuditSummary

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
EVER = ((seconds(AT - timedelta(days=9)), seconds(AT + timedelta(days=9))),)
NEVER = ()
UNTIL_THEN, FROM_THEN = ((EVER[0][0], seconds(AT)),), ((seconds(AT), EVER[0][1]),)


def duty(control: str, in_place: tuple[tuple[int, int], ...], system: str = "") -> Obligation:
    ((first, last),) = EVER
    return Obligation("ana", control, first, last, in_place, system=system)


@pytest.mark.parametrize(
    ("duties", "covered"),
    [
        ([duty("agreement", EVER)], 1),
        ([duty("agreement", NEVER)], 0),
        ([duty("agreement", UNTIL_THEN)], 0),  # its last second is the one before
        ([duty("agreement", FROM_THEN)], 1),
        ([duty("agreement", NEVER), duty("mfa", EVER)], 0),  # another control covers nobody
        ([duty("agreement", NEVER), duty("agreement", EVER, "ehr")], 0),  # nor does what is in place in one system
    ],
)
@pytest.mark.parametrize("said", [0, 1])
def test_a_sentence_is_held_against_the_agreements_alone(duties, covered, said):
    audit = AuditSummary(1, "lakeside", AT, 0, f"1 VMA, {said} under a BAA", {})
    expected = () if said == covered else (Otherwise(1, AT, said, covered),)
    assert told_otherwise([audit], [Presence("ana", EVER, tuple(duties))], frozenset({"agreement"})) == expected
