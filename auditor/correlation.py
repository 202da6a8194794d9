"""
Whose is an account? Rules in order; the first that names somebody decides, and says why.

A rule that names two people for one account decides nothing, except `stated`: when the practice itself names several
people, the account is shared, and that is a finding. What no rule decides is listed as nobody's, never guessed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Literal

from connectors.facts import Account, Collection, Person, PersonKind
from policies.case import AccountKey, Owner

CorrelationRule = Literal["stated", "employee-id", "email", "login", "name"]

RULES: tuple[CorrelationRule, ...] = ("stated", "employee-id", "email", "login", "name")
"""The order when the configuration gives none: from what the practice says itself to what is only likely."""

_REASONS: Mapping[CorrelationRule, str] = {
    "stated": "the roster or staff file names this log-in",
    "employee-id": "the account carries the person's id",
    "email": "the account has the person's e-mail address",
    "login": "the log-in is the person's e-mail address or its first part",
    "name": "the account has the person's full name, which nobody else has",
}


def correlate(
    collections: Mapping[str, Collection],
    people: Iterable[Person],
    rules: Sequence[CorrelationRule] = RULES,
    former: Set[str] = frozenset(),
) -> dict[AccountKey, Owner]:
    """
    Find the owner of every account of every complete collection.

    People in `former` are only on an earlier roster: whoever is on the present one comes before them, because somebody
    who returned under a new id is one person.
    """
    index = _Index(people)
    return {
        (system, account.id): _owner(account, index, rules, former)
        for system, collection in sorted(collections.items())
        if collection.complete
        for account in collection.accounts
    }


def _owner(account: Account, index: "_Index", rules: Sequence[CorrelationRule], former: Set[str]) -> Owner:
    undecided = []
    for rule in rules:
        everybody = index.find(rule, account)
        found = [person for person in everybody if person.id not in former] or everybody
        if len(found) == 1 or (rule == "stated" and found):
            return Owner(tuple(p.id for p in found), _kind(found), _REASONS[rule])
        if found:
            undecided.append(f"{rule} fits {' and '.join(p.id for p in found)}")
    reason = "no rule names an owner"
    return Owner((), None, f"{reason}: {'; '.join(undecided)}" if undecided else reason)


def _kind(people: Sequence[Person]) -> PersonKind:
    """One VMA among several users makes it an account of VMAs."""
    return next((p.kind for p in people if p.kind is PersonKind.VMA), people[0].kind)


class _Index:
    """People by each thing that an account may carry."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by: dict[CorrelationRule, dict[str, list[Person]]] = {rule: defaultdict(list) for rule in RULES}
        for person in sorted(people, key=lambda p: p.id):
            for system, login in person.logins:
                self._add("stated", f"{system}:{login.casefold()}", person)
            self._add("employee-id", person.id.casefold(), person)
            if person.email:
                email = person.email.casefold()
                self._add("email", email, person)
                self._add("login", email, person)
                self._add("login", email.partition("@")[0], person)
            self._add("name", _plain(person.name), person)

    def _add(self, rule: CorrelationRule, key: str, person: Person) -> None:
        if key and person not in self._by[rule][key]:
            self._by[rule][key].append(person)

    def find(self, rule: CorrelationRule, account: Account) -> list[Person]:
        match rule:
            case "stated":
                key = f"{account.system}:{account.login.casefold()}"
            case "employee-id":
                key = (account.employee_id or "").casefold()
            case "email":
                key = (account.email or "").casefold()
            case "login":
                key = account.login.casefold()
            case "name":
                key = _plain(account.name)
        return self._by[rule].get(key, []) if key else []


def _plain(name: str) -> str:
    """Fold case, spaces and the two ways to write an accent, and turn `Last, First` round."""
    name = unicodedata.normalize("NFC", name)
    last, comma, first = name.partition(",")
    text = f"{first} {last}" if comma else name
    return " ".join(text.casefold().split())
