"""`auditor connect --map`: the written mapping reads the customer's own export as a person would."""

import json
import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from auditor.cli.connect_map import run_connect_map
from auditor.cli.formats import Format
from auditor.mapping.look import look
from connectors.collect import collect
from connectors.errors import AuditorError, InputError
from connectors.facts import NEVER, Collection, Complete, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look
from connectors.generic.table.infer.propose import DROPPED, Sure
from policies.catalogs.catalog import Catalogs, Unclassified
from policies.vocabulary import Vocabulary
from tests.counting import counted

EHR = System("ehr", SystemKind.EHR, "my-ehr", "My EHR", holds_phi=True)
EXPORTS = Path(__file__).parents[2] / "connectors" / "exports"


def write(folder: Path, report: str | bytes, name: str = "users.csv") -> Path:
    path = folder / name
    path.write_bytes(report if isinstance(report, bytes) else report.encode())
    return path


def mapped(folder: Path, report: str | bytes, name: str = "users.csv", product: str | None = None) -> Collection:
    """Map an export, and read it by the mapping as it was written, without an edit."""
    path = write(folder, report, name)
    code = run_connect_map(path, folder / "m.yaml", product, Format.JSON)
    collection = read(folder, name)
    asked = look(path, product).proposal.asked
    assert (code == 0) is (isinstance(collection.completeness, Complete) and not asked), collection.completeness
    return collection


