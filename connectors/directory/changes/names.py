"""Whom a record names: DNs as they were at that time, turned into the accounts and groups of today."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.directory.changes.write import What, Write
from connectors.directory.schema.attributes import MEMBER_DNS
from connectors.directory.schema.dn import below, first_value, fold, member_key
from connectors.facts import Account

MEMBER_NAMES = frozenset({*MEMBER_DNS, "memberuid"})
"""Attributes of groups whose values name who is in them."""
_GUID = re.compile(r"<GUID=([0-9A-Fa-f-]{36})>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Named:
    """Whom one write is about, and whom the values of its members name."""

    account: str | None
    """Id of the account asked for that it is about; `None`: it is about something else."""
    group: str
    """Today's DN of the entry, as a group is known by it."""
    members: Mapping[str, str]
    """By a value of a member attribute: the id of the account asked for that it names."""
    groups: Mapping[str, str]
    """By such a value, or one of `memberOf`, that names no account asked for: today's DN of what it names."""


@dataclass(slots=True)
class Names:
    """What is known of the accounts asked for."""

    by_key: dict[str, str] = field(default_factory=dict)
    """By normalised DN: the account's id; of one that is gone, its last."""
    logins: dict[str, str] = field(default_factory=dict)
    """By login, folded; none that two have."""
    called: dict[str, str] = field(default_factory=dict)
    """By name, folded; none that two have."""
    ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, accounts: Iterable[Account], keys: Mapping[str, str]) -> "Names":
        """Start from the accounts, and the DNs of those that are there: `keys`, by id."""
        asked = list(accounts)
        named = cls(ids=frozenset(account.id for account in asked))
        named.logins = _only((account.login, account.id) for account in asked)
        named.called = _only((account.name, account.id) for account in asked)
        for account in asked:
            # Where a directory has no other id, the DN is the account's.
            key = keys.get(account.id) or (account.id if "=" in account.id else "")
            if key:
                named.by_key[key] = account.id
        return named

    def place_gone(self, writes: Sequence[Write]) -> None:
        """
        Learn the DN of an account that is gone: from a record with its id, or the only deleted entry with its login or
        its name.

        An entry of the same name that is there today is another one, and so nothing is concluded.
        """
        placed = set(self.by_key.values())
        deleted = [w for w in writes if w.what is What.DELETE]
        for write in deleted:
            if write.id and write.id in self.ids and write.id not in placed:
                self.by_key.setdefault(write.key, write.id)
                placed.add(write.id)
        nameless: dict[str, set[str]] = {}
        for write in deleted:
            if write.id is None and write.key not in self.by_key:
                nameless.setdefault(fold(_first(write.key)), set()).add(write.key)
        for called, id_ in (*self.logins.items(), *self.called.items()):
            keys = nameless.get(called, set())
            if id_ not in placed and len(keys) == 1 and not keys & self.by_key.keys():
                self.by_key[next(iter(keys))] = id_
                placed.add(id_)

    def resolve(self, writes: Sequence[Write]) -> list[Named]:
        """Go back through the writes, so that each DN is understood as it was meant when it was written."""
        at, moves = dict(self.by_key), list[tuple[str, str]]()
        found: list[Named] = []
        for write in reversed(writes):
            if write.what is What.RENAME:
                _move_back(at, write)
                moves.append((write.key, write.new_key))
            account = (write.id if write.id in self.ids else None) if write.id else at.get(write.key)
            if account and write.what is not What.ADD:
                at[write.key] = account
            members: dict[str, str] = {}
            groups: dict[str, str] = {}
            for name, value in _values(write):
                if id_ := self._who(name, value, at):
                    members[value] = id_
                elif name != "memberuid":
                    groups[value] = _today(member_key(value), moves)
            found.append(Named(account, _today(write.key, moves), members, groups))
            if write.what is What.ADD:
                at.pop(write.key, None)
        return found[::-1]

    def _who(self, name: str, value: str, at: Mapping[str, str]) -> str | None:
        if name == "memberuid":
            return self.logins.get(fold(value))
        if guid := guid_of(value):
            return guid if guid in self.ids else None
        return at.get(member_key(value))


def _only(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return ids by a name, folded, that one alone has."""
    found = [(fold(name), id_) for name, id_ in named]
    shared = Counter(name for name, _ in found)
    return {name: id_ for name, id_ in found if shared[name] == 1}


def guid_of(value: str) -> str | None:
    """Return the objectGUID of a DN as Samba writes it, `<GUID=…>;<SID=…>;CN=…`; `None` where it has none."""
    match = _GUID.match(value)
    return match[1].lower() if match else None


def _values(write: Write) -> Iterator[tuple[str, str]]:
    """Yield the values that name somebody, by their attribute: those written, and those that were there before."""
    for mod in write.mods:
        if mod.name in MEMBER_NAMES:
            yield from ((mod.name, value) for value in mod.values)
    for name, values in (write.old or {}).items():
        if name in MEMBER_NAMES or name == "memberof":
            yield from ((name, value) for value in values)


def _move_back(at: dict[str, str], write: Write) -> None:
    """Undo the rename of an entry, and of all below it."""
    for key in [key for key in at if below(key, write.new_key)]:
        at[key.removesuffix(write.new_key) + write.key] = at.pop(key)


def _today(key: str, moves: Sequence[tuple[str, str]]) -> str:
    for before, after in reversed(moves):
        if below(key, before):
            key = key.removesuffix(before) + after
    return key


def _first(key: str) -> str:
    try:
        return first_value(key)[1]
    except ValueError:
        return key
