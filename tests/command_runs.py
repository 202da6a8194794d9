"""
One run of every command that prints JSON, on the example practice as the demo leaves it, its store moved away since.

Where the configuration says that the store is, there is a file that is none: what does not read the store that
`--store` names fails.

`tests/golden/json` holds what each printed, every list cut to its first item, and what differs from run to run masked:
keys, hashes, ids of statements, instants of now, and the folder. Of what moves with every rule that is added, it holds
the kinds of values only.

    python -m tests.command_runs        # writes the golden files anew, when the example practice has changed
"""

import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditor.cli import run
from auditor.config import load_config
from auditor.pipeline import Options, audit
from reports.as_json import in_utc
from tests.command_line import commands, options

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "json"
NOV = "lakeside/2026-11"
CONFIG, AWS = f"{NOV}/auditor.yaml", f"{NOV}/aws"
STORE = "elsewhere/lakeside.db"
OBJECT = "arn:aws:s3:::lakeside-example-store/a"
QUESTION = ["--principal", "fax-migration-2024", "--action", "s3:GetObject", "--estate", AWS]
AGENCY = ["--store", "agency.db"]
ROSA = ["--by", "Rosa Lim", *AGENCY]
LATER = ["--by", "Dr. Helen Brandt", "--on", "2026-11-20"]

# What reads comes first, and what is written down last.
RUNS: dict[str, list[str]] = {
    "drift": ["drift", CONFIG, "--from", "1", "--to", "2"],
    "lag": ["lag", CONFIG, "--as-of", "2"],
    "review-annexes": ["review", "annexes", CONFIG, "--to", "2", "--store", STORE],
    "onboard": ["onboard", "VMA-10", CONFIG, "--as-of", "2"],
    "offboard": ["offboard", "VMA-06", CONFIG, "--as-of", "2"],
    "transfer": ["transfer", "VMA-03", CONFIG, "--as-of", "2"],
    "orders": ["orders", "VMA-06", CONFIG, "--at", "2026-11-20T23:30:00Z"],
    "check": ["check", "VMA-06", CONFIG],
    "certificate": ["certificate", "offboard", "VMA-06", CONFIG, "--audit", "2", "--into", "out"],
    "forecast": ["forecast", CONFIG, "--as-of", "2"],
    "plan": ["plan", CONFIG, "--hire", "2:scheduler:2027-03-01", "--as-of", "2"],
    "work": ["work", CONFIG, "--as-of", "2"],
    "capacity": ["capacity", f"{NOV}/figures.csv", CONFIG, "--as-of", "2026-11-22"],
    "explain-finding": ["explain", "F-KAZ445XQHD"],
    "explain-rule": ["explain", "excess"],
    "explain-where": ["explain", *QUESTION],
    "explain-question": ["explain", *QUESTION, "--resource", OBJECT],
    "cloud": ["cloud", AWS, "--paths"],
    "statements": ["statements", CONFIG, "--as-of", "2026-11-20"],
    "verify": ["verify", "--key", "KEY"],
    "collect": ["collect", "directory", CONFIG],
    "doctor": ["doctor", CONFIG],
    "catalog-check": ["catalog", "check", CONFIG],
    "connect-list": ["connect", "--list"],
    "connect": ["connect", "directory", "--config", CONFIG],
    "connect-map": ["connect", "--map", "users.csv", "--out", "mapping.yaml"],
    "watch-status": ["watch", CONFIG, "--status"],
    "review-start": ["review", "start", CONFIG, "--by", "Dr. Helen Brandt", "--prepared-by", "Laura Pettersen",
                     "--store", STORE],
    "review-status": ["review", "status", CONFIG, "--store", STORE],
    "review-sheets": ["review", "sheets", CONFIG, "--to", "sheets", "--reviewer", "morgan", "--store", STORE],
    "review-receive": ["review", "receive", "sheets/review-2026-Q4-morgan.xlsx", CONFIG, "--by", "Dr. Helen Brandt",
                       "--store", STORE],
    "review-remind": ["review", "remind", CONFIG, "--store", STORE],
    "review-close": ["review", "close", CONFIG, "--by", "Dr. Helen Brandt", "--undecided", "for the test",
                     "--store", STORE],
    "review-link": ["review", "link", "morgan", CONFIG, "--by", "Dr. Helen Brandt", "--store", STORE],
    "review-sign-ins": ["review", "sign-ins", CONFIG, "--requests", "5", "--store", STORE],
    "review-sign-ins-release": ["review", "sign-ins", CONFIG, "--release", "morgan", "--by", "Dr. Helen Brandt",
                                "--store", STORE],
    "audit": ["audit", CONFIG, "--at", "2026-11-20T17:30:00-06:00", "--store", "out/again.db"],
    "attest": ["attest", "VMA-09", "training", CONFIG, *LATER],
    "approve": ["approve", "VMA-07", "ehr: Front Office", CONFIG, *LATER, "--requested-by", "Dana Kowalski"],
    "accept": ["accept", "F-KAZ445XQHD", CONFIG, "--by", "Dr. Helen Brandt", "--reason", "leaves on that day anyway",
               "--expires", "EXPIRES"],
    "confirm": ["confirm", "VMA-07", "ehr:vma3", CONFIG, "--is-not-theirs", "--by", "Dr. Helen Brandt"],
    "withdraw": ["withdraw", "STATEMENT", CONFIG, "--by", "Laura Pettersen"],
    "watch": ["watch", CONFIG, "--once"],
    "notice-setup": ["notice", "setup", "Harbor Assist LLC", "agency.yaml", "--timezone", "Asia/Manila", *AGENCY],
    "notice-keys": ["notice", "keys", CONFIG, "--store", STORE],
    "notice-trust": ["notice", "trust", "PRACTICE-KEY", "agency.yaml", "--fingerprint", "PRACTICE-PRINT", *ROSA],
    "notice-trust-agency": ["notice", "trust", "AGENCY-KEY", CONFIG, "--fingerprint", "AGENCY-PRINT",
                            "--by", "Laura Pettersen", "--store", STORE],
    "notice-leave": ["notice", "leave", "VMA-05", "agency.yaml", "--effective", "2036-12-31", *ROSA],
    "notice-start": ["notice", "start", "VMA-21", "agency.yaml", "--effective", "2036-12-31", *ROSA],
    "notice-role-change": ["notice", "role-change", "VMA-03", "agency.yaml", "--role", "coder", "--effective",
                           "2036-12-31T09:00-06:00", *ROSA],
    "notice-take-back": ["notice", "take-back", "GIVEN", "agency.yaml", *ROSA],
    "receive": ["receive", "GIVEN-FILE", "--config", CONFIG],
    "notice-list": ["notice", "list", CONFIG, "--store", STORE],
    "notice-show": ["notice", "show", "GIVEN", CONFIG, "--receipt", "--store", STORE],
    "notice-rotate": ["notice", "rotate", "agency.yaml", *ROSA],
    "notice-revoke": ["notice", "revoke", "AGENCY-PRINT", CONFIG, "--by", "Laura Pettersen", "--store", STORE],
    "correct-time": ["correct-time", "AHEAD", "NOW", CONFIG, "--by", "Laura Pettersen", "--reason", "a new battery"],
}  # fmt: skip

