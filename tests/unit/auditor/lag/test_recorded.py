"""Until when an account worked: a record is finer than the audits, and never makes it shorter than it was."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.instants.log import AccessLog, LogSpan, by_account
from auditor.lag.history import Holding
from auditor.lag.recorded import as_recorded
from auditor.lag.spans import seconds
from connectors.audit_log import SECOND, LogEvent, LogKind, LogRecord
from connectors.facts import Account, Status

DAY = timedelta(days=1)
START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
AUDITS = [START + n * 10 * DAY for n in range(4)]
READS = {"ehr": tuple((seconds(at), at - timedelta(hours=6)) for at in AUDITS)}
"""Exports of the morning, audited at noon."""
END = seconds(AUDITS[-1] + DAY)


def account(status: Status) -> Account:
    return Account("ehr", "7", "dcalloway", "Denise Calloway", status)


def holding(first: int, last: int | None, status: Status) -> Holding:
    until = END if last is None else seconds(AUDITS[last])
    return Holding("VMA-06", (seconds(AUDITS[first]), until), account(status))


def event(kind: LogKind, at: datetime, n: int) -> LogEvent:
    return LogEvent("ehr", "7", kind, at, SECOND, LogRecord.of("log", str(n), b"row"))


def record(*events: LogEvent) -> dict[str, AccessLog]:
    ever = LogSpan(START - 99 * DAY, AUDITS[-1] + DAY, frozenset(LogKind))
    return {"ehr": AccessLog(by_account(events), (ever,))}


def live(holdings: dict[str, tuple[Holding, ...]]) -> list[tuple[int, int]]:
    return sorted(h.span for h in holdings["VMA-06"] if h.account.live)


LIVE_THEN_STOPPED = (holding(0, 2, Status.ACTIVE), holding(2, None, Status.DISABLED))


def test_a_live_account_ends_when_its_record_says_and_not_when_the_next_audit_saw_it():
    at = AUDITS[1] + timedelta(hours=5, minutes=42)
    found = as_recorded({"VMA-06": LIVE_THEN_STOPPED}, READS, record(event(LogKind.DISABLED, at, 1)))
    assert live(found) == [(seconds(AUDITS[0]), seconds(at + SECOND))]
    assert [h.span for h in found["VMA-06"] if not h.account.live] == [(seconds(AUDITS[2]), END)]


@pytest.mark.parametrize("records", [{}, record(), {"directory": AccessLog()}])
def test_without_a_record_of_it_audits_tell(records):
    assert live(as_recorded({"VMA-06": LIVE_THEN_STOPPED}, READS, records)) == [
        (seconds(AUDITS[0]), seconds(AUDITS[2]))
    ]


def test_a_record_that_contradicts_an_audit_does_not_shorten_what_the_audit_saw_live():
    before = AUDITS[1] - DAY  # the audit on the day after saw it live
    found = as_recorded({"VMA-06": LIVE_THEN_STOPPED}, READS, record(event(LogKind.DISABLED, before, 1)))
    assert live(found) == [(seconds(AUDITS[0]), seconds(AUDITS[2]))]


def test_an_account_that_changed_and_goes_on_working_is_not_cut():
    renamed = (holding(0, 1, Status.ACTIVE), holding(1, None, Status.ACTIVE))
    blink = record(event(LogKind.DISABLED, START + DAY, 1), event(LogKind.ENABLED, START + 2 * DAY, 2))
    assert live(as_recorded({"VMA-06": renamed}, READS, blink)) == [h.span for h in renamed]


def test_an_account_that_is_gone_ends_when_it_was_deleted():
    at = AUDITS[2] + DAY
    gone = (holding(0, 3, Status.ACTIVE),)
    found = as_recorded({"VMA-06": gone}, READS, record(event(LogKind.DELETED, at, 1)))
    assert live(found) == [(seconds(AUDITS[0]), seconds(at + SECOND))]


def test_access_that_came_back_between_two_audits_counts_as_live():
    stopped = (holding(0, None, Status.DISABLED),)
    on, off = AUDITS[1] + DAY, AUDITS[1] + DAY + timedelta(hours=2)
    found = as_recorded(
        {"VMA-06": stopped}, READS, record(event(LogKind.ENABLED, on, 1), event(LogKind.DISABLED, off, 2))
    )
    assert live(found) == [(seconds(on), seconds(off + SECOND) + 1)]
