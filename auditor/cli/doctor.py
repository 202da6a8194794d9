"""`auditor doctor`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.cli.checks import MARKS, STYLES
from auditor.cli.console import joined, styled, width, write_stdout
from auditor.cli.data.checks import doctor_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.progress import Steps
from auditor.config import load_config
from auditor.connecting.checks import Check, CheckState, failure
from auditor.connecting.system import ready
from auditor.connecting.trial import try_out
from auditor.doctor import check_age, check_practice
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE, USAGE
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.yaml import load_yaml

PRACTICE = "practice"


def run_doctor(path: Path, only: tuple[str, ...], *, store: Path | None, output: Format) -> int:
    """
    Check everything that the next audit needs, and print it.

    Returns 0 when all works, 2 when something does not, 64 when the configuration cannot be loaded. Raises
    `AuditorError` for a system in `only` that there is not.
    """
    spinner = Steps()
    results: dict[str, list[Check]] = {}
    try:
        config = load_config(path, store=store)
    except AuditorError as error:
        results[PRACTICE] = [failure("configuration", error)]
        emit(output, text=lambda: _print(results), data=lambda: doctor_data(results))
        return USAGE
    data = load_yaml(path).data
    for id_ in only:
        if id_ not in config.sources:
            raise AuditorError(f"there is no system `{id_}`", hint=f"one of: {', '.join(config.sources)}")
    with spinner.spinning("practice: "):
        results[PRACTICE] = list(check_practice(config, data))
    for id_ in only or tuple(config.sources):
        with spinner.spinning(f"{id_}: "):
            age = check_age(id_, config.sources[id_], utc_now())
            results[id_] = [*_system(id_, data["systems"][id_], path, spinner), *age]
    emit(output, text=lambda: _print(results), data=lambda: doctor_data(results))
    return NOT_EVALUABLE if _failed(results) else IN_STEP


def _system(id_: str, data: Mapping[str, Any], path: Path, spinner: Steps) -> list[Check]:
    try:
        system = ready(id_, data, path.resolve().parent)
    except AuditorError as error:
        return [failure("settings", error)]
    return list(try_out(system, spinner, time_limit_s=float(data.get("time_limit_s", 3600)), record=True))


def _failed(results: Mapping[str, list[Check]]) -> int:
    return sum(check.failed for checks in results.values() for check in checks)


def _print(results: Mapping[str, list[Check]]) -> None:
    table = Table(box=SIMPLE_HEAD, width=width(), pad_edge=False, header_style="bold")
    table.add_column("of", no_wrap=True, style="bold")
    table.add_column("check", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("found", ratio=1, overflow="fold")
    for of, checks in results.items():
        for place, check in enumerate(checks):
            style = STYLES[check.state]
            advice = [(f"\n→ what to do: {check.advice}", style)] if check.advice else []
            found = joined(check.found, *advice)
            last = place == len(checks) - 1
            table.add_row(
                of if place == 0 else "", check.step, styled(MARKS[check.state], style), found, end_section=last
            )
    console = Console(width=width(), highlight=False)
    with console.capture() as printed:
        console.print(table)
        console.print(_summary(results))
    write_stdout(printed.get())


def _summary(results: Mapping[str, list[Check]]) -> Text:
    failed, warnings = _failed(results), _count(results, CheckState.WARNING)
    checks = _count(results, CheckState.OK) + warnings + failed
    also = f", {warnings} to look at" if warnings else ""
    if failed:
        return styled(f"{failed} of {checks} checks failed{also}: the next audit will not be whole", "bold red")
    return styled(f"{checks} checks, none failed{also}", "bold green")


def _count(results: Mapping[str, list[Check]], state: CheckState) -> int:
    return sum(check.state is state for checks in results.values() for check in checks)
