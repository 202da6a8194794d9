"""
What statements claim about a place that is left open: which actions, on which patterns, for certain or not.

A place is any resource (`*`), or a resource with all that is in it. See `any_resource` for what the effects come to.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from policies.permissions.aws.access.by_resource import is_personal
from policies.permissions.aws.actions.fitting import EVERY, fitting
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.self_service import means_oneself, of_oneself
from policies.permissions.aws.evaluation.applies import Scope
from policies.permissions.aws.evaluation.context import Context, MissingValue
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.overlap import ANYTHING, covers, meet, overlap
from policies.permissions.aws.evaluation.patterns import ARN_PARTS, WITHOUT_TYPE, unprotect, variable_too_early
from policies.permissions.aws.evaluation.principals import Named, named
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Request, Resource

TYPE_END = re.compile("[/:]")
IDENTITY, SCP, RCP, RESOURCE = "identity", "service control", "resource control", "resource"


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """Where an action is asked for: what fits one of the patterns."""

    name: str
    patterns: tuple[str, ...]
    resource: Resource
    """What is known of it: its policy, tags, account."""
    service: str = ""
    """Whose actions are meant; empty: those of all services."""


def anywhere(account: str) -> ResourceScope:
    """Return the place that is any resource."""
    return ResourceScope(ANYTHING, (ANYTHING,), Resource(ANYTHING, account))


def inside(resource: Resource) -> ResourceScope:
    """Return a resource with all that is in it, such as the files of a bucket."""
    arn = resource.arn
    parts = arn.split(":")
    return ResourceScope(arn, (arn, f"{arn}/*", f"{arn}:*"), resource, parts[2].lower() if len(parts) > 2 else "")


@dataclass(frozen=True, slots=True)
class StatementEffect:
    """What one statement says at one place to one principal."""

    allows: bool
    actions: int
    patterns: tuple[str, ...]
    """Of `Resource`, or of `NotResource`."""
    negated: bool
    certain: bool
    how: Named
    keys: frozenset[str]
    readable: bool = True

    def within(self, pattern: str) -> Iterator[str]:
        """Yield the parts of a pattern that the statement may be about."""
        if self.negated:
            if not any(covers(other, pattern) and not wild_type(other) for other in self.patterns):
                yield pattern
            return
        for other in self.patterns:
            found = meet(other, pattern)
            if found is not None:
                yield found

    def touches(self, pattern: str) -> bool:
        """Whether it may be about something that fits a pattern."""
        return next(self.within(pattern), None) is not None

    def covers(self, pattern: str) -> bool:
        """Whether it is certainly about all that fits a pattern."""
        if self.negated:
            return not any(overlap(other, pattern) for other in self.patterns)
        return any(covers(other, pattern) for other in self.patterns)


StatementEffects = tuple[StatementEffect, ...]


class Query:
    """One principal and one place."""

    def __init__(self, principal: Principal, place: ResourceScope, organization: Organization) -> None:
        self.principal, self.place = principal, place
        self._organization = organization

    # Of most principals nothing personal is asked, so what is known of each is put together when it is.

    @cached_property
    def _request(self) -> Request:
        return Request(self.principal, "*:*", self.place.resource, self._organization)

    @cached_property
    def scope(self) -> Scope:
        """Holds statements against the principal and the place."""
        return Scope(self._request)

    @cached_property
    def _context(self) -> Context:
        return Context(self._request)

    def means_oneself(self, pattern: str) -> bool:
        """Whether a pattern means only the principal's own user, or the own device."""
        who = self.principal
        return who.kind is PrincipalKind.USER and means_oneself(pattern, who.name or who.arn.rpartition("/")[2])

    def filled(self, document: PolicyDocument, statement: PolicyStatement) -> tuple[tuple[str, ...], bool]:
        """Put values in the place of variables, or what is wider than any value; whether all of them were known."""
        found, known = [], True
        for pattern in statement.resources or (ANYTHING,):
            if "${" not in pattern or not document.variables:
                found.append(pattern)
                continue
            filled = self._context.fill(pattern)
            if filled is MissingValue.UNKNOWN:
                # Of what is excepted, nothing is wider than nobody's exception.
                found += [] if statement.not_resource else [pattern.partition("${")[0] + "*"]
                known = False
            elif isinstance(filled, str):
                early = variable_too_early(pattern)
                found += [] if early and statement.not_resource else [unprotect(filled)]
                known = known and not early and filled == unprotect(filled)
        return tuple(found), known


