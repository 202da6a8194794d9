"""
The engine: walks every rule's population and collects the outcomes. Pure: no clock, no file, no network.

Invariants, each tested:
- E1  every item of every population has an outcome; a rule that yields none is a bug, and raises;
- E2  a rule that needs a system which was not read whole says `not evaluated` for it, never `satisfied`;
- E3  findings + satisfied + not evaluated = population, counted by item;
- E4  the order of the input changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policies.case import Case
from policies.outcomes import Finding, NotEvaluated, Satisfied
from policies.rule import Item, Reads, Rule, all_rules
from policies.tell import system_subject


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one rule's population: `population` = `findings` + `satisfied` + `not_evaluated`, by item."""

    rule: str
    population: int
    findings: int
    satisfied: int
    not_evaluated: int


@dataclass(frozen=True, slots=True)
class Judgment:
    """Everything that the rules said, in a stable order."""

    findings: tuple[Finding, ...]
    satisfied: tuple[Satisfied, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    tallies: tuple[Tally, ...]

    @property
    def next_change(self) -> tuple[date, Satisfied] | None:
        """The next day on which a verdict may change although nothing else does, and which."""
        dated = [(s.until, s) for s in self.satisfied if s.until is not None]
        return min(dated, key=lambda d: (d[0], d[1].rule, d[1].subject.id), default=None)


def judge(case: Case, rules: Sequence[Rule] | None = None) -> Judgment:
    """
    Judge a case by all rules, or by those given.

    Raises `ValueError` for an empty rule set or an empty roster, which would be clean by accident.
    """
    rules = all_rules() if rules is None else rules
    if not rules:
        raise ValueError("an empty rule set would find nothing")
    if not case.engagements:
        raise ValueError("an empty roster would find nobody")
    findings: list[Finding] = []
    satisfied: list[Satisfied] = []
    not_evaluated: list[NotEvaluated] = []
    tallies: list[Tally] = []
    for rule in rules:
        counts = [0, 0, 0]
        for item in rule.items(case):
            counts[_judge_item(case, rule, item, findings, satisfied, not_evaluated)] += 1
        if rule.reads is Reads.SYSTEM:
            for system, partial in case.incomplete.items():
                subject = system_subject(case, system)
                not_evaluated.append(NotEvaluated(rule.id, subject, system, partial.reason))
                counts[2] += 1
        tallies.append(Tally(rule.id, sum(counts), *counts))
    findings.sort(key=lambda f: (f.severity.rank, f.rule, f.subject.id, f.system or "", f.what))
    satisfied.sort(key=lambda s: (s.rule, s.system or "", s.subject.kind, s.subject.id))
    not_evaluated.sort(key=lambda n: (n.rule, n.system or "", n.subject.kind, n.subject.id))
    return Judgment(tuple(findings), tuple(satisfied), tuple(not_evaluated), tuple(tallies))


def _judge_item(
    case: Case,
    rule: Rule,
    item: Item,
    findings: list[Finding],
    satisfied: list[Satisfied],
    not_evaluated: list[NotEvaluated],
) -> int:
    """
    Judge one item; return 0 when it has a finding, 1 when satisfied, 2 when it could not be judged (whole).

    What could not be judged outranks what was found: a finding beside it is listed all the same.
    """
    kinds = set()
    for outcome in rule.judge(case, item):
        match outcome:
            case Finding():
                findings.append(outcome)
                kinds.add(0)
            case Satisfied():
                satisfied.append(outcome)
                kinds.add(1)
            case NotEvaluated():
                not_evaluated.append(outcome)
                kinds.add(2)
    if not kinds:
        raise AssertionError(f"rule `{rule.id}` said nothing about `{item.subject.id}`")
    return 2 if 2 in kinds else min(kinds)
