"""
IAM users, groups and policies, from the answer of GetAccountAuthorizationDetails to facts.

Shared by the live connector and by the one that reads the saved answer, so that both say the same.
Roles are not accounts of people: they are counted, not returned.
Source: IAM API Reference, GetAccountAuthorizationDetails and its data types.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from connectors.cloud.aws.documents import document_text
from connectors.cloud.aws.shapes import (
    AttachedPermissionsBoundary,
    AttachedPolicy,
    Details,
    GroupDetail,
    ManagedPolicyDetail,
    PolicyDetail,
    RoleDetail,
    UserDetail,
)
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Grant, Status

if TYPE_CHECKING:
    from connectors.cloud.aws.credential_report import Row

ROOT = "<root_account>"
_ACCOUNT = re.compile(r"arn:([^:]+):iam::(\d{12}):", re.ASCII)


class AuthorizationDetails:
    """
    Collects the pages of one account; users, groups and policies may come in any order.

    `parse` checks a page, `add` returns its accounts; `finish` the rest, once everything has been seen.
    """

    def __init__(self, system: str, rows: "Mapping[str, Row] | None", mfa: Mapping[str, bool] | None = None) -> None:
        self._system = system
        self._rows = rows
        self._mfa = mfa or {}
        """By user ARN: what a list of MFA devices says, for users whom the report cannot speak of."""
        self._users: list[UserDetail] = []
        self._groups: dict[str, GroupDetail] = {}
        self._policies: dict[str, ManagedPolicyDetail] = {}
        self._roles: list[RoleDetail] = []
        self._bare_root: Account | None = None

    @property
    def users(self) -> Sequence[UserDetail]:
        """The users that were read."""
        return self._users

    @property
    def group_details(self) -> Iterable[GroupDetail]:
        """The groups that were read."""
        return self._groups.values()

    @property
    def role_details(self) -> Sequence[RoleDetail]:
        """The roles that were read."""
        return self._roles

    @property
    def policies(self) -> Iterable[ManagedPolicyDetail]:
        """The managed policies that were read."""
        return self._policies.values()

    @property
    def account(self) -> tuple[str, str] | None:
        """The partition and the account of what was read; `None` where no ARN says it."""
        identities: Iterable[UserDetail | GroupDetail | RoleDetail] = (
            *self._users,
            *self._roles,
            *self._groups.values(),
        )
        found = next(filter(None, (_ACCOUNT.match(one.arn) for one in identities)), None)
        return (found[1], found[2]) if found else None

    @property
    def roles(self) -> int:
        """How many roles were read."""
        return len(self._roles)

    @property
    def groups(self) -> int:
        """How many groups were read."""
        return len(self._groups)

    @property
    def local_policies(self) -> int:
        """How many managed policies of the account itself were read."""
        return sum(not _aws_managed(arn) for arn in self._policies)

    def parse(self, answer: Mapping[str, Any]) -> Details:
        """Check one page; raises `SourceMalformed` naming the field that is not as documented."""
        try:
            return Details.model_validate(answer)
        except ValidationError as errors:
            first = errors.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SourceMalformed(
                f"`{self._system}` answered with a `{where}` that is not as documented",
                hint="export again with the AWS command line; do not edit the file",
            ) from None

    def add(self, details: Details) -> tuple[Account, ...]:
        """Take one page, and return its accounts."""
        self._users += details.user_detail_list
        self._groups |= {group.group_name: group for group in details.group_detail_list}
        self._policies |= {policy.arn: policy for policy in details.policies}
        self._roles += details.role_detail_list
        return tuple(self._account(user) for user in details.user_detail_list)

    def without_row(self, details: Details) -> list[tuple[str, str]]:
        """List name and ARN of a page's users whom the credential report does not know, as it is up to 4 h old."""
        return [(user.user_name, user.arn) for user in details.user_detail_list if _row(self._rows, user) is None]

    def learn_mfa(self, devices: Mapping[str, bool]) -> None:
        """Add what a list of MFA devices says, by user ARN."""
        self._mfa = {**self._mfa, **devices}

    def row(self, user: UserDetail) -> "Row | None":
        """Return what the credential report says of a user."""
        return _row(self._rows, user)

    def known_mfa(self, arn: str) -> bool | None:
        """Return what a list of MFA devices says of a user."""
        return self._mfa.get(arn)

    def assume_root(self, mfa: bool | None) -> None:
        """Take it that there is a root user, as every account has, where no credential report speaks of it."""
        self._bare_root = Account(self._system, ROOT, ROOT, "root user of the account", status=Status.UNKNOWN, mfa=mfa)

    def root(self) -> Account | None:
        """Return the root user, when a credential report speaks of it."""
        row = self._rows.get(ROOT) if self._rows else None
        if row is None:
            return self._bare_root
        return Account(
            system=self._system,
            id=ROOT,
            login=ROOT,
            name="root user of the account",
            status=row.status,
            created=row.created,
            last_login=row.last_login,
            last_login_lag_days=1,
            mfa=row.mfa,
        )

    def vanished(self) -> int:
        """Count the users of the credential report who are not among the users read."""
        known = {user.arn for user in self._users}
        return sum(row.user != ROOT and row.arn not in known for row in (self._rows or {}).values())

    def role_policies(self, arns: Container[str]) -> dict[str, tuple[Entitlement, ...]]:
        """Return the policies of roles, by the ARN of the role."""
        return {
            role.arn: (*self._inline(role.arn, role.role_policy_list), *self._attached(role.attached_managed_policies))
            for role in self._roles
            if role.arn in arns
        }

    def finish(self) -> tuple[tuple[Entitlement, ...], tuple[Grant, ...]]:
        """
        Return what is held and by whom.

        Raises `SourceTruncated` when a user is in a group, or holds a policy of this account, that was not described.
        """
        found: dict[str, Entitlement] = {}
        grants: list[Grant] = []
        through: dict[str, tuple[str, ...]] = {}
        for group in self._groups.values():
            found[group.arn] = self._entitlement(group.arn, group.group_name, EntitlementKind.GROUP, container=True)
            held = (*self._inline(group.arn, group.group_policy_list), *self._attached(group.attached_managed_policies))
            found |= {e.id: e for e in held}
            through[group.group_name] = tuple(e.id for e in held)
        for user in self._users:
            own = (*self._inline(user.arn, user.user_policy_list), *self._attached(user.attached_managed_policies))
            boundary = self._boundary(user.permissions_boundary)
            for entitlement in (*own, *boundary):
                found[entitlement.id] = entitlement
                grants.append(Grant(user.user_id, entitlement.id))
            for name in user.group_list:
                group = self._group(name)
                grants.append(Grant(user.user_id, group.arn))
                grants += (Grant(user.user_id, policy, (group.arn,)) for policy in through[name])
        if self.root() is not None:
            found[ROOT] = self._entitlement(ROOT, "root user", EntitlementKind.PRIVILEGE)
            grants.append(Grant(ROOT, ROOT))
        return tuple(found.values()), tuple(grants)

    def _account(self, user: UserDetail) -> Account:
        tags = {tag.key.casefold(): tag.value.strip() for tag in user.tags}
        row = _row(self._rows, user)
        known = self._mfa.get(user.arn)
        return Account(
            system=self._system,
            id=user.user_id,
            login=user.user_name,
            name=tags.get("name") or user.user_name,
            status=Status.UNKNOWN if row is None else row.status,
            email=tags.get("email") or None,
            employee_id=tags.get("employee-id") or None,
            created=utc(user.create_date),
            last_login=row.last_login if row else None,
            last_login_lag_days=1 if row else 0,
            mfa=known if row is None else row.mfa,
            service=tags.get("kind", "").casefold() == "service",
        )

    def _entitlement(
        self, id_: str, name: str, kind: EntitlementKind, document: Any = None, *, container: bool = False
    ) -> Entitlement:
        text = None if document is None else document_text(document)
        return Entitlement(self._system, id_, name, kind, document=text, container=container)

    def _inline(self, owner: str, policies: Iterable[PolicyDetail]) -> list[Entitlement]:
        return [
            self._entitlement(f"{owner}#{p.policy_name}", p.policy_name, EntitlementKind.POLICY, p.policy_document)
            for p in policies
        ]

    def _attached(self, policies: Iterable[AttachedPolicy]) -> list[Entitlement]:
        return [self._managed(p.policy_arn, p.policy_arn, EntitlementKind.POLICY, p.policy_name) for p in policies]

    def _boundary(self, boundary: AttachedPermissionsBoundary | None) -> list[Entitlement]:
        if boundary is None:
            return []
        arn = boundary.permissions_boundary_arn
        # An id of its own: the same policy may be attached to one user and limit another.
        return [self._managed(f"boundary:{arn}", arn, EntitlementKind.BOUNDARY, None)]

    def _managed(self, id_: str, arn: str, kind: EntitlementKind, name: str | None) -> Entitlement:
        policy = self._policies.get(arn)
        if policy is None and not _aws_managed(arn):
            raise SourceTruncated(
                f"`{self._system}` says that the policy `{arn}` is held, but did not describe it",
                hint="export again without `--filter`; if it stays, a policy was deleted while it was read",
            )
        name = name or (policy.policy_name if policy else None) or arn.rpartition("/")[2]
        return self._entitlement(id_, name, kind, default_document(policy) if policy else None)

    def _group(self, name: str) -> GroupDetail:
        if name not in self._groups:
            raise SourceTruncated(
                f"`{self._system}` says that somebody is in the group `{name}`, but did not describe it",
                hint="export again without `--filter`; if it stays, a group was deleted while it was read",
            )
        return self._groups[name]


def default_document(policy: ManagedPolicyDetail) -> Any:
    """Return the document of the version that counts; `None` when it was not in what was read."""
    for version in policy.policy_version_list:
        if version.is_default_version or version.version_id == policy.default_version_id:
            return version.document
    return None


def _aws_managed(arn: str) -> bool:
    """Whether AWS itself keeps the policy, in any partition: `arn:aws-us-gov:iam::aws:policy/…`."""
    return arn.startswith("arn:aws") and arn.split(":")[4:5] == ["aws"]


def _row(rows: "Mapping[str, Row] | None", user: UserDetail) -> "Row | None":
    """Find the user's row; a row of an earlier user of the same name is not it."""
    row = rows.get(user.arn) if rows else None
    created = utc(user.create_date)
    if row is None or row.created is None or created is None:
        return row
    return row if abs((row.created - created).total_seconds()) <= 1 else None


def utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC; one that names no zone is UTC already."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