class EffectReader:
    """Reads statements into claims."""

    def __init__(self, index: ActionIndex) -> None:
        self._index = index

    def read(self, layer: str, document: PolicyDocument, asked: "Query") -> Iterator[StatementEffect]:
        """Yield what the statements of a document say at a place to a principal."""
        if document.problem:
            for allows in (True, False):
                yield unreadable(EVERY, allows=allows, keys=frozenset([f"{document.name}: {document.problem}"]))
        for statement in document.statements:
            misplaced = layer in (IDENTITY, SCP) and statement.principals is not None
            without = layer != RESOURCE and statement.resources is None
            if statement.problem or misplaced or without:
                actions = EVERY if statement.problem else self.actions(statement)
                yield unreadable(actions, allows=statement.allows)
                continue
            actions = self.actions(statement)
            if actions:
                yield from self._entry(layer, document, statement, actions, asked)

    def _entry(
        self, layer: str, document: PolicyDocument, statement: PolicyStatement, actions: int, asked: "Query"
    ) -> Iterator[StatementEffect]:
        how, certain = Named.DIRECTLY, True
        if layer == RESOURCE:
            how, truth = named(statement, asked.principal)
            certain = truth.value is True
            if how is Named.NOT:
                return
        truth = asked.scope.conditions(document, statement)
        if truth.value is False:
            return
        certain = certain and truth.value is True
        patterns, known = asked.filled(document, statement)
        # A denial whose variable nobody knows covers less than the pattern that stands for it.
        certain = certain and known and not any(map(wild_type, patterns))
        entry = StatementEffect(statement.allows, actions, patterns, statement.not_resource, certain, how, truth.keys)
        for fits in self._that_fit(entry):
            yield from self._of_others(fits, asked) if says_different(statement) else (fits,)

    def _that_fit(self, entry: StatementEffect) -> Iterator[StatementEffect]:
        """Leave out what is never asked of what a pattern means, such as of a file what is asked of buckets."""
        if not entry.allows or entry.negated:
            # More may be denied by it than can be asked for, and no less is left.
            yield entry
            return
        found: dict[int, list[str]] = {}
        for pattern in entry.patterns:
            found.setdefault(entry.actions & fitting(self._index, pattern), []).append(pattern)
        for actions, patterns in found.items():
            if actions:
                yield replace(entry, actions=actions, patterns=tuple(patterns))

    def _of_others(self, entry: StatementEffect, asked: "Query") -> Iterator[StatementEffect]:
        """Leave out what somebody may do with the own credentials: that gives no power over others."""
        own = tuple(filter(asked.means_oneself, entry.patterns))
        if not entry.allows or entry.negated or not own:
            yield entry
            return
        others = tuple(p for p in entry.patterns if p not in own)
        for patterns, actions in ((others, entry.actions), (own, entry.actions & ~self.own)):
            if patterns and actions:
                yield StatementEffect(True, actions, patterns, False, entry.certain, entry.how, entry.keys)

    def actions(self, statement: PolicyStatement) -> int:
        """Return the actions that a statement is about; names that AWS does not document are none."""
        found = 0
        for pattern in statement.actions:
            found |= EVERY if pattern == "*:*" or not pattern.strip("*") else (self._index.expand(pattern) or 0)
        return ~found if statement.not_action else found

    @cached_property
    def own(self) -> int:
        """What people do with their own credentials."""
        return of_oneself(self._index)


def says_different(statement: PolicyStatement) -> bool:
    """Whether a statement may say another thing to everybody: by a key or variable, or by naming somebody's user."""
    return is_personal(statement) or any(":user/" in pattern for pattern in statement.resources or ())


def allowed(entries: Iterable[StatementEffect], pattern: str, *, certain: bool) -> int:
    """Return the actions that claims allow on all that fits a pattern, or, when not `certain`, on some of it."""
    found = 0
    for entry in entries:
        if entry.allows and ((entry.certain and entry.covers(pattern)) if certain else entry.touches(pattern)):
            found |= entry.actions
    return found


def wild_type(pattern: str) -> bool:
    """Whether a pattern has a wildcard in the resource type: AWS does not say what becomes of it."""
    parts = pattern.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or parts[2] in WITHOUT_TYPE:
        return False
    kind, *rest = TYPE_END.split(parts[-1], maxsplit=1)
    return bool(rest) and ("*" in kind or "?" in kind)


def unreadable(actions: int, *, allows: bool, keys: frozenset[str] = frozenset()) -> StatementEffect:
    """Return the claim of a statement that cannot be understood: it may be about anything."""
    return StatementEffect(allows, actions, (ANYTHING,), False, False, Named.DIRECTLY, keys, readable=False)


def problem_of(document: PolicyDocument) -> str:
    """Say what in a policy of an identity cannot be evaluated; empty when all of it can."""
    return document.problem or next(filter(None, map(problem_in, document.statements)), "")


def problem_in(statement: PolicyStatement) -> str:
    """Say why one statement of such a policy cannot be evaluated; empty when it can."""
    if statement.problem:
        return f"{statement.name}: {statement.problem}"
    if statement.principals is not None:
        return f"{statement.name}: it names a principal, which it may not"
    return f"{statement.name}: it names no resource" if statement.resources is None else ""
