"""Who is meant by a name, in all its spellings: how it is theirs, and how much that says."""

from collections.abc import Iterator

from policies.candidates.fold import Name, of_words, short_forms, words
from policies.candidates.people import Pair, People, pair
from policies.candidates.seen import Strength

FEW = 3
"""A last name that more people have than these tells nothing by itself; a first name, that more than one has."""


def named(name: Name, people: People) -> Iterator[tuple[str, str, Strength]]:
    """Yield who could be meant by a name, how it is theirs, and how much that says."""
    asked = dict.fromkeys(person for key in _ordered(name) for person in people.by_pair.get(pair(*key), ()))
    for person in asked:
        said = likest(name, people.known[person].names)
        if said is not None:
            yield person, *said
    for person, reason in _abbreviated(name, people):
        if person not in asked:
            yield person, reason, Strength.WEAK
    if sum(word not in words().particles for word in name.full) <= 1 and not name.initials:
        yield from alone(name, people)  # `De la Cruz` is one last name


def misspelt(name: Name, people: People) -> Iterator[str]:
    """Yield whose whole name it would be, were it not for one slip in one of its longer words."""
    for place, word in enumerate(name.full):
        for known in people.near(word):
            meant = of_words([*name.full[:place], known, *name.full[place + 1 :], *name.initials])
            for person in dict.fromkeys(p for key in _ordered(meant) for p in people.by_pair.get(pair(*key), ())):
                said = likest(meant, people.known[person].names)
                if said is not None and said[1] is Strength.STRONG:
                    yield person


def _abbreviated(name: Name, people: People) -> Iterator[tuple[str, str]]:
    """Yield who could be meant where one of the two names has an initial in the place of a word."""
    for one, other in _ordered(name):
        for person in people.by_abbreviated.get((one[0], other), ()):
            yield person, "has their last name, and a first name with their initial"
    if name.first_initial:
        for word, _, _ in name.units:
            for person in people.by_initial.get((name.first_initial, word), ()):
                yield person, "is one of theirs with the initial of another"


def _ordered(name: Name) -> Iterator[Pair]:
    """Yield each two words that do not overlap, both ways round."""
    for one, start, end in name.units:
        for other, begin, stop in name.units:
            if end <= begin or stop <= start:
                yield one, other


def alone(name: Name, people: People) -> Iterator[tuple[str, str, Strength]]:
    """Yield whose last name, or first name if only one person has it, is all that an account has for a name."""
    for word, _, _ in name.units:
        having = dict.fromkeys(people.by_word.get(word, ()))
        for person in having:
            last = any(word in known.ends for known in people.known[person].names)
            if len(having) <= FEW if last else len(having) == 1:
                what = "last name" if last else "first name, which nobody else here has"
                yield person, f"is their {what}, and no more", Strength.WEAK


def likest(name: Name, theirs: tuple[Name, ...]) -> tuple[str, Strength] | None:
    """Say how a name could be one of somebody's, by the one that it is most like; `None` when it is like none."""
    said = [like for own in theirs if (like := _like(name, own)) is not None]
    return min(said, key=lambda s: s[1], default=None)


def _like(name: Name, own: Name) -> tuple[str, Strength] | None:
    """
    Say how a name could be somebody's, if it could.

    Two words are in both, a last name among them; what is left over in both must not contradict: Denise M. is not
    Denise R., and Denise Ann is not Denise Marie.
    """
    mine, here, short = _in_both(name, own)
    if len(mine) < 2 or not (mine & own.ends or here & name.ends):
        return None
    left = [word for word in own.full if not _within(word, mine)] + list(own.initials)
    more = [word for word in name.full if not _within(word, here)] + [i for i in name.initials if i not in "xz"]
    if left and more and not any(_may_be(one, other) for one in left for other in more):
        ends = {own.full[0], own.full[-1], name.full[0], name.full[-1]}
        if not ends & {*left, *more}:
            return None
        return "has a first and a last name of theirs", Strength.WEAK
    if short:
        return "is theirs with a short form of the first name", Strength.STRONG
    if more:
        initials = all(len(word) == 1 for word in more)
        return f"is theirs with {'a middle initial' if initials else 'more to it'}", Strength.STRONG
    return ("is theirs without all of its words" if left else "is theirs, written another way"), Strength.STRONG


def _in_both(name: Name, own: Name) -> tuple[set[str], set[str], bool]:
    """Return the words of theirs and of the account that agree, and whether one does by a short form only."""
    units, theirs = {unit for unit, _, _ in name.units}, {unit for unit, _, _ in own.units}
    same = units & theirs
    mine, here, short = set(same), set(same), False
    for word in theirs - same:
        if others := short_forms().get(word, frozenset()) & (units - same):
            mine.add(word)
            here |= others
            short = True
    if "".join(own.full) in mine:
        mine |= set(own.full)  # the whole name in one word
    return mine, here, short


def _within(word: str, agreed: set[str]) -> bool:
    return any(word in unit for unit in agreed)


def _may_be(one: str, other: str) -> bool:
    """Whether two words may be one: equal, or one the initial of the other."""
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])
