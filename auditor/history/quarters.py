"""Quarters of a year, as people name them: `2026Q4`."""

import re
from dataclasses import dataclass
from datetime import date

from connectors.errors import AuditorError, shorten
from policies.agreements.days import before

_WRITTEN = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of a year."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Read what a person typed; raises `AuditorError`."""
        found = _WRITTEN.fullmatch(text.strip()) if text.isascii() else None
        if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
            raise AuditorError(f"`--quarter` is no quarter: {shorten(text)}", hint="write it as 2026Q4")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Return the quarter in which a day lies."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return before(date(self.year + self.number // 4, 3 * (self.number % 4) + 1, 1))
