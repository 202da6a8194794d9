"""
Who is an administrator, and who holds more than another.

An administrator may do everything that the organization leaves to the account: denials and the boundary count, service
control policies limit everybody alike.
Source: IAM User Guide, "Policies and permissions in IAM"; AWS managed policy AdministratorAccess.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from policies.permissions.aws.access.by_action import IDENTITY
from policies.permissions.aws.access.by_resource import is_personal
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.named import named_actions
from policies.permissions.aws.evaluation.applies import Scope
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.patterns import matches
from policies.permissions.aws.evaluation.request import Principal, Request, Resource

EVERY_ACTION = frozenset(["*", "*:*"])
FEWEST_SERVICES = 100
"""A list of fewer services is not all of them; AWS has more than four hundred."""


@dataclass(frozen=True, slots=True)
class AdminStatus:
    """Whether somebody is an administrator."""

    certain: bool
    possible: bool


@dataclass(frozen=True, slots=True)
class _Everything:
    """What documents say of everything at once: allowed, and whether anything is taken away."""

    allows: bool = False
    may_allow: bool = False
    denies: bool = False
    may_deny: bool = False


class AdminStatuses:
    """Answers for the principals of one account; what documents say is kept."""

    def __init__(self, index: ActionIndex | None = None) -> None:
        self._index = index or ActionIndex()
        self._kept: dict[tuple[int, ...], _Everything] = {}
        self._alive: list[tuple[PolicyDocument, ...]] = []

    def of(self, principal: Principal) -> AdminStatus:
        """Return whether a principal is an administrator."""
        identity = self._everything(principal, principal.identity)
        if not identity.may_allow:
            return AdminStatus(certain=False, possible=False)
        layers = [identity]
        if principal.boundary is not None:
            layers.append(self._everything(principal, (principal.boundary,)))
        certain = all(layer.allows and not layer.may_deny for layer in layers)
        return AdminStatus(certain, all(layer.may_allow and not layer.denies for layer in layers))

    def _everything(self, principal: Principal, documents: tuple[PolicyDocument, ...]) -> _Everything:
        key = tuple(map(id, documents))
        if key not in self._kept:
            found = self._read(principal, documents)
            if any(is_personal(s) for document in documents for s in document.statements if s.conditions):
                return found
            self._alive.append(documents)
            self._kept[key] = found
        return self._kept[key]

    def _read(self, principal: Principal, documents: tuple[PolicyDocument, ...]) -> _Everything:
        scope = Scope(Request(principal, "*", Resource("*", principal.account)))
        allowing: list[tuple[PolicyStatement, bool]] = []
        denies = may_deny = unreadable = False
        for document in documents:
            unreadable = unreadable or bool(document.problem)
            for statement in document.statements:
                truth = scope.applies(IDENTITY, document, statement)[0].value
                if truth is False:
                    continue
                if statement.allows:
                    allowing.append((statement, truth is True))
                elif statement.problem or self._takes_away(statement):
                    denies, may_deny = denies or truth is True, True
        return _Everything(
            allows=self._all_actions(s for s, certain in allowing if certain),
            may_allow=unreadable or any(s.problem for s, _ in allowing) or self._all_actions(s for s, _ in allowing),
            denies=denies,
            may_deny=may_deny or unreadable,
        )

    def _all_actions(self, statements: Iterable[PolicyStatement]) -> bool:
        """Whether statements, together, allow every action that AWS documents."""
        found = [s for s in statements if not s.problem]
        if any(not s.not_action and EVERY_ACTION & set(s.actions) for s in found):
            return True
        services = {action.partition(":")[0] for s in found if not s.not_action for action in s.actions}
        if not any(s.not_action for s in found) and len(services) < FEWEST_SERVICES:
            return False
        everything, allowed = self._index.everything(), 0
        for statement in found:
            allowed |= named_actions(self._index, statement)
        return allowed == everything

    def _takes_away(self, statement: PolicyStatement) -> bool:
        """Whether a denial names any action that AWS documents."""
        if statement.not_action:
            return not EVERY_ACTION & set(statement.actions)
        return any(pattern in EVERY_ACTION or self._index.expand(pattern) for pattern in statement.actions)


def holds_more(other: Principal, than: Principal) -> bool:
    """
    Whether somebody holds anything that another does not; it is said to be so where it cannot be ruled out.

    It is ruled out where everything the one is allowed is allowed to the other in the same words, or in wider ones.
    """
    if than.boundary in (None, other.boundary) and _subset(other.identity, than.identity):
        return False
    limited = than.boundary is not None or any(denies(d) for d in than.identity) or than.session is not None
    mine = [s for d in than.identity for s in d.statements if s.allows and not s.problem]
    return any(
        bool(document.problem)
        or any(
            s.allows and (bool(s.problem) or limited or not any(_covers(wide, s) for wide in mine))
            for s in document.statements
        )
        for document in other.identity
    )


def _subset(some: tuple[PolicyDocument, ...], of: tuple[PolicyDocument, ...]) -> bool:
    """Whether documents are among others, and none gives one person more than the next."""
    return {id(d) for d in some} <= {id(d) for d in of} and not any(_asks_who(s) for d in some for s in d.statements)


def _asks_who(statement: PolicyStatement) -> bool:
    """Whether conditions ask who somebody is; variables do not count: in the same words each has what is the own."""
    return any(key.lower().startswith(("aws:principal", "aws:user")) for _, key, _ in statement.conditions)


@cache
def _wider(wide: str, narrow: str) -> bool:
    """Whether a pattern fits everything that another one fits."""
    return wide in ("*", narrow) or ("?" not in wide and "${" not in wide + narrow and matches(wide, narrow))


def _covers(wide: PolicyStatement, narrow: PolicyStatement) -> bool:
    if _what(wide) == _what(narrow):
        return not _asks_who(narrow)
    if wide.conditions or any(s.not_action or s.not_resource or s.resources is None for s in (wide, narrow)):
        return False
    return all(any(_wider(w, n) for w in wide.actions) for n in narrow.actions) and all(
        any(_wider(w, n) for w in wide.resources or ()) for n in narrow.resources or ()
    )


def _what(statement: PolicyStatement) -> tuple[object, ...]:
    """Return what a statement says, without its name."""
    one = statement
    return one.actions, one.not_action, one.resources, one.not_resource, one.conditions


def denies(document: PolicyDocument) -> bool:
    """Whether a document denies anything, or may."""
    return bool(document.problem) or any(not s.allows for s in document.statements)
