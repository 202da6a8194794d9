"""
The rule protocol: a rule names its population, item by item, and judges each item.

The engine walks the population, so that no rule can pass by looking at nobody, and so that every subject has a verdict.
A rule lives in `policies/rules/`, or in a package that offers it (`policies.families`): one file a family, each file
with a tuple `RULES`, and beside it a file of data; nothing else needs to know it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Protocol, runtime_checkable

from connectors.facts import Engagement, System
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.outcomes import Outcome, Subject
from policies.engine.unproven import why_unproven
from policies.families import Described, families


class Reads(Enum):
    """What a rule needs to have been read."""

    SYSTEM = "system"
    """Each system by itself: the engine answers `not evaluated` for each one that was not read whole."""
    ALL = "all"
    """All systems together: the rule itself weighs what an unread system could change."""
    REGISTER = "register"
    """Only the roster and the agreements."""


@dataclass(frozen=True, slots=True)
class Item:
    """One member of a rule's population; a field that the rule does not use is empty."""

    subject: Subject
    system: str = ""
    vma: str = ""
    account: AccountKey = ("", "")


class Rule(Protocol):
    """
    One question, asked of every member of a population.

    The class docstring can be read out to an auditor; `question` is its first sentence as a question.
    """

    id: str
    title: str
    question: str
    reads: Reads

    def items(self, case: Case) -> Iterator[Item]:
        """Yield the population, each member once, in a stable order."""

    def judge(self, case: Case, item: Item) -> Iterable[Outcome]:
        """Return at least one outcome for the item."""


class Individual:
    """
    Base of a rule whose verdict on an item rests on the item's own people and accounts, and on what all have in common.

    Then only those whose facts moved are asked again (`policies.engine.incremental`). Its `items` walk `case.active`,
    `case.asked_people`, `case.asked_accounts` or `case.live_accounts_of_active`, which can be narrowed. A rule that
    counts or compares people is not one, or says in `peers` whose verdicts move along.
    """

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> Iterable[str] | None:  # noqa: ARG002
        """
        Return the VMAs whose verdicts may have changed because of others; `None` when anybody's may have.

        For items that name a VMA: items that name an account are not asked again for peers.
        """
        return ()

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """
        Whether the rule is about all that a VMA has in a system.

        Then the engine says `not evaluated` of them while it is not settled whether an account there is theirs
        (`policies.engine.candidates`): it might break the rule, or be what the rule is kept by.
        """
        return False


class OfActive(Individual):
    """Base of a rule about all that an active VMA has in a system."""

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """Whoever is active."""
        return engagement.active_on(case.today)


class Bounded(OfActive):
    """
    Base of a rule that sets a bound to what somebody holds: it is satisfied only where all that is held is known.

    The engine asks `unproven` of each item that the rule is satisfied with, and says `not evaluated` where it has a
    reason: so no such rule can pass somebody of whom nothing was judged. A finding stands all the same.
    """

    def unproven(self, case: Case, item: Item) -> str:
        """Say why more may be held than is known, in the item's system or in all; empty where all is known."""
        return why_unproven(case, item.vma, item.system or None)


@runtime_checkable
class Selective(Protocol):
    """A rule that is about some systems only, such as those of one product; of others it says nothing, read or not."""

    def concerns(self, system: System) -> bool:
        """Whether the rule is about a system."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """
    Return every rule, shipped and installed, in the order of ids.

    Raises `AuditorError` naming the family, and the package that offers it, where one offers no rule, something that
    is none, or others than its data describe: an audit without it would say less than it seems to.
    """
    rules = [rule for each in families() for rule in _rules_of(each)]
    return tuple(sorted(rules, key=lambda rule: rule.id))


def _rules_of(described: Described) -> tuple[Rule, ...]:
    family = described.family
    offered = getattr(family.load(), "RULES", None)
    if not isinstance(offered, tuple) or not offered:
        raise family.refuse("it offers no rule: a module of rules has a tuple `RULES`")
    for rule in offered:
        if lacks := _lacks(rule):
            raise family.refuse(f"`{_shown(rule)}` in `RULES` is no rule: {lacks}")
    ids = [rule.id for rule in offered]
    if sorted(ids) != sorted(described.data.rules):
        more, less = sorted({*described.data.rules} - {*ids}), sorted({*ids} - {*described.data.rules})
        told = (f"{family.data.name} describes {', '.join(more) or 'none'} besides", f"not {', '.join(less) or 'more'}")
        raise family.refuse(f"it offers {', '.join(ids)}: {' and '.join(told)}")
    return offered


def _lacks(rule: object) -> str:
    """Say what an object lacks to be a rule; empty when it is one."""
    for name in ("id", "title", "question"):
        if not isinstance(text := getattr(rule, name, None), str) or not text.strip():
            return f"`{name}` is not a text"
    if not isinstance(getattr(rule, "reads", None), Reads):
        return "`reads` is not one of `Reads`"
    for name in ("items", "judge"):
        if isinstance(rule, type) or not callable(getattr(rule, name, None)):
            return f"`{name}` cannot be called; `RULES` holds instances"
    return "" if (type(rule).__doc__ or "").strip() else "its class has no docstring"


def _shown(rule: object) -> str:
    """Name what should be a rule: by its class, or itself where it is one."""
    return rule.__name__ if isinstance(rule, type) else type(rule).__name__
