"""
Whose is an account? Rules in order; the first that names somebody decides, and says why.

A rule that names two people for one account decides nothing, except `stated`: when the practice itself names several
people, the account is shared, and that is a finding. Where the practice names one person and the account carries the
e-mail address or the id of another, or was made after the person had left, one of the two is wrong: nothing is decided
until somebody confirms whose it is. What no rule decides is listed as nobody's, never guessed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from auditor.settled import NOTHING, Settled, confirmed
from connectors.facts import Account, Collection, Person, PersonKind
from policies.engine.candidates import BY_EMAIL, BY_ID, BY_LOGIN, BY_NAME, CONTRADICTED, STATED
from policies.engine.case import AccountKey, Owner

CorrelationRule = Literal["stated", "employee-id", "email", "login", "name"]

RULES: tuple[CorrelationRule, ...] = ("stated", "employee-id", "email", "login", "name")
"""The order when the configuration gives none: from what the practice says itself to what is only likely."""

_REASONS: Mapping[CorrelationRule, str] = {
    "stated": STATED,
    "employee-id": BY_ID,
    "email": BY_EMAIL,
    "login": BY_LOGIN,
    "name": BY_NAME,
}

_DAY = timedelta(days=1)
_NO_DAYS: Mapping[str, date] = MappingProxyType({})


def correlate(
    collections: Mapping[str, Collection],
    people: Iterable[Person],
    rules: Sequence[CorrelationRule] = RULES,
    former: Set[str] = frozenset(),
    *,
    settled: Settled = NOTHING,
    last_days: Mapping[str, date] = _NO_DAYS,
) -> dict[AccountKey, Owner]:
    """
    Find the owner of every account of every complete collection.

    People in `former` are only on an earlier roster: whoever is on the present one comes before them, because somebody
    who returned under a new id is one person. What somebody has confirmed (`settled`) decides before any rule, except
    that those whom the practice itself states own the account as well. `last_days` are those of VMAs who have left, by
    id: an account that was made later cannot have been theirs.
    """
    people = list(people)
    by_id = {person.id: person for person in people}
    index = _Index(people)
    return {
        (system, account.id): _settled(account, index, by_id, settled)
        or _contradicted(account, index, rules, settled.not_theirs.get((system, account.id), frozenset()), last_days)
        or _owner(account, index, rules, former, settled.not_theirs.get((system, account.id), frozenset()))
        for system, collection in sorted(collections.items())
        if collection.complete
        for account in collection.accounts
    }


def _settled(account: Account, index: "_Index", people: Mapping[str, Person], settled: Settled) -> Owner | None:
    said = settled.theirs.get((account.system, account.id), ())
    return confirmed(said, people, (p.id for p in index.find("stated", account))) if said else None


def _owner(
    account: Account,
    index: "_Index",
    rules: Sequence[CorrelationRule],
    former: Set[str],
    not_theirs: Set[str] = frozenset(),
) -> Owner:
    undecided = []
    for rule in rules:
        everybody = [p for p in index.find(rule, account) if rule == "stated" or p.id not in not_theirs]
        found = [person for person in everybody if person.id not in former] or everybody
        if len(found) == 1 or (rule == "stated" and found):
            return Owner(tuple(p.id for p in found), _kind(found), _REASONS[rule])
        if found:
            undecided.append(f"{rule} fits {' and '.join(p.id for p in found)}")
    reason = "no rule names an owner"
    return Owner((), None, f"{reason}: {'; '.join(undecided)}" if undecided else reason)


def _contradicted(
    account: Account,
    index: "_Index",
    rules: Sequence[CorrelationRule],
    not_theirs: Set[str],
    last_days: Mapping[str, date],
) -> Owner | None:
    """Return that nobody owns an account, where what the practice states and what the account says cannot both be."""
    stated = index.find("stated", account) if "stated" in rules else []
    if not stated:
        return None
    said = ""
    carries = [rule for rule in rules if rule in ("employee-id", "email")]
    whose = {p.id for rule in carries for p in index.find(rule, account)} - not_theirs
    made = account.created.date() if account.created is not None else None
    # A day later: the day is that of UTC, not of the practice.
    late = made is not None and all(p.id in last_days and last_days[p.id] + _DAY < made for p in stated)
    others = whose - {p.id for p in stated}
    # An address that a leaver shares with whom a list names settles nothing; one person with two ids is no conflict.
    names_stated = {_plain(p.name) for p in stated if p.kind is PersonKind.VMA}
    left = {p.id for rule in carries for p in index.find(rule, account) if _plain(p.name) not in names_stated}
    left &= others & last_days.keys()
    if whose and (others == whose or left):
        whose = left or others
        said = f"the account carries what is {' and '.join(sorted(whose))}'s"
    elif late:
        said = f"the account was made on {made}, after the last day"
    names = " and ".join(p.id for p in stated)
    return Owner((), None, f"{CONTRADICTED}: stated names {names}, {said}") if said else None


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
