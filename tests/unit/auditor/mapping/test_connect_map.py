"""`auditor connect --map`: the written mapping reads the customer's own report, whatever its shape."""

import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from auditor.cli.connect_map import run_connect_map
from auditor.cli.formats import Format
from auditor.mapping.look import look
from connectors.facts import NEVER, Status
from tests.unit.auditor.mapping.mapped_reports import EXPORTS, WIDE, held, mapped, meanings, read, whole, write


def test_a_report_with_titles_totals_and_footers_is_understood_and_read(tmp_path):
    collection = whole(mapped(tmp_path, WIDE))
    ana, ben, kim = collection.accounts
    assert (ana.login, ana.name, ana.email) == ("areyes", "Reyes, Ana", "ana@sunrise.example")
    assert (ana.status, ben.status) == (Status.ACTIVE, Status.DISABLED)
    assert ana.last_login is not None
    assert str(ana.last_login) == "2026-10-30 16:05:00+00:00"
    assert ben.last_login is NEVER
    assert (ana.mfa, ben.mfa) == (True, False)
    assert held(collection)["areyes"] == {"Scheduler", "Front Desk"}
    assert "3 stated by the source, 3 read" in repr(collection.completeness)
    assert kim.live


def test_what_must_show_that_nobody_is_missing_is_asked_for_unless_the_report_states_its_total(tmp_path, capsys):
    mapped(tmp_path, WIDE)
    assert "canary:" not in capsys.readouterr().out
    path = tmp_path / "plain.csv"
    path.write_text("User,Name,Roles\nana,Ana Reyes,Nurse\nben,Ben Cruz,Front Desk\n")
    assert run_connect_map(path, tmp_path / "plain.yaml", None, Format.TEXT) == 0
    told = capsys.readouterr().out
    assert "one of these two must stand here" in told
    assert "\n        canary: …" in told
    assert "\n        expect_accounts: …" in told


def test_next_month_s_report_that_was_cut_is_refused_by_the_mapping_of_this_month(tmp_path):
    whole(mapped(tmp_path, WIDE))
    write(tmp_path, WIDE.replace("Total users: 3;;;;;;\n", ""))
    assert not read(tmp_path).complete
    write(
        tmp_path,
        WIDE.replace("kim;Kim, Grace;kim@sunrise.example;Active;11/01/2026 9:00 AM;Provider|Front Desk;Yes\n", ""),
    )
    assert not read(tmp_path).complete


HEADINGS = [
    ("Login", "Name", "Status", "Last Login", "Role"),
    ("USERNAME", "DISPLAY NAME", "STATE", "LAST SIGN-ON", "SECURITY CLASS"),
    ("User Name", "Employee Name", "Active", "Last Activity", "Permissions"),
    ("userid", "fullName", "isActive", "lastAccess", "userRole"),
]


STATUSES = [("Active", "Inactive"), ("A", "I"), ("Enabled", "Disabled"), ("Yes", "No")]


