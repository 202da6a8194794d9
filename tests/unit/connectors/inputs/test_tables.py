import tracemalloc
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.errors import InputError
from connectors.inputs.dates import DateStyle, known_timezone
from connectors.inputs.tables import read_table, refuse_unknown, require

LIES = Path(__file__).parents[1] / "lies" / "tables"

TOLD = {
    "empty": "the file is empty",
    "only-spaces": "the file is empty",
    "not-utf8": "line 3: the file is not UTF-8: found `byte 0xe9`",
    "utf16": "line 1: the file is not UTF-8",
    "nul": "line 3: the line holds a NUL character",
    "duplicate-header": "line 1, `role`: columns 2 and 3 have the same name",
    "nameless-column": "line 1: column 2 has no name",
    "row-longer": "line 3: the row is longer than the header: found `3 values`; expected 2 values",
    "row-shorter": "line 3: the row is shorter than the header: found `1 values`; expected 2 values",
    "total-below": "line 4: the row is shorter than the header",
    "quote-never-closed": "line 3: a quote is never closed",
    "text-after-quote": "line 2: there is text after a closing quote",
    "old-mac-line-ends": "line 1: the line ends are neither LF nor CRLF",
    "old-workbook": "this is an old or a password-protected workbook",
    "no-workbook": "this is not an XLSX workbook that can be read",
    "value-beyond-a-nameless-column": "line 3: the row is longer than the header",
}


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def rows(path: Path, **how: object) -> list[tuple[int, dict[str, str]]]:
    return list(read_table(path, **how).rows)  # type: ignore[arg-type]


def workbook(path: Path, cells: dict[tuple[int, int], object], sheets: tuple[str, ...] = ("Users",)) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "remove_timezone": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in sheets:
            sheet = book.add_worksheet(name)
            for (row, column), value in cells.items():
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                else:
                    sheet.write(row, column, value)
    return path


def repack(path: Path, changes: dict[str, bytes]) -> Path:
    """Replace parts of a workbook, as somebody hostile would."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()} | changes
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            new.writestr(name, body)
    return path


@pytest.mark.parametrize("lie", sorted(TOLD))
def test_a_table_that_cannot_be_trusted_is_refused_with_its_place(lie: str) -> None:
    path = LIES / f"{lie}.csv"
    with pytest.raises(InputError) as told:
        rows(path)
    assert str(path) in told.value.message
    assert TOLD[lie] in told.value.message


def test_every_lie_is_told() -> None:
    assert sorted(p.stem for p in LIES.iterdir()) == sorted(TOLD)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="this is a folder"):
        read_table(tmp_path)


def test_rows_come_with_the_line_on_which_they_begin(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", '\ufefflogin, role \r\na,"b\nB"\r\n\r\n,\r\nc,"say ""x"""\r\n')
    table = read_table(path)
    assert table.header == ("login", "role")
    assert list(table.rows) == [(2, {"login": "a", "role": "b\nB"}), (6, {"login": "c", "role": 'say "x"'})]


def test_title_lines_above_the_header_are_skipped_when_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'User access report\n"printed, today"\nlogin;role\na;b\n')
    assert rows(path, delimiter=";", skip_rows=2) == [(4, {"login": "a", "role": "b"})]


def test_a_header_without_rows_is_a_table_and_its_reader_decides(tmp_path: Path) -> None:
    assert rows(write(tmp_path / "t.csv", "login,role\n")) == []


def test_cells_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    text = '=HYPERLINK("http://x")'
    csv = write(tmp_path / "t.csv", f'login,role\n"{text.replace(chr(34), chr(34) * 2)}",@SUM(A1)\n')
    assert rows(csv) == [(2, {"login": text, "role": "@SUM(A1)"})]
    xlsx = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (0, 1): "role", (1, 0): text, (1, 1): "+1"})
    assert rows(xlsx) == [(2, {"login": text, "role": "+1"})]


def test_a_missing_column_is_told_with_the_nearest_and_all_names(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "t.csv", "Logn,role\na,b\n"))
    with pytest.raises(InputError, match="`Login`: a column is missing") as told:
        require(table, ["role", "Login"])
    assert "did you mean `Logn`? the columns are: `Logn`, `role`" in told.value.hint


