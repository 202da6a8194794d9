"""
What every user and role of an AWS account can do, in the capabilities of the catalog: one pass over the whole account.

Of what the evaluator finds, policy by policy; what several policies allow together is told as a way to take over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.cloud.aws.estate import AwsEstate
from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.access.effective import Effective, Possible
from policies.permissions.aws.access.statement_effects import problem_of
from policies.permissions.aws.actions.index import shared_index
from policies.permissions.aws.documents import AwsDocuments
from policies.permissions.aws.escalation.methods import methods
from policies.permissions.aws.evaluation.document import Document
from policies.permissions.aws.evaluation.request import Principal
from policies.permissions.aws.reading import unknown_names
from policies.permissions.documents import Unreadable


@dataclass(frozen=True, slots=True)
class Given:
    """What one policy gives one principal."""

    policy: str
    mask: int
    keys: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
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

    def __init__(self, estate: AwsEstate, access: Mapping[str, int], phi: int) -> None:
        self.effective = Effective(estate)
        self._documents = AwsDocuments(access, phi, shared_index())
        self._kept: dict[int, _Judged] = {}
        self._kept_said: dict[int, tuple[str, str]] = {}
        self._methods: dict[int, tuple[str, ...]] = {}

    def standings(self) -> Iterator[Standing]:
        """Yield every user, then every role, in the order of their ARNs."""
        account = self.effective.account
        for _, principal in (*account.users.items(), *account.roles.items()):
            yield self._standing(principal)

    def _standing(self, principal: Principal) -> Standing:
        effective = self.effective
        possible, boundary = effective.possible(principal, explained=False), principal.boundary
        gives, mask, whole, actions = [], 0, frozenset[str](), 0
        unreadable, unknown = dict[str, str](), dict[str, str]()
        for document in principal.identity:
            problem, strange = self._said(document)
            if problem:
                unreadable[document.name] = problem
            if strange:
                unknown[document.name] = strange
        for name, given in possible.items():
            found = self._judged(given)
            if found.problem:
                unreadable.setdefault(name, found.problem)
            if found.mask:
                gives.append(Given(name, found.mask, found.keys))
                mask |= found.mask
            whole |= found.whole_services
            actions |= given.anywhere
        reached = effective.becoming.reached(principal).possible
        return Standing(
            arn=principal.arn,
            mask=mask,
            gives=tuple(gives),
            becomes=tuple(effective.becoming.roles[i] for i in numbers(reached)),
            whole_services=tuple(sorted(whole)),
            leaves=effective.becoming.departures(principal),
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

    def _judged(self, given: Possible) -> _Judged:
        if id(given) not in self._kept:
            verdict = self._documents.gives(given)
            problem = verdict.reason if isinstance(verdict, Unreadable) else ""
            whole = frozenset(
                service.name
                for service in self.effective.index.services_in(given.anywhere)
                if given.anywhere & service.mask == service.mask
            )
            self._kept[id(given)] = _Judged(given, verdict.mask, verdict.keys, problem, whole)
        return self._kept[id(given)]

    def _said(self, document: Document) -> tuple[str, str]:
        """Say what of a document cannot be evaluated, and which actions it names that AWS does not know."""
        if id(document) not in self._kept_said:
            foreign, unknown = unknown_names(document, self.effective.index)
            self._kept_said[id(document)] = problem_of(document) or foreign, unknown
        return self._kept_said[id(document)]
