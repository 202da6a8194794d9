"""
What a principal may do somewhere: all actions at once, on whatever resource, or on some resource of a kind.

`by_resource` asks about one resource, `by_action` about one action. Here the resource is left open: a pattern such as
`*`, or what belongs to a bucket. An action counts as possible when a resource may exist on which it is allowed, or
allowed depending on something. So an answer may be too large where patterns meet oddly, never too small; and what is
said to be certain is so. The order is that of `evaluate`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from policies.permissions.aws.access.statement_effects import (
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    EffectReader,
    Query,
    ResourceScope,
    StatementEffect,
    StatementEffects,
    allowed,
    says_different,
)
from policies.permissions.aws.actions.fitting import EVERY
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.evaluate import RESOURCE_POLICY_REQUIRED, rcp_services
from policies.permissions.aws.evaluation.overlap import ANYTHING
from policies.permissions.aws.evaluation.principals import Named
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Resource


class AnyResourceEvaluator:
    """Answers for the principals of one account."""

    def __init__(self, account: AwsAccount, index: ActionIndex) -> None:
        self._index = index
        self._reader = EffectReader(index)
        self.organization = account.organization
        self._kept: dict[tuple[int, str, str], StatementEffects | None] = {}
        self._alive: list[PolicyDocument] = []
        """`_kept` knows documents by identity."""
        self._given: dict[tuple[object, ...], int] = {}
        self.kept_by_identity: dict[tuple[object, ...], int] = {}

    def given(self, principal: Principal, place: ResourceScope, *, certain: bool = False) -> dict[str, int]:
        """
        Return, by the name of each document that gives something, the actions that it lets the principal do there.

        With `certain`, only those whose answer depends on nothing that is not known.
        """
        return _Query(self, principal, place, certain=certain).given()

    def keys(self, principal: Principal, place: ResourceScope, actions: int) -> frozenset[str]:
        """Return the condition keys on which actions depend there."""
        asked = _Query(self, principal, place, certain=False)
        return frozenset(key for entry in asked.about(actions) for key in entry.keys)

    def patterns(self, principal: Principal, place: ResourceScope, name: str, actions: int) -> Iterator[str]:
        """Yield the patterns on which a policy of the identity allows some of these actions; all is `*`."""
        asked = _Query(self, principal, place, certain=False)
        for document in principal.identity:
            for entry in self.entries(IDENTITY, document, asked) if document.name == name else ():
                if entry.allows and entry.actions & actions:
                    yield from (ANYTHING,) if entry.negated else entry.patterns

    def entries(self, layer: str, document: PolicyDocument, asked: "_Query") -> StatementEffects:
        """Return what a document says at a place; kept where it says the same to everybody."""
        key = (id(document), layer, asked.place.name)
        if key not in self._kept:
            personal = layer == RESOURCE or any(map(says_different, document.statements))
            self._alive.append(document)
            self._kept[key] = None if personal else tuple(self._reader.read(layer, document, asked))
        kept = self._kept[key]
        return tuple(self._reader.read(layer, document, asked)) if kept is None else kept

    def is_common(self, layer: str, document: PolicyDocument, place: ResourceScope) -> bool:
        """Whether a document says the same to everybody."""
        return self._kept.get((id(document), layer, place.name)) is not None

    def service(self, name: str) -> int:
        """Return all actions of a service."""
        found = self._index.service(name)
        return found.mask if found else 0

    @cached_property
    def required(self) -> int:
        """The actions whose resources always ask their own policy."""
        return sum(self.service(name) for name in RESOURCE_POLICY_REQUIRED)

    @cached_property
    def _rcp_actions(self) -> int:
        return sum(self.service(name) for name in rcp_services())

    def levels(
        self, principal: Principal, resource: Resource
    ) -> tuple[tuple[str, int, tuple[PolicyDocument, ...]], ...]:
        """Return the policies above an account, level by level, each with its kind and the actions that it is about."""
        limits, theirs = self.organization, resource.organization
        if principal.service_linked:
            return ()
        scps = () if limits.management else limits.scps or ()
        rcps = () if theirs.management else theirs.rcps or ()
        return (
            *((SCP, EVERY, level) for level in scps),
            *((RCP, self._rcp_actions, level) for level in rcps),
        )

    def limit(self, asked: "_Query", pattern: str, *, boundary: bool = True, session: bool = True) -> int:
        """Return the actions that the levels above, and boundary and session, leave open on what fits a pattern."""
        who = asked.principal
        layers = [*self.levels(who, asked.place.resource)]
        if boundary and who.boundary is not None:
            layers.append((IDENTITY, EVERY, (who.boundary,)))
        if session and who.session is not None:
            layers.append((IDENTITY, EVERY, who.session))
        found = EVERY
        for layer, about, documents in layers:
            found &= self._layer(asked, layer, documents, pattern) | ~about
        return found

    def _layer(self, asked: "_Query", layer: str, documents: tuple[PolicyDocument, ...], pattern: str) -> int:
        key = (tuple(map(id, documents)), layer, asked.place.name, pattern, asked.certain)
        if key in self._given:
            return self._given[key]
        entries = [entry for document in documents for entry in self.entries(layer, document, asked)]
        found = allowed(entries, pattern, certain=asked.certain)
        if all(self.is_common(layer, document, asked.place) for document in documents):
            self._given[key] = found
        return found

    def denied(self, asked: "_Query", layer: str, documents: Sequence[PolicyDocument], pattern: str) -> int:
        """Return what is denied: for certain and everywhere; or, for what is certain, perhaps and somewhere."""
        found = 0
        for document in documents:
            for entry in self.entries(layer, document, asked):
                if not entry.allows and (
                    entry.touches(pattern) if asked.certain else (entry.certain and entry.covers(pattern))
                ):
                    found |= entry.actions
        return found


class _Query(Query):
    """One principal and one place."""

    def __init__(
        self, somewhere: AnyResourceEvaluator, principal: Principal, place: ResourceScope, *, certain: bool
    ) -> None:
        super().__init__(principal, place, somewhere.organization)
        self.certain = certain
        self._of = somewhere
        self._left: dict[str, int] = {}

    def given(self) -> dict[str, int]:
        """Return what each document gives."""
        who, place = self.principal, self.place
        asked_for = self._of.service(place.service) if place.service else EVERY
        found: dict[str, int] = {}
        if who.kind is PrincipalKind.ROOT:
            found[who.arn] = self._everything() & asked_for
            return found
        from_resource = self._from_resource()
        for document in who.identity:
            actions = self._kept_by_identity(document)
            if asked_for != EVERY:
                actions &= asked_for
            if actions:
                found[document.name] = found[document.name] | actions if document.name in found else actions
        if place.resource.policy is not None and from_resource & asked_for:
            found[place.resource.policy.name] = from_resource & asked_for
        return found

    def about(self, actions: int) -> Iterator[StatementEffect]:
        """Yield the statements that may be about some of these actions there, and that are not certain."""
        who, policy = self.principal, self.place.resource.policy
        layers: list[tuple[str, Sequence[PolicyDocument]]] = [(IDENTITY, who.identity)]
        layers += [(IDENTITY, (who.boundary,))] if who.boundary else []
        layers += [(IDENTITY, who.session)] if who.session is not None else []
        layers += [(kind, level) for kind, _, level in self._of.levels(who, self.place.resource)]
        layers += [(RESOURCE, (policy,))] if policy else []
        for layer, documents in layers:
            for document in documents:
                for entry in self._of.entries(layer, document, self):
                    if entry.actions & actions and entry.keys and any(map(entry.touches, self.place.patterns)):
                        yield entry

    @property
    def _same_account(self) -> bool:
        return self.principal.account == self.place.resource.account

    def _everything(self) -> int:
        """Return what is open to the root user, who needs no policy of an identity; elsewhere, what lets it in."""
        return self._union(
            self._of.limit(self, p, boundary=False, session=False)
            & ~self._denied(p)
            & (EVERY if self._same_account else self._resource_allows(p))
            for p in self.place.patterns
        )

    def _kept_by_identity(self, document: PolicyDocument) -> int:
        """Return what one policy of the identity gives there; the same for all whom the same policies limit."""
        kept, key = self._of.kept_by_identity, (id(document), self._limited_by, self.place.name, self.certain)
        if self._limited_by is not None and key in kept:
            return kept[key]
        found = self._by_identity(document)
        if self._limited_by is not None and self._of.is_common(IDENTITY, document, self.place):
            kept[key] = found
        return found

    @cached_property
    def _limited_by(self) -> tuple[object, ...] | None:
        """Name what takes away; `None` where it is another for every principal."""
        who, place = self.principal, self.place
        denying = [d for d in who.identity if d.problem or any(not s.allows for s in d.statements)]
        limiting = [d for d in (who.boundary, *(who.session or ())) if d is not None]
        above = [(kind, d) for kind, _, level in self._of.levels(who, place.resource) for d in level]
        for kind, document in [*((IDENTITY, d) for d in (*denying, *limiting)), *above]:
            self._of.entries(kind, document, self)
            if not self._of.is_common(kind, document, place):
                return None
        if place.resource.policy is not None:
            return None
        return (*map(id, denying), "limited by", *map(id, limiting), who.service_linked, who.account)

    def _by_identity(self, document: PolicyDocument) -> int:
        """Return what one policy of the identity gives there."""
        found = 0
        for entry in self._of.entries(IDENTITY, document, self):
            if not entry.allows or not entry.readable or (self.certain and not entry.certain):
                continue
            for pattern in self.place.patterns:
                for part in entry.within(pattern):
                    found |= entry.actions & self._left_open(part)
        return found

    def _left_open(self, pattern: str) -> int:
        """Return what limits and denials leave of what policies of the identity allow on a part of the place."""
        if pattern not in self._left:
            left = self._of.limit(self, pattern) & ~self._denied(pattern)
            if not self._same_account:
                left &= self._resource_allows(pattern)
            elif self.place.resource.arn != ANYTHING:
                left &= self._resource_allows(pattern) | ~self._of.required
            self._left[pattern] = left
        return self._left[pattern]

    def _denied(self, pattern: str) -> int:
        """Return what any policy denies on what fits a pattern."""
        who, policy = self.principal, self.place.resource.policy
        found = self._of.denied(self, IDENTITY, who.identity, pattern)
        for limiting in (who.boundary and (who.boundary,), who.session):
            found |= self._of.denied(self, IDENTITY, limiting or (), pattern)
        for kind, about, level in self._of.levels(who, self.place.resource):
            found |= self._of.denied(self, kind, level, pattern) & about
        return found | (self._of.denied(self, RESOURCE, (policy,), pattern) if policy else 0)

    def _resource_allows(self, pattern: str) -> int:
        """Return what the resource's own policy allows the principal, by whichever name."""
        resource = self.place.resource
        if not resource.policy_read:
            return 0 if self.certain else EVERY
        return allowed(self._resource_entries(), pattern, certain=self.certain)

    def _resource_entries(self) -> StatementEffects:
        policy = self.place.resource.policy
        return self._of.entries(RESOURCE, policy, self) if policy else ()

    def _from_resource(self) -> int:
        """Return what the resource's policy gives on its own: no policy of the identity is needed in one account."""
        if not self._same_account:
            return 0
        found = 0
        for entry in self._resource_entries():
            if not entry.allows or not entry.readable or entry.how is Named.ACCOUNT:
                continue
            if self.certain and not entry.certain:
                continue
            for pattern in self.place.patterns:
                for part in entry.within(pattern):
                    directly = entry.how is Named.DIRECTLY
                    bound = self._of.limit(self, part, boundary=entry.how is Named.ROLE, session=not directly)
                    found |= entry.actions & bound & ~self._denied(part)
        return found

    @staticmethod
    def _union(sets: Iterable[int]) -> int:
        found = 0
        for one in sets:
            found |= one
        return found
