"""CloudTrail from saved files: whose a record is, what it says, and what is not believed."""

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.audit_log import SECOND, LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.cloud.aws import saved_connector as aws_json
from connectors.cloud.aws.trail import center_events, files, iam_events
from connectors.facts import Account, Entitlement, EntitlementKind, Status, System, SystemKind
from connectors.read_log import read_log
from tests.servers.aws import ACCOUNT
from tests.servers.cloudtrail import HOME, listed, shaped
from tests.servers.cloudtrail import files as packed

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
DAY = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
GROUP = f"arn:aws:iam::{ACCOUNT}:group/vma/desk"
ANA = Account("cloud", "AIDAANA", "ana", "Ana", Status.DISABLED, created=DAY - timedelta(days=300))
MIA = Account("cloud", "9067f2a1-1111-4222-8333-123456789abc", "mia", "Mia", Status.DISABLED)
HELD = {GROUP: Entitlement("cloud", GROUP, "desk", EntitlementKind.GROUP, container=True)}
Json = dict[str, Any]


def made(name: str, minutes: float = 0, source: str = "iam", **more: Any) -> Json:
    request = more.pop("asked", {"userName": "ana"})
    return shaped(source, name, DAY + timedelta(minutes=minutes), requestParameters=request, **more)


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def details(folder: Path) -> Path:
    user = {"UserName": "ana", "UserId": "AIDAANA", "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana", "Path": "/"}
    folder.mkdir(exist_ok=True)
    answer = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    (folder / "iam.GetAccountAuthorizationDetails.json").write_text(json.dumps(answer))
    return folder


def ask(
    folder: Path, *accounts: Account, path: str = "trail", seen: datetime = DAY + timedelta(days=2), **more: Any
) -> LogAnswer | LogUnread:
    """Ask of accounts that were read at `seen`."""
    settings = aws_json.Settings(folder=Path("answers"), cloudtrail=Path(path))
    for file in details(folder / "answers").iterdir():
        os.utime(file, (seen.timestamp(), seen.timestamp()))
    connector = aws_json.connect(CLOUD, settings, folder)
    return read_log(connector, LogQuestion(accounts or (ANA,), HELD, **more), clock=lambda: DAY + timedelta(days=2))


def read(folder: Path, *records: Json, accounts: tuple[Account, ...] = (ANA,), **more: Any) -> LogAnswer:
    """Read records whose digest files prove them whole from the day before to the day after."""
    trail(folder, records)
    answer = ask(folder, *accounts, **more)
    assert isinstance(answer, LogAnswer)
    return answer


def trail(folder: Path, records: tuple[Json, ...], account: str = ACCOUNT) -> None:
    base = folder / "trail" / "AWSLogs" / account
    hour = timedelta(hours=1)
    before: tuple[str, str] = ("", "")
    for number in range(-24, 25):
        start = DAY + number * hour
        mine = [r for r in records if start <= datetime.fromisoformat(r["eventTime"]) < start + hour]
        logs = [write(base / "CloudTrail", f"{account}_CloudTrail_{HOME}_{start:%Y%m%dT%H%MZ}_x.json.gz", packed(mine))]
        before = digest(base, start, logs, before, account)


def write(folder: Path, name: str, data: bytes) -> Json:
    place = folder / HOME / "2026" / "11"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(gzip.compress(data))
    sha256 = hashlib.sha256(data).hexdigest()
    return {"s3Object": f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/11/{name}", "hashValue": sha256}


def digest(base: Path, start: datetime, logs: list[Json], before: tuple[str, str], account: str) -> tuple[str, str]:
    name = f"{account}_CloudTrail-Digest_{HOME}_trail_{HOME}_{start:%Y%m%dT%H%M%SZ}.json.gz"
    own = f"AWSLogs/{account}/CloudTrail-Digest/{HOME}/2026/11/{name}"
    content = {
        "awsAccountId": account, "digestStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}", "digestS3Object": own,
        "digestEndTime": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}", "logFiles": logs,
        "previousDigestS3Object": before[0] or None, "previousDigestHashValue": before[1] or None,
    }  # fmt: skip
    data = json.dumps(content).encode()
    write(base / "CloudTrail-Digest", name, data)
    return own, hashlib.sha256(data).hexdigest()


