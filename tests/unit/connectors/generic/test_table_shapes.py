"""Reports of every shape: matrices, permissions as columns, grouped rows, several files, titles and totals."""

import os
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from pydantic import ValidationError

from connectors.collect import collect
from connectors.connector import Probes
from connectors.errors import InputError, SourceTruncated
from connectors.facts import NEVER, Collection, Complete, Grant, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect, connect_to_look, setup

EHR = System("ehr", SystemKind.EHR, "some-ehr", "Some EHR", holds_phi=True)
LOGIN: dict[str, Any] = {"file": "r.csv", "columns": {"login": "Login"}}
ROLE = [{"column": "Role", "kind": "role"}]


def read(folder: Path, report: str | bytes, **settings: Any) -> Collection:
    (folder / "r.csv").write_bytes(report if isinstance(report, bytes) else report.encode())
    return collect(connect_to_look(EHR, Settings.model_validate(settings), folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


# Permissions as columns

FLAGS = "Login,Phone,Access eRx,Sign notes\nana,555-0100,Y,N\nben,555-0101,N,\n"
OTHERS = {**LOGIN, "ignore": ["Phone"], "others": {"kind": "privilege", "granted": ["Y"], "not_granted": ["N", ""]}}


def test_every_further_column_is_a_permission_and_ignored_ones_are_not_kept(tmp_path):
    collection = whole(read(tmp_path, FLAGS, **OTHERS))
    assert set(collection.grants) == {Grant("ana", "Access eRx")}
    assert "555" not in repr(collection)


def test_a_permission_that_the_product_adds_later_is_read_without_changing_the_mapping(tmp_path):
    later = FLAGS.replace("notes\n", "notes,Delete charts\n").replace("Y,N\n", "Y,N,Y\n").replace("N,\n", "N,,N\n")
    assert Grant("ana", "Delete charts") in whole(read(tmp_path, later, **OTHERS)).grants


def test_a_new_column_that_says_neither_yes_nor_no_is_told_and_not_dropped(tmp_path):
    later = FLAGS.replace("notes\n", "notes,Remark\n").replace("Y,N\n", "Y,N,hello\n").replace("N,\n", "N,,\n")
    collection = whole(read(tmp_path, later, **OTHERS))
    assert Grant("ana", "table:asked-not-read") in collection.grants
    assert "`Remark` says `hello` in 1 row, which the mapping does not know" in repr(collection.completeness)


def test_a_column_that_is_ignored_must_be_there_so_that_a_change_of_names_is_noticed(tmp_path):
    assert "`Phone`: a column is missing" in refused(read(tmp_path, FLAGS.replace("Phone", "Telephone"), **OTHERS))


# Roles by logins

MATRIX = {"file": "r.csv", "matrix": {"kind": "role", "granted": ["X"], "not_granted": [""]}}


def test_a_login_that_holds_nothing_in_the_matrix_is_an_account_all_the_same(tmp_path):
    collection = whole(read(tmp_path, ",ana,ben\nBilling,X,\n", **MATRIX))
    assert [a.login for a in collection.accounts] == ["ana", "ben"]


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (",ana,ana\nBilling,X,\n", "columns 2 and 3 have the same name"),
        (",ana,\nBilling,X,X\n", "the row is longer than the header"),
        ("Role\nBilling\n", "no column is an account"),
        (",ana\nBilling,X\nBilling,\n", "this stands on line 2 already: found `Billing`"),
        (",ana\n,X\n", "the value is empty"),
        (",ana,ben\nBilling,,\n", "no account holds anything"),
        (f",{'u123456,' * 1_000_000}\n", "the row is too large"),
    ],
    ids=range(7),
)
def test_a_matrix_that_cannot_be_trusted_says_nothing_about_anybody(tmp_path, report, told):
    assert told in refused(read(tmp_path, report, **MATRIX))


# An account on the first of its rows

GROUPED = "Login,Name,Role\nana,Ana,Billing\n,,Chart\nben,Ben,Billing\n,,Audit\n"
GROUPS = {"file": "r.csv", "columns": {"login": "Login", "name": "Name"}, "entitlements": ROLE, "rows": "grouped"}


