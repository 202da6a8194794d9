"""`auditor connect` on a terminal: somebody answers its questions, and nothing else is needed."""

import os
import shutil
import sys

import pytest

from auditor.config import load_config
from tests.integration.slapd import slapd
from tests.integration.test_directory_ldap import OUS, group, person
from tests.servers.terminal import converse

VARIABLE = "AUDITOR_TEST_CONNECT"
COMMAND = [sys.executable, "-c", "from auditor.cli import main; main()", "connect"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    entries = OUS + person("va01") + group("front-desk", "uid=va01,ou=people,dc=t")
    with slapd(tmp_path_factory.mktemp("slapd") / "s", entries) as running:
        yield running


@pytest.fixture
def folder(tmp_path, server):
    shutil.copy(server.ca_file, tmp_path / "ca.pem")
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **more}


def answers(server) -> list[tuple[str, str]]:
    return [
        ("name of the practice", "Lakeside"),
        ("time zone", "Chicago"),
        ("IANA time zone", "America/Chicago"),
        ("what is it?", "hospital"),
        ("one of: ehr", "directory"),
        ("how is it read?", "ldap"),
        ("explains its rights? [ldap]", ""),
        ("reports call it [directory]", "The directory"),
        ("patient data?", "n"),
        ("  url", "dc1.practice.test"),
        ("expected `ldaps://host", server.ldaps_url),
        ("  base_dn", "dc=t"),
        ("  password_env", "hunter2"),
        ("does not look like one", VARIABLE),
        ("  ca_file", "ca.pem"),
        ("  canary", "reader"),
        ("see them? [y/N]", ""),
        ("  bind_dn:", "uid=reader,dc=t"),
    ]


def test_somebody_who_only_answers_gets_a_configuration_that_works(folder, server):
    code, screen = converse(
        [*COMMAND, "directory"],
        [*answers(server), ("write it? [Y/n]", "")],
        cwd=folder,
        env=environment(**{VARIABLE: "reader"}),
    )
    assert code == 0, screen
    assert "✓ canary" in screen
    assert screen.count("hunter2") == 1, "what was typed, and never again"
    config = load_config(folder / "auditor.yaml")
    assert config.sources["directory"].connector.system.title == "The directory"
    assert "hunter2" not in (folder / "auditor.yaml").read_text()


def test_answers_are_kept_until_the_variable_is_set(folder, server):
    questions = [*answers(server), ("try again? [y/N]", ""), ("although a step failed? [Y/n]", "")]
    code, screen = converse([*COMMAND, "directory"], questions, cwd=folder, env=environment())
    assert code == 2, screen
    assert f"export {VARIABLE}" in screen
    again = [
        ("cloud) [directory]", ""), ("[ldap]", ""), ("[ldap]", ""), ("[The directory]", ""),
        ("patient data? [y/N]", ""), (f"[{server.ldaps_url}]", ""), ("[dc=t]", ""), ("[uid=reader,dc=t]", ""),
        (f"[{VARIABLE}]", ""), ("[ca.pem]", ""), ("[reader]", ""), ("see them? [y/N]", ""),
    ]  # fmt: skip
    code, screen = converse([*COMMAND, "directory"], again, cwd=folder, env=environment(**{VARIABLE: "reader"}))
    assert code == 0, screen
    assert "nothing to write" in screen


def test_a_step_that_failed_can_be_mended_at_once(folder, server):
    wrong = [(q, "dc=nowhere" if q == "  base_dn" else a) for q, a in answers(server)]
    mended = [
        ("try again? [Y/n]", ""), (f"[{server.ldaps_url}]", ""), ("[dc=nowhere]", "dc=t"), ("[uid=reader,dc=t]", ""),
        (f"[{VARIABLE}]", ""), ("[ca.pem]", ""), ("[reader]", ""), ("see them? [y/N]", ""), ("write it? [Y/n]", "n"),
    ]  # fmt: skip
    code, screen = converse(
        [*COMMAND, "directory"], [*wrong, *mended], cwd=folder, env=environment(**{VARIABLE: "reader"})
    )
    assert code == 0, screen
    assert "✗" in screen
    assert "✓ canary" in screen
    assert "not written" in screen
    assert not (folder / "auditor.yaml").exists()
