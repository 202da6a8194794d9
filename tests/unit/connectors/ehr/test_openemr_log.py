"""What OpenEMR's log means, row by row: what changed, what did not, what is not known, and what of it is missing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.audit_log import ClockOffset, LogAnswer, LogKind, LogQuestion
from connectors.ehr.openemr.log_answer import answer, zone_of
from connectors.ehr.openemr.log_rows import LogRow, LogRows
from connectors.ehr.openemr.log_statement import Dialog, LoggedStatement, Switch, understood
from connectors.ehr.openemr.log_time import stamp
from connectors.ehr.openemr.log_views import ENCRYPTION_ON, EVENTS_ON, LOG_ON, ZONE
from connectors.errors import SourceDenied
from connectors.facts import Account, Status

NOW = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
ON = {LOG_ON: "1", EVENTS_ON: "1", ENCRYPTION_ON: "0", ZONE: "UTC"}
AROS = {"105": "vfront", "106": "vback"}
GROUPS = {"12": ("front", "Front Office"), "13": ("back", "Accounting, Billing"), "14": ("admin", "Administrators")}
OBJECT = "UPDATE gacl_aro SET section_value='users',value='vfront',order_value='10',name='V',hidden=0 WHERE id=105"
ACTIVE = "UPDATE users SET authorized = ?, active = ?, see_auth = ? WHERE id = ? ('0','{}','1','5',)"


def out(group: int, aro: int = 105) -> str:
    return f"DELETE FROM gacl_groups_aro_map WHERE group_id={group} AND aro_id={aro}"


def into(group: int, aro: int = 105) -> str:
    return f"INSERT INTO gacl_groups_aro_map (group_id,aro_id) VALUES ({group},{aro})"


def account(id_: str = "5", login: str = "vfront", **changes: Any) -> Account:
    return Account("ehr", id_, login, login, Status.ACTIVE, **changes)


def rows(*texts: str | tuple[str, str], actor: str = "admin", start: str = "2026-11-02 17:42:00") -> list[LogRow]:
    """Return rows a second apart, numbered from 100; a pair gives a time of its own."""
    at, found = datetime.fromisoformat(start), list[LogRow]()
    for number, text in enumerate(texts, 100):
        date, words = text if isinstance(text, tuple) else (str(at), text)
        found.append(LogRow(number, date, actor, True, words))
        at += timedelta(seconds=1)
    return found


def read(
    view: Sequence[LogRow] = (), *, accounts: Sequence[Account] = (account(),), since: Any = None, **got: Any
) -> LogAnswer:
    defaults: dict[str, Any] = {
        "view": True, "settings": ON, "first": (1, "2020-01-01 08:00:00"), "aros": AROS, "groups": GROUPS,
    }  # fmt: skip
    found = LogRows(rows=list(view), **defaults | got)
    clock = ClockOffset(0, 0, NOW, "test")
    return answer(
        "ehr", found, LogQuestion(tuple(accounts), since=since), zone=zone_of(found, None), clock=clock, read_at=NOW
    )


def told(found: LogAnswer) -> list[tuple[str, str, str | None]]:
    """Return kind, second and entitlement."""
    return [(e.kind.value, f"{e.at + timedelta(seconds=0.5):%H:%M:%S}", e.entitlement) for e in found.events]


def kinds(found: LogAnswer) -> list[str]:
    return [e.kind.value for e in found.events]


@pytest.mark.parametrize("last", ["'0','0','5',", "'0','0','5'"])
def test_a_statement_is_read_in_the_shape_of_older_and_newer_versions(last: str) -> None:
    found = understood(f"UPDATE users SET authorized = ?, active = ? WHERE id = ?  ({last})")
    assert found == LoggedStatement("update", "users", ({"authorized": "0", "active": "0"},), {"id": ("5",)})


def test_a_value_is_one_value_whatever_stands_in_it() -> None:
    hostile = r"x\', active=\'0\' WHERE id=\'5"
    found = understood(f"update users set username=? where id= ?  ('{hostile}','7',)")
    assert isinstance(found, LoggedStatement)
    assert (found.rows[0], found.where) == ({"username": "x', active='0' WHERE id='5"}, {"id": ("7",)})


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE users SET active=0 WHERE id=?",
        "UPDATE users SET active = ? WHERE id = ? ('0')",
        "UPDATE users SET active = ? WHERE id = ? ('0','5','6')",
        "UPDATE users SET active='0' WHERE id='5'; DROP TABLE users",
        "UPDATE users SET fname = 'open WHERE id=5",
        "UPDATE users, facility SET users.active = 0 WHERE users.id = 5",
        "DELETE users FROM users",
        "INSERT INTO users (id, active) VALUES (5)",
        "INSERT INTO users SELECT * FROM x",
        "UPDATE",
        "",
        "?",
        "(",
    ],
)
def test_what_is_no_known_statement_is_not_guessed_at(text: str) -> None:
    assert understood(text) is None


@pytest.mark.parametrize(
    ("text", "table", "where"),
    [
        (
            "UPDATE\tgacl_aro\n\t\tSET\t\tsection_value='users',\n\t\tname='O\\'Neil, A (b)'\n\t\tWHERE\tid=105",
            "gacl_aro",
            {"id": ("105",)},
        ),
        (
            "UPDATE `users` SET `active` = '0' WHERE `users`.`id` = '5' AND username = 'x'",
            "users",
            {"id": ("5",), "username": ("x",)},
        ),
        ("delete from `groups` where user = 'va;1'", "groups", {"user": ("va;1",)}),
        ("INSERT INTO gacl_aro (id,section_value,value) VALUES(105,'users','vfront')", "gacl_aro", None),
        ("replace into users set id = ?, active = ? ('5','0')", "users", None),
    ],
)
def test_the_shapes_of_phpgacl_and_of_older_screens_are_read(text: str, table: str, where: object) -> None:
    found = understood(text)
    assert isinstance(found, LoggedStatement)
    assert (found.table, found.where) == (table, where)


def test_the_words_of_the_screens_are_read() -> None:
    assert understood("Removed va1 from following access group(s): Front Office") == Dialog(
        False, "va1", "Front Office"
    )
    assert understood("Audit Logging Disabled.") == Switch(False, "Audit Logging")


def test_only_a_step_of_active_is_a_change() -> None:
    found = read(rows(ACTIVE.format(1), ACTIVE.format(1), ACTIVE.format(0), ACTIVE.format(0)))
    assert told(found) == [("enabled", "17:42:00", None), ("disabled", "17:42:02", None)]
    first, second = found.events
    assert (first.upper_bound, second.upper_bound) == (True, False)
    assert (second.actor, second.record.source, second.record.id) == ("admin", "log", "102")
    assert second.resolution == timedelta(seconds=1.5)


def test_the_state_before_is_known_of_a_user_who_was_made_while_the_log_was_kept() -> None:
    assert kinds(read(rows(ACTIVE.format(1)))) == ["enabled"], "it may have been off before"
    young = account(created=datetime(2026, 1, 1, tzinfo=UTC))
    assert kinds(read(rows(ACTIVE.format(1)), accounts=[young])) == []
    made = rows("INSERT INTO gacl_aro (id,section_value,value) VALUES (105,'users','vfront')", ACTIVE.format(1))
    assert kinds(read(made)) == []


def test_what_one_save_takes_away_and_gives_back_is_no_change() -> None:
    found = read(rows(ACTIVE.format(1), OBJECT, out(12), out(13), into(12), into(13)))
    assert kinds(found) == ["enabled"]


def test_what_a_save_does_not_give_back_is_taken_and_what_is_new_is_given() -> None:
    found = read(rows(OBJECT, out(12), out(13), into(12), into(14)))
    assert told(found) == [("taken", "17:42:02", "group:back"), ("given", "17:42:04", "group:admin")]


def test_two_saves_within_a_few_seconds_are_two() -> None:
    found = read(rows(OBJECT, out(12), out(13), into(12), OBJECT, out(12), into(12), into(13)))
    assert told(found) == [("taken", "17:42:02", "group:back"), ("given", "17:42:07", "group:back")]


def test_another_administrator_who_works_meanwhile_breaks_no_save() -> None:
    view = rows(OBJECT, out(12), out(13, 106), into(12), into(13, 106))
    view[2] = LogRow(102, view[2].date, "other", True, view[2].text)
    view[4] = LogRow(104, view[4].date, "other", True, view[4].text)
    assert kinds(read(view, accounts=[account(), account("6", "vback")])) == []


def test_who_is_left_in_no_group_cannot_sign_in() -> None:
    view = rows(ACTIVE.format(1), OBJECT, out(12), ("2026-11-02 18:00:00", OBJECT), ("2026-11-02 18:00:01", into(12)))
    assert kinds(read(view)) == ["enabled", "taken", "disabled", "given", "enabled"]


def test_a_group_that_is_gone_leaves_open_who_was_in_it() -> None:
    view = rows(ACTIVE.format(1), OBJECT, out(12), into(99))
    assert kinds(read(view)) == ["enabled", "taken", "holdings-set"]


def test_a_save_of_which_a_row_is_not_understood_disables_nobody() -> None:
    view = rows(ACTIVE.format(1), OBJECT, out(12), "INSERT INTO gacl_groups_aro_map SELECT 12, 105")
    found = read(view)
    assert "disabled" not in kinds(found)
    assert any("cannot be understood: 103" in gap for gap in found.gaps)


def test_the_dialog_adds_nothing_to_its_statements() -> None:
    words = "Removed vfront from following access group(s): Accounting, Billing"
    found = read(rows(OBJECT, out(12), out(13), into(12), words))
    assert told(found) == [("taken", "17:42:02", "group:back")]


def test_the_dialog_alone_tells_where_statements_are_not_logged() -> None:
    words = "vfront {} following access group(s): Front Office, Accounting, Billing"
    found = read(rows("Added " + words.format("to"), "Removed " + words.format("from")))
    assert told(found) == [
        ("given", "17:42:00", "group:front"),
        ("given", "17:42:00", "group:back"),
        ("taken", "17:42:01", "group:front"),
        ("taken", "17:42:01", "group:back"),
    ]
    unknown = read(rows("Removed vfront from following access group(s): Front Office, Nobody knows"))
    assert [(e.kind.value, e.upper_bound) for e in unknown.events] == [("taken", True), ("holdings-set", False)]


def test_edits_of_lists_are_one_for_everybody_as_wide_as_they_lasted() -> None:
    lists = [f"INSERT INTO gacl_aco_map (acl_id,section_value,value) VALUES (1,'patients','a{n}')" for n in range(4)]
    found = read(rows(*lists), accounts=[account(), account("6", "vback")])
    assert told(found) == [("holdings-set", "17:42:00", None)] * 2
    assert found.events[0].resolution == timedelta(seconds=4.5)


def test_a_group_that_is_emptied_is_told_to_everybody() -> None:
    found = read(rows("DELETE FROM gacl_groups_aro_map WHERE group_id IN (12)"))
    assert told(found) == [("holdings-set", "17:42:00", "group:front"), ("holdings-set", "17:42:00", None)]


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE users SET active = 0 WHERE id > 3",
        "UPDATE users SET active = 0",
        "UPDATE users SET active = 1 - active WHERE id = 5",
        "UPDATE users SET active = 0 WHERE id = 5 OR id = 6",
        "DELETE FROM `groups` WHERE user = 'VFRONT'",
    ],
)
def test_a_condition_that_may_mean_anybody_leaves_the_status_open(text: str) -> None:
    assert kinds(read(rows(text))) == ["status-set"]


def test_a_failed_statement_is_no_change() -> None:
    view = rows(ACTIVE.format(1), ACTIVE.format(0))
    view[1] = LogRow(101, view[1].date, "admin", False, view[1].text)
    assert kinds(read(view)) == ["enabled"]


def test_other_users_and_other_tables_are_not_told() -> None:
    view = rows(ACTIVE.replace("'5'", "'6'").format(0), "update users set lname=? where id= ? ('5','6',)", out(12, 106))
    assert kinds(read(view)) == []


def test_a_rename_is_one_only_where_the_name_changes() -> None:
    rename = "update users set username=? where id= ?  ('{}','5',)"
    found = read(rows(rename.format("old"), rename.format("old"), rename.format("vfront")))
    assert told(found) == [("renamed", "17:42:02", None)]


def test_a_sign_in_after_the_end_is_told() -> None:
    signs = [LogRow(300, "2026-11-02 18:10:00", "VFront", True, "login")]
    found = read(rows(ACTIVE.format(1), ACTIVE.format(0)), sign_ins=signs)
    assert told(found)[-1] == ("signed-in", "18:10:00", None)
    assert LogKind.SIGNED_IN in found.covers


def test_what_was_known_before_rows_are_missing_is_not_known_after_them() -> None:
    again = rows(ACTIVE.format(0), ACTIVE.format(0), ACTIVE.format(0))
    assert kinds(read(again)) == ["disabled"]
    assert kinds(read(again, after_hole=(101, "2026-11-02 17:42:01", 3))) == ["disabled", "disabled"]
    found = read(rows(ACTIVE.format(1), ACTIVE.format(0)), after_hole=(101, "2026-11-02 17:42:01", 3))
    assert [(e.kind.value, e.upper_bound) for e in found.events] == [("enabled", True), ("disabled", False)]
    assert any("3 rows of the log are missing, the last before row 101" in gap for gap in found.gaps)
    assert found.covers_from == datetime(2026, 11, 2, 17, 42, 2, tzinfo=UTC)


def test_encrypted_comments_cannot_be_read_and_that_is_told() -> None:
    found = read(after_encrypted=(88, "2026-11-01 10:00:00", 12))
    assert any("12 rows about users or groups are encrypted and cannot be read" in gap for gap in found.gaps)
    assert found.covers_from == datetime(2026, 11, 1, 10, 0, 1, tzinfo=UTC)
    still = read(settings={**ON, ENCRYPTION_ON: "1"})
    assert LogKind.DISABLED not in still.covers
    assert any("encrypts the comments" in gap for gap in still.gaps)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({**ON, LOG_ON: "0"}, "switched off"),
        ({**ON, LOG_ON: ""}, "switched off"),
        ({**ON, EVENTS_ON: "0"}, "does not log changes of users"),
        (None, "nobody says whether the log is on"),
    ],
)
def test_a_log_that_is_off_covers_nothing(settings: Any, text: str) -> None:
    found = read(settings=settings)
    assert LogKind.DISABLED not in found.covers
    assert any(text in gap for gap in found.gaps)


def test_a_log_that_was_off_in_between_is_whole_only_after_that() -> None:
    off, on = ("2026-11-01 09:00:00", "Audit Logging Disabled."), ("2026-11-01 11:00:00", "Audit Logging Enabled.")
    found = read(rows(ACTIVE.format(1), off, on, ACTIVE.format(0), start="2026-11-01 08:00:00"))
    assert any("row 101 says `Audit Logging Disabled`" in gap for gap in found.gaps)
    assert found.covers_from == datetime(2026, 11, 1, 11, 0, 1, tzinfo=UTC)
    assert not read(rows(off)).covers


def test_a_log_that_begins_after_the_last_read_says_so() -> None:
    since = datetime(2026, 10, 1, tzinfo=UTC)
    found = read(since=since, first=(4711, "2026-11-01 00:00:00"))
    assert any("begins at 2026-10-31 23:59 UTC, after the last read" in gap for gap in found.gaps)
    assert found.covers_from
    assert found.covers_from > since


def test_a_read_from_the_last_one_on_stands_for_no_more_than_that() -> None:
    since = datetime(2026, 10, 1, tzinfo=UTC)
    found = read(since=since, start=4711)
    assert found.covers_from
    assert since - timedelta(days=2) < found.covers_from < since
    assert found.gaps == ()


def test_times_that_run_back_are_told() -> None:
    found = read(rows(ACTIVE.format(1), ("2026-11-02 16:00:00", ACTIVE.format(0))))
    assert any("row 101 is 6,120 s earlier than row 100" in gap for gap in found.gaps)


def test_the_hour_that_comes_twice_is_an_hour_wide_and_the_one_left_out_is_not_believed() -> None:
    twice = stamp("2026-11-01 01:30:00", "America/Chicago")
    assert twice
    assert (twice.end - twice.at, twice.exists) == (timedelta(hours=1, seconds=1.5), True)
    assert twice.at < datetime(2026, 11, 1, 6, 30, tzinfo=UTC) < datetime(2026, 11, 1, 7, 30, tzinfo=UTC) < twice.end
    found = read(rows(("2026-03-08 02:30:00", ACTIVE.format(1))), settings={**ON, ZONE: "America/Chicago"}, first=None)
    assert (found.events, len(found.doubted)) == ((), 1)
    assert "has no such time" in found.doubted[0].why


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "EST"])
def test_without_a_zone_a_time_is_as_wide_as_the_world(zone: str) -> None:
    found = read(rows(ACTIVE.format(0)), settings={**ON, ZONE: zone})
    (event,) = found.events
    assert event.resolution > timedelta(hours=26)
    assert any("in which time zone" in gap for gap in found.gaps)


@pytest.mark.parametrize("date", [None, "", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "9999-01-01 00:00:00"])
def test_a_row_without_a_time_is_told_and_counts_for_nothing(date: str | None) -> None:
    found = read([LogRow(7, date, "admin", True, ACTIVE.format(0))])
    assert not found.events
    assert any("cannot be understood: 7" in gap for gap in found.gaps)


def test_a_comment_that_is_too_long_is_told_and_not_read() -> None:
    found = read([LogRow(7, "2026-11-02 17:00:00", "admin", True, ACTIVE.format(0), long=True)])
    assert not found.events
    assert any("cannot be understood: 7" in gap for gap in found.gaps)


def test_without_the_view_the_last_change_of_a_user_is_an_upper_bound() -> None:
    bare = LogRows(touched={"5": "2026-11-02 17:42:00"}, server_hours=-6.0)
    clock = ClockOffset(0, 0, NOW, "test")
    got = answer("ehr", bare, LogQuestion((account(),)), zone=("America/Chicago", "x"), clock=clock, read_at=NOW)
    (event,) = got.events
    assert (event.kind, event.upper_bound, event.last_only) == (LogKind.TOUCHED, True, True)
    assert event.at <= datetime(2026, 11, 2, 23, 42, tzinfo=UTC) <= event.at + event.resolution
    assert not got.covers
    assert any("only upper bounds are known" in gap for gap in got.gaps)


def test_the_stamp_of_a_user_is_as_wide_as_the_zones_that_may_have_written_it() -> None:
    elsewhere = LogRows(touched={"5": "2026-11-02 17:42:00"}, server_hours=8.0)
    clock = ClockOffset(0, 0, NOW, "test")
    got = answer("ehr", elsewhere, LogQuestion((account(),)), zone=("America/Chicago", "x"), clock=clock, read_at=NOW)
    (event,) = got.events
    assert event.at <= datetime(2026, 11, 2, 9, 42, tzinfo=UTC)
    assert event.at + event.resolution >= datetime(2026, 11, 2, 23, 42, tzinfo=UTC)


def test_a_change_that_is_younger_than_the_log_says_breaks_it() -> None:
    view = rows(ACTIVE.format(1), ACTIVE.format(0))
    found = read(view, touched={"5": "2026-11-02 17:42:01"})
    assert (found.gaps, found.covers_from) == ((), datetime(2020, 1, 1, 8, 0, 1, tzinfo=UTC))
    found = read(view, touched={"5": "2026-11-03 17:42:01"})
    assert any("user 5 was written 86,400 s after row 101, the last about it" in gap for gap in found.gaps)
    assert found.covers_from == datetime(2026, 11, 3, 17, 42, 2, tzinfo=UTC)


def test_a_row_that_is_younger_than_what_it_did_shows_that_the_clock_of_the_web_server_is_ahead() -> None:
    found = read(rows(ACTIVE.format(1), ACTIVE.format(0)), touched={"5": "2026-11-02 17:40:00"})
    assert any("user 5 was written 121 s before row 101 says so" in gap for gap in found.gaps)
    assert found.covers_from == datetime(2026, 11, 2, 17, 42, 2, tzinfo=UTC)
    unchanged = read(rows(ACTIVE.format(0), ACTIVE.format(0)), touched={"5": "2026-10-02 17:40:00"})
    assert unchanged.gaps == (), "a save that changes nothing moves no stamp"


def test_an_account_that_may_read_nothing_is_told_what_to_do() -> None:
    clock = ClockOffset(0, 0, NOW, "test")
    with pytest.raises(SourceDenied, match="may read neither"):
        answer("ehr", LogRows(), LogQuestion((account(),)), zone=(None, ""), clock=clock, read_at=NOW)
