"""
The ways from an identity to others and to an administrator: breadth first, certain ways or all.

Whoever controls an identity can do all that it can. What is done to an identity by one that is controlled makes a new
guise of it, once it is controlled itself: it may be raised by one and entered through another. Every wave is one step
further, so the first way found is a shortest one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.permissions.aws.escalation_edges import Edge
from policies.permissions.aws.escalation_graph import Graph
from policies.permissions.aws.escalation_identities import Guise, Identities
from policies.permissions.aws.escalation_methods import Gain, Kind, Method
from policies.permissions.aws.reach import numbers

MOST_COMPARED = 32
"""So many ends of one wave are compared for the shortest way."""


@dataclass(frozen=True, slots=True)
class Move:
    """One identity uses one method on one target."""

    actor: Guise
    method: Method
    target: int
    """Number of an identity, group or policy, as the method's target says."""
    becomes: Guise
    """Who is controlled, or changed, after it."""


@dataclass(slots=True)
class _Wave:
    """What one edge added: identities that are reached through it."""

    actor: Guise
    method: Method
    added: int


@dataclass(slots=True)
class _Done:
    """What controlled identities can do to others, so far: by whom, with which edge."""

    by: list[tuple[Guise, Edge]] = field(default_factory=list)
    raised: int = 0
    unbound: int = 0
    stripped: dict[str, int] = field(default_factory=lambda: {"inline": 0, "attached": 0})
    raised_groups: int = 0
    joined: int = 0
    left: int = 0


