"""What a plan is: people to hire, people who leave, roles that change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import count

from connectors.facts import LINKED, Engagement
from connectors.roster.record import ITSELF
from policies.agreements.organisations import Organisations, is_practice
from policies.engine.case import Case

MAX_HIRES = 200
"""All hires of one plan together."""


@dataclass(frozen=True, slots=True)
class Lead:
    """How many days before a change each control should be in place; the practice's choice, no rule names a number."""

    agreement: int = 14
    attestation: int = 7
    accounts: int = 3


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody's last day."""

    vma: str
    end: date


@dataclass(frozen=True, slots=True)
class NewRoles:
    """Somebody has other roles from a day on."""

    vma: str
    roles: tuple[str, ...]
    start: date


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change, checked against roster and policy."""

    hires: tuple[tuple[Engagement, ...], ...]
    """One tuple for each entry; ids such as `NEW-1` stand for people who are not known yet."""
    leaves: tuple[Leave, ...]
    roles: tuple[NewRoles, ...]
    lead: Lead = Lead()
    assumed: tuple[str, ...] = ()
    """What the plan did not say, and was taken for granted."""

    @property
    def joining(self) -> tuple[Engagement, ...]:
        """Everybody to be hired."""
        return tuple(one for entry in self.hires for one in entry)


def new_ids(case: Case) -> Iterator[str]:
    """Yield ids for people who are not known yet, such as `NEW-1`; none of them is anybody's."""
    taken = {id_.casefold() for id_ in (*case.people, *case.engagements)}
    return (id_ for n in count(1) if (id_ := f"NEW-{n}").casefold() not in taken)


def through(case: Case, agency: str) -> str | None:
    """Return the agency through which somebody is hired; `None` for the practice, by the word or its own name."""
    others = {link for e in case.periods for link in e.agencies} - {agency}
    itself = not agency or agency.casefold() in ITSELF or is_practice(agency, case.practice.name, others)
    return None if itself else agency


def unknown_agency(case: Case, agency: str | None) -> tuple[str, ...]:
    """Say that nobody works through an agency yet, and which one may be meant."""
    known = {link for e in case.periods for link in e.agencies} | {a.receiver for a in case.agreements}
    links = [link.strip() for link in agency.split(LINKED)] if agency else []
    names = Organisations([*known, *links])
    keys = {names.key(name) for name in known}
    said = []
    for link in links:
        if names.key(link) not in keys:
            near = get_close_matches(link, known, n=1, cutoff=0.5)
            meant = f"; is `{near[0]}` meant?" if near else ""
            said.append(f"`{link}` is a new agency: nobody works through it, and no agreement is with it{meant}")
    return tuple(said)
