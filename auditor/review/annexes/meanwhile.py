"""
What came and went again between the ends of a period, as the audits in between saw it.

The difference of two audits does not show it: an account that was made in October and removed in November is in
neither. The store knows every state with the audits from and until which it was true; only the audits at which such a
state began or ended are compared with the one before each, so that each change has its cause.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.drift.attribution import AttributedChange, compare
from auditor.history.load import load_audit_case
from auditor.review.annexes.facts import Meanwhile
from auditor.snapshot import AuditSummary
from auditor.store import Store
from auditor.store.records import ACCOUNT, GRANT
from connectors.inputs.dates import day_of

Thing = tuple[str, str, str]
"""System, account, and what it holds; empty for the account itself."""
Span = tuple[int, int | None, str]
"""The audits from and until which something was so, and how it was."""


def meanwhile(config: Config, inputs: Inputs, store: Store, audits: Sequence[AuditSummary]) -> tuple[Meanwhile, ...]:
    """Return every change between the first and the last of these audits that is not in their difference."""
    if len(audits) < 3:
        return ()
    undone = _undone(store, config.practice.id, audits)
    found = []
    for number, audit in enumerate(audits[1:], 1):
        things = {thing for thing, at in undone if at == audit.id}
        if not things:
            continue
        earlier = audits[number - 1]
        before, case_before = load_audit_case(config, inputs, store, earlier.id)
        later, case = load_audit_case(config, inputs, store, audit.id)
        known = store.statements(config.practice.id)
        result = compare(before, case_before, case, known, later.snapshot.policy)
        after, seen = store.read_whole(earlier.id), store.read_whole(audit.id)
        for told in result.attributed:
            if _named(told) & things:
                day, system = day_of(audit.at, config.practice.timezone), told.change.system
                found.append(Meanwhile(told, audit.id, day, after.get(system), seen.get(system)))
    return tuple(found)


def _named(told: AttributedChange) -> set[Thing]:
    change = told.change
    held = change.entitlements or ((change.given,) if change.given else ("",))
    return {(change.system, change.account, one) for one in held}


def _undone(store: Store, practice: str, audits: Sequence[AuditSummary]) -> set[tuple[Thing, int]]:
    """Return what was otherwise in between though it was the same at both ends, with the audits at which it changed."""
    first, last = audits[0].id, audits[-1].id
    found = set()
    for thing, spans in _spans(store, practice).items():
        if _at(spans, first) != _at(spans, last):
            continue
        edges = {edge for one in spans for edge in one[:2] if edge is not None and first < edge <= last}
        states = [_at(spans, first), *(_at(spans, edge) for edge in sorted(edges))]
        for edge, (was, is_) in zip(sorted(edges), pairwise(states), strict=True):
            if was != is_:
                found.add((thing, edge))
    return found


def _spans(store: Store, practice: str) -> dict[Thing, list[Span]]:
    found: dict[Thing, list[Span]] = defaultdict(list)
    for begin, after, account in store.intervals(practice, ACCOUNT):
        found[account.system, account.id, ""].append((begin, after, "works" if account.live else "stopped"))
    for begin, after, one in store.intervals(practice, GRANT):
        found[one.system, one.grant.account, one.grant.entitlement].append((begin, after, "held"))
    return found


def _at(spans: Iterable[Span], audit: int) -> str:
    return next(_states(spans, audit), "")


def _states(spans: Iterable[Span], audit: int) -> Iterator[str]:
    return (how for begin, after, how in spans if begin <= audit and (after is None or after > audit))
