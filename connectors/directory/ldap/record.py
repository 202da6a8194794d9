"""What a directory says of its own changes, live: the accounts in question, its clock, and its kind of record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from connectors.clock_offset import SecondsClock, narrow
from connectors.directory.changes.answer import Found
from connectors.directory.changes.files import Logs
from connectors.directory.changes.names import Names
from connectors.directory.changes.stamps import touched
from connectors.directory.changes.story import held_by
from connectors.directory.changes.write import Writes
from connectors.directory.schema.decode import dn_key, identifier
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time
from connectors.errors import AuditorError, SourceMalformed

if TYPE_CHECKING:
    from connectors.directory.ldap.scope import ReadScope
    from connectors.directory.ldap.wire import LdapConnection

AT_ONCE = 100
"""How many accounts are asked for in one search."""
_ID = {"ad": "objectGUID", "openldap": "entryUUID", "389": "nsUniqueId", "freeipa": "ipaUniqueID"}
STAMP = "modifyTimestamp"
One = TypeVar("One")


@dataclass(slots=True, kw_only=True)
class Recorded(Found):
    """What was read of one directory's record, and where more is read."""

    wire: "LdapConnection"
    scope: "ReadScope"
    logs: Logs
    entries: dict[str, Entry] = field(default_factory=dict)
    """The accounts asked for that are there, by id."""
    gone: dict[str, str] = field(default_factory=dict)
    """Normalised DNs of accounts that are gone, as they were last, by id."""
    hosts: frozenset[str] = frozenset()
    """Whose clock was looked at."""

    @property
    def keys(self) -> dict[str, str]:
        """Normalised DNs of the accounts that are there, by id."""
        return {id_: dn_key(entry) for id_, entry in self.entries.items()}

    def names(self) -> Names:
        """Return whom DNs name."""
        return Names.of(self.question.accounts, {**self.gone, **self.keys})

    def find(self, attributes: Sequence[str], by: str = "") -> None:
        """
        Read the accounts asked for, with these attributes; those that are gone are not found.

        `by`: an attribute of the log-in that every set-up indexes, where the id often is not: it is tried first.
        """
        attribute = _ID.get(self.scope.flavour.attributes, "")
        wanted = ("objectClass", attribute, *attributes) if attribute else ("objectClass", *attributes)
        by_dn = [a.id for a in self.question.accounts if "=" in a.id]
        by_id = [a.id for a in self.question.accounts if "=" not in a.id] if attribute else []
        for dn in by_dn:
            if (entry := self.wire.read_entry(dn, wanted)) is not None:
                self.entries[dn] = entry
        logins = [a.login for a in self.question.accounts if by and a.login and "=" not in a.id]
        for part in parts(logins):
            found = {identifier(entry) or "": entry for entry in self._accounts(any_of(by, part), wanted)}
            self.entries |= {id_: found[id_] for id_ in by_id if id_ in found}
        for part in parts([id_ for id_ in by_id if id_ not in self.entries]):
            for entry in self._accounts(any_of(attribute, part), wanted):
                self.entries[identifier(entry) or dn_key(entry)] = entry

    def _accounts(self, search: str, wanted: tuple[str, ...]) -> list[Entry]:
        return self.wire.read_all(self.scope.base_dn, search, wanted, what="accounts")

    def check_reach(self, logs: Sequence[Writes], attribute: str) -> None:
        """
        Say until when saved logs reach: to the present, if the directory holds nothing that was written after them.

        A quiet server writes nothing to its log, and a copy that is old looks the same: only the entries' own stamps
        tell which it is. Who was deleted since bears none, and has no access either.
        """
        last = max((write.at for one in logs for write in one.found), default=None)
        if last is None:
            return
        second = last.replace(microsecond=0)
        known = {w.new_key or w.key for one in logs for w in one.found if w.at >= second}
        # AD and Samba write it with a fraction, and Samba compares it as it is written.
        since = f"{second:%Y%m%d%H%M%S}{'.0Z' if self.scope.flavour.attributes == 'ad' else 'Z'}"
        search = f"({attribute}>={since})"
        bases = dict.fromkeys((self.scope.base_dn, self.scope.group_base))
        found = [e for base in bases for e in self.wire.read_all(base, search, ("objectClass",), what="changes")]
        late = {dn_key(entry) for entry in found} - known
        for one in logs:
            one.until = last if late else None
        if late:
            self.gaps.append(
                f"{len(late)} entries were written after the log files end ({last:%Y-%m-%d %H:%M:%S} UTC), or without "
                "a word in them: copy them anew for each read"
            )

    def touch(self, attribute: str = STAMP) -> None:
        """Take the stamp of each account's last change as an upper bound."""
        found = (touched(self.system, id_, entry, attribute) for id_, entry in self.entries.items())
        self.events += [event for event in found if event]

    def touch_groups(self, attribute: str = STAMP) -> None:
        """Take the stamp of each group's last change as an upper bound, for those who held it and are there."""
        for group, holders in held_by(self.question).items():
            here = [id_ for id_ in holders if id_ in self.entries]
            entry = self.wire.read_entry(group, ("objectClass", attribute)) if here and "=" in group else None
            found = (
                touched(self.system, id_, entry, attribute, entitlement=group) for id_ in here if entry is not None
            )
            self.events += [event for event in found if event]


class DirectoryClock:
    """The clock of a directory, looked at between other reads, so that it costs next to nothing."""

    def __init__(self, wire: "LdapConnection", dn: str, attribute: str, by: str) -> None:
        self._wire, self._dn, self._attribute = wire, dn, attribute
        self.looked = SecondsClock(by)
        self._gone = False
        self.trouble = ""
        self.look()

    def look(self) -> None:
        """Look at it once more, unless it is not shown."""
        self._try(lambda: self.looked.look(self._read))

    def settle(self, *, closely: bool) -> None:
        """Look until enough is known, which it mostly is: the record was read since the first look."""
        self._try(lambda: narrow(self.looked, self._read, closely=closely))

    def _try(self, look: Callable[[], None]) -> None:
        if self._gone:
            return
        try:
            look()
        except AuditorError as error:
            self._gone, self.trouble = True, error.message
            self.looked = SecondsClock("")

    def _read(self) -> datetime:
        entry = self._wire.read_entry(self._dn, (self._attribute,))
        text = entry.text(self._attribute.lower()) if entry else None
        if text is None:
            raise SourceMalformed(f"`{self._attribute}` of `{self._dn or 'the root entry'}` is not shown")
        return generalized_time(text)


def parts(ids: Sequence[One], size: int = AT_ONCE) -> Iterator[Sequence[One]]:
    """Cut a list into searches."""
    return (ids[at : at + size] for at in range(0, len(ids), size))


def any_of(attribute: str, ids: Sequence[str]) -> str:
    """Return a filter that finds entries by their ids."""
    return "(|" + "".join(equal(attribute, id_) for id_ in ids) + ")"


def equal(attribute: str, value: str) -> str:
    """Return a filter that finds entries by one value, whatever that holds."""
    return f"({attribute}={_value(attribute, value)})"


def _value(attribute: str, id_: str) -> str:
    if attribute == "objectGUID":
        return "".join(f"\\{byte:02x}" for byte in UUID(id_).bytes_le)
    # As RFC 4515 section 3 has it: whatever an id holds, it stays a value.
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "-.") else "".join(f"\\{b:02x}" for b in c.encode()) for c in id_
    )


def generalized(at: datetime) -> str:
    """Write an instant as a filter has it."""
    return at.strftime("%Y%m%d%H%M%SZ")
