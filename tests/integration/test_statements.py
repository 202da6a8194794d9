"""What a person states: recorded once, signed, refused when it cannot be meant."""

import hashlib
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import IN_STEP, USAGE
from auditor.ledger.verify import verify

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


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("trainig", "did you mean `training`?"),
        ("Screening ", None),
        ("session-ended", "did you mean `sessions-ended`?"),
        ("xyzzy", "nothing asks for an attestation of `xyzzy`"),
    ],
)
def test_a_topic_is_one_that_something_asks_for(practice, capsys, topic, told):
    code = run(["attest", vma_of(practice), topic, str(practice), "--by", "Dana Ortiz"])
    if told is None:
        assert code == IN_STEP
        assert [s["topic"] for s in statements(practice, capsys)] == ["screening"]  # as the checklist asks for it
        return
    assert code == USAGE
    said = capsys.readouterr().err
    assert told in said
    assert "one of: access-review, " in said
    assert not list(practice.parent.glob("*.db"))


def test_a_practice_asks_for_a_topic_of_its_own_with_a_control(practice, capsys):
    shipped = (Path(__file__).parents[2] / "policies" / "controls.yaml").read_text(encoding="utf-8")
    own = "  - {id: badge, title: badge given, by: attested, topic: badge, due_hours: 24, source: house rule}\n"
    practice.with_name("controls.yaml").write_text(shipped + own, encoding="utf-8")
    assert run(["attest", vma_of(practice), "badge", str(practice), "--by", "Dana Ortiz"]) == USAGE
    practice.write_text(practice.read_text(encoding="utf-8") + "controls: controls.yaml\n", encoding="utf-8")
    assert run(["attest", vma_of(practice), "badge", str(practice), "--by", "Dana Ortiz"]) == IN_STEP


def test_nobody_accepts_a_finding_about_themselves(practice, capsys):
    run(["audit", str(practice), "--format", "json"])
    finding = next(f for f in json.loads(capsys.readouterr().out)["findings"] if f["vma"])
    accept = [
        "accept",
        finding["id"],
        "--expires",
        NEXT_YEAR,
        "--config",
        str(practice),
        "--requested-by",
        "Dana Ortiz",
    ]
    reason = ["--reason", "the account is watched daily until the vendor ships the fix"]
    assert run([*accept, *reason, "--by", finding["vma"]]) == USAGE
    assert "about themselves" in capsys.readouterr().err
    assert run([*accept, *reason, "--by", "Dr. Kim"]) == IN_STEP


def test_a_critical_finding_is_accepted_for_a_reason_that_says_something_and_by_two_people(practice, capsys):
    run(["audit", str(practice), "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    critical = next(f["id"] for f in findings if f["severity"] == "critical")
    lesser = next(f["id"] for f in findings if f["severity"] != "critical")
    sentence = "the account is watched daily until the vendor ships the fix"
    accept = ["--by", "Dr. Kim", "--expires", NEXT_YEAR, "--config", str(practice)]

    def said(finding: str, *more: str) -> str:
        assert run(["accept", finding, *more, *accept]) == USAGE
        return capsys.readouterr().err

    assert "the reason is too short" in said(critical, "--reason", "ok", "--requested-by", "Dana Ortiz")
    assert "the reason is too short" in said(critical, "--reason", "a b c d e f", "--requested-by", "Dana Ortiz")
    assert "by two people" in said(critical, "--reason", sentence)
    assert "by two people" in said(critical, "--reason", sentence, "--requested-by", " dr.  KIM ")
    assert run(["accept", critical, "--reason", sentence, "--requested-by", "Dana Ortiz", *accept]) == IN_STEP
    assert run(["accept", lesser, "--reason", "r", *accept]) == IN_STEP


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
        (["attest", "{vma}", "training", "--by", "{vma}"], "cannot state this about themselves"),
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