def read(folder: Path, name: str = "users.csv") -> Collection:
    settings = Settings.model_validate({"file": name, "mapping": "m.yaml"})
    return collect(connect_to_look(EHR, settings, folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def held(collection: Collection) -> dict[str, set[str]]:
    logins = {account.id: account.login for account in collection.accounts}
    found: dict[str, set[str]] = {login: set() for login in logins.values()}
    for grant in collection.grants:
        found[logins[grant.account]].add(grant.entitlement)
    return found


def meanings(path: Path, product: str | None = None) -> dict[str, str]:
    return {guess.column: guess.meaning for guess in look(path, product).proposal.columns}


# Reports as products write them

WIDE = """\
Sunrise Family Practice;;;;;;
User access report, 11/02/2026;;;;;;
;;;;;;
User ID;Full Name;E-Mail;Account Status;Last Login;Roles;Two-Factor Enabled
areyes;Reyes, Ana;ana@sunrise.example;Active;10/30/2026 4:05 PM;Scheduler|Front Desk;Yes
bcruz;Cruz, Ben;ben@sunrise.example;Disabled;Never;Biller;No
kim;Kim, Grace;kim@sunrise.example;Active;11/01/2026 9:00 AM;Provider|Front Desk;Yes
Total users: 3;;;;;;
Printed on 11/02/2026;;;;;;
"""


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


# What must not be kept

PHI = """\
Login,Role,Last Patient Viewed,DOB,Patient SSN
ana,Chart,Maria Secret,1970-01-02,123-45-6789
ben,Chart,Tom Hidden,1980-03-04,
"""


def test_columns_that_look_like_patient_data_are_dropped_and_told(tmp_path, capsys):
    path = write(tmp_path, PHI)
    assert run_connect_map(path, tmp_path / "m.yaml", None, Format.TEXT) == 0
    told = capsys.readouterr().out
    assert "looks like patient data, is not kept, and should not be in the export: `Last Patient Viewed`, `DOB`" in told
    for text in (told, (tmp_path / "m.yaml").read_text(), repr(read(tmp_path))):
        assert not any(secret in text for secret in ("Maria Secret", "1970-01-02", "123-45-6789", "Tom Hidden"))


def test_numbers_that_look_like_social_security_numbers_are_dropped_whatever_their_heading(tmp_path):
    path = write(tmp_path, "Login,Role,Reference\nana,Chart,123-45-6789\nben,Chart,987-65-4321\n")
    assert meanings(path)["Reference"] == DROPPED


def test_a_list_of_patients_is_refused_and_nothing_of_it_is_shown(tmp_path, capsys):
    path = write(tmp_path, "Patient Name,MRN,DOB\nMaria Secret,12345,01/02/1970\nTom Hidden,12346,03/04/1980\n")
    with pytest.raises(InputError, match="this looks like a list of patients") as told:
        run_connect_map(path, None, None, Format.TEXT)
    assert "Secret" not in told.value.diagnostics() + capsys.readouterr().out
    assert not list(tmp_path.glob("*.yaml"))


def test_patients_with_a_column_that_could_be_a_login_are_refused_as_well(tmp_path):
    head = "Patient ID,Last Name,First Name,DOB,SSN,Phone,Insurance,MRN\n"
    path = write(
        tmp_path,
        head + "1,A,B,01/02/1980,111-22-3333,555-1212,Aetna,9\n2,C,D,01/02/1981,111-22-3334,555-1213,Aetna,8\n",
    )
    with pytest.raises(InputError, match="this looks like a list of patients"):
        run_connect_map(path, None, None, Format.TEXT)


def test_beside_a_name_to_sign_in_with_a_number_is_the_id_and_the_names_stay(tmp_path):
    head = "User ID,Last Name,First Name,User Name,Security Class\n"
    path = write(tmp_path, head + "101,Reyes,Ana,areyes,Front Desk\n102,Cruz,Ben,bcruz,Billing\n")
    found = meanings(path)
    assert (found["User Name"], found["User ID"]) == ("login", "id")
    assert (found["First Name"], found["Last Name"]) == ("first_name", "last_name")
    alone = write(tmp_path, "User ID,User Name,Role\n101,Ana Reyes,Front Desk\n102,Ben Cruz,Billing\n")
    assert (meanings(alone)["User ID"], meanings(alone)["User Name"]) == ("login", "name")


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


# What was not understood


def test_a_report_without_login_is_only_a_draft_and_says_what_is_missing(tmp_path, capsys):
    path = write(tmp_path, "Colour,Shape,Role\nred,round,A\nred,square,B\nblue,round,A\n")
    assert run_connect_map(path, None, None, Format.TEXT) == 2
    assert "not found: columns.login" in capsys.readouterr().out
    assert "# MISSING: columns.login" in (tmp_path / "users.mapping.yaml").read_text()


def test_a_report_without_roles_is_only_a_draft(tmp_path, capsys):
    path = write(tmp_path, "Login,Name,City\nana,Ana R,Austin\nben,Ben C,Dallas\n")
    assert run_connect_map(path, None, None, Format.JSON) == 2
    (question,) = json.loads(capsys.readouterr().out)["questions"]
    assert "no column says what an account holds" in question["text"]
    collection = whole(read_by(tmp_path, "users.mapping.yaml"))
    assert {g.entitlement for g in collection.grants} == {"table:rights-not-read"}, "not read, and never none"
    assert len(collection.grants) == 2


def test_a_report_that_contradicts_its_own_total_is_told_and_refused(tmp_path, capsys):
    path = write(tmp_path, WIDE.replace("Total users: 3", "Total users: 9"))
    assert run_connect_map(path, None, None, Format.TEXT) == 2
    told = capsys.readouterr().out
    assert "the report says `Total users` 9, but 3 accounts in 3 rows were found" in told
    assert "says that it lists 9 accounts but holds 3" in told


def test_a_line_that_nobody_understands_is_told_with_its_number_and_never_dropped(tmp_path, capsys):
    path = write(tmp_path, WIDE.replace("kim;", "zoe\nkim;"))
    assert run_connect_map(path, None, None, Format.TEXT) == 2
    told = capsys.readouterr().out
    assert "these lines are no rows: 7" in told
    assert "line 7: the row is shorter than the header" in told


def test_the_last_account_is_not_taken_for_a_footer(tmp_path):
    report = "Login,Name,Role\nana,Ana R,Chart\nben,Ben C,Chart\nzoe,,\n"
    assert [a.login for a in whole(mapped(tmp_path, report)).accounts] == ["ana", "ben", "zoe"]


# Files


def test_nothing_is_overwritten_and_running_it_again_changes_nothing(tmp_path):
    path = write(tmp_path, WIDE)
    assert run_connect_map(path, None, None, Format.JSON) == 0
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert set(before) == {"users.csv", "users.mapping.yaml", "users.catalog.yaml"}
    assert run_connect_map(path, None, None, Format.JSON) == 0
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    catalog = tmp_path / "users.catalog.yaml"
    catalog.write_text(catalog.read_text().replace("gives: []", "gives: [claim.submit]"))
    with pytest.raises(AuditorError, match=r"users\.catalog\.yaml` is there already"):
        run_connect_map(path, None, None, Format.JSON)
    with pytest.raises(AuditorError, match="is the export itself"):
        run_connect_map(path, path, None, Format.JSON)
    with pytest.raises(AuditorError, match="cannot be written"):
        run_connect_map(path, tmp_path / "none" / "m.yaml", None, Format.JSON)


def test_the_catalog_is_ready_to_fill_and_leaves_everything_unclassified_until_then(tmp_path):
    path = write(tmp_path, WIDE)
    run_connect_map(path, None, "some-ehr", Format.JSON)
    catalog = tmp_path / "users.catalog.yaml"
    data = yaml.safe_load(catalog.read_text())
    assert data["product"] == "some-ehr"
    assert list(data["entitlements"]) == ["Front Desk", "Provider", "Scheduler", "Biller"], "most held first"
    system = System("any", SystemKind.EHR, "some-ehr", "x", holds_phi=True)
    catalogs = Catalogs.load(Vocabulary.load(), [catalog])
    held_ones = list(read_by(tmp_path, "users.mapping.yaml").entitlements.values())
    assert all(isinstance(reading, Unclassified) for reading in catalogs.read(system, held_ones).values())


def read_by(folder: Path, mapping: str) -> Collection:
    settings = Settings.model_validate({"file": "users.csv", "mapping": mapping})
    return whole(collect(connect_to_look(EHR, settings, folder)))


def test_the_result_for_a_machine_holds_counts_and_no_people(tmp_path, capsys):
    run_connect_map(write(tmp_path, WIDE), None, None, Format.JSON)
    data = json.loads(capsys.readouterr().out)
    assert (data["accounts"], data["statuses"], data["reads_whole"]) == (3, {"active": 2, "disabled": 1}, True)
    assert data["unclassified"][0] == {"name": "Front Desk", "kind": "role", "live_holders": 2}
    assert "when an account was made" in data["not_said"]
    assert not any(person in json.dumps(data) for person in ("areyes", "Reyes", "ana@"))


def test_a_person_sees_the_first_accounts_as_they_were_understood(tmp_path, capsys):
    run_connect_map(write(tmp_path, WIDE), None, None, Format.TEXT)
    told = capsys.readouterr().out
    assert "read to its end: 3 accounts (2 active, 1 disabled)" in told
    assert "areyes  Reyes, Ana  active    2026-10-30 16:05  yes         Front Desk, Scheduler" in told
    assert "it does not say: when an account was made" in told
    assert "mapping: " in told
    assert "product: my-ehr" in told


@pytest.mark.parametrize("name", ["Athena", "a b", "../x", ""])
def test_a_product_is_a_word(tmp_path, name):
    with pytest.raises(AuditorError, match="is no name of a product"):
        look(write(tmp_path, WIDE), name)


def test_sure_is_only_what_heading_and_values_both_say(tmp_path):
    path = write(tmp_path, "Kürzel,Rolle,Role\nana,x y,Chart\nben,x y,Billing\n")
    (login,) = (guess for guess in look(path, None).proposal.columns if guess.meaning == "login")
    assert login.column == "Kürzel"
    assert login.sure is Sure.GUESS


# Hostile files


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"%PDF-1.7 ...", "this is a PDF"),
        (b"  <html><table><tr><td>Login", "this is a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old or a password-protected workbook"),
        (b"PK\x03\x04 broken", "not an XLSX workbook"),
        (b"Login,Role\nana,Ch\x00art\n", "NUL"),
        (b"Login,Role,Role\nana,Chart,x\n", "two columns have the same name"),
        (b"Login,,Role\nana,x,Chart\n", "column 2 has no name"),
        (b"Login,Role\n", "there is no row below the header"),
        (b"Login,Role\nana," + b"x" * 2_000_000 + b"\n", "a value is too long"),
        (b'Login,Role\nana,"' + b"x\n" * 3_000_000, "too"),
        (b"a," * 1_000_000 + b"a\n1\n", "too"),
        (b"\xff\xfeL", "UTF-16"),
        (b"just some words\nand no table at all\n", "no line looks like a heading"),
        (b"Login,Role\nana,\x81\x8d\n", "not windows-1252"),
    ],
    ids=range(16),
)
def test_a_file_that_holds_no_table_is_refused_with_what_to_do(tmp_path, report, told):
    path = write(tmp_path, report)
    with pytest.raises(InputError) as error:
        run_connect_map(path, None, None, Format.TEXT)
    assert told in error.value.message
    assert str(path) in error.value.message
    assert not list(tmp_path.glob("*.yaml"))


