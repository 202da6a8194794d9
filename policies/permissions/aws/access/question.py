"""
One question to a saved account: may this principal do this action on this resource, and could it as a role it becomes?

Nothing is judged here that `evaluate` and `role_chaining` do not judge; this finds who is meant, and what is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.cloud.aws.estate import AwsEstate
from connectors.errors import AuditorError, shorten
from policies.permissions.aws.access.role_chaining import RoleChain, RoleChaining
from policies.permissions.aws.access.statement_effects import problem_of
from policies.permissions.aws.access.where import Where, Wherever
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Decision, Outcome

ROOTS = ("root", "<root_account>")
ALLOWING = (Outcome.ALLOWED, Outcome.DEPENDS)
GIVES_ROLES = ("identity-center", "account-access")
OWN_POLICY = "the policy of the resource itself"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one principal may do; `roles` are those that it becomes first, in order."""

    principal: str
    decision: Decision
    roles: tuple[str, ...] = ()
    certain: bool = True
    """Whether becoming them is."""
    keys: frozenset[str] = frozenset()
    """What becoming them depends on."""


@dataclass(frozen=True, slots=True)
class PlaceAllowed:
    """Where one principal may do it; `roles`, `certain` and `keys` as in `Answer`."""

    principal: str
    where: Where
    roles: tuple[str, ...] = ()
    certain: bool = True
    keys: frozenset[str] = frozenset()


class Question:
    """One question."""

    def __init__(
        self, estate: AwsEstate, action: str, resource: str, context: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._estate, self._action, self._context = estate, action, dict(context or {})
        self._account = AwsAccount(estate)
        self._resource = self._find_resource(resource)

    def answers(self, who: str) -> Iterator[Answer]:
        """
        Yield the answer for whoever is meant, then the roles by which it is possible as well.

        Somebody of Identity Center has one answer for each role that he holds. Raises `AuditorError` when nobody is
        meant, or several are.
        """
        for principal in self._find(who):
            yield Answer(principal.arn, self._decide(principal))
            for arn, chain in sorted(self._role_chaining.chains(principal).items()):
                decision = self._decide(self._account.roles[arn])
                if decision.outcome in ALLOWING:
                    yield _through(arn, decision, chain)

    def where(self, who: str) -> Iterator[PlaceAllowed]:
        """Yield where whoever is meant may do it, at once and as the roles that they become; raises as `answers`."""
        wherever = Wherever(self._account, self._action)
        for principal in self._find(who):
            yield from (PlaceAllowed(principal.arn, found) for found in wherever.of(principal))
            for arn, chain in sorted(self._role_chaining.chains(principal).items()):
                for found in wherever.of(self._account.roles[arn]):
                    way = _through(arn, self._decide(self._account.roles[arn]), chain)
                    yield PlaceAllowed(arn, found, way.roles, way.certain, way.keys)

    def unreadable(self, who: str) -> dict[str, str]:
        """Return the policies of whoever is meant, and of the roles that they become, that cannot be read, and why."""
        found: dict[str, str] = {}
        for principal in self._find(who):
            roles = (self._account.roles[arn] for arn in self._role_chaining.chains(principal))
            for one in (principal, *roles):
                limit = (one.boundary,) if one.boundary else ()
                found |= {d.name: why for d in (*one.identity, *limit) if (why := problem_of(d))}
        return found

    def further(self, who: str) -> dict[str, str]:
        """Return what was not read and could give more roles to a person of Identity Center, and why."""
        person = any(who in (p.id, p.login, p.email) for p in self._estate.directory)
        return {name: self._estate.unread[name] for name in GIVES_ROLES if person and name in self._estate.unread}

    @cached_property
    def _role_chaining(self) -> RoleChaining:
        return RoleChaining(self._account)

    def _decide(self, principal: Principal) -> Decision:
        request = Request(principal, self._action, self._resource, self._account.organization, self._context)
        decision = decide(request)
        if self._resource.policy_read or self._resource.arn == "*":
            return decision
        left_out = (*decision.not_considered, OWN_POLICY)
        return Decision(decision.outcome, decision.keys, decision.because, decision.lacking, decision.step, left_out)

    def _find_resource(self, arn: str) -> Resource:
        if arn in self._account.trusts:
            return self._account.trusts[arn]
        known = self._account.resources.get(arn)
        if known is None:
            # What is inside a bucket, a table or a queue stands under the policy of the whole.
            inside = (r for at, r in self._account.resources.items() if arn.startswith((f"{at}/", f"{at}:")))
            known = next(inside, None)
        if known is not None:
            return Resource(arn, known.account, known.policy, known.policy_read, known.tags, known.organization)
        parts = arn.split(":")
        owner = (parts[4] if len(parts) > 4 else "") or self._estate.account
        read = arn == "*" or parts[2:3] == ["iam"]
        return Resource(arn, owner, policy_read=read, organization=self._account.organization)

    def _find(self, who: str) -> tuple[Principal, ...]:
        if who in ROOTS or who == f"arn:{self._estate.partition}:iam::{self._estate.account}:root":
            arn = f"arn:{self._estate.partition}:iam::{self._estate.account}:root"
            return (Principal(arn, PrincipalKind.ROOT, self._estate.account),)
        users = [u for u in self._estate.users if who in (u.arn, u.name, u.id)]
        roles = [r for r in self._estate.roles if who in (r.arn, r.name, r.id)]
        people = [p for p in self._estate.directory if who in (p.id, p.login, p.email)]
        if len(users) + len(roles) + len(people) > 1:
            raise AuditorError(f"{shorten(who)} is the name of several", hint="give the ARN or the id")
        if people:
            held = dict.fromkeys(a.role for a in self._estate.assignments if a.user == people[0].id)
            return tuple(self._account.roles[arn] for arn in held if arn in self._account.roles)
        if users:
            return (self._account.user(users[0]),)
        if roles:
            return (self._account.role(roles[0]),)
        raise AuditorError(f"{shorten(who)} is nobody in what was saved", hint=self._near(who))

    def _near(self, who: str) -> str:
        if "@" in who and "identity-center" in self._estate.unread:
            return f"people of Identity Center were not read: {self._estate.unread['identity-center']}"
        from difflib import get_close_matches  # noqa: PLC0415 - only for who mistyped

        names = [*(u.name for u in self._estate.users), *(r.name for r in self._estate.roles)]
        names += [person.login for person in self._estate.directory]
        near = get_close_matches(who.rpartition("/")[2], names, n=3)
        return f"did you mean {' or '.join(shorten(n) for n in near)}?" if near else "give an ARN, a name or an e-mail"


def _through(arn: str, decision: Decision, chain: RoleChain) -> Answer:
    keys = frozenset(key for step in chain.steps for key in step.keys)
    return Answer(arn, decision, tuple(step.role for step in chain.steps), chain.certain, keys)
