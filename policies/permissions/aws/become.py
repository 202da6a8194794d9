"""
Who can become whom: which roles a principal may assume, directly and through other roles, to any depth.

A role is assumed when its trust policy lets the principal in; where it only names the account, or the principal is of
another account, a policy of the identity must allow it too (`evaluate` decides). A session that became a role loses
what it was before, so a chain is walked role by role. Cycles end where a role was reached before.
Source: IAM User Guide, "Methods to assume a role", "Role chaining".
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.permissions.aws.account import Account
from policies.permissions.aws.evaluate import decide
from policies.permissions.aws.principals import Named, named
from policies.permissions.aws.reach import Reach, Targets
from policies.permissions.aws.request import Principal, Request, Resource
from policies.permissions.decision import Deciding, Outcome

ASSUME = "sts:assumerole"


@dataclass(frozen=True, slots=True)
class Step:
    """One principal may become one role."""

    role: str
    """ARN."""
    certain: bool
    keys: frozenset[str]
    """What it depends on, when it is not certain."""
    because: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The shortest way from a principal to a role; certain ways come before those that depend on something."""

    steps: tuple[Step, ...]

    @property
    def role(self) -> str:
        """The role at its end."""
        return self.steps[-1].role

    @property
    def certain(self) -> bool:
        """Whether every step is."""
        return all(step.certain for step in self.steps)


class Becoming:
    """Role assumption in one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._steps: dict[str, tuple[Step, ...]] = {}

    def steps(self, principal: Principal) -> tuple[Step, ...]:
        """Return the roles that a principal may become at once, in the order of their ARNs."""
        if principal.arn not in self._steps:
            found = (self._step(principal, arn) for arn in self._candidates(principal))
            self._steps[principal.arn] = tuple(step for step in found if step is not None)
        return self._steps[principal.arn]

    def chains(self, principal: Principal) -> dict[str, Chain]:
        """Return, for every role that a principal can become, the best chain to it, by the role's ARN."""
        found: dict[str, Chain] = {}
        # First over certain steps only, so that a certain chain is never hidden by a shorter doubtful one.
        for doubtful in (False, True):
            queue: deque[tuple[Principal, tuple[Step, ...]]] = deque([(principal, ())])
            queue.extend((self._account.roles[arn], chain.steps) for arn, chain in found.items())
            while queue:
                who, way = queue.popleft()
                for step in self.steps(who):
                    if (step.certain or doubtful) and step.role not in found and step.role != principal.arn:
                        found[step.role] = Chain((*way, step))
                        queue.append((self._account.roles[step.role], (*way, step)))
        return found

    def _step(self, principal: Principal, arn: str) -> Step | None:
        account = self._account
        answer = decide(Request(principal, ASSUME, account.trusts[arn], account.organization))
        if answer.outcome not in (Outcome.ALLOWED, Outcome.DEPENDS):
            return None
        return Step(arn, answer.outcome is Outcome.ALLOWED, answer.keys, answer.because)

    def _candidates(self, principal: Principal) -> Iterator[str]:
        """Yield the roles whose trust policy could let the principal in; of most it need not be asked further."""
        allowed = self._reach.over(principal, ASSUME).possible
        for number, arn in enumerate(self._targets.arns):
            how = self._trusted(self._account.trusts[arn], principal)
            if how > Named.ACCOUNT or (how is Named.ACCOUNT and allowed >> number & 1):
                yield arn

    def _trusted(self, role: Resource, principal: Principal) -> Named:
        """Return how the trust policy names the principal at best."""
        document = role.policy
        if document is None:
            return Named.NOT
        if document.problem or any(s.problem for s in document.statements):
            return Named.DIRECTLY
        return max((named(s, principal)[0] for s in document.statements if s.allows), default=Named.NOT)

    @cached_property
    def _targets(self) -> Targets:
        return Targets(sorted(self._account.trusts))

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self._targets, self._account.estate.account, self._account.organization)
