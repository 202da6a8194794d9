"""
What is, as the source said it: systems, accounts, entitlements, grants, doors, people, engagements, collections.

Native names stay native. `None` always means "the source does not say", never "no".
All times are timezone-aware UTC; calendar days are the practice's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Protocol


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


class DoorKind(StrEnum):
    """In which way somebody outside the roster comes in."""

    FEDERATED = "federated"
    """An outside identity provider vouches for whoever it pleases."""
    FOREIGN_ACCOUNT = "foreign-account"
    """A role that another cloud account, or tenant, may take."""
    GUEST = "guest"
    """An account here of somebody who is at home in another organisation."""
    EXTERNAL_MEMBER = "external-member"
    """An address outside that is a member of a group here."""
    DELEGATE = "delegate"
    """Somebody who may read or send as somebody here."""
    FORWARDING = "forwarding"
    """Mail of somebody here goes to an address outside."""
    PROGRAM = "program"
    """A program of another organisation, with rights of its own or somebody's consent."""
    TRUST = "trust"
    """A whole directory of others is trusted."""


@dataclass(frozen=True, slots=True)
class Door:
    """
    A way in for somebody outside the roster, as the source tells it; the rule `outside-door` judges it.

    Only what is open is told: no disabled guest, no consent that was taken back.
    """

    id: str
    """Native and stable, unique in its system: what is opened, and to whom."""
    kind: DoorKind
    who: str
    """Who comes in, as the source names them: an address, an account number, `GitHub: acme/app`."""
    to: str
    """What it leads to, natively: a role, a group, a mailbox, a tenant."""
    names: tuple[str, ...] = ()
    """Under which logins the staff file or the roster may say who stands behind it, the most exact first, such as an
    address and its domain. None: nobody can answer for whoever comes."""
    anybody: bool = False
    """Whoever likes can come: nothing tells who it is."""
    asks: bool = False
    """Whether it asks for something all the same, such as a word that many know."""
    account: str | None = None
    """Id of the account here by which they come; then whoever owns that account stands behind the door."""
    phi: bool | None = None
    """Whether it leads to PHI; `None`: not known, then it does where the system holds PHI."""
    depends: tuple[str, ...] = ()
    """What would have to be known to say that it is open at all."""
    detail: str = ""
    """What else the source says of it, in words."""


class PersonKind(StrEnum):
    """Who somebody is to the practice."""

    VMA = "vma"
    STAFF = "staff"
    SERVICE = "service"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Person:
    """A person (or a named service with an owner) to whom accounts can belong."""

    id: str
    name: str
    email: str | None
    kind: PersonKind
    logins: tuple[tuple[str, str], ...] = ()
    """(system id, login) pairs that the practice states itself; the first correlation rule."""
    owner: str | None = None
    """Who at the practice answers for it, where it is a service or a vendor."""


class Employment(StrEnum):
    """Who employs a VMA decides which agreements must exist (45 CFR 160.103)."""

    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"


LINKED = ">"
"""What stands between two agencies where one works through the other."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """A VMA's work for a practice, from `start` to `end`, both inclusive."""

    vma: str
    agency: str | None
    """
    Legal name of the agency; `None` when the practice engages the VMA itself.

    Where it works through others the whole chain may stand here, outwards: `Harbor Assist LLC > Harbor Manila Inc`.
    """
    employment: Employment
    roles: tuple[str, ...]
    start: date
    end: date | None = None
    locations: tuple[str, ...] = ()
    hours: float | None = None
    on_leave: bool = False

    @property
    def agencies(self) -> tuple[str, ...]:
        """Through whom the VMA works, from the practice outwards; none when the practice engages the VMA itself."""
        return tuple(link.strip() for link in self.agency.split(LINKED)) if self.agency else ()

    def overlaps(self, other: "Engagement") -> bool:
        """Whether both run on some day."""
        return (other.end is None or self.start <= other.end) and (self.end is None or other.start <= self.end)

    def active_on(self, day: date) -> bool:
        """Whether the engagement runs on that day; a leave does not end it."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Roster:
    """The authoritative list of engagements at one moment; somebody who was rehired has one for each period."""

    people: tuple[Person, ...]
    engagements: tuple[Engagement, ...]
    source: str
    sha256: str
    part: str = ""
    """Of whom a directory was asked for it, in words; whoever is not found may only have fallen out of that."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe that a collection is whole."""

    name: str
    """`end`, `total`, `canary`, `pages`, `sha256`, …"""
    detail: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The whole population was read; only this may answer "is this account gone?"."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """The population was not read whole; the system is not evaluated."""

    reason: str
    hint: str = ""


class Estate(Protocol):
    """
    All that one cloud provider said about an account, for judging what is effectively allowed there.

    Each provider has a shape of its own, such as `connectors.cloud.aws.estate.AwsEstate`.
    """

    @property
    def provider(self) -> str:
        """Whose words these are, such as `aws`: tells which judge understands it."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One read of one system, with its proof of completeness."""

    system: System
    source: str
    """What was read, in words and without secrets: a file name, a server and base DN."""
    as_of: datetime
    """When the facts were true: the start of a live read, or the time of the export file."""
    completeness: Complete | Partial
    accounts: tuple[Account, ...] = ()
    entitlements: dict[str, Entitlement] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    estate: Estate | None = field(default=None, compare=False, repr=False)
    """Told by the connectors of clouds; judged with the collection, and not stored."""
    doors: tuple[Door, ...] = ()
    """Ways in for somebody outside the roster, in the order of their ids; judged here, and not stored."""
    doors_unread: Mapping[DoorKind, str] = field(default_factory=dict)
    """The kinds of doors that such a system may have and that were not read, and why: these are not evaluated."""

    @property
    def complete(self) -> bool:
        """Whether the read was proven whole."""
        return isinstance(self.completeness, Complete)
