"""The estate of one account, part by part; a part that is refused goes unread, and only that part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from connectors.cloud.aws import account_access, credentials, identity_center, last_accessed
from connectors.cloud.aws import organization as _aws_organization
from connectors.cloud.aws import resources as _aws_resources
from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.cloud.aws.calls import Call, CallRefused
from connectors.cloud.aws.estate import AwsEstate, Gap, OrganizationPath, Role
from connectors.cloud.aws.identities import Credentials, Identities, identities_of
from connectors.cloud.aws.identity_center import RESERVED, IdentityCenter, read_identity_center
from connectors.cloud.aws.resources import Resources
from connectors.cloud.aws.responses import ResponseSource
from connectors.cloud.aws.scope import Choice, EstatePart

CALLS: Mapping[EstatePart, tuple[Call, ...]] = {
    EstatePart.ACCESS_KEYS: (credentials.KEYS, credentials.KEY_USED),
    EstatePart.LOGIN_PROFILES: (credentials.PROFILE,),
    EstatePart.MFA_DEVICES: (credentials.DEVICES,),
    EstatePart.LAST_ACCESSED: last_accessed.CALLS,
    EstatePart.ORGANIZATION: _aws_organization.CALLS,
    EstatePart.IDENTITY_CENTER: identity_center.CALLS,
    EstatePart.ACCOUNT_ACCESS: account_access.CALLS,
    EstatePart.RESOURCES: _aws_resources.CALLS,
}
"""What each part calls."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class CollectionScope:
    """What is read, of which account."""

    account: str
    partition: str
    region: str
    choice: Choice
    parts: frozenset[EstatePart]


@dataclass
class CollectedEstate:
    """The estate, and what accounts of people are made of."""

    estate: AwsEstate
    center: IdentityCenter


@dataclass
class _Parts:
    """Reads one part after the other."""

    answers: ResponseSource
    scope: CollectionScope
    unread: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def attempt(self, read: Callable[[], Read]) -> Read | None:
        """Read a part; a refusal leaves it unread, and gives `None`."""
        try:
            return read()
        except CallRefused as refused:
            self.unread[refused.call.question] = refused.message
            return None

    def wanted(self, part: EstatePart, question: str) -> bool:
        """Return whether a part is to be read; if not, it is said that nobody asked."""
        if part in self.scope.parts:
            return True
        self.unread.setdefault(question, not_asked(part))
        return False


def not_asked(part: EstatePart) -> str:
    """Return the reason of a part that was not asked for."""
    return f"not asked for: add `{part}` to `collect`"


def collect_estate(
    answers: ResponseSource, scope: CollectionScope, details: AuthorizationDetails, unread: Mapping[str, str]
) -> CollectedEstate:
    """Read all parts that are wanted; raises `SourceError` for what fails otherwise than by a refusal."""
    reading = _Parts(answers, scope, dict(unread))
    identities = identities_of(details, _credentials(reading, details))
    center = _center(reading, identities.roles)
    organization = _organization(reading)
    resources = _resources(reading)
    used, since = _last_accessed(reading, identities, center)
    sets = {set_.role: set_.arn for set_ in center.sets}
    users = {assignment.user for assignment in center.assignments}
    everybody = scope.choice.people == "all"
    estate = AwsEstate(
        account=scope.account,
        partition=scope.partition,
        users=identities.users,
        groups=identities.groups,
        roles=tuple(replace(role, permission_set=sets.get(role.arn)) for role in identities.roles),
        managed=identities.managed,
        organization=organization,
        resources=tuple(resources.facts),
        directory=tuple(u for id_, u in sorted(center.directory().items()) if everybody or id_ in users),
        assignments=tuple(sorted(set(center.assignments), key=lambda a: (a.user, a.role, a.through))),
        used=used,
        tracking_since=since,
        gaps=tuple(sorted({*reading.gaps, *center.gaps, *resources.gaps}, key=lambda g: (g.kind, g.subject, g.detail))),
        unread=dict(sorted(reading.unread.items())),
    )
    return CollectedEstate(estate, center)


def _credentials(reading: _Parts, details: AuthorizationDetails) -> Credentials:
    """Ask user by user where that is wanted; otherwise the credential report speaks, if it could be read."""
    names = sorted(user.user_name for user in details.users)
    answers, parts = reading.answers, reading.scope.parts
    asked = Credentials()
    if EstatePart.ACCESS_KEYS in parts:
        keys = reading.attempt(lambda: credentials.read_keys(answers, names))
        asked = replace(asked, keys=keys or {})
    if EstatePart.LOGIN_PROFILES in parts:
        profiles = reading.attempt(lambda: credentials.read_profiles(answers, names))
        asked = replace(asked, console=profiles or {})
    if EstatePart.MFA_DEVICES in parts and "mfa-devices" not in reading.unread:
        devices = reading.attempt(lambda: {name: credentials.has_device(answers, name) for name in names})
        asked = replace(asked, mfa=devices or {})
    if "credential-report" in reading.unread:
        for part in (EstatePart.ACCESS_KEYS, EstatePart.LOGIN_PROFILES):
            reading.wanted(part, part.value)
    return asked


def _organization(reading: _Parts) -> OrganizationPath | None:
    if not reading.wanted(EstatePart.ORGANIZATION, _aws_organization.QUESTION):
        return None
    account = reading.scope.account
    found = reading.attempt(lambda: _aws_organization.read_organization(reading.answers, account))
    if found is None:
        return None
    path, gaps = found
    reading.gaps += gaps
    if path is not None and not path.levels:
        reading.unread[_aws_organization.QUESTION] = "the account is not in the tree of its organization"
        return None
    return path


def _center(reading: _Parts, roles: Sequence[Role]) -> IdentityCenter:
    answers, account, center = reading.answers, reading.scope.account, IdentityCenter()
    if reading.wanted(EstatePart.IDENTITY_CENTER, identity_center.QUESTION):
        center = reading.attempt(lambda: read_identity_center(answers, account, roles)) or center
    if reading.wanted(EstatePart.ACCOUNT_ACCESS, account_access.QUESTION):
        if identity_center.QUESTION in reading.unread and not center.users:
            reading.unread[account_access.QUESTION] = "it names people of Identity Center, which was not read"
        else:
            reading.attempt(lambda: account_access.read_account_access(answers, account, center))
    if account_access.QUESTION in reading.unread:
        reading.gaps += account_access.waiting(roles)
    for question, why in center.unread.items():
        reading.unread.setdefault(question, why)
    return center


def _resources(reading: _Parts) -> Resources:
    phi = reading.scope.choice.phi
    if not reading.wanted(EstatePart.RESOURCES, _aws_resources.POLICIES) or phi is None:
        return Resources()
    found = _aws_resources.read_resources(reading.answers, reading.scope.account, phi.marked, reading.scope.region)
    for question, why in found.unread.items():
        reading.unread.setdefault(question, why)
    return found


def _last_accessed(
    reading: _Parts, identities: Identities, center: IdentityCenter
) -> tuple[last_accessed.Used, datetime | None]:
    if not reading.wanted(EstatePart.LAST_ACCESSED, last_accessed.QUESTION):
        return {}, None
    held = {role for _, _, role in center.held}
    people = [role.arn for role in identities.roles if role.arn in held or RESERVED.fullmatch(role.name)]
    chosen = reading.scope.choice.last_accessed_of or [*(user.arn for user in identities.users), *people]
    return reading.attempt(lambda: last_accessed.read_last_accessed(reading.answers, list(chosen))) or ({}, None)
