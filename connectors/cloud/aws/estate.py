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
class PolicyText:
    """One policy document."""

    name: str
    """Its ARN; for an inline policy `<ARN of its identity>/policy/<name>`."""
    text: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term key of a user; its secret is never read."""

    id: str
    """`access_key_1` or `access_key_2` where only the credential report speaks of it, which holds no ids."""
    active: bool
    created: datetime | None = None
    last_used: datetime | Never | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group."""

    arn: str
    name: str
    inline: tuple[PolicyText, ...] = ()
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
    inline: tuple[PolicyText, ...] = ()
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
    inline: tuple[PolicyText, ...] = ()
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
    scps: tuple[PolicyText, ...] = ()
    rcps: tuple[PolicyText, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberAccount:
    """An account of the organization."""

    id: str
    name: str
    state: str
    """`ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, …"""


@dataclass(frozen=True, slots=True)
class OrganizationPath:
    """Where the account stands in its organization: root first, the account last."""

    id: str
    """`o-…`."""
    management_account: str
    levels: tuple[Level, ...]
    scps_enabled: bool = True
    rcps_enabled: bool = True
    accounts: tuple[MemberAccount, ...] = ()
    """All accounts of the organization: who is a stranger in a policy, and who is not."""


@dataclass(frozen=True, slots=True)
class AclGrant:
    """One line of the access list of a bucket, its owner's own left out."""

    grantee: str
    """The URI of a predefined group, a canonical user id, or an address."""
    permission: str
    """`READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`."""


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
    """S3: whether Block Public Access (account or bucket) stops a public policy; `None` where it does not apply, or
    where nobody would say."""
    phi: bool = False
    public_lists_ignored: bool | None = None
    """S3: whether Block Public Access ignores public access lists, of the bucket and of its files; `None` as above."""
    owner_enforced: bool | None = None
    """S3: whether access lists are switched off (`BucketOwnerEnforced`); `None` as above."""
    acl: tuple[AclGrant, ...] | None = None
    """S3: the access list of the bucket; `None` where it was not read, or is switched off."""
    key: str | None = None
    """S3: the own key with which new files are encrypted, as the bucket names it; empty: none. `None`: not read."""
    within: tuple[str, ...] = ()
    """Where in it the PHI is, as configured: `arn:aws:s3:::charts/scans/*`; empty: anywhere in it."""


@dataclass(frozen=True, slots=True)
class AccountAssignment:
    """In Identity Center: a person holds a permission set, or a role, in this account."""

    user: str
    """Id of the user in the identity store."""
    role: str
    """ARN of the role that the person becomes in this account."""
    through: tuple[str, ...] = ()
    """Names on the way: group, permission set, or account access application."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """
    In Identity Center: a set that is provisioned to this account.

    What people hold by it is in its role, which differs from the set where that was changed and not provisioned again.
    """

    arn: str
    name: str
    role: str | None
    """ARN of the role that it made in this account."""


@dataclass(frozen=True, slots=True)
class IdentityStoreUser:
    """A user of Identity Center's identity store."""

    id: str
    login: str
    name: str
    email: str | None = None
    employee_id: str | None = None
    active: bool | None = None
    groups: tuple[str, ...] = ()
    """Names of the groups that lead into this account."""


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """When an identity last used a service, as IAM's service last accessed data say."""

    service: str
    """Prefix, such as `s3`."""
    last: datetime | Never | None
    actions: Mapping[str, datetime | Never] = field(default_factory=dict)
    """For the services that are tracked by action: lower-case `s3:createbucket`, and when. An action that is missing is
    not tracked, which says nothing of its use."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Two answers of AWS do not fit together; whoever judges must not take either for the whole truth."""

    kind: str
    """`role-without-permission-set`, `permission-set-without-role`, `orphan-assignment`, `unlisted-member`,
    `orphan-entitlement`, `entitlements-not-read`, `account-outside-tree`, `account-suspended`, `resource-not-found`."""
    subject: str
    """An ARN or id."""
    detail: str = ""


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
    directory: tuple[IdentityStoreUser, ...] = ()
    assignments: tuple[AccountAssignment, ...] = ()
    used: Mapping[str, tuple[ServiceUse, ...]] = field(default_factory=dict)
    """By ARN of the identity; an identity that is missing was not asked about."""
    tracking_since: datetime | None = None
    """From when service last accessed data reach back."""
    gaps: tuple[Gap, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    """What could not be read, or was not asked for, and why: `account-summary`, `credential-report`, `mfa-devices`,
    `access-keys`, `login-profiles`, `service-last-accessed`, `organization`, `identity-center`,
    `account-access`, `resource-tags`, `resource-policies`, `public-access-block`, `access-lists`,
    `encryption`."""

    @property
    def provider(self) -> str:
        """Whose words these are."""
        return "aws"