def test_a_file_with_another_separator_is_told_apart_from_a_missing_column(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        require(read_table(write(tmp_path / "t.csv", "login;role\na;b\n")), ["login"])
    assert "separated by something else" in told.value.hint


def test_only_columns_of_the_owner_may_be_unknown(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "t.csv", "login,x_note,rol\na,b,c\n"))
    with pytest.raises(InputError, match="`rol`: unknown column: expected `role`"):
        refuse_unknown(table, ["login", "role"])


@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted over many lines"])
@pytest.mark.timeout(60)
def test_a_field_of_50_mb_is_refused_at_once_and_in_little_memory(tmp_path: Path, quote: str) -> None:
    path = tmp_path / "big.csv"
    block = b"A" * 2**20 if not quote else (b"A" * 1023 + b"\n") * 1024
    with path.open("wb") as file:
        file.write(b"login,role\na," + quote.encode())
        for _ in range(50):
            file.write(block)
        file.write(quote.encode() + b"\n")
    tracemalloc.start()
    with pytest.raises(InputError, match=r"line \d+: (a value is too long|the row is too large)"):
        rows(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 * 2**20


def test_many_large_fields_do_not_add_up_to_a_row_of_any_size(tmp_path: Path) -> None:
    names, values = (",".join(parts) for parts in ([f"c{i}" for i in range(9)], ["A" * 900_000] * 9))
    with pytest.raises(InputError, match="line 2: the row is too large"):
        rows(write(tmp_path / "t.csv", f"{names}\n{values}\n"))


def test_more_columns_than_any_report_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too many columns: found `501`"):
        read_table(write(tmp_path / "t.csv", ",".join(f"c{i}" for i in range(501)) + "\n"))


def test_more_rows_than_any_practice_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.inputs.tables.MAX_ROWS", 3)
    path = write(tmp_path / "t.csv", "login\na\nb\nc\nd\n")
    with pytest.raises(InputError, match="line 5: too many rows"):
        rows(path)


def test_a_workbook_gives_the_same_text_as_a_csv(tmp_path: Path) -> None:
    cells = {
        (2, 1): "login", (2, 2): "id", (2, 3): "start", (2, 4): "on",
        (3, 1): "a", (3, 2): 12345, (3, 3): date(2026, 1, 2), (3, 4): True,
        (5, 1): "b", (5, 2): 1.5, (5, 3): datetime(2026, 1, 2, tzinfo=UTC), (5, 4): False,
    }  # fmt: skip
    assert rows(workbook(tmp_path / "t.xlsx", cells)) == [
        (4, {"login": "a", "id": "12345", "start": "2026-01-02", "on": "true"}),
        (6, {"login": "b", "id": "1.5", "start": "2026-01-02", "on": "false"}),
    ]


def test_a_workbook_with_several_sheets_wants_the_name_of_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"}, sheets=("Users", "Old"))
    with pytest.raises(InputError, match="the workbook has 2 sheets"):
        read_table(path)
    with pytest.raises(InputError, match="no such sheet: found `Gone`; expected one of `Users`, `Old`"):
        read_table(path, sheet="Gone")
    assert rows(path, sheet="Old") == [(2, {"login": "a"})]


@pytest.mark.timeout(60)
def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(bytes(2**20))
    assert path.stat().st_size < 4 * 2**20
    with pytest.raises(InputError, match="unpacks to too many bytes"):
        read_table(path)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"})
    data = bytearray(path.read_bytes())
    entry = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="not an XLSX workbook"):
        read_table(path)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD9"><v>1</v></c></row>', "too many columns"),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "too many rows"),
        ('<row r="1"><c r="SF1"><v>1</v></c></row><row r="900000"><c><v>1</v></c></row>', "too many cells"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "not an XLSX workbook"),
        ("<a>" * 200 + "</a>" * 200, "not an XLSX workbook"),
    ],
    ids=["far column", "far row", "rectangle", "string that is not there", "deep"],
)
def test_a_small_workbook_that_asks_for_much_memory_is_refused(tmp_path: Path, sheet: str, told: str) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"})
    body = f"<worksheet><sheetData>{sheet}</sheetData></worksheet>".encode()
    with pytest.raises(InputError, match=told):
        read_table(repack(path, {"xl/worksheets/sheet1.xml": body}))


