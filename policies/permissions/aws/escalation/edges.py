"""
What each identity can do to others, method by method, as sets: the edges of the graph of escalation.

An action is asked of all targets at once (`by_action`), and what policies say is kept, so that the cost grows with
principals × methods and not with pairs of principals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from policies.permissions.aws.access.by_action import ActionEvaluator, Reached, union
from policies.permissions.aws.access.by_resource import is_personal
from policies.permissions.aws.access.role_chaining import RoleChaining
from policies.permissions.aws.access.trust import ASSUME
from policies.permissions.aws.escalation.identities import NumberedIdentities, PrincipalState
from policies.permissions.aws.escalation.methods import (
    OPENED,
    RELATED,
    TARGET,
    TRUSTED,
    Circumstance,
    Gain,
    Method,
    Need,
    methods,
)
from policies.permissions.aws.escalation.targets import MethodTargets
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.request import Principal

NOBODY = Reached(0, 0)
ON_TARGET = (TARGET, TRUSTED, OPENED, *RELATED)


@dataclass(frozen=True, slots=True)
class Edge:
    """What one method opens to one identity."""

    method: Method
    targets: int
    """Identities, groups or policies, as the method's target says."""


@dataclass(slots=True)
class Edges:
    """All that one identity can do, either for certain or at most."""

    become: list[Edge] = field(default_factory=list)
    partly: list[Edge] = field(default_factory=list)
    change: list[Edge] = field(default_factory=list)
    """Raise, join, unbind, strip."""

    def add(self, edge: Edge) -> None:
        """Take in one edge."""
        gains = edge.method.gains
        into = self.become if gains is Gain.BECOME else self.partly if gains is Gain.PARTLY else self.change
        into.append(edge)

    def __bool__(self) -> bool:
        return bool(self.become or self.partly or self.change)


