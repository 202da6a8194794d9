"""Samba's audit logs: the lines of a real domain controller, and lines that are not to be believed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.audit_log import SAMBA_STATE, SECOND, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.directory.changes import files, samba_log
from connectors.directory.changes.answer import Found, answer_of
from connectors.directory.changes.names import Names
from connectors.directory.changes.story import Story
from connectors.errors import InputError
from tests.unit.connectors.directory.changes.told import NOW, account, kinds, told

HERE = Path(__file__).parent
VA02, SID = "ae77f853-a1cd-4ce7-a3aa-32ff1e9f3de0", "S-1-5-21-1580476897-2690652742-1759227416"
OUTER = "cn=outer,ou=staff,dc=t,dc=test"
VA02_DN = "CN=Name of va02,OU=Staff,DC=t,DC=test"
NAMES = {VA02: "cn=new name,ou=staff,dc=t,dc=test"}


def lines(*names: str) -> list[tuple[str, int, str]]:
    return [(n, at, text) for n in names for at, text in enumerate((HERE / n).read_text().splitlines(), 1)]


def read(*names: str) -> samba_log.SambaLog:
    return samba_log.read(lines(*names))


def of_va02(log: samba_log.SambaLog) -> list[str]:
    """It was renamed, of which the log says nothing: that both names are its own, its GUID beside one of them tells."""
    one = account(VA02, "va02")
    names = Names.of([one], NAMES)
    names.by_key |= {key: id_ for key, id_ in log.keys.items() if id_ == VA02}
    story = Story("directory", LogQuestion((one,)), names)
    story.tell(log.found)
    return [str(e.kind) + (f" {e.entitlement}" if e.entitlement else "") for e in story.events]


def test_the_whole_story_is_told_once_with_those_who_left_and_without_what_was_refused() -> None:
    assert of_va02(read("samba_dsdb.json", "samba_group.json")) == [
        f"given {OUTER}",
        "disabled",
        "enabled",
        f"taken {OUTER}",
        "disabled",
        "status-set",  # disabled again
        "status-set",  # and once more, with a password that never expires
        "expiry-set",
        "expiry-set",
        f"given {OUTER}",
        "holdings-set",  # its primary group was written
        f"taken {OUTER}",  # the members were written anew, without it
        f"given {OUTER}",
        "taken cn=mfa,ou=staff,dc=t,dc=test",  # with its deletion
        "taken cn=partners,ou=staff,dc=t,dc=test",
        f"taken {OUTER}",
        "deleted",
    ]


def test_the_log_of_changes_alone_tells_all_but_what_a_deletion_took() -> None:
    found = of_va02(read("samba_dsdb.json"))
    assert "deleted" in found
    assert "taken cn=mfa,ou=staff,dc=t,dc=test" not in found
    assert found.count(f"taken {OUTER}") == 2


def test_the_log_of_groups_alone_covers_no_state() -> None:
    log = read("samba_group.json")
    assert log.covers == {LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET}
    assert read("samba_dsdb.json").covers is None


def test_sign_ins_are_told_of_those_who_were_let_in() -> None:
    log = read("samba_dsdb.json", "samba_auth.json")
    found = list(log.signed_in({f"{SID}-500": "a", f"{SID}-1113": "b"}, "directory", None))
    assert [(e.account, e.kind) for e in found] == [("a", LogKind.SIGNED_IN), ("b", LogKind.SIGNED_IN)]
    assert list(log.signed_in({f"{SID}-500": "a"}, "directory", datetime(2026, 12, 1, tzinfo=UTC))) == []


def line(**changes: object) -> str:
    body = {"statusCode": 0, "status": "Success", "operation": "Modify", "userSid": f"{SID}-500", "dn": VA02_DN}
    body |= {
        "transactionId": "t1",
        "attributes": {"userAccountControl": {"actions": [{"action": "replace", "values": [{"value": "514"}]}]}},
    }
    whole = {"timestamp": "2026-11-30T15:00:00.000001+0000", "type": "dsdbChange", "dsdbChange": body}
    return json.dumps({**whole, **changes})


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "null",
        '"text"',
        line(timestamp="2026-11-30T15:00:00.000001"),
        line(timestamp=1796050125),
        line(timestamp="yesterday"),
        line(type="somethingElse"),
        line(dsdbChange={"statusCode": 0, "operation": "Modify", "dn": "no dn"}),
        line(dsdbChange={"statusCode": 0, "operation": "Modify", "dn": VA02_DN, "attributes": {"member": 7}}),
        line(dsdbChange=[1]),
        "[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_told_with_its_place_and_what_is_left_proves_nothing(bad: str) -> None:
    log = samba_log.read([("dsdb.json", 1, line()), ("dsdb.json", 2, bad)])
    assert log.gaps == ["1 lines of Samba's audit log are not understood, the first is line 2 of dsdb.json"]
    answer = told(log, keys={VA02: VA02_DN.lower()}, one=account(VA02, "va02"))
    assert kinds(answer) == ["disabled"]
    assert (answer.covers_from, answer.covers) == (None, frozenset())


def changed(stamp: str, uac: int) -> str:
    body = {"statusCode": 0, "operation": "Modify", "dn": "CN=a,DC=t,DC=test", "transactionId": stamp}
    written = {"userAccountControl": {"actions": [{"action": "replace", "values": [{"value": str(uac)}]}]}}
    return json.dumps({"timestamp": stamp, "type": "dsdbChange", "dsdbChange": body | {"attributes": written}})


@pytest.mark.parametrize(
    ("second", "back"),
    [
        ("2026-11-20T23:42:10.3+0000", True),
        ("2026-11-21T22:59:58.0+0000", False),
        ("2026-11-21T17:42:10.3-0600", False),
    ],
    ids=["a day back", "two processes that crossed", "another zone"],
)
def test_a_line_that_goes_back_in_time_is_not_believed_and_what_the_log_does_not_say_proves_nothing(
    second: str, back: bool
) -> None:
    log = samba_log.read(
        [("dsdb.json", 1, changed("2026-11-21T23:00:00.1+0000", 512)), ("dsdb.json", 2, changed(second, 514))]
    )
    assert [bool(write.doubt) for write in log.found].count(True) == back
    assert log.broken is back
    assert [("go back in time" in gap) for gap in log.gaps] == [True] * back


def test_files_may_be_named_in_any_order_and_each_runs_forward_by_itself() -> None:
    old, new = changed("2026-11-20T23:42:10.3+0000", 514), changed("2026-11-21T23:00:00.1+0000", 512)
    log = samba_log.read([("dsdb.json", 1, new), ("dsdb.json.1", 1, old)])
    assert not log.broken
    assert not any(write.doubt for write in log.found)


def test_a_password_is_in_nothing_that_is_kept() -> None:
    secret = {"unicodePwd": {"actions": [{"action": "replace", "values": [{"value": "geheim"}]}]}}
    body = {"statusCode": 0, "operation": "Modify", "dn": VA02_DN, "userSid": "S-1-5-18", "attributes": secret}
    assert "geheim" not in repr(samba_log.read([("dsdb.json", 1, line(dsdbChange=body))]))


def test_a_log_of_another_directory_is_told() -> None:
    log = samba_log.read([("dsdb.json", 1, line())])
    answer = told(log, keys={"x": "cn=somebody,dc=elsewhere,dc=test"}, one=account("x", "somebody"))
    assert any("names nobody who was asked for" in gap for gap in answer.gaps)


def test_a_file_that_ends_in_the_middle_of_a_line_is_told_and_its_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "dsdb.json"
    path.write_text(line() + "\n" + line(timestamp="2026-11-30T16:00:00.000001+0000")[:80])
    log = files.read([path], None).samba
    assert log is not None
    assert len(log.found) == 1
    assert (log.broken, log.gaps) == (True, ["dsdb.json ends in the middle of a line"])


def test_a_log_of_groups_that_is_empty_is_no_trouble_and_nothing_but_empty_files_is(tmp_path: Path) -> None:
    dsdb, group = tmp_path / "dsdb.json", tmp_path / "group.json"
    dsdb.write_text(line() + "\n")
    group.write_text("")
    log = files.read([dsdb, group], None).samba
    assert log is not None
    assert len(log.found) == 1
    with pytest.raises(InputError, match="the log is empty"):
        files.read([group], None)


@pytest.mark.parametrize("text", ["hello\n", "<xml/>\n"])
def test_a_file_that_is_no_log_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.log"
    path.write_text(text)
    with pytest.raises(InputError, match=r"some\.log: this is no log that is known"):
        files.read([path], None)


def test_a_stamp_of_what_the_log_takes_for_nothing_new_shows_that_a_line_is_missing() -> None:
    """Disabled, enabled on the controller itself without a line, and disabled again: the log has two disablings."""
    log = samba_log.read(
        [("dsdb.json", n, line(timestamp=f"2026-11-30T15:0{n}:00.000001+0000")) for n in (1, 2)]
        + [("dsdb.json", 3, line(timestamp="2026-11-30T15:09:00.000001+0000", type="dsdbTransaction"))]
    )
    one = account(VA02, "va02")
    stamp = LogEvent(
        *("directory", VA02, LogKind.DISABLED, datetime(2026, 11, 30, 15, 2, tzinfo=UTC), SECOND),
        LogRecord.of(SAMBA_STATE, "version 7", b""),
        last_only=True,
    )
    found = Found("directory", LogQuestion((one,)), [stamp], [log], covers_from=log.covers_from)
    answer = answer_of(found, Names.of([one], {VA02: VA02_DN.lower()}), NOW)
    assert kinds(answer) == ["disabled", "status-set", "disabled"]
    assert answer.covers_from is None
    assert answer.gaps[0].startswith("1 changes that the directory has stamped are not in its log")
