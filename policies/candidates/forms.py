"""The log-ins that are usually made of a name: `dcalloway`, `denise.calloway`, `callowayd`, `denisec`, `dcallow`."""

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from policies.candidates.fold import Name

LONGEST_LOGIN = 64
SHORTEST = 3
"""Two letters are nobody's log-in more than anybody else's."""


class Form(IntEnum):
    """How much of the name a log-in has in it; the less, the larger."""

    WHOLE = 1
    """A first and a last name."""
    INITIAL = 2
    """One of the two, and the initial of the other."""
    PART = 3
    """The beginnings of both, as where a product cuts log-ins off."""


@lru_cache(maxsize=256)  # of one account after another: asked for three times, then never again
def forms_of(name: Name) -> dict[str, Form]:
    """Return the log-ins that may be made of a name, with signs and digits left out, and how much each tells."""
    found: dict[str, Form] = {}
    pairs = list(_pairs(name))
    if name.first_initial:
        pairs += [(name.first_initial, word) for word, _, _ in name.units]
    for first, last in pairs:
        short = _is_one_word(first, name) and _is_one_word(last, name)
        for login, form in (*_of_pair(first, last), *(_shortened(first, last) if short else ())):
            if len(login) <= LONGEST_LOGIN and found.get(login, Form.PART) >= form:
                found[login] = form
    for login in _with_initials(name):
        if len(login) <= LONGEST_LOGIN:
            found.setdefault(login, Form.INITIAL)
    return found


def _with_initials(name: Name) -> Iterator[str]:
    """Yield one name with the initials of all others: `anhntm` of Nguyen Thi Minh Anh, `denisemc`."""
    letters = [(word, word[0]) for word in name.full] + [("", initial) for initial in name.initials]
    for place, (word, _) in enumerate(letters):
        others = "".join(letter for n, (_, letter) in enumerate(letters) if n != place)
        if len(word) > 2:
            for turn in range(len(others)):
                yield word + others[turn:] + others[:turn]
                yield others[turn:] + others[:turn] + word


def initials_of(name: Name) -> Iterator[str]:
    """Yield the first letters of a name, as log-ins have them: with and without those between first and last."""
    if len(name.full) > 1:
        first, *between, last = (word[0] for word in name.full)
        middle = "".join((*between, *name.initials))
        yield from dict.fromkeys((first + middle + last, last + first + middle, first + last))


def _pairs(name: Name) -> Iterator[tuple[str, str]]:
    """Yield each first with each last name: of three or four words, nobody can tell which are which."""
    for first, _, end in name.units:
        for last, start, _ in name.units:
            if end <= start:
                yield first, last


def _of_pair(first: str, last: str) -> Iterator[tuple[str, Form]]:
    whole = Form.WHOLE if len(first) > 1 else Form.INITIAL
    yield first + last, whole
    yield last + first, whole
    yield first[0] + last, Form.INITIAL
    yield last + first[0], Form.INITIAL
    if len(first) > 2:
        yield first + last[0], Form.INITIAL
        yield last[0] + first, Form.INITIAL


def _is_one_word(unit: str, name: Name) -> bool:
    """Whether a unit is one word, maybe with small ones before it: `jeanluc` is two, and `delacruz` one."""
    return unit in name.full or not unit.startswith(name.full)


def _shortened(first: str, last: str) -> Iterator[tuple[str, Form]]:
    for length in range(2, len(first)):
        yield first[:length] + last, Form.PART
        yield last + first[:length], Form.PART
    for length in range(2, len(last)):
        yield first + last[:length], Form.PART
    for length in range(4, len(last)):
        yield first[0] + last[:length], Form.PART
        yield last[:length] + first[0], Form.PART
    for some in range(2, min(4, len(first)) + 1):
        for more in range(3, min(5, len(last)) + 1):
            yield first[:some] + last[:more], Form.PART
            yield last[:more] + first[:some], Form.PART


def read_as(login: str) -> Iterator[tuple[str, Form]]:
    """
    Yield the ways in which a log-in of one word may be read, each with the least that it may tell.

    One letter may be a middle initial that no list has, in second or last place, or between two whole names; `x` and
    `z` in front are marks for sorting a log-in away.
    """
    login = login[:LONGEST_LOGIN]
    yield login, Form.PART
    plain = login.lstrip("xz")
    if plain != login and len(plain) > SHORTEST:
        yield plain, Form.PART
    if len(login) > SHORTEST + 1:
        yield login[0] + login[2:], Form.INITIAL
        yield login[:-1], Form.INITIAL
        for place in range(2, len(login) - 2):
            yield login[:place] + login[place + 1 :], Form.WHOLE


def is_made_of(login: str, forms: dict[str, Form]) -> bool:
    """Whether a log-in can be made of the name that has these forms."""
    return any(text in forms and forms[text] <= most for text, most in read_as(login))
