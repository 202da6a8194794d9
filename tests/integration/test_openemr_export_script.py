"""The statements of docs/connect-ehr.md, run as they stand against a MariaDB that holds secrets and patients."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from connectors.collect import collect
from connectors.ehr._openemr_tables import FILES, SECRET_COLUMNS
from connectors.ehr.openemr_export import Settings, connect
from connectors.facts import NEVER, Collection, Complete, Status, System, SystemKind
from tests.unit.connectors import openemr_rig

DOC = Path(__file__).parents[2] / "docs" / "connect-ehr.md"
EHR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
SECRETS = ("$2y$10$hash", "TOTPSECRET", "Patient Zero")
# Columns of OpenEMR that the connector must not need, beside those of the rig. From: sql/database.sql
EXTRA = {
    "users": {"mname": "", "password": "NoLogin", "authorized": 0, "date_created": "2026-01-05 08:00:00"},
    "users_secure": {"password": SECRETS[0], "password_history1": SECRETS[0]},
    "login_mfa_registrations": {"var1": SECRETS[1], "var2": ""},
    "gacl_acl": {"note": "a note", "section_value": "system"},
}


def block(language: str) -> str:
    """Return the first code block of the page in a language."""
    match = re.search(rf"```{language}\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert match
    return match[1]


def test_the_page_exports_exactly_what_the_connector_accepts_and_no_secret() -> None:
    exported = dict(re.findall(r"^csv (\w+) (\S+)", block("bash"), re.MULTILINE))
    assert set(exported) == set(FILES)
    for name, columns in exported.items():
        shape = FILES[name]
        assert set(shape.required) <= set(columns.split(",")) <= {*shape.required, *shape.optional}
    assert not re.search("|".join(SECRET_COLUMNS), block("bash").replace("users_secure", ""))
    assert "patient" not in block("sql")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator["MariaDb"]:
    server, install = shutil.which("mariadbd", path=_PATH), shutil.which("mariadb-install-db", path=_PATH)
    if not (server and install and shutil.which("mariadb", path=_PATH)):
        message = "install Debian's `mariadb-server`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    db = MariaDb(server, install, tmp_path_factory.mktemp("db"))
    try:
        db.start()
        yield db
    finally:
        db.stop()


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class MariaDb:
    """A MariaDB of its own data directory, reached by a socket only."""

    def __init__(self, server: str, install: str, folder: Path) -> None:
        self.server, self.install, self.folder = server, install, folder
        self.socket = folder / "s"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        base = Path(self.install).parents[1]
        common = ["--no-defaults", f"--basedir={base}", f"--datadir={self.folder / 'data'}", "--user=root"]
        command = [self.install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        extra = ["--skip-networking", f"--socket={self.socket}", "--innodb-buffer-pool-size=16M"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([self.server, *common, *extra], stdout=log, stderr=log)
        deadline = monotonic() + 60
        while not self.socket.exists():
            assert monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            sleep(0.1)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)

    def run(self, sql: str) -> None:
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root"]
        subprocess.run(command, input=sql.encode(), check=True, timeout=60, env={**os.environ, "PATH": _PATH})

    def script(self, home: Path, text: str) -> "subprocess.CompletedProcess[str]":
        (home / ".my.cnf").write_text(f"[client]\nsocket={self.socket}\nuser=access_audit\npassword=pw\n")
        env = {**os.environ, "HOME": str(home), "PATH": _PATH}
        return subprocess.run(
            ["bash", "-c", text], check=False, cwd=home, env=env, capture_output=True, text=True, timeout=60
        )


def seed() -> str:
    """Write the rig as SQL, with the columns that must stay where they are."""
    tables = openemr_rig.rig()
    tables["users"][4] |= {"fname": 'Ana "the\nSecond"', "lname": "Reyes, Lopez"}
    tables["users"][-1]["username"] = None
    last = tables.pop("last_login")[0]
    tables["log"] = [
        {"date": date, "event": event, "user": user, "success": success, "comments": SECRETS[2]}
        for date, event, user, success in (
            ("2026-01-30 08:00:00", "login", last["username"], 1),
            (last["last_login"], "login", last["username"], 1),
            ("2026-02-02 08:00:00", "login", "vcover", 0),
            ("2026-02-03 08:00:00", "view", "vcover", 1),
        )
    ]
    tables["patient_data"] = [{"fname": SECRETS[2]}]
    sql = ["CREATE DATABASE openemr CHARACTER SET utf8mb4; USE openemr;"]
    for name, rows in tables.items():
        records = [{**EXTRA.get(name, {}), **row} for row in rows]
        columns = ", ".join(f"`{c}` {'BIGINT' if isinstance(v, int) else 'TEXT'}" for c, v in records[0].items())
        sql.append(f"CREATE TABLE `{name}` ({columns});")
        sql += [f"INSERT INTO `{name}` VALUES ({', '.join(map(_literal, r.values()))});" for r in records]
    return "\n".join(sql)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def read(folder: Path) -> Collection:
    return collect(connect(EHR, Settings(folder=Path("openemr"), canary="admin"), folder))


def test_the_script_of_the_page_exports_the_whole_system_without_secrets_or_patients(
    database: MariaDb, tmp_path: Path
) -> None:
    database.run(seed() + block("sql").replace("'…'", "'pw'"))
    done = database.script(tmp_path, block("bash"))
    assert done.returncode == 0, done.stderr
    everything = "".join(path.read_text() for path in (tmp_path / "openemr").iterdir())
    assert not [secret for secret in SECRETS if secret in everything]
    exported = read(tmp_path)
    assert isinstance(exported.completeness, Complete), exported.completeness
    openemr_rig.write(openemr_rig.rig(), tmp_path / "direct" / "openemr")
    direct = read(tmp_path / "direct")
    assert exported.grants == direct.grants
    assert [(a.login, a.status, a.mfa) for a in exported.accounts] == [
        (a.login, a.status, a.mfa) for a in direct.accounts
    ]
    ana = next(a for a in exported.accounts if a.login == "vfront")
    assert (ana.name, ana.status) == ('Ana "the\nSecond" Reyes, Lopez', Status.ACTIVE)
    assert str(ana.last_login) == "2026-01-31 17:30:00+00:00"
    assert str(ana.created) == "2026-01-05 08:00:00+00:00"
    assert next(a for a in exported.accounts if a.login == "vcover").last_login is NEVER

    # The account of the page can read neither a hash nor a patient.
    for forbidden in ("SELECT password FROM users_secure", "SELECT * FROM patient_data", "UPDATE users SET active=1"):
        assert database.script(tmp_path, f'mariadb openemr --execute "{forbidden}"').returncode != 0

    # A right that was taken away leaves a missing file, never a short one.
    shutil.rmtree(tmp_path / "openemr")
    database.run("REVOKE SELECT ON openemr.gacl_aro_map FROM 'access_audit'@'localhost';")
    assert database.script(tmp_path, block("bash")).returncode != 0
    assert "there is no such file" in str(read(tmp_path).completeness)
