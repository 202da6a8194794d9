"""Which claims about one VMA can be so together, and from when hours count for whoever receives one."""

from datetime import UTC, datetime, timedelta

import pytest

from policies.notices import Announcements, ClaimKind, contradictions
from tests.unit.policies.rules.test_notice_rules import claim

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)


def history(text: str):
    """`leave@1 start@3/billing`: what is claimed, at which hour, with which roles."""
    for number, word in enumerate(text.split()):
        kind, _, rest = word.partition("@")
        hour, _, roles = rest.partition("/")
        yield claim(
            kind,
            id=f"N-{number:010X}",
            number=number + 1,
            effective=MONDAY + timedelta(hours=int(hour)),
            roles=tuple(filter(None, roles.split("+"))),
        )


def against(text: str) -> set[tuple[int, int]]:
    found = contradictions(tuple(history(text)))
    return {tuple(sorted((a.number, b.number))) for a, b in found}


@pytest.mark.parametrize(
    "text",
    [
        "start@1 role-change@2/a role-change@3/b leave@4 start@9 leave@12",
        "leave@1 leave@1",  # said twice
        "start@1/a+b start@1/b+a",
        "leave@5 start@5",  # gone at the end of Friday, back at the beginning of Saturday
        "leave@5 start@5 leave@9",
        "role-change@1/a leave@2",
        "leave@4 start@1",  # in whatever order they came
        "start@3",
        "",
    ],
)
def test_what_can_be_so_together_is_no_contradiction(text):
    assert against(text) == set()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("leave@1 leave@2", {(1, 2)}),
        ("leave@1 role-change@2/a", {(1, 2)}),
        ("start@1 start@2", {(1, 2)}),
        ("role-change@1/a start@2", {(1, 2)}),
        ("role-change@1/a role-change@1/b", {(1, 2)}),
        ("start@1/a start@1/b", {(1, 2)}),
        ("leave@1 role-change@1/a", {(1, 2)}),
        ("leave@1 leave@2 leave@3", {(1, 2), (2, 3)}),
        ("leave@1 leave@1 leave@2", {(1, 3), (2, 3)}),
        ("start@1 leave@5 start@5 start@9", {(3, 4)}),
        ("leave@2 leave@5 start@5", {(1, 2)}),
    ],
)
def test_what_cannot_be_so_together_is_told_pair_by_pair(text, pairs):
    assert against(text) == pairs


def test_what_was_taken_back_contradicts_nothing():
    one, other = history("leave@1 leave@2")
    back = claim(id=other.id, effective=other.effective, taken_back=True)
    assert list(contradictions(Announcements((one, back)).of("ana"))) == []


@pytest.mark.parametrize(("effective", "received"), [(0, 5), (5, 0), (3, 3)])
def test_nobody_s_hours_begin_before_the_end_or_before_the_receipt(effective, received):
    one = claim(effective=MONDAY + timedelta(hours=effective), received_at=MONDAY + timedelta(hours=received))
    assert one.starts == MONDAY + timedelta(hours=max(effective, received))
    assert one.back_dated is (effective < received)


def test_every_kind_says_its_day_in_words():
    said = [claim(kind, effective=MONDAY, roles=("billing",)).says("America/Chicago") for kind in ClaimKind]
    assert said == ["starts on 2026-11-23 as billing", "from 2026-11-23 on in the role billing", "last day 2026-11-23"]