def told(answer: LogAnswer) -> list[tuple[LogKind, datetime, str | None]]:
    return [(event.kind, event.at, event.entitlement) for event in answer.events]


def test_a_leaver_is_told_with_the_second_the_actor_and_the_record(tmp_path):
    key = made("UpdateAccessKey", 42, asked={"userName": "ana", "accessKeyId": "AKIA1", "status": "Inactive"})
    password = made("DeleteLoginProfile", 43)
    group = made("RemoveUserFromGroup", 44, asked={"userName": "ana", "groupName": "desk"})
    answer = read(tmp_path, group, password, key, seen=at(60))
    assert told(answer) == [
        (LogKind.DISABLED, at(43), None),
        (LogKind.TAKEN, at(44), GROUP),
    ]
    end = answer.events[0]
    assert (end.resolution, end.actor, end.record.id) == (SECOND, "user/admin", password["eventID"])
    assert end.record.sha256 == hashlib.sha256(json.dumps(password, separators=(",", ":")).encode()).hexdigest()
    assert (answer.covers_from, answer.gaps) == (DAY - timedelta(days=1), ())
    assert answer.read_at == DAY + timedelta(hours=25) - timedelta(minutes=15)
    assert LogKind.ENABLED in answer.covers
    assert any("1 to 12 hours" in text for text in answer.lives_on)


def test_a_call_that_was_refused_is_no_event(tmp_path):
    refused = made("DeleteLoginProfile", 1, asked=None, errorCode="AccessDenied")
    late = made("DeleteUser", 2, errorCode="DeleteConflict", errorMessage="must delete login profile first")
    assert read(tmp_path, refused, late).events == ()


def test_whoever_changes_an_own_key_is_the_subject_though_the_request_names_nobody(tmp_path):
    own = made("CreateAccessKey", 5, actor="ana", asked=None,
               responseElements={"accessKey": {"accessKeyId": "AKIA2", "status": "Active"}})  # fmt: skip
    assert told(read(tmp_path, own)) == [(LogKind.ENABLED, at(5), None)]


def test_a_sign_in_that_failed_carries_no_error_code_and_is_none(tmp_path):
    failed = made("ConsoleLogin", 1, "signin", actor="ana", responseElements={"ConsoleLogin": "Failure"})
    worked = made("ConsoleLogin", 2, "signin", actor="ana", responseElements={"ConsoleLogin": "Success"})
    answer = read(tmp_path, failed, worked)
    assert told(answer) == [(LogKind.SIGNED_IN, at(2), None)]
    assert LogKind.SIGNED_IN not in answer.covers


def test_the_root_user_is_told_apart(tmp_path):
    root = Account("cloud", "<root_account>", "<root_account>", "root", Status.UNKNOWN)
    identity = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    success = {"ConsoleLogin": "Success"}
    record = made("ConsoleLogin", 2, "signin", responseElements=success, userIdentity=identity)
    (event,) = read(tmp_path, record, accounts=(root, ANA)).events
    assert (event.account, event.kind, event.actor) == ("<root_account>", LogKind.SIGNED_IN, "root")


