"""When changes between two audits took effect, and what came and went again."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.drift.change import Change, ChangeKind
from auditor.drift.moments import Moments
from auditor.instants.instant import InstantKind
from auditor.instants.log import AccessLog, LogSpan, by_account
from connectors.audit_log import SECOND, LogEvent, LogKind, LogRecord

BEFORE, AFTER = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVER = LogSpan(BEFORE - 99 * HOUR, AFTER + HOUR, frozenset(LogKind))


def event(kind: LogKind, at: datetime, n: int, entitlement: str | None = None) -> LogEvent:
    return LogEvent("ehr", "7", kind, at, SECOND, LogRecord.of("log", str(n), b"row"), entitlement)


def moments(*events: LogEvent, spans: tuple[LogSpan, ...] = (EVER,)) -> Moments:
    return Moments({"ehr": AccessLog(by_account(events), spans)}, {"ehr": BEFORE}, {"ehr": AFTER})


def change(kind: ChangeKind, given: str = "", account: str = "7") -> Change:
    return Change(kind, "ehr", "dcalloway", ("VMA-06",), given or None, 0, None, account, given)


@pytest.mark.parametrize(
    ("kind", "given", "recorded"),
    [
        (ChangeKind.ACCOUNT_STOPPED, "", event(LogKind.DISABLED, BEFORE + HOUR, 1)),
        (ChangeKind.ACCOUNT_WENT, "", event(LogKind.DELETED, BEFORE + HOUR, 1)),
        (ChangeKind.ACCOUNT_WORKS, "", event(LogKind.ENABLED, BEFORE + HOUR, 1)),
        (ChangeKind.ACCOUNT_CAME, "", event(LogKind.CREATED, BEFORE + HOUR, 1)),
        (ChangeKind.GRANT_CAME, "billing", event(LogKind.GIVEN, BEFORE + HOUR, 1, "billing")),
        (ChangeKind.GRANT_WENT, "billing", event(LogKind.TAKEN, BEFORE + HOUR, 1, "billing")),
    ],
)
def test_each_kind_of_change_is_dated_by_its_record(kind, given, recorded):
    found = moments(recorded).of(change(kind, given))
    assert found is not None
    assert (found.kind, found.latest) == (InstantKind.EXACT, BEFORE + HOUR + SECOND)


@pytest.mark.parametrize(
    "asked",
    [
        change(ChangeKind.ACCOUNT_STOPPED, account="8"),
        change(ChangeKind.ACCOUNT_STOPPED, account=""),
        change(ChangeKind.ACCOUNT_MOVED),
        change(ChangeKind.GRANT_WENT, "scheduling"),
        change(ChangeKind.ACCOUNT_WORKS),
    ],
)
def test_what_the_record_does_not_tell_is_not_dated(asked):
    told = event(LogKind.DISABLED, BEFORE + HOUR, 1), event(LogKind.TAKEN, BEFORE + HOUR, 2, "billing")
    assert moments(*told).of(asked) is None


def test_what_came_is_dated_by_the_last_time_that_it_came():
    again = moments(
        event(LogKind.GIVEN, BEFORE + HOUR, 1, "billing"),
        event(LogKind.TAKEN, BEFORE + 2 * HOUR, 2, "billing"),
        event(LogKind.GIVEN, BEFORE + 3 * HOUR, 3, "billing"),
    )
    found = again.of(change(ChangeKind.GRANT_CAME, "billing"))
    assert found is not None
    assert found.latest == BEFORE + 3 * HOUR + SECOND
    assert [(u.began.at, u.ended.at) for u in again.unseen()] == [(BEFORE + HOUR, BEFORE + 2 * HOUR)]


def test_only_what_lies_wholly_between_the_two_reads_is_unseen():
    told = moments(
        event(LogKind.ENABLED, BEFORE - HOUR, 1),
        event(LogKind.DISABLED, BEFORE + HOUR, 2),
        event(LogKind.ENABLED, AFTER - HOUR, 3),
        event(LogKind.DISABLED, AFTER + HOUR, 4),
    )
    assert told.unseen() == ()
    assert Moments(told.records, {}, {"ehr": AFTER}).unseen() == ()
