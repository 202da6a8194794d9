"""Groups of Google Workspace, who is in them, and whether all members were exported."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from connectors.directory.google.rows import GroupRow, MemberRow
from connectors.directory.google.users import GoogleUsers
from connectors.directory.saved.groups import Nested
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Entitlement, EntitlementKind, Evidence

_LIKE_A_KEY = re.compile(r"(?:system-role|privilege|role|group):.*|super-admin|mailbox", re.IGNORECASE)
_AGAIN = "export users, groups and members again in one go"


class GoogleGroups:
    """The groups of one organization."""

    def __init__(self, system: str, users: GoogleUsers) -> None:
        self.nested = Nested(system)
        self._system, self._users = system, users
        self._rows: dict[str, GroupRow] = {}
        self._by_name: dict[str, str] = {}
        self._seen: dict[str, set[str]] = {}
        self._whole: set[str] = set()
        """Groups that everybody in the organization is in: of these Google counts something else."""

    def read(self, path: Path, rows: Iterable[GroupRow]) -> None:
        """Take in the groups; raises `InputError` when one stands there twice."""
        for row in rows:
            key = group_id(row.id)
            names = {row.id, row.email.lower(), *(alias.lower() for alias in row.aliases)}
            if key in self._rows or names & self._by_name.keys():
                raise InputError(path, "a group stands twice", field=row.email, expected="each once", hint=_AGAIN)
            self._rows[key] = row
            self._by_name |= dict.fromkeys(names, key)
            aliases = tuple(name for name in (row.email, *row.aliases) if "@" in name)
            self.nested.groups[key] = Entitlement(
                self._system, key, shown(row.name), EntitlementKind.GROUP, aliases=aliases
            )

    def read_members(self, path: Path, rows: Iterable[MemberRow]) -> None:
        """Take in members; raises `SourceTruncated` for one who should be among the users or groups and is not."""
        for row in rows:
            group = self.find(row.group)
            if group is None:
                raise SourceTruncated(
                    f"{path} has members of `{row.group}`, which is not among the groups", hint=_AGAIN
                )
            member = row.id or row.email.lower()
            if member in self._seen.setdefault(group, set()):
                raise InputError(path, "a member stands twice", field=row.group, expected="each once", hint=_AGAIN)
            self._seen[group].add(member)
            self._take(path, group, row)

    def find(self, name: str) -> str | None:
        """Return the key of a group that is known by an id or an address."""
        return self._by_name.get(name) or self._by_name.get(name.lower())

    def names(self) -> dict[str, str]:
        """Return the key of each group by its id and its addresses, in lower case."""
        return {name.lower(): key for name, key in self._by_name.items()}

    def check(self, path: Path) -> None:
        """Raise `SourceTruncated` when Google counts more direct members of a group than were exported."""
        for key, row in self._rows.items():
            listed = len(self._seen.get(key, ()))
            if row.direct is not None and row.direct > listed and key not in self._whole:
                raise SourceTruncated(
                    f"{path}: Google said that the group `{row.email}` has {row.direct} direct members "
                    f"but the export holds {listed}",
                    hint=f"some are missing, or it has just changed: {_AGAIN}",
                )

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell how many groups there are, and whether their members were counted."""
        if not self._rows:
            return ()
        counted = Counter(row.direct is not None for row in self._rows.values())[True]
        return (Evidence("groups", f"{len(self._rows)} read; Google said of {counted} how many members they have"),)

    def _take(self, path: Path, group: str, row: MemberRow) -> None:
        if row.type == "CUSTOMER":
            self.nested.everybody.add(group)
            self._whole.add(group)
            return
        if row.type == "GROUP":
            found = self.find(row.id) or self.find(row.email)
        else:
            found = self._users.find(row.id, row.email)
        # Google says nothing of the state of who is not here; a pending member of an own domain has none either.
        if found is None and row.status and self._users.at_home(row.email):
            raise SourceTruncated(
                f"{path}: `{row.email}` is in a group and of this organization, but was not exported",
                hint=f"users or groups were cut short: {_AGAIN}",
            )
        self.nested.add_member(group, found or self._users.outsider(row))


def group_id(id_: str) -> str:
    """Return the id of a group as entitlements have it."""
    return f"group:{id_}"


def shown(name: str) -> str:
    """Return a name that cannot be taken for a key of the catalog, whoever chose it."""
    return f"“{name}”" if _LIKE_A_KEY.fullmatch(name.strip()) else name
