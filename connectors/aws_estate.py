"""
What an AWS account consists of, for judging who can really do what: identities, policies, limits, resources.

One shape for what was read live and for what was saved: the evaluator never sees the difference. Policy documents stay
text. Whatever a call refused is named in `unread`, so that only the questions that need it go unanswered.
Source: IAM, Organizations, IAM Identity Center API References.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.facts import Never


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document."""

    name: str
    """Its ARN; for an inline policy `<ARN of its identity>/policy/<name>`."""
    text: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term key of a user; its secret is never read."""

    id: str
    active: bool
    created: datetime | None = None
    last_used: datetime | Never | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group."""

    arn: str
    name: str
    inline: tuple[Policy, ...] = ()
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user."""

    arn: str
    id: str
    name: str
    groups: tuple[str, ...] = ()
    """Names of groups."""
    inline: tuple[Policy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    """ARN of the managed policy that limits it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    console: bool | None = None
    """Whether it has a password for the console; `None` when nobody said."""
    last_sign_in: datetime | Never | None = None
    keys: tuple[AccessKey, ...] | None = None
    """`None` when they were not read."""
    mfa: bool | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role."""

    arn: str
    id: str
    name: str
    trust: str
    """Its trust policy as JSON text."""
    inline: tuple[Policy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    last_used: datetime | Never | None = None
    service_linked: bool = False
    permission_set: str | None = None
    """ARN of the permission set of Identity Center that made it."""
    instance_profiles: tuple[str, ...] = ()
    """ARNs of instance profiles that hold it."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the organization above the account, or the account itself."""

    id: str
    """`r-…`, `ou-…`, or twelve digits."""
    name: str
    scps: tuple[Policy, ...] = ()
    rcps: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganizationPath:
    """Where the account stands in its organization: root first, the account last."""

    id: str
    """`o-…`."""
    management_account: str
    levels: tuple[Level, ...]
    scps_enabled: bool = True
    rcps_enabled: bool = True


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A resource that is configured or tagged as holding PHI, or that somebody's right names."""

    arn: str
    account: str
    tags: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None
    """Its resource policy as JSON text; `None`: it has none."""
    policy_read: bool = True
    public_access_blocked: bool | None = None
    """S3: whether Block Public Access (account or bucket) stops a public policy; `None` where it does not apply."""
    phi: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """In Identity Center: a person holds a permission set, or a role, in this account."""

    user: str
    """Id of the user in the identity store."""
    role: str
    """ARN of the role that the person becomes in this account."""
    through: tuple[str, ...] = ()
    """Names on the way: group, permission set, or account access application."""


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user of Identity Center's identity store."""

    id: str
    login: str
    name: str
    email: str | None = None
    employee_id: str | None = None
    active: bool | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """When an identity last used a service, as IAM's service last accessed data say."""

    service: str
    """Prefix, such as `s3`."""
    last: datetime | Never | None
    actions: Mapping[str, datetime] = field(default_factory=dict)
    """For the services that are tracked by action: lower-case `s3:getobject` and when."""


@dataclass(frozen=True, slots=True)
class AwsEstate:
    """One AWS account."""

    account: str
    partition: str = "aws"
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    managed: Mapping[str, str] = field(default_factory=dict)
    """Text of the default version of each managed policy that is attached, by ARN."""
    organization: OrganizationPath | None = None
    """`None`: the account is in no organization, or `organization` is in `unread`."""
    resources: tuple[ResourceFacts, ...] = ()
    directory: tuple[DirectoryUser, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    used: Mapping[str, tuple[ServiceUse, ...]] = field(default_factory=dict)
    """By ARN of the identity; an identity that is missing was not asked about."""
    tracking_since: datetime | None = None
    """From when service last accessed data reach back."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """What could not be read, and why: `organization`, `resource-policies`, `identity-center`, `account-access`,
    `service-last-accessed`, `access-keys`, `connect`, `workspaces`."""
