"""A read of a part of the directory is known to be one also when its audit is recalled."""

from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.cli import run
from auditor.config import load_config
from auditor.history.projection import load_baseline
from auditor.store import Store
from connectors.unproven import narrowed
from tests.audited_example import AUDITS, audited_twice


def test_what_an_audit_read_in_part_is_known_to_be_a_part_when_it_is_recalled(tmp_path: Path) -> None:
    path = audited_twice(tmp_path)
    export = path.parent / "directory.ldif"
    whole = export.read_text(encoding="utf-8")
    export.write_text(whole.replace("# base <DC=lakeside", "# base <OU=VMA,DC=lakeside"), encoding="utf-8")
    at = AUDITS[1][1].replace("T17", "T18")
    run(["audit", str(path), "--at", at, "--report", str(tmp_path / "again.html")])
    config = load_config(path)
    with Store.look(config.store) as store:
        cases = [load_baseline(config, read_inputs(config), store, audit).case for audit in ("2", "3")]
    told = [narrowed(case.collections["directory"]) for case in cases]
    assert told[0] == ""
    assert told[1].startswith("only what stands under `OU=VMA,DC=lakeside")