class EdgeFinder:
    """The edges of one account."""

    def __init__(self, identities: NumberedIdentities) -> None:
        self.identities = identities
        self.role_chaining = RoleChaining(identities.account)
        self.subjects = MethodTargets(identities, self.role_chaining.trusts)
        self._found: dict[PrincipalState, tuple[Edges, Edges]] = {}
        self._alike: dict[tuple[object, ...], list[tuple[Method, Reached]]] = {}
        self._mentioned: dict[int, int] = {}
        self._alive: list[PolicyDocument] = []
        self._person: dict[int, bool] = {}

    def edges(self, state: PrincipalState, *, certain: bool) -> Edges:
        """Return what an identity can do to others."""
        if state not in self._found:
            self._found[state] = self._find(self.identities.principal(state))
        return self._found[state][0 if certain else 1]

    def circumstance(self, principal: Principal, method: Method, one: Circumstance) -> tuple[Reached, Reached]:
        """Return the targets of which a circumstance holds, and those for which it can be made to hold."""
        known, unknown = self.subjects.circumstances[one.id]
        new = self.identities.all & ~self.identities.existing
        holds = Reached(known | new | (unknown if one.assumed else 0), known | new | unknown)
        return holds, self._meet(principal, method, one.instead, self.subjects.every(method))

    # ---- one identity ----------------------------------------------------------------------------------------------

    def _find(self, principal: Principal) -> tuple[Edges, Edges]:
        certain, possible = Edges(), Edges()
        for method, reached in (*self._roles(principal), *self._of_policies(principal)):
            if reached.allowed:
                certain.add(Edge(method, reached.allowed))
            if reached.possible:
                possible.add(Edge(method, reached.possible))
        return certain, possible

    def _roles(self, principal: Principal) -> Iterable[tuple[Method, Reached]]:
        """Roles that can be assumed as they are: trust policies name people, so nothing is shared."""
        reached = self._shifted(self.role_chaining.reached(principal))
        if reached.possible:
            for method in self._assuming:
                yield method, reached

    def _of_policies(self, principal: Principal) -> list[tuple[Method, Reached]]:
        """All other methods: the same for all who hold the same policies, unless these ask who somebody is."""
        documents = (*principal.identity, *((principal.boundary,) if principal.boundary else ()))
        if self._personal(documents):
            return list(self._by_methods(principal))
        boundary = id(principal.boundary) if principal.boundary else None
        key = (tuple(map(id, principal.identity)), boundary, principal.kind, principal.service_linked)
        if key not in self._alike:
            self._alive += documents
            self._alike[key] = list(self._by_methods(principal))
        return self._alike[key]

    def _by_methods(self, principal: Principal) -> Iterable[tuple[Method, Reached]]:
        mentioned = self._mentions(principal.identity)
        if principal.boundary is not None:
            mentioned &= self._mentions((principal.boundary,))
        for method, mask in self._masks:
            if mask & ~mentioned == 0:
                reached = self._reached(principal, method)
                if reached.possible:
                    yield method, reached

    def _reached(self, principal: Principal, method: Method) -> Reached:
        reached = self._meet(principal, method, method.needs, self.subjects.targets[method.id])
        for one in method.given if reached.possible else ():
            holds, made = self.circumstance(principal, method, one)
            reached = Reached(
                reached.allowed & (holds.allowed | made.allowed), reached.possible & (holds.possible | made.possible)
            )
        return Reached(0, reached.possible) if method.running else reached

    def _meet(self, principal: Principal, method: Method, needs: Sequence[Need], among: Reached) -> Reached:
        """Return the targets on which all needs are met."""
        by_place: dict[str, list[Need]] = {}
        for need in needs:
            for place in need.places:
                by_place.setdefault(place, []).append(need)
        # What does not depend on the target first: it is the cheapest, and most often missing.
        for place, there in sorted(by_place.items(), key=lambda item: item[0] in ON_TARGET):
            found = self._at(principal, method, there, place)
            among = Reached(among.allowed & found.allowed, among.possible & found.possible)
            if not among.possible:
                return NOBODY
        return among

    # ---- one place -------------------------------------------------------------------------------------------------

    def _at(self, principal: Principal, method: Method, needs: Sequence[Need], place: str) -> Reached:
        """Return the targets on which needs that are about one place are met there."""
        if place == TRUSTED:
            return self._shifted(self.role_chaining.reached(principal))
        if place == OPENED:
            return self._opened(principal)
        if place == TARGET:
            return self._over(self.subjects.reach(method), principal, needs)
        if place in RELATED:
            reach, roles = self.subjects.relations[place]
            found = self._over(reach, principal, needs)
            return Reached(union(roles, found.allowed), union(roles, found.possible))
        found = self._over(self.reach_of(place), principal, needs)
        every = self.subjects.every(method).possible
        return Reached(every if found.allowed else 0, every if found.possible else 0)

    def reach_of(self, place: str) -> ActionEvaluator:
        """Return the reach over what stands for all of a kind."""
        return self.identities.places.reach(methods().places.get(place, (place,)))

    def _over(self, reach: ActionEvaluator, principal: Principal, needs: Sequence[Need]) -> Reached:
        """All the needs on one and the same resource."""
        certain = possible = reach.targets.all
        for need in needs:
            found = reach.over(principal, need.name, self.stated(need))
            certain, possible = certain & found.allowed, possible & found.possible
            if not possible:
                break
        return Reached(certain, possible)

    def _opened(self, principal: Principal) -> Reached:
        """Roles that it could assume once their trust policy named its own session: nothing above, or no denial."""
        reach = self.identities.over_identities
        layers = reach.layers(principal, ASSUME)
        certain, possible = layers.above(certain=True) & ~layers.may_deny, layers.above(certain=False) & ~layers.deny
        return Reached(certain & reach.targets.all, possible & reach.targets.all)

    def stated(self, need: Need) -> dict[str, tuple[str, ...]]:
        """Return the condition keys that whoever makes the request chooses."""
        partition = self.identities.account.estate.partition
        return {key: (value.replace("{partition}", partition),) for key, value in need.stated}

    def _shifted(self, roles: Reached) -> Reached:
        """Turn numbers of roles into numbers of identities."""
        first = self.identities.first_role
        return Reached(roles.allowed << first, roles.possible << first)

    # ---- which actions policies speak of ---------------------------------------------------------------------------

    @cached_property
    def _assuming(self) -> tuple[Method, ...]:
        return tuple(m for m in methods().methods if all(TRUSTED in need.places for need in m.needs))

    @cached_property
    def _masks(self) -> tuple[tuple[Method, int], ...]:
        """Each other method with the set of its actions that a policy of the identity must allow."""
        return tuple(
            (method, _mask(need.name for need in method.needs if OPENED not in need.places))
            for method in methods().methods
            if method not in self._assuming
        )

    def _mentions(self, documents: Iterable[PolicyDocument]) -> int:
        found = 0
        for document in documents:
            if id(document) not in self._mentioned:
                self._alive.append(document)
                self._mentioned[id(document)] = _mentioned(document)
            found |= self._mentioned[id(document)]
        return found

    def _personal(self, documents: Iterable[PolicyDocument]) -> bool:
        return self._levels_personal or any(self._is_personal(document) for document in documents)

    @cached_property
    def _levels_personal(self) -> bool:
        return any(self._is_personal(d) for level in self.identities.account.organization.scps or () for d in level)

    def _is_personal(self, document: PolicyDocument) -> bool:
        if id(document) not in self._person:
            self._alive.append(document)
            self._person[id(document)] = any(is_personal(statement) for statement in document.statements)
        return self._person[id(document)]


@cache
def _actions() -> tuple[str, ...]:
    """All actions of the methods, in lower case."""
    return tuple(sorted({need.name for method in methods().methods for need in method.needs}))


@cache
def _pattern_mask(pattern: str) -> int:
    return sum(1 << i for i, action in enumerate(_actions()) if matches(pattern, action))


def _mask(actions: Iterable[str]) -> int:
    return sum(1 << _actions().index(action) for action in set(actions))


def _mentioned(document: PolicyDocument) -> int:
    """Return the actions of methods that a document may allow, on whatever and whenever."""
    every = (1 << len(_actions())) - 1
    if document.problem:
        return every
    found = 0
    for statement in document.statements:
        if statement.allows:
            named = 0
            for pattern in statement.actions:
                named |= _pattern_mask(pattern)
            found |= every if statement.problem else (every & ~named if statement.not_action else named)
    return found
