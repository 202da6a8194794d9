"""What is used of a Google Workspace export, whichever tool wrote it: users, groups, members, roles, assignments."""

from dataclasses import dataclass
from datetime import datetime

from connectors.facts import Never, Status


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user."""

    id: str
    email: str
    name: str
    status: Status
    employee_id: str | None = None
    created: datetime | None = None
    last_login: datetime | Never | None = None
    mfa: bool | None = None
    """Enrolled in 2-step verification."""
    enforced: bool | None = None
    """Has to use 2-step verification."""
    super_admin: bool | None = None
    delegated_admin: bool | None = None
    mailbox: bool | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group."""

    id: str
    email: str
    name: str
    aliases: tuple[str, ...] = ()
    direct: int | None = None
    """How many direct members Google says it has."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of one group."""

    group: str
    """Id or address of the group."""
    id: str
    email: str
    type: str
    """`USER`, `GROUP`, `CUSTOMER` (everybody in the organization), or another word of Google."""
    status: str
    """Empty where Google does not say, as for whoever is not of this organization."""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One admin role; `privileges` are (service id, name), `None` when they were not exported."""

    id: str
    name: str
    system: bool
    super_admin: bool
    privileges: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One admin role that was given to somebody."""

    role: str
    holder: str
    """Id of a user, a group or a service account."""
    scope: str
    """Empty for the whole organization, otherwise the id of an organizational unit."""
    condition: str = ""
    service: str = ""
    """The address of the service account, where the tool says that it is one."""
    kind: str = ""
    """`user` or `group`, where the tool says so."""
