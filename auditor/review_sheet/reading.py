"""What came back in a workbook, as text; nothing of it is believed yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.review_sheet.layout import COLUMNS, DECISIONS, MARK_ROW, MAX_COLUMNS, MAX_ROWS, NAME_ROW, START, told
from connectors.errors import InputError, shorten
from connectors.inputs.xlsx import formula_cells, read_sheet

_AS_IT_WAS = "send back the workbook that `auditor review sheets` wrote, with nothing but the yellow cells filled in"


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One row of the decisions."""

    row: int
    """As the program for spreadsheets numbers it; the first below the titles is 2."""
    cells: Mapping[str, str]
    """By column (`layout.COLUMNS`)."""

    def __getitem__(self, key: str) -> str:
        return self.cells[key]


@dataclass(frozen=True, slots=True)
class Filled:
    """A workbook that came back."""

    campaign: str
    reviewer: str
    population: str
    name: str
    """What was typed to sign; empty: nothing."""
    rows: tuple[FilledRow, ...]


def read_workbook(path: Path) -> Filled:
    """Read a workbook; raises `InputError` where it is none of a review, or holds formulas."""
    if formulas := formula_cells(path, MAX_ROWS, MAX_COLUMNS):
        raise InputError(
            path,
            "it holds formulas, and a formula decides nothing",
            found=", ".join(formulas),
            hint="type the words themselves into these cells",
        )
    start = _start(path)
    mark = start.get(MARK_ROW, "").split()
    if len(mark) != 3:
        raise InputError(path, f"`{START}` does not say of which review it is", hint=_AS_IT_WAS)
    campaign, reviewer, population = mark
    return Filled(campaign, reviewer, population, told(start.get(NAME_ROW, "")), _rows(path))


def _start(path: Path) -> dict[int, str]:
    lines = read_sheet(path, START, MAX_ROWS, MAX_COLUMNS)
    return {number - 1: cells[1] for number, cells in lines if len(cells) > 1}


def _rows(path: Path) -> tuple[FilledRow, ...]:
    lines = iter(read_sheet(path, DECISIONS, MAX_ROWS, MAX_COLUMNS))
    _, titles = next(lines, (1, []))
    expected = [column.title for column in COLUMNS]
    if [told(title) for title in titles] != expected:
        wrong = next((a for a, b in zip(titles, expected, strict=False) if told(a) != b), f"{len(titles)} columns")
        raise InputError(
            path, f"the titles of `{DECISIONS}` are not as they were", found=shorten(wrong), line=1, hint=_AS_IT_WAS
        )
    rows = []
    for number, cells in lines:
        texts = [told(cell) for cell in (*cells, *[""] * (len(COLUMNS) - len(cells)))]
        if any(texts):
            rows.append(FilledRow(number, {column.key: text for column, text in zip(COLUMNS, texts, strict=True)}))
    return tuple(rows)
