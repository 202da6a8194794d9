"""Rules about each agreement that somebody's work needs, along the chain from the practice to the VMA."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import date

from connectors.facts import Engagement
from policies.agreements.chain import Leg, engaged, legs
from policies.agreements.days import ALWAYS, Days, before, intersection, since, until
from policies.agreements.register import Agreement
from policies.engine.answers import Answer, Asking, Broken, Kept, Unknown
from policies.engine.case import Case
from policies.engine.covered import first_account
from policies.engine.evidence import chain_steps, leg_key, listing
from policies.engine.rule import Item, Reads


def gap(case: Case, item: Item, days: Days) -> date:
    """
    Return since when an item's VMA has worked on days that are not among these, up to today.

    In a system that is not before the VMA can have had an account there.
    """
    start = since(engaged(case.stay(item.vma)), days, case.today)
    return max(start, first_account(case, item.vma, item.system)) if item.system else start


def leg_broken(case: Case, item: Item, leg: Leg, papers: Sequence[Agreement], *, since: date, **words: str) -> Broken:
    """Say what is wrong with one leg of a chain; `{ids}` are the `papers` that there are, `{paper}` what it needs."""
    path = chain_steps(case, item.vma, leg, papers)
    words |= {"ids": listing(a.id for a in papers), "paper": leg.text}
    return Broken(what=leg_key(leg), path=path, leg=leg, since=since, words=words)


class ByLeg(Asking, ABC):
    """Base of a rule that looks at each agreement that an item's VMA needs."""

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """One finding for each leg that breaks the rule."""
        engagement = case.stay(item.vma)
        days = engaged(engagement)
        for leg in case.coverage.legs(engagement):
            said = self.of_leg(case, item, leg)
            if isinstance(said, Broken | Unknown):
                yield said
            elif said is not None:
                days = intersection(days, said)
        yield Kept(self.until(case, item, days))

    @abstractmethod
    def of_leg(self, case: Case, item: Item, leg: Leg) -> Broken | Unknown | Days | None:
        """Say what is wrong with one leg; the days on which it holds; `None` where the rule asks nothing of it."""

    def until(self, case: Case, item: Item, days: Days) -> date | None:  # noqa: ARG002
        """Return the first day on which time alone may change that the rule holds."""
        return until(days, case.today)


class ByPapers(ByLeg, ABC):
    """Base of a rule that looks at each agreement that an item's VMA needs and has some papers for."""

    reads = Reads.REGISTER

    @abstractmethod
    def papers(self, case: Case, vma: str, leg: Leg) -> Sequence[Agreement]:
        """Return the agreements of a leg that the rule is about."""

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever has such agreements; where there is none, that is another finding."""
        chain = case.coverage.legs(case.stay(engagement.vma)) if legs(engagement) else ()
        return any(self.papers(case, engagement.vma, leg) for leg in chain)

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Broken | Unknown | Days | None:
        """Ask the agreements of a leg, where there are some; where there are none, until the next one begins."""
        papers = self.papers(case, item.vma, leg)
        return self.of_papers(case, item, leg, papers) if papers else _before_the_next(case, leg)

    @abstractmethod
    def of_papers(self, case: Case, item: Item, leg: Leg, papers: Sequence[Agreement]) -> Broken | Days:
        """Say what is wrong with the agreements of one leg; or the days on which it holds."""


def _before_the_next(case: Case, leg: Leg) -> Days:
    """Return the days up to the first one, after today, on which an agreement of a leg begins."""
    begin = [first for a in case.coverage.of_leg(leg) for first, _ in a.days if first > case.today]
    return ((date.min, before(min(begin))),) if begin else ALWAYS
