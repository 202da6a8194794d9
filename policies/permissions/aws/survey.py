"""
What every user and role of an AWS account can do, in the capabilities of the catalog: one pass over the whole account.

Of what the evaluator finds, policy by policy; what several policies allow together is told as a way to take over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from connectors.cloud.aws.estate import AwsEstate
from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.access.effective import Effective, Possible
from policies.permissions.aws.access.statement_effects import problem_of
from policies.permissions.aws.documents import GIVES_RIGHTS
from policies.permissions.aws.escalation.methods import methods
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.request import Principal
from policies.permissions.aws.reading import Reading, read_parsed, unknown_names
from policies.permissions.documents import DocumentReader, Unreadable


@dataclass(frozen=True, slots=True)
class Given:
    """What one policy gives one principal."""

    policy: str
    mask: int
    keys: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PrincipalAccess:
    """What one principal can do."""

    arn: str
    mask: int
    gives: tuple[Given, ...]
    becomes: tuple[str, ...]
    """ARNs of the roles that it may become at once."""
    whole_services: tuple[str, ...]
    """Services of which it may do everything."""
    leaves: tuple[str, ...]
    """Roles of other accounts, as its policies name them, that it may assume; what they give is not known here."""
    takeovers: tuple[str, ...]
    """Methods of privilege escalation for which it has all rights; `escalation` says to whom they lead."""
    unreadable: tuple[tuple[str, str], ...]
    """Policies of which something cannot be evaluated, and why."""
    limits: tuple[tuple[str, str], ...] = ()
    """What limits it and could not be read, and why: it can do at most what is said, perhaps less."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Policies that name actions which AWS does not know, and which: these give nothing, the rest is judged."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one set of actions comes to."""

    given: Possible
    """Kept alive, because it is known by identity."""
    mask: int
    keys: tuple[tuple[str, int], ...]
    problem: str
    whole_services: frozenset[str]


class Survey:
    """Answers for a whole account."""

    def __init__(self, estate: AwsEstate, documents: DocumentReader, named: Callable[[str], int | None]) -> None:
        """
        Take the account, what the catalogs make of policies, and what they say of a policy by its name.

        The name counts where something of the policy cannot be evaluated: somebody has looked at it.
        """
        self.effective = Effective(estate)
        self._documents, self._named = documents, named
        self._kept: dict[tuple[int, bool], _Judged] = {}
        self._readings: dict[int, Reading] = {}
        self._kept_said: dict[int, tuple[str, str]] = {}
        self._methods: dict[int, tuple[str, ...]] = {}

    def everybody(self) -> Iterator[PrincipalAccess]:
        """Yield every user, then every role, in the order of their ARNs."""
        account = self.effective.account
        for _, principal in (*account.users.items(), *account.roles.items()):
            yield self._access(principal)

    def _access(self, principal: Principal) -> PrincipalAccess:
        effective = self.effective
        possible, boundary = effective.possible(principal, explained=False), principal.boundary
        gives, whole, actions = dict[str, Given](), frozenset[str](), 0
        unreadable, unknown = dict[str, str](), dict[str, str]()
        own = {document.name: document for document in principal.identity}
        for document in principal.identity:
            problem, strange = self._said(document)
            if problem:
                unreadable[document.name] = problem
            if strange:
                unknown[document.name] = strange
        for name, given in possible.items():
            everything = name in own and self._is_everything(principal, own[name], given)
            found = self._judged(given, everything=everything)
            if found.problem:
                unreadable.setdefault(name, found.problem)
            gives[name] = Given(name, found.mask, found.keys)
            whole |= found.whole_services
            actions |= given.anywhere
        for name in sorted(own.keys() & unreadable.keys()):
            if (mask := self._named(name)) is not None:
                del unreadable[name]
                gives[name] = Given(name, mask, ())
        reached = effective.role_chaining.reached(principal).possible
        return PrincipalAccess(
            arn=principal.arn,
            mask=reduce(or_, (one.mask for one in gives.values()), 0),
            gives=tuple(one for one in gives.values() if one.mask),
            becomes=tuple(effective.role_chaining.roles[i] for i in numbers(reached)),
            whole_services=tuple(sorted(whole)),
            leaves=effective.role_chaining.departures(principal),
            takeovers=self._takeovers(actions),
            unreadable=tuple(unreadable.items()),
            limits=((boundary.name, problem_of(boundary)),) if boundary and problem_of(boundary) else (),
            unknown=tuple(unknown.items()),
        )

    def _takeovers(self, actions: int) -> tuple[str, ...]:
        held = actions & self._needed
        if held not in self._methods:
            names = {name for name, bit in self._bits.items() if bit & held}
            self._methods[held] = tuple(m.id for m in methods().methods if names.issuperset(m.actions))
        return self._methods[held]

    @cached_property
    def _bits(self) -> dict[str, int]:
        needed = {action for method in methods().methods for action in method.actions}
        return {action: self.effective.index.expand(action) or 0 for action in sorted(needed)}

    @cached_property
    def _needed(self) -> int:
        """Every action that some method needs."""
        found = 0
        for bit in self._bits.values():
            found |= bit
        return found

    def _is_everything(self, principal: Principal, document: PolicyDocument, given: Possible) -> bool:
        """Whether a policy allows every action there is; what it gives after all limits is `given`."""
        index = self.effective.index
        if not given.anywhere & self._giving_rights or self._read(document).allowed != index.everything():
            return False
        limits = (*principal.identity, principal.boundary) if principal.boundary else principal.identity
        denied = reduce(or_, (self._read(one).denied for one in limits), 0)
        boundary = self._read(principal.boundary) if principal.boundary else None
        limit = index.everything() if boundary is None or boundary.problem else boundary.allowed
        return limit & ~denied & index.everything() == index.everything()

    @cached_property
    def _giving_rights(self) -> int:
        return reduce(or_, (self.effective.index.expand(action) or 0 for action in GIVES_RIGHTS), 0)

    def _read(self, document: PolicyDocument) -> Reading:
        if id(document) not in self._readings:
            self._readings[id(document)] = read_parsed(document, self.effective.index)
        return self._readings[id(document)]

    def _judged(self, given: Possible, *, everything: bool) -> _Judged:
        key = (id(given), everything)
        if key not in self._kept:
            verdict = self._documents.gives(given, everything=everything)
            problem = verdict.reason if isinstance(verdict, Unreadable) else ""
            whole = frozenset(
                service.name
                for service in self.effective.index.services_in(given.anywhere)
                if given.anywhere & service.mask == service.mask
            )
            self._kept[key] = _Judged(given, verdict.mask, verdict.keys, problem, whole)
        return self._kept[key]

    def _said(self, document: PolicyDocument) -> tuple[str, str]:
        """Say what of a document cannot be evaluated, and which actions it names that AWS does not know."""
        if id(document) not in self._kept_said:
            foreign, unknown = unknown_names(document, self.effective.index)
            self._kept_said[id(document)] = problem_of(document) or foreign, unknown
        return self._kept_said[id(document)]
