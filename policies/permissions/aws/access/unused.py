"""
What an identity may do and has not done for some time: services, single actions, keys, the console password.

AWS tells of a service when it was last used, and of some actions too; of the rest it says nothing, and neither do we.
Use is the identity's: a role that several people take counts as used when one of them used it. What a policy gives is
what it effectively gives, after denials, boundary and the policies above the account.
Source: IAM User Guide, "Refine permissions in AWS using last accessed information"; IAM API Reference,
GetAccessKeyLastUsed; IAM User Guide, "Generate credential reports" (`password_last_used`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.cloud.aws.estate import AccessKey, AwsEstate, Role, ServiceUse, User
from connectors.facts import Never

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective
    from policies.permissions.aws.actions.index import ActionIndex
    from policies.permissions.aws.evaluation.request import Principal

LAST_ACCESSED, KEYS = "service-last-accessed", "access-keys"


@dataclass(frozen=True, slots=True)
class UnusedPolicy:
    """A policy that gives an identity more than it used."""

    identity: str
    """ARN of the user, or of the role that the person becomes."""
    policy: str
    """Name of the document: an ARN, or `<ARN of its identity>/policy/<name>`."""
    services: tuple[str, ...]
    """Prefixes of the services that it gives and that were not used."""
    actions: tuple[str, ...]
    """Of services that were used: the actions that AWS tracks and that were not."""
    used: tuple[str, ...]
    """Services that it gives and that were used."""
    last: datetime | None
    """When the last of `services` was last used; `None` when AWS knows of no use at all."""


@dataclass(frozen=True, slots=True)
class UnusedSecret:
    """An access key, or the console password, that works and is not used."""

    id: str
    """The id of the key, or `console password`."""
    last: datetime | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class Unused:
    """What one account may do and did not, and what cannot be told."""

    policies: tuple[UnusedPolicy, ...]
    secrets: tuple[UnusedSecret, ...]
    unknown: tuple[str, ...]
    """Why some of it cannot be told, each reason once."""
    oldest: datetime | None = None
    """Of all last uses that are recent enough, the one that will be too long ago first."""


def unused(effective: "Effective", account: str, since: datetime) -> Unused:
    """Return what an account of the collection may do and has not done from `since` on."""
    policies: list[UnusedPolicy] = []
    secrets: list[UnusedSecret] = []
    unknown: list[str] = []
    recent: list[datetime] = []
    principals = effective.principals(account)
    if not principals:
        unknown.append("what it may do in AWS was not read: it is no user of the account and holds no role there")
    users = {user.arn: user for user in effective.estate.users}
    roles = {role.arn: role for role in effective.estate.roles}
    for principal in principals:
        identity = users.get(principal.arn) or roles[principal.arn]
        reason = _untold(effective.estate, identity, since)
        if reason:
            unknown.append(reason)
        else:
            policies += _policies(effective, principal, since, unknown)
            for use in effective.estate.used[principal.arn]:
                # An action may be long ago although its service is in use every day.
                recent += _recent((use.last, *use.actions.values()), since)
        if isinstance(identity, User):
            secrets += _secrets(effective.estate, identity, since, unknown)
            recent += _recent((key.last_used for key in identity.keys or () if key.active), since)
            recent += _recent([identity.last_sign_in], since)
    return Unused(tuple(policies), tuple(secrets), tuple(dict.fromkeys(unknown)), min(recent, default=None))


def _untold(estate: AwsEstate, identity: User | Role, since: datetime) -> str:
    """Say why the use of services cannot be judged; empty when it can."""
    created, told = identity.created, estate.tracking_since
    reasons = (
        (
            LAST_ACCESSED in estate.unread,
            f"when services were last used was not read: {estate.unread.get(LAST_ACCESSED)}",
        ),
        (identity.arn not in estate.used, f"AWS was not asked when `{identity.name}` last used its services"),
        (created is None, f"AWS does not say since when `{identity.name}` exists"),
        (created is not None and created > since, f"`{identity.name}` exists only since {_day(created)}"),
        (told is None, "AWS does not say from when on it knows of use"),
        (told is not None and told > since, f"AWS knows of use only from {_day(told)} on"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _policies(
    effective: "Effective", principal: "Principal", since: datetime, unknown: list[str]
) -> Iterator[UnusedPolicy]:
    told = {use.service: use for use in effective.estate.used[principal.arn]}
    untold: set[str] = set()
    possible = effective.possible(principal, explained=False)
    for document in dict.fromkeys(document.name for document in principal.identity):
        actions = possible[document].anywhere if document in possible else 0
        given = services_of(effective.index, actions)
        untold |= {name for name in given if name not in told or told[name].last is None}
        found = _compare(principal.arn, document, given, told, since)
        if found is not None:
            yield found
    if untold:
        unknown.append(f"AWS does not say when {_some(untold)} was last used")


def _compare(
    identity: str, policy: str, given: dict[str, tuple[str, ...]], told: dict[str, ServiceUse], since: datetime
) -> UnusedPolicy | None:
    services, actions, used = [], [], []
    last: list[datetime] = []
    for name in sorted(given):
        use = told.get(name)
        if use is None or use.last is None:
            continue
        if _before(use.last, since):
            services.append(name)
            last += [use.last] if isinstance(use.last, datetime) else []
            continue
        used.append(name)
        actions += [action for action in given[name] if action in use.actions and _before(use.actions[action], since)]
    if not services and not actions:
        return None
    return UnusedPolicy(identity, policy, tuple(services), tuple(actions), tuple(used), max(last, default=None))


def _secrets(estate: AwsEstate, user: User, since: datetime, unknown: list[str]) -> Iterator[UnusedSecret]:
    if user.keys is None:
        unknown.append(f"the access keys of `{user.name}` were not read: {estate.unread.get(KEYS, 'nobody asked')}")
    for key in user.keys or ():
        if key.active:
            yield from _key(key, since, unknown)
    if user.console is None:
        unknown.append(f"AWS does not say whether `{user.name}` has a password for the console")
    elif user.console and user.last_sign_in is None:
        unknown.append(f"AWS does not say when `{user.name}` last signed in to the console")
    elif user.console and user.last_sign_in is not None and _before(user.last_sign_in, since):
        yield from _idle("console password", user.last_sign_in, user.created, since, unknown)


def _key(key: AccessKey, since: datetime, unknown: list[str]) -> Iterator[UnusedSecret]:
    if key.last_used is None:
        unknown.append(f"AWS does not say when the access key `{key.id}` was last used")
    elif _before(key.last_used, since):
        yield from _idle(key.id, key.last_used, key.created, since, unknown)


def _idle(
    id_: str, last: datetime | Never, created: datetime | None, since: datetime, unknown: list[str]
) -> Iterator[UnusedSecret]:
    if isinstance(last, datetime):
        yield UnusedSecret(id_, last, created)
    elif created is None:
        unknown.append(f"`{id_}` was never used, and AWS does not say since when it exists")
    elif created > since:
        unknown.append(f"`{id_}` was never used, and exists only since {_day(created)}")
    else:
        yield UnusedSecret(id_, None, created)


def services_of(index: "ActionIndex", actions: int) -> dict[str, tuple[str, ...]]:
    """Return the services of a set of actions, each with its actions such as `s3:getobject`."""
    if actions < 0:
        # The complement of a set stands for the actions of services too that nobody has loaded yet.
        actions &= index.everything()
    found = {}
    for name, service in index.services.items():
        if actions & service.mask:
            bits = actions >> service.base
            found[name] = tuple(f"{name}:{action}" for i, action in enumerate(service.actions) if bits >> i & 1)
    return found


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "?"


def _recent(uses: Iterable[datetime | Never | None], since: datetime) -> Iterator[datetime]:
    return (last for last in uses if isinstance(last, datetime) and last >= since)


def _before(last: datetime | Never, since: datetime) -> bool:
    return isinstance(last, Never) or last < since


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    return ", ".join(found[:6]) + (f" and {len(found) - 6} more services" if len(found) > 6 else "")
