"""Names folded to words that can be compared: without case, accents, titles, and the two ways to order them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

FOLDER = Path(__file__).parent
LONGEST = 160
"""More is no name; the rest of a hostile one is not looked at."""
MOST_WORDS = 8
MOST_UNITS = 16
"""So many words are compared: whoever has more is told by the first of them."""


class _File(Strict):
    version: int
    beside: frozenset[str]
    also_names: frozenset[str]
    particles: frozenset[str]
    letters: dict[str, str]
    other_letters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a name, in the order of speech: first names, then last names."""

    full: tuple[str, ...]
    """Of two letters or more, without titles and small words."""
    initials: tuple[str, ...]
    """Single letters."""
    units: tuple[tuple[str, int, int], ...]
    """What counts as one word: each of `full`, and neighbours that some write as one; with the words it stands for."""
    ends: frozenset[str]
    """The last word, also as it is written together with the small words before it."""
    first_initial: str
    """The initial that stands first, where one does; else the one that stands last; else empty."""

    @property
    def personal(self) -> bool:
        """Whether it can name one person: two words, or a word and an initial."""
        return len(self.full) + len(self.initials) > 1 and bool(self.full)


@cache
def words() -> _File:
    """Return the shipped words."""
    return load_yaml(FOLDER / "words.yaml").validate(_File)


@cache
def short_forms() -> dict[str, frozenset[str]]:
    """Return the English first names that are short for, or long for, each first name."""
    found: dict[str, set[str]] = {}
    for line in (FOLDER / "nicknames.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            name, *short = line.split()
            for one in short:
                found.setdefault(name, set()).add(one)
                found.setdefault(one, set()).add(name)
    return {name: frozenset(others) for name, others in found.items()}


@cache
def _letters() -> dict[int, str]:
    return {ord(letter): plain for letter, plain in words().letters.items()}


@cache
def _other_letters() -> dict[int, str]:
    return {ord(letter): plain for letter, plain in words().other_letters.items()}


def fold(text: str) -> str:
    """Return a text without case and accents: letters of the Latin alphabet become those of English."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return plain.translate(_letters())


def foldings(text: str) -> tuple[str, ...]:
    """Return a text folded in every usual way: `Müller` is `muller`, and `mueller` too."""
    if text.isascii():
        return (fold(text),)
    composed = unicodedata.normalize("NFKC", text[:LONGEST].casefold())
    found = [fold(text), fold(composed.translate(_other_letters()))]
    if "\u202e" in text:  # RIGHT-TO-LEFT OVERRIDE: on the screen it stands the other way round
        found.append(fold(text[:LONGEST][::-1]))
    return tuple(dict.fromkeys(found))


def names_of(text: str) -> tuple[Name, ...]:
    """Return a name in every way in which it may be folded and read; none when there is no word in it."""
    return tuple(dict.fromkeys(name for folded in foldings(text) for name in _names(folded)))


_SIGNS = re.compile(r"[^\w,;]+|_+", re.UNICODE)
_APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u2018\u02bc`\u00b4](?=\w)")


@lru_cache(maxsize=20_000)
def _names(folded: str) -> tuple[Name, ...]:
    parts = [_SIGNS.sub(" ", part).split() for part in re.split("[,;]", _APOSTROPHES.sub("", folded))]
    found = []
    for kept in _without_marks(parts):
        if len(kept) > 1:
            kept = [kept[1], kept[0], *kept[2:]]  # noqa: PLW2901 - `Last, First`
        found.append(of_words([word for part in kept for word in part]))
    return tuple(name for name in found if name.full)


def _without_marks(parts: list[list[str]]) -> Iterator[list[list[str]]]:
    """
    Pass over titles, degrees and marks.

    Where fewer than two words would be left, a single letter may be an initial, also X and Z, with which others sort a
    name away; what is a last name too (Do, Ma) is taken both ways.
    """
    given = words()
    stripped = [[plain for word in part if (plain := word.strip("0123456789"))] for part in parts]
    for also in (frozenset(), given.also_names):
        passed = given.beside - also
        kept = [[word for word in part if word not in passed] for part in stripped]
        if sum(len(word) > 1 and (word not in given.particles or word in also) for part in kept for word in part) < 2:
            kept = [[word for word in part if len(word) == 1 or word not in passed] for part in stripped]
        yield [part for part in kept if part]


def of_words(found: list[str]) -> Name:
    """Return the name that is made of folded words in the order of speech."""
    found = found[:MOST_WORDS]
    small = words().particles
    core = [n for n, word in enumerate(found) if len(word) > 1 and (word not in small or n == len(found) - 1)]
    if len(core) < 2:
        core = [n for n, word in enumerate(found) if len(word) > 1]
    full = tuple(found[n] for n in core)
    units = [(found[n], n, n + 1) for n in core]
    for n in core:
        start = n
        while start > 0 and found[start - 1] in small:
            start -= 1
            units.append(("".join(found[start : n + 1]), start, n + 1))  # `de la cruz`, `o brien`
    units += [(found[a] + found[b], a, b + 1) for a, b in pairwise(core) if b == a + 1]  # `jean luc`
    initials = tuple(word for n, word in enumerate(found) if len(word) == 1 and n not in core)
    last = core[-1] + 1 if core else 0
    return Name(
        full=full,
        initials=initials,
        units=tuple(units[:MOST_UNITS]),
        ends=frozenset(unit for unit, _, end in units if end == last),
        first_initial=_first_initial(found),
    )


def _first_initial(found: list[str]) -> str:
    if not found:
        return ""
    if len(found[0]) == 1:
        return found[0]
    beside = found[1:]
    return beside[0] if beside and all(len(word) == 1 for word in beside) else ""


def words_of_login(login: str) -> list[str]:
    """
    Split a log-in into words: without domain, digits at the ends, and marks such as `x_` or `-va`.

    `CLINIC\\dcalloway2`, `inactive_d.calloway` and `d.calloway@clinic.example` are all somebody's `d`, `calloway`.
    """
    local = fold(login).rpartition("\\")[2].rpartition("/")[2].partition("@")[0].partition("+")[0]
    found = [word.strip("0123456789") for word in re.split(r"[\W_]+", local)]
    found = [word for word in found if word][:MOST_WORDS]
    kept = [word for word in found if len(word) == 1 or word not in words().beside]
    return kept or found


_FIRST_OF_DN = re.compile(r"\s*[A-Za-z][\w.-]*\s*=\s*((?:\\.|[^,\\]){1,160}?)\s*,.*=", re.DOTALL)


def first_value(login: str) -> str:
    """Return the first value of a DN, such as `dcalloway` of `cn=dcalloway,ou=staff`; else the text itself."""
    found = _FIRST_OF_DN.match(login[:4096])
    return re.sub(r"\\(.)", r"\1", found[1]) if found else login


def address(email: str) -> str:
    """Return an e-mail address without what follows a plus in its first part; empty when it is none."""
    local, at, domain = fold(email).strip().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if at and local and domain else ""


def unsigned(text: str) -> str:
    """Return the letters and digits of a text: `VMA-05` and `vma05` are one id."""
    return "".join(c for c in fold(text) if c.isalnum())


def joined(found: Iterable[str]) -> str:
    """Write words as one."""
    return "".join(found)
