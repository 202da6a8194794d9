"""Whose an account could be, by its name, its log-in and its address; with the reason, in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from connectors.facts import Account
from policies.candidates.fold import (
    Name,
    address,
    first_value,
    fold,
    joined,
    names_of,
    of_words,
    short_forms,
    unsigned,
    words_of_login,
)
from policies.candidates.forms import Form, forms_of, read_as, reading_of
from policies.candidates.people import Pair, People, pair
from policies.generic_names import GenericNames

FEW = 3
"""A last name that more people have than these tells nothing by itself; a first name, that more than one has."""

_WHOLE_WORD = 5
"""A shorter word in a log-in of several is too often somebody else's."""

_BY_FORM = {
    Form.WHOLE: "is made of their first and last name",
    Form.INITIAL: "is made of one of their names and the initial of another",
    Form.PART: "is made of the beginnings of their names",
}


class Strength(IntEnum):
    """How much speaks for it."""

    STRONG = 1
    """A whole name, or the same address: enough to doubt what only a likely rule says."""
    WEAK = 2
    """It could be; enough to ask about an account of nobody."""


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody whose an account could be."""

    person: str
    reason: str
    strength: Strength


@dataclass(frozen=True)
class _Account:
    """What an account says of its user, folded."""

    names: tuple[Name, ...]
    login: tuple[str, ...]
    local: tuple[str, ...]
    address: str

    @property
    def personal(self) -> bool:
        return any(name.personal for name in self.names)

    def explains(self, text: str) -> bool:
        """Whether the name that the account carries is enough to understand a log-in."""
        return any(reading_of(text, forms_of(name)) is not None for name in self.names if name.personal)


def matches(account: Account, people: People, generic: GenericNames) -> tuple[Match, ...]:
    """
    Return everybody whose an account could be, the strongest reason for each, in the order of their ids.

    A log-in that the account's own name explains says nothing of somebody whose name that is not: `dcalloway` of Diana
    Calloway is not Denise's. Costs a few look-ups, however many people there are.
    """
    # Whom a directory hides is only known by a DN: its first value is a name or a log-in, and nothing else is there.
    login = first_value(account.login)
    # A name that only repeats the log-in is none: it would explain every log-in by itself.
    texts = [] if fold(account.name) == fold(account.login) else [account.name]
    if login != account.login:
        texts.append(login)
    seen = _Account(
        names=tuple(name for text in texts for name in names_of(text) if name.personal or not generic.matches(text)),
        login=_telling(login, generic),
        local=_telling(account.email or "", generic),
        address=address(account.email or ""),
    )
    found: dict[str, Match] = {}
    for match in (
        *_by_rule(account, people),
        *_by_name(seen, people),
        *_by_login(account, seen, people),
        *_by_address(seen, people),
    ):
        best = found.get(match.person)
        if best is None or match.strength < best.strength:
            found[match.person] = match
    return tuple(found[person] for person in sorted(found))


def _telling(text: str, generic: GenericNames) -> tuple[str, ...]:
    """Return the words of a log-in or an address without those that name a desk or a task: `frontdesk.dcalloway`."""
    return tuple(word for word in words_of_login(text) if generic.matches(word) is None)


def _by_rule(account: Account, people: People) -> Iterator[Match]:
    """Yield whom a rule names, and would make the owner if another did not contradict it."""
    for person in people.by_statement.get((account.system, account.login.casefold()), ()):
        yield Match(person, "the roster or staff file names this log-in", Strength.STRONG)
    for person in people.by_id.get((account.employee_id or "").casefold(), ()):
        yield Match(person, "the account carries their id", Strength.STRONG)


# ---- the name -------------------------------------------------------------------------------------------------------


def _by_name(seen: _Account, people: People) -> Iterator[Match]:
    for name in seen.names:
        for person, reason, strength in _named(name, people):
            yield Match(person, f"the name {reason}", strength)
        if len(name.full) == 1:  # `DeniseCalloway`, or a log-in where the name should stand
            yield from _of_forms(name.full[0], seen, people, "name")


def _named(name: Name, people: People) -> Iterator[tuple[str, str, Strength]]:
    """Yield who could be meant by a name, how it is theirs, and how much that says."""
    asked = dict.fromkeys(person for key in _ordered(name) for person in people.by_pair.get(pair(*key), ()))
    for person in asked:
        said = _likest(name, people.known[person].names)
        if said is not None:
            yield person, *said
    for person, reason in _abbreviated(name, people):
        if person not in asked:
            yield person, reason, Strength.WEAK
    if len(name.full) == 1 and not name.initials:
        yield from _alone(name, people)


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


def _alone(name: Name, people: People) -> Iterator[tuple[str, str, Strength]]:
    """Yield whose last name, or first name if only one person has it, is all that an account has for a name."""
    for word, _, _ in name.units:
        having = dict.fromkeys(people.by_word.get(word, ()))
        for person in having:
            own = people.known[person].names
            if not any(word in known.full or word in known.ends for known in own):
                continue  # two of their words written as one: that is more than one word, and told elsewhere
            last = any(word in known.ends for known in own)
            if len(having) <= FEW if last else len(having) == 1:
                what = "last name" if last else "first name, which nobody else here has"
                yield person, f"is their {what}, and no more", Strength.WEAK


def _likest(name: Name, theirs: tuple[Name, ...]) -> tuple[str, Strength] | None:
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
    if len(mine) == 1 and any(len(own.full) > 1 and unit == "".join(own.full) for unit in mine):
        mine |= set(own.full)  # the whole name in one word
    return mine, here, short


def _within(word: str, agreed: set[str]) -> bool:
    return word in agreed or any(word in unit for unit in agreed if len(unit) > len(word))


def _may_be(one: str, other: str) -> bool:
    """Whether two words may be one: equal, or one the initial of the other."""
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


# ---- the log-in -----------------------------------------------------------------------------------------------------


def _by_login(account: Account, seen: _Account, people: People) -> Iterator[Match]:
    plain = joined(seen.login)
    login = first_value(account.login)
    keys = dict.fromkeys((fold(login), unsigned(login), plain))
    explained = seen.explains(plain)
    for key in keys:
        for person, where in people.by_login.get(key, ()):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the log-in is theirs by {where}", Strength.WEAK)
    if not seen.login:
        return
    if not explained:
        for person in people.by_local.get(plain, ()):
            yield Match(person, "the log-in is the first part of their e-mail address", Strength.WEAK)
    yield from _by_text(seen.login, seen, people, "log-in")
    if len(seen.login) > 1 and not explained:
        yield from _beside(seen, people)


def _beside(seen: _Account, people: People) -> Iterator[Match]:
    """Yield whose one word of a log-in is, whatever stands beside it: `dcalloway-adm`, `harbor.dcalloway`."""
    for word in seen.login:
        if len(word) < _WHOLE_WORD or seen.explains(word):
            continue
        for person, where in people.by_login.get(word, ()):
            yield Match(person, f"a word of the log-in is theirs by {where}", Strength.WEAK)
        for person, form in people.by_form.get(word, ()):
            if form is not Form.PART:
                yield Match(person, f"a word of the log-in {_BY_FORM[form]}", Strength.WEAK)


def _by_text(words: tuple[str, ...], seen: _Account, people: People, what: str) -> Iterator[Match]:
    """Yield whose log-in, or first part of an address, this may be; an X or Z in front may be a mark, or an initial."""
    yield from _of_words(words, seen, people, what)
    if len(words) > 1 and words[0] in ("x", "z"):
        yield from _of_words(words[1:], seen, people, what)


def _of_words(words: tuple[str, ...], seen: _Account, people: People, what: str) -> Iterator[Match]:
    """Yield whose it may be: of one word, or with signs between words."""
    plain = joined(words)
    explained = seen.explains(plain)
    if len(words) > 1:
        for person, reason, strength in _named(of_words(list(words)), people):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the {what} {reason}", strength)
    elif len(plain) > 2:
        for person, reason, strength in _alone(of_words(list(words)), people) if not seen.personal else ():
            yield Match(person, f"the {what} {reason}", strength)
    yield from _of_forms(plain, seen, people, what)


def _of_forms(plain: str, seen: _Account, people: People, what: str) -> Iterator[Match]:
    explained = seen.explains(plain)
    for text, most in read_as(plain):
        for person, form in people.by_form.get(text, ()):
            little = seen.personal and (explained or form is Form.PART)
            if form > most or (little and not _is_named(person, seen, people)):
                continue
            strength = Strength.STRONG if form is Form.WHOLE else Strength.WEAK
            yield Match(person, f"the {what} {_BY_FORM[form]}", strength)


def _is_named(person: str, seen: _Account, people: People) -> bool:
    """Whether the name of the account could be the person's."""
    return any(_likest(name, people.known[person].names) is not None for name in seen.names)


# ---- the address ----------------------------------------------------------------------------------------------------


def _by_address(seen: _Account, people: People) -> Iterator[Match]:
    if seen.address:
        for person in people.by_address.get(seen.address, ()):
            yield Match(person, "the e-mail address is theirs but for what follows a plus", Strength.STRONG)
    plain = joined(seen.local)
    if len(plain) > 2:
        if not seen.explains(plain):
            for person in people.by_local.get(plain, ()):
                yield Match(person, "the e-mail address begins as theirs does", Strength.WEAK)
        yield from _by_text(seen.local, seen, people, "e-mail address")
    yield from _married(seen, people)


def _married(seen: _Account, people: People) -> Iterator[Match]:
    """Yield whose e-mail address is made of the account's name, where a word agrees: the name before a marriage."""
    for name in seen.names:
        if not name.personal:
            continue
        units = {unit for unit, _, _ in name.units}
        for text, form in forms_of(name).items():
            if form is not Form.PART:
                for person in people.by_local.get(text, ()):
                    if any(units & {unit for unit, _, _ in own.units} for own in people.known[person].names):
                        yield Match(person, "their e-mail address is made of the account's name", Strength.WEAK)
