"""A package from outside the tree adds a connector, a rule and a format, and the real commands use them."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli import run
from tests.packages import install
from tests.small_practice import Small, account, noon, row

AT = noon("2026-11-25")
CONNECTOR = '''
"""The users of Chart Pilot, from the list that it saves."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.connector import Page
from connectors.facts import Account, Evidence, Status


SINCE = datetime(2026, 11, 20, tzinfo=UTC)


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: Path
    """The list."""


class ChartPilot:
    def __init__(self, system, file):
        self.system, self.file, self.source = system, file, f"Chart Pilot, {file.name}"

    def read_page(self, token):
        said = json.loads(self.file.read_text())
        return Page(
            accounts=tuple(
                Account(self.system.id, one["id"], one["login"], one["name"], Status.ACTIVE, mfa=True,
                        created=SINCE, last_login=SINCE)
                for one in said["users"]
            ),
            total=said["total"],
            evidence=(Evidence("end", "the list ends with its bracket"),),
        )


def connect(system, settings, folder):
    return ChartPilot(system, folder / settings.file)
'''
RULE = '''
"""Rules of Old Clinic."""

from policies.engine.evidence import account_subject
from policies.engine.finding import finding
from policies.engine.rule import Individual, Item, Reads
from policies.engine.verdicts import satisfied


class LongLogin(Individual):
    """A log-in is short. Source: the practice's own handbook."""

    id = "long-login"
    title = "Long log-in"
    question = "Is every log-in short?"
    reads = Reads.SYSTEM

    def items(self, case):
        """Every live account."""
        for key in case.asked_accounts:
            yield Item(account_subject(case, key), key[0], account=key)

    def judge(self, case, item):
        """Count the letters."""
        letters = len(case.accounts[item.account].login)
        yield satisfied(self, item) if letters <= 8 else finding(self, case, item, letters=str(letters))


RULES = (LongLogin(),)
'''
DATA = """\
version: 1
rules:
  long-login:
    severity: low
    finding:
      title: '{login} is a long log-in'
      observed: '{letters} letters'
      expected: 8 letters
      remedy: 'rename it, or: {do:claim-account}'
    citations: {all: [164.312(a)(2)(i)]}
"""
TEST = '''
"""What Old Clinic says of its own rule, where nothing of the auditor's repository is but what is installed."""

import pytest

from auditor.testing import HOSTILE, Clinic, ask, cites, identity, kinds


def asked(login, name=""):
    return ask("long-login", Clinic().vma("ana", name).account("ehr", login, "ana", id_="7"))


@pytest.mark.parametrize(("login", "counts"), [("a" * 8, (0, 1, 0)), ("a" * 9, (1, 0, 0))])
def test_eight_letters_are_enough(login, counts):
    assert asked(login).counts == counts


def test_the_finding_says_what_stands_in_the_data():
    found = asked("ana.reyes.pilot").finding
    assert (found.title, found.observed) == ("ana.reyes.pilot is a long log-in", "15 letters")
    assert (cites(found), kinds(found)) == (["164.312(a)(2)(i)"], ["vma", "account"])


def test_a_name_is_no_part_of_its_identity():
    assert identity(asked("ana.reyes.pilot").finding) == identity(asked("another.one", HOSTILE).finding)


def test_a_practice_in_step_has_no_long_login_and_an_unread_system_none_that_is_known():
    assert not Clinic.in_step().judge().findings
    assert ask("long-login", Clinic.in_step().unread("ehr")).counts == (0, 0, 1)
'''
CATALOG = """\
product: chart-pilot
title: Chart Pilot
version: 1
source: "Dana Ortiz, 2026-11-30, from the role screen"
entitlements:
  Reader: {gives: [], why: it shows the time}
"""
FORMAT = '''
"""Findings as a table for a spreadsheet."""

import csv
import io

from reports.safe import visible_line


def render(report):
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(("finding", "rule", "severity", "title", "citations"))
    for finding in report.findings:
        cited = " ".join(citation.id for citation in finding.citations)
        rows.writerow((finding.id, finding.rule, finding.severity.value, visible_line(finding.title), cited))
    return table.getvalue()
