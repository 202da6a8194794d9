"""
BAA coverage: which agreements a VMA's work needs, and on which days each of them was in place.

The chain follows the engagement (45 CFR 160.103, definitions of workforce, business associate and subcontractor):

| engagement                    | legs of the chain                                                        |
|-------------------------------|--------------------------------------------------------------------------|
| employee of the practice      | none: workforce                                                          |
| contractor of the practice    | practice → person: BAA, or workforce attestation                         |
| employee of an agency         | practice → agency: BAA                                                   |
| contractor of an agency       | as above, and agency → person: subcontractor BAA or workforce attestation |

A headcount cap gives its seats in the order of start dates, then of ids, so it is always known which hire tipped it.
Every engagement counts, also the earlier and later ones of one VMA; those that touch are one stay with one seat.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.facts import Employment, Engagement, Person
from policies.agreements import PRACTICE, Agreement, AgreementKind
from policies.intervals import FOREVER, Days, Interval, after, contains, intersection, union


@dataclass(frozen=True, slots=True)
class Leg:
    """One agreement that a chain needs."""

    giver: str
    receiver: str
    kinds: frozenset[AgreementKind]
    text: str
    """Such as "BAA between the practice and Harbor Assist LLC"."""


_BAA = frozenset({AgreementKind.BAA})
_PERSON = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA, AgreementKind.WORKFORCE_ATTESTATION})


def engagement_type(engagement: Engagement) -> str:
    """Name the legal reading of an engagement, by which citations are chosen."""
    by_agency = engagement.agency is not None
    if engagement.employment is Employment.EMPLOYEE:
        return "agency-employee" if by_agency else "practice-workforce"
    return "agency-contractor" if by_agency else "direct-contractor"


def legs(engagement: Engagement) -> tuple[Leg, ...]:
    """Return the chain that this engagement needs."""
    agency, vma = engagement.agency, engagement.vma
    match engagement_type(engagement):
        case "practice-workforce":
            return ()
        case "direct-contractor":
            return (Leg(PRACTICE, vma, _PERSON, f"BAA (or workforce attestation) between the practice and {vma}"),)
    assert agency is not None  # noqa: S101 - the two remaining types have one
    with_agency = Leg(PRACTICE, agency, _BAA, f"BAA between the practice and {agency}")
    if engagement.employment is Employment.EMPLOYEE:
        return (with_agency,)
    text = f"subcontractor BAA or workforce attestation between {agency} and {vma}"
    return (with_agency, Leg(agency, vma, _PERSON, text))


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which a VMA works through one agency, without a day between them, whatever the roles."""

    vma: str
    start: date
    end: date


