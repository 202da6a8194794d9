"""
A finding from what is the same in all of them: the rule, its data, and the item that breaks it.

The words stand beside the rule, in its data, or are given with the call. In them `{person}`, `{vma}`, `{roles}`,
`{start}`, `{end}`, `{login}`, `{status}`, `{system}` and `{subject}` are the item's; `{since}` is the day since which
it has been so; `{can}` and `{capabilities}` are the capabilities that it is about, in words and by id; `{do:ACTION}` is
what to do in the words of the product (`policies/remedies.yaml`), about the item's account and the `name` that is
given; and every other place is given with the call.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from policies.agreements.chain import Leg
from policies.citations import Citation
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_steps, cite, listing
from policies.engine.outcomes import Finding, Severity, Step
from policies.engine.rule import Item, Rule
from policies.families import RuleData, WayData, WordsOf

TEXTS: tuple[WordsOf, ...] = get_args(WordsOf)
_PLACE = re.compile(r"\{(?:do:([a-z-]+)|([a-z_]+))\}")
_ONE = "|".join(Severity)
_BY_PHI = re.compile(rf"({_ONE})(?: where there is PHI, else ({_ONE}))?")
NO_WORDS: Mapping[str, str] = {}
_THE_ONE = WayData()
"""Nothing is different."""


def finding(
    rule: Rule,
    case: Case,
    item: Item,
    severity: Severity | None = None,
    *,
    way: str = "",
    what: str = "",
    account: AccountKey | None = None,
    mask: int = 0,
    path: tuple[Step, ...] | None = None,
    since: date | None = None,
    leg: Leg | None = None,
    citations: tuple[Citation, ...] = (),
    words: Mapping[str, str] = NO_WORDS,
    **more: str,
) -> Finding:
    """
    Return the finding of a rule about an item.

    `severity` is by default what the data say, where they say `high` or `high where there is PHI, else medium`; `way`
    names the one of several ways in which the rule is broken. `account` is the one that it is about where the item
    names none, and `mask` the capabilities. `path` is by default the steps to the item's account, `citations` what the
    rule rests on; `leg` says whose duty a paper is (`policies.engine.evidence.cite`). `words`, and what `more` is given
    by name, are texts (`title`, `observed`, `expected`, `remedy`) that the data do not hold, and places of those that
    they do.
    Raises `AssertionError` for a way, a text or a place that nobody gives.
    """
    words = {**words, **more}
    data = case.policy.rules.get(rule.id)
    different = _way(rule, data, way)
    told = data.finding if data else {}
    fill = _Filling(rule.id, case, item, account or item.account, mask, since, words)
    texts = {n: words.get(n) or fill.text(n, different.text(n) or told.get(n, "")) for n in TEXTS}
    return Finding(
        rule=rule.id,
        severity=severity or _severity(rule, case, item, different),
        subject=item.subject,
        system=item.system or None,
        what=what,
        path=path if path is not None else account_steps(case, item.account) if item.account[0] else (),
        citations=citations or cite(case, rule.id, item.vma or None, leg),
        since=since,
        vma=item.vma or None,
        **texts,
    )


def _way(rule: Rule, data: RuleData | None, way: str) -> WayData:
    if not way:
        return _THE_ONE
    if data is None or way not in data.ways:
        raise AssertionError(f"the data of rule `{rule.id}` know no way `{way}`")
    return data.ways[way]


@dataclass(frozen=True, slots=True)
class _Filling:
    """Puts everything into its place, in one pass: a hostile name may look like a place."""

    rule: str
    case: Case
    item: Item
    account: AccountKey
    mask: int
    since: date | None
    words: Mapping[str, str]

    def text(self, name: str, text: str) -> str:
        if not text:
            raise AssertionError(f"rule `{self.rule}` says nothing as `{name}`")
        return _PLACE.sub(lambda place: self._put(name, place), text)

    def _put(self, text: str, place: re.Match[str]) -> str:
        action, name = place.groups()
        if action:
            return self._do(action)
        if name in self.words:
            return self.words[name]
        if name not in _ITS_OWN:
            raise AssertionError(f"rule `{self.rule}` has a place `{name}` in `{text}`, and nothing for it")
        return _ITS_OWN[name](self)

    def _do(self, action: str) -> str:
        login = self.words.get("login") or (self.case.accounts[self.account].login if self.account[0] else "")
        system = self.case.systems[self.item.system]
        return self.case.policy.remedies.text(action, system, login=login, name=self.words.get("name", ""))


_ITS_OWN: Mapping[str, Callable[[_Filling], str]] = {
    "person": lambda of: of.case.people[of.item.vma].name,
    "vma": lambda of: of.item.vma,
    "roles": lambda of: listing(of.case.engagements[of.item.vma].roles),
    "login": lambda of: of.case.accounts[of.account].login,
    "system": lambda of: of.case.systems[of.item.system].title,
    "subject": lambda of: of.item.subject.name,
    "status": lambda of: of.case.accounts[of.account].status,
    "start": lambda of: str(of.case.engagements[of.item.vma].start),
    "end": lambda of: str(of.case.engagements[of.item.vma].end),
    "since": lambda of: str(of.since),
    "can": lambda of: listing(of.case.policy.vocabulary.titles(of.mask)),
    "capabilities": lambda of: listing(of.case.policy.vocabulary.names(of.mask)),
}
"""What every item can say of itself, by place."""


def _severity(rule: Rule, case: Case, item: Item, different: WayData) -> Severity:
    said = _BY_PHI.fullmatch(different.severity or case.policy.rules[rule.id].severity)
    if said is None:
        raise AssertionError(f"rule `{rule.id}` has a severity of several kinds: it must say which")
    system = case.systems.get(item.system)
    return Severity(said[1] if said[2] is None or (system is not None and system.holds_phi) else said[2])
