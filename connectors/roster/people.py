"""Makes of many records a roster, or a list of staff: one person for an id, one employer on a day."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from connectors.errors import InputError
from connectors.facts import Employment, Engagement, Person, PersonKind, Roster
from connectors.roster.record import STAFF_KINDS, STATUSES, Record


@dataclass(frozen=True, slots=True)
class RosterRead:
    """A roster, and the record of each engagement, so that later checks can name its place."""

    roster: Roster
    records: Mapping[Engagement, Record]

    def refuse(
        self,
        engagement: Engagement,
        field: str,
        problem: str,
        *,
        found: object = None,
        expected: str = "",
        hint: str = "",
    ) -> NoReturn:
        """Raise the `InputError` that names the place of an engagement, such as for a role that has no template."""
        self.records[engagement].refuse(field, problem, found=found, expected=expected, hint=hint)


def build_roster(where: str, records: Iterable[Record], *, source: str, sha256: str) -> RosterRead:
    """
    Make a roster of records; `where` names the file or address in errors, `source` in reports.

    A VMA has a record for each period, and for each role or location with days of its own; on one day all are of one
    employer. Raises `InputError` for anything that could hide a person: two people with one id, an end before a start,
    an empty roster. One login of two people is accepted here: it is a shared account, which is a finding.
    """
    people: dict[str, Person] = {}
    engagements: list[Engagement] = []
    of_vma: dict[str, list[Engagement]] = {}
    read: dict[Engagement, Record] = {}
    spellings: dict[str, str] = {}
    for record in records:
        person, engagement = _vma(record)
        known = spellings.setdefault(person.id.casefold(), person.id)
        if people.get(known, person) != person:
            _refuse_other_person(record, person, known, read)
        _refuse_overlap(record, engagement, of_vma.setdefault(person.id, []), read)
        people[person.id] = person
        engagements.append(engagement)
        of_vma[person.id].append(engagement)
        read[engagement] = record
    if not people:
        _refuse_nobody(where)
    engagements.sort(key=lambda e: e.start)  # stable: the order of people stays that of the source
    order = {vma: number for number, vma in enumerate(people)}
    engagements.sort(key=lambda e: order[e.vma])
    return RosterRead(Roster(tuple(people.values()), tuple(engagements), source, sha256), read)


def _refuse_other_person(record: Record, person: Person, known: str, read: Mapping[Engagement, Record]) -> None:
    """Refuse a second person with an id that is taken, however it is spelled; the same person again is a period."""
    first = next(r for engagement, r in read.items() if engagement.vma == known)
    record.refuse(
        "vma_id",
        f"two rows have this id, {record.unit}s {first.number} and {record.number}",
        found=person.id,
        expected="each id once, or the same name, `email` and `logins` in every period of one person",
        hint="remove one row, or give the second person an id of their own",
    )


def _refuse_overlap(
    record: Record, engagement: Engagement, mine: Iterable[Engagement], read: Mapping[Engagement, Record]
) -> None:
    """Refuse two employers on one day (one chain of agreements answers, 45 CFR 160.103), and one thing said twice."""
    for other in (o for o in mine if o.overlaps(engagement)):
        if (other.agency, other.employment) != (engagement.agency, engagement.employment):
            why = "on each day one employer answers for a VMA"
        elif set(other.roles) == set(engagement.roles) and set(other.locations) == set(engagement.locations):
            why = "rows that overlap state other roles or other locations"
        else:
            continue
        record.refuse(
            "start",
            f"two periods of this VMA overlap, {record.unit}s {read[other].number} and {record.number}",
            found=engagement.start,
            expected=f"an `end` before the next `start`: {why}",
        )


def build_staff(where: str, records: Iterable[Record], systems: Collection[str] | None = None) -> tuple[Person, ...]:
    """Make the practice's own people, services and vendors; raises `InputError` as `build_roster` does."""
    return tuple(
        Person(
            id=record.text("id"),
            name=record.text("name"),
            email=record.email(),
            kind=record.one_of("kind", STAFF_KINDS),
            logins=record.logins(systems),
            owner=record.optional("owner") or None,
        )
        for record in unique(where, records, "id")
    )


def unique(where: str, records: Iterable[Record], key: str) -> Iterator[Record]:
    """Give the records after checking that each id stands once, and that there is a record at all."""
    first: dict[str, Record] = {}
    for record in records:
        name = record.text(key)
        if name.casefold() in first:
            record.refuse(
                key,
                f"two rows have this id, {record.unit}s {first[name.casefold()].number} and {record.number}",
                found=name,
                expected="each id once",
                hint="remove one row, or give the second person an id of their own",
            )
        first[name.casefold()] = record
        yield record
    if not first:
        _refuse_nobody(where)


def _refuse_nobody(where: str) -> NoReturn:
    raise InputError(
        where,
        "the file lists nobody",
        expected="a header and at least one row",
        hint="export it again; without people nothing can be judged",
    )


def _vma(record: Record) -> tuple[Person, Engagement]:
    vma = record.text("vma_id")
    person = Person(id=vma, name=record.text("name"), email=record.email(), kind=PersonKind.VMA, logins=record.logins())
    start = record.day("start")
    end = record.day("end") if record.optional("end") else None
    if end is not None and end < start:
        record.refuse(
            "end",
            "the engagement ends before it starts",
            found=end,
            expected=f"{start} or later",
            hint="correct `start` or `end`; leave `end` empty while no end is known",
        )
    roles = record.many("roles")
    if not roles:
        record.refuse("roles", "no role", expected="one role or more, separated by `;`")
    engagement = Engagement(
        vma=vma,
        agency=record.agency(),
        employment=record.one_of("employment", {e.value: e for e in Employment}),
        roles=roles,
        start=start,
        end=end,
        locations=record.many("locations"),
        hours=record.hours(),
        on_leave=record.one_of("status", STATUSES),
    )
    return person, engagement
