"""
Names of organisations and people in papers: which of them can be one.

Nobody writes the name of a company twice in the same way: `Harbor Assist, LLC`, `Harbor Assist L.L.C.`, `Harbor
Assist`. Points, accents and case say nothing; the legal form says nothing while only one is known of a name. Where two
are (`Harbor Assist LLC` and `Harbor Assist Inc.`), these are two companies, and the bare name could be either: that is
asked, never guessed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.yaml_input import load_yaml

PRACTICE = "practice"
"""How agreements and systems name the practice itself."""

_FORMS = Path(__file__).parent / "legal_forms.yaml"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    forms: dict[str, tuple[str, ...]]


@cache
def _spellings() -> dict[tuple[str, ...], str]:
    file = load_yaml(_FORMS).validate(_File)
    return {tuple(spelling.split()): form for form, spellings in file.forms.items() for spelling in spellings}


@cache
def _longest() -> int:
    return max(len(words) for words in _spellings())


def words_of(name: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation; `&` and `+` are `and`."""
    text = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("+", " and ")).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c) and c not in ".'\u2019`")
    return "".join(c if c.isalnum() else " " for c in text).split()


@lru_cache(maxsize=1 << 16)
def person_key(name: str) -> str:
    """Return what two spellings of one person's name have in common: `Ruiz, Ana` is `Ana Ruiz`."""
    last, comma, first = name.partition(",")
    return " ".join(words_of(f"{first} {last}" if comma else name)) or name.casefold().strip()


@lru_cache(maxsize=1 << 16)
def split(name: str) -> tuple[str, str]:
    """Return a company's name without its legal form, and that form; a name that is nothing else stays whole."""
    words = _joined(words_of(name))
    forms: list[str] = []
    while len(words) > 1:
        for length in range(min(_longest(), len(words) - 1), 0, -1):
            if form := _spellings().get(tuple(words[-length:])):
                forms.insert(0, form)
                words = words[:-length]
                break
        else:
            break
    return " ".join(words) or name.casefold().strip(), " ".join(forms)


def _joined(words: list[str]) -> list[str]:
    """Join single letters at the end where they are a form: `L L C`."""
    for start in range(1, len(words)):
        tail = words[start:]
        if all(len(word) == 1 for word in tail) and ("".join(tail),) in _spellings():
            return [*words[:start], "".join(tail)]
    return words


def is_practice(name: str, practice: str, others: Iterable[str] = ()) -> bool:
    """Whether a party is the practice itself: by the word, or by its own name, which no other party has too."""
    names = Organisations([practice, name, *others])
    return name.casefold() == PRACTICE or (bool(practice) and names.key(name) == names.key(practice))


class Organisations:
    """All names of organisations that register, roster and systems know, and which of them are one."""

    def __init__(self, names: Iterable[str]) -> None:
        forms: dict[str, set[str]] = defaultdict(set)
        for name in names:
            core, form = split(name)
            if form:
                forms[core].add(form)
        self._several = {core: frozenset(found) for core, found in forms.items() if len(found) > 1}
        self._known = {core: next(iter(found)) for core, found in forms.items() if len(found) == 1}

    def __eq__(self, other: object) -> bool:
        """Whether both take the same names for one."""
        return isinstance(other, Organisations) and self._several == other._several and self._known == other._known

    __hash__ = None  # type: ignore[assignment]  # compared, never kept in a set

    def key(self, name: str) -> str:
        """Return what all names of one organisation share, and no name of another has."""
        core, form = split(name)
        if core in self._several or (form and form != self._known.get(core, form)):
            return f"{core} ({form})"
        return core

    def doubtful(self, one: str, other: str) -> bool:
        """Whether two names differ in the legal form only, so that they may be one organisation or two."""
        return split(one)[0] == split(other)[0] and self.key(one) != self.key(other)
