"""
What OpenEMR's access control lists (phpGACL) give to a user.

Source: `AclMain::aclCheckCore`, `Gacl::acl_query` and `Gacl::acl_get_groups` of OpenEMR. A page asks for an object with
a level (`write`) or without one; all lists that reach the user and name the object are looked at, and

- whoever is let in to `admin/super` is let in to everything, before any list for the object itself is looked at;
- asked with a level, only lists of that level count; any of them that denies wins;
- asked without a level, every list counts; any of them that denies wins.

So "any denial wins" holds within one question, and the level is part of the question: a denial at `view` leaves a page
that asks for `write` open, and what is still open is told as held. A denial without a level closes only pages that ask
without one. A page that asks for several levels at once is refused by a denial at any of them, but others are not.
Which questions OpenEMR asks of an object is data here (`_openemr_asked.py`): most are told with the level of the list,
some are never asked with one, and some are asked in both ways, where the level decides how much is open.

Groups inherit from those whose place in the tree (`lft`, `rgt`) encloses theirs; `parent_id` says the same, and OpenEMR
does not look at it. Lists that are not enabled count for nothing, nor do lists that are bound to an extension object
(AXO), because OpenEMR never asks for one. `placeholder/filler` only keeps empty lists alive.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.ehr.openemr.asked import SUPERUSER, Aco, answers_for
from connectors.ehr.openemr.tables import TableRow, Tables

Held = tuple[str, tuple[str, ...]]
"""The id of an entitlement, and the path of groups to it."""

MAX_GROUPS = 5_000
"""More groups than any practice has: who inherits from whom is found by comparing all of them."""


@dataclass(frozen=True, slots=True)
class AclGroup:
    """An ACL group."""

    id: int
    value: str
    title: str
    parent: int
    span: tuple[int, int] | None
    """Its place in the tree: it encloses every group whose span lies within; `None` where the source has none."""
    record: TableRow

    @property
    def entitlement(self) -> str:
        """Its entitlement id."""
        return f"group:{self.value}"


@dataclass(slots=True)
class Acl:
    """One access control list."""

    allow: bool
    level: str
    record: TableRow
    acos: list[Aco] = field(default_factory=list)


def entitlement_id(aco: Aco, level: str) -> str:
    """Return `section/value:level`, without the level where it means nothing."""
    return f"{aco[0]}/{aco[1]}" + (f":{level}" if level else "")


class AccessControl:
    """The lists, groups and memberships of one OpenEMR, checked to refer only to each other."""

    def __init__(self, tables: Tables, logins: set[str]) -> None:
        self.logins = logins
        self.groups = _groups(tables)
        self.acls = _acls(tables)
        self.by_group = self._lists_of_groups(tables)
        self.direct = self._lists_of_users(tables)
        self.members = self._members(tables)
        self._chains: dict[int, tuple[AclGroup, ...]] = {}
        # Thousands of users share a handful of combinations of groups, so each is worked out once.
        self._holdings: dict[tuple[frozenset[int], frozenset[int]], tuple[Held, ...]] = {}
        for group in self.groups.values():
            if group.parent and group.parent not in self.groups:
                group.record.stray("parent_id", "a group")
            self.chain(group.id)

    def chain(self, group: int) -> tuple[AclGroup, ...]:
        """Give a group, followed by those that it inherits from, the nearest first."""
        found = self._chains.get(group)
        if found is None:
            one = self.groups[group]
            found = self._chains[group] = self._by_parent(one) if one.span is None else self._by_span(one, one.span)
        return found

    def holdings(self, login: str) -> tuple[Held, ...]:
        """Give (entitlement id, path of groups) of everything that a user effectively holds, groups included."""
        login = login.casefold()
        key = frozenset(self.direct.get(login, ())), frozenset(self.members.get(login, ()))
        held = self._holdings.get(key)
        if held is None:
            chains = [self.chain(group) for group in sorted(key[1])]
            ids = [[group.entitlement for group in chain] for chain in chains]
            through = [(id_, tuple(chain[:depth])) for chain in ids for depth, id_ in enumerate(chain)]
            open_ = _effective(list(self._reached(key[0], chains)))
            held = self._holdings[key] = tuple(dict.fromkeys((*through, *open_)))
        return held

    @property
    def held(self) -> set[str]:
        """The ids of everything that somebody holds of whom `holdings` was asked."""
        return {name for held in self._holdings.values() for name, _ in held}

    def _reached(
        self, direct: Iterable[int], chains: Iterable[tuple[AclGroup, ...]]
    ) -> Iterator[tuple[Acl, tuple[str, ...]]]:
        """Give the lists that reach a user, each with the path to it."""
        for id_ in sorted(direct):
            yield from self._enabled(id_, ())
        for chain in chains:
            for depth, group in enumerate(chain, 1):
                for id_ in sorted(self.by_group.get(group.id, ())):
                    yield from self._enabled(id_, tuple(g.entitlement for g in chain[:depth]))

    def _enabled(self, id_: int, path: tuple[str, ...]) -> Iterator[tuple[Acl, tuple[str, ...]]]:
        acl = self.acls[id_]
        if acl is not None:
            yield acl, path

    def _by_span(self, group: AclGroup, span: tuple[int, int]) -> tuple[AclGroup, ...]:
        left, right = span
        around = [
            (g.span[1] - g.span[0], g.id, g)
            for g in self.groups.values()
            if g.span is not None and g.span[0] <= left and g.span[1] >= right and g is not group
        ]
        return (group, *(g for _, _, g in sorted(around, key=lambda a: a[:2])))

    def _by_parent(self, group: AclGroup) -> tuple[AclGroup, ...]:
        chain = [group]
        while (parent := self.groups.get(chain[-1].parent)) is not None:
            if parent in chain:
                last = chain[-1]
                last.record.refuse("parent_id", "the group is inside itself", found=last.parent, expected="a tree")
            chain.append(parent)
        return tuple(chain)

    def _lists_of_groups(self, tables: Tables) -> dict[int, set[int]]:
        lists: defaultdict[int, set[int]] = defaultdict(set)
        for record in tables["gacl_aro_groups_map"]:
            acl, group = record.number("acl_id"), record.number("group_id")
            if acl not in self.acls:
                record.stray("acl_id", "an access control list")
            elif group not in self.groups:
                record.stray("group_id", "a group")
            else:
                lists[group].add(acl)
        return lists

    def _lists_of_users(self, tables: Tables) -> dict[str, set[int]]:
        lists: defaultdict[str, set[int]] = defaultdict(set)
        for record in tables["gacl_aro_map"]:
            acl = record.number("acl_id")
            if acl not in self.acls:
                record.stray("acl_id", "an access control list")
            elif record["section_value"] == "users":
                login = self._login(record, "value")
                if login is not None:
                    lists[login].add(acl)
        return lists

    def _members(self, tables: Tables) -> dict[str, set[int]]:
        users: dict[int, str | None] = {}
        for record in tables["gacl_aro"]:
            is_user = record["section_value"] == "users"
            users[record.number("id")] = self._login(record, "value") if is_user else None
        members: defaultdict[str, set[int]] = defaultdict(set)
        for record in tables["gacl_groups_aro_map"]:
            aro, group = record.number("aro_id"), record.number("group_id")
            if aro not in users:
                record.stray("aro_id", "a user")
                continue
            if group not in self.groups:
                record.stray("group_id", "a group")
                continue
            login = users[aro]
            if login is not None:
                members[login].add(group)
        return members

    def _login(self, record: TableRow, column: str) -> str | None:
        login = record[column].casefold()
        if login in self.logins:
            return login
        record.stray(column, "a user")
        return None


def _effective(reached: list[tuple[Acl, tuple[str, ...]]]) -> Iterator[Held]:
    """Give what is open, of all lists that reach a user."""
    denied: dict[Aco, set[str]] = defaultdict(set)
    for acl, _ in reached:
        if not acl.allow:
            for aco in acl.acos:
                denied[aco].add(acl.level)
    if SUPERUSER not in denied and any(acl.allow and SUPERUSER in acl.acos for acl, _ in reached):
        denied.clear()  # nothing is asked of a superuser
    allowed: dict[Aco, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for acl, path in reached:
        if acl.allow:
            for aco in acl.acos:
                allowed[aco].append((acl.level, path))
    for aco, lists in allowed.items():
        yield from _open(aco, lists, denied[aco])


def _open(aco: Aco, allowed: list[tuple[str, tuple[str, ...]]], denied: set[str]) -> Iterator[Held]:
    """Give what is open of one object, by the questions that OpenEMR asks of it."""
    for answer in answers_for(aco, [level for level, _ in allowed]):
        found = [path for level, path in allowed if answer.tells(level)]
        if found and not any(map(answer.counts, denied)):
            yield from ((entitlement_id(aco, answer.told), path) for path in found)
            if answer.enough:
                return


def _groups(tables: Tables) -> dict[int, AclGroup]:
    groups: dict[int, AclGroup] = {}
    values: set[str] = set()
    for record in tables["gacl_aro_groups"]:
        span = (record.number("lft"), record.number("rgt")) if record["lft"] and record["rgt"] else None
        parent = record.number("parent_id", empty=0)
        group = AclGroup(record.number("id"), record["value"], record["name"], parent, span, record)
        if not group.value or group.id in groups or group.value in values:
            record.refuse("value", "two groups have one id or value", found=group.value, expected="each group once")
        groups[group.id] = group
        values.add(group.value)
        if len(groups) > MAX_GROUPS:
            record.refuse("id", "there are too many groups", found=len(groups), expected=f"at most {MAX_GROUPS}")
    return groups


def _acls(tables: Tables) -> dict[int, Acl | None]:
    """Read the lists; those that count for nothing are known by their id only."""
    acls: dict[int, Acl | None] = {}
    for record in tables["gacl_acl"]:
        id_ = record.number("id")
        if id_ in acls:
            record.refuse("id", "two lists have this id", found=id_, expected="each list once")
        acl = Acl(record.flag("allow"), record["return_value"], record)
        acls[id_] = acl if record.flag("enabled") else None
    _fill(tables, acls)
    for name in ("gacl_axo_map", "gacl_axo_groups_map"):
        for record in tables[name]:
            id_ = record.number("acl_id")
            if id_ in acls:
                acls[id_] = None
            else:
                record.stray("acl_id", "an access control list")
    return acls


def _fill(tables: Tables, acls: dict[int, Acl | None]) -> None:
    """Put the objects into the lists."""
    filled: set[int] = set()
    for record in tables["gacl_aco_map"]:
        id_ = record.number("acl_id")
        if id_ not in acls:
            record.stray("acl_id", "an access control list")
            continue
        filled.add(id_)
        mapped = acls[id_]
        if mapped is not None and record["section_value"] != "placeholder":
            mapped.acos.append((record["section_value"], record["value"]))
    for id_, listed in acls.items():
        if listed is not None and id_ not in filled:
            # OpenEMR keeps a filler in every empty list, so in an export this means that rows were cut off.
            listed.record.hollow("id", "`gacl_aco_map` has no row for this list")