def test_a_user_who_was_renamed_is_followed_under_both_names(tmp_path):
    before = made("AttachUserPolicy", 1, asked={"userName": "ana.cruz", "policyArn": "arn:aws:iam::aws:policy/X"})
    renamed = made("UpdateUser", 5, asked={"userName": "ana.cruz", "newUserName": "ana"})
    after = made("DetachUserPolicy", 9, asked={"userName": "ana", "policyArn": "arn:aws:iam::aws:policy/X"})
    expected = [LogKind.GIVEN, LogKind.RENAMED, LogKind.TAKEN]
    assert [kind for kind, *_ in told(read(tmp_path, before, renamed, after))] == expected
    seen_last = Account("cloud", "AIDAANA", "ana.cruz", "Ana", Status.ACTIVE)
    answer = ask(tmp_path, seen_last)
    assert [event.kind for event in answer.events] == expected


def test_an_earlier_user_of_the_name_is_not_the_one_who_was_asked_for(tmp_path):
    newer = Account("cloud", "AIDANEW", "ana", "Ana", Status.ACTIVE, created=at(20))
    gone = made("DeleteUser", 10)
    again = made("CreateUser", 20)
    answer = read(tmp_path, gone, again, accounts=(newer,))
    assert told(answer) == [(LogKind.CREATED, at(20), None)]
    assert any("was called `ana` before" in gap for gap in answer.gaps)
    both = ask(tmp_path, newer, ANA)
    assert [(event.account, event.kind) for event in both.events] == [
        ("AIDAANA", LogKind.DELETED), ("AIDANEW", LogKind.CREATED)]  # fmt: skip


def test_what_may_not_have_arrived_yet_leaves_the_last_way_in_to_the_next_read(tmp_path):
    key = made("UpdateAccessKey", 42, asked={"userName": "ana", "accessKeyId": "AKIA1", "status": "Inactive"})
    soon = DAY + timedelta(hours=25)
    answer = read(tmp_path, key, made("DeleteLoginProfile", 43), seen=soon, closed={ANA.id: soon})
    assert told(answer) == [(LogKind.STATUS_SET, at(43), None)]
    assert "with which way in `ana` ended is told by the next read" in answer.gaps[0]
    later = ask(tmp_path, closed={ANA.id: at(60)})
    assert isinstance(later, LogAnswer)
    assert (told(later), later.gaps) == ([(LogKind.DISABLED, at(43), None)], ())


def test_a_deleted_user_ended_with_the_last_way_in_and_needs_no_audit_to_say_so(tmp_path):
    answer = read(tmp_path, made("DeleteLoginProfile", 40), made("DeleteUser", 41))
    assert told(answer) == [(LogKind.DISABLED, at(40), None), (LogKind.DELETED, at(41), None)]


def test_an_inline_policy_that_was_written_may_have_given_or_taken(tmp_path):
    put = made("PutUserPolicy", 3, asked={"userName": "ana", "policyName": "charts", "policyDocument": "{}"})
    assert told(read(tmp_path, put)) == [
        (LogKind.HOLDINGS_SET, at(3), f"arn:aws:iam::{ACCOUNT}:user/ana#charts")]  # fmt: skip


def test_records_of_another_account_are_counted_and_left_out(tmp_path):
    other = made("DeleteLoginProfile", 1, recipientAccountId="999999999999")
    answer = read(tmp_path, other)
    assert answer.events == ()
    assert "1 records are of another account, 999999999999" in answer.gaps


def test_a_record_that_stands_twice_is_told_once(tmp_path):
    record = made("DeleteLoginProfile", 43)
    assert len(read(tmp_path, record, record).events) == 1


def test_a_stamp_of_tomorrow_is_told_and_not_believed(tmp_path):
    trail(tmp_path, ())
    ahead = made("DeleteLoginProfile", 60 * 24 * 5)
    write(tmp_path / "trail" / "AWSLogs" / ACCOUNT / "CloudTrail", "ahead.json.gz", packed([ahead]))
    answer = ask(tmp_path)
    assert isinstance(answer, LogAnswer)
    assert answer.events == ()
    assert "in the future" in answer.doubted[0].why


def logs_of(folder: Path, word: str = "_CloudTrail_") -> list[Path]:
    return sorted(path for path in folder.rglob("*.json.gz") if word in path.name)


