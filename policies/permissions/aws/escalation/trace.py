"""What a search has found so far, and the way back from what it reached to where it began."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.permissions.aws.access.by_action import numbers, union
from policies.permissions.aws.escalation.edges import Edge
from policies.permissions.aws.escalation.identities import NumberedIdentities, PrincipalState
from policies.permissions.aws.escalation.methods import Gain, Kind, Method


@dataclass(frozen=True, slots=True)
class MethodUse:
    """One identity uses one method on one target."""

    actor: PrincipalState
    method: Method
    target: int
    """Number of an identity, group or policy, as the method's target says."""
    becomes: PrincipalState
    """Who is controlled, or changed, after it."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What one edge added: identities that are reached through it."""

    actor: PrincipalState
    method: Method
    added: int


@dataclass(slots=True)
class Effects:
    """What controlled identities can do to others, so far: by whom, with which edge."""

    by: list[tuple[PrincipalState, Edge]] = field(default_factory=list)
    raised: int = 0
    unbound: int = 0
    stripped: dict[str, int] = field(default_factory=lambda: {"inline": 0, "attached": 0})
    raised_groups: int = 0
    joined: int = 0
    left: int = 0

    def add(self, actor: PrincipalState, edge: Edge, one: NumberedIdentities) -> None:
        """Take in what one edge lets one identity do."""
        self.by.append((actor, edge))
        match edge.method.target, edge.method.gains:
            case Kind.GROUP, Gain.RAISE:
                self.raised_groups |= edge.targets
                self.raised |= union(one.members, edge.targets)
            case Kind.GROUP, Gain.JOIN:
                self.joined |= edge.targets
            case Kind.GROUP, Gain.STRIP:
                self.left |= edge.targets
            case Kind.POLICY, _:
                self.raised |= union(one.attached, edge.targets)
                self.raised_groups |= union(one.attached_groups, edge.targets)
                self.unbound |= union(one.bounding, edge.targets)
            case _, Gain.RAISE:
                self.raised |= edge.targets
            case _, Gain.UNBIND:
                self.unbound |= edge.targets
            case _, Gain.STRIP:
                self.stripped[edge.method.strips] |= edge.targets

    def strippable(self, one: NumberedIdentities) -> int:
        """Return the identities from which every policy that denies can be taken."""
        bits = ~(one.denials["inline"] & ~self.stripped["inline"])
        bits &= ~(one.denials["attached"] & ~self.stripped["attached"])
        stuck = union(one.members, one.denying_groups & ~self.left)
        return bits & ~stuck & one.existing & one.denying


@dataclass(slots=True)
class SearchTrace:
    """The record of one search."""

    identities: NumberedIdentities
    starts: int
    discovered: list[Discovered] = field(default_factory=list)
    level: dict[PrincipalState, int] = field(default_factory=dict)
    """Of those who were looked at: how many levels it took to reach them."""
    before: dict[PrincipalState, PrincipalState] = field(default_factory=dict)
    """By state: the one that it was before."""
    effects: Effects = field(default_factory=Effects)

    def way(self, state: PrincipalState) -> tuple[MethodUse, ...]:
        """Return the moves that lead to a state, each once, in an order in which they can be made."""
        moves: dict[tuple[PrincipalState, str, int, int], MethodUse] = {}
        self._gather(state, moves, set())
        return tuple(moves.values())

    def _gather(
        self,
        state: PrincipalState,
        moves: dict[tuple[PrincipalState, str, int, int], MethodUse],
        seen: set[PrincipalState],
    ) -> None:
        if state in seen:
            return
        seen.add(state)
        if state in self.before:
            self._gather(self.before[state], moves, seen)
            for move in self._changes(self.before[state], state):
                self._gather(move.actor, moves, seen)
                moves[move.actor, move.method.id, move.target, move.becomes.number] = move
        elif not self.starts >> state.number & 1:
            found = next(one for one in self.discovered if one.added >> state.number & 1)
            self._gather(found.actor, moves, seen)
            move = MethodUse(found.actor, found.method, state.number, state)
            moves[move.actor, move.method.id, move.target, state.number] = move

    def _changes(self, before: PrincipalState, after: PrincipalState) -> Iterator[MethodUse]:
        """Yield the moves that make one state of another."""
        found: list[MethodUse | None] = []
        if after.unbound and not before.unbound:
            found.append(self._first(Gain.UNBIND, after))
        if after.stripped and not before.stripped:
            found += self._strips(after)
        found += (self._on_group(Gain.JOIN, group, after) for group in numbers(after.groups & ~before.groups))
        if after.raised and not before.raised:
            found += self._raises(after)
        return (move for move in found if move is not None)

    def _raises(self, after: PrincipalState) -> Iterator[MethodUse]:
        if (move := self._first(Gain.RAISE, after)) is not None:
            yield move
            return
        for group in numbers(self.effects.raised_groups & self.effects.joined):
            both = [self._on_group(gain, group, after) for gain in (Gain.RAISE, Gain.JOIN)]
            if None not in both:
                yield from (move for move in both if move is not None)
                return

    def _first(self, gain: Gain, after: PrincipalState) -> MethodUse | None:
        """Return the first move that does something to an identity."""
        for actor, edge in self._usable(after):
            if (target := self._through(edge, gain, after.number)) is not None:
                return MethodUse(actor, edge.method, target, after)
        return None

    def _through(self, edge: Edge, gain: Gain, number: int) -> int | None:
        """Return the target of an edge by which it does something to an identity."""
        one, method = self.identities, edge.method
        if method.target is Kind.POLICY:
            by_policy = one.bounding if gain is Gain.UNBIND else one.attached
            if gain not in (Gain.RAISE, Gain.UNBIND):
                return None
            return next((i for i in numbers(edge.targets) if by_policy[i] >> number & 1), None)
        if method.gains is not gain:
            return None
        if method.target is Kind.GROUP:
            return next((i for i in numbers(edge.targets) if one.members[i] >> number & 1), None)
        return number if edge.targets >> number & 1 else None

    def _strips(self, after: PrincipalState) -> Iterator[MethodUse | None]:
        one = self.identities
        for kind in ("inline", "attached"):
            if one.denials[kind] >> after.number & 1:
                edges = ((a, e) for a, e in self._usable(after) if e.method.strips == kind)
                fitting = ((a, e) for a, e in edges if e.targets >> after.number & 1)
                yield next((MethodUse(actor, edge.method, after.number, after) for actor, edge in fitting), None)
        for group in numbers(one.denying_groups):
            if one.members[group] >> after.number & 1:
                yield self._on_group(Gain.STRIP, group, after)

    def _on_group(self, gain: Gain, group: int, after: PrincipalState) -> MethodUse | None:
        for actor, edge in self._usable(after):
            if edge.method.target is Kind.GROUP and edge.method.gains is gain and edge.targets >> group & 1:
                return MethodUse(actor, edge.method, group, after)
            if gain is Gain.RAISE and edge.method.target is Kind.POLICY:
                through = (i for i in numbers(edge.targets) if self.identities.attached_groups[i] >> group & 1)
                if (policy := next(through, None)) is not None:
                    return MethodUse(actor, edge.method, policy, after)
        return None

    def _usable(self, after: PrincipalState) -> Iterator[tuple[PrincipalState, Edge]]:
        """Yield what had been done before a state came about; its own later self cannot have helped."""
        level = self.level[after]
        return ((actor, edge) for actor, edge in self.effects.by if self.level[actor] < level)
