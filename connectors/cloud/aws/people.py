"""People of Identity Center as accounts: what they hold are roles, through groups and permission sets."""

from collections.abc import Collection, Mapping

from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.cloud.aws.estate import IdentityStoreUser
from connectors.cloud.aws.identity_center import RESERVED, IdentityCenter
from connectors.facts import Account, Entitlement, EntitlementKind, Grant, Status

People = tuple[tuple[Account, ...], tuple[Entitlement, ...], tuple[Grant, ...]]


def people_of(system: str, center: IdentityCenter, details: AuthorizationDetails, *, everybody: bool) -> People:
    """
    Return accounts, entitlements and grants.

    A role's permissions boundary is left out: it limits the role, while the account may hold others without it. The
    reading by documents is generous; the evaluator, which has the estate, is exact.
    """
    held = sorted(set(center.held), key=lambda h: (h[0], h[1] or "", h[2]))
    assigned = {user for user, _, _ in held}
    # A member of a group who is gone from the identity store signs in nowhere.
    users = {id_: user for id_, user in center.directory().items() if everybody or id_ in assigned}
    policies = details.role_policies({role for _, _, role in held})
    found: dict[str, Entitlement] = {}
    grants: list[Grant] = []
    for user, group, role in held:
        if user not in users:
            continue
        path: tuple[str, ...] = ()
        if group is not None:
            entitlement = _group(system, group, center.groups)
            found[entitlement.id] = entitlement
            grants.append(Grant(user, entitlement.id))
            path = (entitlement.id,)
        found[role] = _role(system, role, policies)
        grants.append(Grant(user, role, path))
        for policy in policies.get(role, ()):
            found[policy.id] = policy
            grants.append(Grant(user, policy.id, (*path, role)))
    accounts = tuple(_account(system, user) for _, user in sorted(users.items()))
    return accounts, tuple(found.values()), tuple(dict.fromkeys(grants))


def _account(system: str, user: IdentityStoreUser) -> Account:
    status = {True: Status.ACTIVE, False: Status.DISABLED, None: Status.UNKNOWN}[user.active]
    return Account(
        system=system,
        id=user.id,
        login=user.login,
        name=user.name,
        status=status,
        email=user.email,
        employee_id=user.employee_id,
    )


def _group(system: str, id_: str, names: Mapping[str, str]) -> Entitlement:
    return Entitlement(
        system, f"identity-center:group/{id_}", names.get(id_, id_), EntitlementKind.GROUP, container=True
    )


def _role(system: str, arn: str, known: Collection[str]) -> Entitlement:
    name = arn.rpartition("/")[2]
    made = RESERVED.fullmatch(name)
    # Only a role whose policies were read carries them; any other stays unclassified.
    return Entitlement(system, arn, made["set"] if made else name, EntitlementKind.ROLE, container=arn in known)
