"""
Whether names that people type are one person's.

They are compared as those of accounts are (`policies.candidates`), so that neither an initial, an accent nor a letter
that only looks alike makes a second person of one.
"""

import unicodedata

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.roles.generic_logins import GenericNames


def may_be(text: str, person: Person) -> bool:
    """Whether a text that somebody typed for a name may mean a person: by name, e-mail address, log-in or id."""
    if _folded(text) in (_folded(person.id), _folded(person.name), _folded(person.email or "")):
        return True
    generic = GenericNames.load()
    login, email = ("" if " " in text.strip() else text.strip()), (text.strip() if "@" in text else "")
    typed = Account("", "", login, text, Status.ACTIVE, email=email)
    logins = {person.id: {known: "the roster" for _, known in person.logins}}
    return bool(matches(typed, People.of((person,), logins, generic), generic))


def same_person(one: str, other: str) -> bool:
    """Whether two names that people typed may be one person's."""
    return any(may_be(typed, _typed(known)) for typed, known in ((one, other), (other, one)))


def _typed(name: str) -> Person:
    return Person(name, name, name.strip() if "@" in name else None, PersonKind.STAFF)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
