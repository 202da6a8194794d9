"""Every product that has a server here, or an honest fake, is connected through the same command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.cli import run
from tests.servers import drchrono, mariadb_openemr, openmrs, scim

VARIABLE = "AUDITOR_TEST_PRODUCT"
ROOT = Path(__file__).parents[2]

Given = tuple[list[str], str]
"""The options, and the secret."""


@contextmanager
def an_openmrs(folder: Path) -> Iterator[Given]:
    with openmrs.openmrs() as fake:
        options = ["--connector=openmrs", f"--set=url={fake.url}/openmrs", f"--set=username={openmrs.USERNAME}"]
        yield [*options, f"--set=password_env={VARIABLE}", f"--set=canary={openmrs.USERNAME}"], openmrs.PASSWORD


@contextmanager
def a_scim_server(folder: Path) -> Iterator[Given]:
    with scim.scim_server(most=3) as harness:
        options = ["--kind=directory", "--connector=scim", f"--set=url={harness.url}", "--set=canary=auditor"]
        yield [*options, f"--set=token_env={VARIABLE}"], scim.TOKEN


@contextmanager
def a_drchrono(folder: Path) -> Iterator[Given]:
    with drchrono.drchrono() as fake:
        yield ["--connector=drchrono", f"--set=url={fake.url}", f"--set=token_env={VARIABLE}"], drchrono.TOKEN


@contextmanager
def an_openemr(folder: Path) -> Iterator[Given]:
    with mariadb_openemr.mariadb_openemr(folder / "db") as db:
        settings = db.settings(password_env=VARIABLE)
        yield ["--connector=openemr", *(f"--set={k}={v}" for k, v in settings.items())], mariadb_openemr.PASSWORD


SERVERS = [an_openmrs, a_scim_server, a_drchrono, an_openemr]


def connect(folder: Path, options: list[str], capsys) -> tuple[int, dict]:
    practice = ["--practice=P", "--timezone=America/Chicago", "--holds-phi", "--yes", "--format=json"]
    code = run(["connect", "it", f"--config={folder / 'auditor.yaml'}", *practice, *options])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("server", SERVERS, ids=lambda s: s.__name__)
def test_a_product_is_set_up_tried_and_written_and_a_wrong_secret_stops_before_the_first_page(
    server, tmp_path, capsys, monkeypatch
):
    with server(tmp_path) as (options, secret):
        monkeypatch.setenv(VARIABLE, "not-the-secret")
        code, told = connect(tmp_path, options, capsys)
        assert (code, told["written"]) == (2, False), told
        steps = {step["step"]: step["state"] for step in told["steps"]}
        assert steps["name"] == steps["port"] == "ok"
        assert steps["first page"] == "not-tried", "the connector has a step of its own for the sign-in"
        assert next(step["advice"] for step in told["steps"] if step["state"] == "failed")
        monkeypatch.setenv(VARIABLE, secret)
        code, told = connect(tmp_path, options, capsys)
        assert (code, told["written"]) == (0, True), told
        assert len(told["setup"].splitlines()) > 1
        assert {step["state"] for step in told["steps"]} <= {"ok", "warning", "not-tried"}
        assert secret not in json.dumps(told) + (tmp_path / "auditor.yaml").read_text()
        assert run(["doctor", str(tmp_path / "auditor.yaml")]) == 2  # the roster is still empty
        assert "✓   set: " in capsys.readouterr().out


def test_files_need_no_network_and_no_secret(tmp_path, capsys):
    (tmp_path / "report.csv").write_text("User,Name,Roles\nana,Ana,Nurse;Front Desk\n")
    arguments = [
        *("--connector=table", "--product=reports", "--set=file=report.csv", "--set=columns.login=User"),
        *("--set=columns.name=Name", "--set=entitlements=[{column: Roles, kind: role, separator: ';'}]"),
    ]
    code, told = connect(tmp_path, arguments, capsys)
    assert code == 2, "the end of a file shows nothing"
    failed = next(step for step in told["steps"] if step["state"] == "failed")
    assert failed["step"] == "proof"
    assert "set `canary`" in failed["advice"]
    code, told = connect(tmp_path, [*arguments, "--set=canary=ana"], capsys)
    assert code == 0, told
    steps = [step["step"] for step in told["steps"]]
    assert steps[-3:] == ["first page", "all pages", "canary"]
    assert not {"name", "port", "tls", "variables"} & set(steps)
    details = ROOT / "examples" / "lakeside" / "2026-11" / "aws" / "iam.GetAccountAuthorizationDetails.json"
    code, told = connect(
        tmp_path, ["--connector=aws-json", f"--set=authorization_details={details}", "--set=canary="], capsys
    )
    assert code == 0, told
    assert "6 accounts" in str(told["steps"])
