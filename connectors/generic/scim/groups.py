"""Who is in which SCIM group: what the groups list as members, and what the users say themselves."""

from connectors.errors import SourceMalformed
from connectors.facts import Entitlement, EntitlementKind, Evidence, Grant
from connectors.generic.scim.resource import many
from connectors.generic.scim.user import GroupOf, ScimUser
from connectors.group_closure import Path, transitive_groups
from connectors.inputs.fields import Fields
from connectors.unread import GROUPS, Unread, unread_id

GROUP_ATTRIBUTES = ("displayName", "members")
GROUPS_NOT_READ = unread_id("scim", GROUPS)
MAX_STEPS = 10_000_000
"""Bound on grants and the steps of their paths: hostile nesting must not eat the memory of the auditor."""

Member = tuple[str, str]
"""`user` or `group`, and the id: servers that count both from 1 use each number twice."""


class ScimGroups:
    """First `add` every group, then ask for the `grants` of each user; it keeps ids only."""

    def __init__(self, system: str) -> None:
        self._system = system
        self.unread = Unread(system)
        """Whether groups were not read, or not all: then everybody may be in some."""
        self._offered = True
        self._proof = ""
        self._ids: set[str] = set()
        self._holding: dict[Member, set[str]] = {}
        self._met: set[Member] = set()
        self._says_members = self._carried = False
        self._unlisted = 0
        self._parents: dict[str, set[str]] | None = None
        self._steps = 0

    def add(self, group: Fields) -> Entitlement:
        """Take in one group, from the list of groups; raises `SourceMalformed` when it stands twice."""
        id_ = group.as_it_stands("id")
        if id_ in self._ids:
            raise SourceMalformed(
                f"`{self._system}` listed the group `{id_}` twice", hint="run again; if it stays so, ask the vendor"
            )
        self._ids.add(id_)
        self._says_members |= group.has("members")
        for member in many(group, "members"):
            for key in _keys(member):
                self._holding.setdefault(key, set()).add(id_)
        return self._entitlement(id_, group.text_or_none("displayName") or id_)

    def end(self, *, offered: bool, proof: str) -> None:
        """Note, after the last group, whether the server has a list of groups, and what proves its end."""
        self._offered, self._proof = offered, proof

    def describe(self, user: ScimUser) -> list[Entitlement]:
        """Describe the groups that a user carries, where the server lists none."""
        return [] if self._ids else [self._entitlement(group.id, group.name) for group in user.groups]

    def grants(self, user: ScimUser) -> list[Grant]:
        """Return a grant for every group that the user is in, with the shortest path to it."""
        self._carried |= bool(user.groups)
        key = ("user", user.account.id)
        listed = self._holding.get(key, set())
        if listed:
            self._met.add(key)
        direct = {group.id for group in user.groups if group.direct}
        if self._ids:
            self._unlisted += len(direct - listed)
        reached: dict[str, Path] = transitive_groups(listed | direct, self._nested())
        for group in _indirect(user.groups):
            reached.setdefault(group, ())  # the server says that it is held, but not through what
        self._steps += len(reached) + sum(map(len, reached.values()))
        if self._steps > MAX_STEPS:
            raise SourceMalformed(
                f"`{self._system}` nests its groups so deeply that there are more than {MAX_STEPS} steps",
                hint="look for groups that hold each other",
            )
        return [Grant(user.account.id, f"group:{g}", tuple(f"group:{p}" for p in path)) for g, path in reached.items()]

    def settle(self, *, anything: bool, at_once: int = 0) -> tuple[Evidence, ...]:
        """
        Tell, after the last user, what was read, and note in `unread` what was not.

        `anything` says whether the server named a role, an entitlement or a carried group at all; `at_once` is how
        many entries it is known to give in one answer, although it does not page.
        """
        told = [Evidence("groups", f"{len(self._ids)} read" if self._offered else "the server has no list of groups")]
        if len(self._ids) < at_once:
            self._proof = "shorter than the list of users, which came whole"
        if why := self._not_read(anything=anything):
            self.unread.add(GROUPS_NOT_READ, f"groups, {why}")
            told.append(Evidence("not read", f"groups: {why}; every user may be in some"))
        unknown = {id_ for kind, id_ in self._holding.keys() - self._met if kind == "user" and id_ not in self._ids}
        if unknown:
            told.append(Evidence("unknown-members", f"{len(unknown)} member values name no user that was read"))
        if self._unlisted and self._says_members:
            told.append(Evidence("unlisted-members", f"{self._unlisted} memberships stand at the user only"))
        return tuple(told)

    def _not_read(self, *, anything: bool) -> str:
        if self._ids and not (self._holding or self._carried):
            return f"of which the server lists {len(self._ids)}, and of none who is in it"
        if self._ids and not self._proof:
            return "of which the server gives a list without a proof of its end"
        if self._ids:
            return ""
        if not self._offered:
            return "" if self._carried else "which the server does not list, nor any user carries"
        if self._carried:
            return "of which the server lists none, although users carry some"
        return "" if anything else "as the server names no group, no role and no entitlement of anybody"

    def _nested(self) -> dict[str, set[str]]:
        if self._parents is None:
            self._parents = {id_: h for (kind, id_), h in self._holding.items() if kind == "group" and id_ in self._ids}
        return self._parents

    def _entitlement(self, id_: str, name: str) -> Entitlement:
        return Entitlement(self._system, group_id(id_), name, EntitlementKind.GROUP)


def group_id(id_: str) -> str:
    """Return the native id of a group as an entitlement: roles and entitlements have ids of their own."""
    return f"group:{id_}"


def _keys(member: Fields) -> list[Member]:
    """Say what a member is; where the server does not, it may be a user as well as a group."""
    id_ = member.as_it_stands("value")
    kind = (member.text_or_none("type") or "").casefold()
    if kind in ("user", "group"):
        return [(kind, id_)]
    ref = (member.text_or_none("$ref") or "").casefold()
    if "/groups/" in ref:
        return [("group", id_)]
    return [("user", id_)] if "/users/" in ref else [("user", id_), ("group", id_)]


def _indirect(groups: tuple[GroupOf, ...]) -> list[str]:
    return sorted(group.id for group in groups if not group.direct)
