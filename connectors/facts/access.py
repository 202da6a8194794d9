"""What is held: systems, their accounts, what an account can hold, and that it does."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum


class SystemKind(StrEnum):
    """Where accounts live."""

    EHR = "ehr"
    DIRECTORY = "directory"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class System:
    """One configured place where accounts live."""

    id: str
    kind: SystemKind
    product: str
    """The catalog that explains its entitlements, such as `openemr`, `active-directory`, `aws`."""
    title: str
    holds_phi: bool
    vendor: str | None = None
    """Legal name of the company that hosts the PHI; `self` when the account owner does; `None` when nobody has said."""
    account_owner: str = "practice"
    """Whose contract with the vendor it is: `practice`, or the name of an agency."""
    sign_in: str | None = None
    """Id of the system through which people sign in here (single sign-on); where this one does not say
    itself whether a sign-in takes a second factor, MFA is judged there."""


class Status(StrEnum):
    """Whether an account can be used to sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"
    LOCKED = "locked"
    """Locked by failed attempts, or not open yet: it comes back by itself, so it still counts as live."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The source does not say; counts as live, because the opposite could hide an open door."""


class Never(Enum):
    """The source tracks sign-ins and says that there was none."""

    NEVER = "never"


NEVER = Never.NEVER


@dataclass(frozen=True, slots=True)
class Account:
    """One account in one system."""

    system: str
    id: str
    """The native identifier that survives a rename where the source has one (objectGUID, user id, ARN)."""
    login: str
    name: str
    status: Status
    email: str | None = None
    employee_id: str | None = None
    """A person number that the source carries, such as LDAP employeeNumber or the AWS tag `employee-id`."""
    created: datetime | None = None
    last_login: datetime | Never | None = None
    last_login_lag_days: int = 0
    """By how many days the source may understate the last sign-in (14 for AD lastLogonTimestamp)."""
    mfa: bool | None = None
    expires: datetime | None = None
    service: bool = False
    """The source itself says that no person signs in with it."""

    @property
    def live(self) -> bool:
        """Whether somebody can, or might be able to, sign in with it."""
        return self.status not in (Status.DISABLED, Status.EXPIRED)


class EntitlementKind(StrEnum):
    """What sort of thing can be held."""

    GROUP = "group"
    ROLE = "role"
    PRIVILEGE = "privilege"
    POLICY = "policy"
    BOUNDARY = "boundary"
    """Gives nothing itself: what the account holds through policies counts only where this allows it too."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Something that an account can hold in one system."""

    system: str
    id: str
    name: str
    kind: EntitlementKind
    aliases: tuple[str, ...] = ()
    """Other native keys by which a catalog may know it, such as a SID."""
    document: str | None = None
    """The policy document as JSON text, where the entitlement is one."""
    container: bool = False
    """It only carries other entitlements, which are listed as grants of their own (an OpenEMR ACL group)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An account holds an entitlement, directly or through a path of groups."""

    account: str
    entitlement: str
    path: tuple[str, ...] = ()
    """Entitlement ids from the one held directly to the last before `entitlement`; empty when held directly."""

    @property
    def assignment(self) -> str:
        """The entitlement that an administrator gave, and would take away."""
        return self.path[0] if self.path else self.entitlement
