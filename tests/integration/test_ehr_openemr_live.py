"""OpenEMR live, against a real MariaDB with its tables: who has access, and that the read was whole."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

import pymysql
import pytest

from connectors.collect import collect
from connectors.connector import HasEndpoint, Transport
from connectors.ehr.openemr.connector import OpenEmr, Settings, connect
from connectors.ehr.openemr.grants import rights
from connectors.ehr.openemr.live import DatabaseSnapshot
from connectors.ehr.openemr.wire import MysqlConnection
from connectors.errors import AuditorError, SourceError
from connectors.facts import NEVER, Account, Collection, Complete, Partial, Status
from connectors.inputs.dates import DateStyle
from tests.integration.slapd import free_port, make_certificate
from tests.servers.mariadb_openemr import (
    DISABLED,
    LOGINS,
    NESTED,
    PASSWORD,
    SYSTEM,
    USER,
    OpenEmrDatabase,
    mariadb,
    mariadb_openemr,
)

EXTRA = Path("/nowhere")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEmrDatabase]:
    with mariadb_openemr(tmp_path_factory.mktemp("db")) as database:
        yield database


@contextmanager
def changed(db: OpenEmrDatabase, do: str, undo: str) -> Iterator[None]:
    db.admin(do)
    try:
        yield
    finally:
        db.admin(undo)


def connector(db: OpenEmrDatabase, **settings: Any) -> OpenEmr:
    return connect(SYSTEM, Settings.model_validate(db.settings(**settings)), EXTRA)


def read(db: OpenEmrDatabase, **settings: Any) -> Collection:
    return collect(connector(db, **settings))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), "it was read"
    assert not collection.accounts
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


def account(collection: Collection, login: str) -> Account:
    return next(a for a in collection.accounts if a.login == login)


def evidence(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete)
    return {e.name: e.detail for e in collection.completeness.evidence}


def paths(collection: Collection, login: str, entitlement: str) -> set[tuple[str, ...]]:
    id_ = account(collection, login).id
    return {g.path for g in collection.grants if g.account == id_ and g.entitlement == entitlement}


def test_an_account_with_column_grants_reads_everybody_over_tls_and_proves_it(db: OpenEmrDatabase) -> None:
    collection = whole(read(db))
    assert {a.login for a in collection.accounts} == LOGINS
    assert {a.login for a in collection.accounts if not a.live} == DISABLED
    told = evidence(collection)
    assert told["end"].endswith("in one snapshot, as many as the server counts")
    assert "and do nothing else" in told["rights"]
    assert "TLSv1." in told["server"]
    assert told["total"] == f"{len(LOGINS)} stated by the source, {len(LOGINS)} read"
    assert told["canary"] == "admin seen"
    assert PASSWORD not in repr(collection)


def test_rights_facilities_second_factor_and_last_sign_in_are_read(db: OpenEmrDatabase) -> None:
    collection = whole(read(db))
    assert paths(collection, "vmariasantos", NESTED) == {
        ("group:vma_sched", "group:vma_desk", "group:front", "group:users")
    }
    assert paths(collection, "vmariasantos", "patients/appt:write") == {
        ("group:vma_sched", "group:vma_desk", "group:front")
    }
    assert paths(collection, "vcover", "admin/super") == {("group:breakglass",)}
    assert not paths(collection, "vdenied", "patients/demo:write")
    vfront = account(collection, "vfront")
    assert (vfront.mfa, str(vfront.last_login)) == (True, "2026-01-31 17:30:00+00:00")
    facilities = {g.entitlement for g in collection.grants if g.account == vfront.id and "facility:" in g.entitlement}
    assert {collection.entitlements[f].name for f in facilities} == {"Main Street Clinic", "Lake Shore"}


@pytest.mark.parametrize(
    ("do", "undo", "login", "status"),
    [
        ("UPDATE users SET active=0 WHERE id=5", "UPDATE users SET active=1 WHERE id=5", "vfront", Status.DISABLED),
        (
            "DELETE FROM `groups` WHERE user='vfront'",
            "INSERT INTO `groups` (id, name, user) VALUES (5, 'Default', 'vfront')",
            "vfront",
            Status.DISABLED,
        ),
        (
            "DELETE FROM gacl_groups_aro_map WHERE aro_id=105",
            "INSERT INTO gacl_groups_aro_map VALUES (14, 105)",
            "vfront",
            Status.DISABLED,
        ),
        (
            "UPDATE users_secure SET id=1005 WHERE id=5",
            "UPDATE users_secure SET id=5 WHERE id=1005",
            "vfront",
            Status.DISABLED,
        ),
        (
            "UPDATE users_secure SET login_fail_counter=20 WHERE id=5",
            "UPDATE users_secure SET login_fail_counter=0 WHERE id=5",
            "vfront",
            Status.LOCKED,
        ),
    ],
)
def test_an_account_is_live_only_if_every_condition_of_the_sign_in_holds(
    db: OpenEmrDatabase, do: str, undo: str, login: str, status: Status
) -> None:
    assert account(whole(read(db)), login).status is Status.ACTIVE
    with changed(db, do, undo):
        assert account(whole(read(db)), login).status is status


def test_a_password_that_has_run_out_closes_the_account_after_the_days_of_grace(db: OpenEmrDatabase) -> None:
    def status(now: datetime, **settings: int) -> Status:
        config = Settings.model_validate(db.settings(**settings))
        return account(whole(collect(connect(SYSTEM, config, EXTRA, lambda: now))), "vfront").status

    last_day, next_day = datetime(2026, 2, 14, 12, tzinfo=UTC), datetime(2026, 2, 15, 12, tzinfo=UTC)
    days = {"password_expiration_days": 30, "password_grace_days": 10}  # changed on 5 January
    assert status(last_day, **days) is Status.ACTIVE
    assert status(next_day, **days) is Status.EXPIRED
    assert status(next_day) is Status.ACTIVE


def test_a_password_that_has_run_out_keeps_nobody_out_who_signs_in_with_google(db: OpenEmrDatabase) -> None:
    def read_as(**settings: object) -> Collection:
        days = {"password_expiration_days": 30, "password_grace_days": 10}
        config = Settings.model_validate(db.settings(**days, **settings))
        return whole(collect(connect(SYSTEM, config, EXTRA, lambda: datetime(2026, 2, 15, 12, tzinfo=UTC))))

    to_google = (
        "UPDATE users SET google_signin_email='ana@practice.example' WHERE username='vfront'",
        "UPDATE users SET google_signin_email=NULL WHERE username='vfront'",
    )
    with changed(db, *to_google):
        assert account(read_as(), "vfront").status is Status.ACTIVE
        assert account(read_as(google_sign_in=False), "vfront").status is Status.EXPIRED
    right = "SELECT (google_signin_email) ON openemr.users"
    with changed(db, f"REVOKE {right} FROM '{USER}'@'localhost'", f"GRANT {right} TO '{USER}'@'localhost'"):
        untold = read_as()
        assert account(untold, "vfront").status is Status.UNKNOWN
        assert account(untold, "vfront").live
        assert "google_signin_email" in {e.name: e.detail for e in untold.completeness.evidence}["not read"]  # type: ignore[union-attr]
        assert account(read_as(google_sign_in=False), "vfront").status is Status.EXPIRED


def test_a_log_that_begins_after_the_account_was_made_does_not_say_never(db: OpenEmrDatabase) -> None:
    assert account(whole(read(db)), "vcover").last_login is NEVER
    purge = (
        "DELETE FROM log WHERE id=1",
        "INSERT INTO log SET id=1, date='2025-12-01 08:00', event='login', user='admin'",
    )
    with changed(db, *purge):
        collection = whole(read(db))
        assert account(collection, "vcover").last_login is None
        assert account(collection, "vfront").last_login is not None
        assert evidence(collection)["log"] == "begins on 2026-01-30"
        assert account(whole(read(db, whole_log=True)), "vcover").last_login is NEVER


def test_a_log_that_is_not_to_be_read_leaves_the_last_sign_in_unknown(db: OpenEmrDatabase) -> None:
    db.admin(f"REVOKE SELECT (id, date, event, user, success) ON log FROM '{USER}'@'localhost'")
    try:
        assert "cannot read `log.id`" in refused(read(db))
        assert {a.last_login for a in whole(read(db, last_login=False)).accounts} == {None}
    finally:
        db.account()


def test_the_socket_of_the_same_machine_works_and_has_no_network_to_try(db: OpenEmrDatabase) -> None:
    by_socket: dict[str, Any] = {"host": None, "port": None, "ca_file": None, "socket": db.socket, "user": "local"}
    db.admin("CREATE USER local@localhost IDENTIFIED VIA unix_socket")
    try:
        one = connector(db, **by_socket, password_env=None)
        assert not isinstance(one, HasEndpoint)
        assert "does not let `local` sign in" in refused(collect(one)), "only the account of that name may"
    finally:
        db.admin("DROP USER local@localhost")
    settings = {**by_socket, "user": USER}
    # `REQUIRE SSL` was for the network.
    db.admin(f"ALTER USER '{USER}'@'localhost' REQUIRE NONE")
    try:
        assert evidence(whole(read(db, **settings)))["server"].endswith("not encrypted")
    finally:
        db.account()


def test_the_endpoint_can_be_tried_one_step_at_a_time(db: OpenEmrDatabase) -> None:
    one = connector(db)
    assert isinstance(one, HasEndpoint)
    assert (one.endpoint.host, one.endpoint.transport) == ("127.0.0.1", Transport.UPGRADE)
    told = {step.name: step.run() for step in one.steps()}
    assert told["sign-in"].startswith(f"{USER}@localhost on MariaDB 10.")
    assert told["rights"].startswith(f"{USER}@localhost can read 63 columns of 19 tables")
    assert "InnoDB" in told["tables"]


def test_a_change_during_the_read_is_not_half_seen(db: OpenEmrDatabase) -> None:
    class Meddling(MysqlConnection):
        """Lets an administrator work after the first table was read."""

        def stream(self, sql: str, width: int) -> Iterator[tuple[str | None, ...]]:
            yield from super().stream(sql, width)
            if "FROM `users` " in sql:
                db.admin("INSERT INTO gacl_aro (id, section_value, value) VALUES (199, 'users', 'late')")
                db.admin("INSERT INTO users (id, username) VALUES (99, 'late')")

    one = connector(db)
    with one._wire() as wire:
        found = rights(wire, "ehr", "openemr")
    try:
        with Meddling(one._target, PASSWORD) as wire:
            tables = DatabaseSnapshot(wire, "ehr", found, read_at=datetime.now(UTC), sign_ins=DateStyle())
        assert "late" in {a.login for a in whole(read(db)).accounts}
        assert "late" not in {record["username"] for record in tables["users"]}
        assert "late" not in {record["value"] for record in tables["gacl_aro"]}
    finally:
        db.admin("DELETE FROM users WHERE id=99; DELETE FROM gacl_aro WHERE id=199")


def test_a_limit_on_answers_is_noticed_because_the_server_counts(db: OpenEmrDatabase) -> None:
    with changed(db, "SET GLOBAL sql_select_limit=9", "SET GLOBAL sql_select_limit=DEFAULT"):
        told = refused(read(db))
    # The limit cuts first what says what the account may do; a higher one would cut the users.
    assert "cannot read" in told or "said that `users` has" in told
    with changed(db, "SET GLOBAL sql_select_limit=60", "SET GLOBAL sql_select_limit=DEFAULT"):
        told = refused(read(db))
    assert "said that `gacl_aco_map` has" in told
    assert "sql_select_limit" in told


@pytest.mark.parametrize(
    ("do", "undo"),
    [
        (
            "RENAME TABLE `groups` TO g2; CREATE VIEW `groups` AS SELECT * FROM g2 LIMIT 3",
            "DROP VIEW `groups`; RENAME TABLE g2 TO `groups`",
        ),
        ("ALTER TABLE gacl_aro ENGINE=MyISAM", "ALTER TABLE gacl_aro ENGINE=InnoDB"),
    ],
    ids=["view", "engine"],
)
def test_what_has_no_snapshot_or_may_leave_rows_out_is_refused(db: OpenEmrDatabase, do: str, undo: str) -> None:
    with changed(db, do, undo):
        assert "only a table of InnoDB can be read in one snapshot" in refused(read(db))


@pytest.mark.parametrize(
    ("do", "undo", "told"),
    [
        ("RENAME TABLE facility TO f2", "RENAME TABLE f2 TO facility", "cannot read `facility.id`, `facility.name`"),
        (
            "ALTER TABLE gacl_acl RENAME COLUMN return_value TO rv",
            "ALTER TABLE gacl_acl RENAME COLUMN rv TO return_value",
            "cannot read `gacl_acl.return_value`",
        ),
    ],
)
def test_another_version_of_openemr_is_said_to_be_one(db: OpenEmrDatabase, do: str, undo: str, told: str) -> None:
    try:
        with changed(db, do, undo):
            message = refused(read(db))
    finally:
        db.account()
    assert told in message
    assert "this version of OpenEMR is another one: use `openemr-export`" in message


def test_a_column_that_older_versions_do_not_have_can_be_done_without(db: OpenEmrDatabase) -> None:
    db.admin(f"REVOKE SELECT (date_created) ON users FROM '{USER}'@'localhost'")
    try:
        collection = whole(read(db))
    finally:
        db.account()
    assert {a.created for a in collection.accounts} == {None}
    assert account(collection, "vcover").last_login is None, "nobody says since when there is an account"


def test_an_empty_table_of_users_is_no_small_practice(db: OpenEmrDatabase) -> None:
    with changed(db, "RENAME TABLE users_secure TO u2; CREATE TABLE users_secure LIKE u2", "SELECT 1"):
        try:
            assert "has not one row in `users_secure`" in refused(read(db))
        finally:
            db.admin("DROP TABLE users_secure; RENAME TABLE u2 TO users_secure")


def test_a_leftover_of_a_deleted_user_gives_nobody_anything_and_is_counted(db: OpenEmrDatabase) -> None:
    truth = whole(read(db))
    leftovers = (
        "INSERT INTO gacl_aro (id, section_value, value) VALUES (300, 'users', 'ghost');"
        "INSERT INTO gacl_groups_aro_map VALUES (11, 300), (11, 999), (999, 105);"
        "INSERT INTO gacl_aro_map VALUES (1, 'users', 'ghost'), (999, 'users', 'vfront');"
        "INSERT INTO users_secure (id, username) VALUES (900, 'ghost')"
    )
    clean = (
        "DELETE FROM gacl_aro WHERE id=300; DELETE FROM gacl_groups_aro_map WHERE aro_id IN (300, 999) OR group_id=999;"
        "DELETE FROM gacl_aro_map WHERE value='ghost' OR acl_id=999; DELETE FROM users_secure WHERE id=900"
    )
    with changed(db, leftovers, clean):
        collection = whole(read(db))
    assert (collection.accounts, collection.grants) == (truth.accounts, truth.grants)
    strays = {e.detail.split("`")[1]: e.detail for e in collection.completeness.evidence if e.name == "strays"}  # type: ignore[union-attr]
    assert set(strays) == {"gacl_aro", "gacl_groups_aro_map", "gacl_aro_map", "users_secure"}
    assert strays["gacl_groups_aro_map"].startswith("2 of ")


def test_a_canary_that_is_not_there_makes_the_read_worthless(db: OpenEmrDatabase) -> None:
    assert "did not return the account `nobody`" in refused(read(db, canary="nobody"))


def test_a_wrong_password_a_missing_one_and_a_wrong_database_are_told_apart(
    db: OpenEmrDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "not the passwörd")
    told = refused(read(db, password_env="WRONG"))
    assert f"does not let `{USER}` sign in" in told
    assert "not the passwörd" not in told
    assert "the environment variable `UNSET_HERE` holds no secret" in refused(read(db, password_env="UNSET_HERE"))
    assert "denies" in refused(read(db, database="other"))
    assert "port 1 cannot be reached" in refused(read(db, port=1, timeout_s=2))


def test_a_certificate_of_a_stranger_and_one_of_another_name_are_refused(db: OpenEmrDatabase, tmp_path: Path) -> None:
    stranger, _, _ = make_certificate(tmp_path / "stranger")
    told = refused(read(db, ca_file=stranger))
    assert "is not to be trusted" in told
    assert "is not signed by an authority in the `ca_file`" in told
    assert "set `ca_file`" in refused(read(db, ca_file=None))
    assert "is not for `db.example.org`" in refused(read(db, server_name="db.example.org"))
    whole(read(db, server_name="localhost"))
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    assert "holds no certificate" in refused(read(db, ca_file=broken))
    with pytest.raises(AuditorError, match="there is no such file"):
        connector(db, ca_file=tmp_path / "missing.pem")


def test_a_server_without_tls_is_not_spoken_to_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_HERE", "secret")
    with mariadb(tmp_path, tls=False) as server:
        told = refused(read(server, database="mysql", password_env="PASSWORD_HERE"))
        assert "offers no TLS" in told
        server.admin("CREATE USER x@localhost IDENTIFIED BY 'secret'", database="mysql")
        plain = read(server, database="mysql", user="x", password_env="PASSWORD_HERE", plain=True, ca_file=None)
        assert "denies" in refused(plain), "it signed in, and may do nothing"


@pytest.mark.timeout(60)
def test_a_statement_that_hangs_ends_in_time(db: OpenEmrDatabase) -> None:
    with closing(pymysql.connect(unix_socket=str(db.socket), user="root", database="openemr")) as admin:
        admin.cursor().execute("LOCK TABLES gacl_acl WRITE")
        told = refused(read(db, timeout_s=0.5))
    assert "did not finish `SELECT COUNT(*) FROM `gacl_acl`` within 0.5 s" in told


def test_a_connection_that_an_administrator_kills_is_no_end(db: OpenEmrDatabase) -> None:
    class Killed(MysqlConnection):
        """Loses its connection while a table is read."""

        def stream(self, sql: str, width: int) -> Iterator[tuple[str | None, ...]]:
            if "FROM `users` " in sql:
                db.admin(f"KILL {self.value('SELECT CONNECTION_ID()')}")
                sleep(0.1)
            yield from super().stream(sql, width)

    one = connector(db)
    with one._wire() as wire:
        found = rights(wire, "ehr", "openemr")
    with Killed(one._target, PASSWORD) as wire, pytest.raises(SourceError, match="broke off its answer"):
        DatabaseSnapshot(wire, "ehr", found, read_at=datetime.now(UTC), sign_ins=None)


@contextmanager
def talker(first: bytes, drip_s: float = 0) -> Iterator[int]:
    """Listen on loopback, and say something to whoever connects, byte by byte if told so."""
    port, stop = free_port(), threading.Event()

    def serve() -> None:
        while not stop.is_set():
            with suppress(OSError):
                peer, _ = listener.accept()
                with peer:
                    for i in range(len(first)):
                        peer.sendall(first[i : i + 1] if drip_s else first)
                        if not drip_s:
                            break
                        if stop.wait(drip_s):
                            return

    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            stop.set()
            thread.join()


@pytest.mark.timeout(60)
def test_a_server_that_sends_one_byte_at_a_time_does_not_hold_the_auditor(db: OpenEmrDatabase) -> None:
    with talker(b"\x50\x00\x00\x00" + b"\x0a" * 80, drip_s=0.1) as port:
        told = refused(read(db, port=port, call_limit_s=0.7))
    assert "did not answer `the connection` in time" in told
    assert "call_limit_s" in told


def test_something_else_on_the_port_is_not_taken_for_a_database(db: OpenEmrDatabase) -> None:
    with talker(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        told = refused(read(db, port=port, timeout_s=2))
    assert "broke off" in told or "not the protocol of MySQL" in told
    assert "HTTP" not in told


def test_a_hostile_name_is_only_text(db: OpenEmrDatabase) -> None:
    name = "Robert'); DROP TABLE users;--<script>"
    with changed(db, f'UPDATE users SET fname="{name}" WHERE id=5', "UPDATE users SET fname='V' WHERE id=5"):
        assert account(whole(read(db)), "vfront").name.startswith(name)
    with changed(
        db,
        "UPDATE users SET fname=REPEAT('x', 250), lname=REPEAT('é', 250) WHERE id=5",
        "UPDATE users SET fname='V', lname='Vfront' WHERE id=5",
    ):
        assert len(account(whole(read(db)), "vfront").name) == 501
    with changed(
        db,
        "ALTER TABLE gacl_acl MODIFY note text; UPDATE gacl_acl SET return_value=REPEAT('x', 5000) WHERE id=1",
        "UPDATE gacl_acl SET return_value='write' WHERE id=1",
    ):
        told = refused(read(db))
        assert "`gacl_acl`, row 1, `return_value`: the value is too long" in told
        assert len(told) < 600
