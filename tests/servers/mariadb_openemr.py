"""
A real MariaDB with OpenEMR's tables and a documented population, started on a free loopback port.

    with mariadb_openemr(folder) as db:
        connector = connect(SYSTEM, Settings.model_validate(db.settings()), folder)

`POPULATION` says who is in it. The server speaks TLS with a certificate of its own (`db.ca_file`); `plain=True` in the
settings is the way to put a proxy before it. `db.admin` runs SQL as the server's root over its socket.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from connectors.ehr.openemr.connector import Settings, setup
from connectors.facts import System, SystemKind
from tests.integration.slapd import free_port, make_certificate, require
from tests.unit.connectors.ehr import openemr_tables_made

SCHEMA = Path(__file__).with_name("openemr_schema.sql")
SYSTEM = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
USER, PASSWORD, PASSWORD_ENV = "access_audit", "correct horse — ñ", "OPENEMR_TEST_PASSWORD"
SECRETS = ("$2y$10$hashhashhash", "TOTPSECRET", "Patient Zero", "SmtpSecret")
"""What no account of an auditor may see: a password hash, the secret of a second factor, a patient."""

GLOBALS = {
    "enable_auditlog": "1",
    "audit_events_security-administration": "1",
    "enable_auditlog_encryption": "0",
    "gbl_time_zone": "UTC",
    "SMTP_PASS": "SmtpSecret",
}
DESK, NESTED = "vmariasantos", "patients/reminder:view"
POPULATION = {
    **openemr_tables_made.USERS,
    # Two people of one name, in a group that lies three levels deep: users > front > vma_desk > vma_sched.
    "vmariasantos": (13, 1, ("vma_sched",)),
    "vmariasantos2": (14, 1, ("vma_sched",)),
}
"""login: (id, active, ACL groups); `vnoaro` cannot sign in, and who is not active cannot either."""
LOGINS = frozenset(POPULATION)
DISABLED = frozenset({"phimail-service", "portal-user", "oe-system", "vleft", "vnoaro"})
NAMESAKES = ("vmariasantos", "vmariasantos2")
FACILITIES = {3: "Main Street Clinic", 4: "Lake Shore"}
DESK_GROUP, SCHED_GROUP = 20, 21


@dataclass(frozen=True, slots=True)
class OpenEmrDatabase:
    """A running server."""

    host: str
    port: int
    socket: Path
    ca_file: Path
    database: str = "openemr"
    user: str = USER

    def settings(self, **changes: object) -> dict[str, object]:
        """Return settings that read it over TLS; `None` leaves one out."""
        settings: dict[str, object] = {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.user,
            "password_env": PASSWORD_ENV,
            "client_host": "localhost",
            "ca_file": self.ca_file,
            "canary": "admin",
            **changes,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def admin(self, sql: str, *, database: str | None = None) -> str:
        """Run SQL as root; returns what it prints."""
        command = [require("mariadb", "mariadb-client"), "--no-defaults", f"--socket={self.socket}", "--user=root"]
        command += ["--batch", "--skip-column-names", database or self.database]
        done = subprocess.run(command, input=sql.encode(), capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def account(self, user: str = USER, *grants: str, host: str = "localhost") -> None:
        """Make an account with exactly the rights of the printed set-up, and then the statements in `grants`."""
        self.admin(f"DROP USER IF EXISTS '{user}'@'{host}'", database="mysql")
        settings = Settings.model_validate(self.settings(user=user, client_host=host))
        self.admin(setup(SYSTEM, settings).replace("'…'", f"'{PASSWORD}'") + "\n".join(grants))


@contextmanager
def mariadb_openemr(folder: Path, *, sql: str | None = None) -> Iterator[OpenEmrDatabase]:
    """Run MariaDB with OpenEMR's tables filled by `sql` (left out: `population_sql()`), and the auditor's account."""
    with pytest.MonkeyPatch.context() as environment, mariadb(folder) as db:
        environment.setenv(PASSWORD_ENV, PASSWORD)
        db.admin("CREATE DATABASE openemr CHARACTER SET utf8mb4", database="mysql")
        db.admin(SCHEMA.read_text(encoding="utf-8"))
        db.admin(population_sql() if sql is None else sql)
        db.account()
        yield db


@contextmanager
def mariadb(folder: Path, *, tls: bool = True) -> Iterator[OpenEmrDatabase]:
    """Run an empty MariaDB over its own data directory, on loopback."""
    server, install = require("mariadbd", "mariadb-server"), require("mariadb-install-db", "mariadb-server")
    folder.mkdir(parents=True, exist_ok=True)
    ca, cert, key = make_certificate(folder / "tls")
    common = ["--no-defaults", f"--basedir={Path(install).parents[1]}", f"--datadir={folder / 'data'}"]
    common += ["--user=root"] if os.geteuid() == 0 else []
    made = [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    port, socket = free_port(), folder / "s"
    extra = [f"--socket={socket}", "--bind-address=127.0.0.1", f"--port={port}", "--innodb-buffer-pool-size=64M"]
    extra += [f"--ssl-ca={ca}", f"--ssl-cert={cert}", f"--ssl-key={key}"] if tls else ["--skip-ssl"]
    extra += ["--innodb-flush-log-at-trx-commit=0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, *common, *extra], stdout=log, stderr=log)
    try:
        deadline = monotonic() + 60
        while not socket.exists():
            assert monotonic() < deadline, (folder / "log").read_text()[-2000:]
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            sleep(0.05)
        yield OpenEmrDatabase("127.0.0.1", port, socket, ca)
    finally:
        process.terminate()
        process.wait(60)


def population() -> openemr_tables_made.Tables:
    """Return the tables of the harness: those of the export's tests, with a deep group, facilities and a log."""
    tables = openemr_tables_made.harness()
    last = tables.pop("last_login")
    groups = tables["gacl_aro_groups"]
    front = next(g for g in groups if g["value"] == "front")
    groups.append({"id": DESK_GROUP, "parent_id": front["id"], "name": "VMA desk", "value": "vma_desk"})
    groups.append({"id": SCHED_GROUP, "parent_id": DESK_GROUP, "name": "VMA scheduling", "value": "vma_sched"})
    _number_the_tree(groups)
    openemr_tables_made.give(tables, [("patients", "reminder")], level="view", group=10)
    openemr_tables_made.give(tables, [("patients", "notes")], level="addonly", group=SCHED_GROUP)
    for login in NAMESAKES:
        number = POPULATION[login][0]
        tables["users"].append(
            {"id": number, "username": login, "fname": "María", "lname": "Santos", "email": "", "active": 1}
        )
        tables["users_secure"].append({"id": number, "username": login, "login_fail_counter": 0})
        tables["groups"].append({"id": number, "name": "Default", "user": login})
        tables["gacl_aro"].append({"id": 100 + number, "section_value": "users", "value": login})
        tables["gacl_groups_aro_map"].append({"group_id": SCHED_GROUP, "aro_id": 100 + number})
    for row in tables["users"]:
        row |= {"password": "NoLogin", "date_created": "2026-01-05 08:00:00", "facility_id": 3}
        if not row["username"]:
            row["username"] = None
    for row in tables["users_secure"]:
        row |= {"password": SECRETS[0], "password_history1": SECRETS[0], "last_update_password": "2026-01-05 08:00:00"}
    for row in tables["login_mfa_registrations"]:
        row["var1"] = SECRETS[1]
    tables["facility"] = [{"id": id_, "name": name} for id_, name in FACILITIES.items()]
    tables["users_facility"] = [
        {"tablename": "users", "table_id": 5, "facility_id": 4},
        {"tablename": "patient_data", "table_id": 5, "facility_id": 3},
    ]
    tables["log"] = _log(last)
    tables["globals"] = [{"gl_name": name, "gl_value": value} for name, value in GLOBALS.items()]
    tables["patient_data"] = [{"pid": 1, "fname": "Patient", "lname": "Zero"}]
    return tables