MASKED = (
    (re.compile(r"\bN-[0-9A-F]{10}\b"), "NOTICE"),
    (re.compile(r"\b([0-9A-F]{4} ){7}[0-9A-F]{4}\b"), "FINGERPRINT"),
    (re.compile(r"-[0-9a-f]{4,10}\.json"), "-HASH.json"),
    (re.compile(r"[A-Za-z0-9+/]{86}=="), "SIGNATURE"),
    (re.compile(r"ed25519:[A-Za-z0-9+/=_-]+"), "KEY"),
    (re.compile(r"\bS-[0-9A-F]{10}\b"), "STATEMENT"),
    (re.compile(r"\bC-[A-Z2-7]{10}\b"), "CERTIFICATE"),
    (re.compile(r"\bR-[A-Z2-7]{10}\b"), "REVIEW"),
    (re.compile(r"\bQ-[A-Z2-7]{10}\b"), "QUESTION"),
    (re.compile(r"/l/[A-Za-z0-9_-]{43}"), "/l/LINK"),
    (re.compile(r"\b[0-9a-f]{64}( SIGNATURE)?"), "HASH"),
)
NOW = frozenset(
    {"recorded_at", "at", "next_scheduled", "on", "expires", "made_at", "known_since", "received_at", "since"}
    | {"due_on", "days_left", "closed", "decided_at", "period_from", "period_to", "link_waits_until", "says"}
)
"""Keys whose values are of now in what states or watches."""
OF_RULES = frozenset({"controls"})
"""Keys whose values move with the rules."""
OF_NOW = frozenset(
    {"check", "correct-time", "accept", "confirm", "withdraw", "attest", "approve", "watch", "watch-status"}
    | {"review-start", "review-status", "review-close", "review-remind", "review-link", "review-sign-ins"}
)


