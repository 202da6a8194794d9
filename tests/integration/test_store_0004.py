"""
A store of schema 0004, which kept agreements as words for display: it verifies, and tells what it always told.

`store_0004.sql.gz` is what `examples/demo.py` left (two audits of the example practice and 48 statements, by the key of
the example in `docs/ledger.md`), as SQL, written by the program of that schema. `store_0004.json` is what that program
answered of it: parts of `drift`, `lag --as-of 2` and `statements`. Neither can be made again; an answer may
change only where a rule or a catalog does: nobody is reviewed by an attestation any more, so `lag` lost that control.
"""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from auditor.cli import run
from auditor.ledger.verify import verify
from auditor.store import Store
from tests.audited_example import EXAMPLE
from tests.odd_records import KEY, SIGNER
from tests.small_practice import answer

HERE = Path(__file__).parent
PRACTICE = "lakeside-family"


@pytest.fixture
def config(tmp_path) -> Path:
    """Put the store back beside the example practice, with its key."""
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    with closing(sqlite3.connect(tmp_path / "lakeside.db")) as connection:
        connection.executescript(gzip.decompress((HERE / "store_0004.sql.gz").read_bytes()).decode())
    key = tmp_path / "lakeside.key"
    key.touch(mode=0o600)
    key.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for path in (tmp_path / "lakeside").glob("*/auditor.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", "../../"), encoding="utf-8")
    return tmp_path / "lakeside" / "2026-11" / "auditor.yaml"


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def answers(capsys: Any, config: Path) -> dict[str, Any]:
    """Return what the program says of the two audits, without the sentences that a rule may word anew."""
    drift = answer(capsys, "drift", str(config), "--from", "1", "--to", "2")
    lag = answer(capsys, "lag", str(config), "--as-of", "2")
    spans = ("vma", "control", "agency", "due", "in_place", "state")
    return {
        "drift": {k: drift[k] for k in ("events", "control_events", "changes", "told", "by_vma_and_system")},
        "lag": {k: lag[k] for k in ("lockstep_exact", "vma_days", "exposure_vma_days", "steps")}
        | {"lags": [{k: one[k] for k in spans} for one in lag["lags"]]},
        "statements": answer(capsys, "statements", str(config), "--as-of", "2026-11-21"),
    }


def kept(told: Any, was: Any) -> Any:
    """Return what is told without the keys that came since: every change of an answer adds."""
    if isinstance(told, dict) and isinstance(was, dict):
        return {key: kept(value, was[key]) for key, value in told.items() if key in was}
    if isinstance(told, list) and isinstance(was, list) and len(told) == len(was):
        return [kept(*pair) for pair in zip(told, was, strict=True)]
    return told


def test_it_verifies_before_and_after_it_is_brought_along_with_every_signed_byte_as_it_was(config):
    path = config.parents[2] / "lakeside.db"
    signed = "SELECT body, hash, signature FROM ledger UNION ALL SELECT statement, body, signature FROM statement"
    terms = "SELECT * FROM term"
    before = rows(path, signed), rows(path, terms)
    assert verify(path, SIGNER.public).problems == ()
    Store.open(path).close()
    verdict = verify(path, SIGNER.public)
    assert (verdict.ok, verdict.valid, verdict.problems) == (True, 2, ())
    assert (rows(path, signed), rows(path, terms)) == before


def test_it_tells_what_it_always_told(config, capsys):
    was = json.loads((HERE / "store_0004.json").read_text(encoding="utf-8"))
    assert kept(answers(capsys, config), was) == was


def test_audits_go_on_and_no_agreement_is_said_to_have_changed(config, capsys):
    path = config.parents[2] / "lakeside.db"
    run(["audit", str(config), "--at", "2026-11-20T19:00:00-06:00"])
    assert verify(path, SIGNER.public).problems == ()
    drift = answer(capsys, "drift", str(config), "--from", "2", "--to", "3")
    assert (drift["events"], drift["control_events"], drift["changes"]["total"]) == ([], [], 0)
    with Store.open(path) as store:
        assert store.at(PRACTICE, 2).snapshot.policy == store.at(PRACTICE, 3).snapshot.policy
