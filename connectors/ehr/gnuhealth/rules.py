"""
Row rules of Tryton: which records of a model a user can reach at all.

Rules of one group (`ir.rule.group`) are alternatives. Groups of rules that are global must all be met; of those that
belong to the user's groups, or to everybody by default, one is enough. A rule is a search with PYSON in it; here it is
only told whether it lets everything through, nothing, or something between.
Source: trytond 7.0, `ir/rule.py`, `Rule.get` and `Rule.domain_get`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

NOTHING: list[Any] = [["id", "=", -1]]
"""A search that finds no record; the set-up uses it."""


class RecordReach(Enum):
    """What is left of a model's records."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that belong together."""

    id: int
    name: str
    model: str
    rights: str
    """For which of reading, writing, creating, deleting (`rwcd`) they hold."""
    everywhere: bool
    """Global: they hold for everybody, beside all others."""
    default: bool
    """They hold for everybody, as an alternative to those of the user's groups."""
    groups: frozenset[int]
    domains: tuple[str, ...]

    def holds_for(self, groups: frozenset[int]) -> bool:
        """Whether a user in these groups has to meet them."""
        return self.everywhere or self.default or bool(self.groups & groups)


class RowRules:
    """All row rules of a server; `covers` says which models are tested for access beside a model."""

    def __init__(self, rules: Iterable[RuleGroup], covers: Mapping[str, frozenset[str]]) -> None:
        self._by_model: dict[str, list[RuleGroup]] = {}
        for rule in rules:
            self._by_model.setdefault(rule.model, []).append(rule)
        self._covers = covers

    def reach(self, model: str, right: str, groups: frozenset[int]) -> RecordReach:
        """Say which records a user in these groups can reach, to read, write, create or delete them."""
        names = self._covers.get(model, frozenset({model}))
        held = [r for name in names for r in self._by_model.get(name, ()) if r.holds_for(groups)]
        every: list[RecordReach] = []
        one: list[RecordReach] = []
        for rule in held:
            if rule.domains and right in rule.rights:
                (every if rule.everywhere else one).append(_any(_reach(text, groups) for text in rule.domains))
            elif not rule.domains and rule.groups & groups and not rule.everywhere:
                one.append(RecordReach.ALL)  # a group of rules without any rule lets its members see everything
        return _all([*every, *([_any(one)] if one else [])])

    def limits(self, model: str, right: str, groups: frozenset[int], domain: list[Any]) -> bool:
        """Whether the rules leave a user in these groups what `domain` finds, and nothing else."""
        held = [r for r in self._by_model.get(model, ()) if r.holds_for(groups)]
        if any(not r.domains and not r.everywhere for r in held):
            return False  # see `reach`
        texts = [text for r in held if right in r.rights for text in r.domains]
        found = [_known(text, groups) for text in texts]
        return domain in found and all(one in (domain, NOTHING) for one in found)

    def about(self, models: frozenset[str], groups: frozenset[int]) -> list[RuleGroup]:
        """Return the rules about certain models that hold for a user in these groups."""
        return [r for m in sorted(models) for r in self._by_model.get(m, ()) if r.holds_for(groups)]


def _any(found: Iterable[RecordReach]) -> RecordReach:
    kinds = set(found)
    return (
        RecordReach.ALL
        if RecordReach.ALL in kinds
        else RecordReach.NONE
        if kinds == {RecordReach.NONE}
        else RecordReach.SOME
    )


def _all(found: Iterable[RecordReach]) -> RecordReach:
    kinds = set(found)
    return (
        RecordReach.NONE
        if RecordReach.NONE in kinds
        else RecordReach.SOME
        if RecordReach.SOME in kinds
        else RecordReach.ALL
    )


def _known(text: str, groups: frozenset[int]) -> Any:
    """Work out a rule; `None` where that cannot be told from outside."""
    try:
        return _value(json.loads(text), groups)
    except (_Unknown, ValueError, KeyError, TypeError, RecursionError):
        return None


class _Unknown(Exception):
    """What a rule depends on cannot be told from outside."""


def _reach(text: str, groups: frozenset[int]) -> RecordReach:
    domain = _known(text, groups)
    if domain == []:
        return RecordReach.ALL
    return RecordReach.NONE if domain == NOTHING else RecordReach.SOME


def _value(node: Any, groups: frozenset[int]) -> Any:
    """Work out PYSON as far as it depends on the user's groups only; raises `_Unknown` for the rest."""
    if isinstance(node, list):
        return [_value(item, groups) for item in node]
    if not isinstance(node, dict):
        return node
    match node.get("__class__"):
        case "Eval" if node["v"] == "groups":
            return sorted(groups)
        case "In":
            return _value(node["k"], groups) in _value(node["v"], groups)
        case "Not":
            return not _value(node["v"], groups)
        case "If":
            return _value(node["t" if _value(node["c"], groups) else "e"], groups)
    raise _Unknown