def results() -> Iterator[tuple[str, int, str]]:
    """Run all, in a folder that goes away; yield the name, the exit code and what was printed."""
    stored = {name for name, command in commands().items() if "--store" in options(command)} - {"catalog check"}
    with TemporaryDirectory() as folder, chdir(folder):
        shutil.copytree(ROOT / "examples" / "lakeside", "lakeside")
        exported = datetime(2026, 11, 20, 16, 30, tzinfo=UTC).timestamp()
        os.utime(f"{NOV}/directory.ldif", (exported, exported))  # what `collect` tells is the date of the file
        shutil.copy(f"{NOV}/ehr/users.csv", "users.csv")
        _demo(Path(folder))
        shutil.move("out", "elsewhere")
        Path("out").mkdir()
        Path("out/lakeside.db").write_text("this is no store", encoding="utf-8")
        key = Path("elsewhere/lakeside.key.pub").read_text(encoding="utf-8").strip()
        known = {"KEY": key, "EXPIRES": str(datetime.now(UTC).date() + timedelta(days=30))}
        for name, words in RUNS.items():
            if "AHEAD" in words:
                known |= {"AHEAD": _audited_ahead(), "NOW": in_utc(datetime.now(UTC))}
            if words[0] in stored and "--store" not in words:
                words = [*words, "--store", STORE]  # noqa: PLW2901
            code, printed = _printed([*(known.get(word, word) for word in words), "--format", "json"])
            known |= _learnt(name, printed)
            yield name, code, printed.replace(folder, "FOLDER").replace(os.path.realpath(folder), "FOLDER")


def _learnt(name: str, printed: str) -> dict[str, str]:
    """Return what later runs need of an earlier one."""
    said = json.loads(printed) if name in ("attest", "notice-setup", "notice-keys", "notice-leave") else {}
    if name == "attest":
        return {"STATEMENT": said["id"]}
    if name == "notice-leave":
        return {"GIVEN": said["notice"], "GIVEN-FILE": said["file"]}
    if said:
        whose = "AGENCY" if name == "notice-setup" else "PRACTICE"
        return {f"{whose}-KEY": said["key_file"], f"{whose}-PRINT": said["own"][0]["fingerprint"]}
    return {}


def _demo(folder: Path) -> None:
    sys.path.insert(0, str(ROOT / "examples"))
    import demo  # noqa: PLC0415 - examples are no package

    before, demo.HERE = demo.HERE, folder / "lakeside"
    for path in folder.glob("lakeside/*/auditor.yaml"):
        text = path.read_text(encoding="utf-8").replace("../../../out/", "../../out/")
        path.write_text(text, encoding="utf-8")
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            demo.main(folder / "out")
    finally:
        demo.HERE = before
        sys.path.remove(str(ROOT / "examples"))


def _audited_ahead() -> str:
    """Audit by a clock that is a month ahead; return the number of the audit."""
    ahead = datetime.now(UTC) + timedelta(days=30)
    config = load_config(Path(CONFIG), store=Path(STORE))
    return str(audit(config, Options(), clock=lambda: ahead).saved.audit)


def _printed(words: list[str]) -> tuple[int, str]:
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(io.StringIO()):
        code = run(words)
    return code, printed.getvalue()


def frozen(name: str, printed: str) -> str:
    """Return what a golden file holds of an output, which may be several lines of JSON."""
    text = printed if name != "watch" else f"[{','.join(printed.splitlines())}]"
    for pattern, word in MASKED:
        text = pattern.sub(word, text)
    masked = (
        NOW | ({"topic"} if name == "correct-time" else set())
        if name in OF_NOW or name.startswith(("notice", "receive"))
        else frozenset()
    )
    cut = _cut(json.loads(text), masked)
    return json.dumps(_kinds(cut) if name == "audit" else cut, indent=1, ensure_ascii=False) + "\n"


def _cut(value: Any, masked: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            k: "NOW" if k in masked and v else _kinds(_cut(v, masked)) if k in OF_RULES else _cut(v, masked)
            for k, v in value.items()
        }
    return [_cut(one, masked) for one in value[:1]] if isinstance(value, list) else value


def _kinds(value: Any) -> Any:
    """Keep the keys, and of every value its kind."""
    if isinstance(value, dict):
        return {k: _kinds(v) for k, v in value.items()}
    return [_kinds(one) for one in value] if isinstance(value, list) else type(value).__name__


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, _code, printed in results():
        (GOLDEN / f"{name}.json").write_text(frozen(name, printed), encoding="utf-8")
