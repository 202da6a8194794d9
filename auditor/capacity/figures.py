"""
Weekly figures, read strictly: one row a week, or one row for each role of a week.

A week that is missing, a date that is no week after the last, an empty or negative value, a part that is more than its
whole: each is refused with its line, because a trend over a file with holes is a trend of the holes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from pathlib import Path

from auditor.capacity.checklist import CapacityChecklist, FigureColumn
from connectors.errors import AuditorError, InputError
from connectors.inputs.dates import DateStyle
from connectors.inputs.tables import Row, Table, read_table, refuse_unknown, require

WEEK, ROLE = "week", "role"
MOST = 1e9
"""No practice has more of anything in a week."""
_STEP = timedelta(days=7)
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DAYS = DateStyle()


@dataclass(frozen=True)
class Figures:
    """The figures of consecutive weeks."""

    source: str
    weeks: tuple[date, ...]
    """The first day of each."""
    roles: tuple[str, ...]
    """Empty when the file does not tell roles apart."""
    columns: tuple[str, ...]
    values: Mapping[tuple[str, str], tuple[float, ...]]
    """By role (empty: the whole practice) and column, one value a week."""

    def week_of(self, day: date) -> int | None:
        """Return the place of the week that a day is in; `None` when it is not in the file."""
        place = (day - self.weeks[0]).days // 7
        return place if 0 <= place < len(self.weeks) else None

    def until(self, day: date) -> "Figures":
        """Return the figures of the weeks that were over by the end of a day; raises `AuditorError` without any."""
        over = sum(week + _STEP - timedelta(days=1) <= day for week in self.weeks)
        if not over:
            raise AuditorError(
                f"no week of `{self.source}` was over by {day}",
                hint=f"the first ends on {self.weeks[0] + _STEP - timedelta(days=1)}",
            )
        values = {key: numbers[:over] for key, numbers in self.values.items()}
        return replace(self, weeks=self.weeks[:over], values=values)


def read_figures(path: Path, checklist: CapacityChecklist) -> Figures:
    """Read a CSV or XLSX file of figures; raises `InputError` naming file, line and column."""
    table = read_table(path)
    require(table, [WEEK])
    refuse_unknown(table, [WEEK, ROLE, *checklist.columns])
    columns = tuple(name for name in table.header if name in checklist.columns)
    if not columns:
        table.refuse(table.header_line, WEEK, "there is no figure", expected=f"one of: {', '.join(checklist.columns)}")
    reader = _Reader(table, checklist, columns, by_role=ROLE in table.header)
    for line, row in table.rows:
        reader.add(line, row)
    return reader.done(path.name)


class _Reader:
    """Takes rows in their order and keeps what was read, by week and role."""

    def __init__(self, table: Table, checklist: CapacityChecklist, columns: tuple[str, ...], *, by_role: bool) -> None:
        self._table, self._checklist, self._columns, self._by_role = table, checklist, columns, by_role
        self._weeks: dict[date, dict[str, dict[str, float]]] = {}
        self._lines: dict[tuple[date, str], int] = {}

    def add(self, line: int, row: Row) -> None:
        week = self._week(line, row)
        role = self._table.value(line, row, ROLE, required=True) if self._by_role else ""
        if role and not _ROLE.fullmatch(role):
            self._table.refuse(
                line, ROLE, "this is not a role", found=role, expected="the id of a role, as in the roster"
            )
        if (week, role) in self._lines:
            self._table.refuse(
                line,
                ROLE if self._by_role else WEEK,
                "the week stands twice" + (" for this role" if role else ""),
                found=f"{week} {role}".strip(),
                expected=f"it once: it is on line {self._lines[week, role]} already",
            )
        values = {name: self._number(line, row, name, self._checklist.columns[name]) for name in self._columns}
        self._check_parts(line, values)
        self._check_same(line, week, values)
        self._weeks.setdefault(week, {})[role] = values
        self._lines[week, role] = line

    def done(self, source: str) -> Figures:
        if not self._weeks:
            raise InputError(self._table.path, "there is no week", expected="a row for each week")
        weeks = tuple(self._weeks)
        roles = tuple(sorted({role for by_role in self._weeks.values() for role in by_role}))
        for week, by_role in self._weeks.items():
            for role in roles:
                if role not in by_role:
                    self._table.refuse(
                        max(self._lines[week, known] for known in by_role),
                        ROLE,
                        f"the week {week} has no row for a role that other weeks have",
                        expected=f"a row for {role}",
                        hint="write 0 where there was nothing to do; a missing row is not a quiet week",
                    )
        values = {
            (role, name): tuple(self._weeks[week][role][name] for week in weeks)
            for role in roles
            for name in self._columns
        }
        whole = {("", name): self._together(name, weeks) for name in self._columns}
        return Figures(source, weeks, roles if self._by_role else (), self._columns, values | whole)

    def _together(self, name: str, weeks: Sequence[date]) -> tuple[float, ...]:
        each = ([values[name] for values in self._weeks[week].values()] for week in weeks)
        match self._checklist.columns[name].together:
            case "sum":
                return tuple(sum(values) for values in each)
            case _:
                return tuple(max(values) for values in each)

    def _week(self, line: int, row: Row) -> date:
        text = self._table.value(line, row, WEEK, required=True)
        try:
            week = _DAYS.day(text)
        except ValueError:
            self._table.refuse(line, WEEK, "this is not a date", found=text, expected=_DAYS.expected)
        last = next(reversed(self._weeks), None)
        if last is None or week == last:
            return week
        if week < last:
            self._table.refuse(
                line, WEEK, "the weeks are not in order", found=week, expected=f"{last} or the week after it"
            )
        if (week - last).days % 7:
            expected = f"{last + _STEP}: each week begins on the same day as the first"
            self._table.refuse(line, WEEK, "this is not a week after the last", found=week, expected=expected)
        if week != last + _STEP:
            missing = (week - last).days // 7 - 1
            self._table.refuse(
                line,
                WEEK,
                f"{missing} week{'' if missing == 1 else 's'} missing before this one",
                found=week,
                expected=str(last + _STEP),
                hint="add the week; if the practice was closed, begin the file after it",
            )
        return week

    def _number(self, line: int, row: Row, name: str, column: FigureColumn) -> float:
        text = self._table.value(line, row, name, required=True)
        kind = "a whole number, 0 or more" if column.whole else "a number, 0 or more"
        try:
            value = float(text) if text.isascii() and "_" not in text else float("nan")
        except ValueError:
            value = float("nan")
        if not isfinite(value) or value > MOST or (column.whole and value != int(value)):
            self._table.refuse(line, name, "this is not such a figure", found=text, expected=kind)
        if value < 0:
            self._table.refuse(line, name, "the figure is negative", found=text, expected=kind)
        return value

    def _check_parts(self, line: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            whole = self._checklist.columns[name].part_of
            if whole is not None and whole in values and value > values[whole]:
                self._table.refuse(
                    line,
                    name,
                    "a part is more than the whole",
                    found=f"{value:g}",
                    expected=f"at most {values[whole]:g} (`{whole}`)",
                )

    def _check_same(self, line: int, week: date, values: Mapping[str, float]) -> None:
        for other in self._weeks.get(week, {}).values():
            for name, value in values.items():
                if self._checklist.columns[name].together == "same" and value != other[name]:
                    self._table.refuse(
                        line,
                        name,
                        "one figure of the practice has two values in one week",
                        found=f"{value:g}",
                        expected=f"{other[name]:g}, as in the other rows of the week",
                    )
