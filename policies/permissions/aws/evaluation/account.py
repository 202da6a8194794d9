"""Principals, resources and limits of one AWS account, ready for questions; every document is parsed once."""

from collections.abc import Iterable
from functools import cached_property

from connectors.cloud.aws.estate import AwsEstate, Group, PolicyText, ResourceFacts, Role, User
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Resource

SESSION = "auditor"
"""The name of the session that a role is asked about."""


class AwsAccount:
    """One account, as the evaluator asks for it."""

    def __init__(self, estate: AwsEstate) -> None:
        self.estate = estate
        self._groups = {group.name: group for group in estate.groups}

    @cached_property
    def organization(self) -> Organization:
        """What limits the account from above; levels that were not read are `None`."""
        path = self.estate.organization
        if path is None:
            unread = "organization" in self.estate.unread
            return Organization(scps=None if unread else (), rcps=None if unread else ())
        inside = "/".join([path.id, *(level.id for level in path.levels[:-1]), ""])
        return Organization(
            id=path.id,
            path=inside,
            management=path.management_account == self.estate.account,
            scps=tuple(self._parsed(level.scps) for level in path.levels) if path.scps_enabled else (),
            rcps=tuple(self._parsed(level.rcps) for level in path.levels) if path.rcps_enabled else (),
        )

    @cached_property
    def users(self) -> dict[str, Principal]:
        """The users of the account, by ARN."""
        return {user.arn: self.user(user) for user in self.estate.users}

    @cached_property
    def roles(self) -> dict[str, Principal]:
        """A session of each role of the account, by the role's ARN."""
        return {role.arn: self.role(role) for role in self.estate.roles}

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The resources that were read, by ARN."""
        return {facts.arn: self.resource(facts) for facts in self.estate.resources}

    @cached_property
    def trusts(self) -> dict[str, Resource]:
        """The roles as resources: their trust policy is their resource policy."""
        return {
            role.arn: Resource(
                role.arn,
                self.estate.account,
                policy=parse_document(role.trust, f"{role.arn} (trust policy)"),
                tags=role.tags,
                organization=self.organization,
            )
            for role in self.estate.roles
        }

    def resource(self, facts: ResourceFacts) -> Resource:
        """Return one resource."""
        return Resource(
            facts.arn,
            facts.account,
            policy=parse_document(facts.policy, f"{facts.arn} (resource policy)") if facts.policy is not None else None,
            policy_read=facts.policy_read,
            tags=facts.tags,
            organization=self.organization,
        )

    def documents(self, identity: User | Group | Role) -> tuple[PolicyDocument, ...]:
        """Return the policies of one identity itself: inline ones, then attached ones."""
        return (*self._parsed(identity.inline), *(self.managed(arn) for arn in identity.attached))

    def managed(self, arn: str) -> PolicyDocument:
        """Return a managed policy; one whose text was not read is unreadable, not empty."""
        text = self.estate.managed.get(arn)
        if text is None:
            return PolicyDocument(arn, problem="its document was not in what was read")
        return parse_document(text, arn)

    def user(self, user: User) -> Principal:
        """Return one user."""
        groups = (self._groups.get(name) for name in user.groups)
        documents = [*self.documents(user), *(d for group in groups if group for d in self.documents(group))]
        documents += [
            PolicyDocument(f"group {name}", problem="the group was not in what was read")
            for name in user.groups
            if name not in self._groups
        ]
        return Principal(
            arn=user.arn,
            kind=PrincipalKind.USER,
            account=self.estate.account,
            name=user.name,
            unique_id=user.id,
            tags=user.tags,
            identity=tuple(documents),
            boundary=self.managed(user.boundary) if user.boundary else None,
        )

    def role(self, role: Role) -> Principal:
        """Return a session of one role."""
        return Principal(
            arn=role.arn,
            kind=PrincipalKind.ROLE,
            account=self.estate.account,
            name=role.name,
            unique_id=role.id,
            tags=role.tags,
            identity=self.documents(role),
            boundary=self.managed(role.boundary) if role.boundary else None,
            session_arn=f"arn:{self.estate.partition}:sts::{self.estate.account}:assumed-role/{role.name}/{SESSION}",
            service_linked=role.service_linked,
        )

    @staticmethod
    def _parsed(policies: Iterable[PolicyText]) -> tuple[PolicyDocument, ...]:
        return tuple(parse_document(policy.text, policy.name) for policy in policies)
