"""What has been read of all files of a report, and how two files that speak of one account are joined."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from connectors.facts import Account, EntitlementKind, Status
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.odd import OddWords
from connectors.inputs.tables import MAX_VALUE, Table


class TableFacts:
    """What has been read of all files of a report."""

    def __init__(self, system: str, mapping: Mapping, as_of: datetime) -> None:
        self.system, self.mapping, self.as_of = system, mapping, as_of
        self.accounts: dict[str, Account] = {}
        self.entitlements: dict[str, EntitlementKind] = {}
        self.grants: set[tuple[str, str]] = set()
        self.unread: set[tuple[str, str]] = set()
        """Who may hold rights that were not read."""
        self.odd = OddWords()
        """Words that the mapping does not know."""
        self.sources: dict[str, tuple[str, int]] = {}
        """Where each account was first read: file and line."""
        self.naming: set[str] = set()
        """The columns whose cells name what is held, in any of the files."""
        self.said: dict[str, set[str]] = {}
        """In which of them something stands, by account."""
        self.logins: dict[str, tuple[int, str]] = {}

    def grant(self, table: Table, line: int, column: str, *, account: str, id_: str, kind: str) -> None:
        """Add one grant; raises `InputError` for a name that is too long or is used for two kinds of things."""
        if len(id_) > MAX_VALUE:
            table.refuse(
                line,
                column,
                "the name of an entitlement is too long",
                found=id_,
                expected=f"at most {MAX_VALUE} characters",
                hint="if the cell holds several, set `separator`",
            )
        found = EntitlementKind(kind)
        if self.entitlements.setdefault(id_, found) != found:
            table.refuse(
                line,
                column,
                "two columns use this name for different kinds of things",
                found=id_,
                expected="one kind",
                hint="give one of the columns a `prefix`",
            )
        self.grants.add((account, id_))


def merged(one: Account, other: Account) -> Account | None:
    """Join what two files say of one account; `None` when they contradict each other."""
    joined: dict[str, Any] = {}
    for each in fields(Account):
        mine, theirs = getattr(one, each.name), getattr(other, each.name)
        if theirs in (None, Status.UNKNOWN) or (each.name == "name" and theirs == other.login):
            theirs = mine
        elif mine not in (None, Status.UNKNOWN, theirs) and not (each.name == "name" and mine == one.login):
            return None
        joined[each.name] = theirs
    return Account(**joined)
