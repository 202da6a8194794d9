"""The report in a terminal: the headline first, within the width, and no name that can drive the terminal."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reports import text
from reports.words import instant_text
from tests.report_sample import OVERRIDE, clean, first_audit, sample

COLOUR = re.compile(r"\x1b\[[0-9;]+m")


def test_the_first_line_is_the_headline() -> None:
    report = sample()
    assert text.render(report, width=40, colour=False).splitlines()[0] == report.headline.sentence
    assert COLOUR.sub("", text.render(report, width=40, colour=True)).splitlines()[0] == report.headline.sentence


def test_the_parts_stand_in_the_order_in_which_they_are_needed() -> None:
    shown = text.render(sample(), width=100, colour=False)
    marks = ("not in step:", "Do this first", "What changed", "Counts", "Not evaluated", "auditor verify")
    places = [shown.index(mark) for mark in marks]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [40, 72, 100])
def test_no_line_but_the_headline_and_the_command_is_wider_than_the_terminal(width: int) -> None:
    report = sample()
    assert report.verification
    lines = text.render(report, width=width, colour=False).splitlines()[1:]
    # The command that verifies stands on one line, so that it can be copied.
    lines.remove(f"  {report.verification.command}")
    assert max(map(len, lines)) <= width


def test_colour_changes_nothing_but_colour() -> None:
    assert COLOUR.sub("", text.render(sample(), width=80, colour=True)) == text.render(sample(), width=80, colour=False)


def test_a_name_cannot_drive_the_terminal_or_forge_a_line() -> None:
    report = sample()
    hostile = f"{OVERRIDE}\x1b[2J\x07\nin step: all is well\r"
    finding = replace(report.findings[0], subject=hostile, title=hostile, remedy=hostile)
    shown = text.render(replace(report, findings=(finding,), practice_name=hostile), width=400, colour=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert not re.search("^in step", shown, re.M)


def test_what_is_not_shown_is_counted() -> None:
    assert "and 11 more findings" in text.render(sample(), width=80, colour=False)


def test_nothing_to_do_says_what_was_checked() -> None:
    shown = text.render(clean(), width=100, colour=False)
    assert "nothing to do: 162 checks by 12 rules were made, and all hold" in shown
    assert "Not evaluated" not in shown


def test_nothing_found_is_not_nothing_to_do_when_something_could_not_be_judged() -> None:
    report = replace(clean(), counts={**clean().counts, "not_evaluated": 1})
    assert "nothing to do:" not in text.render(report, width=100, colour=False)


def test_every_system_that_was_not_read_says_why_and_what_to_do() -> None:
    shown = " ".join(text.render(sample(), width=100, colour=False).split())
    assert "not read: Amazon Web Services: the system refuses `iam:GetAccountAuthorizationDetails`" in shown
    assert "what to do: attach the managed policy `SecurityAudit`" in shown


def test_a_first_audit_compares_with_nothing() -> None:
    assert "first audit: there is none before it" in text.render(first_audit(), width=100, colour=False)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/Chicago", "Monday 23 Nov 2026, 20:30 (America/Chicago), 24 Nov 2026, 02:30 UTC"),  # another day
        ("Asia/Manila", "Tuesday 24 Nov 2026, 10:30 (Asia/Manila), 02:30 UTC"),
        ("UTC", "Tuesday 24 Nov 2026, 02:30 (UTC)"),
    ],
)
def test_an_instant_is_told_in_the_practices_own_time_and_in_utc(zone: str, expected: str) -> None:
    assert instant_text(datetime(2026, 11, 24, 2, 30, tzinfo=UTC), zone) == expected


def test_the_data_that_judged_is_named_with_its_version() -> None:
    assert "judged with: IAM actions: data of 20 Nov 2026; OpenEMR catalog: version 3" in text.render(
        sample(), width=100, colour=False
    )
