"""What a person states: recorded once, signed, refused when it cannot be meant."""

import hashlib
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import IN_STEP, USAGE
from auditor.verify import verify

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
TOMORROW = (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011
NEXT_YEAR = (date.today() + timedelta(days=365)).isoformat()  # noqa: DTZ011


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", ""), encoding="utf-8")
    return path


def vma_of(practice: Path) -> str:
    return practice.with_name("roster.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]


def statements(practice: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["statements", str(practice), "--format", "json", *more]) == IN_STEP
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_an_attestation_is_dated_named_expiring_and_bears_the_hash_of_its_document(practice, capsys):
    document = practice.with_name("certificate.pdf")
    document.write_bytes(b"%PDF a certificate")
    vma = vma_of(practice)
    code = run(["attest", vma, "training", "--by", "Dana Ortiz", "--expires", NEXT_YEAR, "--document", str(document),
                "--config", str(practice)])  # fmt: skip
    assert code == IN_STEP
    assert "training of" in capsys.readouterr().out
    (found,) = statements(practice, capsys)
    assert (found["about"], found["topic"], found["by"], found["expires"]) == (vma, "training", "Dana Ortiz", NEXT_YEAR)
    assert found["document"] == hashlib.sha256(b"%PDF a certificate").hexdigest()
    assert found["in_force"] is True


def test_an_audit_covers_what_was_stated_before_it_and_the_store_verifies(practice, capsys):
    assert run(["attest", vma_of(practice), "training", "--by", "Dana Ortiz", "--config", str(practice)]) == IN_STEP
    run(["audit", str(practice)])
    run(["attest", vma_of(practice), "screening", "--by", "Dana Ortiz", "--config", str(practice)])
    store = next(practice.parent.glob("*.db"))
    verdict = verify(store, store.with_suffix(".key.pub").read_text(encoding="utf-8"))
    assert verdict.ok, verdict.problems


def test_a_statement_that_was_withdrawn_no_longer_holds_and_stays_in_the_history(practice, capsys):
    run(["attest", vma_of(practice), "training", "--by", "Dana Ortiz", "--config", str(practice)])
    (found,) = statements(practice, capsys)
    assert run(["withdraw", str(found["id"]), "--by", "Dr. Kim", "--config", str(practice)]) == IN_STEP
    first, second = statements(practice, capsys)
    assert {first["kind"], second["kind"]} == {"attestation", "withdrawal"}
    assert not any(s["in_force"] for s in (first, second))
    yesterday = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011
    assert not any(s["in_force"] for s in statements(practice, capsys, "--as-of", yesterday))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["attest", "NOBODY", "training", "--by", "D"], "there is no VMA `NOBODY` on the roster"),
        (["attest", "{vma}", "training", "--by", "D", "--on", TOMORROW], "is in the future"),
        (["attest", "{vma}", "training", "--by", "D", "--on", "24.11.2026"], "`--on` is no day"),
        (["attest", "{vma}", "training", "--by", "D", "--expires", "2020-01-01"], "is over already"),
        (["attest", "{vma}", "training", "--by", " "], "`by` is empty"),
        (["attest", "{vma}", "x\x1b[31m", "--by", "D"], "`topic` cannot be recorded"),
        (["attest", "{vma}", "training", "--by", "D", "--document", "none.pdf"], "there is no such file"),
        (["approve", "{vma}", "ehr: Front Office", "--by", "Dana", "--requested-by", " dana"], "cannot approve it"),
        (["approve", "{vma}", "erh: Front Office", "--by", "D", "--requested-by", "E"], "there is no system `erh`"),
        (["approve", "{vma}", "ehr: ", "--by", "D", "--requested-by", "E"], "names no entitlement"),
        (["attest", "{vma}", "training", "--by", "D", "--document", "/dev/zero"], "this is a device"),
        (["accept", "F-NOTHERE", "--by", "D", "--reason", "r", "--expires", NEXT_YEAR], "there is no finding"),
        (["accept", "F-NOTHERE", "--by", "D", "--reason", " ", "--expires", NEXT_YEAR], "needs a reason"),
        (["withdraw", "S-0000000000", "--by", "D"], "there is no statement"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_recorded(practice, capsys, arguments, told):
    words = [word.replace("{vma}", vma_of(practice)) for word in arguments]
    assert run([*words, "--config", str(practice)]) == USAGE
    assert told in capsys.readouterr().err
    if any(practice.parent.glob("*.db")):
        assert statements(practice, capsys) == []
