"""What OpenMRS keeps of when users were made and retired, on the small fake of its REST API."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.audit_log import LogAnswer, LogEvent, LogKind, LogQuestion, LogUnread
from connectors.ehr.openmrs import connector as openmrs
from connectors.facts import Account, Status, System, SystemKind
from connectors.read_log import read_log
from tests.servers import openmrs as harness
from tests.servers._rest import Call, Reply

SYSTEM = System("ehr", SystemKind.EHR, "openmrs", "OpenMRS", holds_phi=True)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[harness.FakeOpenMrs]:
    monkeypatch.setenv("OPENMRS_PASSWORD", harness.PASSWORD)
    with harness.openmrs() as served:
        yield served


def ask(fake: harness.FakeOpenMrs, *logins: str) -> LogAnswer | LogUnread:
    settings = {"url": f"{fake.url}/openmrs", "username": harness.USERNAME, "password_env": "OPENMRS_PASSWORD"}
    connector = openmrs.connect(SYSTEM, openmrs.Settings.model_validate(settings), Path())
    users = [user for user in fake.users if user["username"] in logins]
    return read_log(
        connector, LogQuestion(tuple(Account("ehr", u["uuid"], u["username"], "N", Status.ACTIVE) for u in users))
    )


def read(fake: harness.FakeOpenMrs, *logins: str) -> LogAnswer:
    answer = ask(fake, *logins)
    assert isinstance(answer, LogAnswer), answer
    return answer


def events(answer: LogAnswer) -> dict[LogKind, LogEvent]:
    return {e.kind: e for e in answer.events}


def info(fake: harness.FakeOpenMrs, login: str) -> dict[str, Any]:
    found: dict[str, Any] = next(u["auditInfo"] for u in fake.users if u["username"] == login)
    return found


def test_the_retiring_now_in_force_is_told_with_who_did_it(fake: harness.FakeOpenMrs) -> None:
    answer = read(fake, "dcalloway")
    retired = events(answer)[LogKind.DISABLED]
    truth = datetime(2026, 9, 25, 22, 3, 11, tzinfo=UTC)
    assert retired.at < truth < truth + timedelta(seconds=1) < retired.at + retired.resolution
    assert (retired.actor, retired.last_only, retired.upper_bound) == ("admin", True, False)
    assert not answer.covers
    assert answer.clock
    assert harness.PATIENT not in repr(answer)


def test_the_last_change_bounds_nothing(fake: harness.FakeOpenMrs) -> None:
    for login in ("mreyes", "dcalloway"):
        fake.save(login, roles=[])
    assert set(events(read(fake, "mreyes"))) == {LogKind.CREATED}
    assert set(events(read(fake, "dcalloway"))) == {LogKind.CREATED, LogKind.DISABLED}


def test_each_user_is_asked_for_alone_and_by_named_fields(fake: harness.FakeOpenMrs) -> None:
    read(fake, "mreyes", "ring")
    calls = [call for call in fake.calls if "/user" in call.path]
    assert [call.path.rpartition("/")[2] for call in calls] == ["u-2", "u-6"]
    assert {call.query["v"] for call in calls} == {"custom:(uuid,retired,auditInfo)"}
    assert not fake.sessions, "the session was closed"


@pytest.mark.parametrize("text", ["2026-09-25T17:03:11.000", "2026-09-25", "yesterday", "9999-12-31T23:59:59.000-1200"])
def test_a_time_without_an_offset_is_left_out_and_told(fake: harness.FakeOpenMrs, text: str) -> None:
    info(fake, "dcalloway")["dateRetired"] = text
    answer = read(fake, "dcalloway")
    assert LogKind.DISABLED not in events(answer)
    assert any("`dateRetired` of `dcalloway` is no time with an offset" in gap for gap in answer.gaps)


def test_a_time_with_fractions_is_as_fine_as_it_says(fake: harness.FakeOpenMrs) -> None:
    info(fake, "dcalloway")["dateRetired"] = "2026-09-25T17:03:11.250-0500"
    retired = events(read(fake, "dcalloway"))[LogKind.DISABLED]
    assert retired.resolution < timedelta(seconds=1.5)


def test_what_cannot_be_is_not_believed(fake: harness.FakeOpenMrs) -> None:
    info(fake, "dcalloway")["dateRetired"] = "2031-01-01T00:00:00.000+0000"
    answer = read(fake, "dcalloway")
    assert LogKind.DISABLED not in events(answer)
    assert any("in the future" in doubted.why for doubted in answer.doubted)


def test_a_user_who_is_gone_is_told(fake: harness.FakeOpenMrs) -> None:
    gone = Account("ehr", "../role/x?y#", "gone", "Gone", Status.ACTIVE)
    settings = {"url": f"{fake.url}/openmrs", "username": harness.USERNAME, "password_env": "OPENMRS_PASSWORD"}
    connector = openmrs.connect(SYSTEM, openmrs.Settings.model_validate(settings), Path())
    answer = read_log(connector, LogQuestion((gone,)))
    assert isinstance(answer, LogAnswer), answer
    assert answer.gaps == ("`gone` is no longer there, and what was known of it went with it",)


def other_user(call: Call) -> Reply | None:
    body = {"uuid": "u-other", "retired": True, "auditInfo": {}}
    return Reply(200, body) if "/user/" in call.path else None


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (other_user, "that of another user"),
        (lambda call: Reply(403, {}) if "/user/" in call.path else None, "refuses"),
        (lambda call: Reply(200, {"uuid": "u-5"}) if "/user/" in call.path else None, "auditInfo"),
    ],
)
def test_an_answer_that_is_none_is_no_record(fake: harness.FakeOpenMrs, instead: Any, told: str) -> None:
    fake.instead = instead
    answer = ask(fake, "dcalloway")
    assert isinstance(answer, LogUnread)
    assert told in answer.reason
