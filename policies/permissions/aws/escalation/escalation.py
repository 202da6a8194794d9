"""
Privilege escalation: how somebody can gain more than they were given, told as a path.

For every user, and every person of Identity Center through the roles assigned: the shortest way to an administrator of
the account, and, for whoever has none for certain, the shortest ways to all identities that hold more. (Administrators
can become anybody: what lies behind is not told again.) Effective permission counts: boundaries, service control
policies, denials, whichever policies and groups the halves of a method come from.
Source: the methods of `escalation.yaml`, each with its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.escalation.administrators import holds_more
from policies.permissions.aws.escalation.graph import Graph
from policies.permissions.aws.escalation.identities import PrincipalState
from policies.permissions.aws.escalation.search import PathSearch
from policies.permissions.aws.escalation.steps import EscalationStep, StepWriter, short
from policies.permissions.aws.escalation.trace import MethodUse
from policies.permissions.aws.evaluation.account import AwsAccount


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """One way of one identity or person to more."""

    who: str
    """ARN of a user or role; of a person, the id in the identity store."""
    starts: tuple[str, ...]
    """ARNs of what is held to begin with: the identity itself, or the roles assigned to the person."""
    to: str
    """ARN of the identity at its end."""
    administrator: bool
    """Whether the end is an administrator of the account."""
    whole: bool
    """False: only part of what the end may do is gained."""
    steps: tuple[EscalationStep, ...]

    @property
    def certain(self) -> bool:
        """Whether every step is allowed for certain, with nothing unknown."""
        return not self.keys

    @property
    def keys(self) -> frozenset[str]:
        """What it depends on."""
        return frozenset(key for step in self.steps for key in step.keys)

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that allow it, in the order of the steps."""
        return tuple(dict.fromkeys(one for step in self.steps for one in step.policies))

    def lines(self) -> tuple[str, ...]:
        """Tell it, a line a step."""
        return tuple(f"{number}. {step.text}" for number, step in enumerate(self.steps, 1))

    def __str__(self) -> str:
        end = "an administrator of the account" if self.administrator else short(self.to)
        return "\n".join((f"{short(self.who)} can become {end}:", *self.lines()))


def escalations(account: AwsAccount, index: ActionIndex | None = None) -> tuple[EscalationPath, ...]:
    """Return the paths of all users, and of all persons who are assigned roles, in the order of their names."""
    return tuple(Escalations(account, index).all())


class Escalations:
    """Answers about one account."""

    def __init__(self, account: AwsAccount, index: ActionIndex | None = None) -> None:
        self.account = account
        self.graph = Graph(account, index)
        self._teller = StepWriter(self.graph)

    def all(self) -> Iterator[EscalationPath]:
        """Yield the paths of all users and persons."""
        for user in self.graph.identities.users:
            yield from self.of(user.arn)
        for person in sorted({assignment.user for assignment in self.account.estate.assignments}):
            yield from self.of_person(person)

    def administrators(self, *, certain: bool = True) -> tuple[str, ...]:
        """Return the ARNs of who is an administrator without any detour."""
        return tuple(self._arn(i) for i in numbers(self.graph.administrators(certain=certain)))

    def of(self, arn: str) -> Iterator[EscalationPath]:
        """Yield the paths of one user or role; raises `KeyError` when the account has none of that ARN."""
        yield from self._paths(arn, 1 << self.graph.identities.number[arn])

    def of_person(self, person: str) -> Iterator[EscalationPath]:
        """Yield the paths of a person of Identity Center, who holds all roles that are assigned."""
        number = self.graph.identities.number
        roles = {number[a.role] for a in self.account.estate.assignments if a.user == person and a.role in number}
        yield from self._paths(person, sum(1 << role for role in roles))

    def to_administrator(self, arn: str, *, certain: bool = True) -> EscalationPath | None:
        """Return the shortest way of a user or role to an administrator; `None` for an administrator too."""
        starts = 1 << self.graph.identities.number[arn]
        way = PathSearch(self.graph, starts, certain=certain).to_administrator()
        return self._path(arn, starts, way, way[-1].becomes, administrator=True) if way else None

    def reached(self, arn: str, *, certain: bool = True) -> tuple[str, ...]:
        """Return the ARNs of all identities that one can become, an administrator's short cut to everybody left out."""
        starts = 1 << self.graph.identities.number[arn]
        found = PathSearch(self.graph, starts, certain=certain).everywhere() & self.graph.identities.existing & ~starts
        return tuple(self._arn(i) for i in numbers(found))

    # ---- paths -----------------------------------------------------------------------------------------------------

    def _paths(self, who: str, starts: int) -> Iterator[EscalationPath]:
        graph = self.graph
        if not starts & graph.active(certain=False) or starts & graph.administrators(certain=True):
            return
        sure = PathSearch(graph, starts, certain=True)
        if way := sure.to_administrator():
            yield self._path(who, starts, way, way[-1].becomes, administrator=True)
            return
        known = sure.everywhere()
        for path, number in self._more(who, starts, sure, known):
            known |= 1 << number
            yield path
        maybe = PathSearch(graph, starts, certain=False)
        way = None if starts & graph.administrators(certain=False) else maybe.to_administrator()
        if way:
            yield self._path(who, starts, way, way[-1].becomes, administrator=True)
            return
        maybe = PathSearch(graph, starts, certain=False)
        for path, _ in self._more(who, starts, maybe, maybe.everywhere(), but=known):
            yield path

    def _more(
        self, who: str, starts: int, ways: PathSearch, reached: int, but: int = 0
    ) -> Iterator[tuple[EscalationPath, int]]:
        """Yield the ways to the identities that hold more, then to those of which only a part is gained."""
        existing = self.graph.identities.existing & ~starts & ~but
        for number in numbers(reached & existing):
            if self._holds_more(number, starts):
                yield self._path(who, starts, ways.way(PrincipalState(number)), PrincipalState(number)), number
        for actor, edge in ways.partly:
            for number in numbers(edge.targets & existing & ~reached):
                reached |= 1 << number
                if self._holds_more(number, starts):
                    last = MethodUse(actor, edge.method, number, PrincipalState(number))
                    yield self._path(who, starts, (*ways.way(actor), last), PrincipalState(number), whole=False), number

    def _holds_more(self, number: int, starts: int) -> bool:
        principals = self.graph.identities.principals
        return all(holds_more(principals[number], principals[start]) for start in numbers(starts))

    def _path(
        self,
        who: str,
        starts: int,
        way: Iterable[MethodUse],
        end: PrincipalState,
        *,
        administrator: bool = False,
        whole: bool = True,
    ) -> EscalationPath:
        return EscalationPath(
            who=who,
            starts=tuple(self._arn(i) for i in numbers(starts)),
            to=self._arn(end.number),
            administrator=administrator,
            whole=whole,
            steps=self._teller.steps(way, end if administrator else None),
        )

    def _arn(self, number: int) -> str:
        return self.graph.identities.principals[number].arn
