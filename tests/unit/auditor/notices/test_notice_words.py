"""What is told of a claim: in time or late by each clock, by when to act, and never as if a proposal were in force."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.notices.words import by_clocks, came, hours, remarks
from policies.clocks import NOT_IN_FORCE, Clock, ClockSettings, Matter, notice_clock, proposed_clocks
from tests.unit.policies.rules.test_notice_rules import claim

END = datetime(2026, 12, 4, 23, 0, tzinfo=UTC)
ZONE = "America/Chicago"
OWN = notice_clock(ClockSettings())
ACCESS = Clock(Matter.ACCESS_END, 24, "controls.yaml")
PROPOSED = proposed_clocks(ClockSettings(proposed_rule=True))


def told(one, *clocks, now=END):
    return by_clocks(one, clocks, now, ZONE)


@pytest.mark.parametrize(
    ("received", "verdict"),
    [
        (-48, "told before it took effect: in time"),
        (0, "told before it took effect: in time"),
        (23.99, "told 24.0 h after it took effect: in time"),
        (24, "told 24.0 h after it took effect: in time"),  # the last instant
        (24.01, "told 24.0 h after it took effect: late"),
        (0.01, "told less than 0.1 h after it took effect: in time"),
    ],
)
def test_hours_run_from_the_end_to_the_receipt_on_the_clock_of_whoever_received_it(received, verdict):
    one = claim(effective=END, received_at=END + timedelta(hours=received), made_at=END - timedelta(days=400))
    assert told(one, OWN) == (f"by the practice's own clock, 24 h: {verdict}",)


def test_what_we_sent_is_told_in_time_by_their_receipt_alone():
    sent = claim(effective=END, ours=True, received_at=END - timedelta(days=3), made_at=END - timedelta(days=3))
    late = END + timedelta(hours=25)
    assert told(sent, OWN)[0].endswith("to be received there by 2026-12-05 17:00 America/Chicago")
    assert told(sent, OWN, now=late)[0].endswith("; no receipt proves that it was")
    proved = claim(effective=END, ours=True, delivered_at=END + timedelta(hours=30))
    assert told(proved, OWN, now=late)[0].endswith("told 30.0 h after it took effect: late")
    assert told(sent, ACCESS) == ()  # whoever gives notice ends nobody's access


@pytest.mark.parametrize(("received", "due"), [(-48, "2026-12-05 17:00"), (10, "2026-12-06 03:00")])
def test_hours_to_act_run_from_the_later_of_end_and_receipt(received, due):
    one = claim(effective=END, received_at=END + timedelta(hours=received))
    (sentence,) = told(one, ACCESS)
    assert f"every account is to be disabled by {due} America/Chicago, if the roster confirms it" in sentence


@pytest.mark.parametrize("kind", ["leave", "role-change", "start"])
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("received", [-48, 48])
def test_no_sentence_about_the_proposed_rule_lacks_that_it_is_not_in_force(kind, ours, received):
    one = claim(kind, effective=END, ours=ours, received_at=END + timedelta(hours=received), roles=("billing",))
    sentences = told(one, *PROPOSED)
    assert sentences
    assert all(NOT_IN_FORCE in sentence for sentence in sentences)
    assert not any(NOT_IN_FORCE in sentence for sentence in told(one, OWN, ACCESS))


def test_what_was_taken_back_starts_no_clock():
    assert told(claim(effective=END, taken_back=True), OWN, ACCESS, *PROPOSED) == ()


def test_what_must_be_known_besides_is_said():
    late = END + timedelta(hours=30)
    back = claim(effective=END, received_at=late)
    assert remarks(back, ZONE) == (
        "it came 30.0 h after the instant that it speaks of: hours to act count from its receipt",
    )
    ahead = claim(effective=late, received_at=END, made_at=END + timedelta(hours=1))
    assert "one of the two clocks is wrong" in remarks(ahead, ZONE)[0]
    revoked = claim(effective=late, received_at=END, made_at=END, key_revoked=True, taken_back=True)
    assert len(remarks(revoked, ZONE)) == 2
    assert came(claim(ours=True, made_at=END), ZONE).endswith("no receipt is here yet")


@pytest.mark.parametrize(("number", "text"), [(0, "0.0 h"), (0.04, "less than 0.1 h"), (0.1, "0.1 h"), (30, "30.0 h")])
def test_a_short_time_is_not_written_as_none(number, text):
    assert hours(number) == text
