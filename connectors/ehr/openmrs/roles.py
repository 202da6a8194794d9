"""
Roles of OpenMRS: what each carries, and what it inherits from others.

Privileges come from roles only; a role also carries what the roles that it inherits from carry, to any depth. Every
signed-in user has the role Authenticated, and whoever asks has Anonymous. The role System Developer passes every check.
Source: openmrs-core, User.hasPrivilege, Role.getAllParentRoles, UserContext.hasPrivilege, RoleConstants.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.errors import SourceMalformed
from connectors.facts import Entitlement, EntitlementKind
from connectors.inputs.fields import Fields

SUPERUSER = "System Developer"
# From: openmrs-core, liquibase-core-data: the core roles have the same uuid everywhere.
IMPLICIT = {
    "Anonymous": "774b2af3-6437-4e5a-a310-547554c7c65c",
    "Authenticated": "f7fd42ef-880e-40c5-972d-e4ae7c990de2",
}
REFERENCE = "(uuid,name)"
DESCRIPTION = f"(uuid,name,privileges:(name),inheritedRoles:{REFERENCE})"
"""What is asked of a role; a custom representation gives these fields and no others."""

Holding = tuple[str, tuple[str, ...]]
"""An entitlement id, and the path of roles to it."""


@dataclass(frozen=True, slots=True)
class OpenmrsRole:
    """One role as the server described it."""

    name: str
    privileges: tuple[str, ...]
    parents: tuple[str, ...]
    """The uuids of the roles that it inherits from."""


class OpenmrsRoles:
    """All roles that were seen, by uuid."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._names: dict[str, str] = {}
        self._described: dict[str, OpenmrsRole] = {}

    def describe(self, entry: Fields) -> str:
        """Take in a role with its privileges and parents; returns its uuid."""
        uuid = self.name(entry)
        parents = entry.entries("inheritedRoles", "a role to inherit from")
        self._described[uuid] = OpenmrsRole(
            name=self._names[uuid],
            privileges=tuple(p.text("name") for p in entry.entries("privileges", "a privilege")),
            parents=tuple(self.name(parent) for parent in parents),
        )
        return uuid

    def name(self, entry: Fields) -> str:
        """Take in a mere reference to a role; returns its uuid."""
        uuid, name = entry.text("uuid"), entry.text("name")
        if self._names.setdefault(uuid, name) != name:
            raise SourceMalformed(
                f"`{self._system}` gives one role two names", hint="run again when nobody is changing roles"
            )
        return uuid

    def implicit(self) -> tuple[str, ...]:
        """Return the uuids of the roles that every account has without being given them."""
        return tuple(uuid for uuid, name in sorted(self._names.items()) if name in IMPLICIT)

    def unread(self) -> tuple[str, ...]:
        """Return the names of the roles that the server named without saying what they carry."""
        return tuple(sorted(name for uuid, name in self._names.items() if uuid not in self._described))

    def carried_by(self, name: str) -> int:
        """Return how many privileges a role carries, what it inherits included."""
        uuids = [uuid for uuid, known in self._names.items() if known == name]
        held = {id_ for id_, _ in self.holdings(uuids)}
        return len([id_ for id_ in held if not id_.startswith("role:")])

    def holdings(self, direct: Iterable[str]) -> Iterator[Holding]:
        """Give every role and privilege that these roles bring, each with its path; cycles end by themselves."""
        for start in direct:
            seen = {start}
            queue: deque[Holding] = deque([(start, ())])
            while queue:
                uuid, path = queue.popleft()
                id_ = role_id(self._names[uuid])
                yield id_, path
                below = (*path, id_)
                role = self._described.get(uuid)
                if role is None:
                    yield f"unread {id_}", below
                    continue
                for privilege in role.privileges:
                    yield privilege, below
                for parent in role.parents:
                    if parent not in seen:
                        seen.add(parent)
                        queue.append((parent, below))

    def entitlement(self, id_: str) -> Entitlement:
        """Describe what `holdings` named: a role only carries, an unread one may give anything."""
        if id_.startswith("role:"):
            name = id_.removeprefix("role:")
            return Entitlement(self._system, id_, name, EntitlementKind.ROLE, container=True)
        return Entitlement(self._system, id_, id_, EntitlementKind.PRIVILEGE)


def role_id(name: str) -> str:
    """Return the native id of a role as an entitlement: a privilege has its bare name."""
    return f"role:{name}"
