"""
One action, all its targets at once: on which users, groups, roles and policies a principal may do it.

The mirror of `by_resource`: there one resource and all actions, here one action and all resources, as numbered bits. It
is for resources of one account without a policy of their own; the trust policies of roles are asked apart
(`role_chaining`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from types import MappingProxyType

from policies.permissions.aws.access.by_resource import is_personal
from policies.permissions.aws.evaluation.applies import Scope
from policies.permissions.aws.evaluation.context import Context, MissingValue
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.evaluate import names_action, rcp_services
from policies.permissions.aws.evaluation.operators import matches_protected
from policies.permissions.aws.evaluation.patterns import unprotect, variable_too_early, wildcard_in_type
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Request, Resource

Stated = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case with their values; no value: the request does not have the key."""
_Key = tuple[tuple[str, tuple[str, ...]], ...]
NOTHING_STATED: Stated = MappingProxyType({})
IDENTITY, RCP = "identity", "resource control policy"


@dataclass(frozen=True, slots=True)
class Reached:
    """On which targets an action is allowed."""

    allowed: int
    possible: int
    """Those, and the ones whose answer depends on something."""


@dataclass(frozen=True, slots=True)
class ActionEffects:
    """What statements say of one action: on which targets, for certain and at most."""

    allow: int = 0
    may_allow: int = 0
    deny: int = 0
    may_deny: int = 0

    def __or__(self, other: "ActionEffects") -> "ActionEffects":
        return ActionEffects(
            self.allow | other.allow,
            self.may_allow | other.may_allow,
            self.deny | other.deny,
            self.may_deny | other.may_deny,
        )


NOTHING = ActionEffects()


@dataclass(frozen=True, slots=True)
class Layers:
    """What the kinds of policy say of one action; where there is no policy of a kind, it limits nothing."""

    identity: ActionEffects
    boundary: ActionEffects
    session: ActionEffects
    levels: tuple[ActionEffects, ...]
    """Service and resource control policies, level by level."""

    @property
    def deny(self) -> int:
        """Targets on which the action is denied for certain."""
        return reduce(or_, (said.deny for said in self._all()))

    @property
    def may_deny(self) -> int:
        """Targets on which the action may be denied."""
        return reduce(or_, (said.may_deny for said in self._all()))

    def above(self, *, certain: bool) -> int:
        """Return the targets that the organization leaves open."""
        return reduce(and_, (said.allow if certain else said.may_allow for said in self.levels), -1)

    def reached(self) -> Reached:
        """Return what all of them come to, for targets without a policy of their own."""
        own = (self.identity, self.boundary, self.session)
        certain = reduce(and_, (said.allow for said in own)) & self.above(certain=True)
        possible = reduce(and_, (said.may_allow for said in own)) & self.above(certain=False)
        return Reached(certain & ~self.may_deny, possible & ~self.deny)

    def _all(self) -> tuple[ActionEffects, ...]:
        return (self.identity, self.boundary, self.session, *self.levels)


class Targets:
    """Resources, numbered: target `i` is bit `i`. Of each, condition keys may be known beyond its tags."""

    def __init__(self, resources: Sequence[Resource], stated: Sequence[Stated] = ()) -> None:
        self.resources = tuple(resources)
        self.stated = tuple(stated) or (NOTHING_STATED,) * len(self.resources)
        self.arns = tuple(resource.arn for resource in self.resources)
        self.number = {arn: i for i, arn in enumerate(self.arns)}
        self.all = (1 << len(self.arns)) - 1
        self.keys = frozenset(key for stated in self.stated for key in stated)
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
            at = self.number.get(unprotect(pattern))
            one = 0 if at is None else 1 << at
            return one, one
        certain = possible = 0
        for i, arn in enumerate(self.arns):
            if matches_protected(pattern, arn):
                possible |= 1 << i
                certain |= 0 if wildcard_in_type(pattern, arn) else 1 << i
        return certain, possible

    def asked_by(self, statement: PolicyStatement) -> bool:
        """Whether a statement's conditions or variables ask about the target itself."""
        keys = (key.lower() for _, key, _ in statement.conditions)
        values = (value for _, _, found in statement.conditions for value in found)
        texts = [text.lower() for text in (*values, *(statement.resources or ())) if "${" in text]
        return any(self._about_target(key) for key in keys) or any(
            "${aws:resource" in text or any(f"${{{key}" in text for key in self.keys) for text in texts
        )

    def _about_target(self, key: str) -> bool:
        return key.startswith("aws:resource") or key in self.keys

    def names(self, bits: int) -> Iterator[str]:
        """Yield the ARNs of a set."""
        return (self.arns[i] for i in numbers(bits))


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits of a set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def union(sets: Sequence[int], chosen: int) -> int:
    """Return the union of the chosen sets, all of them bits of whole numbers."""
    return reduce(or_, (sets[i] for i in numbers(chosen)), 0)


