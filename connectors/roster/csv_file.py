"""
Rosters and lists of staff as CSV (or XLSX): one row a VMA, one row a person.

A roster must have the columns `vma_id`, `name`, `agency`, `employment`, `roles`, `start`, and may have `email`, `end`,
`locations`, `hours`, `status`, `logins`. A list of staff must have `id`, `name`, `kind`, and may have `email`,
`logins`, `owner`. Columns that begin with `x_` are the owner's own; any other name is refused.
Lists inside a value are separated by `;`, logins are `system:login`. Days are YYYY-MM-DD.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import NoReturn, TypeVar

from connectors.dates import DateStyle
from connectors.errors import InputError
from connectors.facts import Employment, Engagement, Person, PersonKind, Roster
from connectors.files import sha256_of
from connectors.tables import Row, Table, read_table, refuse_unknown, require

ROSTER_REQUIRED = ("vma_id", "name", "agency", "employment", "roles", "start")
ROSTER_OPTIONAL = ("email", "end", "locations", "hours", "status", "logins")
STAFF_REQUIRED = ("id", "name", "kind")
STAFF_OPTIONAL = ("email", "logins", "owner")
STAFF_KINDS = {kind.value: kind for kind in (PersonKind.STAFF, PersonKind.SERVICE, PersonKind.VENDOR)}
STATUSES = {"": False, "active": False, "on-leave": True}
HOURS_IN_A_WEEK = 168

_DAYS = DateStyle()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster, and the line on which each engagement stands, so that later checks can name it."""

    path: Path
    roster: Roster
    lines: dict[str, int]

    def refuse(
        self, vma: str, field: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        """Raise the `InputError` that names the line of a VMA, such as for a role that has no template."""
        raise InputError(
            self.path, problem, line=self.lines[vma], field=field, found=found, expected=expected, hint=hint
        )


def read_roster(path: Path) -> Roster:
    """Read a roster; see `read_roster_file`."""
    return read_roster_file(path).roster


def read_roster_file(path: Path) -> RosterFile:
    """
    Read a roster with the lines of its engagements.

    Raises `InputError` for anything that could hide a person: an unknown column, two rows with one id, an end before
    a start, an empty roster. One login of two people is accepted here: it is a shared account, which is a finding.
    """
    people: list[Person] = []
    engagements: list[Engagement] = []
    lines: dict[str, int] = {}
    for cells in _rows(path, ROSTER_REQUIRED, ROSTER_OPTIONAL, "vma_id"):
        person, engagement = _vma(cells)
        people.append(person)
        engagements.append(engagement)
        lines[person.id] = cells.line
    return RosterFile(path, Roster(tuple(people), tuple(engagements), path.name, sha256_of(path)), lines)


def read_staff(path: Path) -> tuple[Person, ...]:
    """Read the practice's own people, services and vendors; raises `InputError` as `read_roster_file` does."""
    return tuple(
        Person(
            id=cells.text("id"),
            name=cells.text("name"),
            email=cells.email(),
            kind=cells.one_of("kind", STAFF_KINDS),
            logins=cells.logins(),
            owner=cells.optional("owner") or None,
        )
        for cells in _rows(path, STAFF_REQUIRED, STAFF_OPTIONAL, "id")
    )


def _vma(cells: "_Cells") -> tuple[Person, Engagement]:
    vma = cells.text("vma_id")
    person = Person(id=vma, name=cells.text("name"), email=cells.email(), kind=PersonKind.VMA, logins=cells.logins())
    start = cells.day("start")
    end = cells.day("end") if cells.optional("end") else None
    if end is not None and end < start:
        cells.refuse(
            "end",
            "the engagement ends before it starts",
            found=end,
            expected=f"{start} or later",
            hint="correct `start` or `end`; leave `end` empty while no end is known",
        )
    roles = cells.many("roles")
    if not roles:
        cells.refuse("roles", "no role", expected="one role or more, separated by `;`")
    engagement = Engagement(
        vma=vma,
        agency=cells.optional("agency") or None,
        employment=cells.one_of("employment", {e.value: e for e in Employment}),
        roles=roles,
        start=start,
        end=end,
        locations=cells.many("locations"),
        hours=cells.hours(),
        on_leave=cells.one_of("status", STATUSES),
    )
    return person, engagement


def _rows(path: Path, required: tuple[str, ...], optional: tuple[str, ...], key: str) -> Iterator["_Cells"]:
    """Give the rows after checking the columns, that each id stands once, and that there is a row at all."""
    table = read_table(path)
    require(table, required)
    refuse_unknown(table, (*required, *optional))
    first: dict[str, int] = {}
    for line, row in table.rows:
        cells = _Cells(table, line, row)
        name = cells.text(key)
        if name.casefold() in first:
            cells.refuse(
                key,
                f"two rows have this id, lines {first[name.casefold()]} and {line}",
                found=name,
                expected="each id once",
                hint="remove one row, or give the second person an id of their own",
            )
        first[name.casefold()] = line
        yield cells
    if not first:
        raise InputError(
            path,
            "the file lists nobody",
            expected="a header and at least one row",
            hint="export it again; without people nothing can be judged",
        )


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row, value by value."""

    table: Table
    line: int
    row: Row

    def refuse(
        self, column: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        self.table.refuse(self.line, column, problem, found=found, expected=expected, hint=hint)

    def text(self, column: str) -> str:
        return self.table.value(self.line, self.row, column, required=True)

    def optional(self, column: str) -> str:
        return self.table.value(self.line, self.row, column) if column in self.row else ""

    def many(self, column: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self.optional(column).split(";"))
        return tuple(dict.fromkeys(part for part in parts if part))

    def one_of(self, column: str, words: dict[str, T]) -> T:
        text = self.optional(column)
        if text.casefold() not in words:
            names = ", ".join(f"`{word}`" for word in words if word)
            self.refuse(column, "unknown value", found=text, expected=f"one of {names}")
        return words[text.casefold()]

    def email(self) -> str | None:
        text = self.optional("email")
        if text and ("@" not in text.strip("@") or any(map(str.isspace, text))):
            self.refuse(
                "email", "this is no address", found=text, expected="an address such as `name@example.org`, or nothing"
            )
        return text or None

    def day(self, column: str) -> date:
        text = self.text(column)
        try:
            return _DAYS.day(text)
        except ValueError:
            self.refuse(column, "this is no day", found=text, expected=_DAYS.expected)

    def hours(self) -> float | None:
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

    def logins(self) -> tuple[tuple[str, str], ...]:
        pairs = []
        for part in self.many("logins"):
            system, mark, login = (piece.strip() for piece in part.partition(":"))
            if not (system and mark and login):
                self.refuse("logins", "this is no login", found=part, expected="`system:login;system:login`")
            pairs.append((system, login))
        return tuple(dict.fromkeys(pairs))
