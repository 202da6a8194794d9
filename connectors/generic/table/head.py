"""Where a table begins: its header, in one line or two, below whatever titles stand above it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import InputError
from connectors.generic.table.dictionary import words
from connectors.inputs.tables import MAX_COLUMNS, joined_names

TITLES = 60
"""A header stands no further down than this."""
_BEATS = 1.5
"""So many more known headings make a later row the header: the first row as wide as the table is likelier."""


@dataclass(frozen=True, slots=True)
class TableHead:
    """Where a table begins, and what stands above it."""

    line: int
    names: tuple[str, ...]
    titles: tuple[str, ...]
    settings: dict[str, int]

    def told(self, unit: str) -> str:
        """Say where the header is."""
        two = " in two lines" if "header_rows" in self.settings else ""
        return f"header {'on' if unit == 'line' else 'in'} {unit} {self.line}{two}"


def find_header(path: Path, rows: Sequence[tuple[int, list[str]]]) -> TableHead:
    """Find the header: the first row with the most headings that are known, and as wide as the table."""
    if not rows:
        raise InputError(path, "the file is empty", expected="a header and rows", hint="export it again")
    place = _header_place(rows)
    line, values = rows[place]
    settings: dict[str, int] = {}
    above = place
    names = [value.strip() for value in values]
    filled = [name.casefold() for name in names if name]
    if place and len(set(filled)) < len(filled):
        joined = joined_names(rows[place - 1][1], values)
        if len({name.casefold() for name in joined if name}) == len([name for name in joined if name]):
            names, above = joined, place - 1
            settings["header_rows"] = 2
    first = rows[above][0]
    if first > 1:
        settings["skip_rows"] = first - 1
    titles = tuple(" ".join(v.strip() for v in cells if v.strip()) for _, cells in rows[:above])
    return TableHead(line, _trimmed(names), titles, settings)


def _header_place(rows: Sequence[tuple[int, list[str]]]) -> int:
    filled = [sum(1 for value in values if value.strip()) for _, values in rows]
    # A line with one value is a title, or stands below the table.
    wide = [count for count in filled if count > 1] or filled
    width = Counter(wide).most_common(1)[0][0] if len(wide) > 2 else max(wide)
    candidates = []
    for place, ((_, values), count) in enumerate(zip(rows[:TITLES], filled, strict=False)):
        names = [value.strip().casefold() for value in values if value.strip()]
        # Rows of accounts have empty cells, so a header may have more values than most rows, but hardly fewer.
        known = known_headings(values)
        if (len(set(names)) == len(names) or known >= 2) and count >= min(width, 2):
            candidates.append((known, place))
    if not candidates:
        return 0
    first = next((c for c in candidates if filled[c[1]] >= 0.8 * width), candidates[0])
    best = max(candidates, key=lambda c: (c[0], -c[1]))
    return (best if best[0] >= first[0] + _BEATS else first)[1]


def known_headings(header: Sequence[str]) -> float:
    """Count how much of a header is in our words."""
    known = words()
    every = [*known.headings.values(), *known.entitlements.values()]
    return sum(
        max(headings.score(name) for headings in every) for name in header[:MAX_COLUMNS] if 0 < len(name.strip()) <= 60
    )


def _trimmed(header: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return tuple(names)
