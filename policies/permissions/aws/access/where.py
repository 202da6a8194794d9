"""
Where somebody may do one action: the resources, as the policies of the identity name them.

For a question that names no resource: to ask about `*` would be to ask about all resources at once, and to answer "not
allowed" of whoever may do it on some. What the resources' own policies add is another question.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.permissions.aws.access.any_resource import AnyResourceEvaluator
from policies.permissions.aws.access.statement_effects import anywhere
from policies.permissions.aws.actions.index import shared_index
from policies.permissions.aws.actions.self_service import of_oneself
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome


@dataclass(frozen=True, slots=True)
class Where:
    """One pattern of resources on which one policy allows the action."""

    pattern: str
    policy: str
    certain: bool
    """Whether it is so everywhere there, and depends on nothing that is not known."""
    keys: frozenset[str]
    """What it depends on."""


class Wherever:
    """Answers for the principals of one account."""

    def __init__(self, account: AwsAccount, action: str) -> None:
        self._account, self._action = account, action
        self._index = shared_index()
        self._somewhere = AnyResourceEvaluator(account, self._index)
        self._place = anywhere(account.estate.account)
        self._bit = self._index.expand(action) or 0

    def of(self, principal: Principal) -> Iterator[Where]:
        """Yield where a principal may do it, policy by policy; what people do with their own credentials, last."""
        sure = self._somewhere.given(principal, self._place, certain=True)
        for name, actions in self._somewhere.given(principal, self._place).items():
            if not actions & self._bit:
                continue
            certain = bool(sure.get(name, 0) & self._bit)
            keys = frozenset[str]() if certain else self._somewhere.keys(principal, self._place, self._bit)
            if principal.kind is PrincipalKind.ROOT:
                yield Where("*", name, certain, keys)
                continue
            for pattern in dict.fromkeys(self._somewhere.patterns(principal, self._place, name, self._bit)):
                yield Where(pattern, name, certain, keys)
        yield from self._on_oneself(principal)

    def _on_oneself(self, principal: Principal) -> Iterator[Where]:
        """What people may do with their own credentials is left out where power over others is looked for."""
        if principal.kind is not PrincipalKind.USER or not self._bit & of_oneself(self._index):
            return
        myself = Resource(principal.arn, principal.account, organization=self._account.organization)
        answer = decide(Request(principal, self._action, myself, self._account.organization))
        if answer.outcome in (Outcome.ALLOWED, Outcome.DEPENDS):
            for policy in dict.fromkeys(d.document for d in answer.because if d.effect == "Allow"):
                yield Where(principal.arn, policy, answer.outcome is Outcome.ALLOWED, answer.keys)
