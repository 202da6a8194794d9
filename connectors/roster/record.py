"""
One line about a person, from whatever source: the same columns, the same checks.

A roster must say `vma_id`, `name`, `agency`, `employment`, `roles`, `start`, and may say `email`, `end`, `locations`,
`hours`, `status`, `logins`. A list of staff must say `id`, `name`, `kind`, and may say `email`, `logins`, `owner`.
Lists inside a value are separated by `;`, logins are `system:login`. Days are YYYY-MM-DD.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import NoReturn, TypeVar

from connectors.errors import InputError
from connectors.facts import LINKED, PersonKind
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