DATES = ["%Y-%m-%d %H:%M", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%b %d, %Y", "%m/%d/%y %I:%M %p"]


WRITERS = ["comma", "semicolon", "tab", "utf-16", "windows-1252", "xlsx", "fixed", "fixed, no ruler"]


PEOPLE = ["Peña, Ana", "Cruz, Ben", "Kim, Grace", "O'Neil, Tom", "Díaz, Eva", "Lee, Li", "Roy, Max", "Abe, Zoe"]


ROLES = ["Front Desk", "Billing", "Provider", "System Admin"]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("number", range(6))
def test_whatever_the_headings_dates_and_format_the_truth_comes_back(tmp_path, writer, number):
    """The same eight people, written in forty-eight ways."""
    dice = random.Random(f"{writer} {number}")
    heading, (live, closed), dates = dice.choice(HEADINGS), dice.choice(STATUSES), DATES[number]
    if "Active" in heading[2] and live not in ("Yes", "Active"):
        live, closed = "Yes", "No"
    truth, rows = {}, [heading]
    for place, name in enumerate(PEOPLE):
        login = f"u{name.split(',')[0].lower().encode('ascii', 'ignore').decode()}{place}"
        off, seen = dice.random() < 0.4, datetime(2026, dice.randint(1, 9), dice.randint(13, 28), 15, 30)  # noqa: DTZ001
        role = dice.choice(ROLES)
        rows.append((login, name, closed if off else live, "" if place == 0 else seen.strftime(dates), role))
        truth[login] = (name, off, {role})
    if len({status for _, _, status, *_ in rows[1:]}) < 2:
        rows[1] = (*rows[1][:2], closed, *rows[1][3:])
        truth[rows[1][0]] = (PEOPLE[0], True, {rows[1][4]})
    name = write_as(tmp_path, writer, rows)
    path = tmp_path / name
    assert run_connect_map(path, tmp_path / "m.yaml", None, Format.JSON) == 0, (tmp_path / "m.yaml").read_text()
    collection = whole(read(tmp_path, name))
    assert {a.login: (a.name, not a.live, held(collection)[a.login]) for a in collection.accounts} == truth
    first = next(a for a in collection.accounts if a.name == PEOPLE[0])
    assert first.last_login is None
    assert all(a.last_login is not None and a.last_login.day >= 13 for a in collection.accounts if a is not first)


def write_as(folder: Path, writer: str, rows: Sequence[tuple[str, ...]]) -> str:
    if writer == "xlsx":
        with xlsxwriter.Workbook(folder / "users.xlsx") as book:
            book.add_worksheet("Notes").write(0, 0, "Run by the administrator")
            sheet = book.add_worksheet("User list")
            sheet.write(0, 0, "User access report")
            for number, row in enumerate(rows, 2):
                sheet.write_row(number, 0, row)
        return "users.xlsx"
    if writer.startswith("fixed"):
        widths = [max(len(row[place]) for row in rows) + 2 for place in range(len(rows[0]))]
        lines = ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        if writer == "fixed":
            lines.insert(1, "".join("-" * (width - 2) + "  " for width in widths))
        (folder / "users.txt").write_text("User access report\n\n" + "\n".join(lines) + "\n")
        return "users.txt"
    separator = {"comma": ",", "semicolon": ";", "tab": "\t"}.get(writer, ",")
    codec = {"utf-16": "utf-16", "windows-1252": "cp1252"}.get(writer, "utf-8-sig")
    text = "\r\n".join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows)
    (folder / "users.csv").write_bytes(f"{text}\r\n".encode(codec))
    return "users.csv"


def test_one_row_for_each_role_is_recognised(tmp_path):
    report = "Login,Name,Security Class\nana,Ana R,Chart\nana,Ana R,Billing\nben,Ben C,Chart\n"
    assert held(whole(mapped(tmp_path, report))) == {"ana": {"Chart", "Billing"}, "ben": {"Chart"}}


def test_an_account_on_the_first_of_its_rows_is_recognised(tmp_path):
    report = "Login,Name,Template\nana,Ana R,Chart\n,,Billing\nben,Ben C,Chart\n,,Audit\n"
    assert held(whole(mapped(tmp_path, report))) == {"ana": {"Chart", "Billing"}, "ben": {"Chart", "Audit"}}


def test_a_list_of_permissions_with_ticks_is_recognised(tmp_path):
    report = "User,Phone,Access eRx,Export Patients,Sign notes\nana,555-0100,Y,N,Y\nben,555-0101,N,N,\n"
    collection = whole(mapped(tmp_path, report))
    assert held(collection) == {"ana": {"Access eRx", "Sign notes"}, "ben": set()}
    assert "555-0100" not in repr(collection)


def test_a_permission_whose_name_speaks_of_patients_is_a_permission_and_not_patient_data(tmp_path):
    path = write(tmp_path, "User,Access eRx,Export Patients,Sign notes\nana,Y,N,Y\nben,N,N,\n")
    assert meanings(path)["Export Patients"] == "permission"


def test_levels_of_access_are_recognised_and_no_access_is_nothing(tmp_path):
    report = "User,Scheduling,Charting,Billing\nana,Edit,View,None\nben,None,Full,View\n"
    assert held(whole(mapped(tmp_path, report))) == {
        "ana": {"Scheduling: Edit", "Charting: View"},
        "ben": {"Charting: Full", "Billing: View"},
    }


def test_roles_down_the_side_and_logins_across_the_top_are_recognised(tmp_path):
    collection = whole(mapped(tmp_path, (EXPORTS / "athenahealth" / "north.csv").read_bytes()))
    assert held(collection) == {"areyes": {"Scheduling", "Front Desk"}, "bcruz": {"Front Desk"}, "kim": {"Provider"}}


def test_lines_between_the_rows_that_give_the_status_are_recognised(tmp_path):
    report = "Login,Name,Role\nActive users (1),,\nana,Ana R,Chart\nInactive users (1),,\nben,Ben C,Chart\n"
    assert [a.status for a in whole(mapped(tmp_path, report)).accounts] == [Status.ACTIVE, Status.DISABLED]


