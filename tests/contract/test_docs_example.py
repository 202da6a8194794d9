"""docs/add-a-connector.md shows the code that runs here, and says of each fault what the suite demands."""

import re
from pathlib import Path

from connectors.testing import END, Expected, Fault
from policies.catalogs.file import load_catalog
from policies.vocabulary import Vocabulary

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "add-a-connector.md").read_text()
CODE = "".join((HERE / name).read_text() for name in ("clinic.py", "clinic_harness.py"))


def test_every_piece_of_code_on_the_page_is_code_that_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 7
    for block in blocks[:-1]:
        assert block in CODE, block


def test_the_catalog_on_the_page_is_one(tmp_path):
    catalog = tmp_path / "clinic.yaml"
    catalog.write_text(re.findall(r"```yaml\n(product:.*?)```", PAGE, re.DOTALL)[0])
    assert load_catalog(catalog, Vocabulary.load()).product == "clinic"


def test_the_test_on_the_page_is_ten_lines_at_most():
    block = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[-1]
    assert "harness = ClinicHarness()" in block
    assert len(block.splitlines()) <= 10


def test_every_fault_is_on_the_page_with_its_end():
    words = {Expected.TRUTH: "the truth", Expected.CAUSE: "`Partial`", Expected.EITHER: "the truth, or `Partial`"}
    rows = [line.split("|")[1:3] for line in PAGE.partition("| fault |")[2].splitlines() if line.startswith("| `")]
    ends = {name: end.strip() for names, end in rows for name in re.findall(r"`([a-z-]+)`", names)}
    assert set(ends) >= set(Fault)
    for fault in Fault:
        assert ends[fault].startswith(words[END[fault].may]), fault
