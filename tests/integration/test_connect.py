"""Connecting a real OpenLDAP: each step says what worked or what to do, and no secret gets anywhere."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from tests.integration.slapd import DirectoryServer, free_port, make_certificate, slapd
from tests.integration.test_directory_ldap import OUS, group, person

VARIABLE = "AUDITOR_TEST_CONNECT"
NOT_EVALUATED, USAGE = 2, 64
KEEPERS_SECRET = "S3cret-of-the-keeper"
KEEPER = f"""\
dn: uid=keeper,dc=t
objectClass: inetOrgPerson
uid: keeper
cn: Keeper
sn: Keeper
userPassword: {KEEPERS_SECRET}

"""
SETTINGS = {"base_dn": "dc=t", "bind_dn": "uid=reader,dc=t", "password_env": VARIABLE, "canary": "reader"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    entries = KEEPER + OUS + person("va01") + person("va02") + group("front-desk", "uid=va01,ou=people,dc=t")
    with slapd(tmp_path_factory.mktemp("slapd") / "s", entries) as running:
        yield running


@pytest.fixture
def folder(tmp_path, server, monkeypatch) -> Path:
    monkeypatch.setenv(VARIABLE, "reader")
    monkeypatch.setenv("COLUMNS", "400")
    shutil.copy(server.ca_file, tmp_path / "ca.pem")
    return tmp_path


def connect(folder: Path, server: DirectoryServer, *more: str, name: str = "directory", **changes: str) -> int:
    settings = {"url": server.ldaps_url, "ca_file": "ca.pem", **SETTINGS, **changes}
    given = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    command = ["connect", name, "--config", str(folder / "auditor.yaml"), "--connector", "ldap", "--product", "ldap"]
    practice = ["--practice", "Lakeside", "--timezone", "America/Chicago"]
    return run([*command, "--no-holds-phi", *practice, *given, *more])


def steps(folder: Path, server: DirectoryServer, capsys, **changes: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Try it for a machine, and return the exit code and what each step said."""
    code = connect(folder, server, "--format", "json", **changes)
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is (code == 0)
    assert not told["written"], "without `--yes`"
    return code, {step["step"]: step for step in told["steps"]}


