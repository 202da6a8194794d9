"""`auditor review sheets` and `receive`: a review by workbooks."""

from pathlib import Path

from auditor.cli.console import folded, print_lines, styled
from auditor.cli.data.review_sheets import brought_data, sheets_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.review import signer_of
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP
from auditor.history.projection import require_store
from auditor.review.desk import Desk
from auditor.review.opening import settings_of
from auditor.review.state import select_campaign
from auditor.review.wanted import Who
from auditor.review_sheet.bringing_in import Brought, bring_in
from auditor.review_sheet.writing import file_name, write_workbook
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError, shorten
from reports.words import plural

SHOWN = 50
"""So many refused rows are listed; the rest is counted, and all stand in the JSON."""


def run_sheets(
    path: Path, named: str | None, *, to: Path, only: tuple[str, ...], store: Path | None, output: Format
) -> int:
    """Write a workbook for each reviewer who has questions; returns 0."""
    config = load_config(path, store=store)
    settings = settings_of(config)
    require_store(config)
    if unknown := [id_ for id_ in only if id_ not in settings.reviewers]:
        raise AuditorError(
            f"{shorten(unknown[0])} is no reviewer", hint=f"those are: {', '.join(sorted(settings.reviewers))}"
        )
    written: list[tuple[str, Path, int]] = []
    with Store.open(config.store) as opened:
        desk = _desk(config, opened)
        with opened.reviewed() as connection:
            campaign = select_campaign(connection, config.practice.id, named)
        for id_, reviewer in settings.reviewers.items():
            if (only and id_ not in only) or not desk.progress(Who(id_, "writes the workbook"), campaign.id)[0]:
                continue
            place = to / file_name(campaign, id_)
            try:
                to.mkdir(parents=True, exist_ok=True)
                rows = write_workbook(desk, campaign, id_, place)
            except OSError as error:
                raise AuditorError(f"`{place}` cannot be written: `{error.strerror}`", hint="choose `--to`") from None
            written.append((reviewer.name, place, rows))
    emit(output, text=lambda: _show_sheets(written), data=lambda: sheets_data(campaign, written))
    return IN_STEP


def run_receive(file: Path, path: Path, *, by: str, store: Path | None, output: Format) -> int:
    """Bring a workbook in; returns 1 when rows were refused and so nothing was recorded, and 0 otherwise."""
    if not by.strip() or not by.isprintable():
        raise AuditorError("it is not said who took the workbook in", hint="give `--by`: a person, not a department")
    config = load_config(path, store=store)
    settings = settings_of(config)
    require_store(config)
    with Store.open(config.store) as opened:
        brought = bring_in(_desk(config, opened), file, f"taken in by {' '.join(by.split())}")
    name = settings.reviewers[brought.reviewer].name
    emit(output, text=lambda: _show_brought(brought, name), data=lambda: brought_data(brought))
    return FINDINGS if brought.faults or brought.not_signed else IN_STEP


def _desk(config: Config, store: Store) -> Desk:
    practice = config.practice
    return Desk(store, practice.id, practice.timezone, settings_of(config), signer_of(config), utc_now)


def _show_sheets(written: list[tuple[str, Path, int]]) -> None:
    if not written:
        print_lines("nobody has a question in this review")
    for name, place, rows in written:
        print_lines(f"{styled(name, 'bold')}: {plural(rows, 'question')}: {place}")
    if written:
        print_lines("", "when one comes back: auditor review receive FILE --by 'your name'")


def _show_brought(brought: Brought, name: str) -> None:
    if brought.faults:
        cells = plural(len(brought.faults), "cell")
        print_lines(styled(f"nothing was recorded: {cells} of {name}'s workbook cannot be so", "bold"))
        for fault in brought.faults[:SHOWN]:
            print_lines(*folded(f"  {fault}"))
        if len(brought.faults) > SHOWN:
            print_lines(f"  and {len(brought.faults) - SHOWN} more: --format json")
        print_lines("", "mend these rows and send the workbook again; or write it anew: auditor review sheets")
        return
    done = f"{plural(brought.recorded, 'decision')} of {name} recorded"
    print_lines(styled(done + (", and signed" if brought.signed else ""), "bold"))
    for count, says in (
        (brought.unchanged, "were decided so already"),
        (brought.undecided, "are undecided: an empty row decides nothing"),
        (brought.missing, "of these have no row in the workbook"),
    ):
        if count:
            print_lines(f"  {count} {says}")
    if brought.not_signed:
        print_lines(*folded(f"  not signed: {brought.not_signed}"))
    elif not brought.signed:
        print_lines("  not signed: no name stands at `Your full name, to sign`")
