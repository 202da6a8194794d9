"""Annexes as the page lays them out: tables where the columns fit beside each other, else a small card for each row."""

from dataclasses import dataclass
from itertools import takewhile

from reports.annex_cells import cells, heading
from reports.annexes import Annex, AnnexOutcome, AnnexRow, RowState
from reports.listing import ListPart, top

ROWS_SHOWN = 500
"""So many rows of each annex stand on the page; JSON has them all."""
FITTING = 7
"""So many columns fit beside each other."""
OF_REVIEW = "review-"
"""How the ids begin of what tells how a review went; it stands in a section of its own."""
LEAD = 3
"""So many cells head a card, at most."""
LONG = 60
"""A longer text takes the whole width of a card."""

_TONES = {RowState.OPEN: "bad", RowState.UNKNOWN: "unknown", RowState.IN_ORDER: "good", RowState.TOLD: "plain"}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row, its cells with their headings."""

    state: str
    tone: str
    cells: tuple[tuple[str, str], ...]
    words: int
    """How many of the first cells are words, which say without a heading what they are."""

    @property
    def lead(self) -> tuple[str, ...]:
        """The texts by which a card is known."""
        return tuple(text for _, text in self.cells[: self.words] if text)

    @property
    def rest(self) -> tuple[tuple[str, str, bool], ...]:
        """The other cells that hold something; and whether each takes the whole width."""
        return tuple((name, text, len(text) > LONG) for name, text in self.cells[self.words :] if text)


class ShownAnnex:
    """One annex, ready to be laid out."""

    def __init__(self, annex: Annex, timezone: str) -> None:
        self.annex = annex
        self.of_review = annex.id.startswith(OF_REVIEW)
        self.narrow = len(annex.columns) <= FITTING
        self.headings = tuple(heading(column) for column in annex.columns)
        part = top(annex.rows, ROWS_SHOWN)
        self.rows: ListPart[ShownRow] = ListPart(tuple(self._row(row, timezone) for row in part.items), part.total)
        self.tone, self.word = _verdict(annex)

    def _row(self, row: AnnexRow, timezone: str) -> ShownRow:
        columns = self.annex.columns[1:]  # the state stands before the others, in its colour
        told = tuple(zip(self.headings[1:], cells(row, columns, timezone), strict=True))
        words = takewhile(lambda column: isinstance(getattr(row, column), str | tuple), columns[:LEAD])
        return ShownRow(row.state.value, _TONES[row.state], told, len(list(words)))


def _verdict(annex: Annex) -> tuple[str, str]:
    """Return how an annex looks, and what its badge says: what needs action first, then what could not be told."""
    if annex.open:
        return "bad", f"{annex.open:,} of {len(annex.rows):,} need action" if annex.open > 1 else "1 needs action"
    if annex.outcome is AnnexOutcome.NOT_EVALUATED:
        return "unknown", "Not evaluated"
    if annex.unknown:
        return "unknown", "Not wholly evaluated"
    if annex.outcome is AnnexOutcome.NOTHING:
        return "good", "Nothing to list"
    if all(row.state is RowState.IN_ORDER for row in annex.rows):
        return "good", f"{_listed(annex)}, in order"
    return "plain", _listed(annex)


def _listed(annex: Annex) -> str:
    return f"{len(annex.rows):,} row{'' if len(annex.rows) == 1 else 's'}"
