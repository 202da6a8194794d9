"""
The CSV files of GAM, and the list of users that Google's Admin console offers as a download.

Source: GAM7 wiki, Users, Groups, Groups - Membership, Administrators; Google Workspace Admin Help, "Download a list of
users".
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from connectors.directory.google.answers import never, status
from connectors.directory.google.rows import AssignmentRow, GroupRow, MemberRow, RoleRow, UserRow
from connectors.errors import InputError, SourceTruncated
from connectors.facts import NEVER, Never, Status
from connectors.inputs.dates import DateStyle
from connectors.inputs.files import opened
from connectors.inputs.tables import Row, Table, read_table, require

_FLAGS = {"true": True, "false": False, "": None}
_ISO = DateStyle()
CONSOLE_EMAIL = "Email Address [Required]"
_CONSOLE_STATUS = {
    "active": Status.ACTIVE,
    "suspended": Status.DISABLED,
    "archived": Status.DISABLED,
    "blocked": Status.DISABLED,
}
_CONSOLE_TIME = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})(.*)")


class Csv:
    """A table of GAM or of the Admin console, read value by value."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def text(self, line: int, row: Row, column: str, *, required: bool = False) -> str:
        """Return a value; empty where there is no such column."""
        if column not in row and not required:
            return ""
        return self.table.value(line, row, column, required=required)

    def flag(self, line: int, row: Row, column: str) -> bool | None:
        """Return True or False, or `None` where the value is empty."""
        text = self.text(line, row, column)
        if text.lower() not in _FLAGS:
            self.table.refuse(line, column, "neither true nor false", found=text, expected="True or False")
        return _FLAGS[text.lower()]

    def instant(self, line: int, row: Row, column: str, style: DateStyle = _ISO) -> datetime | Never | None:
        """Return an instant; `Never`, `Never logged in` and 1970 stand for never."""
        text = self.text(line, row, column)
        if not text:
            return None
        if text.lower() in ("never", "never logged in"):
            return NEVER
        try:
            return never(style.instant(_CONSOLE_TIME.sub(r"\1-\2-\3\4", text)))
        except ValueError:
            self.table.refuse(line, column, "this is not a date", found=text, expected="a date, or `Never`")

    def moment(self, line: int, row: Row, column: str) -> datetime | None:
        """Return an instant that cannot be never."""
        found = self.instant(line, row, column)
        return None if isinstance(found, Never) else found

    def several(self, line: int, row: Row, name: str, part: str = "") -> Iterator[str]:
        """Yield the values of `name.0`, `name.1` and so on, which is how GAM writes a list."""
        for number in range(len(row)):
            column = f"{name}.{number}" + (f".{part}" if part else "")
            if column not in row:
                return
            yield self.text(line, row, column)


def open_gam(path: Path, columns: Iterable[str]) -> Csv:
    """Open a CSV of GAM, which ends its last line; raises `SourceTruncated` when it is not ended."""
    with opened(path) as file:
        if file.seek(0, 2):
            file.seek(-1, 2)
        if file.read(1) not in (b"\n", b""):
            raise SourceTruncated(f"{path}: the last line is not ended", hint="the file was cut: export it again")
    table = read_table(path)
    if "JSON" in table.header:
        raise InputError(path, "this was written with `formatjson`", expected="columns", hint="leave `formatjson` out")
    require(table, columns)
    return Csv(table)


def users(path: Path, style: DateStyle) -> Iterator[tuple[UserRow | None, int]]:
    """Yield the users of either tool, each with its line."""
    header = read_table(path).header
    if CONSOLE_EMAIL in header:
        return _console_users(Csv(read_table(path)), style)
    return _gam_users(open_gam(path, ("primaryEmail", "id", "suspended")))


def _gam_users(csv: Csv) -> Iterator[tuple[UserRow | None, int]]:
    for line, row in csv.table.rows:
        email = csv.text(line, row, "primaryEmail", required=True)
        kinds, values = (tuple(csv.several(line, row, "externalIds", part)) for part in ("type", "value"))
        employee = [v for kind, v in zip(kinds, values, strict=False) if kind == "organization" and v]
        aliases = (*csv.several(line, row, "aliases"), *csv.several(line, row, "nonEditableAliases"))
        yield (
            UserRow(
                id=csv.text(line, row, "id", required=True),
                email=email,
                name=csv.text(line, row, "name.fullName") or email,
                status=status(csv.flag(line, row, "suspended"), csv.flag(line, row, "archived")),
                employee_id=employee[0] if employee else None,
                created=csv.moment(line, row, "creationTime"),
                last_login=csv.instant(line, row, "lastLoginTime"),
                mfa=csv.flag(line, row, "isEnrolledIn2Sv"),
                enforced=csv.flag(line, row, "isEnforcedIn2Sv"),
                super_admin=csv.flag(line, row, "isAdmin"),
                delegated_admin=csv.flag(line, row, "isDelegatedAdmin"),
                mailbox=csv.flag(line, row, "isMailboxSetup"),
                aliases=tuple(filter(None, aliases)),
            ),
            line,
        )


