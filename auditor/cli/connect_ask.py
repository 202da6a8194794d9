"""Asks on a terminal for what `auditor connect` needs; on stderr, so that stdout holds results only."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import typer

from auditor.cli.console import indented, write_stderr
from auditor.connecting.draft import ordered, product_of
from auditor.connecting.settings import AskedSetting, apply, is_set, problems, value_at
from auditor.connecting.shipped import list_connectors
from auditor.connecting.system import fields_of
from auditor.connecting.writing import NewPractice
from connectors.connector import ConnectorModule
from connectors.errors import AuditorError
from connectors.facts import SystemKind
from connectors.inputs.dates import known_timezone

ALWAYS = ("canary", "ca_file")
"""Optional settings that are worth asking for in any case."""
TAKE_OUT = "-"
"""What is typed to leave an optional setting out."""


def ask_practice() -> NewPractice:
    """Ask whose configuration a new file is."""
    tell("There is no configuration yet: this makes one.")
    name = _until(lambda: _prompt("name of the practice", None), lambda text: text)
    zone = _until(lambda: _prompt("its time zone, such as America/Chicago", None), known_timezone)
    return NewPractice(name, zone)


def ask_system(id_: str, data: Mapping[str, Any], products: Sequence[str], others: Sequence[str]) -> dict[str, Any]:
    """Ask what kind of system it is, how it is read, and whether it holds patient data."""
    said = dict(data)
    tell(f"About `{id_}`: Enter takes what stands in brackets.")
    said["kind"] = _choose("what is it?", [kind.value for kind in SystemKind], said.get("kind"))
    there = {c.name: c.reads for c in list_connectors() if c.kind.value == said["kind"]}
    for name, reads in there.items():
        tell(f"  {name:16} {reads}", hang=19)
    connector = said.get("connector") if said.get("connector") in there else None
    said["connector"] = _choose("how is it read?", list(there), connector)
    guess = said.get("product") or product_of(said["kind"], said["connector"], products)
    tell(f"  catalogs: {', '.join(products)}")
    said["product"] = _prompt("which catalog explains its rights?", guess)
    said["title"] = _prompt("what reports call it", said.get("title") or id_)
    said["holds_phi"] = typer.confirm("does it hold patient data?", default=said.get("holds_phi"), err=True)
    if said["holds_phi"]:
        _ask_optional(said, "vendor", "who hosts it: the legal name, `self` for the practice, empty if not known yet")
    if others:
        _ask_optional(said, "sign_in", f"system that people sign in through, if any ({', '.join(others)})")
    return ordered(said)


def ask_settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for everything that the connector needs, and, if wanted, for the rest."""
    module, fields = fields_of(str(data["kind"]), str(data["connector"]))
    settings = deepcopy(dict(data["settings"]))
    first = [f for f in fields if f.required or f.variable or f.key in ALWAYS or value_at(settings, f.key) is not None]
    rest = [f for f in fields if f not in first]
    for field in first:
        _ask(module, fields, settings, field)
    if rest and typer.confirm(f"{len(rest)} more settings are optional; see them?", default=False, err=True):
        for field in rest:
            _ask(module, fields, settings, field)
    for _ in range(5):
        wrong = problems(module.Settings, settings)
        if not wrong:
            break
        for problem in wrong:
            tell(f"  {problem.key}: {problem.text}")
        again = [f for f in fields if any(p.key == f.key or p.key.startswith(f"{f.key}.") for p in wrong)]
        for field in again or fields:
            _ask(module, fields, settings, field)
    return ordered({**data, "settings": settings})


def _ask(
    module: ConnectorModule, fields: tuple[AskedSetting, ...], settings: dict[str, Any], field: AskedSetting
) -> None:
    note = "needed" if field.required else f"optional, `{TAKE_OUT}` leaves it out"
    tell(f"{field.key} ({note})" + (f": {field.meaning}" if field.meaning else ""))
    if field.variable:
        tell("  the NAME of an environment variable, such as AUDITOR_EHR_SECRET; the secret itself is never asked for")
    if field.choices:
        tell(f"  one of: {', '.join(field.choices)}")
    while True:
        now = value_at(settings, field.key)
        given = _prompt(
            f"  {field.key}", _shown(now if now is not None else field.default), optional=not field.required
        )
        if given == TAKE_OUT and not field.required:
            given = ""
        if now is None and given == _shown(field.default):
            return  # what holds anyway need not stand in the file
        if now is not None and given == _shown(now):
            return
        before = deepcopy(settings)
        try:
            apply(fields, settings, field.key, given)
        except AuditorError as error:
            tell(f"  {error.message}; {error.hint}")
            continue
        wrong = [p for p in problems(module.Settings, settings) if p.key == field.key]
        if not wrong:
            break
        tell(f"  {wrong[0].text}")
        settings.clear()
        settings |= before
    if field.variable and given and not is_set(given):
        tell(f"  {given} is not set in this shell yet; how to set it is told below")


def _shown(value: object) -> str:
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _ask_optional(said: dict[str, Any], key: str, question: str) -> None:
    given = _prompt(question, said.get(key) or "", optional=True)
    if given and given != TAKE_OUT:
        said[key] = given
    else:
        said.pop(key, None)


def _choose(question: str, choices: Sequence[str], default: str | None) -> str:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of: {', '.join(choices)}")
        return text

    return _until(lambda: _prompt(f"{question} ({', '.join(choices)})", default), check)


def _until(ask: Callable[[], str], check: Callable[[str], str]) -> str:
    while True:
        try:
            return check(ask())
        except ValueError as error:
            tell(f"  {error}")


def _prompt(question: str, default: str | None, *, optional: bool = False) -> str:
    shown = "" if optional and default is None else default
    given = typer.prompt(question, default=shown, show_default=bool(shown), err=True)
    return str(given).strip()


def tell(text: str, hang: int = 2) -> None:
    """Say something on stderr, folded."""
    write_stderr("\n".join(indented(text, "", " " * hang, margin=0)))


def confirm(question: str, *, default: bool) -> bool:
    """Ask yes or no."""
    return typer.confirm(question, default=default, err=True)
