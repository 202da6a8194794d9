"""
What stands in a report: its columns with the values in them, and the lines that are no rows.

Everything is looked at, but only a bounded sample is kept, and nothing of it outlives the proposal.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.errors import InputError
from connectors.generic.table.dictionary import plain, words
from connectors.generic.table.infer.fixed_layout import fixed_rows
from connectors.generic.table.infer.sniff import Sniffed
from connectors.generic.table.mapping import FileFormat, Word
from connectors.inputs.tables import MAX_COLUMNS, read_cells

ROWS = 100_000
"""So many rows are looked at."""
DISTINCT = 3_000
"""So many different values of a column are kept."""
KEPT = 2**18
"""So many characters of a column are kept."""
LONGEST = 1_000
SAMPLE = 1_000
"""So many rows are kept, for questions about more than one column."""
TAIL = 12
"""The last lines, among which totals and footers are looked for."""
LABEL = 40

_NUMBERED = re.compile(r"(?P<label>[^0-9]{3,60}?)[\s:=]*(?P<number>[0-9][0-9,]{0,12})\b")
_COUNTED = re.compile(r"\(?(?P<number>[0-9][0-9,]{0,12})\s+(?P<label>[A-Za-z][A-Za-z ]{2,30})\)?\.?")


@dataclass(slots=True)
class ColumnProfile:
    """One column and what is in it."""

    name: str
    place: int
    rows: int = 0
    values: Counter[str] = field(default_factory=Counter)
    """Its different values, stripped, and how often each comes; also the empty one."""
    many: bool = False
    """Whether it has more different values than are kept."""
    room: int = KEPT

    @property
    def filled(self) -> int:
        """How many cells are not empty."""
        return self.rows - self.values[""]

    @property
    def distinct(self) -> list[str]:
        """Its different values, without the empty one."""
        return [value for value in self.values if value]

    def add(self, value: str) -> None:
        """Count one cell."""
        self.rows += 1
        text = value.strip()[:LONGEST]
        if text not in self.values:
            if len(self.values) >= DISTINCT or len(text) > self.room:
                self.many = True
                return
            self.room -= len(text)
        self.values[text] += 1


@dataclass(slots=True)
class FileProfile:
    """All columns, and what else was found."""

    columns: list[ColumnProfile]
    rows: int = 0
    footer: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    """The lines below the table, as they are."""
    total: tuple[str, int] | None = None
    """The label of the line with the total, and the number in it."""
    sections: dict[str, Word] = field(default_factory=dict)
    strange: list[int] = field(default_factory=list)
    """Lines that are neither rows nor anything that was recognised."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What had to be found out to cut the lines, such as the places of the columns."""
    sample: list[tuple[str, ...]] = field(default_factory=list)
    """The first rows, for questions about more than one column."""


def survey(path: Path, sniffed: Sniffed) -> FileProfile:
    """Look at every row; raises `InputError` when the table cannot be cut into columns."""
    if sniffed.fixed:
        names, settings, rows = fixed_rows(path, sniffed)
    else:
        names, settings, rows = sniffed.header, {}, _delimited_rows(path, sniffed)
    _check_names(path, names)
    seen = FileProfile([ColumnProfile(name, place) for place, name in enumerate(names)], settings=settings)
    last: deque[tuple[int, Sequence[str], bool | None]] = deque()
    for line, values, whole in rows:
        last.append((line, values, whole))
        if len(last) > TAIL:
            first = last.popleft()
            if seen.rows < ROWS:
                _add(seen, *first)
    _end(seen, last)
    if not seen.rows:
        raise InputError(
            path, "there is no row below the header", expected="one row an account", hint="export it again"
        )
    return seen


def _delimited_rows(path: Path, sniffed: Sniffed) -> Iterator[tuple[int, Sequence[str], bool | None]]:
    sheets = sniffed.settings.get("sheets")
    how = FileFormat.model_validate({k: v for k, v in sniffed.settings.items() if k not in ("layout", "sheets")})
    for sheet in [sheet["name"] for sheet in sheets] if sheets else [how.sheet]:
        yield from _sheet_rows(path, how, sheet, sniffed)


