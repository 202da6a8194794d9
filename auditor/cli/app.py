"""The application: its commands are those of the table, and the module of one is imported when it is asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from auditor import __version__
from auditor.cli import NAME
from auditor.cli.commands import COMMANDS, GROUPS
from auditor.cli.console import write_stdout
from auditor.cli.help import ABOUT, OPTIONS, first_page
from auditor.exit_codes import USAGE


def build() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name=NAME,
        cls=_Root,
        help="\n\n".join(ABOUT),
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain text can be searched and copied, and is there in a third of the time
    )
    app.callback()(_root)
    return app


def version_line() -> str:
    """Return what `--version` prints."""
    return f"{NAME} {__version__}\n"


def _print_version(wanted: bool) -> None:
    if wanted:
        write_stdout(version_line())
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help=OPTIONS["--version"])
    ] = False,
) -> None:
    pass


class _Loaded(Mapping[str, Any]):
    """The commands that begin with the words of a group, by what follows; each is made when it is looked up."""

    def __init__(self, lead: str) -> None:
        self._lead = lead
        rest = (name.removeprefix(lead) for name in COMMANDS if name.startswith(lead))
        self._names = tuple(dict.fromkeys(name.partition(" ")[0] for name in rest))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        whole = self._lead + name
        if whole in GROUPS:
            return get_group(typer.Typer(name=whole, cls=_Group, help=GROUPS[whole], rich_markup_mode=None))
        entry = COMMANDS[whole]
        function = import_module(f"auditor.cli.commands.{entry.module}").command
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        help_ = f"{entry.summary}\n\n{function.__doc__}"
        app.command(name, help=help_, epilog=f"Example: `{entry.example}`")(function)
        made = get_command(app)
        assert isinstance(made, TyperCommand)  # noqa: S101 - one function is one command
        return made


class _Group(TyperGroup):
    """A group whose commands are those of the table; without one, it shows its help, and nothing was asked."""

    lead: str | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Loaded(f"{self.name} " if self.lead is None else self.lead)  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer gives it
        """Return the names; to make the commands is not needed for that."""
        return list(self.commands)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help where there is no command."""
        if not args and not ctx.resilient_parsing:
            write_stdout(ctx.get_help() + "\n")
            raise typer.Exit(USAGE)
        return super().parse_args(ctx, args)


class _Root(_Group):
    """All of them, and the first page."""

    lead = ""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer gives it
        """Print the first page as it is without all this."""
        formatter.write(first_page())
