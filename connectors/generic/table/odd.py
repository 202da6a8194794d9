"""Words that occur in a report and that its mapping does not know, such as a new one of next month."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.errors import shorten
from connectors.generic.table.mapping import About

MAX_WORDS_SHOWN = 20
"""More different words than this are no status column, and may be names."""
_LEAVES: dict[About, str] = {
    "status": "the state of {these} is unknown until it stands under {where}",
    "factor": "of {these} it is not known whether there is a second factor until it stands under {where}",
    "rights": "what {these} may do is not evaluated until it stands under {where}",
    "sheet": "",
}


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A column in which a word was found that the mapping does not know, and where it first stood."""

    about: About
    column: str
    line: int
    word: str
    where: str
    """Where such words stand in a mapping."""


@dataclass(slots=True)
class OddWords:
    """Each leaves something open for the accounts that have it, and is told; none is ever guessed."""

    places: dict[str, UnknownWord] = field(default_factory=dict)
    """By column, the first place of each."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often each word was seen, by column."""
    holders: set[str] = field(default_factory=set)
    """The accounts of which it is not known whether they hold something."""

    _last: UnknownWord | None = None

    def add(self, place: UnknownWord) -> bool:
        """Note a word; `False` when its column has so many that it is rather the wrong one."""
        self.places.setdefault(place.column, place)
        counts = self.counts.setdefault(place.column, {})
        counts[place.word] = counts.get(place.word, 0) + 1
        return len(counts) <= MAX_WORDS_SHOWN

    def has_slid(self, place: UnknownWord) -> bool:
        """
        Whether a row has such words in two columns, one of which speaks of the account itself.

        One new word is a new word; in two columns of one row the values have rather moved, and the login with them.
        """
        before, self._last = self._last, place
        if before is None or before.line != place.line or before.column == place.column:
            return False
        return "rights" not in (before.about, place.about) or before.about != place.about

    def of_rights(self) -> list[str]:
        """Return the columns of which it is not known what they give."""
        return [column for column, place in self.places.items() if place.about == "rights"]

    def told(self) -> Iterator[tuple[About, str]]:
        """Say in words what they leave open, by what it speaks of."""
        for column, place in self.places.items():
            counts = self.counts[column]
            words = ", ".join(shorten(word, 30) if word else "an empty cell" for word in list(counts)[:5])
            more = f" and {len(counts) - 5} more" if len(counts) > 5 else ""
            rows = sum(counts.values())
            head = f"{shorten(column, 60)} says {words}{more} in {rows} row{'' if rows == 1 else 's'}"
            these = "that account" if rows == 1 else "these accounts"
            leaves = _LEAVES[place.about].format(these=these, where=place.where)
            yield place.about, f"{head}, which the mapping does not know: {leaves}"