@pytest.mark.parametrize("name", ["none.csv", ""])
def test_a_missing_file_and_a_folder_are_refused(tmp_path, name):
    with pytest.raises(InputError):
        run_connect_map(tmp_path / name, None, None, Format.TEXT)


def test_hostile_headings_and_values_stay_inside_the_comments_and_the_quotes_of_the_mapping(tmp_path, capsys):
    evil = (
        '"Login\nevil: !!python/object","Role\x1b[2J: {x","Status #"\nana,"- a: b\n!!x",Active\nben,"*a &b",Inactive\n'
    )
    path = write(tmp_path, evil)
    run_connect_map(path, tmp_path / "m.yaml", None, Format.TEXT)
    told = capsys.readouterr().out
    assert "\x1b" not in told
    data = yaml.safe_load((tmp_path / "m.yaml").read_text())
    assert "evil" not in data
    assert data["columns"]["login"] == "Login\nevil: !!python/object"


def test_a_workbook_with_formulas_and_a_far_cell_is_bounded(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "users.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Login", "Role"])
        sheet.write_row(1, 0, ["ana", "=cmd|' /C calc'!A0"])
        sheet.write_formula(2, 0, '=HYPERLINK("http://x","ben")', None, "ben")
        sheet.write(2, 1, "Chart")
    assert run_connect_map(tmp_path / "users.xlsx", tmp_path / "m.yaml", None, Format.JSON) == 0
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        book.add_worksheet().write(0, 16_000, "x")
    with pytest.raises(InputError, match="too many columns"):
        run_connect_map(tmp_path / "far.xlsx", None, None, Format.JSON)


def test_the_work_of_looking_at_rows_grows_with_them_and_no_faster(tmp_path):
    def work(count: int) -> int:
        rows = "".join(f"u{i},Person {i},Active,role {i % 40}\n" for i in range(count))
        looked, steps = counted(lambda: look(write(tmp_path, "Login,Name,Status,Role\n" + rows), None))
        assert looked.whole
        return steps

    few, many = work(500), work(4_000)
    assert many < 10 * few
