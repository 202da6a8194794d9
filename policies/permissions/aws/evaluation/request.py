"""
One question: may this principal do this action on this resource, in this context?

Source: IAM User Guide, "AWS global condition context keys" and "Policy evaluation logic".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policies.permissions.aws.evaluation.document import PolicyDocument


class PrincipalKind(StrEnum):
    """Who asks."""

    USER = "User"
    ROLE = "AssumedRole"
    """A session of a role; `arn` is the role's, `session_arn` the session's."""
    FEDERATED = "FederatedUser"
    ROOT = "Account"
    SERVICE = "Service"
    """A service of AWS, such as `lambda.amazonaws.com` in `arn`."""
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what the policies of the identity itself say."""

    arn: str
    kind: PrincipalKind
    account: str
    """Twelve digits; empty for services and for anonymous requests."""
    name: str = ""
    unique_id: str = ""
    """`AIDA…`, `AROA…`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[PolicyDocument, ...] = ()
    """Inline and managed policies, those of its groups too."""
    boundary: PolicyDocument | None = None
    session: tuple[PolicyDocument, ...] | None = None
    """Session policies; `None` when the session has none."""
    session_arn: str = ""
    service_linked: bool = False


@dataclass(frozen=True, slots=True)
class Organization:
    """What limits an account from above, level by level: root, organizational units, the account itself."""

    id: str = ""
    path: str = ""
    """`o-…/r-…/ou-…/`, as in `aws:PrincipalOrgPaths`."""
    management: bool = False
    """The management account, which neither SCPs nor RCPs limit."""
    scps: tuple[tuple[PolicyDocument, ...], ...] | None = None
    """`None` when they were not read."""
    rcps: tuple[tuple[PolicyDocument, ...], ...] | None = None


NO_ORGANIZATION = Organization(scps=(), rcps=())


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked for; `arn` is `*` for actions that have no resource."""

    arn: str
    account: str
    policy: PolicyDocument | None = None
    """Its resource policy; `None` when it has none."""
    policy_read: bool = True
    """False: whether it has one is not known."""
    tags: Mapping[str, str] = field(default_factory=dict)
    organization: Organization = NO_ORGANIZATION


@dataclass(frozen=True, slots=True)
class Request:
    """One question."""

    principal: Principal
    action: str
    """Such as `s3:GetObject`, in any case."""
    resource: Resource
    organization: Organization = NO_ORGANIZATION
    """What limits the principal's account."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Condition keys with their values, as stated by the one who asks."""
    closed: bool = False
    """Whether `context` is all there is: a key that is not in it is then missing, not unknown."""

    @property
    def same_account(self) -> bool:
        """Whether principal and resource are of one account."""
        return self.principal.account == self.resource.account
