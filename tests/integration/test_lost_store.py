"""A lost store is never taken for a first audit, and a store that may only be read can be asked."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import IN_STEP, USAGE
from auditor.ledger.verify import verify
from auditor.store import Store

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", ""), encoding="utf-8")
    return path


def store_of(practice: Path) -> Path:
    return practice.with_name("lakeside.db")


def lose(practice: Path) -> None:
    for path in practice.parent.glob("lakeside.db*"):
        path.unlink()


def test_a_store_that_is_missing_beside_its_key_is_no_first_audit(practice, capsys):
    assert run(["attest", "VMA-01", "training", str(practice), "--by", "Dana Ortiz"]) == IN_STEP
    run(["audit", str(practice)])
    key = store_of(practice).with_suffix(".key").read_bytes()
    lose(practice)
    capsys.readouterr()
    for command in (["audit", str(practice)], ["attest", "VMA-01", "training", str(practice), "--by", "Dana Ortiz"]):
        assert run(command) == USAGE
        said = capsys.readouterr().err
        assert "an earlier one is missing" in said
        assert "--start-anew" in said
        assert not store_of(practice).exists()
    run(["doctor", str(practice)])
    assert "an earlier one is missing" in " ".join(capsys.readouterr().out.split())
    store_of(practice).touch()  # an empty file in its place is no history either
    assert run(["audit", str(practice)]) == USAGE
    assert store_of(practice).with_suffix(".key").read_bytes() == key


def test_starting_anew_is_asked_for_said_and_recorded_under_the_ledger(practice, capsys):
    run(["audit", str(practice)])
    lose(practice)
    assert run(["audit", str(practice), "--start-anew", "the disk died"]) == USAGE
    assert "`--by` go together" in capsys.readouterr().err
    run(["audit", str(practice), "--start-anew", "the disk died, no backup", "--by", "Dana Ortiz"])
    assert "a new history begins" in capsys.readouterr().err
    assert run(["statements", str(practice), "--format", "json"]) == IN_STEP
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["kind"], said["by"], said["reason"]) == ("anew", "Dana Ortiz", "the disk died, no backup")
    store = store_of(practice)
    assert verify(store, store.with_suffix(".key.pub").read_text()).ok
    with Store.open(store) as opened:
        assert [entry.rows["statement"] for entry in opened.entries()] == [(1, 0)]
    run(["audit", str(practice)])  # goes on as usual
    assert "a new history begins" not in capsys.readouterr().err


def test_nothing_is_started_anew_where_the_history_is_there(practice, capsys):
    run(["audit", str(practice)])
    before = store_of(practice).read_bytes()
    assert run(["audit", str(practice), "--start-anew", "I want to", "--by", "Dana Ortiz"]) == USAGE
    assert "there is nothing to start anew" in capsys.readouterr().err
    assert store_of(practice).read_bytes() == before


def test_a_first_audit_that_was_stopped_after_its_key_was_made_can_be_made_again(practice, monkeypatch, capsys):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Store, "save", killed)
        run(["audit", str(practice)])
    assert store_of(practice).with_suffix(".key").exists()
    capsys.readouterr()
    run(["audit", str(practice)])
    assert "missing" not in capsys.readouterr().err


@pytest.fixture
def archived(practice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The practice with its store in an archive that this process may only read."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to take rights away from itself")
    run(["audit", str(practice)])
    parents = [
        p
        for p in practice.parents
        if p.name.startswith(("pytest-", "popen-")) or p.is_relative_to(tmp_path_factory.getbasetemp())
    ]
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in parents}
    for path in (*practice.parents[1].rglob("*"), *parents):
        path.chmod(0o555 if path.is_dir() else 0o444)
    os.seteuid(65534)
    yield practice
    os.seteuid(0)
    for path in practice.parents[1].rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for parent, mode in modes.items():
        parent.chmod(mode)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_store_that_may_only_be_read_can_be_looked_at_and_stays_as_it_is(archived, capsys):
    before = store_of(archived).read_bytes()
    capsys.readouterr()
    for command in ("lag", "forecast", "statements", "drift"):
        assert run([command, str(archived)]) != USAGE or command == "drift", capsys.readouterr().err
    said = capsys.readouterr().err
    assert "read-only" not in said
    assert run(["audit", str(archived)]) == USAGE
    assert store_of(archived).read_bytes() == before
