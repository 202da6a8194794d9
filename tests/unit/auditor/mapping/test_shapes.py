"""Lists that practices can download: each is read right, or asked about, or refused with the remedy; never wrong."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from auditor.cli.connect_map import run_connect_map
from auditor.cli.formats import Format
from auditor.mapping.look import Look, look
from connectors.errors import InputError
from connectors.facts import Account, Never
from connectors.generic.table.contrary import contraries
from connectors.generic.table.infer.opaque import is_opaque
from connectors.generic.table.mapping import Mapping

SHAPES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "shapes.yaml").read_text(encoding="utf-8"))
UNREAD = "-not-read"


def build(folder: Path, shape: dict[str, Any]) -> Path:
    path = folder / shape.get("file", "users.csv")
    if "sheets" in shape:
        with xlsxwriter.Workbook(path) as book:
            for name, rows in shape["sheets"].items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path
    path.write_bytes(shape["text"].encode(shape.get("encoding", "utf-8")))
    return path


@dataclass
class Said:
    """What the command made of a file."""

    code: int
    text: str
    data: dict[str, Any]
    found: Look


def mapped(folder: Path, shape: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Said:
    path = build(folder, shape)
    code = run_connect_map(path, folder / "m.yaml", None, Format.TEXT)
    text = capsys.readouterr().out
    assert run_connect_map(path, folder / "m.yaml", None, Format.JSON) == code, "a second run changes nothing"
    return Said(code, text, json.loads(capsys.readouterr().out), look(path, None))


def held(found: Look, account: Account) -> set[str]:
    assert found.collection is not None
    return {g.entitlement for g in found.collection.grants if g.account == account.id}


def moment(value: Any) -> str | None:
    if isinstance(value, Never):
        return "never"
    return None if value is None else f"{value:%Y-%m-%d %H:%M}"


def check(found: Look, account: Account, truth: dict[str, Any]) -> None:
    rights = held(found, account)
    for key, value in truth.items():
        if key == "holds" and value == "unread":
            assert any(id_.endswith(UNREAD) for id_ in rights), f"{account.login} must not count as holding nothing"
        elif key == "holds":
            assert {id_ for id_ in rights if not id_.endswith(UNREAD)} == set(value), account.login
        elif key == "holds_some":
            assert rights >= set(value), account.login
        elif key == "last":
            assert moment(account.last_login) == value, account.login
        elif key == "created":
            assert account.created is not None
            assert account.created.date() == value
        elif key == "status":
            assert account.status.value == value, account.login
        else:
            assert getattr(account, key) == value, (account.login, key)


REFUSED = [shape for shape in SHAPES if "refused" in shape]
READ = [shape for shape in SHAPES if "refused" not in shape]


@pytest.mark.parametrize("shape", REFUSED, ids=[shape["name"] for shape in REFUSED])
def test_a_file_that_is_no_list_of_accounts_is_refused_with_what_to_export_instead(tmp_path, shape):
    path = build(tmp_path, shape)
    with pytest.raises(InputError) as error:
        run_connect_map(path, tmp_path / "m.yaml", None, Format.TEXT)
    for word in shape["refused"]:
        assert word in error.value.diagnostics()
    assert error.value.hint
    assert not list(tmp_path.glob("*.yaml"))


@pytest.mark.parametrize("shape", READ, ids=[shape["name"] for shape in READ])
def test_a_list_that_a_practice_can_download_is_read_right_or_asked_about(tmp_path, capsys, shape):
    said = mapped(tmp_path, shape, capsys)
    check_what_is_said(tmp_path, said, shape)
    accounts = {account.login: account for account in said.found.accounts}
    assert said.found.whole or said.code == 2, said.text
    if said.found.whole:
        assert set(accounts) >= set(shape.get("accounts", ())), said.text
    for login, truth in shape.get("accounts", {}).items():
        if login in accounts:
            check(said.found, accounts[login], truth)
    for login, names in shape.get("never_holds", {}).items():
        assert login not in accounts or not held(said.found, accounts[login]) & set(names)


def check_what_is_said(folder: Path, said: Said, shape: dict[str, Any]) -> None:
    exits = shape.get("exit", 0)
    assert said.code in (exits if isinstance(exits, list) else [exits]), said.text
    assert bool(said.data["questions"]) is (said.code == 2) or not said.found.whole, said.text
    assert {column["verdict"] for column in said.data["columns"]} <= {"understood", "question", "harmless"}
    if "kind" in shape:
        assert (said.data["kind"], f"kind: {shape['kind']}\n" in said.text) == (shape["kind"], True)
    if "asks" in shape:
        asked = [question["column"] for question in said.data["questions"]]
        assert asked == [name.removeprefix("(sheet ").removesuffix(")") for name in shape["asks"]], said.text
    for word in shape.get("told", ()):
        assert word in said.text
    written = said.text + json.dumps(said.data) + "".join(path.read_text() for path in folder.glob("*.yaml"))
    for word in shape.get("never", ()):
        assert word not in written
    if "as_of" in shape:
        assert said.found.collection is not None
        wanted, as_of = shape["as_of"], said.found.collection.as_of
        assert (f"{as_of:%Y-%m-%d %H:%M}" if isinstance(wanted, str) else as_of.date()) == wanted
        assert "by the date that the report prints" in said.text


def test_a_hidden_sheet_and_one_beyond_those_that_are_looked_at_are_asked_about(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "users.xlsx") as book:
        for number in range(12):
            sheet = book.add_worksheet(f"S{number}")
            if number in (0, 1):
                sheet.write_row(0, 0, ["Login", "Role"])
                sheet.write_row(1, 0, [f"user{number}", "Chart"])
            if number == 1:
                sheet.hide()
    asked = {question.column for question in look(tmp_path / "users.xlsx", None).proposal.asked}
    assert asked == {"S1", "S11"}


@pytest.mark.parametrize("shape", READ, ids=[shape["name"] for shape in READ])
def test_no_mapping_that_is_proposed_says_the_opposite_of_the_words_of_its_file(tmp_path, shape):
    mapping = {k: v for k, v in look(build(tmp_path, shape), None).proposal.mapping.items() if k != "missing"}
    assert not list(contraries(Mapping.model_validate(mapping)))


CODES = "Login," + ",".join(f"X{n}" for n in range(9)) + "\nana,Y,N,Y,N,Y,N,Y,N,Y\nben,N,Y,N,Y,N,Y,N,Y,N\n"


def test_a_matrix_of_codes_is_read_as_rights_once_somebody_has_said_that_they_are(tmp_path):
    found = look(build(tmp_path, {"text": CODES}), None)
    assert not found.settled
    mapping = Mapping.model_validate(found.proposal.mapping)
    (question,) = mapping.open_questions()
    assert found.proposal.asked[0].answers[0] == f'confirmed: ["{question.claim}"]'
    answered = mapping.model_copy(update={"confirmed": (question.claim.upper(),)})
    assert not answered.open_questions()
    assert mapping.model_copy(update={"confirmed": ("something else",)}).open_questions()


@pytest.mark.parametrize(
    ("heading", "opaque"),
    [
        ("BLX flag", True),
        ("CTRL7", True),
        ("Remote", True),
        ("Zone 5_YN", True),
        ("Opt-3 indicator", True),
        ("Remote access", False),
        ("CanSignNotes", False),
        ("Billing", False),
        ("eRx", False),
        ("Write-off", False),
        ("is_doctor", False),
        ("Export Patients", False),
    ],
)
def test_a_heading_is_explained_by_a_word_of_the_work(heading, opaque):
    assert is_opaque(heading) is opaque
