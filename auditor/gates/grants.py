"""Exactly what to grant: the best choice of what the systems themselves have (`policies.provisioning`)."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.case import Case
from policies.catalog import Known
from policies.provisioning import Advice, Candidate, advise


@dataclass(frozen=True, slots=True)
class Grants:
    """What to grant to a VMA, over all systems that were read whole."""

    advice: Advice
    by_system: dict[str, tuple[Candidate, ...]]
    """What to grant in each system in which something is to be granted."""
    nowhere: int
    """Required capabilities that no system here can give at all."""
    unclassified: dict[str, int]
    """How many entitlements of a system could not be weighed, because no catalog says what they give."""


def what_to_grant(case: Case, vma: str) -> Grants:
    """
    Return the choice over all systems together that gives what the roles require.

    What one system gives need not be granted a second time in another: each grant more is a way more to PHI.
    """
    template, forbidden = case.template(vma), case.forbidden(vma)
    candidates: list[Candidate] = []
    unclassified: dict[str, int] = {}
    for system in case.systems:
        if system not in case.incomplete:
            unknown = set(case.collections[system].entitlements)
            for candidate in _candidates(case, system):
                unknown.discard(candidate.id.partition("/")[2])
                if candidate.mask:
                    candidates.append(candidate)
            if unknown:
                unclassified[system] = len(unknown)
    advice = advise(candidates, template.requires, template.allows, forbidden)
    by_system: dict[str, tuple[Candidate, ...]] = {}
    for candidate in advice.grant:
        system = candidate.id.partition("/")[0]
        by_system[system] = (*by_system.get(system, ()), candidate)
    return Grants(advice, by_system, template.requires & ~advice.covers & ~advice.impossible, unclassified)


def _candidates(case: Case, system: str) -> Iterator[Candidate]:
    """Yield what an administrator can give: what somebody has been given with all that it brings, and the rest."""
    collection = case.collections[system]
    offers = case.holdings.offers(system)
    for id_, entitlement in sorted(collection.entitlements.items()):
        mask = offers.get(id_)
        if mask is None:
            reading = case.policy.catalogs.read(collection.system, [entitlement])[id_]
            if not isinstance(reading, Known):
                continue
            mask = reading.mask
        yield Candidate(f"{system}/{id_}", entitlement.name, mask)