def spoiled(folder: Path) -> Iterator[str]:
    """Each way to spoil what was written, and a part of what is then told."""
    one = logs_of(folder)[24]
    whole = one.read_bytes()
    one.unlink()
    yield "is missing or was changed"
    one.write_bytes(gzip.compress(b'{"Records":[]}'))
    yield "is missing or was changed"
    one.write_bytes(whole[:-9])
    yield "ends in the middle"
    one.write_bytes(whole[:12] + b"\x00\x00\x00" + whole[15:])
    yield "a file was not read"
    one.write_bytes(whole)
    chain = logs_of(folder, "-Digest_")
    kept = chain[24].read_bytes()
    changed = json.loads(gzip.decompress(kept)) | {"logFiles": []}
    chain[24].write_bytes(gzip.compress(json.dumps(changed).encode()))
    yield "is not the one that was made"
    for path in chain:
        path.unlink()
    yield "copy the digest files"


def test_a_gap_is_told_and_the_record_is_whole_only_after_it(tmp_path):
    record = made("DeleteLoginProfile", 43)
    trail(tmp_path, (record,))
    for text in spoiled(tmp_path):
        answer = ask(tmp_path, seen=at(600))
        assert isinstance(answer, LogAnswer)
        assert any(text in gap for gap in answer.gaps), (text, answer.gaps)
        assert answer.covers_from is None or answer.covers_from > at(43)
        assert LogKind.DISABLED not in {event.kind for event in answer.events}, text


def test_a_bomb_ends_at_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    trail(tmp_path, ())
    (tmp_path / "trail" / "bomb.json.gz").write_bytes(gzip.compress(b" " * 2**22))
    answer = ask(tmp_path)
    assert isinstance(answer, LogAnswer)
    assert any("too large" in gap for gap in answer.gaps)
    assert answer.covers_from is None


HOSTILE: Mapping[str, Any] = {
    "no time": {"eventTime": "yesterday"},
    "a time without an offset": {"eventTime": "2026-11-20T17:43:00"},
    "a list as a request": {"requestParameters": ["ana"]},
    "no id": {"eventID": ""},
    "a source elsewhere": {"eventSource": "iam.example.com"},
    "a number as a name": {"eventName": 7},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_record_that_is_not_as_documented_leaves_a_gap(tmp_path, change):
    bad = made("DeleteLoginProfile", 43) | change
    good = made("DeleteSigningCertificate", 44, asked={"userName": "ana", "certificateId": "c"})
    (tmp_path / "one.json").write_bytes(packed([bad, "text", good]))
    answer = ask(tmp_path, path="one.json")
    assert isinstance(answer, LogAnswer)
    assert told(answer) == [(LogKind.STATUS_SET, at(44), None)]
    assert sum("were left out" in gap for gap in answer.gaps) == 2
    assert answer.covers_from is None


@pytest.mark.parametrize("shape", ["console", "with blanks", "blanks within", "lines", "command line"])
def test_each_way_to_save_records_gives_the_same(tmp_path, shape):
    record = made("DeleteLoginProfile", 43)
    text = {
        "console": packed([record]),
        "with blanks": json.dumps({"Records": [record]}, indent=1).encode(),
        "blanks within": b'{"Records":[' + json.dumps(record).encode() + b"]}",
        "lines": json.dumps(record).encode() + b"\n",
        "command line": json.dumps({"Events": [listed(record)]}).encode(),
    }[shape]
    (tmp_path / "one.json").write_bytes(b"\xef\xbb\xbf" + text)
    answer = ask(tmp_path, path="one.json")
    assert isinstance(answer, LogAnswer)
    assert told(answer) == [(LogKind.STATUS_SET, at(43), None)]
    assert answer.events[0].record.id == record["eventID"]


def test_a_file_without_a_trace_of_what_matters_is_counted_and_not_taken_apart(tmp_path, monkeypatch):
    other = made("GetObject", 43, "s3", key="ASIA1", asked={"bucketName": "charts"})
    trail(tmp_path, (other, made("ListUsers", 44, key="ASIA1")))
    whole = ask(tmp_path)
    monkeypatch.setattr(files, "_records", lambda *_: pytest.fail("it was taken apart"))
    answer = ask(tmp_path)
    assert isinstance(answer, LogAnswer)
    assert answer == whole
    assert answer.covers_from == DAY - timedelta(days=1)


def test_what_is_no_file_of_cloudtrail_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "events.json").write_text("Event name,Event time\nDeleteUser,2026-11-20\n")
    answer = ask(tmp_path, path="events.json")
    assert isinstance(answer, LogUnread)
    assert "download the event history as JSON" in answer.hint
    (tmp_path / "empty").mkdir()
    assert "no file of CloudTrail" in ask(tmp_path, path="empty").reason


