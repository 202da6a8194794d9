"""Exactly what to grant: the best choice of what the systems themselves have (`policies.roles.provisioning`)."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.catalogs.catalog import KnownEntitlement
from policies.engine.case import Case
from policies.roles.provisioning import Candidate, GrantAdvice, advise

BySystem = dict[str, tuple[Candidate, ...]]


@dataclass(frozen=True, slots=True)
class Grants:
    """What to grant to a VMA, over all systems that were read whole."""

    advice: GrantAdvice
    by_system: BySystem
    """What to grant in each system in which something is to be granted."""
    nowhere: int
    """Required capabilities that no system here can give at all."""
    unclassified: dict[str, int]
    """How many entitlements of a system could not be weighed, because no catalog says what they give."""
    finer: BySystem
    """
    Where the choice brings more than the role allows, or lacks something: the rights that a new group of the practice's
    own would carry to avoid it, in products that give single rights by groups only. Empty where none would be better.
    """


def what_to_grant(case: Case, vma: str, *, kept: int = 0) -> Grants:
    """
    Return the choice over all systems together that gives what the roles require.

    What one system gives need not be granted a second time in another: each grant more is a way more to PHI. `kept` are
    capabilities that the VMA holds by something that stays.
    """
    template, forbidden = case.template(vma), case.forbidden(vma)
    wanted = template.requires & ~kept
    given: list[Candidate] = []
    single: list[Candidate] = []
    unclassified: dict[str, int] = {}
    for system in case.systems:
        if system not in case.incomplete:
            unknown = 0
            for candidate, can_be_given in _candidates(case, system):
                if candidate is None:
                    unknown += can_be_given
                elif candidate.mask:
                    (given if can_be_given else single).append(candidate)
            if unknown:
                unclassified[system] = unknown
    advice = advise(given, wanted, template.allows, forbidden)
    finer: BySystem = {}
    if single:
        best = advise([*given, *single], wanted, template.allows, forbidden)
        if best.covers & ~advice.covers or best.excess.bit_count() < advice.excess.bit_count():
            finer = _by_system(best)
    return Grants(advice, _by_system(advice), wanted & ~advice.covers & ~advice.impossible, unclassified, finer)


def _by_system(advice: GrantAdvice) -> BySystem:
    found: BySystem = {}
    for candidate in advice.grant:
        system = candidate.id.partition("/")[0]
        found[system] = (*found.get(system, ()), candidate)
    return found


def _candidates(case: Case, system: str) -> Iterator[tuple[Candidate | None, bool]]:
    """
    Yield what a system has, and whether an administrator can give it to a person as it is; `None` for what is unknown.

    Where a product gives rights by groups that carry them (OpenEMR), a single right cannot be given to a person. What
    somebody has been given counts with all that it brings.
    """
    collection = case.collections[system]
    offers = case.holdings.offers(system)
    by_groups = any(entitlement.container for entitlement in collection.entitlements.values())
    for id_, entitlement in sorted(collection.entitlements.items()):
        can_be_given = id_ in offers or entitlement.container or not by_groups
        mask = offers.get(id_)
        if not mask:  # also what somebody holds already may be what no catalog knows
            reading = case.policy.catalogs.read(collection.system, [entitlement])[id_]
            if not isinstance(reading, KnownEntitlement):
                yield None, can_be_given
                continue
            mask = reading.mask
        yield Candidate(f"{system}/{id_}", entitlement.name, mask), can_be_given
