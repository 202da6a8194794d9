"""The formats of the report: shipped ones first, those of packages like them, and whose they are when they fail."""

import csv
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import AuditorError
from reports import formats, html, json_report, text
from tests.packages import install, installed
from tests.report_sample import sample
from tests.unit.reports.example_format import COLUMNS, render

PAGE = (Path(__file__).parents[3] / "docs" / "add-a-report.md").read_text(encoding="utf-8")
TERMINAL = formats.Terminal(80, colour=False)


def offer(folder, module: str, name: str = "findings-csv", package: str = "old-clinic") -> None:
    file = package.replace("-", "_")
    install(folder, package, {"auditor.formats": {name: f"{file}_format"}}, {f"{file}_format.py": module})
    sys.modules.pop(f"{file}_format", None)


def test_every_shipped_format_is_the_one_that_its_module_draws():
    report = sample()
    drawn = {name: formats.find(name).render(report, TERMINAL) for name in formats.Shipped}
    assert drawn == {
        "text": text.render(report, width=80, colour=False),
        "json": json_report.render(report),
        "html": html.render(report),
    }


def test_a_format_that_is_not_there_is_an_error_that_names_those_that_are():
    with pytest.raises(AuditorError, match="there is no format `cvs`") as told:
        formats.find("cvs")
    assert "text, json, html" in told.value.hint


def test_a_package_offers_a_format_in_text_or_bytes(tmp_path):
    offer(tmp_path, "def render(report):\n    return report.practice.encode() + b'\\xff'\n", "raw")
    with installed(tmp_path):
        assert formats.names() == ["text", "json", "html", "raw"]
        report = sample()
        assert formats.find("raw").render(report, TERMINAL) == report.practice.encode() + b"\xff"


def test_a_shipped_format_is_never_replaced(tmp_path):
    offer(tmp_path, "def render(report):\n    return 'forged'\n", "json")
    with installed(tmp_path):
        assert json.loads(formats.find("json").render(sample(), TERMINAL))["schema_version"]


@pytest.mark.parametrize(
    ("module", "complaint"),
    [
        ("import a_library_that_is_not_there", "ModuleNotFoundError for `a_library_that_is_not_there`"),
        ("draw = str", "a format is a module with a function"),
        ("def render(report):\n    return None", "`render` returned `NoneType`"),
        (
            "def render(report):\n    raise ValueError('t0ps3cret')",
            "`render` failed: ValueError in old_clinic_format.py",
        ),
    ],
)
def test_a_format_that_fails_is_told_with_its_package(tmp_path, module, complaint):
    offer(tmp_path, module)
    with installed(tmp_path), pytest.raises(AuditorError, match=re.escape(complaint)) as told:
        formats.find("findings-csv").render(sample(), TERMINAL)
    assert "old-clinic 1.0" in told.value.message
    assert "t0ps3cret" not in told.value.diagnostics()


def test_two_packages_with_one_format_are_both_named(tmp_path):
    offer(tmp_path, "render = str")
    offer(tmp_path, "render = repr", package="older-clinic")
    with installed(tmp_path), pytest.raises(AuditorError, match="offered by `old-clinic` and by `older-clinic`"):
        formats.find("findings-csv")


def test_the_format_on_the_page_has_a_row_for_each_finding_and_no_cell_that_runs():
    report = sample()
    first = replace(report.findings[0], title="=HYPERLINK(1)\x1b[2J")
    report = replace(report, findings=(first, *report.findings[1:]))
    head, *rows = csv.reader(io.StringIO(render(report)))
    assert tuple(head) == COLUMNS
    assert [row[0] for row in rows] == [finding.id for finding in report.findings]
    assert rows[0][2] == "'=HYPERLINK(1)⟦U+001B⟧[2J"


def test_every_piece_of_code_on_the_page_is_code_that_runs():
    here = Path(__file__).parent
    code = "".join((here / name).read_text(encoding="utf-8") for name in ("example_format.py", Path(__file__).name))
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert block in code, block
