"""`auditor work`."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auditor.audit.case import make_case
from auditor.audit.collecting import collect_all
from auditor.audit.inputs import read_inputs, read_work
from auditor.cli.console import indented, joined, print_lines, styled
from auditor.cli.data.work import work_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.progress import Stages
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.history.projection import load_baseline, require_store
from auditor.store import Store
from auditor.work_report import Section, WorkReport, work_report
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.case import Case

MANY = 12
"""How many notes of a section are printed; JSON has all of them."""


def run_work(path: Path, *, at: datetime | None, as_of: str | None, store: Path | None, output: Format) -> int:
    """
    Read everything anew, and answer every question of the work map; nothing is stored.

    With `as_of`, people and systems are as that audit stored them, and the work map is today's. Returns 0 when all is
    in order, 1 when something is not, 2 when something could not be evaluated. Raises `AuditorError` for a practice
    without a work map, and for a map that cannot be used.
    """
    config = load_config(path, store=store)
    if config.work is None:
        raise AuditorError(
            f"`{path}` names no work map",
            hint="write one and add `work: work.yaml`; docs/work-map.md shows how, from nothing",
        )
    report = work_report(_past(config, as_of) if as_of is not None else _present(config, at or utc_now()))
    emit(output, text=lambda: _print(report), data=lambda: work_data(report))
    if any(section.not_evaluated for section in report.sections):
        return NOT_EVALUABLE
    return FINDINGS if any(section.points for section in report.sections) else IN_STEP


def _present(config: Config, at: datetime) -> Case:
    spinner = Stages()
    inputs = read_inputs(config)
    with spinner.stage("read"):
        collections = collect_all(config, spinner, utc_now, at)
    at = at.astimezone(UTC)
    if not config.store.is_file():
        return make_case(config, inputs, collections, at, None)
    with Store.look(config.store) as store:
        return make_case(config, inputs, collections, at, store)


def _past(config: Config, as_of: str) -> Case:
    inputs = read_inputs(config)
    require_store(config)
    with Store.look(config.store) as store:
        case = load_baseline(config, inputs, store, as_of).case
    people = {p.id: p for p in inputs.roster.people} | dict(case.people)
    return replace(case, people=people, work=read_work(config, inputs, frozenset(people)))


def _print(report: WorkReport) -> None:
    print_lines(styled(f"{report.practice}, {report.day}: {report.headline}", style="bold"))
    for section in report.sections:
        _print_section(section)


def _print_section(section: Section) -> None:
    if section.points:
        mark, style = "✗", "bold red"
    elif section.not_evaluated:
        mark, style = "?", "bold yellow"
    else:
        mark, style = "✓", "green"
    print_lines("", joined((f"{mark} ", style), (section.question, "bold")))
    for point in section.points:
        id_ = f"  {point.finding}" if point.finding else ""
        _fold(f"{point.text}{id_}", "  - ")
        if point.detail:
            _fold(point.detail, "      ", "dim")
        if point.remedy:
            _fold(f"→ {point.remedy}", "      ")
    for reason in section.not_evaluated:
        _fold(f"not evaluated: {reason}", "  - ", "yellow")
    for note in section.notes[:MANY]:
        _fold(f"note: {note}", "  - ", "dim")
    if len(section.notes) > MANY:
        _fold(f"and {len(section.notes) - MANY} more notes; `--format json` has all", "  - ", "dim")


def _fold(text: str, lead: str, style: str = "") -> None:
    print_lines(*(styled(line, style=style) for line in indented(text, lead, " " * 6, margin=6)))
