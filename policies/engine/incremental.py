"""
Judging again what moved: the same answer as judging everything, at the cost of what changed.

A rule is pure, so what it said of somebody before can be computed again from the earlier case and taken out of the
earlier judgment, and what it says of them now put in its place:

    judgment(after) = judgment(before) - judgment(before, of those who moved) + judgment(after, of those who moved)

Rules that count or compare people are asked about everything again. Nothing is kept beside the judgment itself.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from policies.engine.case import Case, EvaluationScope
from policies.engine.delta import changed_subjects
from policies.engine.evaluate import Judgment, RuleOutput, Tally, ask, judge, place, place_of_finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied, Severity
from policies.engine.rule import Individual, Rule, all_rules

MANY = 0.25
"""Each of those who moved is judged twice, so from a share on it is less work to judge everybody once."""

Told = TypeVar("Told", Finding, Satisfied, NotEvaluated)


def reevaluate(before: Case, judgment: Judgment, after: Case, rules: Sequence[Rule] | None = None) -> Judgment:
    """
    Return what `judge(after, rules)` returns, where `judgment` is what `judge(before, rules)` returned.

    Costs what moved between the two, and hands the views of `before` to `after`; judges everything when what all have
    in common is different. Raises `ValueError` as `judge` does.
    """
    rules = all_rules() if rules is None else rules
    among = changed_subjects(before, judgment, after) if after.engagements else None
    if among is None or len(among.vmas) > MANY * len(after.engagements):
        return judge(after, rules)
    again = _Again(before, judgment, after, among)
    gone, come, tallies = Counter[Outcome](), Counter[Outcome](), []
    for rule, tally in zip(rules, judgment.tallies, strict=True):
        old, new = again.asked(rule)
        gone.update(old.outcomes)
        come.update(new.outcomes)
        tallies.append(_changed(tally, old.tally(), new.tally()))
    gone, come = gone - come, come - gone
    return Judgment(
        _patched(judgment.findings, _of(Finding, gone), _of(Finding, come), place_of_finding),
        _patched(judgment.satisfied, _of(Satisfied, gone), _of(Satisfied, come), place),
        _patched(judgment.not_evaluated, _of(NotEvaluated, gone), _of(NotEvaluated, come), place),
        tuple(tallies),
    )


class _Again:
    """Asks a rule of those who moved, as they were and as they are."""

    def __init__(self, before: Case, judgment: Judgment, after: Case, among: EvaluationScope) -> None:
        self._whole, self._judgment, self._among = (before, after), judgment, among
        self._narrowed = before.restricted_to(among), after.restricted_to(among)

    def asked(self, rule: Rule) -> tuple[RuleOutput, RuleOutput]:
        """Return what a rule said before and what it says now, where the two may be different."""
        before, after = self._whole
        peers = rule.peers(before, after, self._among) if isinstance(rule, Individual) else None
        if peers is None:
            return self._said(rule), ask(rule, after)
        more = frozenset(peers) - self._among.vmas
        if not more:
            old, new = self._narrowed
        else:
            wider = EvaluationScope(self._among.vmas | more, self._among.accounts)
            old, new = before.restricted_to(wider), after.restricted_to(wider)
        return ask(rule, old), ask(rule, new)

    def _said(self, rule: Rule) -> RuleOutput:
        """Return everything that a rule said before: each list of a judgment holds it in one run, or one a severity."""
        said = RuleOutput(rule.id, [], Counter())
        for severity in Severity:
            said.outcomes.extend(_run(self._judgment.findings, (severity.rank, rule.id), place_of_finding))
        said.outcomes.extend(_run(self._judgment.satisfied, (rule.id,), place))
        said.outcomes.extend(_run(self._judgment.not_evaluated, (rule.id,), place))
        (tally,) = (t for t in self._judgment.tallies if t.rule == rule.id)
        said.verdicts.update({Finding: tally.findings, Satisfied: tally.satisfied, NotEvaluated: tally.not_evaluated})
        return said


def _run(told: Sequence[Told], beginning: tuple[Any, ...], key: Callable[[Told], tuple[Any, ...]]) -> Iterator[Told]:
    for index in range(bisect_left(told, beginning, key=key), len(told)):
        if key(told[index])[: len(beginning)] != beginning:
            return
        yield told[index]


def _changed(tally: Tally, old: Tally, new: Tally) -> Tally:
    return Tally(
        tally.rule,
        tally.population - old.population + new.population,
        tally.findings - old.findings + new.findings,
        tally.satisfied - old.satisfied + new.satisfied,
        tally.not_evaluated - old.not_evaluated + new.not_evaluated,
    )


def _of(kind: type[Told], outcomes: Counter[Outcome]) -> list[Told]:
    return [outcome for outcome in outcomes.elements() if isinstance(outcome, kind)]


def _patched(
    told: tuple[Told, ...], gone: Iterable[Told], come: Iterable[Told], key: Callable[[Told], tuple[Any, ...]]
) -> tuple[Told, ...]:
    """
    Return a sorted tuple without `gone` and with `come`, still sorted; the cost of copying it, and of what changed.

    Raises `AssertionError` when something is to go that is not there: then the earlier judgment was of another case.
    """
    cuts: list[tuple[int, int, tuple[Told, ...]]] = []
    taken: set[int] = set()
    for outcome in gone:
        index = bisect_left(told, key(outcome), key=key)
        while index < len(told) and (index in taken or told[index] != outcome):
            index += 1
            if index < len(told) and key(told[index]) != key(outcome):
                raise AssertionError(f"rule `{outcome.rule}` had not said so of `{outcome.subject.id}`")
        taken.add(index)
        cuts.append((index, index + 1, ()))
    cuts += [(index, index, (outcome,)) for outcome in come for index in [bisect_left(told, key(outcome), key=key)]]
    cuts.sort(key=lambda cut: (cut[0], cut[1], key(cut[2][0]) if cut[2] else ()))
    parts: list[Told] = []
    begin = 0
    for first, after, new in cuts:
        parts += told[begin:first]
        parts += new
        begin = after
    parts += told[begin:]
    return tuple(parts)
