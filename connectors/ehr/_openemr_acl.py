"""
What OpenEMR's access control lists (phpGACL) give to a user.

Source: `AclMain::aclCheckCore` of OpenEMR. A page asks for an object with a level (`write`) or without one:

- with a level, only lists of that level count; any of them that denies wins;
- without a level, every list counts; any of them that denies wins.

So a denial at one level leaves the other levels open, and what is still open is told as held. Groups inherit from
their parents. Lists that are not enabled count for nothing. `placeholder/filler` only keeps empty lists alive.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.ehr._openemr_tables import Export, Record

Aco = tuple[str, str]
"""An access control object: (section, value)."""

NO_LEVEL_SECTIONS = frozenset({"admin", "sensitivities", "groups"})
NO_LEVEL = frozenset(
    {
        ("acct", "disc"),
        ("acct", "eob"),
        ("acct", "rep"),
        ("acct", "rep_a"),
        ("encounters", "auth"),
        ("encounters", "auth_a"),
        ("encounters", "date_a"),
        ("patients", "docs_rm"),
        ("patients", "pat_rep"),
    }
)
"""Objects that are only ever asked for without a level, so that the level of the list says nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """An ACL group."""

    id: int
    value: str
    title: str
    parent: int
    record: Record

    @property
    def entitlement(self) -> str:
        """Its entitlement id."""
        return f"group:{self.value}"


@dataclass(slots=True)
class Acl:
    """One access control list."""

    allow: bool
    level: str
    record: Record
    acos: list[Aco] = field(default_factory=list)


def entitlement_id(aco: Aco, level: str) -> str:
    """Return `section/value:level`, without the level where it means nothing."""
    return f"{aco[0]}/{aco[1]}" + (f":{level}" if level else "")


def effective_level(aco: Aco, level: str) -> str:
    """Return the level that matters for an object; empty where it is only present or absent."""
    return "" if aco[0] in NO_LEVEL_SECTIONS or aco in NO_LEVEL else level


class AccessControl:
    """The lists, groups and memberships of one export, checked to refer only to each other."""

    def __init__(self, export: Export, logins: set[str]) -> None:
        self.logins = logins
        self.groups = _groups(export)
        self.chains = {id_: self._chain(group) for id_, group in self.groups.items()}
        self.acls = _acls(export)
        self.by_group = self._lists_of_groups(export)
        self.direct = self._lists_of_users(export)
        self.members = self._members(export)

    def memberships(self, login: str) -> list[tuple[Group, ...]]:
        """Give each group that a user is in directly, followed by the groups that it inherits from."""
        return [self.chains[id_] for id_ in sorted(self.members[login.casefold()])]

    def holdings(self, login: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give (entitlement id, path of groups) of everything that a user effectively holds."""
        reached = list(self._reached(login))
        denied: dict[Aco, set[str]] = defaultdict(set)
        for acl, _ in reached:
            if not acl.allow:
                for aco in acl.acos:
                    denied[aco].add(acl.level)
        for acl, path in reached:
            if acl.allow:
                for aco in acl.acos:
                    level = effective_level(aco, acl.level)
                    refused = level in denied[aco] if level else bool(denied[aco])
                    if not refused:
                        yield entitlement_id(aco, level), path

    def _reached(self, login: str) -> Iterator[tuple[Acl, tuple[str, ...]]]:
        for id_ in self.direct[login.casefold()]:
            yield from self._enabled(id_, ())
        for chain in self.memberships(login):
            for depth, group in enumerate(chain, 1):
                for id_ in self.by_group[group.id]:
                    yield from self._enabled(id_, tuple(g.entitlement for g in chain[:depth]))

    def _enabled(self, id_: int, path: tuple[str, ...]) -> Iterator[tuple[Acl, tuple[str, ...]]]:
        acl = self.acls[id_]
        if acl is not None:
            yield acl, path

    def _chain(self, group: Group) -> tuple[Group, ...]:
        chain = [group]
        while chain[-1].parent:
            last = chain[-1]
            parent = self.groups.get(last.parent)
            if parent is None:
                last.record.cut("parent_id", "a group")
            if parent in chain:
                last.record.refuse("parent_id", "the group is inside itself", found=last.parent, expected="a tree")
            chain.append(parent)
        return tuple(chain)

    def _lists_of_groups(self, export: Export) -> defaultdict[int, set[int]]:
        lists: defaultdict[int, set[int]] = defaultdict(set)
        for record in export["gacl_aro_groups_map"]:
            acl, group = record.number("acl_id"), record.number("group_id")
            if acl not in self.acls:
                record.cut("acl_id", "an access control list")
            if group not in self.groups:
                record.cut("group_id", "a group")
            lists[group].add(acl)
        return lists

    def _lists_of_users(self, export: Export) -> defaultdict[str, set[int]]:
        lists: defaultdict[str, set[int]] = defaultdict(set)
        for record in export["gacl_aro_map"]:
            acl = record.number("acl_id")
            if acl not in self.acls:
                record.cut("acl_id", "an access control list")
            if record["section_value"] == "users":
                lists[self._login(record, "value")].add(acl)
        return lists

    def _members(self, export: Export) -> defaultdict[str, set[int]]:
        users: dict[int, str | None] = {}
        for record in export["gacl_aro"]:
            is_user = record["section_value"] == "users"
            users[record.number("id")] = self._login(record, "value") if is_user else None
        members: defaultdict[str, set[int]] = defaultdict(set)
        for record in export["gacl_groups_aro_map"]:
            aro, group = record.number("aro_id"), record.number("group_id")
            if aro not in users:
                record.cut("aro_id", "a user")
            if group not in self.groups:
                record.cut("group_id", "a group")
            login = users[aro]
            if login is not None:
                members[login].add(group)
        return members

    def _login(self, record: Record, column: str) -> str:
        login = record[column].casefold()
        if login not in self.logins:
            record.cut(column, "a user")
        return login


def _groups(export: Export) -> dict[int, Group]:
    groups: dict[int, Group] = {}
    values: dict[str, int] = {}
    for record in export["gacl_aro_groups"]:
        group = Group(record.number("id"), record["value"], record["name"], record.number("parent_id", empty=0), record)
        if not group.value or group.id in groups or group.value in values:
            record.refuse("value", "two groups have one id or value", found=group.value, expected="each group once")
        groups[group.id] = group
        values[group.value] = record.line
    return groups


def _acls(export: Export) -> dict[int, Acl | None]:
    """Read the lists; those that are not enabled are known by their id only."""
    acls: dict[int, Acl | None] = {}
    for record in export["gacl_acl"]:
        id_ = record.number("id")
        if id_ in acls:
            record.refuse("id", "two lists have this id", found=id_, expected="each list once")
        acl = Acl(record.flag("allow"), record["return_value"], record)
        acls[id_] = acl if record.flag("enabled") else None
    filled: set[int] = set()
    for record in export["gacl_aco_map"]:
        id_ = record.number("acl_id")
        if id_ not in acls:
            record.cut("acl_id", "an access control list")
        filled.add(id_)
        mapped = acls[id_]
        if mapped is not None and record["section_value"] != "placeholder":
            mapped.acos.append((record["section_value"], record["value"]))
    for id_, listed in acls.items():
        if listed is not None and id_ not in filled:
            # OpenEMR keeps a filler in every empty list, so a list without any object was cut from the export.
            listed.record.refuse(
                "id",
                "`gacl_aco_map.csv` has no row for this list",
                found=id_,
                expected="at least one object for each enabled list",
                hint="export all files again, together and without a limit",
            )
    return acls
