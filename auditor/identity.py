"""What of an account is one person's and nobody else's: an id, an e-mail address, a log-in that the practice states."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from connectors.facts import Account, Person
from policies.candidates.fold import address, unsigned

_Key = tuple[str, str, str]


class Identified:
    """People by what identifies them; an account is looked up, and compared with nobody."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by: dict[_Key, set[str]] = defaultdict(set)
        for person in people:
            self._add(("id", "", unsigned(person.id)), person.id)
            self._add(("address", "", address(person.email or "")), person.id)
            for system, login in person.logins:
                self._add(("login", system, login.casefold()), person.id)

    def _add(self, key: _Key, person: str) -> None:
        if key[2]:
            self._by[key].add(person)

    def whose(self, account: Account) -> dict[str, str]:
        """Return whom an account identifies, each with what of it does, in words."""
        found: dict[str, str] = {}
        for key, words in _facts(account):
            for person in self._by.get(key, ()):
                found.setdefault(person, words)
        return found

    def against(self, account: Account, person: str, *, theirs: bool) -> str:
        """
        Say what of an account speaks against it that it is, or is not, a person's; empty where nothing identifies.

        What it shares with that person speaks for nobody else.
        """
        if not theirs:
            words = self.whose(account).get(person, "")
            return f"it carries {words}" if words else ""
        for key, words in _facts(account):
            others = self._by.get(key, set())
            if others and person not in others:
                return f"it carries {words}, of {' and '.join(sorted(others))}"
        return ""


def _facts(account: Account) -> Iterator[tuple[_Key, str]]:
    yield ("id", "", unsigned(account.employee_id or "")), "the id"
    yield ("address", "", address(account.email or "")), "the e-mail address"
    yield ("address", "", address(account.login)), "the e-mail address as its log-in"
    yield ("login", account.system, account.login.casefold()), "a log-in that the roster or staff file names"
    if len(plain := unsigned(account.login)) > 1:
        yield ("id", "", plain), "the id as its log-in"
