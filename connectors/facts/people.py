"""Who works for a practice: people and their engagements, as a roster says."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PersonKind(StrEnum):
    """Who somebody is to the practice."""

    VMA = "vma"
    STAFF = "staff"
    SERVICE = "service"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Person:
    """A person (or a named service with an owner) to whom accounts can belong."""

    id: str
    name: str
    email: str | None
    kind: PersonKind
    logins: tuple[tuple[str, str], ...] = ()
    """(system id, login) pairs that the practice states itself; the first correlation rule."""
    owner: str | None = None
    """Who at the practice answers for it, where it is a service or a vendor."""


class Employment(StrEnum):
    """Who employs a VMA decides which agreements must exist (45 CFR 160.103)."""

    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"


LINKED = ">"
"""What stands between two agencies where one works through the other."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """A VMA's work for a practice, from `start` to `end`, both inclusive."""

    vma: str
    agency: str | None
    """
    Legal name of the agency; `None` when the practice engages the VMA itself.

    Where it works through others the whole chain may stand here, outwards: `Harbor Assist LLC > Harbor Manila Inc`.
    """
    employment: Employment
    roles: tuple[str, ...]
    start: date
    end: date | None = None
    locations: tuple[str, ...] = ()
    hours: float | None = None
    on_leave: bool = False

    @property
    def agencies(self) -> tuple[str, ...]:
        """Through whom the VMA works, from the practice outwards; none when the practice engages the VMA itself."""
        return tuple(link.strip() for link in self.agency.split(LINKED)) if self.agency else ()

    def overlaps(self, other: "Engagement") -> bool:
        """Whether both run on some day."""
        return (other.end is None or self.start <= other.end) and (self.end is None or other.start <= self.end)

    def active_on(self, day: date) -> bool:
        """Whether the engagement runs on that day; a leave does not end it."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Roster:
    """The authoritative list of engagements at one moment; somebody who was rehired has one for each period."""

    people: tuple[Person, ...]
    engagements: tuple[Engagement, ...]
    source: str
    sha256: str
    part: str = ""
    """Of whom a directory was asked for it, in words; whoever is not found may only have fallen out of that."""