class Coverage:
    """Answers for all VMAs of one practice which agreements cover them, and when."""

    def __init__(
        self, agreements: Sequence[Agreement], people: dict[str, Person], engagements: Iterable[Engagement]
    ) -> None:
        self._agreements = sorted(agreements, key=lambda a: a.id)
        self._people = people
        self._namesakes = Counter(person.name.casefold() for person in people.values())
        self._mine = _stays(engagements)
        self._by_agency: dict[str, list[Stay]] = defaultdict(list)
        for (agency, _), stays in self._mine.items():
            self._by_agency[agency] += stays
        for stays in self._by_agency.values():
            stays.sort(key=lambda stay: (stay.start, stay.vma))
        self._seats = {a.id: self._seats_of(a) for a in agreements if a.headcount is not None}
        self._used: dict[tuple[str, date], int] = {}

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
            if old != new:
                yield from (stay.vma for stay in {*old, *new} if old.get(stay) != new.get(stay))
            if self.seats_used(agreement, day) != later.seats_used(agreement, later_day):
                yield from (stay.vma for stay in later._through(agreement) if new.get(stay, FOREVER) > later_day)
        if self._namesakes != later._namesakes:
            names = {*self._namesakes, *later._namesakes}
            differ = {name for name in names if self._namesakes[name] != later._namesakes[name]}
            yield from (id_ for id_, person in later._people.items() if person.name.casefold() in differ)

    def of_leg(self, leg: Leg) -> tuple[Agreement, ...]:
        """
        Return the agreements between the two parties of a leg, in force or not, in the order of their ids.

        A VMA may be given by name, unless somebody else has it too: one signature would then cover two people.
        """
        names = {leg.receiver.casefold()}
        person = self._people.get(leg.receiver)
        if person is not None and self._namesakes[person.name.casefold()] == 1:
            names.add(person.name.casefold())
        return tuple(
            a
            for a in self._agreements
            if a.giver.casefold() == leg.giver.casefold() and a.receiver.casefold() in names and a.kind in leg.kinds
        )

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
        for agreement in (a for leg in legs(engagement) for a in self.of_leg(leg)):
            seat = self.seat_from(agreement, engagement)
            days += [agreement.start, *([after(agreement.end)] if agreement.end else []), *([seat] if seat else [])]
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
        for leg in legs(engagement):
            days = intersection(days, self.days(leg, engagement))
        return days

    def names(self, agreement: Agreement, vma: str) -> bool:
        """Whether an agreement covers this person, as far as it names people."""
        return agreement.people is None or vma in agreement.people

    def seat_from(self, agreement: Agreement, engagement: Engagement) -> date | None:
        """
        Return the first day on which this VMA has a seat under a headcount cap; `None` when never.

        A seat belongs to the whole stay with the agency: a new role, or a second row that touches, takes nobody's.
        """
        if agreement.headcount is None or agreement.receiver.casefold() != (engagement.agency or "").casefold():
            return date.min
        last = engagement.end or FOREVER
        mine = [s for s in self._mine.get((agreement.receiver.casefold(), engagement.vma), ()) if s.start <= last]
        return self._seats[agreement.id].get(mine[-1]) if mine else None

    def seats_used(self, agreement: Agreement, day: date) -> int:
        """Count the VMAs who are engaged that day through the agreement's receiver."""
        key = agreement.id, day
        if key not in self._used:
            self._used[key] = sum(stay.start <= day <= stay.end for stay in self._through(agreement))
        return self._used[key]

    def _with_seat(self, agreement: Agreement, engagement: Engagement) -> Days:
        seat = self.seat_from(agreement, engagement)
        return () if seat is None else intersection(agreement.days, ((seat, FOREVER),))

    def _through(self, agreement: Agreement) -> list[Stay]:
        team = self._by_agency.get(agreement.receiver.casefold(), [])
        return [stay for stay in team if self.names(agreement, stay.vma)]

    def _seats_of(self, agreement: Agreement) -> dict[Stay, date]:
        """
        Give out the seats of a capped agreement.

        Seats go by start date, and are freed only by those who started earlier and end; so each VMA gets a seat on
        one day and keeps it for the stay, and that day is the end of the k-th predecessor to leave.
        """
        cap = agreement.headcount or 0
        seats: dict[Stay, date] = {}
        ends: list[date] = []
        for stay in self._through(agreement):
            still_here = len(ends) - bisect_left(ends, stay.start)
            surplus = still_here - cap
            if surplus < 0:
                seats[stay] = stay.start
            else:
                freed = ends[len(ends) - still_here + surplus]
                if freed != FOREVER:
                    seats[stay] = after(freed)
            insort(ends, stay.end)
        return seats


def _stays(engagements: Iterable[Engagement]) -> dict[tuple[str, str], list[Stay]]:
    """Return the stays of each VMA through each agency (casefolded; empty: the practice itself), by start."""
    days: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for e in engagements:
        days[(e.agency or "").casefold(), e.vma].append((e.start, e.end or FOREVER))
    return {key: [Stay(key[1], first, last) for first, last in union(mine)] for key, mine in days.items()}


def engaged(engagement: Engagement) -> Days:
    """Return the days of an engagement."""
    interval: Interval = (engagement.start, engagement.end or FOREVER)
    return union([interval])
