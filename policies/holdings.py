"""
What an account holds, in capabilities: the union over its grants, kept by the assignment that gave them.

An assignment is what an administrator gave and would take away: the entitlement held directly, at the start of a path.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.facts import Collection, Entitlement, Grant
from policies.catalog import Catalogs, Reading, Unclassified


@dataclass(slots=True)
class Assignment:
    """One thing given to one account, and everything that it brings."""

    id: str
    mask: int = 0
    grants: list[tuple[Grant, int]] = field(default_factory=list)
    """Each grant that it brings, with the capabilities that this grant gives."""


@dataclass(slots=True)
class Held:
    """What one account holds."""

    mask: int = 0
    assignments: dict[str, Assignment] = field(default_factory=dict)
    unclassified: dict[str, tuple[str, Grant]] = field(default_factory=dict)
    """By entitlement id: why no catalog could read it, and the grant by which it is held."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """By entitlement id: what the catalogs say of it."""


_NOTHING = Held()


class Holdings:
    """Looks up what an account holds; computed at the first question about it, from complete collections only."""

    def __init__(self, collections: Mapping[str, Collection], catalogs: Catalogs) -> None:
        self._collections = collections
        self._catalogs = catalogs
        self._held: dict[tuple[str, str], Held] = {}
        self._grants: dict[str, dict[str, list[Grant]]] = {}
        self._offers: dict[str, dict[str, int]] = {}

    def __getitem__(self, key: tuple[str, str]) -> Held:
        if key not in self._held:
            self._held[key] = self._read(*key)
        return self._held[key]

    def entitlement(self, system: str, id_: str) -> Entitlement:
        """Return the description of an entitlement."""
        return self._collections[system].entitlements[id_]

    def offers(self, system: str) -> dict[str, int]:
        """Return what each assignment that somebody has in a system brings: what an administrator could give."""
        if system not in self._offers:
            offers: dict[str, int] = {}
            for account in self._by_account(system):
                for id_, assignment in self[system, account].assignments.items():
                    offers[id_] = offers.get(id_, 0) | assignment.mask
            self._offers[system] = dict(sorted(offers.items()))
        return self._offers[system]

    def _read(self, system: str, account: str) -> Held:
        grants = self._by_account(system).get(account)
        if not grants:
            return _NOTHING
        grants = sorted(grants, key=lambda g: (g.entitlement, g.path))
        collection = self._collections[system]
        held = list({g.entitlement: collection.entitlements[g.entitlement] for g in grants}.values())
        readings = self._catalogs.read(collection.system, held)
        result = Held()
        for grant in grants:
            reading = readings[grant.entitlement]
            if isinstance(reading, Unclassified):
                # What half a document plainly gives counts; what the rest gives is not known.
                result.unclassified.setdefault(grant.entitlement, (reading.reason, grant))
            result.readings[grant.entitlement] = reading
            assignment = result.assignments.setdefault(grant.assignment, Assignment(grant.assignment))
            assignment.mask |= reading.mask
            assignment.grants.append((grant, reading.mask))
            result.mask |= reading.mask
        return result

    def _by_account(self, system: str) -> dict[str, list[Grant]]:
        if system not in self._grants:
            by_account: dict[str, list[Grant]] = defaultdict(list)
            for grant in self._collections[system].grants:
                by_account[grant.account].append(grant)
            self._grants[system] = dict(by_account)
        return self._grants[system]
