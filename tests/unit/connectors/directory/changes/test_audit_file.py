"""The audit file of 389: local time, refused operations, records that are cut; in the form of a real server's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.audit_log import SECOND
from connectors.directory.changes import audit_file, files
from connectors.directory.changes.write import Writes
from connectors.errors import InputError
from tests.unit.connectors.directory.changes.told import GROUP, VA_DN, kinds, told

NEW_YORK = "America/New_York"
HASH = "e1BCS0RGMi1TSEE1MTJ9MTAwMDAkUnRDNk9Lb29USVl1ZFlLdHBuWjdtZTFxMGd"


def record(time: str, *lines: str, result: str = "0", dn: str = VA_DN, how: str = "modify") -> str:
    return "\n".join([f"time: {time}", f"dn: {dn}", f"result: {result}", f"changetype: {how}", *lines, "", ""])


def stamped(time: str, stamp: str | None, *lines: str, **fields: str) -> str:
    by = ["replace: modifiersname", "modifiersname: uid=boss,dc=t", "-"]
    by += ["replace: modifytimestamp", f"modifytimestamp: {stamp}", "-"] if stamp else []
    return record(time, *lines, "-", *by, **fields)


def lock(time: str, stamp: str | None = None, value: str = "true", **fields: str) -> str:
    return stamped(time, stamp, "replace: nsAccountLock", f"nsAccountLock: {value}", **fields)


def read(text: str, zone: str = NEW_YORK) -> Writes:
    return audit_file.writes(iter(list(enumerate(text.split("\n"), 1))), "389 audit file", ZoneInfo(zone))


def test_local_time_is_turned_and_the_writer_is_named() -> None:
    (write,) = read(lock("20261130095016", "20261130145016Z")).found
    assert (write.at, write.resolution) == (datetime(2026, 11, 30, 14, 50, 16, tzinfo=UTC), SECOND)
    assert write.actor == "uid=boss,dc=t"


def test_a_story_is_told_without_what_was_refused_and_without_passwords() -> None:
    text = (
        "389-Directory/2.3.1 B2023.017.1508\n\tlocalhost:389 (/etc/dirsrv/slapd-t)\n\n"
        + stamped("20261130095016", "20261130145016Z", "replace: userPassword", f"userPassword:: {HASH}", f" {HASH}")
        + stamped("20261130095016", "20261130145016Z", "add: member", f"member: {VA_DN}", dn=GROUP)
        + lock("20261130095017", "20261130145017Z")
        + stamped("20261130095018", None, "delete: nsAccountLock", result="50")
        + lock("20261130095018", "20261130145018Z")
        + stamped("20261130095019", "20261130145019Z", "delete: nsAccountLock")
        + record("20261130095020", "modifiersname: uid=boss,dc=t", how="delete")
    )
    log = read(text)
    assert kinds(told(log)) == [f"given {GROUP}", "disabled", "status-set", "enabled", "deleted"]
    assert log.gaps == []
    assert HASH[:20] not in repr(log)


def test_a_sign_in_that_the_server_notes_is_told() -> None:
    noted = record("20261130095016", "replace: lastLoginTime", "lastLoginTime: 20261130145016Z", "-")
    assert kinds(told(read(noted))) == ["signed-in"]


def test_the_hour_that_is_repeated_is_an_hour_wide_unless_the_entry_tells_which() -> None:
    unknown, first, second = read(
        lock("20261101013000") + lock("20261101013000", "20261101053000Z") + lock("20261101013000", "20261101063000Z")
    ).found
    assert unknown.at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert unknown.resolution == timedelta(hours=1) + SECOND
    assert (first.at, first.resolution) == (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), SECOND)
    assert (second.at, second.resolution) == (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), SECOND)


def test_a_local_time_that_did_not_exist_is_not_believed() -> None:
    (write,) = read(lock("20260308023000")).found
    assert write.doubt == f"there was no such local time in `{NEW_YORK}`"


def test_a_wrong_zone_is_told_by_the_stamps_that_the_entries_got() -> None:
    log = read(lock("20261130095016", "20261130145016Z"), zone="America/Chicago")
    answer = told(log)
    assert answer.events == ()
    assert [d.why for d in answer.doubted] == ["the entry that it wrote bears another time"]
    assert "is the server's local time that of `America/Chicago`?" in answer.gaps[0]
    assert answer.covers_from is None


def test_records_of_one_second_keep_their_order_and_an_id_of_their_own() -> None:
    log = read(lock("20261130095016") + lock("20261130095016", value="false") + lock("20261130095016"))
    assert kinds(told(log)) == ["disabled", "enabled", "disabled"]
    assert len({w.record.id for w in log.found}) == 3


def test_a_clock_that_was_set_back_is_told_and_not_believed() -> None:
    log = read(lock("20261130095016") + lock("20261130085016", value="false"))
    answer = told(log)
    assert kinds(answer) == ["disabled"]
    assert [d.why for d in answer.doubted] == ["its stamp is earlier than that of the record before it"]
    assert answer.covers_from is None


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (lock("20261130095016") + lock("20261130095017", value="false").rstrip("\n"), "the last record"),
        (lock("20261130095016").rstrip("\n") + "\n" + lock("20261130095017", value="false"), "the record in line 1"),
        (record("20261130095016", "replace: nsAccountLock", "nsAccountLock:: !!"), "1 records"),
        (record("20261130095016", "replace: nsAccountLock", "uid: x"), "1 records"),
        (record("20261330095016", "replace: nsAccountLock", "nsAccountLock: true"), "1 records"),
        (record("20261130095016", "replace: nsAccountLock", "nsAccountLock:< file:///etc/passwd"), "1 records"),
        (record("yesterday", "replace: nsAccountLock", "nsAccountLock: true"), "1 records"),
        (record("20261130095016", how="explode"), "1 records"),
        ("time: 20261130095016\n\n", "1 records"),
    ],
)
def test_a_record_that_is_cut_or_none_is_told_and_what_is_left_proves_nothing(text: str, gap: str) -> None:
    log = read(text)
    assert log.gaps[0].startswith(gap), log.gaps
    assert log.broken
    assert "enabled" not in kinds(told(log)) or "line 1" in log.gaps[0]


def test_without_a_zone_the_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_text(lock("20261130095016"))
    with pytest.raises(InputError, match="local time, and does not say which: expected `log_zone`"):
        files.read([path], None)
    assert [len(w.found) for w in files.read([path], NEW_YORK).writes] == [1]


def test_several_files_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    old, new = tmp_path / "audit.20261130", tmp_path / "audit"
    new.write_text(lock("20261130095017", value="false"))
    old.write_text(lock("20261130095016"))
    assert kinds(told(*files.read([new, old], NEW_YORK).writes)) == ["disabled", "enabled"]
