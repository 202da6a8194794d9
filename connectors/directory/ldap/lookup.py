"""
Members of groups that no entry which was read bears: looked up by name, so that nobody is missing unnoticed.

One that is there, and is an account or a group that should have been read, means that the read was not whole. One that
AD does not show is hidden, because a domain takes whoever is deleted out of its groups by itself (MS-ADTS 3.1.1.1.6).
Elsewhere a group may name who is long gone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.directory.schema.decode import dn_key, is_account
from connectors.directory.schema.dn import below, normalise
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.group import is_group
from connectors.errors import SourceTruncated, shorten
from connectors.facts import Evidence

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

AT_ONCE = 100
"""How many are asked for in one search, where the server can search by DN."""
MAX_SEARCHED, MAX_READ = 50_000, 500
"""How many are looked up, together in AD and one by one elsewhere; the rest is counted and told."""
_SPECIAL = re.compile(r"[\\*()\x00]")
_WANTED = ("objectClass", "uid", "sambaAcctFlags")


@dataclass(slots=True)
class Lookup:
    """What became of the members that no entry bears."""

    others: set[str] = field(default_factory=set)
    """There, and neither accounts nor groups, or left out by a filter of the practice's own."""
    absent: set[str] = field(default_factory=set)
    """Not shown."""
    outside: int = 0
    """Outside of the base; not looked up."""
    not_asked: int = 0

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell it."""
        told = []
        if self.others:
            told.append(Evidence("other-members", f"{len(self.others)} members are no accounts, or filtered out"))
        if self.outside:
            told.append(Evidence("members-elsewhere", f"{self.outside} members stand outside of the base"))
        if self.not_asked:
            told.append(Evidence("members-not-looked-up", f"{self.not_asked} more than are looked up by name"))
        return tuple(told)


def look_up(system: str, wire: "LdapConnection", keys: Iterable[str], base: str, *, ad: bool, filtered: bool) -> Lookup:
    """
    Look members up by their normalised DNs; `filtered` says that the practice's own filters leave some out.

    Raises `SourceTruncated` for an account or a group that is there and was not read.
    """
    below_base = normalise(base) if base else ""
    wanted = sorted(keys)
    inside = [key for key in wanted if below(key, below_base)]
    most = MAX_SEARCHED if ad else MAX_READ
    found = Lookup(outside=len(wanted) - len(inside), not_asked=max(0, len(inside) - most))
    inside = inside[:most]
    for at in range(0, len(inside), AT_ONCE):
        part = inside[at : at + AT_ONCE]
        # Without a class it is only known to be there: what it is, is hidden.
        entries = {k: e for k, e in (_search(wire, base, part) if ad else _read(wire, part)).items() if e.classes}
        for key, entry in entries.items():
            if (is_account(entry) or is_group(entry)) and not filtered:
                raise SourceTruncated(
                    f"`{system}` did not return {shorten(entry.dn)}, which a group names and which is there: the read "
                    "was not whole",
                    hint="run again: it may be new; if it stays, let the auditor's account search all attributes that "
                    "the printed set-up names",
                )
            found.others.add(key)
        found.absent.update(set(part) - entries.keys())
    return found


def _search(wire: "LdapConnection", base: str, keys: list[str]) -> dict[str, Entry]:
    names = "".join(f"(distinguishedName={_SPECIAL.sub(_escape, key)})" for key in keys)
    return {dn_key(entry): entry for entry in wire.read_all(base, f"(|{names})", _WANTED)}


def _escape(match: re.Match[str]) -> str:
    """As RFC 4515 section 3 has it."""
    return f"\\{ord(match[0]):02x}"


def _read(wire: "LdapConnection", keys: list[str]) -> dict[str, Entry]:
    found = {key: wire.read_entry(key, _WANTED) for key in keys}
    return {key: entry for key, entry in found.items() if entry is not None}