class Ways:
    """The ways from a set of identities that somebody controls."""

    def __init__(self, graph: Graph, starts: int, *, certain: bool) -> None:
        self._graph, self._certain = graph, certain
        self._identities: Identities = graph.identities
        self.starts = starts
        self.reached = starts
        """Identities that are controlled, in whatever guise."""
        self.partly: list[tuple[Guise, Edge]] = []
        self._waves: list[_Wave] = []
        self._level: dict[Guise, int] = {}
        """Of those who were looked at: how many waves it took to reach them."""
        self._before: dict[Guise, Guise] = {}
        """By guise: the one that it was before."""
        self._worn: dict[tuple[int, int], Guise] = {}
        self._done = _Done()
        self._finished = False

    def to_administrator(self) -> tuple[Move, ...] | None:
        """Return a shortest way to an administrator; `()` when a start already is one."""
        best: tuple[Move, ...] | None = None
        before = 0
        for level, arrived in enumerate(self._spread()):
            # Who was reached only now and then raised is a step further away than who was reached before.
            near = sorted((g for g in arrived if self._is_administrator(g)), key=lambda g: self._late(g, before))
            for guise in near[:MOST_COMPARED]:
                if best is not None and len(best) <= level + self._late(guise, before):
                    break
                way = self.way(guise)
                best = way if best is None or len(way) < len(best) else best
            if best is not None and len(best) <= level + 1:
                return best
            before = self.reached
        return best

    @staticmethod
    def _late(guise: Guise, before: int) -> bool:
        return guise != Guise(guise.number) and not before >> guise.number & 1

    def everywhere(self) -> int:
        """Return all identities that can be reached."""
        if not self._finished:
            for _ in self._spread():
                pass
        return self.reached

    # ---- waves -----------------------------------------------------------------------------------------------------

    def _spread(self) -> Iterator[list[Guise]]:
        """Yield who is newly controlled, step by step."""
        arrived = [Guise(i) for i in numbers(self.starts)]
        level = 0
        while arrived:
            self._level |= dict.fromkeys(arrived, level)
            yield arrived
            level += 1
            added = 0
            for guise in arrived:
                added |= self._expand(guise)
            arrived = [Guise(i) for i in numbers(added & self._graph.active(certain=self._certain))]
            arrived += self._change()
        self._finished = True

    def _expand(self, guise: Guise) -> int:
        edges = self._graph.edges(guise, certain=self._certain)
        self.partly += ((guise, edge) for edge in edges.partly)
        added = 0
        for edge in edges.become:
            new = edge.targets & ~self.reached
            if new:
                self._waves.append(_Wave(guise, edge.method, new))
                self.reached |= new
                added |= new
        for edge in edges.change:
            self._do(guise, edge)
        return added

    def _do(self, guise: Guise, edge: Edge) -> None:
        done, one = self._done, self._identities
        done.by.append((guise, edge))
        match edge.method.target, edge.method.gains:
            case Kind.GROUP, Gain.RAISE:
                done.raised_groups |= edge.targets
                done.raised |= _union(one.members, edge.targets)
            case Kind.GROUP, Gain.JOIN:
                done.joined |= edge.targets
            case Kind.GROUP, Gain.STRIP:
                done.left |= edge.targets
            case Kind.POLICY, _:
                done.raised |= _union(one.attached, edge.targets)
                done.raised_groups |= _union(one.attached_groups, edge.targets)
                done.unbound |= _union(one.bounding, edge.targets)
            case _, Gain.RAISE:
                done.raised |= edge.targets
            case _, Gain.UNBIND:
                done.unbound |= edge.targets
            case _, Gain.STRIP:
                done.stripped[edge.method.strips] |= edge.targets

    # ---- guises ----------------------------------------------------------------------------------------------------

    def _change(self) -> list[Guise]:
        """Return the new guises of controlled identities, after all that can be done to them."""
        done, one = self._done, self._identities
        if not done.by:
            return []
        users = one.user_bits | one.new_users
        raised = done.raised | (users if done.raised_groups & done.joined else 0)
        touched = raised | (done.unbound & one.bounded) | (users if done.joined else 0)
        found = []
        strippable = self._strippable() & one.denying
        for number in numbers(self.reached & touched):
            for key, guise in self._guises(number, raised & 1 << number, strippable):
                before = self._worn.get(key, Guise(number))
                if guise != before:
                    self._worn[key] = guise
                    self._before[guise] = before
                    found.append(guise)
        return found

    def _guises(self, number: int, raised: int, strippable: int) -> Iterator[tuple[tuple[int, int], Guise]]:
        """Yield what an identity can be made into; groups that deny are joined one by one, as they also take away."""
        done, one = self._done, self._identities
        unbound = bool(done.unbound & one.bounded & 1 << number)
        # What denies may also allow: it is taken away only from who is given everything in its place.
        stripped = bool(raised & strippable)
        joined = 0
        if done.joined and not raised and (one.user_bits | one.new_users) >> number & 1:
            joined = done.joined & ~sum(1 << i for i, members in enumerate(one.members) if members >> number & 1)
        yield (number, 0), Guise(number, bool(raised), unbound, stripped, joined & ~one.denying_groups)
        for group in numbers(joined & one.denying_groups):
            yield (number, 1 + group), Guise(number, bool(raised), unbound, stripped, 1 << group)

    def _strippable(self) -> int:
        """Identities from which every policy that denies can be taken."""
        done, one = self._done, self._identities
        bits = ~(one.denials["inline"] & ~done.stripped["inline"])
        bits &= ~(one.denials["attached"] & ~done.stripped["attached"])
        stuck = _union(one.members, one.denying_groups & ~done.left)
        return bits & ~stuck & one.existing

    def _is_administrator(self, guise: Guise) -> bool:
        standing = self._graph.standing(guise)
        return standing.certain if self._certain else standing.possible

    # ---- the way back ----------------------------------------------------------------------------------------------

    def way(self, guise: Guise) -> tuple[Move, ...]:
        """Return the moves that lead to a guise, each once, in an order in which they can be made."""
        moves: dict[tuple[Guise, str, int, int], Move] = {}
        self._gather(guise, moves, set())
        return tuple(moves.values())

    def _gather(self, guise: Guise, moves: dict[tuple[Guise, str, int, int], Move], seen: set[Guise]) -> None:
        if guise in seen:
            return
        seen.add(guise)
        if guise in self._before:
            before = self._before[guise]
            self._gather(before, moves, seen)
            for move in self._changes(before, guise):
                self._gather(move.actor, moves, seen)
                moves[move.actor, move.method.id, move.target, move.becomes.number] = move
        elif not self.starts >> guise.number & 1:
            wave = next(wave for wave in self._waves if wave.added >> guise.number & 1)
            self._gather(wave.actor, moves, seen)
            move = Move(wave.actor, wave.method, guise.number, guise)
            moves[move.actor, move.method.id, move.target, guise.number] = move

    def _changes(self, before: Guise, after: Guise) -> Iterator[Move]:
        """Yield the moves that make one guise of another."""
        found: list[Move | None] = []
        if after.unbound and not before.unbound:
            found.append(self._first(Gain.UNBIND, after))
        if after.stripped and not before.stripped:
            found += self._strips(after)
        found += (self._on_group(Gain.JOIN, group, after) for group in numbers(after.groups & ~before.groups))
        if after.raised and not before.raised:
            found += self._raises(after)
        return (move for move in found if move is not None)

    def _raises(self, after: Guise) -> Iterator[Move]:
        if (move := self._first(Gain.RAISE, after)) is not None:
            yield move
            return
        for group in numbers(self._done.raised_groups & self._done.joined):
            both = [self._on_group(gain, group, after) for gain in (Gain.RAISE, Gain.JOIN)]
            if None not in both:
                yield from (move for move in both if move is not None)
                return

    def _first(self, gain: Gain, after: Guise) -> Move | None:
        """Return the first move that does something to an identity."""
        for actor, edge in self._usable(after):
            if (target := self._through(edge, gain, after.number)) is not None:
                return Move(actor, edge.method, target, after)
        return None

    def _through(self, edge: Edge, gain: Gain, number: int) -> int | None:
        """Return the target of an edge by which it does something to an identity."""
        one, method = self._identities, edge.method
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

    def _strips(self, after: Guise) -> Iterator[Move | None]:
        one = self._identities
        for kind in ("inline", "attached"):
            if one.denials[kind] >> after.number & 1:
                edges = ((a, e) for a, e in self._usable(after) if e.method.strips == kind)
                yield next(
                    (Move(a, e.method, after.number, after) for a, e in edges if e.targets >> after.number & 1), None
                )
        for group in numbers(one.denying_groups):
            if one.members[group] >> after.number & 1:
                yield self._on_group(Gain.STRIP, group, after)

    def _on_group(self, gain: Gain, group: int, after: Guise) -> Move | None:
        for actor, edge in self._usable(after):
            if edge.method.target is Kind.GROUP and edge.method.gains is gain and edge.targets >> group & 1:
                return Move(actor, edge.method, group, after)
            if gain is Gain.RAISE and edge.method.target is Kind.POLICY:
                through = (i for i in numbers(edge.targets) if self._identities.attached_groups[i] >> group & 1)
                if (policy := next(through, None)) is not None:
                    return Move(actor, edge.method, policy, after)
        return None

    def _usable(self, after: Guise) -> Iterator[tuple[Guise, Edge]]:
        """Yield what had been done before a guise came about; its own later self cannot have helped."""
        level = self._level[after]
        return ((actor, edge) for actor, edge in self._done.by if self._level[actor] < level)


def _union(of: tuple[int, ...], chosen: int) -> int:
    found = 0
    for i in numbers(chosen):
        found |= of[i]
    return found