@pytest.mark.parametrize(
    ("heading", "yes"),
    [("Active", Status.ACTIVE), ("Inactive", Status.DISABLED), ("Locked", Status.LOCKED), ("Enabled", Status.ACTIVE)],
)
def test_yes_in_a_status_column_means_what_its_heading_asks(tmp_path, heading, yes):
    report = f"Login,Name,{heading},Role\nana,Ana R,Yes,Chart\nben,Ben C,No,Chart\n"
    ana, ben = whole(mapped(tmp_path, report)).accounts
    assert ana.status is yes
    assert ben.status is (Status.DISABLED if yes is Status.ACTIVE else Status.ACTIVE)


def test_a_status_that_nobody_can_read_counts_as_live_and_is_told(tmp_path):
    report = "Login,Status,Role\nana,Active,Chart\nben,Zeta,Chart\ncat,Inactive,Chart\n"
    _, ben, cat = whole(mapped(tmp_path, report)).accounts
    assert (ben.status, ben.live, cat.live) == (Status.UNKNOWN, True, False)
    (question,) = look(tmp_path / "users.csv", None).proposal.asked
    assert "does an account still work where `Status` says `Zeta`" in question.text


def test_a_date_that_could_be_read_in_two_ways_is_told(tmp_path):
    path = write(tmp_path, "Login,Last Login,Role\nana,03/04/2026,Chart\nben,05/06/2026,Chart\n")
    found = look(path, None)
    assert any("dates fit MM/DD/YYYY and DD/MM/YYYY" in doubt for doubt in found.proposal.doubts)
    path = write(tmp_path, "Login,Last Login,Role\nana,25/04/2026,Chart\nben,05/06/2026,Chart\n")
    assert look(path, None).proposal.mapping["date_format"] == "DD/MM/YYYY"


def test_a_date_that_a_database_writes_for_none_is_not_a_sign_in(tmp_path):
    report = "Login,Last Login,Role\nana,01/01/1900,Chart\nben,05/26/2026,Chart\ncat,N/A,Chart\n"
    ana, _, cat = whole(mapped(tmp_path, report)).accounts
    assert (ana.last_login, cat.last_login) == (None, None)


def test_a_database_s_own_count_below_the_rows_is_evidence(tmp_path):
    report = (
        "login        role\n------------ ----------\nana          Chart\nben          Billing\n\n(2 rows affected)\n"
    )
    collection = whole(mapped(tmp_path, report, "users.txt"))
    assert "2 stated by the source, 2 read" in repr(collection.completeness)
    write(tmp_path, report.replace("ben          Billing\n", ""), "users.txt")
    assert not read(tmp_path, "users.txt").complete


# Presets


def test_the_preset_of_a_product_knows_more_than_the_report_says(tmp_path):
    head = "User Name,Login Name,Last Login,Status,Access permission(s)\n"
    report = f"{head}Ana R,ana,,Inactive,Chart\nBen C,ben,,Disabled,Chart\n"
    plain = whole(mapped(tmp_path, report)).accounts
    assert any("--product pointclickcare" in d for d in look(tmp_path / "users.csv", None).proposal.doubts)
    (tmp_path / "m.yaml").unlink()
    (tmp_path / "m.catalog.yaml").unlink()
    known = whole(mapped(tmp_path, report, product="pointclickcare")).accounts
    assert (plain[0].live, known[0].live) == (False, True), "there, Inactive only says that nobody signed in lately"
    assert known[1].live is False


def test_a_preset_that_does_not_fit_is_told_and_the_report_is_read_all_the_same(tmp_path):
    path = write(tmp_path, "Login,Role\nana,Chart\nben,Billing\n")
    found = look(path, "tebra")
    assert any("the preset `tebra` expects `Email`, `Name`, `User Roles`" in doubt for doubt in found.proposal.doubts)
    assert found.whole
    assert found.product == "tebra"


@pytest.mark.parametrize("name", ["athenahealth/north.csv", "athenahealth/south.csv", "tebra/unlocked.csv"])
def test_the_example_export_of_a_preset_is_read_whole_with_it(tmp_path, name):
    assert whole(mapped(tmp_path, (EXPORTS / name).read_bytes(), product=name.split("/")[0])).accounts


def test_the_last_account_is_not_taken_for_a_footer(tmp_path):
    report = "Login,Name,Role\nana,Ana R,Chart\nben,Ben C,Chart\nzoe,,\n"
    assert [a.login for a in whole(mapped(tmp_path, report)).accounts] == ["ana", "ben", "zoe"]
