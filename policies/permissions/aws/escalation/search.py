"""
The ways from an identity to others and to an administrator: breadth first, certain ways or all.

Whoever controls an identity can do all that it can. What is done to an identity by one that is controlled makes a new
state of it, once it is controlled itself: it may be raised by one and entered through another. Every level is one step
further, so the first way found is a shortest one.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from policies.permissions.aws.access.by_action import numbers
from policies.permissions.aws.escalation.edges import Edge
from policies.permissions.aws.escalation.graph import Graph
from policies.permissions.aws.escalation.identities import PrincipalState
from policies.permissions.aws.escalation.trace import Discovered, MethodUse, SearchTrace

MOST_COMPARED = 32
"""So many ends of one level are compared for the shortest way."""


class _Arrived:
    """Who is newly controlled: identities as they are, and states, which are only made when somebody looks."""

    def __init__(self, plain: int, states: Iterable[PrincipalState] = ()) -> None:
        self.plain = plain
        self._made: list[PrincipalState] = []
        self._to_come = iter(states)

    def states(self) -> Iterator[PrincipalState]:
        """Yield the states."""
        yield from self._made
        for state in self._to_come:
            self._made.append(state)
            yield state

    def all(self) -> tuple[PrincipalState, ...]:
        """Return all of them."""
        return (*(PrincipalState(number) for number in numbers(self.plain)), *self.states())


class PathSearch:
    """The ways from a set of identities that somebody controls."""

    def __init__(self, graph: Graph, starts: int, *, certain: bool) -> None:
        self._graph, self._certain = graph, certain
        self._identities = graph.identities
        self.reached = self._known = starts
        """Identities that are controlled, in whatever state."""
        self.partly: list[tuple[PrincipalState, Edge]] = []
        self._trace = SearchTrace(graph.identities, starts)
        self._latest: dict[tuple[int, int], PrincipalState] = {}
        self._finished = False

    def to_administrator(self) -> tuple[MethodUse, ...] | None:
        """Return a shortest way to an administrator; `()` when a start already is one."""
        best: tuple[MethodUse, ...] | None = None
        administrators = self._graph.administrators(certain=self._certain)
        for level, arrived in enumerate(self._spread()):
            if ends := arrived.plain & administrators:
                # Reached in as many steps as there were levels: no way can be shorter.
                return self.way(PrincipalState((ends & -ends).bit_length() - 1))
            for compared, state in enumerate(filter(self._is_administrator, arrived.states())):
                # The starts come first; all others must be reached and changed.
                least = level if self._trace.starts >> state.number & 1 else max(level + self._late(state), 2)
                if best is not None and (len(best) <= least or compared >= MOST_COMPARED):
                    break
                way = self.way(state)
                best = way if best is None or len(way) < len(best) else best
            if best is not None and len(best) <= level + 1:
                return best
        return best

    def everywhere(self) -> int:
        """Return all identities that can be reached."""
        if not self._finished:
            for _ in self._spread():
                pass
        return self.reached

    def way(self, state: PrincipalState) -> tuple[MethodUse, ...]:
        """Return the moves that lead to a state, in an order in which they can be made."""
        return self._trace.way(state)

    # ---- levels ----------------------------------------------------------------------------------------------------

    def _spread(self) -> Iterator[_Arrived]:
        """Yield who is newly controlled, step by step."""
        arrived, level = _Arrived(self._trace.starts), 0
        while True:
            yield arrived
            # All of them are made before any of them acts.
            everyone = arrived.all()
            if not everyone:
                break
            self._trace.level |= dict.fromkeys(everyone, level)
            level += 1
            self._known, added = self.reached, 0
            for state in everyone:
                added |= self._expand(state)
            arrived = _Arrived(added & self._graph.active(certain=self._certain), self._change(level))
        self._finished = True

    def _expand(self, state: PrincipalState) -> int:
        edges = self._graph.edges(state, certain=self._certain)
        self.partly += ((state, edge) for edge in edges.partly)
        added = 0
        for edge in edges.become:
            new = edge.targets & ~self.reached
            if new:
                self._trace.discovered.append(Discovered(state, edge.method, new))
                self.reached |= new
                added |= new
        for edge in edges.change:
            self._trace.effects.add(state, edge, self._identities)
        return added

    def _is_administrator(self, state: PrincipalState) -> bool:
        status = self._graph.status(state)
        return status.certain if self._certain else status.possible

    def _late(self, state: PrincipalState) -> bool:
        return not self._known >> state.number & 1

    # ---- states ----------------------------------------------------------------------------------------------------

    def _change(self, level: int) -> Iterator[PrincipalState]:
        """Yield the new states of controlled identities, after all that can be done to them; of the starts first."""
        if self._trace.effects.by:
            for among in (self._trace.starts, self.reached & ~self._trace.starts):
                for key, state in self._changed(among):
                    before = self._latest.get(key, PrincipalState(state.number))
                    if state != before:
                        self._latest[key] = state
                        self._trace.before[state] = before
                        self._trace.level[state] = level
                        yield state

    def _changed(self, among: int) -> Iterator[tuple[tuple[int, int], PrincipalState]]:
        done, one = self._trace.effects, self._identities
        users = one.user_bits | one.new_users
        raised = done.raised | (users if done.raised_groups & done.joined else 0)
        unlimited = ~(one.bounded | one.denying)
        # Whom nothing limits is an administrator once raised: one is as good as another, and a few are enough.
        for some in (among & raised & unlimited & self._known, among & raised & unlimited & ~self._known):
            for number in islice(numbers(some), MOST_COMPARED):
                yield (number, 0), PrincipalState(number, raised=True)
        touched = (raised & ~unlimited) | (done.unbound & one.bounded) | (users & ~raised if done.joined else 0)
        strippable = done.strippable(one)
        for number in numbers(among & touched):
            yield from self._states(number, raised & 1 << number, strippable)

    def _states(self, number: int, raised: int, strippable: int) -> Iterator[tuple[tuple[int, int], PrincipalState]]:
        """Yield what an identity can be made into; groups that deny are joined one by one, as they also take away."""
        done, one = self._trace.effects, self._identities
        unbound = bool(done.unbound & one.bounded & 1 << number)
        # What denies may also allow: it is taken away only from who is given everything in its place.
        stripped = bool(raised & strippable)
        joined = 0
        if done.joined and not raised and (one.user_bits | one.new_users) >> number & 1:
            joined = done.joined & ~one.member_of(number)
        yield (number, 0), PrincipalState(number, bool(raised), unbound, stripped, joined & ~one.denying_groups)
        for group in numbers(joined & one.denying_groups):
            yield (number, 1 + group), PrincipalState(number, bool(raised), unbound, stripped, 1 << group)
