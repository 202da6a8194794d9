"""A clock that ran ahead: held for confirmation, and a signed way out where an audit was stored in the future."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import IN_STEP, USAGE
from auditor.ledger.verify import verify
from auditor.pipeline import Options, audit
from auditor.store import Store
from connectors.errors import AuditorError

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", ""), encoding="utf-8")
    return path


def audited(practice: Path, now: datetime, **more: bool) -> int:
    return audit(load_config(practice), Options(**more), clock=lambda: now).saved.audit  # type: ignore[arg-type]


def test_an_audit_far_beyond_the_last_one_is_held_until_somebody_says_that_the_time_is_right(practice):
    audited(practice, NOW)
    audited(practice, NOW + timedelta(days=399))
    with pytest.raises(AuditorError, match="is the clock right") as held:
        audited(practice, NOW + timedelta(days=3650))
    assert "--confirm-time" in held.value.hint
    assert audited(practice, NOW + timedelta(days=3650), time_confirmed=True) == 3


def test_an_audit_stored_in_the_future_is_corrected_by_a_signed_statement_and_later_ones_can_be_made(practice, capsys):
    audited(practice, NOW - timedelta(days=2))
    ahead = NOW + timedelta(days=300)
    audited(practice, ahead)
    assert run(["audit", str(practice)]) == USAGE
    assert "auditor correct-time" in capsys.readouterr().err
    really = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    correct = ["correct-time", "2", really, str(practice), "--by", "Dana Ortiz", "--reason", "the BIOS battery died"]
    assert run(correct) == IN_STEP
    run(["audit", str(practice), "--format", "json"])
    capsys.readouterr()
    store = practice.with_name("lakeside.db")
    with Store.open(store) as opened:
        times = [one.at for one in opened.audits()]
        assert times[1] == NOW - timedelta(days=1)
        assert times == sorted(times)
        assert all(at <= times[1] for _, at, _ in opened.reads(2).values())
        assert [entry.at for entry in opened.entries()][1] == ahead  # nothing was rewritten
        findings = opened.at(opened.audits()[0].practice, 3)
        assert all(first <= times[2] for first in findings.first_seen.values())
    assert verify(store, store.with_suffix(".key.pub").read_text()).ok
    assert run(["lag", str(practice), "--format", "json"]) != USAGE
    assert ahead.date().isoformat() not in capsys.readouterr().out
    assert run(["statements", str(practice), "--format", "json"]) == IN_STEP
    assert [s["kind"] for s in json.loads(capsys.readouterr().out)] == ["correction"]
    (said,) = (s["id"] for s in _statements(store))
    assert run(["withdraw", said, str(practice), "--by", "Dana Ortiz"]) == IN_STEP
    with Store.open(store) as opened:
        assert opened.audits()[1].at == ahead


def _statements(store: Path) -> list[dict[str, str]]:
    with Store.open(store) as opened:
        return [{"id": s.id} for s in opened.statements(opened.audits()[0].practice)]


@pytest.mark.parametrize(
    ("number", "really", "told"),
    [
        ("1", NOW - timedelta(days=9), "its time stands"),
        ("9", NOW - timedelta(days=1), "there is no audit"),
        ("2", NOW + timedelta(days=5), "cannot have been at"),
        ("2", NOW - timedelta(days=9), "cannot have been at"),
    ],
)
def test_a_correction_is_a_way_out_and_never_dates_an_audit_back(practice, capsys, number, really, told):
    audited(practice, NOW - timedelta(days=2))
    audited(practice, NOW + timedelta(days=300))
    text = really.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert run(["correct-time", number, text, str(practice), "--by", "Dana", "--reason", "battery"]) == USAGE
    assert told in capsys.readouterr().err
    assert run(["correct-time", "2", text, str(practice), "--by", "Dana", "--reason", " "]) == USAGE
