"""Rules about each agreement that somebody's work needs, along the chain from the practice to the VMA."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import date

from policies.agreements.chain import Leg, engaged
from policies.agreements.days import Days, intersection, until
from policies.agreements.register import Agreement
from policies.engine.case import Case
from policies.engine.evidence import chain_steps, leg_key, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome
from policies.engine.rule import Item, Reads, Rule
from policies.engine.verdicts import satisfied


def leg_finding(
    rule: Rule, case: Case, item: Item, leg: Leg, papers: Sequence[Agreement], *, since: date, **words: str
) -> Finding:
    """Return the finding about one leg of a chain; `{ids}` are the `papers` that there are, `{paper}` what it needs."""
    return finding(
        rule,
        case,
        item,
        what=leg_key(leg),
        path=chain_steps(case, item.vma, leg, papers),
        leg=leg,
        since=since,
        words=words,
        ids=listing(a.id for a in papers),
        paper=leg.text,
    )


class ByLeg(ABC):
    """Base of a rule that looks at each agreement that an item's VMA needs."""

    id: str
    title: str
    question: str
    reads: Reads

    @abstractmethod
    def items(self, case: Case) -> Iterator[Item]:
        """Yield VMAs who need an agreement, each by itself or in each of their systems."""

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """One finding for each leg that breaks the rule."""
        engagement = case.stay(item.vma)
        days, broken = engaged(engagement), False
        for leg in case.coverage.legs(engagement):
            said = self.of_leg(case, item, leg)
            if isinstance(said, Finding | NotEvaluated):
                broken = True
                yield said
            elif said is not None:
                days = intersection(days, said)
        if not broken:
            yield satisfied(self, item, self.until(case, item, days))

    @abstractmethod
    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | NotEvaluated | Days | None:
        """Return the finding about one leg; the days on which it holds; `None` where the rule asks nothing of it."""

    def until(self, case: Case, item: Item, days: Days) -> date | None:  # noqa: ARG002
        """Return the first day on which time alone may change that the rule holds."""
        return until(days, case.today)
