"""
What an account holds, in capabilities: the union over its grants, kept by the assignment that gave them.

An assignment is what an administrator gave and would take away: the entitlement held directly, at the start of a path.
Where a collection knows the whole cloud account, a grant counts for what it effectively gives, and what an account can
do in other ways (a role that it can become, a resource that lets it in) is an assignment of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.facts import Collection, Entitlement, Grant, System
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Reading, Unclassified
from policies.permissions.contract import Judge, Way
from policies.permissions.judge import judge_of


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
    notes: dict[str, str] = field(default_factory=dict)
    """By entitlement id: what it depends on whether the account gets there."""

    def add(self, grant: Grant, reading: Reading) -> None:
        """Count one grant for what the catalogs say that it gives."""
        if isinstance(reading, Unclassified):
            # What half a document plainly gives counts; what the rest gives is not known.
            self.unclassified.setdefault(grant.entitlement, (reading.reason, grant))
        before = self.readings.get(grant.entitlement)
        # The same policy may be held by itself and through a role, and give more the one way than the other.
        self.readings[grant.entitlement] = reading if before is None else _together(before, reading)
        assignment = self.assignments.setdefault(grant.assignment, Assignment(grant.assignment))
        assignment.mask |= reading.mask
        assignment.grants.append((grant, reading.mask))
        self.mask |= reading.mask


_NOTHING = Held()


class Holdings:
    """Looks up what an account holds; computed at the first question about it, from complete collections only."""

    def __init__(self, collections: Mapping[str, Collection], catalogs: Catalogs) -> None:
        self._collections = collections
        self._catalogs = catalogs
        self._held: dict[tuple[str, str], Held] = {}
        self._grants: dict[str, dict[str, list[Grant]]] = {}
        self._offers: dict[str, dict[str, int]] = {}
        self._choices: dict[tuple[str, ...], dict[int, tuple[str, str]]] = {}
        self._judges: dict[str, Judge | None] = {}
        self._more: dict[tuple[str, str], Entitlement] = {}
        """What nobody holds as such, and that gives something: see `Judge.ways`."""
        self._ways: dict[int, tuple[object, dict[str, Reading]]] = {}
        """By identity of `Way.gives`, which is kept alive with it."""

    def after(
        self, collections: Mapping[str, Collection], catalogs: Catalogs, moved: Iterable[tuple[str, str]]
    ) -> "Holdings":
        """
        Return the holdings of later collections, in which only what the accounts in `moved` hold is different.

        Precondition: what the systems say of an entitlement, and of a whole cloud account, is the same as before.
        """
        later = Holdings(collections, catalogs)
        later._held = self._held.copy()
        for key in moved:
            later._held.pop(key, None)
        same = {id_ for id_, c in collections.items() if _same_grants(c, self._collections[id_])}
        later._grants = {id_: grants for id_, grants in self._grants.items() if id_ in same}
        later._offers = {id_: offers for id_, offers in self._offers.items() if id_ in same}
        later._judges, later._more, later._ways = self._judges, self._more, self._ways
        return later

    def __getitem__(self, key: tuple[str, str]) -> Held:
        if key not in self._held:
            self._held[key] = self._read(*key)
        return self._held[key]

    def entitlement(self, system: str, id_: str) -> Entitlement:
        """Return the description of an entitlement."""
        found = self._collections[system].entitlements.get(id_)
        return found if found is not None else self._more[system, id_]

    def offers(self, system: str) -> dict[str, int]:
        """Return what each assignment that somebody has in a system brings: what an administrator could give."""
        if system not in self._offers:
            offers: dict[str, int] = {}
            known = self._collections[system].entitlements
            for account in self._by_account(system):
                for id_, assignment in self[system, account].assignments.items():
                    if id_ in known:
                        offers[id_] = offers.get(id_, 0) | assignment.mask
            self._offers[system] = dict(sorted(offers.items()))
        return self._offers[system]

    def choices(self, systems: Iterable[str]) -> dict[int, tuple[str, str]]:
        """
        Return the different sets of capabilities that something offered in these systems brings, and what does.

        Of those that bring the same, the first one by system and id.
        """
        systems = tuple(systems)
        if systems not in self._choices:
            found: dict[int, tuple[str, str]] = {}
            for system in systems:
                for id_, mask in self.offers(system).items():
                    found[mask] = min(found.get(mask, (system, id_)), (system, id_))
            self._choices[systems] = found
        return self._choices[systems]

    def grants_of(self, system: str, account: str) -> Sequence[Grant]:
        """Return the grants of one account, in no order."""
        return self._by_account(system).get(account, ())

    def _read(self, system: str, account: str) -> Held:
        grants = sorted(self.grants_of(system, account), key=lambda g: (g.entitlement, g.path))
        judge = self._judge(system)
        if judge is None and not grants:
            return _NOTHING
        result = Held()
        if judge is None:
            self._add(result, system, grants, None)
        elif why := judge.stopped(account):
            for grant in grants:
                result.add(grant, KnownEntitlement(0, why))
        else:
            for part in judge.parts(account, grants):
                self._add(result, system, part.grants, part.effective)
            for way in judge.ways(account):
                self._add_way(result, system, account, way)
            for entitlement, reason in judge.unknown(account):
                self._more[system, entitlement.id] = entitlement
                result.unclassified.setdefault(entitlement.id, (reason, Grant(account, entitlement.id)))
        return result

    def _judge(self, system: str) -> Judge | None:
        if system not in self._judges:
            self._judges[system] = judge_of(self._collections[system])
        return self._judges[system]

    def _add(self, result: Held, system: str, grants: Sequence[Grant], effective: Mapping[str, object] | None) -> None:
        """Count the grants of one holder, whose documents limit each other."""
        collection = self._collections[system]
        held = list({g.entitlement: collection.entitlements[g.entitlement] for g in grants}.values())
        readings = self._catalogs.read(collection.system, held, effective)
        for grant in grants:
            result.add(grant, readings[grant.entitlement])

    def _add_way(self, result: Held, system: str, account: str, way: Way) -> None:
        """Count what an account can do by becoming another, or because something lets it in."""
        kind = self._collections[system].system
        for entitlement in (*way.path, *(entitlement for entitlement, _ in way.gives)):
            self._more.setdefault((system, entitlement.id), entitlement)
        path = tuple(entitlement.id for entitlement in way.path)
        if path:
            result.add(Grant(account, path[-1], path[:-1]), self._catalogs.gives(kind, way.becoming))
        for id_, reading in self._readings(kind, way).items():
            result.add(Grant(account, id_, path), reading)
        result.notes |= dict(way.notes)

    def _readings(self, system: System, way: Way) -> dict[str, Reading]:
        """Return what the catalogs say of a way; a role gives the same to all who become it, and is read once."""
        if id(way.gives) not in self._ways:
            possible = {entitlement.id: given for entitlement, given in way.gives}
            if way.path:
                found = self._catalogs.read(system, [entitlement for entitlement, _ in way.gives], possible)
            else:
                found = {id_: self._catalogs.gives(system, given) for id_, given in possible.items()}
            self._ways[id(way.gives)] = way.gives, found
        return self._ways[id(way.gives)][1]

    def _by_account(self, system: str) -> dict[str, list[Grant]]:
        if system not in self._grants:
            by_account: dict[str, list[Grant]] = defaultdict(list)
            for grant in self._collections[system].grants:
                by_account[grant.account].append(grant)
            self._grants[system] = dict(by_account)
        return self._grants[system]


def _together(one: Reading, other: Reading) -> Reading:
    """Return what both readings of one entitlement say that it gives."""
    keys: dict[str, int] = {}
    for name, mask in (*one.keys, *other.keys):
        keys[name] = keys.get(name, 0) | mask
    # What one holder has for certain, the account has for certain.
    certain = {name for reading in (one, other) for name, _ in reading.keys if name not in dict(reading.notes)}
    notes = {key: text for key, text in (*one.notes, *other.notes) if key not in certain}
    mask, found = one.mask | other.mask, (tuple(sorted(keys.items())), tuple(sorted(notes.items())))
    if isinstance(one, Unclassified):
        return Unclassified(one.reason, mask, *found)
    if isinstance(other, Unclassified):
        return Unclassified(other.reason, mask, *found)
    return KnownEntitlement(mask, max((one, other), key=lambda known: known.mask.bit_count()).why, *found)


def _same_grants(one: Collection, other: Collection) -> bool:
    return one.grants is other.grants and one.entitlements.keys() == other.entitlements.keys()
