"""
Annexes as a table for a spreadsheet, by RFC 4180.

Each annex is a block with its own heading line; every line begins with the annex, its outcome and its sentence, so a
block of which nothing is listed says why. What could not be looked at has lines of its own. A cell that a spreadsheet
would run begins with an apostrophe.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from reports.annex_cells import cells, heading
from reports.annexes import Annex, AnnexOutcome, RowState
from reports.spreadsheet import harmless

LEAD = ("annex", "outcome", "sentence")


def as_csv(annexes: Sequence[Annex], timezone: str) -> str:
    """Return the blocks of these annexes, an empty line between two."""
    text = io.StringIO()
    writer = csv.writer(text)
    for number, annex in enumerate(annexes):
        if number:
            writer.writerow([])
        for line in _lines(annex, timezone):
            writer.writerow([harmless(cell) for cell in line])
    return text.getvalue()


def _lines(annex: Annex, timezone: str) -> Iterator[list[str]]:
    yield [*(heading(name) for name in LEAD), *(heading(name) for name in annex.columns)]
    lead = [annex.name, annex.outcome.value, annex.sentence]
    blank = [""] * (len(annex.columns) - 1)
    for row in annex.rows:
        yield [*lead, *cells(row, annex.columns, timezone)]
    for one in annex.not_evaluated:
        yield [*lead, RowState.UNKNOWN.value, f"{one.what}: {one.why}", *blank[1:]]
    if annex.outcome is AnnexOutcome.NOTHING:
        looked = ", ".join(f"{one.what}: {one.count}" for one in annex.looked_at)
        yield [*lead, annex.outcome.value, f"looked at {looked}", *blank[1:]]
