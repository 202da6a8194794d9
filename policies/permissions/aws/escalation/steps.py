"""The steps of a path, each with the permissions that it needs and the statements that give them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from policies.permissions.aws.access.by_action import NOTHING_STATED, ActionEvaluator, Stated
from policies.permissions.aws.escalation.graph import Graph
from policies.permissions.aws.escalation.identities import PrincipalState
from policies.permissions.aws.escalation.methods import OPENED, RELATED, TARGET, TRUSTED, Gain, Kind, Need
from policies.permissions.aws.escalation.trace import MethodUse
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import Organization, Principal, Request, Resource
from policies.permissions.decision import Deciding


@dataclass(frozen=True, slots=True)
class Permission:
    """One action that a step needs."""

    action: str
    resource: str
    because: tuple[Deciding, ...]
    keys: frozenset[str]
    """What it depends on."""

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies of the identity, and of the resource, that allow it."""
        allowing = (one for one in self.because if one.effect == "Allow" and one.layer in ("identity", "resource"))
        return tuple(dict.fromkeys(f"{one.document}, {one.statement}" for one in allowing))


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One identity uses one method."""

    method: str
    """Its id in `escalation.yaml`."""
    title: str
    actor: str
    """ARN of who does it."""
    target: str
    """ARN of the identity, group or policy to which it is done."""
    becomes: str
    """ARN of the identity that is gained, or changed, by it."""
    permissions: tuple[Permission, ...]
    keys: frozenset[str]
    """What it depends on: condition keys, documents that were not read, things that IAM does not know of."""
    source: str

    @property
    def certain(self) -> bool:
        """Whether it depends on nothing."""
        return not self.keys

    @property
    def policies(self) -> tuple[str, ...]:
        """The statements that allow it."""
        return tuple(dict.fromkeys(one for permission in self.permissions for one in permission.policies))

    @property
    def text(self) -> str:
        """Tell it in a sentence."""
        actions = ", ".join(dict.fromkeys(permission.action for permission in self.permissions))
        what = short(self.target) + (f"; {short(self.becomes)}" if self.becomes != self.target else "")
        told = f"{short(self.actor)} can {self.title} ({what}), by {actions}"
        if self.policies:
            told += f"; allowed by {'; '.join(self.policies)}"
        return told + (f"; depends on {', '.join(sorted(self.keys))}" if self.keys else "")


class StepWriter:
    """Turns moves into steps; asks the evaluator for the statements, one question a permission."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._identities = graph, graph.identities
        self._told: dict[MethodUse, EscalationStep] = {}

    def steps(self, way: Iterable[MethodUse], administrator: PrincipalState | None) -> tuple[EscalationStep, ...]:
        """Return the steps of a way; groups that are joined on it, but of no use to it, are left out."""
        told = [(move, self.step(move)) for move in way]
        useful = self._useful_groups(told, administrator)
        return tuple(
            step for move, step in told if move.method.gains is not Gain.JOIN or useful is None or move.target in useful
        )

    def _useful_groups(
        self, told: list[tuple[MethodUse, EscalationStep]], end: PrincipalState | None
    ) -> set[int] | None:
        """Return the groups whose policies the later steps, or the standing of an administrator, rest on."""
        joined = {move.target for move, _ in told if move.method.gains is Gain.JOIN}
        if len(joined) < 2:
            return None
        one = self._identities
        documents = {group: {d.name for d in one.account.documents(one.groups[group])} for group in joined}
        used = {d.document for _, step in told for p in step.permissions for d in p.because if d.effect == "Allow"}
        useful = set()
        for name in sorted(used):
            holding = sorted(group for group in joined if name in documents[group])
            useful |= set(holding[:1])
        if end is not None and end.groups:
            alone = (g for g in sorted(joined) if self._graph.status(replace(end, groups=1 << g)).possible)
            useful |= {group} if (group := next(alone, None)) is not None else joined
        return useful

    def step(self, move: MethodUse) -> EscalationStep:
        """Return one step."""
        if move not in self._told:
            self._told[move] = self._step(move)
        return self._told[move]

    def _step(self, move: MethodUse) -> EscalationStep:
        method, actor = move.method, self._identities.principal(move.actor)
        keys: set[str] = set()
        permissions = [p for need in method.needs for p in self._permissions(actor, move, need)]
        for one in method.given:
            holds, made = self._graph.finder.circumstance(actor, method, one)
            if holds.allowed >> move.target & 1:
                continue
            if made.allowed >> move.target & 1:
                permissions += [p for need in one.instead for p in self._permissions(actor, move, need)]
            else:
                keys.add(f"whether {short(self._target(move))} {one.title}")
        if method.running:
            keys.add(f"whether there is {method.running.removesuffix(',')} ({short(self._target(move))})")
        return EscalationStep(
            method=method.id,
            title=method.title,
            actor=actor.arn,
            target=self._target(move),
            becomes=self._identities.principals[move.becomes.number].arn,
            permissions=tuple(permissions),
            keys=frozenset(keys.union(*(permission.keys for permission in permissions))),
            source=method.source,
        )

    def _target(self, move: MethodUse) -> str:
        match move.method.target:
            case Kind.GROUP:
                return self._identities.groups[move.target].arn
            case Kind.POLICY:
                return self._identities.policies[move.target]
        return self._identities.principals[move.target].arn

    # ---- permissions -----------------------------------------------------------------------------------------------

    def _permissions(self, actor: Principal, move: MethodUse, need: Need) -> Iterator[Permission]:
        for place in need.places:
            if place == TRUSTED:
                step = self._graph.finder.role_chaining.step(actor, self._target(move))
                yield Permission(need.action, step.role, step.because, step.keys)
            elif place == OPENED:
                yield self._opened(actor, move, need)
            else:
                yield self._asked(actor, need, *self._where(actor, move, need, place))

    def _asked(self, actor: Principal, need: Need, resource: Resource, known: Stated) -> Permission:
        context = {**known, **self._graph.finder.stated(need)}
        answer = decide(Request(actor, need.name, resource, self._limits, context))
        return Permission(need.action, resource.arn, answer.because, answer.keys)

    def _opened(self, actor: Principal, move: MethodUse, need: Need) -> Permission:
        """The trust policy will name whoever changes it; only what could still deny is told."""
        layers = self._identities.over_identities.layers(actor, need.name)
        bit = 1 << move.target
        sure = layers.above(certain=True) & ~layers.may_deny & bit
        arn = self._target(move)
        return Permission(need.action, arn, (), frozenset() if sure else frozenset([f"what could deny {need.action}"]))

    def _where(self, actor: Principal, move: MethodUse, need: Need, place: str) -> tuple[Resource, Stated]:
        """Return the resource at a place for which the need is met, the one that also meets its other needs."""
        finder = self._graph.finder
        if place == TARGET:
            targets = finder.subjects.reach(move.method).targets
            return targets.resources[move.target], targets.stated[move.target]
        if place in RELATED:
            reach, of = finder.subjects.relations[place]
            fitting = sum(1 << i for i, roles in enumerate(of) if roles >> move.target & 1)
        else:
            reach = finder.reach_of(place)
            fitting = reach.targets.all
        groups = [move.method.needs, *(one.instead for one in move.method.given)]
        together = [n for group in groups if need in group for n in group if place in n.places]
        return reach.targets.resources[self._first(actor, together, reach, fitting)], NOTHING_STATED

    def _first(self, actor: Principal, needs: Iterable[Need], reach: ActionEvaluator, fitting: int) -> int:
        """Return the number of the first fitting resource on which all needs are met."""
        certain = possible = fitting
        for need in needs:
            found = reach.over(actor, need.name, self._graph.finder.stated(need))
            certain, possible = certain & found.allowed, possible & found.possible
        best = certain or possible or fitting
        return (best & -best).bit_length() - 1

    @property
    def _limits(self) -> Organization:
        return self._identities.account.organization


def short(arn: str) -> str:
    """Return the part of an ARN that people say, such as `user/maria`."""
    return arn.split(":", 5)[-1]
