"""Everybody, by every key under which an account may name them; looked up, never compared one with one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from connectors.facts import Person
from policies.candidates.fold import (
    Name,
    address,
    fold,
    joined,
    names_of,
    of_words,
    short_forms,
    unsigned,
    words_of_login,
)
from policies.candidates.forms import Form, forms_of, initials_of
from policies.candidates.near import keys_of, one_slip
from policies.roles.generic_logins import GenericNames

Pair = tuple[str, str]
K = TypeVar("K")
V = TypeVar("V")


def pair(one: str, other: str) -> Pair:
    """Return the key of two words, in whatever order they stand."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True)
class KnownPerson:
    """A person, with the names that are folded."""

    person: Person
    names: tuple[Name, ...]
    """As written, and as the e-mail address has it: after a marriage, often one is of before."""


@dataclass
class People:
    """The indexes."""

    known: dict[str, KnownPerson] = field(default_factory=dict)
    by_pair: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Two words of a name; the first name also by its short forms."""
    by_initial: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    """(initial, word): a word of a name, and the initial of an earlier one; or of a later one."""
    by_abbreviated: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    """(initial, last name) of whoever is written with an initial in front, or beside one word only."""
    by_word: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_form: dict[str, list[tuple[str, Form]]] = field(default_factory=lambda: defaultdict(list))
    """Log-ins that may be made of a name."""
    by_slip: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Words of names, by the keys of `near.keys_of`."""
    by_initials: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The first letters of all their names: `dc`, `dmc`."""
    by_login: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Log-ins that are known to be theirs somewhere, with where."""
    by_statement: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    """(system, log-in) that the practice itself states: what the account says otherwise makes a question of it."""
    by_id: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_address: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_local: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The first part of an e-mail address, signs and digits left out."""

    @classmethod
    def of(
        cls,
        people: Iterable[Person],
        logins: Mapping[str, Mapping[str, str]],
        generic: GenericNames,
        former_names: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> "People":
        """
        Index these people.

        `logins` are known log-ins of each, by person id, with where each is known; `former_names` are names that they
        had, by person id.
        """
        index = cls()
        for person in sorted(people, key=lambda p: p.id):
            index._add(person, logins.get(person.id, {}), generic, sorted(former_names.get(person.id, ())))
        return index

    def _add(
        self, person: Person, logins: Mapping[str, str], generic: GenericNames, former_names: Iterable[str]
    ) -> None:
        email = person.email or ""
        # The address of a desk is no name and no log-in of whoever reads it.
        local = words_of_login(email) if generic.matches(email) is None else []
        names = [name for text in (person.name, *former_names) for name in names_of(text)]
        if sum(len(word) > 1 for word in local) > 1:
            names.append(of_words(local))
        self.known[person.id] = KnownPerson(person, tuple(names))
        for name in names:
            self._add_name(person.id, name)
        if whole := address(email):
            _put(self.by_address, whole, person.id)
            if len(joined(local)) > 2:
                _put(self.by_local, joined(local), person.id)
        self._add_logins(person, logins, generic)

    def _add_logins(self, person: Person, logins: Mapping[str, str], generic: GenericNames) -> None:
        _put(self.by_id, person.id.casefold(), person.id)
        for system, login in person.logins:
            _put(self.by_statement, (system, login.casefold()), person.id)
        if len(unsigned(person.id)) > 1:
            _put(self.by_login, unsigned(person.id), (person.id, "their id"))
        for login, where in logins.items():
            if generic.matches(login) is None:
                for key in dict.fromkeys((fold(login), joined(words_of_login(login)))):
                    if len(key) > 2:
                        _put(self.by_login, key, (person.id, where))

    def _add_word(self, id_: str, word: str) -> None:
        if len(word) > 2:
            if word not in self.by_word:
                for key in keys_of(word):
                    self.by_slip[key].append(word)
            _put(self.by_word, word, id_)

    def near(self, word: str) -> list[str]:
        """Return the words of names that are one slip from a word."""
        found = dict.fromkeys(known for key in keys_of(word) for known in self.by_slip.get(key, ()))
        return [known for known in found if one_slip(word, known)]

    def _add_name(self, id_: str, name: Name) -> None:
        for one, _, end in name.units:
            for other, begin, _ in name.units:
                if end <= begin:
                    _put(self.by_pair, pair(one, other), id_)
                    _put(self.by_initial, (one[0], other), id_)
                    if len(one) > 2:
                        _put(self.by_initial, (other[0], one), id_)
                    for short in short_forms().get(one, ()):
                        _put(self.by_pair, pair(short, other), id_)
            self._add_word(id_, one)
        self._add_forms(id_, name)

    def _add_forms(self, id_: str, name: Name) -> None:
        if name.first_initial:
            for word, _, _ in name.units:
                _put(self.by_initial, (name.first_initial, word), id_)
                if word in name.ends:
                    _put(self.by_abbreviated, (name.first_initial, word), id_)
        for letters in initials_of(name):
            _put(self.by_initials, letters, id_)
        for login, form in forms_of(name).items():
            _put(self.by_form, login, (id_, form))


def _put(index: dict[K, list[V]], key: K, value: V) -> None:
    """Add a value once: equal ones come one after another."""
    values = index[key]
    if not values or values[-1] != value:
        values.append(value)
