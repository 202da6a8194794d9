"""
The answer of an evaluator, the same for every provider: allowed, denied, or depends on what is not known.

An evaluator is pure: the same question and the same documents give the same answer, and nothing is read or stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false, or neither: then `keys` names what it depends on."""

    value: bool | None
    keys: frozenset[str] = _NONE

    def __invert__(self) -> "Truth":
        return self if self.value is None else (FALSE if self.value else TRUE)


TRUE = Truth(True)
FALSE = Truth(False)


def depends(*keys: str) -> Truth:
    """Return a truth that is not known: it depends on `keys`."""
    return Truth(None, frozenset(keys))


def all_of(truths: Iterable[Truth]) -> Truth:
    """Conjunction (Kleene): false as soon as one is false, whatever is unknown."""
    keys: frozenset[str] = _NONE
    unknown = False
    for truth in truths:
        if truth.value is False:
            return FALSE
        if truth.value is None:
            unknown = True
            keys |= truth.keys
    return Truth(None, keys) if unknown else TRUE


def any_of(truths: Iterable[Truth]) -> Truth:
    """Disjunction (Kleene): true as soon as one is true, whatever is unknown."""
    keys: frozenset[str] = _NONE
    unknown = False
    for truth in truths:
        if truth.value is True:
            return TRUE
        if truth.value is None:
            unknown = True
            keys |= truth.keys
    return Truth(None, keys) if unknown else FALSE


class Outcome(StrEnum):
    """What an evaluator answers."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """An explicit denial: nothing that allows can outweigh it."""
    NOT_ALLOWED = "not allowed"
    """Denied because nothing allows it (AWS: implicit deny)."""
    DEPENDS = "depends"
    """On the keys that the decision names."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """A statement that took part in the decision."""

    layer: str
    """Which kind of policy, such as `identity`, `boundary`."""
    document: str
    """The name or ARN of the policy."""
    statement: str
    """Its `Sid`, or `statement 3`."""
    effect: str
    """`Allow` or `Deny`."""
    keys: frozenset[str] = _NONE
    """What it depends on; empty when it applies for certain."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer, and how it came about."""

    outcome: Outcome
    keys: frozenset[str] = _NONE
    """For `depends`: the condition keys, or the documents, that decide it."""
    because: tuple[Deciding, ...] = ()
    """The statements that decided, in the order of the provider's evaluation."""
    lacking: tuple[str, ...] = ()
    """For `not allowed`: the layers in which an allowance is missing."""
    step: str = ""
    """The step of the provider's documented order at which it was decided, with its page."""
    not_considered: tuple[str, ...] = ()
    """Kinds of policy that were not read, and that could still take away."""
