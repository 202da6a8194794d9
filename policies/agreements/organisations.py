"""
Names of organisations and people in papers: which of them can be one.

Nobody writes the name of a company twice in the same way: `Harbor Assist, LLC`, `Harbor Assist L.L.C.`, `Harbor
Assist`. Points, accents and case say nothing; the legal form says nothing while only one is known of a name. Where two
are (`Harbor Assist LLC` and `Harbor Assist Inc.`), these are two companies, and the bare name could be either: that is
asked, never guessed. `Harbor Assist LLC dba Port VA` says of two names that they are one company.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

PRACTICE = "practice"
"""How agreements and systems name the practice itself."""

ALSO = frozenset(("dba", "d b a", "doing business as", "trading as", "aka", "a k a", "also known as"))
"""What stands between a company's own name and one under which it trades."""
_FORMS = Path(__file__).parent / "legal_forms.yaml"


class _File(Strict):
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
    words = _joined(_before_trade(words_of(name)))
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


def _before_trade(words: list[str]) -> list[str]:
    """Return the words of the company's own name: what stands before `dba` or another such mark."""
    return words[: min((at for at, _ in _marks(words)), default=len(words))]


def _marks(words: list[str]) -> list[tuple[int, int]]:
    """Return where marks of a further name begin and end; a name neither begins nor ends with one."""
    found = []
    at = 1
    while at < len(words) - 1:
        length = next((n for n in (4, 3, 2, 1) if " ".join(words[at : at + n]) in ALSO and at + n < len(words)), 0)
        if length:
            found.append((at, at + length))
        at += length or 1
    return found


def trade_names(name: str) -> tuple[str, ...]:
    """Return under which further names a company says that it trades: `Port VA` of `Harbor Assist LLC dba Port VA`."""
    words = words_of(name)
    marks = _marks(words)
    ends = [at for at, _ in (*marks[1:], (len(words), 0))][: len(marks)]
    return tuple(" ".join(words[start:end]) for (_, start), end in zip(marks, ends, strict=True) if words[start:end])


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
        trades: dict[str, set[str]] = defaultdict(set)
        own: set[str] = set()
        for name in names:
            core, form = split(name)
            if form:
                forms[core].add(form)
            further = trade_names(name)
            for trade in further:
                trades[split(trade)[0]].add(" ".join(words_of(name)[: _marks(words_of(name))[0][0]]))
            if further:
                own.add(core)
        self._several = {core: frozenset(found) for core, found in forms.items() if len(found) > 1}
        self._known = {core: next(iter(found)) for core, found in forms.items() if len(found) == 1}
        self._trades = {
            trade: next(iter(of))
            for trade, of in trades.items()
            if len({split(o)[0] for o in of}) == 1 and trade not in own
        }
        """The company of each name under which exactly one trades, in the words of one paper that says so."""

    def __eq__(self, other: object) -> bool:
        """Whether both take the same names for one."""
        if not isinstance(other, Organisations):
            return False
        mine, theirs = (self._several, self._known, self._trades), (other._several, other._known, other._trades)
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]  # compared, never kept in a set

    def key(self, name: str) -> str:
        """Return what all names of one organisation share, and no name of another has."""
        core, form = split(name)
        if core in self._trades and not form and core not in self._known and core not in self._several:
            core, form = split(self._trades[core])
        if core in self._several or (form and form != self._known.get(core, form)):
            return f"{core} ({form})"
        return core

    def doubtful(self, one: str, other: str) -> bool:
        """Whether two names differ in the legal form only, so that they may be one organisation or two."""
        return split(one)[0] == split(other)[0] and self.key(one) != self.key(other)
