"""The files' own language: tables in the source, CSV with a header out, always the same bytes."""

import csv
import io
from collections.abc import Iterable, Sequence

Files = dict[str, str]
"""Path below the folder of the example → content."""

Row = dict[str, str]


def table(text: str) -> list[Row]:
    """
    Read a table as people draw it: a header, then a line for each row, cells between `|`.

    Empty lines and lines that start with `#` are left out; a cell `-` is empty.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [{k: "" if v == "-" else v for k, v in zip(header, row, strict=True)} for row in rows]


def csv_text(header: str, rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV file; `header` is its first line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue()
