"""Groups of an export: who is in which, directly or through other groups, and what groups carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.errors import SourceMalformed
from connectors.facts import Entitlement, Grant
from connectors.group_closure import Path, transitive_groups

MAX_STEPS = 10_000_000
"""Bound on grants and the steps of their paths: hostile nesting must not eat the memory of the auditor."""


@dataclass(slots=True)
class Nested:
    """Groups by id, who is in them by the id of the member, and what each group carries besides."""

    system: str
    groups: dict[str, Entitlement] = field(default_factory=dict)
    holding: dict[str, set[str]] = field(default_factory=dict)
    """By the id of a member, user or group: the groups that list it."""
    everybody: set[str] = field(default_factory=set)
    """Groups whose member is everybody."""
    carried: dict[str, set[str]] = field(default_factory=dict)
    """By the id of a group: roles that were given to it, and so to everybody in it."""
    inside: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """By the id of a role: the privileges that it carries."""
    _reached: dict[frozenset[str], dict[str, Path]] = field(default_factory=dict)
    _steps: int = 0

    def add_member(self, group: str, member: str) -> None:
        """Note that a group lists a member."""
        self.holding.setdefault(member, set()).add(group)

    def carry(self, group: str, role: str) -> None:
        """Note that a role was given to a group."""
        self.carried.setdefault(group, set()).add(role)

    def grants(self, account: str, roles: Iterable[str] = (), *, outsider: bool = False) -> set[Grant]:
        """
        Return everything that an account holds: `roles` directly, its groups, what those carry, and so on.

        Raises `SourceMalformed` when nesting has no reasonable end.
        """
        direct = frozenset(self.holding.get(account, ())) | (frozenset() if outsider else frozenset(self.everybody))
        paths = self._reached.get(direct)
        if paths is None:
            paths = self._reached[direct] = transitive_groups(direct, self.holding)
        found = {Grant(account, group, path) for group, path in paths.items()}
        held: list[tuple[str, Path]] = [(role, ()) for role in roles]
        held += [(role, (*path, group)) for group, path in paths.items() for role in self.carried.get(group, ())]
        for role, path in held:
            found.add(Grant(account, role, path))
            found.update(Grant(account, privilege, (*path, role)) for privilege in self.inside.get(role, ()))
        self._steps += sum(1 + len(grant.path) for grant in found)
        if self._steps > MAX_STEPS:
            raise SourceMalformed(
                f"`{self.system}` nests its groups so deeply that there are more than {MAX_STEPS} steps",
                hint="look for groups that hold each other",
            )
        return found
