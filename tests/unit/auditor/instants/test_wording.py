"""How an instant is told: never earlier than the truth, and never so that the truth lies outside of what is told."""

from datetime import UTC, datetime

import pytest

from auditor.instants.instant import Instant, InstantKind
from auditor.instants.log import AccessLog
from auditor.instants.wording import source, told
from connectors.audit_log import LogRecord
from reports.words import clock_span


def at(second: int, microsecond: int = 0, minute: int = 42) -> datetime:
    return datetime(2026, 11, 20, 23, minute, second, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earliest", "latest", "words"),
    [
        (at(10, 475325), at(10, 475325), "2026-11-20 17:42:11 CST, exact to the second"),
        (at(10), at(11), "2026-11-20 17:42:11 CST, exact to the second"),
        (at(10, 475325), at(11, 475325), "between 2026-11-20 17:42:10 CST and 2026-11-20 17:42:12 CST"),
        (at(10), at(1, minute=43), "between 2026-11-20 17:42:10 CST and 2026-11-20 17:43:01 CST"),
    ],
    ids=["microseconds", "whole seconds", "a second across two", "two steps that may have been it"],
)
def test_an_exact_instant_is_one_second_or_its_two_ends(earliest: datetime, latest: datetime, words: str) -> None:
    assert told(Instant(InstantKind.EXACT, earliest, latest, ""), "America/Chicago") == words


def test_what_audits_saw_begins_with_the_second_in_which_it_began() -> None:
    one = Instant(InstantKind.BETWEEN, at(10, 5), at(20, 5), "")
    assert told(one, "UTC") == "between 2026-11-20 23:42:10 UTC and 2026-11-20 23:42:21 UTC, as audits saw it"


def test_not_later_than_is_never_told_earlier() -> None:
    assert told(Instant(InstantKind.NOT_LATER, at(1), at(10, 1), ""), "UTC") == "not later than 2026-11-20 23:42:11 UTC"
    assert clock_span(None, at(10, 1), "UTC") == "2026-11-20 23:42:11 UTC"


@pytest.mark.parametrize(("kind", "said"), [(InstantKind.NOT_LATER, True), (InstantKind.EXACT, False)])
def test_what_is_known_no_better_says_what_was_wrong_with_the_record(kind: InstantKind, said: bool) -> None:
    one = Instant(kind, at(1), at(10), "only the last change", LogRecord.of("whenChanged", "7", b""))
    text = source(one, AccessLog(gaps=("dsdb.json ends in the middle of a line",)))
    assert ("its record is not whole: dsdb.json ends in the middle of a line" in text) is said
