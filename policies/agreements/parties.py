"""
Who the parties of the agreements are: which papers lie between two of them, and through whom somebody works.

A person may stand in a paper by VMA id or by name, also by a name that they had before; a name that somebody else has,
or had, names neither: one signature would then cover two people.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from connectors.facts import Engagement, Person
from policies.agreements.alike import nearest
from policies.agreements.organisations import Organisations, person_key, split
from policies.agreements.register import LINK, PRACTICE, Agreement

Ends = tuple[str, str]
"""Giver and receiver, as keys."""


def _names(person: Person, former_names: Mapping[str, Collection[str]]) -> set[str]:
    """Return the names that somebody has or had, as keys."""
    return {person_key(name) for name in (person.name, *former_names.get(person.id, ()))}


@dataclass(frozen=True, slots=True)
class ContractChain:
    """Through which organisations somebody works, from the practice outwards."""

    links: tuple[str, ...]
    question: str = ""
    """What must be answered before the chain is known; then `links` is only the last one."""


class Parties:
    """The parties of a register, and the people and agencies of a roster."""

    def __init__(
        self,
        agreements: Sequence[Agreement],
        people: Mapping[str, Person],
        engagements: Iterable[Engagement],
        former_names: Mapping[str, Collection[str]],
    ) -> None:
        written = {party for a in agreements for party in (a.giver, a.receiver)}
        self.organisations = Organisations(written | {link for e in engagements for link in e.agencies})
        self._agreements = sorted(agreements, key=lambda a: a.id)
        self._ids = {id_.casefold() for id_ in people}
        self._known_as = {id_: _names(person, former_names) for id_, person in people.items()}
        self._namesakes = Counter(name for names in self._known_as.values() for name in names)
        self._put_all()
        self._chains: dict[str | None, ContractChain] = {}
        self._near: dict[Ends, list[tuple[str, Agreement]]] = {}

    def after(
        self, people: Mapping[str, Person], former_names: Mapping[str, Collection[str]], moved: Collection[str]
    ) -> "Parties":
        """Return the parties where only those of `moved` came, went or have other names; self where nobody has."""
        names = {id_: _names(people[id_], former_names) for id_ in moved if id_ in people}
        differ = {id_ for id_ in moved if names.get(id_) != self._known_as.get(id_)}
        if not differ:
            return self
        later = copy(self)
        later._ids = {id_.casefold() for id_ in people}
        later._known_as, later._namesakes = dict(self._known_as), self._namesakes.copy()
        for id_ in differ:
            later._namesakes.subtract(later._known_as.pop(id_, ()))
            if id_ in names:
                later._known_as[id_] = names[id_]
                later._namesakes.update(names[id_])
        later._put_all()
        return later

    def _put_all(self) -> None:
        """Index the agreements by their parties, as far as these are known."""
        self._by_organisation: dict[Ends, list[Agreement]] = defaultdict(list)
        self._by_core: dict[Ends, list[Agreement]] = defaultdict(list)
        self._by_id: dict[Ends, list[Agreement]] = defaultdict(list)
        self._by_name: dict[Ends, list[Agreement]] = defaultdict(list)
        self._givers: dict[str, dict[str, Agreement]] = defaultdict(dict)
        for agreement in self._agreements:
            self._put(agreement)
        self._named = {a.id: self._keys(a.people) for a in self._agreements if a.people is not None}

    def _put(self, agreement: Agreement) -> None:
        giver, receiver = self.ends(agreement)
        self._by_organisation[giver, receiver].append(agreement)
        self._by_core[split(agreement.giver)[0], split(agreement.receiver)[0]].append(agreement)
        if agreement.receiver.casefold() in self._ids:
            self._by_id[giver, agreement.receiver.casefold()].append(agreement)
        else:
            self._by_name[giver, person_key(agreement.receiver)].append(agreement)
        if agreement.kind in LINK and giver != receiver:
            self._givers[receiver].setdefault(giver, agreement)

    def _keys(self, people: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids and the names of a schedule; what is somebody's id is nobody's name."""
        folded = {entry.casefold(): entry for entry in people}
        return frozenset(folded), frozenset(person_key(e) for f, e in folded.items() if f not in self._ids)

    def ends(self, agreement: Agreement) -> Ends:
        """Return the two parties of an agreement as keys."""
        return self.organisations.key(agreement.giver), self.organisations.key(agreement.receiver)

    def names_of(self, vma: str) -> set[str]:
        """Return the names, now and before, that are this person's and nobody else's, as keys."""
        return {name for name in self._known_as.get(vma, ()) if self._namesakes[name] == 1}

    def names(self, agreement: Agreement, vma: str) -> bool:
        """Whether an agreement covers this person, as far as it names people."""
        if agreement.people is None:
            return True
        ids, names = self._named[agreement.id]
        return vma.casefold() in ids or not names.isdisjoint(self.names_of(vma))

    def between(self, giver: str, receiver: str, *, person: bool) -> list[Agreement]:
        """Return the agreements between two parties, in the order of their ids; the receiver may be a VMA, by id."""
        key = self.organisations.key(giver)
        if not person:
            return self._by_organisation.get((key, self.organisations.key(receiver)), [])
        found = list(self._by_id.get((key, receiver.casefold()), ()))
        for name in self.names_of(receiver):
            found += self._by_name.get((key, name), ())
        return sorted(found, key=lambda a: a.id)

    def perhaps_between(self, giver: str, receiver: str) -> list[Agreement]:
        """Return the agreements whose parties differ from these in the legal form only: one company, or two."""
        found = self._by_core.get((split(giver)[0], split(receiver)[0]), ())
        sure = self.organisations.key(giver), self.organisations.key(receiver)
        return [a for a in found if self.ends(a) != sure]

    def near(self, giver: str, receiver: str) -> list[tuple[str, Agreement]]:
        """Return the agreements of one of two parties with somebody whose name is near the other's, and that name."""
        if (giver, receiver) not in self._near:
            self._near[giver, receiver] = self._find_near(giver, receiver)
        return self._near[giver, receiver]

    def _find_near(self, giver: str, receiver: str) -> list[tuple[str, Agreement]]:
        mine: Ends = self.organisations.key(giver), self.organisations.key(receiver)
        found: dict[str, list[Agreement]] = defaultdict(list)
        for ends, papers in self._by_organisation.items():
            if ends[0] == mine[0] and ends[1] != mine[1]:
                for paper in papers:
                    found[paper.receiver].append(paper)
        told = [(name, paper) for name in nearest(receiver, found) for paper in found[name]]
        found.clear()
        for ends, papers in self._by_organisation.items():
            if ends[1] == mine[1] and ends[0] != mine[0] and giver != PRACTICE:
                for paper in papers:
                    found[paper.giver].append(paper)
        return [*told, *((name, paper) for name in nearest(giver, found) for paper in found[name])]

    def renamed(self, later: "Parties") -> Iterator[str]:
        """Yield the people who have a name in `later` that more or fewer people have than before, or other names."""
        names = {*self._namesakes, *later._namesakes}
        differ = {name for name in names if self._namesakes[name] != later._namesakes[name]}
        if differ:
            yield from (id_ for id_, known in later._known_as.items() if not known.isdisjoint(differ))

    # ---- chains ----

    def chain(self, engagement: Engagement) -> ContractChain:
        """
        Return through whom somebody works.

        What the roster says is taken as it stands. Where it names one agency only, and that has no paper with the
        practice itself, the register may know through whom: by one way only, or it is a question.
        """
        if engagement.agency not in self._chains:
            self._chains[engagement.agency] = self._chain(engagement.agencies)
        return self._chains[engagement.agency]

    def _chain(self, links: tuple[str, ...]) -> ContractChain:
        if len(links) != 1:
            return ContractChain(links)
        (last,) = links
        practice, start = self.organisations.key(PRACTICE), self.organisations.key(last)
        if practice in self._givers.get(start, {}):
            return ContractChain(links)
        ways: list[tuple[Agreement, ...]] = []
        for way in self._ways(start, practice, (start,)):
            ways.append(way)
            if len(ways) > 1:
                break
        if not ways:
            return ContractChain(links)
        written = [" > ".join((*(a.receiver for a in way[:-1]), last)) for way in ways]
        if len(ways) > 1:
            how = " or ".join(f"`agency: {text}`" for text in sorted(written))
            return ContractChain(
                links, f"the register leads to `{last}` in more than one way; write in the roster {how}"
            )
        return ContractChain((*(a.receiver for a in ways[0][:-1]), last))

    def _ways(self, receiver: str, practice: str, seen: tuple[str, ...]) -> Iterator[tuple[Agreement, ...]]:
        """Yield the ways from the practice to an organisation, outwards; none of them comes by one twice."""
        for giver, agreement in sorted(self._givers.get(receiver, {}).items()):
            if giver == practice:
                yield (agreement,)
            elif giver not in seen:
                for way in self._ways(giver, practice, (*seen, giver)):
                    yield (*way, agreement)
