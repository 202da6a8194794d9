"""
BAA coverage: on which days each agreement of a chain (`policies.agreements.chain`) was in place.

Where the roster names the last link of a chain only, and that one has no paper with the practice, the register says
through whom it works (`policies.agreements.parties`).

A headcount cap counts at each link whoever works through it, directly or further down. It gives its seats in the order
of start dates, then of ids, so it is always known which hire tipped it. Every engagement counts, also the earlier and
later ones of one VMA; those that touch are one stay with one seat.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date

from connectors.facts import Engagement, Person
from policies.agreements.chain import Leg, engaged, legs
from policies.agreements.days import FOREVER, Days, Interval, after, contains, intersection, union
from policies.agreements.parties import Ends, Parties
from policies.agreements.register import Agreement
from policies.agreements.seats import Stay, seats, turn


class Coverage:
    """Answers for all VMAs of one practice which agreements cover them, and when."""

    def __init__(
        self,
        agreements: Sequence[Agreement],
        people: Mapping[str, Person],
        engagements: Iterable[Engagement],
        former_names: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        engagements = tuple(engagements)
        self._agreements = sorted(agreements, key=lambda a: a.id)
        self._people = people
        self._parties = Parties(agreements, people, engagements, former_names or {})
        self._ends_of: dict[str | None, list[Ends]] = {}
        self._mine = self._stays(engagements)
        self._through_leg: dict[Ends, list[Stay]] = defaultdict(list)
        for (ends, _), stays in self._mine.items():
            self._through_leg[ends] += stays
        for stays in self._through_leg.values():
            stays.sort(key=turn)
        self._seats = {a.id: seats(self._through(a), a.headcount) for a in agreements if a.headcount is not None}
        self._used: dict[tuple[str, date], int] = {}

    def after(
        self,
        people: Mapping[str, Person],
        former_names: Mapping[str, Collection[str]],
        moved: Collection[str],
        before: Iterable[Engagement],
        now: Iterable[Engagement],
    ) -> "Coverage":
        """
        Return the coverage where only those of `moved` are other people, or engaged otherwise: `before`, and `now`.

        The agreements and the agencies of the roster are the same. Only who shares a link with them is asked again.
        """
        later = copy(self)
        later._people = people
        later._parties = self._parties.after(people, former_names, moved)
        later._mine, later._through_leg = dict(self._mine), defaultdict(list, self._through_leg)
        touched = {ends for e in before for ends in self._org_ends(e)}
        for key in [(ends, vma) for ends in touched for vma in moved]:
            later._mine.pop(key, None)
        come = later._stays(now)
        later._mine |= come
        touched |= {ends for ends, _ in come}
        for ends in touched:
            team = [stay for stay in self._through_leg.get(ends, ()) if stay.vma not in moved]
            team += [stay for (where, _), stays in come.items() if where == ends for stay in stays]
            later._through_leg[ends] = sorted(team, key=turn)
        renamed = later._parties is not self._parties
        again = {a for a in self._agreements if self._parties.ends(a) in touched or (renamed and a.people is not None)}
        capped = ((a, a.headcount) for a in again if a.headcount is not None)
        later._seats = self._seats | {a.id: seats(later._through(a), cap) for a, cap in capped}
        ids = {a.id for a in again}
        later._used = {key: used for key, used in self._used.items() if key[0] not in ids}
        return later

    def legs(self, engagement: Engagement) -> tuple[Leg, ...]:
        """Return the chain of agreements that this engagement needs, through whom the register says."""
        person = self._people.get(engagement.vma)
        return legs(engagement, self._parties.chain(engagement).links, person.name if person else "")

    def question(self, engagement: Engagement) -> str:
        """Say what must be answered before it is known through whom somebody works; empty when nothing."""
        return self._parties.chain(engagement).question

    def doubtful(self, leg: Leg, day: date) -> list[Agreement]:
        """Return the agreements in force that day whose parties are those of the leg but for the legal form."""
        if leg.person:
            return []
        found = self._parties.perhaps_between(leg.giver, leg.receiver)
        return [a for a in found if a.kind in leg.kinds and contains(a.days, day)]

    def near(self, leg: Leg) -> list[tuple[str, Agreement]]:
        """
        Return the agreements, in force or not, with one party of a leg and with a name near that of the other party.

        Each comes with that name, the nearest first: whether it is the same organisation is for a person to say.
        """
        if leg.person:
            return []
        return [(name, a) for name, a in self._parties.near(leg.giver, leg.receiver) if a.kind in leg.kinds]

    def same(self, one: str, other: str) -> bool:
        """Whether two names are of one organisation, as far as register and roster know."""
        key = self._parties.organisations.key
        return key(one) == key(other)

    def _org_ends(self, engagement: Engagement) -> list[Ends]:
        # Through which organisations somebody works is the agency's and not the person's: hundreds share it.
        found = self._ends_of.get(engagement.agency)
        if found is None:
            key = self._parties.organisations.key
            found = [(key(leg.giver), key(leg.receiver)) for leg in self.legs(engagement) if not leg.person]
            self._ends_of[engagement.agency] = found
        return found

    def _stays(self, engagements: Iterable[Engagement]) -> dict[tuple[Ends, str], list[Stay]]:
        """Return the stays of each VMA at each link between two organisations, by start."""
        days: dict[tuple[Ends, str], list[Interval]] = defaultdict(list)
        for e in engagements:
            for ends in self._org_ends(e):
                days[ends, e.vma].append((e.start, e.end or FOREVER))
        return {key: [Stay(key[1], first, last) for first, last in union(mine)] for key, mine in days.items()}

    def moved(self, day: date, later: "Coverage", later_day: date) -> Iterator[str]:
        """
        Yield the VMAs whom the same agreements cover differently on a later day, because others came, went or changed.

        That is who gets or loses a seat, and whoever has none when the count that they are told is another; and
        whoever has, or had, somebody else's name: see `of_leg`.
        """
        for agreement in self._agreements:
            if agreement.headcount is None:
                continue
            old, new = self._seats[agreement.id], later._seats[agreement.id]
            if old is not new and old != new:
                yield from (stay.vma for stay in {*old, *new} if old.get(stay) != new.get(stay))
            if self.seats_used(agreement, day) != later.seats_used(agreement, later_day):
                yield from (stay.vma for stay in later._through(agreement) if new.get(stay, FOREVER) > later_day)
        yield from self._parties.renamed(later._parties)
        if self._parties.organisations != later._parties.organisations:
            yield from (stay.vma for team in later._through_leg.values() for stay in team)

    def of_leg(self, leg: Leg) -> tuple[Agreement, ...]:
        """
        Return the agreements between the two parties of a leg, in force or not, in the order of their ids.

        A VMA may be given by name, now or before, unless somebody else has it too: see `policies.agreements.parties`.
        """
        found = self._parties.between(leg.giver, leg.receiver, person=leg.person)
        return tuple(a for a in found if a.kind in leg.kinds)

    def in_force(self, leg: Leg, day: date) -> list[Agreement]:
        """Return the agreements of a leg that are in force on that day, whomever they name."""
        return [a for a in self.of_leg(leg) if contains(a.days, day)]

    def naming(self, leg: Leg, vma: str, day: date) -> list[Agreement]:
        """Return those in force that name this VMA, or nobody in particular."""
        return [a for a in self.in_force(leg, day) if self.names(a, vma)]

    def seated(self, leg: Leg, engagement: Engagement, day: date) -> list[Agreement]:
        """Return those in force that name this VMA and have a seat for the VMA on that day."""
        return [
            a
            for a in self.naming(leg, engagement.vma, day)
            if (seat := self.seat_from(a, engagement)) is not None and seat <= day
        ]

    def closest(self, leg: Leg, engagement: Engagement, day: date) -> list[Agreement]:
        """
        Return the agreements in force that come closest to covering this VMA: with a seat, else naming, else any.

        What an agreement says of systems and PHI counts for those whom it covers: one that covers the system and
        another that names the person are, together, nothing.
        """
        naming = self.naming(leg, engagement.vma, day)
        return self.seated(leg, engagement, day) or naming or self.in_force(leg, day)

    def next_boundary(self, engagement: Engagement, day: date) -> date | None:
        """Return the next day on which an agreement of the chain begins, ends or frees a seat, or the work ends."""
        days = [after(engagement.end)] if engagement.end else []
        for agreement in (a for leg in self.legs(engagement) for a in self.of_leg(leg)):
            seat = self.seat_from(agreement, engagement)
            days += [agreement.first_day, *([after(agreement.end)] if agreement.end else []), *([seat] if seat else [])]
        return min((d for d in days if d > day), default=None)

    def days(self, leg: Leg, engagement: Engagement, system: str | None = None) -> Days:
        """Return the days of the engagement on which the leg is in place for this VMA (and this system)."""
        return intersection(
            union(
                interval
                for a in self.of_leg(leg)
                if self.names(a, engagement.vma) and (system is None or a.systems is None or system in a.systems)
                for interval in self._with_seat(a, engagement)
            ),
            engaged(engagement),
        )

    def chain_days(self, engagement: Engagement) -> Days:
        """Return the days of the engagement on which every leg is in place."""
        days = engaged(engagement)
        for leg in self.legs(engagement):
            days = intersection(days, self.days(leg, engagement))
        return days

    def names(self, agreement: Agreement, vma: str) -> bool:
        """Whether an agreement covers this person, as far as it names people."""
        return self._parties.names(agreement, vma)

    def works_under(self, agreement: Agreement, engagement: Engagement) -> bool:
        """Whether an agreement is between two organisations of the chain of this engagement."""
        return self._parties.ends(agreement) in self._org_ends(engagement)

    def seat_from(self, agreement: Agreement, engagement: Engagement) -> date | None:
        """
        Return the first day on which this VMA has a seat under a headcount cap; `None` when never.

        A seat belongs to the whole stay with the agency: a new role, or a second row that touches, takes nobody's.
        """
        if agreement.headcount is None or not self.works_under(agreement, engagement):
            return date.min
        last = engagement.end or FOREVER
        mine = [s for s in self._mine.get((self._parties.ends(agreement), engagement.vma), ()) if s.start <= last]
        return self._seats[agreement.id].get(mine[-1]) if mine else None

    def seats_used(self, agreement: Agreement, day: date) -> int:
        """Count the VMAs who are engaged that day through the agreement's receiver, directly or further down."""
        key = agreement.id, day
        if key not in self._used:
            self._used[key] = sum(stay.start <= day <= stay.end for stay in self._through(agreement))
        return self._used[key]

    def _with_seat(self, agreement: Agreement, engagement: Engagement) -> Days:
        seat = self.seat_from(agreement, engagement)
        return () if seat is None else intersection(agreement.days, ((seat, FOREVER),))

    def _through(self, agreement: Agreement) -> list[Stay]:
        team = self._through_leg.get(self._parties.ends(agreement), [])
        return [stay for stay in team if self.names(agreement, stay.vma)]
