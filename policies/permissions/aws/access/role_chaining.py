"""
Who can become whom: which roles a principal may assume, directly and through other roles, to any depth.

A role is assumed when its trust policy lets the principal in; where it only names the account, a policy of the identity
must allow it too (the order of `evaluate`, for all roles at once). A session that became a role loses what it was
before, so a chain is walked role by role, and ends where a role was reached before. What leads into other accounts, and
who is let in from there, is told and not followed: their policies are not here.
Source: IAM User Guide, "Methods to assume a role", "Role chaining".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.permissions.aws.access.by_action import ActionEvaluator, Layers, Reached, Targets, numbers
from policies.permissions.aws.access.trust import ASSUME, Trusts
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.evaluate import decide, names_action
from policies.permissions.aws.evaluation.request import Principal, Request, Resource
from policies.permissions.decision import Deciding, Decision, Outcome


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """One principal may become one role."""

    role: str
    """ARN."""
    certain: bool
    keys: frozenset[str]
    """What it depends on, when it is not certain."""
    because: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True)
class RoleChain:
    """The shortest way from a principal to a role; certain ways come before those that depend on something."""

    steps: tuple[AssumedRole, ...]

    @property
    def role(self) -> str:
        """The role at its end."""
        return self.steps[-1].role

    @property
    def certain(self) -> bool:
        """Whether every step is."""
        return all(step.certain for step in self.steps)


class RoleChaining:
    """Role assumption in one account; sets of roles are numbered as in `roles`."""

    def __init__(self, account: AwsAccount) -> None:
        self._account = account
        self.roles = tuple(sorted(account.trusts))
        """ARNs."""
        self._steps: dict[tuple[int, int], AssumedRole] = {}
        self._reached: dict[int, Reached] = {}
        self._patterns: dict[int, tuple[PolicyDocument, frozenset[str]]] = {}
        """By identity of the document, which is kept alive with it."""
        self._asked: list[Principal] = []
        """Kept alive, because principals are known by identity: the same one may come in several guises."""

    def reached(self, principal: Principal) -> Reached:
        """Return the roles that a principal may become at once."""
        if id(principal) not in self._reached:
            self._asked.append(principal)
            self._reached[id(principal)] = self._at_once(principal)
        return self._reached[id(principal)]

    def steps(self, principal: Principal) -> tuple[AssumedRole, ...]:
        """Return the roles that a principal may become at once, in the order of their ARNs, with what decided."""
        return tuple(self.step(principal, self.roles[i]) for i in numbers(self.reached(principal).possible))

    def chains(self, principal: Principal) -> dict[str, RoleChain]:
        """Return, for every role that a principal can become, the best chain to it, by the role's ARN."""
        ways: dict[int, tuple[int, ...]] = {}
        own = self._number.get(principal.arn, -1)
        # First over certain steps only, so that a certain chain is never hidden by a shorter doubtful one.
        for certain in (True, False):
            self._walk(principal, own, ways, certain=certain)
        return {self.roles[i]: RoleChain(tuple(self._told(principal, way))) for i, way in sorted(ways.items())}

    def step(self, principal: Principal, role: str) -> AssumedRole:
        """Return one step with the statements that decided it."""
        key = (id(principal), self._number[role])
        if key not in self._steps:
            self._asked.append(principal)
            answer = self._decided(principal, role)
            self._steps[key] = AssumedRole(role, answer.outcome is Outcome.ALLOWED, answer.keys, answer.because)
        return self._steps[key]

    @cached_property
    def trusts(self) -> Trusts:
        """The trust policies of the roles."""
        return Trusts(self._targets.resources, self._account.estate.account)

    def departures(self, principal: Principal) -> tuple[str, ...]:
        """Return the roles of other accounts, as its policies name them, that a principal may assume on this side."""
        found = {pattern for document in principal.identity for pattern in self._named(document)}
        return tuple(sorted(pattern for pattern in found if self._leaves(principal, pattern)))

    def _named(self, document: PolicyDocument) -> frozenset[str]:
        """Return the patterns of roles on which a policy of an identity allows to assume them; asked once."""
        if id(document) not in self._patterns:
            found = set[str]()
            for statement in document.statements:
                if statement.allows and not statement.problem and names_action(statement, ASSUME):
                    found |= set(statement.resources or ()) if not statement.not_resource else {"*"}
            self._patterns[id(document)] = document, frozenset(found)
        return self._patterns[id(document)][1]

    def layers(self, principal: Principal) -> Layers:
        """Return what the policies other than the trust policies say of assuming roles."""
        return self._reach.layers(principal, ASSUME)

    # ---- one step --------------------------------------------------------------------------------------------------

    def _at_once(self, principal: Principal) -> Reached:
        certain, possible = self._of_plain(principal, certain=True), self._of_plain(principal, certain=False)
        identity = self.layers(principal).identity.may_allow
        for number in numbers(self.trusts.odd):
            if not self.trusts.may_name(number, principal, delegated=bool(identity >> number & 1)):
                continue
            outcome = self._decided(principal, self.roles[number]).outcome
            certain |= (outcome is Outcome.ALLOWED) << number
            possible |= (outcome in (Outcome.ALLOWED, Outcome.DEPENDS)) << number
        return Reached(certain, possible)

    def _of_plain(self, principal: Principal, *, certain: bool) -> int:
        """Follow `evaluate` for the roles whose trust policies say the same of everybody whom they name."""
        layers = self.layers(principal)
        own = (layers.identity, layers.boundary, layers.session)
        identity, boundary, session = ((said.allow if certain else said.may_allow) for said in own)
        named = self.trusts.named(principal, certain=certain)
        ours = principal.account == self._account.estate.account
        if ours:
            by_identity = (named.role | (identity & named.somehow)) & boundary & session
            allowed = named.directly | (named.everybody & session) | by_identity
        else:
            allowed = identity & named.somehow & boundary & session
        denied = layers.may_deny if certain else layers.deny
        return allowed & layers.above(certain=certain) & ~denied & ~self.trusts.odd

    def _decided(self, principal: Principal, role: str) -> Decision:
        return decide(Request(principal, ASSUME, self._account.trusts[role], self._account.organization))

    # ---- chains ----------------------------------------------------------------------------------------------------

    def _walk(self, principal: Principal, own: int, ways: dict[int, tuple[int, ...]], *, certain: bool) -> None:
        """Add the shortest ways to roles that were not reached yet, length by length."""
        by_length: dict[int, list[tuple[int, ...]]] = {0: [()]}
        for way in ways.values():
            by_length.setdefault(len(way), []).append(way)
        length = 0
        while length <= max(by_length):
            for way in by_length.get(length, []):
                who = self._account.roles[self.roles[way[-1]]] if way else principal
                at_once = self.reached(who)
                for number in numbers(at_once.allowed if certain else at_once.possible):
                    if number not in ways and number != own:
                        ways[number] = (*way, number)
                        by_length.setdefault(length + 1, []).append(ways[number])
            length += 1

    def _told(self, principal: Principal, way: tuple[int, ...]) -> Iterator[AssumedRole]:
        who = principal
        for number in way:
            role = self.roles[number]
            yield self.step(who, role)
            who = self._account.roles[role]

    def _leaves(self, principal: Principal, pattern: str) -> bool:
        parts = pattern.split(":")
        account = parts[4] if len(parts) > 4 else "*"
        if account == self._account.estate.account:
            return False
        elsewhere = Resource(pattern, "" if "*" in account or "?" in account else account, policy_read=False)
        answer = decide(Request(principal, ASSUME, elsewhere, self._account.organization))
        return answer.outcome in (Outcome.ALLOWED, Outcome.DEPENDS)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {arn: number for number, arn in enumerate(self.roles)}

    @cached_property
    def _targets(self) -> Targets:
        return Targets([self._account.trusts[arn] for arn in self.roles])

    @cached_property
    def _reach(self) -> ActionEvaluator:
        return ActionEvaluator(self._targets, self._account.estate.account, self._account.organization)
