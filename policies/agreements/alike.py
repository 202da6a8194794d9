"""
Names of organisations that may mean one, although no paper says so: asked about, and never taken for one.

`Harbor Assist` on a roster may be `Harbor Assist Staffing LLC dba HarborVA` of a paper. Whoever reads that no agreement
is there should first be asked for that, before somebody is kept from work or a second paper is signed.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.agreements.organisations import split, trade_names

NEAR = 0.75
"""How much of two names must be the same for one to be meant by the other (`difflib`)."""
INITIALS = 3
"""Fewer letters than this are the initials of too many."""
_COMMON = Path(__file__).parent / "common_words.yaml"


class _File(Strict):
    version: int
    words: frozenset[str]


@cache
def _common() -> frozenset[str]:
    return load_yaml(_COMMON).validate(_File).words


def nearest(name: str, others: Iterable[str]) -> list[str]:
    """Return those of the names that may mean the same organisation as `name`, the nearest first; often none."""
    near = ((closeness(name, other), other) for other in dict.fromkeys(others) if other != name)
    return [other for _, other in sorted((-how, other) for how, other in near if how)]


def closeness(one: str, other: str) -> float:
    """Return how near two names are, 0 to 1; 0 where nothing suggests that one is meant by the other."""
    return max(_closeness(mine, theirs) for mine in _names(one) for theirs in _names(other))


def _names(name: str) -> list[str]:
    """Return the names of one organisation without legal forms: its own, and those under which it says it trades."""
    return [split(name)[0], *(split(trade)[0] for trade in trade_names(name))]


def _closeness(one: str, other: str) -> float:
    mine, theirs = one.split(), other.split()
    if "".join(mine) == "".join(theirs):
        return 1.0
    small, large = sorted((frozenset(mine), frozenset(theirs)), key=len)
    within = small <= large and not small <= _common()
    if within or _is_initials(mine, theirs) or _is_initials(theirs, mine):
        return max(NEAR, _same(one, other))
    return near if (near := _same(one, other)) >= NEAR else 0.0


def _is_initials(short: list[str], long: list[str]) -> bool:
    letters = "".join(word[0] for word in long)
    return len(short) == 1 and len(letters) >= INITIALS and short[0] == letters


def _same(one: str, other: str) -> float:
    """Compare letter by letter, by the cheap bounds first."""
    matcher = SequenceMatcher(None, one, other)
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    return matcher.ratio()