def failed(told: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the one step that failed; what comes after it was not tried."""
    states = [step["state"] for step in told.values()]
    assert states.count("failed") == 1
    place = states.index("failed")
    assert set(states[place + 1 :]) <= {"not-tried"}
    assert "canary" in told
    return list(told.values())[place]


def test_a_directory_that_works_is_tried_step_by_step_and_written(folder, server, capsys):
    assert connect(folder, server, "--yes") == 0
    out = capsys.readouterr().out
    ticks = [line.split()[1] for line in out.splitlines() if line[:1] in ("✓", "!")]
    assert ticks[:3] == ["name", "port", "tls"]
    assert ticks[-3:] == ["first", "all", "canary"]
    assert "sign-in" in ticks
    assert "issued by `Test CA tls`, ends" in out
    assert "6 accounts" in out
    assert "limits" in out.casefold(), "the least privilege of OpenLDAP"
    config = load_config(folder / "auditor.yaml")
    assert list(config.sources) == ["directory"]
    assert config.practice.timezone == "America/Chicago"


@pytest.mark.parametrize("secret", [KEEPERS_SECRET, "S3cret-that-is-wrong"])
def test_no_secret_reaches_the_screen_or_a_file(folder, server, capfd, monkeypatch, secret):
    monkeypatch.setenv(VARIABLE, secret)
    right = secret == KEEPERS_SECRET
    given = {"bind_dn": "uid=keeper,dc=t", "canary": "keeper"}
    assert connect(folder, server, "--yes", "--even-if-it-fails", **given) == (0 if right else NOT_EVALUATED)
    assert connect(folder, server, "--format", "json", **given) == (0 if right else NOT_EVALUATED)
    config = str(folder / "auditor.yaml")
    assert run(["doctor", config]) == NOT_EVALUATED, "the roster is empty"
    assert run(["catalog", "check", config, "--write", str(folder / "own.yaml")]) == (1 if right else NOT_EVALUATED)
    told = capfd.readouterr()
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    assert VARIABLE.encode() in written
    assert secret not in told.out + told.err + written.decode("latin-1")


def test_a_secret_typed_in_place_of_its_variable_is_refused_and_never_shown(folder, server, capsys, monkeypatch):
    secret = "hunter2"
    assert connect(folder, server, "--yes", password_env=secret) == USAGE
    assert connect(folder, server, "--yes", "--set", f"password={secret}") == USAGE
    assert connect(folder, server, "--yes", "--set", f"{secret}=x") == USAGE
    assert connect(folder, server, "--yes", "--set", secret) == USAGE
    told = capsys.readouterr()
    assert "environment variable" in told.err
    assert secret not in (told.out + told.err).replace(f"no setting `{secret}`", "")
    assert not (folder / "auditor.yaml").exists()


def test_a_secret_put_into_the_configuration_in_place_of_its_variable_is_not_shown(folder, server, capsys):
    assert connect(folder, server, "--yes") == 0
    path = folder / "auditor.yaml"
    path.write_text(path.read_text().replace(VARIABLE, "'my secret!'"))
    capsys.readouterr()
    for command in (["audit"], ["doctor"], ["catalog", "check"]):
        assert run([*command, str(path)]) == USAGE
        told = capsys.readouterr()
        assert "password_env" in told.out + told.err
        assert "my secret" not in told.out + told.err


def test_a_server_of_another_authority_is_not_trusted(folder, server, capsys):
    other, _, _ = make_certificate(folder / "other")
    code, told = steps(folder, server, capsys, ca_file=str(other))
    assert code == NOT_EVALUATED
    assert failed(told)["step"] == "tls"
    assert "issued by `Test CA tls`, is not signed by an authority in the `ca_file`" in told["tls"]["found"]


def test_an_authority_that_the_machine_does_not_know_must_be_given(folder, server, capsys):
    code, told = steps(folder, server, capsys, ca_file="")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "tls")
    assert "not signed by an authority that this machine trusts" in told["tls"]["found"]
    assert "set `ca_file`" in told["tls"]["advice"]


def test_a_certificate_for_another_name_says_which_names_it_bears(folder, server, capsys):
    code, told = steps(folder, server, capsys, server_name="dc1.practice.test")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "tls")
    assert told["tls"]["found"] == (
        "the certificate, issued by `Test CA tls`, is not for `dc1.practice.test`: it bears `localhost`, `127.0.0.1`"
    )
    assert "`server_name`" in told["tls"]["advice"]


def test_a_closed_port_is_told_from_a_server_that_refuses(folder, server, capsys):
    port = free_port()
    code, told = steps(folder, server, capsys, url=f"ldaps://127.0.0.1:{port}")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "port")
    assert told["port"]["found"] == f"nobody listens on port {port} of `127.0.0.1`"
    assert "tls" not in told


def test_a_host_that_nobody_knows_stops_at_its_name(folder, server, capsys):
    code, told = steps(folder, server, capsys, url="ldaps://dc1.practice.invalid")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "name")
    assert told["name"]["found"] == "no machine is called `dc1.practice.invalid` from here"
    assert "port" not in told


def test_a_port_without_tls_is_asked_after(folder, server, capsys):
    with socket.create_server(("127.0.0.1", 0)) as plain:
        import threading  # noqa: PLC0415

        def answer() -> None:
            for _ in range(2):  # one for the port, one for TLS
                connection, _ = plain.accept()
                connection.sendall(b"220 mail.practice.test ESMTP\r\n")
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        code, told = steps(folder, server, capsys, url=f"ldaps://127.0.0.1:{plain.getsockname()[1]}")
        thread.join(10)
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "tls")
    assert "answers, but not with TLS" in told["tls"]["found"]


def test_a_wrong_password_stops_at_the_sign_in(folder, server, capsys, monkeypatch):
    monkeypatch.setenv(VARIABLE, "wrong-one")
    code, told = steps(folder, server, capsys, bind_dn="uid=small,dc=t", canary="small")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "sign-in")
    assert "password" in told["sign-in"]["advice"]


def test_a_variable_that_is_not_set_is_said_with_the_way_to_set_it_and_the_set_up_is_still_printed(
    folder, server, capsys, monkeypatch
):
    monkeypatch.delenv(VARIABLE)
    assert connect(folder, server, "--yes") == NOT_EVALUATED
    out = capsys.readouterr().out
    assert f"not set in the environment: `{VARIABLE}`" in out
    assert f"read -rs {VARIABLE} && export {VARIABLE}" in out
    assert "limits" in out.casefold()
    assert "sign-in" not in out, "nothing that needs it was tried"
    assert not (folder / "auditor.yaml").exists()
    assert "--set url=" in out, "what was given need not be typed again"


def test_a_base_that_is_not_there_stops_before_the_first_page(folder, server, capsys):
    code, told = steps(folder, server, capsys, base_dn="dc=nowhere")
    assert code == NOT_EVALUATED
    assert failed(told)["step"] not in ("name", "port", "tls", "variables", "sign-in", "canary")
    assert "`base_dn`" in failed(told)["advice"] + failed(told)["found"]


def test_a_canary_that_is_not_seen_fails_although_every_page_was_read(folder, server, capsys):
    code, told = steps(folder, server, capsys, canary="nobody")
    assert (code, failed(told)["step"]) == (NOT_EVALUATED, "canary")
    assert told["all pages"]["state"] == "ok"


def test_without_a_canary_somebody_is_told_that_nothing_proves_it(folder, server, capsys):
    code, told = steps(folder, server, capsys, canary="")
    assert (code, told["canary"]["state"]) == (0, "warning")


def test_start_tls_is_left_to_the_sign_in(folder, server, capsys):
    code, told = steps(folder, server, capsys, url=f"ldap://localhost:{server.port}")
    assert (code, told["tls"]["state"]) == (0, "not-tried")
    assert "first sign-in" in told["tls"]["found"]


def test_a_certificate_file_that_is_none_is_the_persons_mistake(folder, server, capsys):
    (folder / "wrong.pem").write_text("not a certificate")
    code, told = steps(folder, server, capsys, ca_file="wrong.pem")
    assert (code, failed(told)["step"]) == (USAGE, "tls")


def test_a_setting_that_is_refused_is_told_before_anything_is_tried(folder, server, capsys):
    assert connect(folder, server, "--yes", page_size="none", base_dn="everything") == USAGE
    told = capsys.readouterr()
    assert "`page_size`" in told.err
    assert "`base_dn`" in told.err
    assert not told.out


def test_a_system_that_fails_leaves_the_configuration_as_it_was(folder, server, capsys):
    assert connect(folder, server, "--yes") == 0
    before = (folder / "auditor.yaml").read_bytes()
    assert connect(folder, server, "--yes", canary="nobody") == NOT_EVALUATED
    assert (folder / "auditor.yaml").read_bytes() == before
    assert connect(folder, server, "--yes", "--even-if-it-fails", canary="nobody") == NOT_EVALUATED
    assert (folder / "auditor.yaml").read_bytes() == before.replace(b"canary: reader", b"canary: nobody")


def test_a_second_system_and_a_change_keep_the_rest_of_the_file_byte_for_byte(folder, server, capsys):
    assert connect(folder, server, "--yes") == 0
    path = folder / "auditor.yaml"
    mine = path.read_text().replace("systems:\n", "# by hand:\nsystems:   # all of them\n") + "# the end\n"
    path.write_text(mine)
    assert connect(folder, server, "--yes", name="copy") == 0
    after = path.read_text()
    start, end = after.index("  copy:\n"), after.index("# the end\n")
    assert after[:start] + after[end:] == mine
    assert connect(folder, server, "--yes", name="copy") == 0
    assert "nothing to write" in capsys.readouterr().out
    assert path.read_text() == after


def test_what_would_change_is_shown_and_without_yes_nothing_is_written(folder, server, capsys):
    assert connect(folder, server) == 0
    out = capsys.readouterr().out
    assert "+  directory:" in out
    assert "`--yes` writes" in out
    assert {path.name for path in folder.iterdir()} == {"ca.pem"}


def test_a_product_that_no_catalog_explains_is_told(folder, server, capsys):
    assert connect(folder, server, "--yes", "--product", "our-own") == 0
    assert "no catalog explains `our-own` yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "which system?"),
        (["Not An Id", "--connector", "ldap"], "cannot be the id of a system"),
        (["x", "--connector", "nothing"], "--kind"),
        (["x", "--kind", "ehr", "--connector", "nothing"], "no connector `nothing`"),
        (["x", "--kind", "hospital", "--connector", "ldap"], "no kind of system"),
        (["x", "--connector", "ldap", "--no-holds-phi"], "`url`: a value is needed"),
        (["x"], "`auditor connect --list`"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_a_sentence(folder, capsys, arguments, told):
    command = ["connect", *arguments, "--config", str(folder / "auditor.yaml"), "--yes"]
    assert run([*command, "--practice", "P", "--timezone", "America/Chicago"]) == USAGE
    assert told in capsys.readouterr().err


def test_a_new_configuration_needs_a_practice_and_a_time_zone_that_exists(folder, capsys):
    command = ["connect", "x", "--config", str(folder / "auditor.yaml"), "--connector", "ldap", "--yes"]
    assert run(command) == USAGE
    assert "--practice" in capsys.readouterr().err
    assert run([*command, "--practice", "P", "--timezone", "Mars/Base"]) == USAGE
    assert "--timezone" in capsys.readouterr().err
