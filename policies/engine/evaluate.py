"""
The engine: walks every rule's population and collects the outcomes. Pure: no clock, no file, no network.

Invariants, each tested:
- E1  every item of every population has an outcome; a rule that yields none is a bug, and raises;
- E2  a rule that needs a system which was not read whole says `not evaluated` for it, never `satisfied`;
- E3  a rule that sets a bound to what somebody holds is never satisfied where more may be held than is known;
- E4  findings + satisfied + not evaluated = population, counted by item;
- E5  a rule about all that a VMA has says `not evaluated` while it is not settled whether an account is theirs;
- E6  the order of the input changes nothing;
- E7  a rule that rests on words of a report says `not evaluated` of a system where nobody has explained some of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policies.engine.case import Case
from policies.engine.doubt import doubted, doubts, unasked
from policies.engine.evidence import system_subject
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Bounded, Item, Reads, Rule, Selective, all_rules
from policies.engine.unexplained import rests_on, unexplained


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
    answers = [ask(rule, case) for rule in rules]
    return _in_order([outcome for said in answers for outcome in said.outcomes], [said.tally() for said in answers])


@dataclass(frozen=True, slots=True)
class RuleOutput:
    """Everything that one rule said, and how many items got each verdict."""

    rule: str
    outcomes: list[Outcome]
    verdicts: Counter[type[Outcome]]

    def tally(self) -> Tally:
        """Count it."""
        counts = self.verdicts[Finding], self.verdicts[Satisfied], self.verdicts[NotEvaluated]
        return Tally(self.rule, sum(counts), *counts)


def ask(rule: Rule, case: Case) -> RuleOutput:
    """Ask one rule about every item of its population, and count the systems that it could not look at."""
    said = RuleOutput(rule.id, [], Counter())
    where, asked = doubts(rule, case), set[tuple[str, str]]()
    for item in rule.items(case):
        outcomes = _proven(rule, case, item, doubted(rule, item, _answer(rule, case, item), where))
        if where and not item.account[0]:
            asked.add((item.vma, item.system))
        said.verdicts[_verdict(rule, item, outcomes)] += 1
        said.outcomes.extend(outcomes)
    for unknown in unasked(rule, case, where, asked):
        said.outcomes.append(unknown)
        said.verdicts[NotEvaluated] += 1
    if evidence := rests_on(rule):
        for system, why in unexplained(case, evidence):
            said.outcomes.append(NotEvaluated(rule.id, system_subject(case, system), system, why))
            said.verdicts[NotEvaluated] += 1
    if rule.reads is Reads.SYSTEM:
        for system, partial in case.incomplete.items():
            if isinstance(rule, Selective) and not rule.concerns(case.systems[system]):
                continue
            said.outcomes.append(NotEvaluated(rule.id, system_subject(case, system), system, partial.reason))
            said.verdicts[NotEvaluated] += 1
    return said


def _answer(rule: Rule, case: Case, item: Item) -> list[Outcome]:
    """
    Return what a rule says of an item.

    Raises `AssertionError` for what is no outcome, or is one of another rule: it would be counted as nobody's. Every
    error names the rule, which may be a stranger's.
    """
    try:
        said = list(rule.judge(case, item))
        for outcome in said:
            if not isinstance(outcome, Outcome) or outcome.rule != rule.id:
                raise AssertionError(f"`{type(outcome).__name__}` is no outcome of its own")
    except Exception as error:
        error.add_note(f"rule `{rule.id}`")
        raise
    return said


def _proven(rule: Rule, case: Case, item: Item, said: list[Outcome]) -> list[Outcome]:
    """Put `not evaluated` in the place of `satisfied`, or beside a finding, where more may be held than is known."""
    if not isinstance(rule, Bounded) or not (why := rule.unproven(case, item)):
        return said
    kept: list[Outcome] = [outcome for outcome in said if not isinstance(outcome, Satisfied)]
    if not any(isinstance(outcome, NotEvaluated) for outcome in kept):
        kept.append(NotEvaluated(rule.id, item.subject, item.system or None, why))
    return kept


def _verdict(rule: Rule, item: Item, said: Sequence[Outcome]) -> type[Outcome]:
    """
    Return the one verdict by which an item is counted.

    What could not be judged outranks what was found: a finding beside it is listed all the same. Raises
    `AssertionError` for a rule that said nothing, which would pass for clean.
    """
    for verdict in (NotEvaluated, Finding, Satisfied):
        if any(isinstance(outcome, verdict) for outcome in said):
            return verdict
    raise AssertionError(f"rule `{rule.id}` said nothing about `{item.subject.id}`")


def _in_order(outcomes: Sequence[Outcome], tallies: Sequence[Tally]) -> Judgment:
    findings = [o for o in outcomes if isinstance(o, Finding)]
    satisfied = [o for o in outcomes if isinstance(o, Satisfied)]
    not_evaluated = [o for o in outcomes if isinstance(o, NotEvaluated)]
    findings.sort(key=place_of_finding)
    satisfied.sort(key=place)
    not_evaluated.sort(key=place)
    return Judgment(tuple(findings), tuple(satisfied), tuple(not_evaluated), tuple(tallies))


def place_of_finding(finding: Finding) -> tuple[int, str, str, str, str, str]:
    """Return what orders the findings of a judgment: the most severe first, then by all that makes their identity."""
    subject = finding.subject
    return finding.severity.rank, finding.rule, subject.id, finding.system or "", finding.what, subject.kind


def place(outcome: Satisfied | NotEvaluated) -> tuple[str, str, str, str]:
    """Return what orders the other outcomes of a judgment."""
    return outcome.rule, outcome.system or "", outcome.subject.kind, outcome.subject.id
