"""The commands as typer has them, each made from the application and not from a list."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import typer
from typer.core import TyperCommand, TyperGroup

from auditor.cli.app import build


@cache
def commands() -> Mapping[str, TyperCommand]:
    """Return every command, those of a group as `group command`; made once, for each is made from its whole module."""
    return MappingProxyType(dict(_under(typer.main.get_command(build()), "")))


def _under(group: object, lead: str) -> Iterator[tuple[str, TyperCommand]]:
    assert isinstance(group, TyperGroup)
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from _under(command, f"{lead}{name} ")
        else:
            assert isinstance(command, TyperCommand)
            yield f"{lead}{name}", command


def options(command: TyperCommand) -> set[str]:
    """Return the options of a command, as they are typed."""
    return {word for param in command.params for word in param.opts if word.startswith("-")}
