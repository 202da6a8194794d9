"""
IAM Identity Center: people and groups, and the permission sets through which they reach one account.

A permission set makes a role `AWSReservedSSO_<set>_<hash>` in each account to which it is assigned; what a person may
do is what that role may do. What a set is to give, and its role does not yet, nobody asks for.
Source: IAM Identity Center and Identity Store API References.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.cloud.aws.calls import Call, CallAccount
from connectors.cloud.aws.estate import AccountAssignment, Gap, IdentityStoreUser, PermissionSet, Role
from connectors.cloud.aws.responses import ResponseSource, malformed, one, record, records, text
from connectors.cloud.aws.responses import items as listed
from connectors.unproven import like_a_page

QUESTION = "identity-center"
ENTERPRISE = "aws:identitystore:enterprise"
RESERVED = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}")


def _call(service: str, operation: str, items: str = "", by: tuple[str, ...] = (), **more: Any) -> Call:
    more_at = "NextToken" if items else ""
    return Call(service, operation, QUESTION, by, items, more_at, place=CallAccount.ORGANIZATION, **more)


SSO, STORE = "sso-admin", "identitystore"
SET = ("PermissionSetArn",)
INSTANCES = _call(SSO, "ListInstances", "Instances")
PROVISIONED = _call(SSO, "ListPermissionSetsProvisionedToAccount", "PermissionSets", ("InstanceArn",))
DESCRIBED = _call(SSO, "DescribePermissionSet", by=SET)
ASSIGNED = _call(SSO, "ListAccountAssignments", "AccountAssignments", SET)
USERS = _call(STORE, "ListUsers", "Users", ("IdentityStoreId",))
GROUPS = _call(STORE, "ListGroups", "Groups", ("IdentityStoreId",))
MEMBERS = _call(STORE, "ListGroupMemberships", "GroupMemberships", ("GroupId",))
CALLS = (
    *(INSTANCES, PROVISIONED, DESCRIBED, ASSIGNED),
    *(USERS, GROUPS, MEMBERS),
)


@dataclass
class IdentityCenter:
    """What was read of it."""

    users: dict[str, IdentityStoreUser] = field(default_factory=dict)
    """Everybody in the identity store, by id."""
    groups: dict[str, str] = field(default_factory=dict)
    """Names of groups, by id."""
    stores: dict[str, str] = field(default_factory=dict)
    """The identity store of each group."""
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Ids of users, by id of the group; only of the groups that lead into this account."""
    sets: tuple[PermissionSet, ...] = ()
    assignments: list[AccountAssignment] = field(default_factory=list)
    held: list[tuple[str, str | None, str]] = field(default_factory=list)
    """For each assignment: ids of user and group, and the ARN of the role."""
    gaps: list[Gap] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)

    def directory(self) -> dict[str, IdentityStoreUser]:
        """Everybody, with the names of the groups that lead into this account."""
        groups: dict[str, list[str]] = {}
        for group, members in self.members.items():
            for user in members:
                groups.setdefault(user, []).append(self.groups.get(group, group))
        return {id_: replace(user, groups=tuple(sorted(groups.get(id_, ())))) for id_, user in self.users.items()}


def read_identity_center(answers: ResponseSource, account: str, roles: Sequence[Role]) -> IdentityCenter:
    """
    Read who reaches the account through Identity Center; raises `Refused`.

    Each role that it made must belong to a permission set that is provisioned here, and each set must have its role;
    each assignment must be of somebody who exists: what does not fit is a gap.
    """
    center = IdentityCenter()
    made = {match["set"]: role.arn for role in roles if (match := RESERVED.fullmatch(role.name))}
    sets: list[PermissionSet] = []
    for instance in records(answers, INSTANCES):
        arn = text(INSTANCES, instance, "InstanceArn")
        provisioned = listed(answers, PROVISIONED, InstanceArn=arn, AccountId=account)
        if not all(isinstance(set_, str) and set_ for set_ in provisioned):
            raise malformed(PROVISIONED, "PermissionSets")
        _read_people(answers, text(INSTANCES, instance, "IdentityStoreId"), center)
        for set_arn in sorted(set(provisioned)):
            set_ = _read_set(answers, arn, set_arn, made)
            sets.append(set_)
            _read_assignments(answers, arn, account, set_, center)
    center.sets = tuple(sorted(sets, key=lambda s: s.arn))
    _compare(made, center)
    compare_people(center)
    return center


def members_of(answers: ResponseSource, store: str, group: str, center: IdentityCenter) -> tuple[str, ...]:
    """Return the ids of a group's members, asked once."""
    if group not in center.members:
        found = records(answers, MEMBERS, IdentityStoreId=store, GroupId=group)
        ids = {text(MEMBERS, record(MEMBERS, member, "MemberId"), "UserId") for member in found}
        center.members[group] = tuple(sorted(ids))
    return center.members[group]


