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
from tests.servers.fhir import PATIENT, FhirFake, by, fhir_service, outcome, provenance, sign_in, wrote


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
    asked = [c.query for c in fake.calls if c.path.endswith("/AuditEvent")]
    assert {query.get("agent") or query["entity"] for query in asked} == {"Practitioner/1"}


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


ENDED, STAMP = "2026-11-02T10:00:00Z", "2026-11-02T10:00:01Z"
BOSS, OTHER = by("Practitioner/3"), by("Practitioner/2")
ONE, SECOND_VERSION = "Practitioner/1", "Practitioner/1/_history/2"


def actor(fake: FhirFake, folder: Path, *records: dict[str, Any], **changes: Any) -> str | None:
    fake.save("1", at=ENDED, active=False)
    for one in records:
        fake.resources.setdefault(one["resourceType"], []).append(one)
    return first(read(fake, folder, **changes), LogKind.DISABLED).actor


@pytest.mark.parametrize(
    ("record", "who"),
    [
        (wrote("w", STAMP, BOSS, SECOND_VERSION), "Practitioner/3"),
        (wrote("w", "2026-11-05T10:00:00Z", BOSS, SECOND_VERSION), "Practitioner/3"),
        (wrote("w", STAMP, BOSS, ONE), "Practitioner/3"),
        (wrote("w", STAMP, BOSS | {"altId": "drkim"}, ONE), "drkim"),
        (provenance("p", STAMP, "Practitioner/3", SECOND_VERSION), "Practitioner/3"),
        (provenance("p", STAMP, "Practitioner/3", ONE), "Practitioner/3"),
    ],
    ids=["version", "told late", "entry at that time", "by login", "provenance of version", "provenance of entry"],
)
def test_who_ended_it_is_named_where_the_server_says_it(
    fake: FhirFake, tmp_path: Path, record: dict[str, Any], who: str
) -> None:
    fake.oauth.scopes = " ".join(f"system/{type_}.rs" for type_ in (*fake.resources, "Provenance"))
    assert actor(fake, tmp_path, record, accept_wide_scopes=True) == who


def test_provenance_is_not_asked_for_by_a_client_that_was_not_granted_it(fake: FhirFake, tmp_path: Path) -> None:
    assert actor(fake, tmp_path, provenance("p", STAMP, "Practitioner/3", SECOND_VERSION)) is None
    assert not [call for call in fake.calls if call.path.endswith("/Provenance")]


LATE = "2026-11-02T10:05:00Z"


@pytest.mark.parametrize(
    "records",
    [
        [],
        [wrote("w", LATE, BOSS, ONE)],
        [wrote("w", STAMP, BOSS, "Practitioner/1/_history/7")],
        [wrote("w", STAMP, BOSS, "Practitioner/12")],
        [wrote("w", STAMP, BOSS, "https://other.example/fhir/Practitioner/1")],
        [wrote("w", STAMP, BOSS, ONE, "R")],
        [wrote("w", STAMP, BOSS, ONE, outcome="8")],
        [wrote("w", STAMP, BOSS, ONE), wrote("x", ENDED, OTHER, ONE)],
        [wrote("w", STAMP, BOSS, SECOND_VERSION), wrote("x", ENDED, OTHER, SECOND_VERSION)],
        [wrote("w", "2026-11-02", BOSS, ONE)],
        [wrote("w", STAMP, {"who": {"display": PATIENT}}, ONE)],
        [wrote("w", STAMP, BOSS, ONE, agent=[BOSS | {"requestor": True}, OTHER | {"requestor": True}])],
    ],
    ids=[
        *("silent", "another time", "another version", "another entry", "another server", "a read", "refused"),
        *("two then", "two of a version", "a day only", "a free text", "two at once"),
    ],
)
def test_nobody_is_named_in_doubt(fake: FhirFake, tmp_path: Path, records: list[dict[str, Any]]) -> None:
    assert actor(fake, tmp_path, *records) is None


def test_of_two_versions_at_one_time_nobody_is_named_but_by_the_version(fake: FhirFake, tmp_path: Path) -> None:
    fake.save("1", at="2026-11-02T09:59:59Z", telecom=None)
    assert actor(fake, tmp_path, wrote("w", STAMP, BOSS, ONE)) is None
    fake.resources["AuditEvent"].append(wrote("x", STAMP, OTHER, "Practitioner/1/_history/3"))
    assert first(read(fake, tmp_path), LogKind.DISABLED).actor == "Practitioner/2"


def test_who_did_it_is_asked_only_where_something_changed_and_a_refusal_costs_no_instant(
    fake: FhirFake, tmp_path: Path
) -> None:
    read(fake, tmp_path, account("Practitioner/2", "mreyes2"), sign_ins=False)
    assert not [call for call in fake.calls if "entity" in call.query or "target" in call.query]
    fake.instead = lambda call: Reply(403, outcome("forbidden")) if "entity" in call.query else None
    assert actor(fake, tmp_path, wrote("w", STAMP, BOSS, SECOND_VERSION)) is None
