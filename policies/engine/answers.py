"""
What a rule answers about an item, in its own words alone: `Broken`, `Kept` or `Unknown`.

The rule, the item and the data make outcomes of them, so that no rule repeats what is the same in every finding.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from policies.agreements.chain import Leg
from policies.citations import Citation
from policies.engine.case import AccountKey, Case
from policies.engine.finding import NO_WORDS, finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity, Step
from policies.engine.rule import Item, Reads, Rule
from policies.engine.verdicts import not_evaluated, satisfied


@dataclass(frozen=True, slots=True, init=False)
class Broken:
    """One way in which an item breaks the rule; what is not given is the item's own, or stands in the data."""

    way: str
    severity: Severity | None
    what: str
    account: AccountKey | None
    mask: int
    path: tuple[Step, ...] | None
    since: date | None
    leg: Leg | None
    citations: tuple[Citation, ...]
    vma: str
    """The VMA whom it concerns, where the item names none."""
    words: Mapping[str, str]

    def __init__(
        self,
        way: str = "",
        *,
        severity: Severity | None = None,
        what: str = "",
        account: AccountKey | None = None,
        mask: int = 0,
        path: tuple[Step, ...] | None = None,
        since: date | None = None,
        leg: Leg | None = None,
        citations: tuple[Citation, ...] = (),
        vma: str = "",
        words: Mapping[str, str] = NO_WORDS,
        **more: str,
    ) -> None:
        """Take what `policies.engine.finding.finding` takes; `words` and `more` are texts, and places of texts."""
        given = (way, severity, what, account, mask, path, since, leg, citations, vma, {**words, **more})
        for name, value in zip(self.__slots__, given, strict=True):
            object.__setattr__(self, name, value)

    def outcome(self, rule: Rule, case: Case, item: Item) -> Finding:
        """Return it as the finding of a rule about an item."""
        return finding(
            rule,
            case,
            replace(item, vma=self.vma) if self.vma else item,
            self.severity,
            way=self.way,
            what=self.what,
            account=self.account,
            mask=self.mask,
            path=self.path,
            since=self.since,
            leg=self.leg,
            citations=self.citations,
            words=self.words,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """The rule holds, as far as nothing else is said of the item."""

    until: date | None = None
    """The first day on which time alone may change that."""

    def outcome(self, rule: Rule, case: Case, item: Item) -> Satisfied:  # noqa: ARG002 - as `Broken`
        """Return it as what a rule says of an item."""
        return satisfied(rule, item, self.until)


@dataclass(frozen=True, slots=True, init=False)
class Unknown:
    """Why something about the item cannot be judged."""

    reasons: tuple[str, ...]
    """Each once, in the order in which they were found."""

    def __init__(self, *reasons: str) -> None:
        object.__setattr__(self, "reasons", tuple(dict.fromkeys(reasons)))

    def outcome(self, rule: Rule, case: Case, item: Item) -> NotEvaluated:  # noqa: ARG002 - as `Broken`
        """Return it as what a rule says of an item."""
        return not_evaluated(rule, item, "; ".join(self.reasons))


Answer = Broken | Kept | Unknown


def outcomes(rule: Rule, case: Case, item: Item, said: Answer | Iterable[Answer]) -> list[Outcome]:
    """
    Return what answers amount to: each finding and each thing that is not known; where there is neither, that it holds.

    Nobody is satisfied by silence: without `Kept` nothing is said, which the engine refuses.
    """
    if isinstance(said, Answer):
        return [said.outcome(rule, case, item)]
    kept: list[Outcome] = []
    told: list[Outcome] = []
    for answer in said:
        (kept if isinstance(answer, Kept) else told).append(answer.outcome(rule, case, item))
    return told or kept[-1:]


def gathered(said: Iterable[Broken | Unknown], until: date | None = None) -> Iterator[Answer]:
    """Yield the answers of many things about one item: what is broken; then all reasons in one; else that it holds."""
    unknown: list[str] = []
    for answer in said:
        if isinstance(answer, Unknown):
            unknown += answer.reasons
        else:
            yield answer
    yield Unknown(*unknown) if unknown else Kept(until)


class Asking(ABC):
    """Base of a rule that answers: `judge` makes outcomes of what it says."""

    id: str
    title: str
    question: str
    reads: Reads

    @abstractmethod
    def items(self, case: Case) -> Iterator[Item]:
        """Yield the population, each member once, in a stable order."""

    def judge(self, case: Case, item: Item) -> list[Outcome]:
        """Return at least one outcome for the item."""
        return outcomes(self, case, item, self.answer(case, item))

    @abstractmethod
    def answer(self, case: Case, item: Item) -> Answer | Iterable[Answer]:
        """Say of an item that it breaks the rule, that it keeps it, or why that is not known."""
