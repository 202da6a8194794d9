"""
One line about a person, from whatever source: the same columns, the same checks.

A roster must say `vma_id`, `name`, `agency`, `employment`, `roles`, `start`, and may say `email`, `end`, `locations`,
`hours`, `status`, `logins`. A list of staff must say `id`, `name`, `kind`, and may say `email`, `logins`, `owner`.
Lists inside a value are separated by `;`, logins are `system:login`. Days are YYYY-MM-DD.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import NoReturn, TypeVar

from connectors.errors import InputError
from connectors.facts import LINKED, Employment, Engagement, Person, PersonKind, Roster
from connectors.inputs.dates import DateStyle

ITSELF = frozenset({"practice", "the practice"})
"""How a roster and a plan call the practice itself where an agency is asked for; an empty value says the same."""
ROSTER_REQUIRED = ("vma_id", "name", "agency", "employment", "roles", "start")
ROSTER_OPTIONAL = ("email", "end", "locations", "hours", "status", "logins")
STAFF_REQUIRED = ("id", "name", "kind")
STAFF_OPTIONAL = ("email", "logins", "owner")
STAFF_KINDS = {kind.value: kind for kind in (PersonKind.STAFF, PersonKind.SERVICE, PersonKind.VENDOR)}
STATUSES = {"": False, "active": False, "on-leave": True}
HOURS_IN_A_WEEK = 168
MAX_VALUE = 1_000
"""Longest value, in characters."""

_DAYS = DateStyle()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RosterRead:
    """A roster, and the record of each engagement, so that later checks can name its place."""

    roster: Roster
    records: Mapping[Engagement, "Record"]

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


def build_roster(where: str, records: Iterable["Record"], *, source: str, sha256: str) -> RosterRead:
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


def _refuse_other_person(record: "Record", person: Person, known: str, read: Mapping[Engagement, "Record"]) -> None:
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
    record: "Record", engagement: Engagement, mine: Iterable[Engagement], read: Mapping[Engagement, "Record"]
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


def build_staff(where: str, records: Iterable["Record"], systems: Collection[str] | None = None) -> tuple[Person, ...]:
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


def unique(where: str, records: Iterable["Record"], key: str) -> Iterator["Record"]:
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


def _vma(record: "Record") -> tuple[Person, Engagement]:
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


@dataclass(frozen=True, slots=True)
class Record:
    """What one line of a source says, by column, as text."""

    source: str
    """The file or address that it comes from."""
    number: int
    """The line of a file, or the number of the record in an answer, from 1."""
    values: Mapping[str, str]
    line: bool = True
    """Whether `number` is a line that a person can open."""

    @property
    def unit(self) -> str:
        """What `number` counts."""
        return "line" if self.line else "record"

    def refuse(
        self, column: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        """Raise the `InputError` that names the place and the column."""
        raise InputError(
            self.source if self.line else f"{self.source}, record {self.number}",
            problem,
            line=self.number if self.line else None,
            field=column,
            found=found,
            expected=expected,
            hint=hint,
        )

    def text(self, column: str) -> str:
        """Return a value that must be there."""
        text = self.optional(column)
        if not text:
            self.refuse(column, "the value is empty", expected="a value")
        return text

    def optional(self, column: str) -> str:
        """Return a value, or an empty text."""
        text = self.values.get(column, "").strip()
        if len(text) > MAX_VALUE:
            self.refuse(
                column,
                "the value is too long",
                found=text,
                expected=f"at most {MAX_VALUE} characters",
                hint="check that this is the right column",
            )
        return text

    def agency(self) -> str | None:
        """Return the agency, or the chain of agencies from the practice outwards; `None` for the practice itself."""
        text = self.optional("agency")
        if LINKED not in text:
            return None if text.casefold() in ITSELF else text or None
        links = [link.strip() for link in text.split(LINKED)]
        if links[0].casefold() in ITSELF:
            links = links[1:]
        if not all(links) or len({link.casefold() for link in links}) < len(links):
            self.refuse(
                "agency",
                "this is no chain of agencies",
                found=text,
                expected=f"each agency once, from the practice outwards, such as `First LLC {LINKED} Second Inc`",
            )
        return f" {LINKED} ".join(links)

    def many(self, column: str) -> tuple[str, ...]:
        """Return the values of a list, each once."""
        parts = (part.strip() for part in self.optional(column).split(";"))
        return tuple(dict.fromkeys(part for part in parts if part))

    def one_of(self, column: str, words: dict[str, T]) -> T:
        """Return what a word stands for."""
        text = self.optional(column)
        if text.casefold() not in words:
            names = ", ".join(f"`{word}`" for word in words if word)
            self.refuse(column, "unknown value", found=text, expected=f"one of {names}")
        return words[text.casefold()]

    def email(self) -> str | None:
        """Return the e-mail address, if there is one."""
        text = self.optional("email")
        if text and ("@" not in text.strip("@") or any(map(str.isspace, text))):
            self.refuse(
                "email", "this is no address", found=text, expected="an address such as `name@example.org`, or nothing"
            )
        return text or None

    def day(self, column: str) -> date:
        """Return a calendar day."""
        text = self.text(column)
        try:
            return _DAYS.day(text)
        except ValueError:
            self.refuse(column, "this is no day", found=text, expected=_DAYS.expected)

    def hours(self) -> float | None:
        """Return the hours of a week, if they are stated."""
        text = self.optional("hours")
        if not text:
            return None
        try:
            hours = float(text)
        except ValueError:
            hours = -1.0
        if not isfinite(hours) or not 0 < hours <= HOURS_IN_A_WEEK:
            self.refuse("hours", "these are no weekly hours", found=text, expected="a number up to 168, or nothing")
        return hours

    def logins(self, systems: Collection[str] | None = None) -> tuple[tuple[str, str], ...]:
        """Return the (system id, login) pairs that the source states itself; with `systems`, of no others."""
        pairs = []
        for part in self.many("logins"):
            system, mark, login = (piece.strip() for piece in part.partition(":"))
            if not (system and mark and login):
                self.refuse("logins", "this is no login", found=part, expected="`system:login;system:login`")
            if systems is not None and system not in systems:
                self.refuse(
                    "logins",
                    "no system has this id",
                    found=part,
                    expected=f"one of: {', '.join(sorted(systems))}",
                    hint="an id under `systems` of the configuration; leave it out while that system is not connected",
                )
            pairs.append((system, login))
        return tuple(dict.fromkeys(pairs))
