"""Whose the log-in of an account could be; an address begins with one, too."""

from collections.abc import Iterator

from connectors.facts import Account
from policies.candidates.by_name import alone, likest, misspelt, named
from policies.candidates.fold import first_value, fold, joined, of_words, unsigned, words
from policies.candidates.forms import LONGEST_LOGIN, Form, read_as
from policies.candidates.people import People, pair
from policies.candidates.seen import FoldedAccount, Match, Of, Strength

_SHORT = 3
"""A shorter word is no name in a log-in without signs."""
_WHOLE_WORD = 5
"""A shorter word in a log-in of several is too often somebody else's."""

_BY_FORM = {
    Form.WHOLE: "is made of their first and last name",
    Form.INITIAL: "is made of one of their names and the initial of another",
    Form.PART: "is made of the beginnings of their names",
}


_SLIP = "is made of their names but for one slip of writing"


def by_login(account: Account, seen: FoldedAccount, people: People) -> Iterator[Match]:
    """Yield whose the log-in may be."""
    plain = joined(seen.login)
    login = first_value(account.login)
    keys = dict.fromkeys((fold(login), unsigned(login), plain))
    explained = seen.explains(plain)
    for key in keys:
        for person, where in people.by_login.get(key, ()):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the log-in is theirs by {where}", Strength.WEAK, Of.LOGIN)
    if not explained:
        for person in people.by_local.get(plain, ()):
            yield Match(person, "the log-in is the first part of their e-mail address", Strength.WEAK, Of.LOGIN)
    yield from by_text(seen.login, seen, people, Of.LOGIN)
    yield from _initials(plain, seen, people)
    if not explained:
        yield from (Match(p, f"the log-in {_SLIP}", Strength.WEAK, Of.LOGIN) for p in _misspelt(seen, people))
        yield from _beside(seen, people)


def _beside(seen: FoldedAccount, people: People) -> Iterator[Match]:
    """Yield whose one word of a log-in is, whatever stands beside it: `dcalloway-adm`, `harbor.dcalloway`."""
    for word in seen.login:
        if len(word) < _WHOLE_WORD or seen.explains(word):
            continue
        for person, where in people.by_login.get(word, ()):
            yield Match(person, f"a word of the log-in is theirs by {where}", Strength.WEAK, Of.LOGIN)
        for person, form in people.by_form.get(word, ()):
            if form is not Form.PART:
                yield Match(person, f"a word of the log-in {_BY_FORM[form]}", Strength.WEAK, Of.LOGIN)


def _misspelt(seen: FoldedAccount, people: People) -> Iterator[str]:
    """Yield of whose names a log-in is made but for one slip in a longer one: `denyse.calloway`, `dcaloway`."""
    yield from misspelt(of_words(list(seen.login)), people)
    plain = joined(seen.login)[:LONGEST_LOGIN]
    for initial, rest in ((plain[:1], plain[1:]), (plain[-1:], plain[:-1])):
        for word in people.near(rest):
            yield from people.by_initial.get((initial, word), ())
    for place in range(_SHORT, len(plain) - _SHORT + 1):
        one, other = plain[:place], plain[place:]
        for whole, slip in ((one, other), (other, one)):
            if whole in people.by_word:
                for word in people.near(slip):
                    yield from people.by_pair.get(pair(whole, word), ())


def _initials(plain: str, seen: FoldedAccount, people: People) -> Iterator[Match]:
    """Yield whose initials a log-in is, where the account says nothing else of its user: `dmc`."""
    if seen.names or (seen.local and seen.local != seen.login) or len(plain) < 2 or plain in words().beside:
        return
    for person in people.by_initials.get(plain, ()):
        yield Match(person, "the log-in is their initials", Strength.WEAK, Of.LOGIN)
    if len(plain) == 3:  # the list has no middle name
        for person in people.by_initials.get(plain[0] + plain[2], ()):
            if all(len(name.full) + len(name.initials) <= 2 for name in people.known[person].names):
                yield Match(person, "the log-in is their initials with another between", Strength.WEAK, Of.LOGIN)


def by_text(parts: tuple[str, ...], seen: FoldedAccount, people: People, of: Of) -> Iterator[Match]:
    """Yield whose log-in, or first part of an address, this may be; an X or Z in front may be a mark, or an initial."""
    yield from _of_words(parts, seen, people, of)
    if parts[:1] in (("x",), ("z",)):
        yield from _of_words(parts[1:], seen, people, of)


def _of_words(parts: tuple[str, ...], seen: FoldedAccount, people: People, of: Of) -> Iterator[Match]:
    """Yield whose it may be: of one word, or with signs between words."""
    plain = joined(parts)
    explained = seen.explains(plain)
    if len(parts) > 1:
        for person, reason, strength in named(of_words(list(parts)), people):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the {of} {reason}", strength, of)
    else:
        for person, reason, strength in alone(of_words(list(parts)), people) if not seen.personal else ():
            yield Match(person, f"the {of} {reason}", strength, of)
    yield from of_forms(plain, seen, people, of)


def of_forms(plain: str, seen: FoldedAccount, people: People, of: Of) -> Iterator[Match]:
    """Yield of whose name a text of one word may be made."""
    explained = seen.explains(plain)
    for text, most in read_as(plain):
        for person, form in people.by_form.get(text, ()):
            little = seen.personal and (explained or form is Form.PART)
            if form > most or (little and not _is_named(person, seen, people)):
                continue
            strength = Strength.STRONG if form is Form.WHOLE else Strength.WEAK
            yield Match(person, f"the {of} {_BY_FORM[form]}", strength, of)


def _is_named(person: str, seen: FoldedAccount, people: People) -> bool:
    """Whether the name of the account could be the person's."""
    return any(likest(name, people.known[person].names) is not None for name in seen.names)
