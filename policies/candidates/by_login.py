"""Whose the log-in of an account could be; an address begins with one, too."""

from collections.abc import Iterator

from connectors.facts import Account
from policies.candidates.by_name import alone, likest, named
from policies.candidates.fold import first_value, fold, joined, of_words, unsigned
from policies.candidates.forms import Form, read_as
from policies.candidates.people import People
from policies.candidates.seen import Match, Of, Seen, Strength

_WHOLE_WORD = 5
"""A shorter word in a log-in of several is too often somebody else's."""

_BY_FORM = {
    Form.WHOLE: "is made of their first and last name",
    Form.INITIAL: "is made of one of their names and the initial of another",
    Form.PART: "is made of the beginnings of their names",
}


def by_login(account: Account, seen: Seen, people: People) -> Iterator[Match]:
    """Yield whose the log-in may be."""
    plain = joined(seen.login)
    login = first_value(account.login)
    keys = dict.fromkeys((fold(login), unsigned(login), plain))
    explained = seen.explains(plain)
    for key in keys:
        for person, where in people.by_login.get(key, ()):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the log-in is theirs by {where}", Strength.WEAK, Of.LOGIN)
    if not seen.login:
        return
    if not explained:
        for person in people.by_local.get(plain, ()):
            yield Match(person, "the log-in is the first part of their e-mail address", Strength.WEAK, Of.LOGIN)
    yield from by_text(seen.login, seen, people, Of.LOGIN)
    if len(seen.login) > 1 and not explained:
        yield from _beside(seen, people)


def _beside(seen: Seen, people: People) -> Iterator[Match]:
    """Yield whose one word of a log-in is, whatever stands beside it: `dcalloway-adm`, `harbor.dcalloway`."""
    for word in seen.login:
        if len(word) < _WHOLE_WORD or seen.explains(word):
            continue
        for person, where in people.by_login.get(word, ()):
            yield Match(person, f"a word of the log-in is theirs by {where}", Strength.WEAK, Of.LOGIN)
        for person, form in people.by_form.get(word, ()):
            if form is not Form.PART:
                yield Match(person, f"a word of the log-in {_BY_FORM[form]}", Strength.WEAK, Of.LOGIN)


def by_text(words: tuple[str, ...], seen: Seen, people: People, of: Of) -> Iterator[Match]:
    """Yield whose log-in, or first part of an address, this may be; an X or Z in front may be a mark, or an initial."""
    yield from _of_words(words, seen, people, of)
    if len(words) > 1 and words[0] in ("x", "z"):
        yield from _of_words(words[1:], seen, people, of)


def _of_words(words: tuple[str, ...], seen: Seen, people: People, of: Of) -> Iterator[Match]:
    """Yield whose it may be: of one word, or with signs between words."""
    plain = joined(words)
    explained = seen.explains(plain)
    if len(words) > 1:
        for person, reason, strength in named(of_words(list(words)), people):
            if not (explained and not _is_named(person, seen, people)):
                yield Match(person, f"the {of} {reason}", strength, of)
    elif len(plain) > 2:
        for person, reason, strength in alone(of_words(list(words)), people) if not seen.personal else ():
            yield Match(person, f"the {of} {reason}", strength, of)
    yield from of_forms(plain, seen, people, of)


def of_forms(plain: str, seen: Seen, people: People, of: Of) -> Iterator[Match]:
    """Yield of whose name a text of one word may be made."""
    explained = seen.explains(plain)
    for text, most in read_as(plain):
        for person, form in people.by_form.get(text, ()):
            little = seen.personal and (explained or form is Form.PART)
            if form > most or (little and not _is_named(person, seen, people)):
                continue
            strength = Strength.STRONG if form is Form.WHOLE else Strength.WEAK
            yield Match(person, f"the {of} {_BY_FORM[form]}", strength, of)


def _is_named(person: str, seen: Seen, people: People) -> bool:
    """Whether the name of the account could be the person's."""
    return any(likest(name, people.known[person].names) is not None for name in seen.names)