def test_without_anything_of_cloudtrail_the_answer_says_what_to_save(tmp_path):
    details(tmp_path / "answers")
    connector = aws_json.connect(CLOUD, aws_json.Settings(folder=Path("answers")), tmp_path)
    answer = read_log(connector, LogQuestion((ANA,)))
    assert isinstance(answer, LogUnread)
    assert "aws-save.sh FOLDER trail" in answer.hint


def center(name: str, minutes: float, source: str, asked: Json, **more: Any) -> Json:
    return made(name, minutes, source, asked=asked, recipientAccountId="111111111111", **more)


def test_people_of_identity_center_are_told_by_their_ids(tmp_path):
    store, desk = {"identityStoreId": "d-9067"}, "group-1"
    role = f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Desk_0123456789abcdef"
    group = {"principalType": "GROUP", "principalId": desk, "targetId": ACCOUNT, "permissionSetArn": "arn:ps-1"}
    answer = read(
        tmp_path,
        center("AddMemberToGroup", 1, "sso-directory", {**store, "groupId": desk, "member": {"memberId": MIA.id}}),
        center("CreateGroupMembership", 2, "identitystore", {"groupId": "group-2", "memberId": {"userId": MIA.id}},
               responseElements={"membershipId": "m-2"}),
        center("DeleteGroupMembership", 3, "identitystore", {"membershipId": "m-2"}),
        center("DeleteGroupMembership", 4, "identitystore", {"membershipId": "m-unknown"}),
        center("DeleteAccountAssignment", 5, "sso", group),
        center("DisableUser", 6, "sso-directory", {**store, "userId": MIA.id}),
        center("DisableUser", 7, "sso-directory", {**store, "userId": MIA.id}),
        center("DisableUser", 8, "sso-directory", {**store, "userId": "somebody-else"}),
        center("DeleteUser", 9, "identitystore", {**store, "userId": MIA.id}),
        accounts=(MIA,),
        held={MIA.id: frozenset([center_events.group_id(desk)]), ANA.id: frozenset()},
    )  # fmt: skip
    assert role not in {event.entitlement for event in answer.events}
    assert told(answer) == [
        (LogKind.GIVEN, at(1), "identity-center:group/group-1"),
        (LogKind.GIVEN, at(2), "identity-center:group/group-2"),
        (LogKind.TAKEN, at(3), "identity-center:group/group-2"),
        (LogKind.HOLDINGS_SET, at(5), None),
        (LogKind.DISABLED, at(6), None),
        (LogKind.DELETED, at(9), None),
    ]
    assert any("neither the person nor the group" in gap for gap in answer.gaps)


def test_the_script_saves_the_events_that_are_asked_for():
    script = (Path(__file__).parents[4] / "docs" / "aws-save.sh").read_text()
    for variable, names in (("iam_events", iam_events.NAMES), ("center_events", center_events.NAMES)):
        written = script.split(f'{variable}="')[1].split('"')[0].split()
        assert sorted(written) == sorted(names)