class ActionEvaluator:
    """Answers for the principals of one account."""

    def __init__(self, targets: Targets, account: str, limits: Organization) -> None:
        self.targets, self.account, self.limits = targets, account, limits
        self._nothing_limits = ActionEffects(targets.all, targets.all, 0, 0)
        self._kept: dict[tuple[tuple[int, ...], str, bool, _Key | None], ActionEffects] = {}
        self._alive: list[tuple[PolicyDocument, ...]] = []
        """`_kept` knows documents by identity."""

    def over(self, principal: Principal, action: str, stated: Stated = NOTHING_STATED) -> Reached:
        """Return on which targets a principal may do a lower-case action."""
        if principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS) or principal.account != self.account:
            return Reached(0, 0)
        layers = self.layers(principal, action, stated)
        if principal.kind is PrincipalKind.ROOT:
            every = self._nothing_limits
            layers = Layers(every, every, every, layers.levels)
        return layers.reached()

    def layers(self, principal: Principal, action: str, stated: Stated = NOTHING_STATED) -> Layers:
        """Return what each kind of policy says."""
        one = _Asked(self, principal, action, stated)
        levels: list[tuple[str, tuple[PolicyDocument, ...]]] = []
        if not (self.limits.management or principal.service_linked):
            levels += [(IDENTITY, level) for level in self.limits.scps or ()]
            if action.partition(":")[0] in rcp_services():
                levels += [(RCP, level) for level in self.limits.rcps or ()]
        return Layers(
            one.said(IDENTITY, principal.identity),
            one.said(IDENTITY, (principal.boundary,)) if principal.boundary else self._nothing_limits,
            one.said(IDENTITY, principal.session) if principal.session is not None else self._nothing_limits,
            tuple(one.said(kind, level) for kind, level in levels),
        )

    def kept(self, documents: tuple[PolicyDocument, ...], asked: "_Asked", kind: str) -> ActionEffects | None:
        """Return what was found out before about documents that say the same of everybody."""
        ids = tuple(map(id, documents))
        rcp = kind == RCP
        found = self._kept.get((ids, asked.action, rcp, None))
        return found if found is not None else self._kept.get((ids, asked.action, rcp, asked.key))

    def keep(
        self, documents: tuple[PolicyDocument, ...], asked: "_Asked", kind: str, said: ActionEffects, *, whatever: bool
    ) -> None:
        """Remember it; `whatever` is stated, where no statement has conditions."""
        self._alive.append(documents)
        key = None if whatever else asked.key
        self._kept[tuple(map(id, documents)), asked.action, kind == RCP, key] = said


class _Asked:
    """One principal and one action."""

    def __init__(self, reach: ActionEvaluator, principal: Principal, action: str, stated: Stated) -> None:
        self.action, self.stated = action, stated
        self.key = tuple(sorted(stated.items()))
        self._reach, self._targets, self._principal = reach, reach.targets, principal
        self._scope: Scope | None = None
        self._context: Context | None = None

    def said(self, kind: str, documents: tuple[PolicyDocument, ...]) -> ActionEffects:
        kept = self._reach.kept(documents, self, kind)
        if kept is not None:
            return kept
        said, personal, whatever = NOTHING, False, True
        everything = self._targets.all
        for document in documents:
            if document.problem:
                said |= ActionEffects(0, everything, 0, everything)
            for statement in document.statements:
                if names_action(statement, self.action):
                    personal = personal or is_personal(statement)
                    whatever = whatever and not statement.conditions
                    said |= self._statement(kind, document, statement)
        if not personal:
            self._reach.keep(documents, self, kind, said, whatever=whatever)
        return said

    def _statement(self, kind: str, document: PolicyDocument, statement: PolicyStatement) -> ActionEffects:
        everything = self._targets.all
        misplaced = statement.principals is not None and kind != RCP
        if statement.problem or misplaced:
            return ActionEffects(0, everything, 0, 0) if statement.allows else ActionEffects(0, 0, 0, everything)
        if self._targets.asked_by(statement):
            certain, possible = self._one_by_one(kind, document, statement)
        else:
            truth = self._conditions(document, statement)
            if truth is False:
                return NOTHING
            certain, possible = self._resources(document, statement)
            certain = certain if truth else 0
        return ActionEffects(certain, possible, 0, 0) if statement.allows else ActionEffects(0, 0, certain, possible)

    def _one_by_one(self, kind: str, document: PolicyDocument, statement: PolicyStatement) -> tuple[int, int]:
        certain = possible = 0
        _, worth_asking = self._resources(document, statement)
        for i in numbers(worth_asking):
            truth, _ = Scope(self.request(i)).applies(kind, document, statement)
            certain |= (truth.value is True) << i
            possible |= (truth.value is not False) << i
        return certain, possible

    def request(self, target: int | None = None) -> Request:
        """Return the question about one target, or with the target left open."""
        resource = Resource("*", self._reach.account) if target is None else self._targets.resources[target]
        known = self.stated if target is None else {**self._targets.stated[target], **self.stated}
        return Request(self._principal, self.action, resource, self._reach.limits, known)

    def _conditions(self, document: PolicyDocument, statement: PolicyStatement) -> bool | None:
        if not statement.conditions:
            return True
        if self._scope is None:
            self._scope = Scope(self.request())
        return self._scope.conditions(document, statement).value

    def _resources(self, document: PolicyDocument, statement: PolicyStatement) -> tuple[int, int]:
        everything = self._targets.all
        if statement.resources is None:
            return 0, everything
        certain = possible = 0
        for pattern in statement.resources:
            filled = self._filled(document, pattern)
            if filled is MissingValue.UNKNOWN:
                possible = everything
            elif isinstance(filled, str) and document.variables and variable_too_early(pattern):
                possible |= self._targets.matching(filled)[1]
            elif isinstance(filled, str):
                surely, at_most = self._targets.matching(filled)
                certain |= surely
                possible |= at_most
        if statement.not_resource:
            return everything & ~possible, everything & ~certain
        return certain, possible

    def _filled(self, document: PolicyDocument, pattern: str) -> str | MissingValue | None:
        if not document.variables or "${" not in pattern:
            return pattern
        if self._context is None:
            self._context = Context(self.request())
        return self._context.fill(pattern)
