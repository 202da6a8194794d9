"""An account of the auditor that could do more than it needs is refused before anything is read, on a real MariaDB."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.ehr.openemr.connector import Settings, connect
from connectors.facts import Collection, Complete, Partial
from tests.servers.mariadb_openemr import SYSTEM, OpenEmrDatabase, mariadb_openemr

WHO = "'over'@'localhost'"
PATIENTS, SECRETS, LOG, MORE, WRITE = (
    "reach patient data (",
    "reach password hashes or other secrets",
    "reach patient data in the comments of the log",
    "reach more than it needs",
    "do more than read",
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEmrDatabase]:
    with mariadb_openemr(tmp_path_factory.mktemp("db")) as database:
        database.admin(
            "CREATE DATABASE billing; CREATE TABLE billing.claims (id int);"
            "CREATE PROCEDURE openemr.harmless() SELECT 1;"
        )
        yield database


def read(db: OpenEmrDatabase) -> Collection:
    return collect(connect(SYSTEM, Settings.model_validate(db.settings(user="over")), Path("/nowhere")))


def whole(collection: Collection) -> None:
    assert isinstance(collection.completeness, Complete), collection.completeness


def refused(collection: Collection) -> tuple[str, str]:
    assert isinstance(collection.completeness, Partial), "it was read"
    assert not collection.accounts
    assert "was not read, because its account `over@localhost` can do more" in collection.completeness.reason
    assert "IDENTIFIED" not in collection.completeness.hint, "the line may hold the hash of the password"
    return collection.completeness.reason, collection.completeness.hint


OVER = [
    ("SELECT ON *.*", PATIENTS),
    ("SELECT ON openemr.*", PATIENTS),
    ("SELECT ON `open%`.*", PATIENTS),
    ("SELECT ON openemr.patient_data", PATIENTS),
    ("SELECT (fname) ON openemr.patient_data", PATIENTS),
    ("SELECT (password) ON openemr.users_secure", SECRETS),
    ("SELECT (password_history1) ON openemr.users_secure", SECRETS),
    ("SELECT ON openemr.users_secure", SECRETS),
    ("SELECT ON openemr.users", SECRETS),
    ("SELECT (var1) ON openemr.login_mfa_registrations", SECRETS),
    ("SELECT (comments) ON openemr.log", LOG),
    ("SELECT ON openemr.log", LOG),
    ("SELECT ON openemr.globals", MORE),
    ("SELECT (federaltaxid) ON openemr.users", MORE),
    ("SELECT ON billing.claims", MORE),
    ("SELECT ON mysql.*", MORE),
    ("UPDATE (active) ON openemr.users", WRITE),
    ("INSERT ON openemr.*", WRITE),
    ("DELETE ON openemr.log", WRITE),
    ("REFERENCES (id) ON openemr.users", WRITE),
    ("CREATE TEMPORARY TABLES, LOCK TABLES ON openemr.*", WRITE),
    ("TRIGGER ON openemr.users", WRITE),
    ("PROCESS ON *.*", WRITE),
    ("FILE, SUPER, CREATE USER ON *.*", WRITE),
    ("EXECUTE ON PROCEDURE openemr.harmless", WRITE),
    ("ALL PRIVILEGES ON openemr.*", PATIENTS),
    ("ALL PRIVILEGES ON *.*", PATIENTS),
]


@pytest.mark.parametrize(("right", "told"), OVER, ids=[right for right, _ in OVER])
def test_an_account_with_too_much_is_refused_and_the_printed_remedy_mends_it(
    db: OpenEmrDatabase, right: str, told: str
) -> None:
    db.account("over", f"GRANT {right} TO {WHO};")
    reason, hint = refused(read(db))
    assert told in reason
    remedy = re.findall(r"REVOKE .*?;", hint)
    assert remedy, hint
    db.admin("\n".join(remedy))
    if right in ("SELECT ON openemr.users_secure", "SELECT ON openemr.users", "SELECT ON openemr.log"):
        # Taking a table away takes its columns with it: that is why the hint ends with the set-up.
        db.account("over")
    whole(read(db))


def test_a_right_to_pass_on_is_too_much(db: OpenEmrDatabase) -> None:
    db.account("over", f"GRANT SELECT (id) ON openemr.users TO {WHO} WITH GRANT OPTION;")
    reason, hint = refused(read(db))
    assert "give its rights on `openemr`.`users` to others" in reason
    db.admin("; ".join(re.findall(r"REVOKE .*?;", hint)))
    whole(read(db))


@pytest.mark.parametrize("default", [True, False], ids=["default role", "role that it can take on"])
@pytest.mark.parametrize("nested", [True, False], ids=["in another role", "directly"])
def test_what_a_role_could_reach_counts_whether_it_is_taken_on_or_not(
    db: OpenEmrDatabase, default: bool, nested: bool
) -> None:
    db.admin("CREATE ROLE reader; CREATE ROLE helper; GRANT SELECT ON openemr.patient_data TO reader")
    try:
        if nested:
            db.admin("GRANT reader TO helper")
        role = "helper" if nested else "reader"
        db.account("over", f"GRANT {role} TO {WHO};")
        if default:
            db.admin(f"SET DEFAULT ROLE {role} FOR {WHO}")
        reason, hint = refused(read(db))
        assert "reach patient data (SELECT on `openemr`.`patient_data`)" in reason
        assert "REVOKE SELECT ON `openemr`.`patient_data` FROM `reader`;" in hint
    finally:
        db.admin("DROP ROLE reader; DROP ROLE helper")
    whole(read(db))


def test_a_role_with_exactly_what_is_needed_is_accepted(db: OpenEmrDatabase) -> None:
    db.admin("CREATE ROLE just_right; GRANT SELECT (id) ON openemr.users TO just_right")
    try:
        db.account("over", f"GRANT just_right TO {WHO};")
        whole(read(db))
    finally:
        db.admin("DROP ROLE just_right")


def test_a_right_that_everybody_has_counts_too(db: OpenEmrDatabase) -> None:
    db.account("over")
    db.admin("GRANT SELECT ON openemr.patient_data TO PUBLIC")
    try:
        reason, hint = refused(read(db))
        assert PATIENTS in reason
        assert "REVOKE SELECT ON `openemr`.`patient_data` FROM PUBLIC;" in hint
    finally:
        db.admin("REVOKE SELECT ON openemr.patient_data FROM PUBLIC")


def test_a_right_that_no_statement_shows_is_found_in_the_columns(db: OpenEmrDatabase) -> None:
    # What old installations do for the database `test`: a right of the anonymous account, which everybody has.
    db.account("over")
    db.admin("INSERT INTO mysql.db SET Host='%', Db='openemr', User='', Select_priv='Y'; FLUSH PRIVILEGES")
    try:
        reason, hint = refused(read(db))
        assert PATIENTS in reason
        assert "Take away whatever gives it SELECT on" in hint
    finally:
        db.admin("DELETE FROM mysql.db WHERE User=''; FLUSH PRIVILEGES")


def test_nothing_was_read_by_an_account_that_is_refused(db: OpenEmrDatabase) -> None:
    db.account("over", f"GRANT SELECT ON openemr.* TO {WHO};")
    db.admin("SET GLOBAL log_output='TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log=ON")
    try:
        refused(read(db))
    finally:
        db.admin("SET GLOBAL general_log=OFF")
    asked = db.admin("SELECT argument FROM mysql.general_log WHERE user_host LIKE 'over%'")
    assert "SHOW GRANTS" in asked
    assert not re.search(r"FROM `?(users|log|gacl_\w+|patient_data)`?", asked)


def test_a_read_changes_nothing_and_asks_only_for_what_the_set_up_names(db: OpenEmrDatabase) -> None:
    db.account("over")
    db.admin("SET GLOBAL log_output='TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log=ON")
    try:
        whole(read(db))
    finally:
        db.admin("SET GLOBAL general_log=OFF")
    asked = db.admin(
        "SELECT argument FROM mysql.general_log WHERE user_host LIKE 'over%' AND command_type = 'Query'"
    ).splitlines()
    assert {line.split()[0] for line in asked} <= {"SELECT", "SHOW", "SET", "START", "COMMIT"}
    assert [line for line in asked if "patient_data" in line or "`password`" in line] == [
        "SELECT 1 FROM `openemr`.`patient_data` LIMIT 0",
        "SELECT `password` FROM `openemr`.`users_secure` LIMIT 0",
    ], "both are denied, and that is the point"
    assert "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY" in asked
