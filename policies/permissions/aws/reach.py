"""
One action, all its targets at once: on which users, groups, roles and policies a principal may do it.

The mirror of `bulk`: there one resource and all actions, here one action and all resources, as numbered bits. It is for
resources without a policy of their own; the trust policies of roles are asked apart (`become`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from policies.permissions.aws.applies import Scope
from policies.permissions.aws.bulk import is_personal
from policies.permissions.aws.context import Context, Missing
from policies.permissions.aws.document import Document, Statement
from policies.permissions.aws.evaluate import names_action
from policies.permissions.aws.operators import matches_protected
from policies.permissions.aws.patterns import wildcard_in_type
from policies.permissions.aws.request import Organization, Principal, Request, Resource


@dataclass(frozen=True, slots=True)
class Reached:
    """On which targets an action is allowed."""

    allowed: int
    possible: int
    """Those, and the ones whose answer depends on something."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What statements say of one action: on which targets, for certain and at most."""

    allow: int = 0
    may_allow: int = 0
    deny: int = 0
    may_deny: int = 0

    def __or__(self, other: "_Said") -> "_Said":
        return _Said(
            self.allow | other.allow,
            self.may_allow | other.may_allow,
            self.deny | other.deny,
            self.may_deny | other.may_deny,
        )


NOTHING = _Said()


class Targets:
    """ARNs, numbered: target `i` is bit `i`."""

    def __init__(self, arns: Sequence[str]) -> None:
        self.arns = tuple(arns)
        self.number = {arn: i for i, arn in enumerate(self.arns)}
        self.all = (1 << len(self.arns)) - 1
        self._patterns: dict[str, tuple[int, int]] = {}

    def matching(self, pattern: str) -> tuple[int, int]:
        """Return the targets that a resource pattern fits for certain, and at most (see `wildcard_in_type`)."""
        if pattern not in self._patterns:
            self._patterns[pattern] = self._match(pattern)
        return self._patterns[pattern]

    def _match(self, pattern: str) -> tuple[int, int]:
        if pattern == "*":
            return self.all, self.all
        if "*" not in pattern and "?" not in pattern:
            one = 1 << self.number[pattern] if pattern in self.number else 0
            return one, one
        certain = possible = 0
        for i, arn in enumerate(self.arns):
            if matches_protected(pattern, arn):
                possible |= 1 << i
                certain |= 0 if wildcard_in_type(pattern, arn) else 1 << i
        return certain, possible

    def names(self, bits: int) -> Iterable[str]:
        """Yield the ARNs of a set."""
        while bits:
            lowest = bits & -bits
            yield self.arns[lowest.bit_length() - 1]
            bits ^= lowest


class Reach:
    """Answers for the principals of one account."""

    def __init__(self, targets: Targets, account: str, limits: Organization) -> None:
        self.targets, self._account, self._limits = targets, account, limits
        self._kept: dict[tuple[tuple[int, ...], str], _Said] = {}
        self._alive: list[tuple[Document, ...]] = []
        """`_kept` knows documents by identity."""

    def over(self, principal: Principal, action: str) -> Reached:
        """Return on which targets a principal may do a lower-case action."""
        one = _Asked(self, principal, action)
        identity = one.said(principal.identity)
        limits = [one.said((principal.boundary,))] if principal.boundary else []
        if principal.session is not None:
            limits.append(one.said(principal.session))
        if not (self._limits.management or principal.service_linked):
            limits += [one.said(level) for level in self._limits.scps or ()]
        every = [identity, *limits]
        deny = reduce(or_, (said.deny for said in every))
        may_deny = reduce(or_, (said.may_deny for said in every))
        allowed = reduce(and_, (said.allow for said in every)) & ~may_deny
        return Reached(allowed, reduce(and_, (said.may_allow for said in every)) & ~deny)

    def kept(self, documents: tuple[Document, ...], action: str) -> _Said | None:
        """Return what was found out before about documents that say the same of everybody."""
        return self._kept.get((tuple(map(id, documents)), action))

    def keep(self, documents: tuple[Document, ...], action: str, said: _Said) -> None:
        """Remember it."""
        self._alive.append(documents)
        self._kept[tuple(map(id, documents)), action] = said

    def request(self, principal: Principal, action: str) -> Request:
        """Return the question, with the resource left open."""
        return Request(principal, action, Resource("*", self._account), self._limits)


class _Asked:
    """One principal and one action."""

    def __init__(self, reach: Reach, principal: Principal, action: str) -> None:
        self._reach, self._action = reach, action
        self._request = reach.request(principal, action)
        self._scope: Scope | None = None
        self._context: Context | None = None

    def said(self, documents: Iterable[Document]) -> _Said:
        found = tuple(documents)
        kept = self._reach.kept(found, self._action)
        if kept is not None:
            return kept
        said, personal = NOTHING, False
        for document in found:
            if document.problem:
                everything = self._reach.targets.all
                said |= _Said(0, everything, 0, everything)
            for statement in document.statements:
                if names_action(statement, self._action):
                    personal = personal or is_personal(statement)
                    said |= self._statement(document, statement)
        if not personal:
            self._reach.keep(found, self._action, said)
        return said

    def _statement(self, document: Document, statement: Statement) -> _Said:
        everything = self._reach.targets.all
        if statement.problem:
            return _Said(0, everything, 0, 0) if statement.allows else _Said(0, 0, 0, everything)
        truth = self._conditions(document, statement)
        if truth is False:
            return NOTHING
        certain, possible = self._resources(document, statement)
        certain = certain if truth else 0
        return _Said(certain, possible, 0, 0) if statement.allows else _Said(0, 0, certain, possible)

    def _conditions(self, document: Document, statement: Statement) -> bool | None:
        if not statement.conditions:
            return True
        if self._scope is None:
            self._scope = Scope(self._request)
        return self._scope.conditions(document, statement).value

    def _resources(self, document: Document, statement: Statement) -> tuple[int, int]:
        if statement.resources is None:
            return 0, self._reach.targets.all
        certain = possible = 0
        for pattern in statement.resources:
            filled = self._filled(document, pattern)
            if filled is Missing.UNKNOWN:
                possible = self._reach.targets.all
            elif isinstance(filled, str):
                surely, at_most = self._reach.targets.matching(filled)
                certain |= surely
                possible |= at_most
        if statement.not_resource:
            everything = self._reach.targets.all
            return everything & ~possible, everything & ~certain
        return certain, possible

    def _filled(self, document: Document, pattern: str) -> str | Missing | None:
        if not document.variables or "${" not in pattern:
            return pattern
        if self._context is None:
            self._context = Context(self._request)
        return self._context.fill(pattern)