def _console_users(csv: Csv, style: DateStyle) -> Iterator[tuple[UserRow | None, int]]:
    require(csv.table, ("Status [READ ONLY]",))
    for line, row in csv.table.rows:
        email = csv.text(line, row, CONSOLE_EMAIL, required=True)
        names = (csv.text(line, row, f"{part} Name [Required]") for part in ("First", "Last"))
        word = csv.text(line, row, "Status [READ ONLY]", required=True)
        if word.lower() not in _CONSOLE_STATUS:
            csv.table.refuse(line, "Status [READ ONLY]", "not a known status", found=word, expected="Active, Suspended")
        yield (
            UserRow(
                id=email.lower(),
                email=email,
                name=" ".join(filter(None, names)) or email,
                status=_CONSOLE_STATUS[word.lower()],
                employee_id=csv.text(line, row, "Employee ID") or None,
                last_login=csv.instant(line, row, "Last Sign In [READ ONLY]", style),
                mfa=csv.flag(line, row, "2sv Enrolled [READ ONLY]"),
                enforced=csv.flag(line, row, "2sv Enforced [READ ONLY]"),
            ),
            line,
        )


def groups(path: Path) -> Iterator[GroupRow]:
    """Yield the groups of `gam print groups`."""
    csv = open_gam(path, ("email", "id", "name"))
    for line, row in csv.table.rows:
        email = csv.text(line, row, "email", required=True)
        aliases = (*csv.several(line, row, "aliases"), *csv.several(line, row, "nonEditableAliases"))
        count = csv.text(line, row, "directMembersCount")
        if count and not (count.isascii() and count.isdecimal() and len(count) < 10):
            csv.table.refuse(line, "directMembersCount", "not a number", found=count, expected="a whole number")
        yield GroupRow(
            id=csv.text(line, row, "id", required=True),
            email=email,
            name=csv.text(line, row, "name") or email,
            aliases=tuple(filter(None, aliases)),
            direct=int(count) if count else None,
        )


def members(path: Path) -> Iterator[MemberRow]:
    """Yield the members of all groups, of `gam print group-members`."""
    csv = open_gam(path, ("group", "id", "email", "type", "status"))
    if {"level", "subgroup"} & set(csv.table.header):
        raise InputError(
            path, "groups in groups were resolved by GAM", expected="direct members only", hint="leave `recursive` out"
        )
    for line, row in csv.table.rows:
        id_, email = csv.text(line, row, "id"), csv.text(line, row, "email")
        if not (id_ or email):
            csv.table.refuse(line, "id", "the value is empty", expected="an id or an `email`")
        yield MemberRow(
            csv.text(line, row, "group", required=True),
            id_,
            email,
            csv.text(line, row, "type", required=True),
            csv.text(line, row, "status"),
        )


def roles(path: Path) -> Iterator[RoleRow]:
    """Yield the roles of `gam print adminroles privileges`, with or without `oneitemperrow`."""
    csv = open_gam(path, ("roleId", "roleName", "isSuperAdminRole", "isSystemRole"))
    header = csv.table.header
    one_a_row = "privilegeName" in header
    told = one_a_row or "rolePrivileges" in header
    found: dict[str, RoleRow] = {}
    for line, row in csv.table.rows:
        part = ("privilegeName", "serviceId")
        if one_a_row:
            names, services = ([v] if (v := csv.text(line, row, column)) else [] for column in part)
        else:
            names, services = ([v for v in csv.several(line, row, "rolePrivileges", p) if v] for p in part)
        if len(names) != len(services):
            csv.table.refuse(line, "serviceId", "a privilege has no service", expected="a service for each")
        role = RoleRow(
            id=csv.text(line, row, "roleId", required=True),
            name=csv.text(line, row, "roleName", required=True),
            system=csv.flag(line, row, "isSystemRole") or False,
            super_admin=csv.flag(line, row, "isSuperAdminRole") or False,
            privileges=tuple(zip(services, names, strict=True)) if told else None,
        )
        if (before := found.get(role.id)) and one_a_row:
            joined = (*(before.privileges or ()), *(role.privileges or ()))
            role = RoleRow(role.id, before.name, before.system, before.super_admin, joined)
        elif before:
            csv.table.refuse(line, "roleId", "a role stands twice", expected="each role once")
        found[role.id] = role
    yield from found.values()


def assignments(path: Path) -> Iterator[AssignmentRow]:
    """Yield who was given which role, of `gam print admins`."""
    csv = open_gam(path, ("roleAssignmentId", "roleId", "assignedTo", "scopeType", "orgUnitId"))
    for line, row in csv.table.rows:
        scope_type = csv.text(line, row, "scopeType", required=True)
        if scope_type not in ("CUSTOMER", "ORG_UNIT"):
            csv.table.refuse(line, "scopeType", "not a known scope", found=scope_type, expected="CUSTOMER or ORG_UNIT")
        kinds = (("user", "assignedToUser"), ("group", "assignedToGroup"))
        yield AssignmentRow(
            role=csv.text(line, row, "roleId", required=True),
            holder=csv.text(line, row, "assignedTo", required=True),
            scope=csv.text(line, row, "orgUnitId", required=True) if scope_type == "ORG_UNIT" else "",
            condition=csv.text(line, row, "condition"),
            service=csv.text(line, row, "assignedToServiceAccount"),
            kind=next((kind for kind, column in kinds if csv.text(line, row, column)), ""),
        )
