"""
Admin roles of Google Workspace, with the privileges that they carry.

A role carries privileges and nothing else, so it is a container; only the super admin's role is more than its list.
Source: Admin SDK, Directory API v1, roles, roleAssignments, privileges; Google Workspace Admin Help, "Prebuilt
administrator roles".
"""

from collections.abc import Iterable
from pathlib import Path

from connectors.directory.google.groups import GoogleGroups, shown
from connectors.directory.google.rows import AssignmentRow, RoleRow
from connectors.directory.google.users import GoogleUsers
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Entitlement, EntitlementKind, Evidence

SUPER_ADMIN = "super-admin"


class GoogleRoles:
    """The roles, and which were given to whom."""

    def __init__(self, system: str, users: GoogleUsers, groups: GoogleGroups) -> None:
        self.entitlements: dict[str, Entitlement] = {}
        self.held: dict[str, set[str]] = {}
        """By account: roles that it was given itself."""
        self._system, self._users, self._groups = system, users, groups
        self._rows: dict[str, RoleRow] = {}
        self._inside: dict[str, set[str]] = {}
        self._count = 0
        groups.nested.inside = self._inside

    def read(self, path: Path, rows: Iterable[RoleRow]) -> None:
        """Take in the roles; raises `InputError` when one stands there twice."""
        for row in rows:
            if row.id in self._rows:
                raise InputError(path, "a role stands twice", field=row.id, expected="each role once")
            self._rows[row.id] = row

    def assign(self, path: Path, rows: Iterable[AssignmentRow]) -> None:
        """
        Take in who was given what.

        Raises `SourceTruncated` for a role, a user or a group that was not exported, and when nobody holds any role.
        """
        for row in rows:
            self._count += 1
            role = self._role(path, row)
            group = self._groups.find(row.holder) if row.kind != "user" else None
            if group is not None:
                self._groups.nested.carry(group, role)
                continue
            account = self._users.find(row.holder)
            if account is None and row.kind == "group" and not self._groups.nested.groups:
                continue  # Groups were not exported, and everybody holds that this is not known.
            if account is None and row.kind and not row.service:
                raise SourceTruncated(
                    f"{path} gives a role to the {row.kind} `{row.holder}`, which was not exported",
                    hint="export users, groups and roles again in one go",
                )
            self.held.setdefault(
                account or self._users.holder(row.holder, row.service, service=bool(row.service)), set()
            ).add(role)
        if not self._count:
            raise SourceTruncated(
                f"{path} holds no assignment at all, and every organization has a super admin",
                hint="export it again without a filter",
            )

    def super_admin(self, account: str) -> None:
        """Note that the user itself says that it is a super admin."""
        self.held.setdefault(account, set()).add(self._super())

    def evidence(self) -> tuple[Evidence, ...]:
        """Tell how many there are."""
        return (Evidence("roles", f"{len(self._rows)} read, {self._count} assignments"),) if self._count else ()

    def _super(self) -> str:
        described = Entitlement(self._system, SUPER_ADMIN, "Super Admin", EntitlementKind.ROLE)
        self.entitlements[SUPER_ADMIN] = described
        return SUPER_ADMIN

    def _role(self, path: Path, row: AssignmentRow) -> str:
        role = self._rows.get(row.role)
        if role is None:
            raise SourceTruncated(
                f"{path} gives the role `{row.role}`, which is not among the roles", hint="export both again in one go"
            )
        if role.super_admin:
            return self._super()
        # Only Google makes system roles, so their names cannot be chosen by anybody.
        key = f"system-role:{role.name}" if role.system else f"role:{role.id}"
        id_, name = key, shown(role.name) if not role.system else role.name
        if row.scope:
            unit = row.scope.removeprefix("id:")
            id_, name = f"{id_}@{unit}", f"{name} (only for the organizational unit {unit})"
        if row.condition:
            id_, name = f"{id_}?{row.condition}", f"{name} (on a condition)"
        self.entitlements[id_] = Entitlement(
            self._system,
            id_,
            name,
            EntitlementKind.ROLE,
            aliases=() if id_ == key else (key,),
            container=role.privileges is not None,
        )
        self._inside[id_] = {self._privilege(*privilege) for privilege in role.privileges or ()}
        return id_

    def _privilege(self, service: str, name: str) -> str:
        id_ = f"privilege:{service}/{name}"
        self.entitlements[id_] = Entitlement(self._system, id_, name, EntitlementKind.PRIVILEGE)
        return id_
