"""Clocks in hours: whose choice they are, and that a proposed one never looks like one in force."""

from datetime import UTC, datetime

import pytest

from policies.clocks import NOT_IN_FORCE, ClockSettings, Matter, notice_clock, proposed_clocks

ON = ClockSettings(proposed_rule=True)
FRIDAY = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)


def test_the_proposed_rule_has_no_clock_until_a_practice_asks_for_it():
    assert proposed_clocks(ClockSettings()) == ()
    assert {(c.matter, c.hours) for c in proposed_clocks(ON)} == {(Matter.ACCESS_END, 1), (Matter.NOTICE, 24)}


@pytest.mark.parametrize("clock", proposed_clocks(ON), ids=lambda c: c.matter.value)
def test_every_sentence_about_the_proposed_rule_says_that_it_is_not_in_force(clock):
    assert NOT_IN_FORCE in clock.says("late")
    assert clock.source.startswith("proposed ")
    assert "not in force" in clock.source


def test_the_practice_s_own_clock_says_where_its_hours_stand():
    own = notice_clock(ClockSettings.model_validate({"notice": {"hours": 8, "source": "BAA of 2026-01-01, section 7"}}))
    assert (own.hours, own.source, own.proposed) == (8, "BAA of 2026-01-01, section 7", False)
    assert NOT_IN_FORCE not in own.says("in time")
    assert own.says("in time") == "by the practice's own clock, 8 h: in time"


def test_the_default_says_that_no_rule_in_force_names_hours():
    default = notice_clock(ClockSettings())
    assert default.hours == 24
    assert "no HIPAA rule in force names hours" in default.source


def test_a_clock_counts_hours_and_no_days_of_a_calendar():
    assert notice_clock(ClockSettings()).due(FRIDAY) == datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
