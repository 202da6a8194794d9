"""
Directory roles of Entra ID: who holds which, where it applies, and whether it is active or only eligible.

A built-in role has the same id in every directory, and catalogs know it by that.
Source: Microsoft Graph, unifiedRoleAssignment, unifiedRoleEligibilityScheduleInstance, unifiedRoleDefinition; Entra,
"Microsoft Entra built-in roles".
"""

from collections.abc import Callable
from pathlib import Path

from connectors.directory.entra.answers import identifier, read_answers
from connectors.directory.entra.groups import shown
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Entitlement, EntitlementKind, Evidence
from connectors.inputs.fields import Fields

EVERYWHERE = "/"


class EntraRoles:
    """The roles that were given, by the object id of who holds them."""

    def __init__(self, system: str) -> None:
        self.entitlements: dict[str, Entitlement] = {}
        self.held: dict[str, set[str]] = {}
        """By principal: what was given to it itself."""
        self.through_groups: dict[str, set[str]] = {}
        """By principal: what the source says it holds through a group."""
        self._system = system
        self._names: dict[str, str] = {}
        self._told: list[Evidence] = []

    def read_active(self, path: Path) -> None:
        """Read role-assignments.json; raises `SourceTruncated` when there is not a single one."""
        count = self._read(path, eligible=False)
        if not count:
            raise SourceTruncated(
                f"{path} holds no assignment at all, and every directory has a Global Administrator",
                hint="save it again without a filter, with the permission to read roles",
            )
        self._told.append(Evidence("roles", f"{count} assignments read"))

    def read_eligible(self, path: Path | None) -> None:
        """Read role-eligibility.json; without it nobody is seen who may activate a role."""
        text = "role-eligibility.json was not saved: who may activate a role (PIM) is not seen"
        if path is not None:
            text = f"{self._read(path, eligible=True)} eligibilities read"
        self._told.append(Evidence("eligible-roles", text))

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell what was read."""
        return tuple(self._told)

    def unresolved(self, known: Callable[[str], bool]) -> set[str]:
        """Return the holders that are not known."""
        return {id_ for id_ in (*self.held, *self.through_groups) if not known(id_)}

    def _read(self, path: Path, *, eligible: bool) -> int:
        answers = read_answers(path, "assignment")
        seen: set[tuple[str, ...]] = set()
        for entry in answers.entries:
            principal = identifier(entry, "principalId")
            id_ = self._entitlement(path, entry, eligible=eligible)
            inherited = entry.text_or_none("memberType") in ("Group", "Inherited")
            if (entry.text_or_none("id") or "", principal, id_) in seen:
                raise InputError(path, "an assignment stands twice", expected="each once", hint="save it again")
            seen.add((entry.text_or_none("id") or "", principal, id_))
            holders = self.through_groups if inherited else self.held
            holders.setdefault(principal, set()).add(id_)
        return len(answers.entries)

    def _entitlement(self, path: Path, entry: Fields, *, eligible: bool) -> str:
        role = identifier(entry, "roleDefinitionId")
        name = self._name(path, role, entry.part("roleDefinition"))
        scope = entry.text_or_none("directoryScopeId") or entry.text_or_none("appScopeId")
        if scope is None:
            entry.refuse("directoryScopeId", "missing", f"`{EVERYWHERE}` or where the role applies")
        id_ = role
        if scope != EVERYWHERE:
            id_, name = f"{id_}@{scope}", f"{name} (only for {scope})"
        if eligible:
            id_, name = f"{id_}:eligible", f"{name} (eligible: may activate it)"
        # A role counts as much where it is limited or not activated yet: the catalog knows it by its own id.
        aliases = () if id_ == role else (role,)
        self.entitlements[id_] = Entitlement(self._system, id_, name, EntitlementKind.ROLE, aliases=aliases)
        return id_

    def _name(self, path: Path, role: str, definition: Fields | None) -> str:
        if definition is None:
            return self._names.get(role, f"role {role}")
        if identifier(definition, "id") != role:
            raise InputError(path, "an assignment is expanded with another role than it names", field="roleDefinition")
        name = shown(definition.text_or_none("displayName") or f"role {role}")
        if self._names.setdefault(role, name) != name:
            raise InputError(path, "a role has two names", field=role, hint="save both files again in one go")
        return name
