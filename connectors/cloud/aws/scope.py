"""What of an AWS account is read, beyond its users, groups, roles and policies."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from connectors.cloud.aws.phi import ARN, Marked, bucket_of
from connectors.inputs.strict import Settings

IDENTITY = r"^arn:aws[a-z-]*:iam::\d{12}:(user|role)/[\w+=,.@/-]+$"


class EstatePart(StrEnum):
    """One part of an account that can be read; the names that `collect` takes."""

    ACCESS_KEYS = "access-keys"
    LOGIN_PROFILES = "login-profiles"
    MFA_DEVICES = "mfa-devices"
    LAST_ACCESSED = "service-last-accessed"
    ORGANIZATION = "organization"
    IDENTITY_CENTER = "identity-center"
    ACCOUNT_ACCESS = "account-access"
    RESOURCES = "resources"


class Phi(Settings):
    """Which resources hold PHI."""

    arns: tuple[Annotated[str, StringConstraints(pattern=ARN, max_length=2048)], ...] = ()
    """ARNs of buckets, keys, secrets, queues, topics, functions, repositories, databases, …"""
    tags: dict[str, str | tuple[str, ...]] = {}
    """Tags that mark them, such as `phi: "true"` or `data: [phi, claims]`; one that fits is enough."""
    regions: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d$")], ...] = ()
    """Where to look for tags; without it, in `region` only."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.arns and not self.tags:
            raise ValueError("`arns`, `tags` or both")
        return self

    @property
    def whole(self) -> tuple[str, ...]:
        """The ARNs, where a path inside a bucket stands for the bucket, whose policy decides."""
        return tuple(dict.fromkeys(bucket_of(arn) for arn in self.arns))

    @property
    def marked(self) -> Marked:
        """The same, as what reads the resources takes it."""
        whole = {arn for arn in self.arns if bucket_of(arn) == arn}
        within: dict[str, list[str]] = {}
        for arn in self.arns:
            if bucket_of(arn) not in whole and arn not in within.setdefault(bucket_of(arn), []):
                within[bucket_of(arn)].append(arn)
        return Marked(self.whole, self.tags, self.regions, {bucket: tuple(paths) for bucket, paths in within.items()})


class Choice(Settings):
    """What to read beyond users, groups, roles and policies."""

    collect: tuple[EstatePart, ...] | None = None
    """What to read as well: `access-keys`, `login-profiles`, `mfa-devices`, `service-last-accessed`, `organization`,
    `identity-center`, `account-access`, `resources`. What is configured below is read without being listed."""
    phi: Phi | None = None
    """Resources that hold PHI: their policies are read. `{arns: […], tags: {…}, regions: […]}`."""
    last_accessed_of: tuple[Annotated[str, StringConstraints(pattern=IDENTITY)], ...] = ()
    """Users and roles whose use of services is read; without it, all users and the roles of Identity Center."""
    people: Literal["assigned", "all"] = "assigned"
    """Who of Identity Center is an account here: those who are assigned to this account, or all of them."""

    @model_validator(mode="after")
    def _resources_are_named(self) -> Self:
        if EstatePart.RESOURCES in (self.collect or ()) and self.phi is None:
            raise ValueError("`resources` needs `phi`: the ARNs or tags of what holds PHI")
        return self


def parts_of(choice: Choice, *, organization: bool = False) -> frozenset[EstatePart]:
    """Return what is to be read; `organization`: whether a role for the organization is configured."""
    chosen = set(choice.collect or ())
    if choice.phi is not None:
        chosen.add(EstatePart.RESOURCES)
    if choice.last_accessed_of:
        chosen.add(EstatePart.LAST_ACCESSED)
    if organization:
        chosen |= {EstatePart.ORGANIZATION, EstatePart.IDENTITY_CENTER}
    if EstatePart.ACCOUNT_ACCESS in chosen:
        chosen.add(EstatePart.IDENTITY_CENTER)  # it names people by their id there
    return frozenset(chosen)
