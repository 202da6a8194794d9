"""OpenEMR's log on a real MariaDB, read by the narrow account: what it may see, and what is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymysql
import pytest
from pymysql.cursors import Cursor

from connectors.audit_log import LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.collect import collect
from connectors.ehr.openemr.connector import Settings, connect
from connectors.ehr.openemr.log_views import INSTANTS, SETTINGS
from connectors.ehr.openemr.sql_text import literal
from connectors.facts import Account
from connectors.read_log import read_log
from tests.servers.mariadb_openemr import PASSWORD, SECRETS, SYSTEM, USER, OpenEmrDatabase, mariadb_openemr
from tests.servers.openemr_forms import OpenEmrForms

PATIENT = "UPDATE patient_data SET fname = ? WHERE pid = ?  ('Patient Zero','1',)"
ADDRESS = "INSERT INTO addresses SET id = ?, line1 = ?, foreign_id = ?  ('7','12 Patient Zero Street','1',)"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEmrDatabase]:
    with mariadb_openemr(tmp_path_factory.mktemp("db")) as database:
        yield database


@pytest.fixture
def forms(db: OpenEmrDatabase) -> Iterator[OpenEmrForms]:
    """Screens whose log begins anew, so that a test sees its own rows."""
    db.admin("TRUNCATE log; TRUNCATE log_comment_encrypt;")
    client = OpenEmrForms(db, ago=timedelta(minutes=5))
    client.save("vfront", active=True, groups=("front",))
    client.ago = timedelta()
    yield client
    client.close()


def ask(db: OpenEmrDatabase, *logins: str, since: datetime | None = None) -> LogAnswer | LogUnread:
    connector = connect(SYSTEM, Settings.model_validate(db.settings()), Path("/nowhere"))
    seen = collect(connector)
    return read_log(connector, LogQuestion(tuple(a for a in seen.accounts if a.login in logins), since=since))


def read(db: OpenEmrDatabase, *logins: str, since: datetime | None = None) -> LogAnswer:
    answer = ask(db, *(logins or ("vfront",)), since=since)
    assert isinstance(answer, LogAnswer), answer
    return answer


def steps(answer: LogAnswer) -> list[LogKind]:
    return [e.kind for e in answer.events if not e.upper_bound]


@contextmanager
def as_auditor(db: OpenEmrDatabase) -> Iterator[Cursor]:
    """Give a cursor of the auditor's own account, beside the connector."""
    connection = pymysql.connect(
        unix_socket=str(db.socket),
        user=USER,
        password=PASSWORD.encode(),
        database=db.database,
        charset="utf8mb4",
        ssl={"ca": str(db.ca_file), "check_hostname": False},
    )
    try:
        yield connection.cursor()
    finally:
        connection.close()


def refusal(cursor: Cursor, sql: str) -> int:
    try:
        cursor.execute(sql)
    except pymysql.MySQLError as error:
        return int(error.args[0])
    return 0


