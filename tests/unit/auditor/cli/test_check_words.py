"""What `auditor check` tells of a system's own record: in plain words, and never earlier than it can have been."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.cli.check import _event
from connectors.audit_log import SECOND, LogEvent, LogKind, LogRecord

AT = datetime(2026, 11, 20, 23, 42, 10, 475325, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "resolution", "bound", "words"),
    [
        (LogKind.TOUCHED, SECOND, True, "something of it was written, not later than 2026-11-20 17:42:12 CST (log, 7)"),
        (LogKind.DISABLED, timedelta(), False, "disabled, 2026-11-20 17:42:11 CST (log, 7)"),
        (
            LogKind.STATUS_SET,
            SECOND,
            False,
            "whether it works was written, between 2026-11-20 17:42:10 CST and 2026-11-20 17:42:12 CST (log, 7)",
        ),
    ],
)
def test_an_event_of_the_record_is_told_in_plain_words(
    kind: LogKind, resolution: timedelta, bound: bool, words: str
) -> None:
    event = LogEvent("ehr", "7", kind, AT, resolution, LogRecord.of("log", "7", b""), upper_bound=bound)
    assert _event(event, "America/Chicago") == words
