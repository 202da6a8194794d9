"""Exports of OpenEMR that prove to be whole, and those that are refused: cut, filtered, mistyped, or with secrets."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.ehr.openemr.export import Settings, connect
from tests.unit.connectors.ehr.openemr_exports import (
    EHR,
    FRONT,
    read,
    refused,
    whole,
)
from tests.unit.connectors.ehr.openemr_tables_made import harness, write


def test_the_export_is_as_old_as_its_oldest_file_and_proves_each_of_them(tmp_path: Path) -> None:
    folder = write(harness(), tmp_path / "openemr")
    for number, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_760_000_000 + number, 1_760_000_000 + number))
    connector = connect(EHR, Settings(folder=Path("openemr"), canary="admin"), tmp_path)
    assert connector.as_of() == datetime.fromtimestamp(1_760_000_000, UTC)
    collection = whole(collect(connector))
    assert collection.as_of == datetime.fromtimestamp(1_760_000_000, UTC)
    evidence = [e.name for e in collection.completeness.evidence]  # type: ignore[union-attr]
    assert evidence.count("sha256") == 12
    assert "canary" in evidence


@pytest.mark.parametrize("column", ["password", "password_history1", "var1", "var2", "Password"])
def test_a_file_with_a_secret_is_refused_and_the_secret_is_not_told(tmp_path: Path, column: str) -> None:
    tables = harness()
    for row in tables["users_secure"]:
        row[column] = "$2y$10$verysecret"
    told = refused(read(tmp_path, tables))
    assert f"`{column}`: the export holds a secret" in told
    assert "verysecret" not in told
    assert "delete this file, and export it again without password" in told


def test_more_columns_than_needed_are_refused_because_they_may_be_patient_data(tmp_path: Path) -> None:
    tables = harness()
    tables["users"][0]["ssn"] = "123"
    for row in tables["users"]:
        row.setdefault("ssn", "")
    assert "`ssn`: unknown column" in refused(read(tmp_path, tables))


def test_a_mistyped_file_is_not_passed_over(tmp_path: Path) -> None:
    tables = harness()
    tables["login_mfa_registration"] = tables.pop("login_mfa_registrations")
    assert "login_mfa_registration.csv: unknown file" in refused(read(tmp_path, tables))


@pytest.mark.parametrize(
    "name", ["users", "groups", "gacl_aro", "gacl_groups_aro_map", "gacl_acl", "gacl_aco_map", "gacl_aro_map"]
)
def test_an_export_without_one_of_its_files_is_refused(tmp_path: Path, name: str) -> None:
    tables = harness()
    del tables[name]
    assert f"{name}.csv: there is no such file" in refused(read(tmp_path, tables))


@pytest.mark.parametrize(
    ("name", "column", "value", "told"),
    [
        ("gacl_groups_aro_map", "group_id", 99, "this names a group that is not in the export: found `99`"),
        ("gacl_groups_aro_map", "aro_id", 99, "this names a user that is not in the export"),
        ("gacl_aro_groups_map", "acl_id", 99, "this names an access control list that is not in the export"),
        ("gacl_aro_groups_map", "group_id", 99, "this names a group"),
        ("gacl_aro_map", "acl_id", 99, "this names an access control list"),
        ("gacl_aro_map", "value", "ghost", "this names a user"),
        ("gacl_aco_map", "acl_id", 99, "this names an access control list"),
        ("gacl_aro", "value", "ghost", "this names a user"),
        ("groups", "user", "ghost", "this names a user"),
        ("users_secure", "id", 99, "this names a user"),
        ("login_mfa_registrations", "user_id", 99, "this names a user"),
        ("gacl_aro_groups", "parent_id", 99, "this names a group"),
        ("users", "id", "x", "this is no number: found `x`"),
        ("users", "active", "2", "this is neither 0 nor 1"),
        ("users", "username", "VFRONT", "duplicate account on lines 2 and 6"),
        ("last_login", "last_login", "yesterday", "this is no date: found `yesterday`"),
    ],
)
def test_an_export_that_does_not_fit_together_is_refused_with_file_and_line(
    tmp_path: Path, name: str, column: str, value: object, told: str
) -> None:
    tables = harness()
    tables[name][0][column] = value
    line = 6 if told.startswith("duplicate") else 2
    message = refused(read(tmp_path, tables))
    assert f"{name}.csv, line {line}, `{column}`: {told}" in message


def test_a_list_without_objects_was_cut_because_openemr_keeps_a_filler_in_it(tmp_path: Path) -> None:
    tables = harness()
    tables["gacl_aco_map"] = tables["gacl_aco_map"][:-1]
    assert "`gacl_aco_map` has no row for this list" in refused(read(tmp_path, tables))


def test_groups_that_are_inside_each_other_are_refused(tmp_path: Path) -> None:
    tables = harness()
    tables["gacl_aro_groups"][0]["parent_id"] = FRONT
    assert "the group is inside itself" in refused(read(tmp_path, tables))


def test_a_purged_log_is_not_read_as_nobody_ever_signed_in(tmp_path: Path) -> None:
    tables = harness()
    write(tables, tmp_path / "openemr")
    (tmp_path / "openemr" / "last_login.csv").write_text("username,last_login\n")
    told = refused(collect(connect(EHR, Settings(folder=Path("openemr")), tmp_path)))
    assert "last_login.csv: the file has a header only" in told
    assert "leave the file out" in told


def test_absent_values_written_by_mysql_are_absent(tmp_path: Path) -> None:
    tables = harness()
    tables["users"][-1]["username"] = "NULL"
    tables["users"].append({**tables["users"][-1], "id": 88, "username": r"\N"})
    collection = whole(read(tmp_path, tables))
    assert len(collection.accounts) == 11
