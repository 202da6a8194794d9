"""`auditor connect --map`: what is dropped, refused, only a draft, or told because nobody can be sure of it."""

import json
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from auditor.cli.connect_map import run_connect_map
from auditor.cli.formats import Format
from auditor.mapping.look import look
from connectors.collect import collect
from connectors.errors import AuditorError, InputError
from connectors.facts import Collection, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look
from connectors.generic.table.infer.propose import DROPPED, Sure
from policies.catalogs.catalog import Catalogs, Unclassified
from policies.vocabulary import Vocabulary
from tests.counting import counted
from tests.unit.auditor.mapping.mapped_reports import EHR, WIDE, meanings, read, whole, write

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
