"""
A finding from what is the same in all of them: the rule, its data, and the item that breaks it.

The words stand beside the rule, in its data, or are given with the call. In them `{person}`, `{login}`, `{system}` and
`{subject}` are the item's, `{do:ACTION}` is what to do in the words of the product (`policies/remedies.yaml`), and
every other place is given with the call.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from policies.agreements.coverage import Leg
from policies.engine.case import Case
from policies.engine.evidence import account_steps, cite
from policies.engine.outcomes import Finding, Severity, Step
from policies.engine.rule import Item, Rule
from policies.families import WordsOf

TEXTS: tuple[WordsOf, ...] = get_args(WordsOf)
_PLACE = re.compile(r"\{(?:do:([a-z-]+)|([a-z_]+))\}")
_ONE = "|".join(Severity)
_BY_PHI = re.compile(rf"({_ONE})(?: where there is PHI, else ({_ONE}))?")


def finding(
    rule: Rule,
    case: Case,
    item: Item,
    severity: Severity | None = None,
    *,
    what: str = "",
    path: tuple[Step, ...] | None = None,
    since: date | None = None,
    leg: Leg | None = None,
    **words: str,
) -> Finding:
    """
    Return the finding of a rule about an item.

    `severity` is by default what the data say, where they say `high` or `high where there is PHI, else medium`; `path`
    the steps to the item's account; `leg` says whose duty a paper is (`policies.engine.evidence.cite`). `words` are
    texts (`title`, `observed`, `expected`, `remedy`) that the data do not hold, and places of those that they do.
    Raises `AssertionError` for a text or a place that nobody gives.
    """
    data = case.policy.rules.get(rule.id)
    told = data.finding if data else {}
    fill = _Filling(rule.id, case, item, words)
    texts = {name: words.get(name) or fill.text(name, told.get(name, "")) for name in TEXTS}
    return Finding(
        rule=rule.id,
        severity=severity or _severity(rule, case, item),
        subject=item.subject,
        system=item.system or None,
        what=what,
        path=path if path is not None else account_steps(case, item.account) if item.account[0] else (),
        citations=cite(case, rule.id, item.vma or None, leg),
        since=since,
        vma=item.vma or None,
        **texts,
    )


@dataclass(frozen=True, slots=True)
class _Filling:
    """Puts everything into its place, in one pass: a hostile name may look like a place."""

    rule: str
    case: Case
    item: Item
    words: Mapping[str, str]

    def text(self, name: str, text: str) -> str:
        if not text:
            raise AssertionError(f"rule `{self.rule}` says nothing as `{name}`")
        return _PLACE.sub(lambda place: self._put(name, place), text)

    def _put(self, text: str, place: re.Match[str]) -> str:
        case, item = self.case, self.item
        if action := place[1]:
            login = case.accounts[item.account].login if item.account[0] else ""
            return case.policy.remedies.text(action, case.systems[item.system], login=login)
        match place[2]:
            case name if name in self.words:
                return self.words[name]
            case "person":
                return case.people[item.vma].name
            case "login":
                return case.accounts[item.account].login
            case "system":
                return case.systems[item.system].title
            case "subject":
                return item.subject.name
            case name:
                raise AssertionError(f"rule `{self.rule}` has a place `{name}` in `{text}`, and nothing for it")


def _severity(rule: Rule, case: Case, item: Item) -> Severity:
    said = _BY_PHI.fullmatch(case.policy.rules[rule.id].severity)
    if said is None:
        raise AssertionError(f"rule `{rule.id}` has a severity of several kinds: it must say which")
    system = case.systems.get(item.system)
    return Severity(said[1] if said[2] is None or (system is not None and system.holds_phi) else said[2])
