"""What `auditor review sheets` and `receive` tell a machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.review_records import Campaign
from auditor.review_sheet.bringing_in import Brought


@dataclass(frozen=True, slots=True)
class SheetData:
    """One workbook that was written."""

    reviewer: str
    file: str
    questions: int


@dataclass(frozen=True, slots=True)
class SheetsData:
    """The workbooks of one review."""

    campaign: str
    name: str
    workbooks: tuple[SheetData, ...]


@dataclass(frozen=True, slots=True)
class RefusedRowData:
    """A row that cannot be as it is."""

    row: int
    question: str
    column: str
    found: str
    why: str


@dataclass(frozen=True, slots=True)
class BroughtData:
    """What came of a workbook."""

    campaign: str
    reviewer: str
    recorded: int
    unchanged: int
    undecided: int
    missing: int
    signed: bool
    not_signed: str
    refused: tuple[RefusedRowData, ...]


def sheets_data(campaign: Campaign, written: Sequence[tuple[str, Path, int]]) -> SheetsData:
    """Return what was written."""
    return SheetsData(campaign.id, campaign.name, tuple(SheetData(name, str(at), rows) for name, at, rows in written))


def brought_data(brought: Brought) -> BroughtData:
    """Return what came of it, every refused row with it."""
    return BroughtData(
        brought.campaign,
        brought.reviewer,
        brought.recorded,
        brought.unchanged,
        brought.undecided,
        brought.missing,
        brought.signed,
        brought.not_signed,
        tuple(RefusedRowData(f.row, f.question, f.column, f.found, f.why) for f in brought.faults),
    )
