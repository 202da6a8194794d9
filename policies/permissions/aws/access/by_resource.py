"""
All actions of a service at once: what a principal may do with one resource, as sets of actions in one integer.

It follows the order of `evaluate`, with sets in the place of single answers: what is allowed for certain, and what is
possible (allowed, or allowed depending on something that is not known). What documents say about a resource is kept, so
that a thousand users who share policies cost little more than one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.applies import RESOURCE, Scope
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.evaluate import RESOURCE_POLICY_REQUIRED, rcp_services
from policies.permissions.aws.evaluation.principals import Named
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Truth

PERSONAL = ("aws:principal", "aws:user", "${")
"""Condition keys and variables whose value is another for every principal."""


@dataclass(frozen=True, slots=True)
class AllowedActions:
    """What a principal may do with a resource."""

    allowed: int
    """Actions that are allowed whatever is not known."""
    possible: int
    """Those, and the ones whose answer depends on something."""


@dataclass(frozen=True, slots=True)
class _Sets:
    """What statements say: for certain, and at most."""

    allow: int = 0
    may_allow: int = 0
    deny: int = 0
    may_deny: int = 0

    def __or__(self, other: "_Sets") -> "_Sets":
        return _Sets(
            self.allow | other.allow,
            self.may_allow | other.may_allow,
            self.deny | other.deny,
            self.may_deny | other.may_deny,
        )


NOTHING = _Sets()


@dataclass(frozen=True, slots=True)
class _About:
    """What a document says about one resource: of everybody, and the statements that ask who it is."""

    common: _Sets
    personal: tuple[PolicyStatement, ...]


class ResourceEvaluator:
    """Answers for many principals and resources of one account."""

    def __init__(self, index: ActionIndex) -> None:
        self._index = index
        self._about: dict[tuple[int, str, str, str], _About] = {}
        self._documents: list[PolicyDocument] = []
        """Kept alive, because `_about` knows them by identity."""
        self._layers: dict[tuple[tuple[int, ...], str, str, str], _Sets] = {}
        self._named: dict[int, tuple[PolicyStatement, int]] = {}
        """What each statement names, `*` left out; the statement is kept alive, because it is known by identity."""

    def access(self, principal: Principal, resource: Resource, service: str, limits: Organization) -> AllowedActions:
        """Return what a principal may do with a resource, of all actions of a `service` (lower-case prefix)."""
        known = self._index.service(service)
        if known is None:
            return AllowedActions(0, 0)
        request = Request(principal, f"{service}:*", resource, limits)
        return _One(self, request, service, known.mask).access()

    def layer(self, name: str, documents: Iterable[PolicyDocument], one: "_One") -> _Sets:
        """Return what the documents of one kind of policy say."""
        found = tuple(documents)
        key = (tuple(map(id, found)), name, one.resource.arn, one.service)
        if key in self._layers:
            return self._layers[key]
        sets, personal = NOTHING, False
        for document in found:
            about = self._of(name, document, one)
            sets |= about.common
            for statement in about.personal:
                personal = True
                sets |= self.statement(name, document, statement, one)
        if not personal:
            self._layers[key] = sets
        return sets

    def _of(self, name: str, document: PolicyDocument, one: "_One") -> _About:
        key = (id(document), name, one.resource.arn, one.service)
        if key not in self._about:
            self._documents.append(document)
            if document.problem:
                about = _About(_Sets(0, one.relevant, 0, one.relevant), ())
            else:
                personal = tuple(s for s in document.statements if is_personal(s))
                common = (s for s in document.statements if not is_personal(s))
                about = _About(reduce(or_, (self.statement(name, document, s, one) for s in common), NOTHING), personal)
            self._about[key] = about
        return self._about[key]

    def statement(self, name: str, document: PolicyDocument, statement: PolicyStatement, one: "_One") -> _Sets:
        """Return what one statement says."""
        actions = one.relevant if statement.problem else self.actions(statement, one.relevant)
        if not actions:
            return NOTHING
        truth, _ = one.scope.applies(name, document, statement)
        return _sets(statement, truth, actions)

    def actions(self, statement: PolicyStatement, relevant: int) -> int:
        """Return the actions that a statement is about; names that AWS does not document are none."""
        named = relevant if "*" in statement.actions else self._names(statement)
        return relevant & (~named if statement.not_action else named)

    def _names(self, statement: PolicyStatement) -> int:
        """Return the actions that the patterns of a statement name: the same for every service and resource."""
        if id(statement) not in self._named:
            self._named[id(statement)] = statement, self._index.expand_all(statement.actions)
        return self._named[id(statement)][1]


class _One:
    """One principal and one resource."""

    def __init__(self, evaluator: ResourceEvaluator, request: Request, service: str, relevant: int) -> None:
        self.evaluator, self.request, self.service, self.relevant = evaluator, request, service, relevant
        self.principal, self.resource, self.limits = request.principal, request.resource, request.organization
        self.scope = Scope(request)

    def access(self) -> AllowedActions:
        who = self.principal
        identity = self.evaluator.layer("identity", who.identity, self)
        boundary = self._optional("boundary", (who.boundary,) if who.boundary else None)
        session = self._optional("session", who.session)
        by_name = self._resource_policy()
        resource = reduce(or_, by_name.values(), NOTHING)
        levels = self._levels()
        layers = [identity, boundary, session, resource, *levels]
        deny = reduce(or_, (layer.deny for layer in layers))
        may_deny = reduce(or_, (layer.may_deny for layer in layers))
        parts = (identity, boundary, session, resource, by_name)
        allowed = self._combine(*parts, certain=True) & reduce(and_, (s.allow for s in levels), self.relevant)
        possible = self._combine(*parts, certain=False) & reduce(and_, (s.may_allow for s in levels), self.relevant)
        return AllowedActions(allowed & ~may_deny, possible & ~deny)

    def _combine(
        self,
        identity: _Sets,
        boundary: _Sets,
        session: _Sets,
        resource: _Sets,
        by_name: dict[Named, _Sets],
        *,
        certain: bool,
    ) -> int:
        """Follow `evaluate`: what the allowances of all layers come to, before denials."""

        def of(sets: _Sets) -> int:
            return sets.allow if certain else sets.may_allow

        unread = 0 if self.resource.policy_read or certain else self.relevant
        from_resource = of(resource) | unread
        if self.principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
            return from_resource
        if not self.request.same_account:
            # The root user needs no policy of an identity.
            own = self.relevant if self.principal.kind is PrincipalKind.ROOT else of(identity)
            return from_resource & own & of(boundary) & of(session)
        delegated, directly = of(identity), of(by_name[Named.DIRECTLY])
        if self.service in RESOURCE_POLICY_REQUIRED and self.resource.arn != "*":
            delegated &= from_resource
        else:
            directly |= unread
        if self.principal.kind is PrincipalKind.ROOT:
            return from_resource if self.service in RESOURCE_POLICY_REQUIRED else self.relevant
        by_identity = (of(by_name[Named.ROLE]) | delegated) & of(boundary) & of(session)
        return directly | (of(by_name[Named.EVERYBODY]) & of(session)) | by_identity

    def _optional(self, name: str, documents: tuple[PolicyDocument, ...] | None) -> _Sets:
        """Return a layer that limits; where there is none, it limits nothing."""
        if documents is None:
            return _Sets(self.relevant, self.relevant, 0, 0)
        return self.evaluator.layer(name, documents, self)

    def _resource_policy(self) -> dict[Named, _Sets]:
        found = dict.fromkeys(Named, NOTHING)
        document = self.resource.policy
        if document is None:
            return found
        if document.problem:
            found[Named.DIRECTLY] = _Sets(0, self.relevant, 0, self.relevant)
            return found
        for statement in document.statements:
            actions = self.relevant if statement.problem else self.evaluator.actions(statement, self.relevant)
            truth, how = self.scope.applies(RESOURCE, document, statement)
            found[how] |= _sets(statement, truth, actions)
        return found

    def _levels(self) -> list[_Sets]:
        scps, rcps = self.limits.scps or (), self.resource.organization.rcps or ()
        who = self.principal
        if self.limits.management or who.service_linked or who.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
            scps = ()
        if self.resource.organization.management or who.service_linked or self.service not in rcp_services():
            rcps = ()
        return [
            *(
                self.evaluator.layer(f"service control policy, level {n}", level, self)
                for n, level in enumerate(scps, 1)
            ),
            *(
                self.evaluator.layer(f"resource control policy, level {n}", level, self)
                for n, level in enumerate(rcps, 1)
            ),
        ]


def is_personal(statement: PolicyStatement) -> bool:
    """Whether a statement's answer may be another for every principal."""
    keys = (key.lower() for _, key, _ in statement.conditions)
    values = (value for _, _, found in statement.conditions for value in found)
    texts = (*(statement.resources or ()), *keys, *values)
    return any(mark in text for text in texts for mark in PERSONAL)


def _sets(statement: PolicyStatement, truth: Truth, actions: int) -> _Sets:
    if truth.value is False:
        return NOTHING
    certain = actions if truth.value is True else 0
    return _Sets(certain, actions, 0, 0) if statement.allows else _Sets(0, 0, certain, actions)