def test_further_rows_without_login_belong_to_the_account_above(tmp_path):
    collection = whole(read(tmp_path, GROUPED, **GROUPS))
    assert set(collection.grants) == {
        Grant("ana", "Billing"), Grant("ana", "Chart"), Grant("ben", "Billing"), Grant("ben", "Audit")
    }  # fmt: skip


def test_merged_cells_of_a_workbook_are_rows_of_one_account(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Login", "Name", "Role"])
        sheet.merge_range(1, 0, 2, 0, "ana")
        sheet.merge_range(1, 1, 2, 1, "Ana")
        sheet.write_column(1, 2, ["Billing", "Chart"])
    settings = Settings.model_validate({**GROUPS, "file": "r.xlsx"})
    assert len(whole(collect(connect_to_look(EHR, settings, tmp_path))).grants) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",,Chart", ",Anna,Chart", "a row without `Login` says something of an account"),
        ("ana,Ana,Billing", ",,Billing", "line 2, `Login`: the value is empty"),
        (",,Audit", "ana,Other,Audit", "lines 2 and 5 say different things of one account"),
    ],
)
def test_grouped_rows_that_could_be_anybodys_are_refused(tmp_path, old, new, told):
    assert told in refused(read(tmp_path, GROUPED.replace(old, new), **GROUPS))


# Lines that are no rows

TITLED = """\
Sunrise Family Practice,,
User access,,
Login,State,Role
ana,On,Billing
ben,Off,Chart
Total users: 2,,
Printed 11/02/2026,,
"""
ENDED: dict[str, Any] = {
    **LOGIN,
    "skip_rows": 2,
    "columns": {"login": "Login", "status": "State"},
    "status_values": {"On": "active", "Off": "disabled"},
    "entitlements": ROLE,
    "total": {"label": "Total users"},
    "footer": ["Printed"],
}


def test_the_total_below_a_table_is_evidence_and_no_account(tmp_path):
    collection = whole(read(tmp_path, TITLED, **ENDED))
    assert [a.login for a in collection.accounts] == ["ana", "ben"]
    assert "2 stated by the source, 2 read" in repr(collection.completeness)


def test_a_total_in_a_cell_of_its_own_is_found(tmp_path):
    assert len(whole(read(tmp_path, TITLED.replace("users: 2,,", "users:,2,"), **ENDED)).accounts) == 2


def test_an_account_that_is_called_like_the_total_is_a_row(tmp_path):
    report = TITLED.replace("ben,Off,Chart", "Total users 7,Off,Chart")
    assert len(whole(read(tmp_path, report, **ENDED)).accounts) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Total users: 2,,\n", "", "does not end with its line `Total users`"),
        ("users: 2", "users: 3", "says that it lists 3 accounts but holds 2"),
        ("Printed 11/02/2026,,\n", "Printed 11/02/2026,,\nzoe,On,Admin\n", "a row stands below line 7"),
        ("ben,Off,Chart", "Printed,,\nben,Off,Chart", "a row stands below line 5"),
        ("ben,Off,Chart", "Total users: 2,,", "the total stands twice"),
    ],
)
def test_what_stands_below_a_table_never_hides_an_account(tmp_path, old, new, told):
    assert told in refused(read(tmp_path, TITLED.replace(old, new, 1), **ENDED))


SECTIONS: dict[str, Any] = {
    **LOGIN, "entitlements": ROLE, "sections": {"Active users": "active", "Inactive users": "disabled"}
}  # fmt: skip


def test_a_line_between_the_rows_says_the_status_of_those_below_it(tmp_path):
    report = "Login,Role\nActive users (1),\nana,Billing\nInactive users (1),\nben,Chart\n"
    assert [a.status for a in whole(read(tmp_path, report, **SECTIONS)).accounts] == [Status.ACTIVE, Status.DISABLED]
    twice = report + "Inactive users,\n"
    assert "`Inactive users` stands twice" in refused(read(tmp_path, twice, **SECTIONS))


# Several files


