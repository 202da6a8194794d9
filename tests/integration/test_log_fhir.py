"""When entries of a FHIR service stopped being active, by their versions, honest and lying."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.audit_log import LogAnswer, LogEvent, LogKind, LogQuestion, LogUnread
from connectors.facts import Account, Status
from connectors.read_log import read_log
from tests.integration.fhir_reads import connector
from tests.servers._rest import Call, Reply
from tests.servers.fhir import PATIENT, FhirFake, by, fhir_service, outcome, sign_in


@pytest.fixture
def fake() -> Iterator[FhirFake]:
    with fhir_service() as served:
        yield served


def account(id_: str = "Practitioner/1", login: str = "mreyes") -> Account:
    return Account("ehr", id_, login, login, Status.ACTIVE)


def ask(fake: FhirFake, folder: Path, *accounts: Account, **changes: Any) -> LogAnswer | LogUnread:
    return read_log(connector(fake, folder, **changes), LogQuestion(accounts or (account(),)))


def read(fake: FhirFake, folder: Path, *accounts: Account, **changes: Any) -> LogAnswer:
    answer = ask(fake, folder, *accounts, **changes)
    assert isinstance(answer, LogAnswer), answer
    assert PATIENT not in repr(answer)
    return answer


def steps(answer: LogAnswer) -> list[tuple[str, bool]]:
    quiet = (LogKind.SIGNED_IN, LogKind.CREATED)
    return [(e.kind.value, e.upper_bound) for e in answer.events if e.kind not in quiet]


def first(answer: LogAnswer, kind: LogKind) -> LogEvent:
    return next(e for e in answer.events if e.kind is kind)


def test_active_that_ends_between_two_versions_ended_when_the_later_was_written(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T17:42:11-06:00", active=False)
    fake.save("1", at="2026-11-02T18:00:00-06:00", telecom=None)
    answer = read(fake, tmp_path)
    assert steps(answer) == [("disabled", False)]
    event = first(answer, LogKind.DISABLED)
    truth = datetime(2026, 11, 2, 23, 42, 11, tzinfo=UTC)
    assert truth - timedelta(seconds=1) <= event.at <= truth
    assert event.at + event.resolution >= truth + timedelta(seconds=1)
    assert event.record.id == "Practitioner/1/_history/2"
    assert {LogKind.ENABLED, LogKind.DISABLED} <= answer.covers
    assert (answer.covers_from, answer.gaps) == (None, ())
    assert any("not that no sign-in works" in told for told in answer.lives_on)


def test_a_save_that_leaves_active_as_it_was_is_no_change(fake: FhirFake, tmp_path: Path) -> None:
    for active in (False, False, True, None, False):
        fake.save("1", active=active)
    assert steps(read(fake, tmp_path)) == [("disabled", False), ("enabled", False), ("disabled", False)]


def test_an_entry_that_is_deleted_ended_then(fake: FhirFake, tmp_path: Path) -> None:
    fake.delete("1")
    assert steps(read(fake, tmp_path)) == [("deleted", False)]


def test_a_history_that_was_cut_says_since_when_it_is_whole(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T10:00:00Z", active=False)
    fake.save("1", at="2026-11-02T11:00:00Z", active=False)
    del fake.versions["Practitioner/1"][0]
    answer = read(fake, tmp_path)
    assert steps(answer) == [("disabled", True)]
    assert answer.gaps == ("the history of `mreyes` begins with version 2",)
    assert answer.covers_from
    assert answer.covers_from > datetime(2026, 11, 2, 9, 59, tzinfo=UTC)


def test_versions_that_run_back_in_time_are_told(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T10:00:00Z", active=False)
    fake.save("1", at="2026-11-02T09:00:00Z", active=True)
    assert any("run back in time at version 3" in gap for gap in read(fake, tmp_path).gaps)


def test_without_a_history_the_last_change_bounds_the_end_of_who_is_not_active(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T10:00:00Z", active=False)
    fake.save("2", at="2026-11-02T10:00:00Z", telecom=None)
    fake.keeps_history = False
    answer = read(fake, tmp_path, account(), account("Practitioner/2", "mreyes2"))
    assert steps(answer) == [("touched", True)]
    assert LogKind.DISABLED not in answer.covers
    assert any("there is no history of `mreyes` and 1 more" in gap for gap in answer.gaps)
    assert not [call for call in fake.calls if "_history" in call.path], "the service says that it keeps none"


def test_a_service_that_promises_a_history_and_has_none_is_told_like_one_without(
    fake: FhirFake, tmp_path: Path
) -> None:
    fake.save("1", at="2026-11-02T10:00:00Z", active=False)
    fake.instead = lambda call: Reply(501, outcome("not-supported")) if "_history" in call.path else None
    assert steps(read(fake, tmp_path)) == [("touched", True)]


def test_only_the_entries_in_question_are_asked_for_and_no_person(fake: FhirFake, tmp_path: Path) -> None:
    answer = read(fake, tmp_path, account(), account("Person/p2", "p2"), account("Practitioner/../Patient/p1", "x"))
    paths = {call.path for call in fake.calls}
    assert not [path for path in paths if "Patient" in path or "Person" in path]
    assert [path for path in paths if path.endswith("_history")] == ["/fhir/Practitioner/1/_history"]
    assert any("1 persons were not asked for their history" in gap for gap in answer.gaps)


def test_sign_ins_after_the_end_are_told_of_the_entry_alone(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T10:00:00Z", active=False)
    late = sign_in("late", "2026-11-21T09:00:00Z", by("Practitioner/1"))
    fake.resources["AuditEvent"].append(late)
    answer = read(fake, tmp_path)
    signs = [e for e in answer.events if e.kind is LogKind.SIGNED_IN]
    assert "late" in {e.record.id for e in signs}
    assert {e.account for e in signs} == {"Practitioner/1"}
    assert LogKind.SIGNED_IN in answer.covers
    assert {c.query["agent"] for c in fake.calls if c.path.endswith("/AuditEvent")} == {"Practitioner/1"}


def test_sign_ins_that_cannot_be_read_leave_the_rest(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", active=False)
    fake.instead = lambda call: Reply(500, outcome("exception")) if call.path.endswith("/AuditEvent") else None
    answer = read(fake, tmp_path, call_limit_s=1)
    assert steps(answer) == [("disabled", False)]
    assert LogKind.SIGNED_IN not in answer.covers
    assert any("sign-ins could not be read" in gap for gap in answer.gaps)


def changed(**changes: Any) -> Any:
    def instead(call: Call) -> Reply | None:
        if "_history" not in call.path:
            return None
        meta = {"versionId": "1", "lastUpdated": "2026-11-02T10:00:00Z"}
        resource = {"resourceType": "Practitioner", "id": "1", "active": False, "meta": meta} | changes
        return Reply(200, {"resourceType": "Bundle", "type": "history", "entry": [{"resource": resource}]})

    return instead


def endless(call: Call) -> Reply | None:
    if "_history" not in call.path:
        return None
    link = {"relation": "next", "url": f"http://{call.headers['host']}/fhir/Practitioner/1/_history"}
    meta = {"versionId": "1", "lastUpdated": "2026-11-02T10:00:00Z"}
    one = {"resource": {"resourceType": "Practitioner", "id": "1", "meta": meta}}
    return Reply(200, {"resourceType": "Bundle", "type": "history", "link": [link], "entry": [one] * 4000})


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (changed(id="2"), "that of another entry"),
        (changed(resourceType="Patient", name=[{"text": PATIENT}]), "that of another entry"),
        (changed(meta={"versionId": "1"}), "without the instant"),
        (changed(meta={"versionId": "1", "lastUpdated": "2026-11-02T10:00:00"}), "without the instant"),
        (changed(meta={"versionId": "1", "lastUpdated": "9999-12-31T23:59:59Z"}), "without the instant"),
        (changed(active="no"), "active"),
        (lambda c: Reply(200, outcome("x", "warning")) if "_history" in c.path else None, "something else than"),
        (lambda c: Reply(403, outcome("forbidden")) if "_history" in c.path else None, "refuses"),
        (endless, "no end of the history"),
    ],
)
def test_an_answer_that_is_no_history_is_no_record(fake: FhirFake, tmp_path: Path, instead: Any, told: str) -> None:
    fake.instead = instead
    answer = ask(fake, tmp_path)
    assert isinstance(answer, LogUnread)
    assert told in answer.reason
    assert PATIENT not in answer.reason + answer.hint


def test_a_link_to_another_server_is_not_followed(fake: FhirFake, tmp_path: Path) -> None:
    link = {"relation": "next", "url": "https://elsewhere.example/fhir/Practitioner/1/_history?page=2"}
    bundle = {"resourceType": "Bundle", "type": "history", "link": [link], "entry": []}
    fake.instead = lambda call: Reply(200, bundle) if "_history" in call.path else None
    answer = ask(fake, tmp_path)
    assert isinstance(answer, LogUnread)
    assert "another server" in answer.reason