def assign(
    answers: ResponseSource, center: IdentityCenter, principal: tuple[str, str], role: str, through: str
) -> bool:
    """
    Note that a user, or each member of a group, holds a role; `principal` is `("USER" or "GROUP", id)`.

    Returns whether the principal exists.
    """
    kind, id_ = principal
    if kind == "USER" and id_ in center.users:
        center.assignments.append(AccountAssignment(id_, role, (through,)))
        center.held.append((id_, None, role))
        return True
    if kind == "GROUP" and id_ in center.groups:
        name = center.groups[id_]
        for user in members_of(answers, center.stores[id_], id_, center):
            center.assignments.append(AccountAssignment(user, role, (name, through)))
            center.held.append((user, id_, role))
        return True
    return False


def _read_people(answers: ResponseSource, store: str, center: IdentityCenter) -> None:
    # Without the extension the answer has no person numbers (Identity Store API Reference, ListUsers).
    for user in records(answers, USERS, IdentityStoreId=store, Extensions=[ENTERPRISE]):
        found = _user(user)
        center.users[found.id] = found
    for group in records(answers, GROUPS, IdentityStoreId=store):
        id_ = text(GROUPS, group, "GroupId")
        center.groups[id_] = str(group.get("DisplayName") or id_)
        center.stores[id_] = store


def _read_set(answers: ResponseSource, instance: str, arn: str, made: Mapping[str, str]) -> PermissionSet:
    asked = {"InstanceArn": instance, "PermissionSetArn": arn}
    name = text(DESCRIBED, record(DESCRIBED, one(answers, DESCRIBED, **asked) or {}, "PermissionSet"), "Name")
    return PermissionSet(arn, name, made.get(name))


def _read_assignments(
    answers: ResponseSource, instance: str, account: str, set_: PermissionSet, center: IdentityCenter
) -> None:
    found = records(answers, ASSIGNED, InstanceArn=instance, AccountId=account, PermissionSetArn=set_.arn)
    if found and set_.role is None:
        center.gaps.append(Gap("permission-set-without-role", set_.arn, set_.name))
        center.unread[QUESTION] = f"the permission set `{set_.name}` is assigned, but its role was not among the roles"
        return
    for assignment in found:
        principal = (text(ASSIGNED, assignment, "PrincipalType"), text(ASSIGNED, assignment, "PrincipalId"))
        if not assign(answers, center, principal, set_.role or "", set_.name):
            center.gaps.append(Gap("orphan-assignment", principal[1], f"{principal[0].lower()} of `{set_.name}`"))


def _compare(made: Mapping[str, str], center: IdentityCenter) -> None:
    known = {set_.role for set_ in center.sets}
    for arn in sorted(set(made.values()) - known):
        center.gaps.append(Gap("role-without-permission-set", arn, "no set that was read made it"))
        center.unread[QUESTION] = f"the role `{arn.rpartition('/')[2]}` belongs to no permission set that was read"


def compare_people(center: IdentityCenter) -> None:
    """
    Note where the list of users cannot be the whole.

    A member of a group who is not listed was cut off, or made meanwhile. An assignment outlives its user; but where the
    users are just as many as a page, it may be of one who was cut off.
    """
    unlisted = {user for members in center.members.values() for user in members} - center.users.keys()
    center.gaps += [
        Gap("unlisted-member", user, "a member of a group, and not among the users") for user in sorted(unlisted)
    ]
    orphans = [gap for gap in center.gaps if gap.kind == "orphan-assignment"]
    if unlisted:
        center.unread[QUESTION] = f"{len(unlisted)} members of groups are not among the users, so users are missing"
    elif orphans and like_a_page(len(center.users)):
        center.unread[QUESTION] = (
            f"{len(orphans)} assignments are of nobody among the {len(center.users)} users, who are as many as a page"
        )


def _user(user: Mapping[str, Any]) -> IdentityStoreUser:
    emails = [email for email in user.get("Emails", []) if isinstance(email, dict)]
    primary = [email for email in emails if email.get("Primary")] or emails
    id_ = text(USERS, user, "UserId")
    status = user.get("UserStatus")
    extensions = record(USERS, user, "Extensions")
    enterprise = extensions.get(ENTERPRISE)
    number = enterprise.get("employeeNumber") if isinstance(enterprise, dict) else None
    return IdentityStoreUser(
        id=id_,
        login=str(user.get("UserName") or id_),
        name=str(user.get("DisplayName") or user.get("UserName") or id_),
        email=str(primary[0].get("Value") or "") or None if primary else None,
        employee_id=str(number) if number else None,
        active=None if status is None else status == "ENABLED",
    )
