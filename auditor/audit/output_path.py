"""Where the report goes: made sure of before anything is read, so that no audit is stored without its report."""

import os
import re
from pathlib import Path

from auditor.config import Config
from auditor.ledger.keys import public_path
from connectors.errors import AuditorError
from connectors.inputs.file_writing import check_writable, write_whole
from connectors.inputs.files import opened

PAGE = b"<!doctype html>"
_OF_PRACTICE = re.compile(rb'<html lang="en" data-practice="([a-z0-9-]+)">')
_HEAD = 200  # bytes within which a report says whose it is


def check_output_path(config: Config) -> None:
    """
    Make the report's folder.

    Raises `AuditorError` when the report could not be written there, or would replace the history, an input or the
    report of another practice.
    """
    store, report = config.store, config.report
    key = store.with_suffix(".key")
    if _real(key) == _real(store):
        raise AuditorError(f"the store `{store}` would be its own key", hint="let its name end with `.db`")
    inputs = (config.path, config.roster.path, config.staff, config.agreements, config.work, *config.catalogs)
    taken = [_real(path) for path in (store, key, public_path(key), *inputs) if path is not None]
    if _real(report) in taken:
        raise AuditorError(
            f"the report would replace `{report}`, which the audit needs",
            hint="give the report a file of its own with `--report`",
        )
    try:
        if report.exists() and not (report.is_file() and _is_page(report)):
            raise AuditorError(
                f"`{report}` is there already, and is not a report",
                hint="nothing was overwritten; give the report a file of its own with `--report`",
            )
        refuse_anothers(report, config.practice.id)
        report.parent.mkdir(parents=True, exist_ok=True)
        check_writable(report)
    except OSError as error:
        raise AuditorError(
            f"the report `{report}` cannot be written: `{error.strerror}`",
            hint="nothing was stored; choose a folder that you may write to with `--report`",
        ) from None


def refuse_anothers(report: Path, practice: str) -> None:
    """Raise `AuditorError` when what is there is the report of another practice, such as one of the same folder."""
    other = practice_of(report)
    if other not in (None, practice):
        raise AuditorError(
            f"`{report}` is the report of another practice, `{other}`, and this one would replace it",
            hint=f"give each its own: `report: report-{practice}.html` in the configuration, or `--report`",
        )


def practice_of(report: Path) -> str | None:
    """Return the id of the practice whose report a file is; `None` where it does not say so, or is not there."""
    if not report.is_file():
        return None
    with opened(report) as file:
        found = _OF_PRACTICE.search(file.read(_HEAD))
    return found[1].decode() if found else None


def _real(path: Path) -> str:
    """Return where a path leads; unlike `Path.resolve`, this does not raise for links that form a ring."""
    return os.path.realpath(path)


def _is_page(path: Path) -> bool:
    """Whether this is an earlier report, or empty: anything else may be an export, or somebody's only copy."""
    with opened(path) as file:
        return file.read(len(PAGE)).lower() in (PAGE, b"")


def write_report(path: Path, page: str) -> None:
    """
    Write a page in one step: a reader never sees half of it, and nobody but its owner sees it at all.

    Raises `AuditorError` when it cannot be written, or when something that is no page is there already.
    """
    try:
        if path.exists() and not (path.is_file() and _is_page(path)):
            raise AuditorError(
                f"`{path}` is there already, and is not a page of this product",
                hint="nothing was overwritten; give the page a file of its own with `--html`",
            )
        write_whole(path, page.encode())
    except OSError as error:
        raise AuditorError(
            f"the page `{path}` cannot be written: `{error.strerror}`",
            hint="choose a folder that is there and that you may write to with `--html`",
        ) from None