def _sheet_rows(
    path: Path, how: FileFormat, sheet: str | None, sniffed: Sniffed
) -> Iterator[tuple[int, Sequence[str], bool | None]]:
    header: Sequence[str] = ()
    cells = read_cells(path, delimiter=how.delimiter, sheet=sheet, skip_rows=how.skip_rows, encoding=how.encoding)
    for _ in range(how.header_rows):
        _, header = next(cells, (0, []))
    for line, values in cells:
        beyond = values[len(sniffed.header) :]
        yield line, values[: len(sniffed.header)], len(values) == len(header) and not any(map(str.strip, beyond))


def _check_names(path: Path, names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise InputError(path, "too many columns", found=len(names), expected=f"at most {MAX_COLUMNS}")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice or "" in names[1:]:
        raise InputError(
            path,
            "two columns have the same name" if twice else f"column {names.index('', 1) + 1} has no name",
            field=twice[0] or None if twice else None,
            expected="a name of its own for each column",
            hint="rename or remove it in the export, and map it again",
        )


def _add(seen: FileProfile, line: int, values: Sequence[str], whole: bool | None) -> None:
    filled = [value.strip() for value in values if value.strip()]
    if len(filled) == 1 and len(seen.columns) > 2 and values[0].strip() and (word := _section(filled[0])):
        seen.sections[_label(filled[0])] = word
        return
    if not whole:
        seen.strange.append(line)
        return
    seen.rows += 1
    if len(seen.sample) < SAMPLE:
        seen.sample.append(tuple(value.strip()[:LONGEST] for value in values))
    for column, value in zip(seen.columns, values, strict=False):
        column.add(value)


def _end(seen: FileProfile, last: deque[tuple[int, Sequence[str], bool | None]]) -> None:
    """Take from the end of the table what stands below it."""
    below = []
    while last:
        _, values, whole = last[-1]
        filled = [value.strip() for value in values if value.strip()]
        if len(filled) > 2 or not _takes_below(seen, " ".join(filled), sure=whole is None):
            break
        seen.below.append(" ".join(filled))
        below.append(last.pop())
    seen.footer.reverse()
    for line, values, whole in last:
        _add(seen, line, values, whole)


def _takes_below(seen: FileProfile, text: str, *, sure: bool) -> bool:
    """
    Whether a line below the table is its total, or begins with a word that such lines begin with.

    Nothing else is taken for one: a person's row would be lost.
    """
    known = words()
    first = plain(text)
    if seen.total is None and (total := _total(text)):
        seen.total = total
        return True
    starts = any(text.casefold().startswith(word) or first.startswith(f"{word} ") for word in known.footer)
    label = _label(text)
    if (starts or sure) and len(label) >= 3 and label not in seen.footer:
        seen.footer.append(label)
        return True
    return False


def _total(text: str) -> tuple[str, int] | None:
    known = words().total
    counted = _COUNTED.fullmatch(text)
    if counted and any(f" {word} " in f" {plain(counted['label'])} " for word in [*known, "rows", "rows affected"]):
        before, _, behind = text.partition(counted["number"])
        return f"{before}{{n}}{behind}", int(counted["number"].replace(",", ""))
    match = _NUMBERED.match(text)
    if match and any(f" {plain(match['label'])} ".startswith(f" {word} ") for word in known):
        return match["label"].strip(" :=\t"), int(match["number"].replace(",", ""))
    return None


def _section(text: str) -> Word | None:
    """Say which status a line between the rows gives, such as `Inactive Users (3)`."""
    parts = [part for part in plain(text).split() if not part.isdigit()]
    rest = [
        part for part in parts if part not in ("users", "user", "accounts", "account", "staff", "employees", "only")
    ]
    return words().status_of(" ".join(rest)) if rest and len(rest) < len(parts) else None


def _label(text: str) -> str:
    """Return how a line begins, up to what changes from month to month."""
    return re.split(r"[0-9:(]", text, maxsplit=1)[0].strip()[:LABEL].strip()