def test_two_files_that_contradict_each_other_about_an_account_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("Login,Name,Role\nana,Ana,Billing\n")
    (tmp_path / "b.csv").write_text("Login,Name,Role\nana,Anna,Chart\n")
    settings = Settings.model_validate(
        {"files": [{"file": "a.csv"}, {"file": "b.csv"}], "columns": {"login": "Login", "name": "Name"},
         "entitlements": ROLE}
    )  # fmt: skip
    told = refused(collect(connect_to_look(EHR, settings, tmp_path)))
    assert "b.csv, line 2, `Login`: this account is described otherwise in a.csv, line 2" in told


def test_the_oldest_of_several_files_says_how_old_the_facts_are(tmp_path):
    for name, when in (("a.csv", 1_760_000_000), ("b.csv", 1_750_000_000)):
        (tmp_path / name).write_text("Login,Role\nana,Billing\n")
        os.utime(tmp_path / name, (when, when))
    settings = Settings.model_validate(
        {"files": [{"file": "a.csv"}, {"file": "b.csv"}], "columns": {"login": "Login"}, "entitlements": ROLE}
    )
    assert collect(connect_to_look(EHR, settings, tmp_path)).as_of.timestamp() == 1_750_000_000


# Words


def test_words_that_say_nothing_are_neither_never_nor_no(tmp_path):
    columns = {"login": "Login", "last_login": "Seen", "mfa": "MFA"}
    report = "Login,Seen,MFA,Role\nana,N/A,N/A,Billing\nben,Never,no,Chart\n"
    ana, ben = whole(
        read(tmp_path, report, **{**LOGIN, "columns": columns}, entitlements=ROLE, unknown_values=["n/a"])
    ).accounts
    assert (ana.last_login, ana.mfa) == (None, None)
    assert (ben.last_login, ben.mfa) == (NEVER, False)


@pytest.mark.parametrize(
    ("text", "format_"),
    [("1/2/26 5:04 PM", "MM/DD/YY"), ("02-Jan-2026 17:04", "DD-MMM-YYYY"), ("Jan 2, 2026 5:04 PM", "MMM DD, YYYY")],
)
def test_dates_as_american_reports_print_them_are_understood(tmp_path, text, format_):
    columns = {"login": "Login", "last_login": "Seen"}
    how: dict[str, Any] = {**LOGIN, "columns": columns, "entitlements": ROLE, "date_format": format_}
    (ana,) = whole(read(tmp_path, f'Login,Seen,Role\nana,"{text}",Billing\n', **how)).accounts
    assert ana.last_login is not None
    assert str(ana.last_login) == "2026-01-02 17:04:00+00:00"
    assert "this is no date" in refused(read(tmp_path, "Login,Seen,Role\nana,99-Abc-2026,Billing\n", **how))


@pytest.mark.parametrize(("encoding", "codec"), [("windows-1252", "cp1252"), ("utf-16", "utf-16")])
def test_files_of_older_windows_programs_are_read_when_the_mapping_says_so(tmp_path, encoding, codec):
    report = "Login\tName\tRole\r\nana\tAna Peña\tBilling\r\n".encode(codec)
    columns = {"login": "Login", "name": "Name"}
    how: dict[str, Any] = {"file": "r.csv", "delimiter": "\t", "columns": columns, "entitlements": ROLE}
    (ana,) = whole(read(tmp_path, report, **how, encoding=encoding)).accounts
    assert ana.name == "Ana Peña"
    assert "the file is not UTF-8" in refused(read(tmp_path, report, **how))


@pytest.mark.parametrize(
    ("report", "encoding", "told"),
    [
        (b"\xef\xbb\xbfLogin,Role\na,b\n", "windows-1252", "the file is UTF-8: set `encoding: utf-8`"),
        (b"Login,Role\na,\x81\n", "windows-1252", "line 2: the file is not windows-1252: found `byte 0x81`"),
        (b"Login,Role\na,b\n", "utf-16", "does not begin with the mark of UTF-16"),
        ("Login,Role\na,b\n".encode("utf-16")[:-1], "utf-16", "the file is not UTF-16"),
        ("Login,Role\na\0,b\n".encode("utf-16"), "utf-16", "NUL"),
    ],
)
def test_a_wrong_encoding_is_told_and_never_guessed(tmp_path, report, encoding, told):
    assert told in refused(read(tmp_path, report, **LOGIN, entitlements=ROLE, encoding=encoding))


