"""When it was not known what a VMA held: a live account had an entitlement that no catalog knew, as audits found."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from auditor.lag.spans import Span, Spans
from auditor.store import Store
from auditor.store.records import GRANT
from connectors.facts import Account
from policies.engine.case import AccountKey
from policies.engine.outcomes import Finding
from policies.intervals import intersection, union

ENTITLEMENT = "entitlement"
"""The kind of subject of a finding that says of an entitlement that nobody knows what it gives."""

Unproven = Mapping[str, Mapping[str, Spans]]
"""By VMA and system."""


class SpanClock(Protocol):
    """Turns the first audit of a row, and the one that no longer had it, into a span."""

    def span(self, first: int, after: int | None) -> Span | None:
        """Return when a row is true; `None` for one that is younger than the present."""


class HeldAccount(Protocol):
    """An account of a VMA while its facts stayed the same."""

    @property
    def span(self) -> Span:
        """When."""

    @property
    def account(self) -> Account:
        """Which, and in what state."""


def unproven(
    store: Store,
    practice: str,
    clock: SpanClock,
    findings: Sequence[tuple[Span, Finding]],
    holdings: Mapping[str, Sequence[HeldAccount]],
) -> Unproven:
    """
    Return when each VMA had a live account that held what no catalog knew.

    `findings` are all that the audits found. What is held in another way than by a grant, as a right in a whole cloud
    account is, counts for everybody with a live account in that system.
    """
    unknown: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span, finding in findings:
        if finding.subject.kind == ENTITLEMENT and finding.system is not None:
            unknown[finding.subject.key].append(span)
    if not unknown:
        return {}
    by_account = _by_account(store, practice, clock, unknown)
    found: dict[str, dict[str, Spans]] = {}
    for vma, held in holdings.items():
        spans: dict[str, list[Span]] = defaultdict(list)
        for one in held:
            if one.account.live:
                system = one.account.system
                unread = [*by_account.get((system, one.account.id), ()), *by_account.get((system, ""), ())]
                spans[system] += intersection(union(unread), (one.span,))
        joint = {system: union(each) for system, each in spans.items() if each}
        if joint:
            found[vma] = joint
    return found


def _by_account(
    store: Store, practice: str, clock: SpanClock, unknown: Mapping[tuple[str, str], Iterable[Span]]
) -> Mapping[AccountKey, Sequence[Span]]:
    """Return when each account held something unknown; under an empty account id what no grant tells."""
    found: dict[AccountKey, list[Span]] = defaultdict(list)
    granted: set[tuple[str, str]] = set()
    for first, after, held in store.intervals(practice, GRANT):
        system, grant = held.system, held.grant
        if (system, grant.entitlement) in unknown and (span := clock.span(first, after)) is not None:
            granted.add((system, grant.entitlement))
            found[system, grant.account] += intersection(union(unknown[system, grant.entitlement]), (span,))
    for system, id_ in unknown.keys() - granted:
        found[system, ""] += unknown[system, id_]
    return found
