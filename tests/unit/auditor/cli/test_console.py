"""Whatever comes from outside is shown, and drives no terminal: by each way of printing, and in JSON."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from auditor.cli.console import (
    complain,
    folded,
    indented,
    joined,
    print_lines,
    print_text,
    styled,
    write_stderr,
)
from auditor.cli.formats import Format
from auditor.cli.output import emit, write_json

CLI = Path(__file__).parents[4] / "auditor" / "cli"
HOSTILE = {
    "escape": "\x1b[2J",
    "C1 control": "\x9b2J",
    "carriage return": "\rclean",
    "backspace": "\b\b",
    "override": "\u202egpj.exe",
    "isolate": "\u2066x\u2069",
    "invisible operator": "ad\u2064min",
    "deprecated control": "a\u206ab",
    "vowel separator": "a\u180eb",
    "zero width": "ad\u200bmin",
    "tag": "\U000e0041",
    "half a letter": "\ud83d",
    "line separator": "a\u2028b",
}
PRINTERS = {
    "print_text": lambda text: print_text([text]),
    "print_lines": print_lines,
    "print_lines, styled": lambda text: print_lines(styled(text, "bold")),
    "print_lines, in parts": lambda text: print_lines(joined("x ", (text, "red"))),
    "folded": lambda text: print_lines(*folded(text)),
    "indented": lambda text: print_lines(*indented(text, "- ", "  ", margin=4)),
    "complain": complain,
    "write_stderr": write_stderr,
    "JSON": lambda text: write_json({"name": text}),
    "JSON on one line": lambda text: write_json([{text: text}], compact=True),
}


@pytest.mark.parametrize("printer", PRINTERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_arrives_harmless_and_is_still_there(capsys, printer, kind):
    PRINTERS[printer](HOSTILE[kind])
    told = capsys.readouterr()
    shown = told.out + told.err
    bad = {c for c in HOSTILE[kind] if not c.isprintable()}
    assert bad
    assert not bad & set(shown)
    for letter in bad:
        assert f"U+{ord(letter):04X}" in shown or json.dumps(letter)[1:-1] in shown


def test_nobody_makes_a_styled_text_beside_the_console():
    """That of the chart holds nothing from outside."""
    made = re.compile(r"(?<!visible_)\bText(\.assemble)?\(")
    assert {p.name for p in CLI.rglob("*.py") if made.search(p.read_text(encoding="utf-8"))} == {
        "console.py",
        "lag_chart.py",
    }


@pytest.mark.parametrize("text", ["José", "María → Ñandú", "नर्मदा", "علی\u200cرضا", "👩\u200d⚕️", "a\u00a0b"])
def test_names_of_people_are_shown_as_they_are(capsys, text):
    print_text([text])
    print_lines(text)
    assert capsys.readouterr().out == f"{text}\n{text}\n"


def test_a_name_forges_no_second_line_of_what_is_printed_by_line(capsys):
    print_text(["arn:aws:iam::1:user/a\nREADY", "b\tc"])
    assert capsys.readouterr().out == "arn:aws:iam::1:user/a⟦U+000A⟧READY\nb⟦U+0009⟧c\n"


def test_json_names_its_schema_first_and_only_what_is_asked_for_is_made(capsys):
    emit(Format.JSON, text=pytest.fail, data=lambda: {"a": ("b",)})
    assert capsys.readouterr().out == '{\n  "schema_version": 1,\n  "a": [\n    "b"\n  ]\n}\n'
    emit(Format.JSON, text=pytest.fail, data=lambda: [{"a": 1}, {"a": 2}], compact=True)
    assert json.loads(capsys.readouterr().out) == [{"schema_version": 1, "a": 1}, {"schema_version": 1, "a": 2}]
    emit(Format.TEXT, text=lambda: print_text(["x"]), data=pytest.fail)
    assert capsys.readouterr().out == "x\n"


def test_a_format_that_nobody_tells_apart_prints_nothing(capsys):
    class More(StrEnum):
        CSV = "csv"

    with pytest.raises(AssertionError):
        emit(More.CSV, text=lambda: print_text(["text"]), data=dict)  # type: ignore[arg-type]
    assert not capsys.readouterr().out


def test_a_number_that_json_does_not_know_is_no_result(capsys):
    with pytest.raises(ValueError, match="Out of range"):
        write_json({"a": float("nan")})
    assert not capsys.readouterr().out
