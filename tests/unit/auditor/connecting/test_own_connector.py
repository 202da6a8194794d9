"""A connector that somebody else has written and installed is listed, set up, and tried like the shipped ones."""

import json
import sys
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.connecting.shipped import list_connectors
from connectors.connector import names
from connectors.facts import SystemKind

MODULE = '''
"""The sign-up sheet of Old Clinic,
read from memory."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.connector import Endpoint, Page, ProbeStep, Transport
from connectors.errors import SourceDenied
from connectors.facts import Account, Evidence, Status


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    fault: str = ""
    """Which step goes wrong, and how."""
    url: str = ""
    token_env: str | None = None
    """Names the variable with the token."""


{setup}

class Sheet:
    source, canary = "memory", "ana"

    def __init__(self, system, settings):
        if settings.fault == "connect":
            raise ValueError("token=t0ps3cret")
        self.system, self.settings, self.closed = system, settings, False

    def steps(self):
        rights = ProbeStep("rights", lambda: "may read the sheet, and nothing else")
        return [ProbeStep("sign-in", self._sign_in), rights]

    def _sign_in(self):
        if self.settings.fault == "denied":
            raise SourceDenied("the sheet is locked", hint="ask Ana for the key")
        if self.settings.fault == "bug":
            raise KeyError("token=t0ps3cret")
        return "signed in"

    def read_page(self, token):
        if self.settings.fault == "page":
            raise RuntimeError("token=t0ps3cret")
        last = token is not None or self.settings.fault == "cut"
        login = "ben" if token else ("zoe" if self.settings.fault == "canary" else "ana")
        return Page(
            accounts=(Account(self.system.id, login, login, login, Status.ACTIVE),),
            next_token=None if last else "2",
            total=2,
            evidence=(Evidence("end", "the last line is empty"),) if last else (),
        )


def connect(system, settings, folder):
    sheet = Sheet(system, settings)
    return OnTheWeb(system, settings) if settings.url else sheet


class OnTheWeb(Sheet):
    endpoint = Endpoint("sheet.practice.invalid", 443, Transport.TLS)
'''
SETUP = """
def setup(system, settings):
    return f"GRANT SELECT ON sheet TO auditor; -- {system.title}"
"""


def install(folder: Path, setup: str = SETUP) -> None:
    (folder / "old_clinic_sheet.py").write_text(MODULE.replace("{setup}", setup))
    info = folder / "old_clinic-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: old-clinic\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[auditor.connectors]\nehr.old-clinic = old_clinic_sheet\nehr. = x\nx.y = z\n"
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("COLUMNS", "300")
    yield tmp_path
    sys.modules.pop("old_clinic_sheet", None)


def connect(folder: Path, *settings: str, as_json: bool = True) -> int:
    words = [word for setting in settings for word in ("--set", setting)]
    command = ["connect", "ehr", "--config", str(folder / "auditor.yaml"), "--connector", "old-clinic", "--holds-phi"]
    practice = ["--product", "openemr", "--practice", "Old Clinic", "--timezone", "America/Chicago"]
    return run([*command, *practice, *words, *(["--format", "json"] if as_json else ["--yes"])])


def told(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


def test_every_connector_is_listed_with_what_it_reads(folder, capsys):
    install(folder / "packages")
    listed = list_connectors()
    assert {(c.kind, c.name) for c in listed if c.package is None} == {(k, n) for k in SystemKind for n in names(k)}
    own = [c for c in listed if c.package]
    assert [(c.kind, c.name, c.package) for c in own] == [(SystemKind.EHR, "old-clinic", "old-clinic")]
    assert own[0].reads == "The sign-up sheet of Old Clinic, read from memory."
    assert all(c.reads and not c.reads.startswith("(") for c in listed)
    assert run(["connect", "--list"]) == 0
    assert "old-clinic  " in capsys.readouterr().out
    assert run(["connect", "--list", "--format", "json"]) == 0
    assert len(told(capsys)["connectors"]) == len(listed)


def test_an_installed_connector_is_set_up_tried_and_written(folder, capsys):
    install(folder / "packages")
    assert connect(folder, as_json=False) == 0
    out = capsys.readouterr().out
    assert "GRANT SELECT ON sheet TO auditor; -- ehr" in out
    rows = [line.split()[:3] for line in out.splitlines() if line.startswith("✓")]
    assert [" ".join(row) for row in rows] == [
        "✓ sign-in signed", "✓ rights may", "✓ first page", "✓ all pages", "✓ canary `ana`",
    ]  # fmt: skip
    assert run(["doctor", str(folder / "auditor.yaml"), "--system", "ehr"]) == 2  # nobody is on the roster yet
    assert "`ana` was seen" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fault", "step", "found"),
    [
        ("connect", "settings", "the connector failed with ValueError"),
        ("denied", "sign-in", "the sheet is locked"),
        ("bug", "sign-in", "the connector failed with KeyError"),
        ("page", "first page", "the connector failed with RuntimeError"),
        ("cut", "all pages", "`ehr` said it has 2 accounts but returned 1"),
        ("canary", "canary", "`ana`, which is known to exist, was not in the answer"),
    ],
)
def test_the_first_step_that_fails_is_the_last_that_is_tried(folder, capsys, fault, step, found):
    install(folder / "packages")
    assert connect(folder, f"fault={fault}") == 2
    printed = capsys.readouterr()
    steps = json.loads(printed.out)["steps"]
    assert [(s["step"], s["found"]) for s in steps if s["state"] == "failed"] == [(step, found)]
    assert steps[-1]["step"] == "canary"
    after = steps[[s["step"] for s in steps].index(step) + 1 :]
    assert {s["state"] for s in after} <= {"not-tried"}
    assert "t0ps3cret" not in printed.out + printed.err


@pytest.mark.parametrize("proxy", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_behind_a_proxy_it_is_the_proxy_that_finds_the_server(folder, capsys, monkeypatch, proxy):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    install(folder / "packages")
    assert connect(folder, "url=https://sheet.practice.invalid") == 2
    assert told(capsys)["steps"][0]["state"] == "failed"
    monkeypatch.setenv(proxy, "http://user:t0ps3cret@proxy.practice.invalid:3128")
    assert connect(folder, "url=https://sheet.practice.invalid") == 0
    printed = capsys.readouterr().out
    first = json.loads(printed)["steps"][0]
    assert (first["state"], "the proxy proxy.practice.invalid" in first["found"]) == ("not-tried", True)
    assert "t0ps3cret" not in printed


def test_a_connector_without_a_set_up_says_so(folder, capsys):
    install(folder / "packages", setup="")
    assert connect(folder, as_json=False) == 0
    assert "`old-clinic` does not say what its account needs" in capsys.readouterr().out


def test_a_set_up_that_fails_does_not_keep_the_system_from_being_tried(folder, capsys):
    install(folder / "packages", setup="def setup(system, settings):\n    raise OSError('t0ps3cret')\n")
    assert connect(folder) == 0
    assert told(capsys)["setup"] == "the set-up cannot be told: the connector failed with OSError"


def test_a_connector_that_cannot_be_loaded_is_said(folder, capsys):
    install(folder / "packages")
    (folder / "packages" / "old_clinic_sheet.py").write_text("import a_library_that_is_not_there\n")
    assert connect(folder) == 64
    assert "cannot be loaded: ModuleNotFoundError" in capsys.readouterr().err
