"""The store that the command line names goes before that of the configuration, and counts from the current folder."""

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import USAGE

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
AT = ["--at", "2026-11-20T17:00:00-06:00"]


@pytest.fixture(scope="module")
def audited(tmp_path_factory) -> tuple[Path, str]:
    """A folder with the practice, audited into `elsewhere/named.db`; and the id of a finding."""
    folder = tmp_path_factory.mktemp("store")
    shutil.copytree(EXAMPLE, folder / "lakeside")
    config = folder / "lakeside" / "2026-11" / "auditor.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("../../../out/", ""), encoding="utf-8")
    (folder / "elsewhere").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(["audit", str(config), *AT, "--store", "elsewhere/named.db", "--report", "report.html"])
    assert not config.with_name("lakeside.db").exists()
    return folder, _finding(folder)


def _finding(folder: Path) -> str:
    page = (folder / "report.html").read_text(encoding="utf-8")
    return page[page.index("F-") :][:12]


def test_a_finding_is_looked_up_where_the_command_line_the_configuration_or_the_folder_says(
    audited, monkeypatch, capsys, tmp_path
):
    folder, finding = audited
    monkeypatch.chdir(tmp_path)
    explained = f"{finding}  "
    assert run(["explain", finding]) == USAGE
    assert "there is no store `auditor.db`" in capsys.readouterr().err
    assert run(["explain", finding, "--store", str(folder / "elsewhere" / "named.db")]) == 0
    assert explained in capsys.readouterr().out

    shutil.copy(folder / "elsewhere" / "named.db", tmp_path / "auditor.db")
    assert run(["explain", finding]) == 0  # no configuration here: the store of this name
    assert explained in capsys.readouterr().out

    config = tmp_path / "auditor.yaml"
    config.write_text((folder / "lakeside" / "2026-11" / "auditor.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert run(["explain", finding]) == USAGE  # there is one now, and it names another
    assert "lakeside.db" in capsys.readouterr().err
    shutil.copy(folder / "elsewhere" / "named.db", tmp_path / "lakeside.db")
    assert run(["explain", finding]) == 0
    monkeypatch.chdir(folder)
    assert run(["explain", finding, str(config)]) == 0
    assert run(["explain", finding, str(config), "--store", "nowhere.db"]) == USAGE
    assert "`nowhere.db`" in capsys.readouterr().err
    assert run(["explain", "excess", str(config), "--store", "nowhere.db"]) == 0  # a rule is in no store


def test_what_the_watch_keeps_lies_beside_the_store_that_is_named(audited, monkeypatch, capsys):
    folder, _ = audited
    monkeypatch.chdir(folder)
    config = folder / "lakeside" / "2026-11" / "auditor.yaml"
    (folder / "watched").mkdir()
    shutil.copy("elsewhere/named.db", "watched/w.db")
    shutil.copy("elsewhere/named.key", "watched/w.key")
    shutil.copy("elsewhere/named.key.pub", "watched/w.key.pub")
    run(["watch", str(config), "--once", "--store", "watched/w.db", "--format", "json"])
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["schema_version"] for e in events] == [1] * len(events)
    assert (folder / "watched" / "w.watch.db").exists()
    assert not list(config.parent.glob("*.db"))
    assert not list(config.parent.glob("*.key"))


def test_a_statement_is_signed_with_the_key_beside_the_store_that_is_named(audited, monkeypatch, capsys):
    folder, _ = audited
    monkeypatch.chdir(folder)
    config = str(folder / "lakeside" / "2026-11" / "auditor.yaml")
    said = ["attest", "VMA-09", "training", config, "--by", "Laura Pettersen", "--on", "2026-11-20"]
    assert run([*said, "--store", "elsewhere/named.db", "--format", "json"]) == 0
    id_ = json.loads(capsys.readouterr().out)["id"]
    assert run(["statements", config, "--store", "elsewhere/named.db"]) == 0
    assert id_ in capsys.readouterr().out
    assert run(["statements", config]) == USAGE
    key = (folder / "elsewhere" / "named.key.pub").read_text(encoding="utf-8")
    assert run(["verify", "--store", "elsewhere/named.db", "--key", key]) == 0
    assert run(["verify", "nowhere.db", "--store", "elsewhere/named.db", "--key", key]) == 0
    assert not list(Path(config).parent.glob("*.key"))