# Mapping files

MAPPING = """\
columns: {login: Login, status: State}
status_values: {On: active, Off: disabled}
entitlements: [{column: Role, kind: role}]
"""


def test_a_mapping_file_stands_for_the_settings_and_single_words_go_over_it(tmp_path):
    (tmp_path / "map.yaml").write_text(MAPPING)
    how: dict[str, Any] = {"file": "r.csv", "mapping": "map.yaml"}
    assert len(whole(read(tmp_path, "Login,State,Role\nana,On,Billing\n", **how)).accounts) == 1
    report = "Login,Status,Role\nana,Paused,Billing\n"
    how |= {"columns": {"status": "Status"}, "status_values": {"Paused": "locked"}}
    assert whole(read(tmp_path, report, **how)).accounts[0].status is Status.LOCKED


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("columns: {login: Login}\n", "map.yaml, line 1: something is missing or said twice: expected `entitlements`"),
        ("colums: {login: Login}\n", "line 1, `colums`: unknown key"),
        (MAPPING + "status_value: {}\n", "line 4, `status_value`: unknown key"),
        (MAPPING.replace("role}", "rolle}"), "line 3, `entitlements[0].kind`: wrong value: found `rolle`"),
        (MAPPING.replace("Off: disabled", "Off: gone"), "line 2, `status_values.Off`: wrong value: found `gone`"),
        ("[1, 2]\n", "wrong value"),
    ],
)
def test_a_mapping_file_that_cannot_be_used_is_refused_with_line_and_key(tmp_path, mapping, told):
    (tmp_path / "map.yaml").write_text(mapping)
    with pytest.raises(InputError) as error:
        connect(EHR, Settings.model_validate({"file": "r.csv", "mapping": "map.yaml"}), tmp_path)
    assert told in error.value.message


def test_settings_over_a_mapping_that_break_it_are_told(tmp_path):
    (tmp_path / "map.yaml").write_text(MAPPING)
    settings = Settings.model_validate({"file": "r.csv", "mapping": "map.yaml", "status_values": {"ON": "locked"}})
    with pytest.raises(InputError, match="with the settings over it, the mapping is not whole"):
        connect(EHR, settings, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"file": "r.csv"},
        {"columns": {"login": "Login"}, "entitlements": ROLE},
        {**LOGIN, "entitlements": ROLE, "files": [{"file": "x.csv"}]},
        {**LOGIN, "entitlements": ROLE, "mapping": "a.yaml", "preset": "tebra"},
        {**LOGIN, "entitlements": ROLE, "preset": "../tebra"},
        {**LOGIN, "entitlements": ROLE, "ignore": ["Phone"]},
        {**MATRIX, "columns": {"login": "Login"}},
        {**LOGIN, "columns": {"name": "Login"}, "entitlements": ROLE},
        {**LOGIN, "entitlements": ROLE, "contents": {"file": "x.csv"}},
        {**LOGIN, "entitlements": ROLE, "never_values": ["-"], "unknown_values": ["-"]},
    ],
    ids=range(10),
)
def test_settings_that_are_not_whole_or_say_two_things_are_refused(settings):
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)


def test_the_columns_can_be_checked_before_anything_is_read(tmp_path):
    (tmp_path / "r.csv").write_text("Login,Role\nana,Billing\n")
    connector = connect(EHR, Settings.model_validate({**LOGIN, "entitlements": ROLE}), tmp_path)
    assert isinstance(connector, Probes)
    step, proof = connector.steps()
    with pytest.raises(SourceTruncated, match=r"nothing shows that `r\.csv` lists everybody"):
        proof.run()
    assert "2 columns" in step.run()
    (tmp_path / "r.csv").write_text("Logon,Role\nana,Billing\n")
    with pytest.raises(InputError, match="`Login`: a column is missing"):
        step.run()


def test_every_setting_is_described_for_whoever_is_asked_for_it():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert not undescribed
    assert "auditor connect --map FILE" in setup(EHR, Settings.model_validate({**LOGIN, "entitlements": ROLE}))
