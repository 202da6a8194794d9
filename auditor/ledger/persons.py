"""
Whether names that people type are one person's, and whose an account could be by such names.

They are compared as those of accounts are (`policies.candidates`), so that neither an initial, an accent nor a letter
that only looks alike makes a second person of one.
"""

import unicodedata
from collections.abc import Collection

from connectors.facts import Account, Person, PersonKind, Status
from policies.candidates.matching import matches
from policies.candidates.people import People
from policies.roles.generic_logins import GenericNames


def may_be(text: str, person: Person) -> bool:
    """Whether a text that somebody typed for a name may mean a person: by name, e-mail address, log-in or id."""
    if _folded(text) in (_folded(person.id), _folded(person.name), _folded(person.email or "")):
        return True
    login, email = ("" if " " in text.strip() else text.strip()), (text.strip() if "@" in text else "")
    return bool(fitting(Account("", "", login, text, Status.ACTIVE, email=email), (person,)))


def fitting(account: Account, people: Collection[Person]) -> list[Person]:
    """Return everybody of some people whose an account could be by what it says of its user, and by stated log-ins."""
    generic, known = GenericNames.load(), {person.id: person for person in people}
    logins = {person.id: {login: "the roster" for _, login in person.logins} for person in people}
    return [known[match.person] for match in matches(account, People.of(people, logins, generic), generic)]


def same_person(one: str, other: str) -> bool:
    """Whether two names that people typed may be one person's; one that is empty is nobody's."""
    if not (one.strip() and other.strip()):
        return False
    return any(may_be(typed, _typed(known)) for typed, known in ((one, other), (other, one)))


def _typed(name: str) -> Person:
    return Person(name, name, name.strip() if "@" in name else None, PersonKind.STAFF)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