def test_a_long_text_that_many_cells_share_is_counted_as_often_as_it_is_shown(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"})
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 3000))
    changes = {
        "xl/sharedStrings.xml": b"<sst><si><t>" + b"A" * 100_000 + b"</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode(),
    }
    with pytest.raises(InputError, match="the cells hold too much text"):
        read_table(repack(path, changes))


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"})
    body = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst><si><t>&a;</t></si></sst>'
    with pytest.raises(InputError, match="not an XLSX workbook"):
        read_table(repack(path, {"xl/sharedStrings.xml": body}))


def test_cells_hidden_outside_of_xml_parts_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "login", (1, 0): "a"})
    with pytest.raises(InputError, match="not an XLSX workbook"):
        read_table(repack(path, {"xl/evil.dat": b"x" * 65530 + b"<sheetData>"}))


@given(st.one_of(st.binary(max_size=200), st.text(alphabet='a,;"\n\r\0\ufeffé ', max_size=60).map(str.encode)))
@example(b"PK\x03\x04")
def test_any_bytes_are_either_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    with suppress(InputError):
        for _, row in read_table(path).rows:
            assert any(value.strip() for value in row.values())


@pytest.mark.parametrize(
    ("style", "text", "instant"),
    [
        (DateStyle(), "2026-01-02", "2026-01-02T00:00:00+00:00"),
        (DateStyle(), "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        (DateStyle(), "2026-01-02 03:04:05.123 +0200".replace(" +", "+"), "2026-01-02T01:04:05+00:00"),
        (DateStyle(timezone="America/Chicago"), "2026-01-02 03:04", "2026-01-02T09:04:00+00:00"),
        (DateStyle(timezone="America/Chicago"), "2026-07-02 03:04", "2026-07-02T08:04:00+00:00"),
        (DateStyle("MM/DD/YYYY"), "3/4/2026 12:05 AM", "2026-03-04T00:05:00+00:00"),
        (DateStyle("MM/DD/YYYY"), "03/04/2026, 1:05:09 PM", "2026-03-04T13:05:09+00:00"),
        (DateStyle("DD/MM/YYYY"), "03/04/2026", "2026-04-03T00:00:00+00:00"),
        (DateStyle("DD.MM.YYYY"), "3.4.2026 08:00", "2026-04-03T08:00:00+00:00"),
        (DateStyle("DD.MM.YYYY"), "2026-04-03", "2026-04-03T00:00:00+00:00"),
    ],
)
def test_instants_are_read_in_the_order_and_the_zone_that_were_configured(
    style: DateStyle, text: str, instant: str
) -> None:
    assert style.instant(text).isoformat() == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "03/04/2026",
        "2026-1-2",
        "20260102",
        "2026-W01-1",
        "2026-02-30",
        "9999-12-31",
        "٢٠٢٦-01-02",
        "2026-01-02T25:00",
    ],
)
def test_a_date_that_needs_a_guess_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        DateStyle().instant(text)


def test_a_day_has_no_time_except_midnight() -> None:
    assert DateStyle().day("2026-01-02T00:00:00") == date(2026, 1, 2)
    with pytest.raises(ValueError):
        DateStyle().day("2026-01-02 09:00")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        known_timezone(name)


@pytest.mark.parametrize("name", ["EST", "mst", "HST", "PST", "CT"])
def test_an_abbreviation_that_knows_no_summer_time_is_refused_with_the_zones_of_the_united_states(name: str) -> None:
    with pytest.raises(ValueError, match=r"`America/New_York` \(Eastern\).*`America/Phoenix` \(Arizona\)"):
        known_timezone(name)
    assert known_timezone("US/Eastern") == "US/Eastern"


def test_an_escape_sequence_in_a_header_reaches_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("Log\x1b[2Jin,\x9b31mRole\nana,Chart\n")
    for column in ("Login", "\x1b]0;title\x07"):
        with pytest.raises(InputError) as error:
            require(read_table(path), [column])
        assert not any(not (c.isprintable() or c == "\n") for c in error.value.diagnostics())
        assert "Log\\x1b[2Jin" in error.value.hint
    error.value.hint = "later \x1b[0m"
    assert error.value.diagnostics().isprintable() is False
    assert "\x1b" not in error.value.diagnostics()