'''
OFFERS = {
    "auditor.connectors": {"cloud.chart-pilot": "old_clinic.connector"},
    "auditor.rules": {"old-clinic": "old_clinic.rules"},
    "auditor.formats": {"findings-csv": "old_clinic.table"},
}
FILES = {
    "old_clinic/__init__.py": "",
    "old_clinic/connector.py": CONNECTOR,
    "old_clinic/connector.yaml": CATALOG,
    "old_clinic/rules.py": RULE,
    "old_clinic/rules.yaml": DATA,
    "old_clinic_tests/test_rules.py": TEST,
    "old_clinic/table.py": FORMAT,
}
PILOT = """\
  pilot: {kind: cloud, product: chart-pilot, title: Chart Pilot, connector: chart-pilot, holds_phi: false,
          settings: {file: pilot.json}}
store:"""


ALONE = f"""
import sys
sys.path = [path for path in sys.path if path != {str(Path(__file__).parents[2])!r}]
import pytest
code = pytest.main(sys.argv[1:])
assert "tests" not in sys.modules
sys.exit(code)
"""
"""pytest, where what is not installed of this repository cannot be imported."""


def auditor(*words: str, packages: Path | None) -> subprocess.CompletedProcess[bytes]:
    """Run the real command, with what is installed in a folder or without."""
    environment = {**os.environ, "PYTHONPATH": str(packages or "")}
    command = [sys.executable, "-c", "from auditor.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("practice")
    small = Small(folder / "small")
    small.write(AT, [row("ana", "2026-01-05"), row("ben", "2026-01-05")], [account("ana"), account("ben")])
    users = [{"id": "7", "login": "ana.reyes.pilot", "name": "Ana Reyes"}]
    (small.folder / "pilot.json").write_text(json.dumps({"users": users, "total": 1}), encoding="utf-8")
    small.config.write_text(small.config.read_text().replace("store:", PILOT), encoding="utf-8")
    install(folder / "packages", "old-clinic", OFFERS, FILES)
    return small, folder / "packages"


def test_a_package_adds_a_connector_a_rule_and_a_format_and_is_missed_when_it_goes(practice, capsys):
    small, packages = practice
    config, store = str(small.config), str(small.folder / "auditor.db")
    done = auditor("audit", config, "--at", AT, "--format", "findings-csv", packages=packages)
    assert done.returncode == 1, done.stderr.decode()
    (small.folder / "findings.csv").write_bytes(done.stdout)
    (found,) = [r for r in csv.DictReader(io.StringIO(done.stdout.decode())) if r["rule"] == "long-login"]
    assert found["title"] == "ana.reyes.pilot is a long log-in"
    assert found["citations"] == "45 CFR 164.312(a)(2)(i)"
    page = (small.folder / "report.html").read_text(encoding="utf-8")
    assert "ana.reyes.pilot" in page
    assert "Chart Pilot, pilot.json" in page
    assert "rules of old-clinic 1.0: long-login" in page

    # The package goes: what its rule found is neither closed nor forgotten, and the pages say that it is not asked.
    assert answer(capsys, "explain", found["finding"], "--store", store)["open"]
    without = answer(capsys, "audit", config, "--at", noon("2026-11-26"), exit_code=64)
    assert without is None
    small.config.write_text(small.config.read_text().replace(PILOT, "store:"), encoding="utf-8")
    gone = answer(capsys, "audit", config, "--at", noon("2026-11-26"), exit_code=2)
    (kept,) = [line for line in gone["not_evaluated"] if line["rule"] == "long-login"]
    assert found["finding"] in kept["subjects"][0]
    assert "--accept-drop rule:long-login" in kept["reason"]
    happened = {(event["kind"], event["detail"]) for event in gone["drift"]["events"]}
    assert ("rule-removed", "of old-clinic 1.0: no installed package offers it, so it is not asked") in happened
    accepted = ("--accept-drop", "rule:long-login", "--accept-drop", "pilot", "--reason", "no longer used")
    closed = answer(capsys, "audit", config, "--at", noon("2026-11-27"), *accepted, exit_code=1)
    said = "the rule long-login, no longer installed: its 1 open finding closed, accepted: no longer used"
    assert said in closed["accepted_drops"]
    assert not [line for line in closed["not_evaluated"] if line["rule"] == "long-login"]
    assert not answer(capsys, "explain", found["finding"], "--store", store)["open"]


def test_a_package_tests_its_rule_with_nothing_of_this_repository_but_what_is_installed(practice, tmp_path):
    """The four packages alone, in another place, and no settings of ours: `tests` is not there to be imported."""
    _, packages = practice
    for name in ("auditor", "connectors", "policies", "reports"):
        (tmp_path / name).symlink_to(Path(__file__).parents[2] / name)
    copied = shutil.copytree(packages, tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{copied}", "PYTHONDONTWRITEBYTECODE": "1"}
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(copied), "-c", os.devnull)
    command = [sys.executable, "-c", ALONE, *options, str(copied / "old_clinic_tests")]
    done = subprocess.run(command, env=environment, cwd=copied, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"5 passed" in done.stdout


def answer(capsys, *command: str, exit_code: int = 0):
    """Run a command in this process, where the package is not; return what it prints as JSON, if it does."""
    capsys.readouterr()
    assert run([*command, "--format", "json"]) == exit_code
    printed = capsys.readouterr().out
    return json.loads(printed) if printed else None