def population_sql(tables: openemr_tables_made.Tables | None = None) -> str:
    """Return the statements that fill the tables."""
    return "\n".join(insert(name, rows) for name, rows in (tables or population()).items() if rows)


def insert(table: str, rows: list[dict[str, object]]) -> str:
    """Return one statement for all rows; a column that a row does not have takes its default."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    values = ", ".join(f"({', '.join(_literal(row[c]) if c in row else 'DEFAULT' for c in columns)})" for row in rows)
    return f"INSERT INTO `{table}` ({', '.join(f'`{c}`' for c in columns)}) VALUES {values};"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = str(value) if not isinstance(value, datetime) else value.strftime("%Y-%m-%d %H:%M:%S")
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _number_the_tree(groups: list[dict[str, object]]) -> None:
    """Give every group the two numbers by which phpGACL finds those above it."""
    children: dict[object, list[dict[str, object]]] = {}
    for group in groups:
        children.setdefault(group["parent_id"], []).append(group)
    counter = 0

    def walk(parent: object) -> None:
        nonlocal counter
        for group in children.get(parent, []):
            counter += 1
            group["lft"] = counter
            walk(group["id"])
            counter += 1
            group["rgt"] = counter

    walk(0)


def _log(last: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return a log with sign-ins that count, and others: a failed one, and one that is about a patient."""
    entry = {"event": "login", "success": 1, "comments": "success: 10.0.0.1"}
    rows: list[dict[str, object]] = [
        {"date": "2025-12-01 08:00:00", "user": "admin", **entry},
        {"date": "2026-01-30 08:00:00", "user": "vfront", **entry},
        *({"date": row["last_login"], "user": row["username"], **entry} for row in last),
        {"date": "2026-02-02 08:00:00", "user": "vcover", **entry, "success": 0},
        {"date": "2026-02-03 08:00:00", "user": "vcover", **entry, "event": "view", "comments": SECRETS[2]},
        {"date": "2026-02-04 08:00:00", "user": "gone", **entry},
    ]
    return rows
