"""The retro changelog of 389: what its copies of the lock tell, and what they leave open."""

import pytest

from connectors.directory.changes import changelog
from connectors.directory.changes.write import Writes
from connectors.directory.schema.entry import Entry
from tests.unit.connectors.directory.changes.told import GROUP, VA, VA_DN, kinds, told


def record(n: int, lock: str = "", stamp: int | None = None, **more: str) -> Entry:
    """`lock`: the copy, which shows a lock that was taken away once more."""
    time = f"202611301450{n:02}Z"
    attributes = {
        "objectclass": "changeLogEntry",
        "changenumber": str(n),
        "changetime": time,
        "changetype": "modify",
        "targetdn": VA_DN,
        "targetuniqueid": VA,
        "auditorlock": lock,
        "auditoractor": "uid=boss,dc=t",
        "auditorstamp": time if stamp is None else f"202611301450{stamp:02}Z",
        **more,
    }
    return Entry(f"changenumber={n},cn=changelog", {k: [v.encode()] for k, v in attributes.items() if v})


def read(*records: Entry, now: str = "?") -> Writes:
    return changelog.writes(records, "cn=changelog", {VA: now})


@pytest.mark.parametrize(
    ("copies", "now", "expected"),
    [
        (["", "true"], "true", ["disabled"]),
        (["", "true", "true", ""], "", ["disabled", "enabled"]),
        (["", "true", "true"], "", ["disabled", "enabled"]),  # it is open today
        (["", "true", "true"], "true", ["disabled", "status-set"]),
        (["", "true", "true", "true"], "true", ["disabled", "status-set", "status-set"]),
        (["", "true", "false", "true"], "true", ["disabled", "enabled", "disabled"]),
        (["true"], "true", ["status-set"]),  # locked before the changelog begins, perhaps
        (["false", "true"], "true", ["disabled"]),
        (["", ""], "", []),
    ],
)
def test_the_lock_is_told_as_far_as_its_copies_tell_it(copies: list[str], now: str, expected: list[str]) -> None:
    records = [record(n, lock) for n, lock in enumerate(copies, 1)]
    assert kinds(told(read(*records, now=now))) == expected


def test_an_unlocking_that_is_missing_is_told() -> None:
    log = read(record(1), record(2, "true"), record(3))
    assert kinds(told(log)) == ["disabled"]
    assert log.gaps == ["cn=changelog lacks records: an account was locked, and then open, by nothing that it tells"]
    assert log.broken


def test_what_the_server_writes_for_itself_is_no_change() -> None:
    """A failed sign-in writes a counter, and leaves the stamp of the entry as it was."""
    log = read(record(1), record(2, "true"), record(20, "true", stamp=2), record(30, "true", stamp=2), now="true")
    assert kinds(told(log)) == ["disabled"]


def test_the_changes_of_a_group_are_read_with_their_nul_at_the_end() -> None:
    changes = f"add: member\nmember: {VA_DN}\n-\nreplace: modifiersname\nmodifiersname: uid=boss,dc=t\n-\n\x00"
    log = read(record(1, changes=changes, targetdn=GROUP, targetuniqueid="g"))
    answer = told(log)
    assert kinds(answer) == [f"given {GROUP}"]
    assert answer.events[0].actor == "uid=boss,dc=t"


def test_a_hash_in_what_was_written_to_an_account_is_not_kept() -> None:
    """An export may hold it, where somebody may read more than is needed."""
    changes = "replace: nsAccountLock\nnsAccountLock: true\n-\nreplace: userPassword\nuserPassword:: R2VoZWlt\n-\n\x00"
    log = read(record(1, changes=changes))
    assert kinds(told(log)) == ["disabled"]
    assert "R2VoZWlt" not in repr(log)
    assert "Geheim" not in repr(log)


def test_a_deletion_names_nobody() -> None:
    (event,) = told(read(record(1, "true", changetype="delete")), keys={}).events
    assert (event.kind, event.actor) == ("deleted", None)


def test_numbers_and_times_that_go_different_ways_are_told() -> None:
    log = read(record(1, changetime="20261130145030Z"), record(2, "true"))
    answer = told(log)
    assert answer.events == ()
    assert answer.doubted[0].why == "its stamp is earlier than that of the record before it"
    assert log.broken


@pytest.mark.parametrize(
    "broken", [{"changetype": "explode"}, {"changetime": "now"}, {"changenumber": "x"}, {"targetdn": "x"}]
)
def test_a_record_that_is_none_is_counted(broken: dict[str, str]) -> None:
    log = read(record(1, **broken))
    assert log.gaps == ["1 records of cn=changelog are not understood"]
    assert log.broken
