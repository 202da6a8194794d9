"""The statements of docs/connect-openemr.md, run as they stand against a MariaDB that holds secrets and patients."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from connectors.collect import collect
from connectors.ehr.openemr import connector as openemr
from connectors.ehr.openemr.export import Settings, connect, setup
from connectors.ehr.openemr.grants import READ
from connectors.ehr.openemr.tables import FILES, is_secret
from connectors.facts import NEVER, Account, Collection, Complete, Status
from tests.servers.mariadb_openemr import (
    LOGINS,
    PASSWORD,
    SECRETS,
    SYSTEM,
    USER,
    OpenEmrDatabase,
    mariadb_openemr,
    population,
    population_sql,
)

DOC = Path(__file__).parents[2] / "docs" / "connect-openemr.md"


def block(language: str) -> str:
    """Return the first code block of the page in a language."""
    match = re.search(rf"```{language}\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert match
    return match[1]


def test_the_page_exports_exactly_what_the_connector_accepts_and_no_secret() -> None:
    exported = {k: v.replace("?", "") for k, v in re.findall(r"^csv (\w+) (\S+)", block("bash"), re.MULTILINE)}
    assert set(exported) == set(FILES)
    for name, columns in exported.items():
        shape = FILES[name]
        assert set(shape.required) <= set(columns.split(",")) <= {*shape.required, *shape.optional}
        assert not [column for column in columns.split(",") if is_secret(column)]
    assert "patient" not in block("sql")


def test_the_page_shows_the_statements_that_the_product_prints_for_the_settings_on_it() -> None:
    settings = openemr.Settings.model_validate(yaml.safe_load(block("yaml"))["settings"])
    assert block("sql") == openemr.setup(SYSTEM, settings)


def test_the_product_prints_the_account_and_the_script_that_are_on_the_page() -> None:
    told = setup(SYSTEM, Settings(folder=Path("exports/openemr")))
    live = openemr.Settings.model_validate({"socket": "/run/mysqld/mysqld.sock"})
    assert told.startswith(openemr.setup(SYSTEM, live))
    assert told.endswith(block("bash"))


def test_no_secret_and_no_patient_is_among_what_is_read() -> None:
    assert not [f"{table}.{column}" for table, columns in READ.items() for column in columns if is_secret(column)]
    assert not {"patient_data", "globals", "api_token"} & set(READ)
    assert "comments" not in READ["log"]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEmrDatabase]:
    tables = population()
    tables["users"][4] |= {"fname": 'Ana "the\nSecond"', "lname": "Reyes, Lopez"}
    with mariadb_openemr(tmp_path_factory.mktemp("db"), sql=population_sql(tables)) as db:
        db.admin(f"DROP USER '{USER}'@'localhost'")
        db.admin(block("sql").replace("'…'", f"'{PASSWORD}'"))
        yield db


def script(database: OpenEmrDatabase, home: Path, text: str) -> "subprocess.CompletedProcess[str]":
    options = f'[client]\nsocket={database.socket}\nuser={USER}\npassword="{PASSWORD}"\ndefault-character-set=utf8mb4\n'
    (home / ".my.cnf").write_text(options, encoding="utf-8")
    env = {**os.environ, "HOME": str(home)}
    return subprocess.run(
        ["bash", "-c", text], check=False, cwd=home, env=env, capture_output=True, text=True, timeout=60
    )


def read(folder: Path) -> Collection:
    return collect(connect(SYSTEM, Settings(folder=Path("openemr"), canary="admin"), folder))


def account(collection: Collection, login: str) -> Account:
    return next(a for a in collection.accounts if a.login == login)


def test_live_and_export_of_one_database_say_the_same_and_neither_holds_a_secret_or_a_patient(
    database: OpenEmrDatabase, tmp_path: Path
) -> None:
    done = script(database, tmp_path, block("bash"))
    assert done.returncode == 0, done.stderr
    everything = "".join(path.read_text() for path in (tmp_path / "openemr").iterdir())
    assert not [secret for secret in SECRETS if secret in everything]
    exported = read(tmp_path)
    settings = openemr.Settings.model_validate(database.settings(host=None, port=None, socket=database.socket))
    live = collect(openemr.connect(SYSTEM, settings, tmp_path))
    assert isinstance(exported.completeness, Complete), exported.completeness
    assert isinstance(live.completeness, Complete), live.completeness
    assert live.accounts == exported.accounts
    assert live.entitlements == exported.entitlements
    assert live.grants == exported.grants
    assert not [secret for secret in SECRETS if secret in repr(live)]

    assert {a.login for a in live.accounts} == LOGINS
    ana = account(live, "vfront")
    assert (ana.name, ana.status, ana.mfa) == ('Ana "the\nSecond" Reyes, Lopez', Status.ACTIVE, True)
    assert str(ana.last_login) == "2026-01-31 17:30:00+00:00"
    assert str(ana.created) == "2026-01-05 08:00:00+00:00"
    assert account(live, "vcover").last_login is NEVER

    # The account of the page can read neither a hash nor a patient.
    for forbidden in ("SELECT password FROM users_secure", "SELECT * FROM patient_data", "UPDATE users SET active=1"):
        assert script(database, tmp_path, f'mariadb openemr --execute "{forbidden}"').returncode != 0


OLDER = """
    ALTER TABLE users DROP COLUMN date_created, DROP COLUMN google_signin_email, ENGINE=MyISAM;
    ALTER TABLE users_secure DROP COLUMN login_fail_counter, DROP COLUMN last_update_password, ENGINE=MyISAM;
    DROP TABLE login_mfa_registrations;
"""
"""What OpenEMR 5.0 does not have: upgrade scripts of later versions add it."""


def test_an_older_version_is_exported_without_what_it_does_not_have(tmp_path: Path) -> None:
    statements = [s for s in block("sql").splitlines() if "login_mfa" not in s]
    left_out = {n + 1 for n, line in enumerate(statements) if line.startswith("-- OpenEMR before")}
    account_of_old = "\n".join(line for n, line in enumerate(statements) if n not in left_out)
    with mariadb_openemr(tmp_path / "db", sql=population_sql(population())) as db:
        db.admin(f"DROP USER '{USER}'@'localhost'")
        db.admin(OLDER)
        db.admin(account_of_old.replace("'…'", f"'{PASSWORD}'"))
        done = script(db, tmp_path, block("bash"))
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "openemr" / "login_mfa_registrations.csv").exists()
    exported = collect(
        connect(SYSTEM, Settings(folder=Path("openemr"), canary="admin", password_expiration_days=30), tmp_path)
    )
    assert isinstance(exported.completeness, Complete), exported.completeness
    assert {a.login for a in exported.accounts} == LOGINS
    ana = account(exported, "vfront")
    assert (ana.status, ana.mfa, ana.created) == (Status.ACTIVE, None, None)


def test_a_right_that_was_taken_away_leaves_a_missing_file_and_never_a_short_one(
    database: OpenEmrDatabase, tmp_path: Path
) -> None:
    database.admin(f"REVOKE SELECT (acl_id, section_value, value) ON openemr.gacl_aro_map FROM '{USER}'@'localhost'")
    try:
        assert script(database, tmp_path, block("bash")).returncode != 0
        assert "there is no such file" in str(read(tmp_path).completeness)
    finally:
        shutil.rmtree(tmp_path / "openemr")
        database.admin(f"GRANT SELECT (acl_id, section_value, value) ON openemr.gacl_aro_map TO '{USER}'@'localhost'")
