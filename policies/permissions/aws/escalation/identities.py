"""
Everything that a method can be about, numbered: identities, groups, policies; and the states an identity can take.

Identities are the users and roles of the account, then the users and roles that somebody could create (without any
right of their own, under each boundary that a policy may demand of new ones). A state is an identity after something
was done to it: given any right, freed of its boundary, of policies that deny, made a member of groups.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.cloud.aws.estate import Role, User
from policies.permissions.aws.access.by_action import ActionEvaluator, Stated, Targets, numbers
from policies.permissions.aws.escalation.administrators import denies
from policies.permissions.aws.escalation.resource_names import Places
from policies.permissions.aws.evaluation.account import SESSION, AwsAccount
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Resource

ANYTHING = parse_document(
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    "the policy that it was given",
)
BOUNDARY_KEY = "iam:permissionsboundary"
TAG_KEYS = ("aws:resourcetag/", "iam:resourcetag/")
MAX_BOUNDARIES = 20
CREATE = {"user": frozenset(["iam:createuser"]), "role": frozenset(["iam:createrole"])}


@dataclass(frozen=True, slots=True, order=True)
class PrincipalState:
    """An identity after something was done to it."""

    number: int
    raised: bool = False
    unbound: bool = False
    stripped: bool = False
    groups: int = 0
    """Groups that it was made a member of."""


class NumberedIdentities:
    """The numbers of one account."""

    def __init__(self, account: AwsAccount) -> None:
        self.account = account
        self.users = sorted(account.estate.users, key=lambda user: user.arn)
        self.roles = sorted(account.estate.roles, key=lambda role: role.arn)
        existing = [account.users[u.arn] for u in self.users] + [account.roles[r.arn] for r in self.roles]
        self.groups = sorted(account.estate.groups, key=lambda group: group.arn)
        self.existing = (1 << len(existing)) - 1
        self.user_bits = (1 << len(self.users)) - 1
        self.first_role = len(self.users)
        self._states: dict[PrincipalState, Principal] = {}
        self.new_users = self.new_roles = 0
        self.principals = existing
        self.places = Places(account, existing)
        for number, (principal, is_user) in enumerate(self._new(), len(existing)):
            self.principals.append(principal)
            self.new_users |= is_user << number
            self.new_roles |= (not is_user) << number
        self.number = {principal.arn: i for i, principal in enumerate(existing)}
        self.all = (1 << len(self.principals)) - 1

    # ---- states ----------------------------------------------------------------------------------------------------

    def principal(self, state: PrincipalState) -> Principal:
        """Return an identity as it is after what was done to it."""
        plain = self.principals[state.number]
        if state == PrincipalState(state.number):
            return plain
        if state not in self._states:
            documents: tuple[PolicyDocument, ...] = plain.identity
            if state.stripped:
                documents = tuple(d for d in documents if not denies(d))
            for i, group in enumerate(self.groups):
                if state.groups >> i & 1:
                    documents += self.account.documents(group)
            documents += (ANYTHING,) if state.raised else ()
            boundary = None if state.unbound else plain.boundary
            self._states[state] = replace(plain, identity=tuple(dict.fromkeys(documents)), boundary=boundary)
        return self._states[state]

    @cached_property
    def bounded(self) -> int:
        """Identities with a permissions boundary."""
        return self._bits(i for i, p in enumerate(self.principals) if p.boundary)

    @cached_property
    def denying(self) -> int:
        """Identities whose own policies deny something."""
        return self._bits(i for i, p in enumerate(self.principals) if any(denies(d) for d in p.identity))

    @cached_property
    def unchangeable(self) -> int:
        """Roles that only AWS itself changes: those linked to services, and those of permission sets."""
        reserved = (
            self.first_role + i
            for i, role in enumerate(self.roles)
            if role.service_linked or role.permission_set or ":role/aws-reserved/" in role.arn
        )
        return self._bits(reserved)

    @cached_property
    def described(self) -> tuple[User | Role, ...]:
        """The existing identities as they were read."""
        return (*self.users, *self.roles)

    # ---- what is where ---------------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> tuple[int, ...]:
        """The users of each group."""
        found = [0] * len(self.groups)
        for number, groups in self._memberships.items():
            for group in numbers(groups):
                found[group] |= 1 << number
        return tuple(found)

    def member_of(self, number: int) -> int:
        """Return the groups of an identity."""
        return self._memberships.get(number, 0)

    @cached_property
    def _memberships(self) -> dict[int, int]:
        at = {group.name: i for i, group in enumerate(self.groups)}
        return {
            number: sum(1 << at[name] for name in set(user.groups) if name in at)
            for number, user in enumerate(self.users)
        }

    @cached_property
    def policies(self) -> tuple[str, ...]:
        """ARNs of the managed policies of the account itself that are used; AWS's own cannot be changed."""
        own = f":{self.account.estate.account}:policy/"
        return tuple(sorted(arn for arn in self.account.estate.managed if own in arn))

    @cached_property
    def attached(self) -> tuple[int, ...]:
        """The identities to which each policy is attached, directly or through a group."""
        found = [0] * len(self.policies)
        for number, one in enumerate(self.described):
            for arn in one.attached:
                if (at := self._policy_number.get(arn)) is not None:
                    found[at] |= 1 << number
        for at, groups in enumerate(self.attached_groups):
            for i, members in enumerate(self.members):
                found[at] |= members if groups >> i & 1 else 0
        return tuple(found)

    @cached_property
    def attached_groups(self) -> tuple[int, ...]:
        """The groups to which each policy is attached."""
        found = [0] * len(self.policies)
        for i, group in enumerate(self.groups):
            for arn in group.attached:
                if (at := self._policy_number.get(arn)) is not None:
                    found[at] |= 1 << i
        return tuple(found)

    @cached_property
    def bounding(self) -> tuple[int, ...]:
        """The identities that each policy limits as their boundary."""
        found = [0] * len(self.policies)
        for number, principal in enumerate(self.principals):
            if principal.boundary and (at := self._policy_number.get(principal.boundary.name)) is not None:
                found[at] |= 1 << number
        return tuple(found)

    @cached_property
    def denials(self) -> Mapping[str, int]:
        """Where the denials of identities come from: `inline`, `attached`, `group`."""
        found = {"inline": 0, "attached": 0, "group": 0}
        for number, one in enumerate(self.described):
            own = self.account.documents(one)
            inline, attached = own[: len(one.inline)], own[len(one.inline) :]
            found["inline"] |= any(denies(d) for d in inline) << number
            found["attached"] |= any(denies(d) for d in attached) << number
        for i, members in enumerate(self.members):
            found["group"] |= members if self.denying_groups >> i & 1 else 0
        return found

    @cached_property
    def denying_groups(self) -> int:
        """Groups whose policies deny something."""
        documents = (self.account.documents(group) for group in self.groups)
        return self._bits(i for i, found in enumerate(documents) if any(denies(d) for d in found))

    # ---- reaches ---------------------------------------------------------------------------------------------------

    @cached_property
    def over_identities(self) -> ActionEvaluator:
        """Answers on the identities themselves."""
        tags = self._tags_asked_for()
        resources = [self._resource(p.arn, p.tags) for p in self.principals]
        return self._reach(resources, [self._known(p, tags) for p in self.principals])

    @cached_property
    def over_groups(self) -> ActionEvaluator:
        """Answers on groups."""
        return self._reach([self._resource(group.arn, {}) for group in self.groups])

    @cached_property
    def over_policies(self) -> ActionEvaluator:
        """Answers on the policies of the account."""
        return self._reach([self._resource(arn, {}) for arn in self.policies])

    def over(self, arns: Iterable[str]) -> ActionEvaluator:
        """Answers on anything else, by ARN."""
        return self._reach([self._resource(arn, {}) for arn in arns])

    def _reach(self, resources: list[Resource], known: list[Stated] | None = None) -> ActionEvaluator:
        return ActionEvaluator(Targets(resources, known or ()), self.account.estate.account, self.account.organization)

    def _resource(self, arn: str, tags: Mapping[str, str]) -> Resource:
        return Resource(arn, self.account.estate.account, tags=tags, organization=self.account.organization)

    def _known(self, principal: Principal, tags: frozenset[str]) -> Stated:
        """What is known of an identity when it is asked for; a tag that it does not have is missing, not unknown."""
        own = {f"{kind}{key.lower()}": (value,) for key, value in principal.tags.items() for kind in TAG_KEYS}
        boundary = (principal.boundary.name,) if principal.boundary else ()
        return {**dict.fromkeys(tags, ()), **own, BOUNDARY_KEY: boundary}

    def _tags_asked_for(self) -> frozenset[str]:
        return frozenset(key for key, _ in self._conditions if key.startswith(TAG_KEYS))

    @cached_property
    def _conditions(self) -> frozenset[tuple[str, str]]:
        """The condition keys, in lower case, and values of all documents."""
        levels = (*(self.account.organization.scps or ()), *(self.account.organization.rcps or ()))
        documents = {id(d): d for level in levels for d in level}
        for principal in self.principals[: self.existing.bit_length()]:
            documents |= {id(d): d for d in (*principal.identity, principal.boundary) if d}
        return frozenset(
            (key.lower(), value)
            for document in documents.values()
            for statement in document.statements
            for _, key, values in statement.conditions
            for value in values or ("",)
        )

    # ---- identities that could be created --------------------------------------------------------------------------

    def _new(self) -> list[tuple[Principal, bool]]:
        """Return users, then roles, that could be created."""
        known = {p.arn for p in self.principals}
        demanded = sorted({value for key, value in self._conditions if key == BOUNDARY_KEY and ":policy/" in value})
        boundaries = [None, *(self.account.managed(arn) for arn in demanded[:MAX_BOUNDARIES] if "*" not in arn)]
        return [
            (self._created(arn, boundary, is_user=kind == "user"), kind == "user")
            for kind in ("user", "role")
            for arn in self.places.names(f"arn:{{partition}}:iam::{{account}}:{kind}/{{name}}", CREATE[kind])
            if arn not in known
            for boundary in boundaries
        ]

    def _created(self, arn: str, boundary: PolicyDocument | None, *, is_user: bool) -> Principal:
        estate = self.account.estate
        name = arn.rpartition("/")[2]
        session = f"arn:{estate.partition}:sts::{estate.account}:assumed-role/{name}/{SESSION}"
        return Principal(
            arn=arn,
            kind=PrincipalKind.USER if is_user else PrincipalKind.ROLE,
            account=estate.account,
            name=name,
            boundary=boundary,
            session_arn="" if is_user else session,
        )

    @cached_property
    def _policy_number(self) -> dict[str, int]:
        return {arn: i for i, arn in enumerate(self.policies)}

    @staticmethod
    def _bits(chosen: Iterable[int]) -> int:
        found = 0
        for number in chosen:
            found |= 1 << number
        return found
