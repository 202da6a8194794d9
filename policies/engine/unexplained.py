"""What of a source nobody has explained: words of a status, or of a second factor, that a mapping leaves open."""

from collections.abc import Iterable, Iterator

from connectors.facts import Account, Complete, Status
from connectors.unread import STATE_UNEXPLAINED
from policies.engine.case import Case
from policies.engine.rule import Rule


def rests_on(rule: Rule) -> str:
    """
    Return the name of the evidence of unexplained words, where a rule's answer for a system rests on such words.

    The rule names it as its `unexplained`, and the engine then says so; empty for a rule that rests on none.
    """
    return getattr(rule, "unexplained", "")


def unexplained(case: Case, name: str) -> Iterator[tuple[str, str]]:
    """Yield each system with something that nobody has explained, and what, in words."""
    for system, collection in sorted(case.collections.items()):
        if isinstance(collection.completeness, Complete):
            for evidence in collection.completeness.evidence:
                if evidence.name == name:
                    yield system, evidence.detail


def doubtful_states(case: Case, accounts: Iterable[Account]) -> list[tuple[Account, str]]:
    """Return those of the accounts whose state is unknown where words of the status are not explained, and which."""
    asked: dict[str, list[str]] = {}
    for system, why in unexplained(case, STATE_UNEXPLAINED):
        asked.setdefault(system, []).append(why)
    return [(a, "; ".join(asked[a.system])) for a in accounts if a.status is Status.UNKNOWN and asked.get(a.system)]
