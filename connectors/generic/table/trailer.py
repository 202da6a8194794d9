"""
Lines of a report that are no rows: what stands below the table, its total, and headings between groups of accounts.

Each of them is a way to lose an account without a word, so they are strict: below the table no row may follow, no
line may come twice, and a report that has a total must show it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from connectors.errors import InputError, SourceTruncated
from connectors.generic.table.layout import Total
from connectors.generic.table.mapping import Word

_NUMBER = re.compile(r"[^0-9]{0,40}([0-9][0-9,]{0,12})")
_COUNT = re.compile(r"\W{0,5}(?:[0-9]{1,9}\W{0,5})?")


class TableTrailer:
    """Says of each line whether it is a row; keeps the total and the status that a heading gave."""

    def __init__(
        self, path: Path, footer: Sequence[str], total: Total | None, sections: Mapping[str, Word] | None = None
    ) -> None:
        self.path, self.footer, self.total, self.sections = path, footer, total, sections or {}
        self.number: int | None = None
        """The total that the report states."""
        self.section: Word | None = None
        """The status that the heading above the present line gives."""
        self._seen: set[str] = set()
        self._over: int | None = None

    def takes(self, line: int, values: Sequence[str]) -> bool:
        """
        Whether a line is none of the rows.

        A line with more than two values is always a row. Raises `InputError` for a row below the end of the table,
        and for a line that comes twice.
        """
        filled = [value.strip() for value in values if value.strip()]
        if filled and len(filled) <= 2:
            text = " ".join(filled)
            if self.total is not None and (rest := after_total(text, self.total.label)) is not None:
                self._add_total(line, rest)
                self._over = line
                return True
            if label := next((label for label in self.footer if _after(text, label) is not None), None):
                self._once(line, label)
                self._over = line
                return True
            if len(filled) == 1 and self._takes_section(line, text):
                return True
        if self._over is not None:
            raise InputError(
                self.path,
                f"a row stands below line {self._over}, which ends the table",
                line=line,
                expected="no row after `footer` or `total`",
                hint="a line that ends the table may be the row of an account: correct `footer` and `total`",
            )
        return False

    def takes_head(self, line: int, text: str) -> bool:
        """Whether a line above the heading of a page is the total, or says the status of the accounts on it."""
        text = text.strip()
        if self.total is not None and (rest := after_total(text, self.total.label)) is not None:
            self._add_total(line, rest)
            return True
        return self._takes_section(line, text)

    def next_page(self) -> None:
        """Begin a page: what stands below the rows of a page may stand there again."""
        self._seen.clear()
        if self.number is None:
            self._over = None

    def check(self) -> None:
        """Raise `SourceTruncated` when the report has not shown its total."""
        if self.total is not None and self.number is None:
            raise SourceTruncated(
                f"`{self.path.name}` does not end with its line `{self.total.label}`",
                hint="the report was cut, or its last line has changed: export it again, or correct `total`",
            )

    def _add_total(self, line: int, rest: str) -> None:
        number = _NUMBER.match(rest)  # whatever stands between label and number is short
        if self.number is not None:
            self._twice(line, "the total")
        if number is None:
            raise InputError(self.path, "the total has no number", line=line, expected="`Total users: 23`")
        self.number = int(number[1].replace(",", ""))

    def _takes_section(self, line: int, text: str) -> bool:
        for label, word in self.sections.items():
            rest = _after(text, label)
            if rest is not None and _COUNT.fullmatch(rest) and self._over is None:
                self._once(line, label)
                self.section = word
                return True
        return False

    def _once(self, line: int, label: str) -> None:
        if label in self._seen:
            self._twice(line, f"`{label}`")
        self._seen.add(label)

    def _twice(self, line: int, what: str) -> NoReturn:
        raise InputError(
            self.path,
            f"{what} stands twice",
            line=line,
            expected="it once, below the rows",
            hint="one of the two may be the row of an account: correct `footer`, `total` or `sections`",
        )


def after_total(text: str, label: str) -> str | None:
    """Return what stands from the number of a total on; `None` when the line is not the one with the total."""
    before, mark, behind = label.partition("{n}")
    if not mark:
        return _after(text, label)
    pattern = rf"{re.escape(before.strip())}\s*([0-9][0-9,]{{0,12}})\s*{re.escape(behind.strip())}"
    match = re.match(pattern, text, re.IGNORECASE)
    return match[1] if match else None


def _after(text: str, label: str) -> str | None:
    """Return what stands after a label; `None` when the text does not begin with it as whole words."""
    if not text.casefold().startswith(label.casefold()):
        return None
    rest = text[len(label) :]
    return None if rest[:1].isalnum() and label[-1:].isalnum() else rest
