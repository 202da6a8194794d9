"""
The rule protocol: a rule names its population, item by item, and judges each item.

The engine walks the population, so that no rule can pass by looking at nobody, and so that every subject has a verdict.
A rule lives in `policies/rules/`, one file a family, each file with a tuple `RULES`; nothing else needs to know it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Protocol, runtime_checkable

from connectors.facts import Engagement, System
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.outcomes import Outcome, Subject
from policies.engine.unproven import why_unproven


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


class Bounded(Individual):
    """
    Base of a rule that sets a bound to what somebody holds: it is satisfied only where all that is held is known.

    The engine asks `unproven` of each item that the rule is satisfied with, and says `not evaluated` where it has a
    reason: so no such rule can pass somebody of whom nothing was judged. A finding stands all the same.
    """

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """Whoever is active."""
        return engagement.active_on(case.today)

    def unproven(self, case: Case, item: Item) -> str:
        """Say why more may be held than is known, in the item's system or in all; empty where all is known."""
        return why_unproven(case, item.vma, item.system or None)


@runtime_checkable
class Selective(Protocol):
    """A rule that is about some systems only, such as those of one product; of others it says nothing, read or not."""

    def concerns(self, system: System) -> bool:
        """Whether the rule is about a system."""


def all_rules() -> tuple[Rule, ...]:
    """Return every shipped rule, in the order of ids; raises `ImportError` when a family has none."""
    rules: list[Rule] = []
    for path in sorted((Path(__file__).parents[1] / "rules").glob("*.py")):
        if path.stem != "__init__":
            family = import_module(f"policies.rules.{path.stem}")
            if not family.RULES:
                raise ImportError(f"`{path.name}` offers no rule")
            rules.extend(family.RULES)
    return tuple(sorted(rules, key=lambda rule: rule.id))
