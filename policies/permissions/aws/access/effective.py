"""
What the accounts of a collection can effectively do: the judge between a grant and what it counts for.

A policy's grant counts for the actions that it really gives: after denials, boundary, and policies above the account.
What reaches PHI counts on resources that are marked as holding PHI, where any resource of that service is marked; where
none is, nobody has said where the PHI is, and all of them count. A resource policy that lets somebody in on its own,
and the roles that somebody can become, are ways of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.cloud.aws.estate import AwsEstate
from policies.permissions.aws.access.any_resource import AnyResourceEvaluator
from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.access.role_chaining import RoleChaining
from policies.permissions.aws.access.statement_effects import ResourceScope, anywhere, inside, problem_of
from policies.permissions.aws.actions.fitting import EVERY
from policies.permissions.aws.actions.index import ActionIndex, shared_index
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Resource

ASSUME = "sts:assumerole"


@dataclass(frozen=True, slots=True)
class Possible:
    """Of one policy: the actions that it effectively gives, as sets of `shared_index`."""

    anywhere: int = 0
    phi: int = 0
    """Those that reach PHI: on what is marked, or anywhere for services of which nothing is marked."""
    certain: int = 0
    """Those whose answer depends on nothing that is not known."""
    depends: Callable[[int], frozenset[str]] = lambda _: frozenset()
    """Says on which condition keys some actions depend."""
    problem: str = ""
    """What of the policy cannot be evaluated: it gives this much, and perhaps more."""


NOTHING = Possible()


class Effective:
    """Answers for the accounts of one collection."""

    def __init__(self, estate: AwsEstate, index: ActionIndex | None = None) -> None:
        self.estate = estate
        self.account = AwsAccount(estate)
        self.index = index or shared_index()
        self.anywhere_evaluator = AnyResourceEvaluator(self.account, self.index)
        self.role_chaining = RoleChaining(self.account)
        self._anywhere = anywhere(estate.account)
        self._kept: dict[tuple[int, bool], dict[str, Possible]] = {}
        self._by_value: dict[int, Possible] = {}
        self._plains: dict[int, tuple[int, Possible]] = {}
        """By identity of the set, which is kept alive with it."""
        self._alive: list[Principal] = []

    @cached_property
    def places(self) -> tuple[ResourceScope, ...]:
        """The resources that are marked as holding PHI."""
        marked = (facts for facts in self.estate.resources if facts.phi)
        return tuple(inside(self.account.resource(facts)) for facts in marked)

    @cached_property
    def unmarked(self) -> int:
        """The actions of services of which no resource is marked: any of theirs may hold PHI."""
        marked = 0
        for name in {place.service for place in self.places}:
            marked |= self.anywhere_evaluator.service(name)
        return ~marked

    @cached_property
    def unread(self) -> tuple[Resource, ...]:
        """The resources with PHI whose own policy was not read: whom it lets in is not known."""
        return tuple(place.resource for place in self.places if not place.resource.policy_read)

    def principals(self, account: str) -> tuple[Principal, ...]:
        """Return whom an account of the collection acts as at once: an IAM user, or the roles of Identity Center."""
        return self._principals.get(account, ())

    @cached_property
    def _principals(self) -> dict[str, tuple[Principal, ...]]:
        found: dict[str, tuple[Principal, ...]] = {u.id: (self.account.users[u.arn],) for u in self.estate.users}
        for assignment in self.estate.assignments:
            role = self.account.roles.get(assignment.role)
            if role is not None and role not in found.get(assignment.user, ()):
                found[assignment.user] = (*found.get(assignment.user, ()), role)
        return found

    def holder(self, account: str, path: Iterable[str]) -> Principal | None:
        """Return the principal by which an account holds what a grant names: a role on its path, or the user itself."""
        for id_ in reversed(tuple(path)):
            if id_ in self.account.roles:
                return self.account.roles[id_]
        user = self.principals(account)
        return user[0] if user and user[0].kind is PrincipalKind.USER else None

    @cached_property
    def root_stopped(self) -> bool:
        """Whether the policies above the account leave its root user nothing to do."""
        arn = f"arn:{self.estate.partition}:iam::{self.estate.account}:root"
        root = Principal(arn, PrincipalKind.ROOT, self.estate.account)
        return not any(self.anywhere_evaluator.given(root, self._anywhere).values())

    def possible(self, principal: Principal, *, explained: bool = True) -> Mapping[str, Possible]:
        """
        Return what each policy effectively gives a principal, by the name of its document.

        Not `explained`: nobody asks what is certain, and what the rest depends on.
        """
        key = (id(principal), explained)
        if key not in self._kept:
            self._alive.append(principal)
            self._kept[key] = self._judge(principal, explained=explained)
        return self._kept[key]

    def of_policy(self, principal: Principal, name: str) -> Possible | None:
        """Return what the policy of that name gives; `None` where it is none of the principal's."""
        document = next((document for document in principal.identity if document.name == name), None)
        if document is None:
            return None
        found = self.possible(principal).get(name, NOTHING)
        problem = problem_of(document)
        return replace(found, problem=problem) if problem else found

    def let_in(self, principal: Principal) -> Iterator[tuple[str, Possible]]:
        """Yield the marked resources whose own policy gives a principal something, and what."""
        for place in self.places:
            document = place.resource.policy
            possible = self.possible(principal).get(document.name) if document else None
            if possible is not None:
                yield place.resource.arn, possible

    def becoming_counts(self, *, certain: bool) -> Possible:
        """Return what becoming another counts for: the action that does it."""
        bit = self.index.expand(ASSUME) or 0
        return Possible(bit, bit, bit if certain else 0)

    def _judge(self, principal: Principal, *, explained: bool) -> dict[str, Possible]:
        everywhere = self._given(principal, self._anywhere)
        if not explained and not self.places:
            return {name: self._plain(actions) for name, actions in everywhere.items()}
        at_phi: dict[str, int] = {}
        for place in self.places:
            _merge(at_phi, self._given(principal, place))
        sure: dict[str, int] = {}
        if explained:
            for place in (self._anywhere, *self.places):
                _merge(sure, self.anywhere_evaluator.given(principal, place, certain=True))
        found = {}
        for name in {**everywhere, **at_phi}:
            actions, phi = everywhere.get(name, 0), at_phi.get(name, 0)
            # What is given inside a marked resource is given somewhere.
            actions |= phi
            phi |= actions & self.unmarked
            certain = sure.get(name, 0) if explained else EVERY
            found[name] = Possible(actions, phi, certain, lambda some: self._keys(principal, some))
        return found

    def _plain(self, actions: int) -> Possible:
        """Return the same for the same set, so that who asks need not compare large numbers."""
        if id(actions) not in self._plains:
            possible = self._by_value.setdefault(actions, Possible(actions, actions, EVERY))
            self._plains[id(actions)] = (actions, possible)
        return self._plains[id(actions)][1]

    def _given(self, principal: Principal, place: ResourceScope) -> dict[str, int]:
        given = self.anywhere_evaluator.given(principal, place)
        bit = self.index.expand(ASSUME) or 0
        if place is self._anywhere and any(actions & bit for actions in given.values()):
            for document in principal.identity:
                if given.get(document.name, 0) & bit and not self._assumes(principal, document.name):
                    given[document.name] &= ~bit
        return given

    def _assumes(self, principal: Principal, name: str) -> bool:
        """Whether a policy lets the principal become a role: one that lets it in, or one of another account."""
        own = f":iam::{self.estate.account}:"
        roles = [self.role_chaining.roles[i] for i in numbers(self.role_chaining.reached(principal).possible)]
        for pattern in self.anywhere_evaluator.patterns(
            principal, self._anywhere, name, self.index.expand(ASSUME) or 0
        ):
            if own not in pattern or any(matches(pattern, role) for role in roles):
                return True
        return False

    def _keys(self, principal: Principal, actions: int) -> frozenset[str]:
        places = (self._anywhere, *self.places)
        return frozenset(key for place in places for key in self.anywhere_evaluator.keys(principal, place, actions))


def _merge(into: dict[str, int], more: Mapping[str, int]) -> None:
    for name, actions in more.items():
        into[name] = into.get(name, 0) | actions