def test_the_narrow_account_sees_no_row_of_a_patient(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.write("patient-record-update", PATIENT)
    forms.write("security-administration-insert", ADDRESS)
    forms.write("security-administration-update", PATIENT)
    forms.row(
        "2026-11-02 10:00:00", "patient-record-update", "update users set lname=? where id=? ('Patient Zero','1')"
    )
    with as_auditor(db) as cursor:
        cursor.execute(f"SELECT * FROM {INSTANTS}")
        assert "Patient Zero" not in repr(cursor.fetchall())
        cursor.execute(f"SELECT name FROM {SETTINGS}")
        assert len(cursor.fetchall()) == 4
        for columns in ("comments", "user_notes", "patient_id"):
            assert refusal(cursor, f"SELECT {columns} FROM log") == 1143
        assert refusal(cursor, "SELECT id FROM log WHERE patient_id IS NULL") == 1143
        for table in ("globals", "patient_data"):
            assert refusal(cursor, f"SELECT * FROM {table}") == 1142
        assert refusal(cursor, f"SHOW CREATE VIEW {INSTANTS}") == 1142
    answer = read(db)
    assert not [secret for secret in SECRETS if secret in repr(answer)]


def test_a_view_that_shows_more_is_refused_before_a_row_is_read(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.write("patient-record-update", PATIENT)
    definition = db.admin(f"SHOW CREATE VIEW {INSTANTS}").split("\t")[1]
    db.admin(
        f"CREATE OR REPLACE VIEW {INSTANTS} AS SELECT id, date, event, user AS actor, success,"
        " CAST(FROM_BASE64(comments) AS CHAR CHARACTER SET utf8mb4) AS what FROM log"
    )
    try:
        answer = ask(db, "vfront")
    finally:
        db.admin(f"DROP VIEW {INSTANTS}; {definition}")
    assert isinstance(answer, LogUnread)
    assert "may be about patients; they were not read" in answer.reason
    assert read(db)


def test_a_view_with_one_more_column_is_too_much(db: OpenEmrDatabase) -> None:
    definition = db.admin(f"SHOW CREATE VIEW {INSTANTS}").split("\t")[1]
    db.admin(
        f"CREATE OR REPLACE VIEW {INSTANTS} AS"
        " SELECT id, date, event, user AS actor, success, '' AS what, patient_id FROM log"
    )
    try:
        answer = ask(db, "vfront")
    finally:
        db.admin(f"DROP VIEW {INSTANTS}; {definition}")
    assert isinstance(answer, LogUnread)
    assert "can do more than the auditor may" in answer.reason


@pytest.mark.parametrize(
    "text", ["utf8mb4 COLLATE utf8mb4_unicode_ci", "utf8mb3", "latin1", "utf8mb4 COLLATE utf8mb4_bin"]
)
def test_the_log_of_an_older_installation_is_read_in_its_character_set(
    db: OpenEmrDatabase, forms: OpenEmrForms, text: str
) -> None:
    db.admin(f"ALTER TABLE log CONVERT TO CHARACTER SET {text}")
    try:
        db.account()
        forms.save("vfront", active=False, groups=("front",))
        said = "UPDATE USERS SET authorized = ?, ACTIVE = ? WHERE id = ? ('0','1','5')"
        db.admin(  # before 6.0 a comment was plain text
            "INSERT INTO log (date, event, user, comments, success)"
            f" VALUES (UTC_TIMESTAMP(), 'security-administration-update', 'admin', {literal(said)}, 1)"
        )
        answer = read(db)
    finally:
        db.admin("ALTER TABLE log CONVERT TO CHARACTER SET utf8mb4")
        db.account()
    assert steps(answer) == [LogKind.DISABLED, LogKind.ENABLED]


def test_hostile_values_are_values(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    for value in ("x', active='0' WHERE id='5", "'); UPDATE users SET active=0;--", "\\", "🙂" * 9000, "\x00\x1a"):
        forms.run("update users set info = ? where id = ? ", [value, 5])
    forms.run("update users set info = ? where id = ? ", ["Removed vfront from following access group(s): Front", 6])
    answer = read(db)
    assert steps(answer) == []
    assert any("1 rows about users, groups or lists cannot be understood" in gap for gap in answer.gaps)


def test_bytes_that_are_no_text_hide_no_other_row(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    db.admin(
        "INSERT INTO log (date, event, user, comments, success)"
        " VALUES (NOW(), 'security-administration-update', 'admin', TO_BASE64("
        "CONCAT('update users set uuid = ? where id = ? (''', UNHEX('FFFE80'), ''',''5'',)')), 1)"
    )
    forms.save("vfront", active=False, groups=("front",))
    assert steps(read(db)) == [LogKind.DISABLED]


def test_the_second_and_the_administrator_are_told_in_the_zone_of_openemr(
    db: OpenEmrDatabase, forms: OpenEmrForms
) -> None:
    db.admin("UPDATE globals SET gl_value = 'Asia/Manila' WHERE gl_name = 'gbl_time_zone'")
    db.admin("TRUNCATE log")
    there = OpenEmrForms(db, actor="drkim", zone="Asia/Manila", comma="")
    try:
        there.save("vfront", active=True, groups=("front",))
        before = datetime.now(UTC)
        there.save("vfront", active=False, groups=("front",))
        after = datetime.now(UTC)
        answer = read(db)
    finally:
        there.close()
        db.admin("UPDATE globals SET gl_value = 'UTC' WHERE gl_name = 'gbl_time_zone'")
    (event,) = (e for e in answer.events if e.kind is LogKind.DISABLED)
    assert event.at <= after
    assert before <= event.at + event.resolution <= after + timedelta(seconds=2)
    assert event.resolution < timedelta(seconds=2)
    assert event.actor == "drkim"
    assert answer.clock
    assert "web server" in answer.clock.by
    touched = next(e for e in answer.events if e.kind is LogKind.TOUCHED)
    assert touched.at + touched.resolution >= before


def test_encrypted_comments_leave_an_upper_bound(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.encrypted = True
    forms.save("vfront", active=False, groups=("front",))
    answer = read(db)
    assert LogKind.DISABLED not in {e.kind for e in answer.events}
    assert any("are encrypted and cannot be read" in gap for gap in answer.gaps)
    assert answer.covers_from
    assert answer.covers_from > datetime.now(UTC) - timedelta(minutes=1)
    assert any(e.kind is LogKind.TOUCHED and e.upper_bound for e in answer.events)
    forms.encrypted = False


def test_rows_that_were_deleted_are_missed(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.save("vfront", active=False, groups=("front",))
    first = forms.one("SELECT MIN(id) FROM log WHERE date > NOW() - INTERVAL 1 MINUTE")
    forms.save("vfront", active=True, groups=("front",))
    db.admin(f"DELETE FROM log WHERE id BETWEEN {first} AND {first + 3}")
    answer = read(db)
    assert any("4 rows of the log are missing" in gap for gap in answer.gaps)
    later = read(db, since=datetime.now(UTC) + timedelta(days=2))
    assert not any("missing" in gap for gap in later.gaps)


def test_an_edit_by_another_program_leaves_only_an_upper_bound(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    touched = LogKind.TOUCHED
    assert touched not in {e.kind for e in read(db).events}, "of who is active it bounds nothing"
    db.admin("UPDATE users SET active = 0 WHERE username = 'vfront'")
    try:
        answer = read(db)
    finally:
        db.admin("UPDATE users SET active = 1 WHERE username = 'vfront'")
    assert steps(answer) == []
    assert [e.kind for e in answer.events if e.upper_bound and e.last_only] == [touched]
    assert any("by another program, or the web server's clock is behind" in gap for gap in answer.gaps)
    assert answer.covers_from
    assert answer.covers_from > datetime.now(UTC) - timedelta(minutes=1)
    assert "another program leaves no row" in answer.source


def test_a_row_of_the_future_or_from_before_the_account_is_not_believed(
    db: OpenEmrDatabase, forms: OpenEmrForms
) -> None:
    said = "UPDATE users SET authorized = ?, active = ? WHERE id = ? ('0','{}','5',)"
    update = "security-administration-update"
    forms.row(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d %H:%M:%S}", update, said.format(0))
    forms.row("2001-01-01 00:00:00", update, said.format(1))
    answer = read(db)
    assert {d.why for d in answer.doubted} == {"it is 24.0 h in the future", "it is older than the account"}
    assert any("earlier than row" in gap for gap in answer.gaps)


def test_two_saves_at_one_second_are_both_told_in_their_order(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.ago = timedelta(seconds=30)
    at = f"{datetime.now(UTC) - timedelta(seconds=30):%Y-%m-%d %H:%M:%S}"
    for active in (0, 1, 0):
        said = f"UPDATE users SET authorized = ?, active = ? WHERE id = ? ('0','{active}','5',)"
        forms.row(at, "security-administration-update", said)
    answer = read(db)
    assert steps(answer) == [LogKind.DISABLED, LogKind.ENABLED, LogKind.DISABLED]
    assert len({e.record.id for e in answer.events}) == len(answer.events)


def test_sign_ins_are_told_of_the_accounts_asked_for(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    forms.sign_in("vfront")
    forms.sign_in("vfront", success=False)
    forms.sign_in("vcover")
    assert [(e.kind, e.account) for e in read(db).events if e.kind is LogKind.SIGNED_IN] == [(LogKind.SIGNED_IN, "5")]


def test_without_the_new_rights_the_old_account_reads_as_before_and_is_told_what_it_lacks(db: OpenEmrDatabase) -> None:
    db.admin(f"REVOKE SELECT ON openemr.{INSTANTS} FROM '{USER}'@'localhost'")
    try:
        answer = read(db)
    finally:
        db.admin(f"GRANT SELECT ON openemr.{INSTANTS} TO '{USER}'@'localhost'")
    assert any(f"the view `{INSTANTS}` is missing or may not be read" in gap for gap in answer.gaps)
    assert not answer.covers - {LogKind.SIGNED_IN}


def test_connecting_tells_whether_the_log_can_be_used(db: OpenEmrDatabase, forms: OpenEmrForms) -> None:
    def told() -> str:
        connector = connect(SYSTEM, Settings.model_validate(db.settings()), Path("/nowhere"))
        return next(step.run() for step in connector.steps() if step.name == "log")

    assert told() == f"tells when access ended, from {datetime.now(UTC):%Y-%m-%d} on"
    db.admin("UPDATE globals SET gl_value = '0' WHERE gl_name = 'enable_auditlog'")
    try:
        assert told() == "does not tell when access ended: OpenEMR's log is switched off (`enable_auditlog`)"
    finally:
        db.admin("UPDATE globals SET gl_value = '1' WHERE gl_name = 'enable_auditlog'")


def test_an_account_that_is_nobody_here_is_answered_with_nothing(db: OpenEmrDatabase) -> None:
    connector = connect(SYSTEM, Settings.model_validate(db.settings()), Path("/nowhere"))
    stranger = Account("ehr", "0 OR 1=1", "x' OR '1'='1", "X", collect(connector).accounts[0].status)
    answer = read_log(connector, LogQuestion((stranger,)))
    assert isinstance(answer, LogAnswer), answer
    assert not answer.events
