"""Workbooks of a review as a reviewer sends them back: opened, filled in, and saved by another program."""

from collections.abc import Mapping
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from auditor.review_sheet.layout import COLUMNS, DECISIONS, NAME_ROW, START

AT = {column.key: number for number, column in enumerate(COLUMNS)}
Cells = dict[str, list[list[object]]]


def cells_of(path: Path) -> Cells:
    """Return every cell by sheet."""
    with CalamineWorkbook.from_path(path) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def save(path: Path, cells: Cells, formulas: Mapping[tuple[str, int, int], str] | None = None) -> Path:
    """Write cells as another program would: no protection, no formats, dates as dates."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in cells.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if formula := (formulas or {}).get((name, number, column)):
                        sheet.write_formula(number, column, formula, None, value)
                    elif value != "":
                        sheet.write(number, column, value, day if hasattr(value, "year") else None)
    return path


def filled(path: Path, rows: Mapping[str, Mapping[str, object]], name: str = "") -> Path:
    """Fill in the rows of some questions, and the name that signs, beside the workbook that was sent."""
    cells = cells_of(path)
    for row in cells[DECISIONS][1:]:
        for key, value in rows.get(str(row[AT["question"]]), {}).items():
            row[AT[key]] = value
    if name:
        cells[START][NAME_ROW][1] = name
    return save(path.with_name(f"back-{path.name}"), cells)
