"""
Names that only one file knows: parties of agreements, agencies, vendors, VMAs of a schedule; what may be meant?

A name that is mistyped in one place breaks a chain of agreements without a word, so it is asked before the audit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.facts import Person, PersonKind, Roster, System
from policies.agreements.alike import nearest
from policies.agreements.organisations import PRACTICE, Organisations, is_practice, person_key
from policies.agreements.register import Agreement, AgreementKind

SELF = "self"


@dataclass(frozen=True, slots=True)
class NameQuestion:
    """A name that nothing else names."""

    text: str
    meant: str
    """What may be meant; empty where nothing is near."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that names organisations and people."""

    practice: str
    roster: Roster
    agreements: Sequence[Agreement]
    systems: Sequence[System]
    staff: Sequence[Person] = ()

    @property
    def agencies(self) -> frozenset[str]:
        """Every agency of the roster, also those within a chain."""
        return frozenset(link for e in self.roster.engagements for link in e.agencies)

    @property
    def vendors(self) -> frozenset[str]:
        """Whoever hosts a system, or owns its account; nobody where that is the practice."""
        named = {name for s in self.systems for name in (s.vendor, s.account_owner) if name and name != SELF}
        return frozenset(name for name in named if not is_practice(name, self.practice))

    @property
    def parties(self) -> dict[str, list[str]]:
        """The parties of the agreements but the practice, each with the ids of its agreements."""
        found: dict[str, list[str]] = {}
        for agreement in self.agreements:
            for party in dict.fromkeys((agreement.giver, agreement.receiver)):
                if party != PRACTICE:
                    found.setdefault(party, []).append(agreement.id)
        return found


def questions(names: Names) -> Iterator[NameQuestion]:
    """Yield what should be asked of the names, in the order: parties, agencies, vendors, schedules, directions."""
    staff = {p.name for p in names.staff if p.kind is PersonKind.VENDOR}
    known = Organisations([names.practice, *names.agencies, *names.vendors, *names.parties, *staff])
    called = sorted({name for p in names.roster.people for name in (p.id, p.name)})
    people = {id_.casefold() for id_ in called} | {person_key(name) for name in called}

    def told(asked: Iterable[str], *by: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield those that none of the others names, each with what may be meant."""
        others = [other for some in by for other in some]
        keys = {known.key(other) for other in others}
        for name in asked:
            if known.key(name) not in keys and name.casefold() not in people and person_key(name) not in people:
                yield name, next(iter(nearest(name, [*others, names.practice, *called])), "")

    agencies, vendors = sorted(names.agencies), sorted(names.vendors)
    for party, meant in told(names.parties, agencies, vendors, staff):
        ids = ", ".join(names.parties[party])
        yield NameQuestion(f"`{party}`, a party of {ids}, stands neither on the roster nor at a system", meant)
    for agency, meant in told(agencies, names.parties):
        if not is_practice(agency, names.practice, agencies):
            yield NameQuestion(f"`{agency}`, an agency of the roster, is no party of any agreement", meant)
    for vendor, meant in told(vendors, names.parties, agencies):
        yield NameQuestion(f"`{vendor}`, who hosts a system or owns its account, is no party of any agreement", meant)
    for agreement in names.agreements:
        for entry, meant in told(sorted(agreement.people or ())):
            yield NameQuestion(f"`{entry}`, whom {agreement.id} names, is not on the roster", meant)
    yield from _turned(names)


def _turned(names: Names) -> Iterator[NameQuestion]:
    """Yield the BAAs in which the practice stands where whoever receives PHI belongs."""
    for agreement in names.agreements:
        if agreement.receiver == PRACTICE and agreement.kind is AgreementKind.BAA:
            text = f"{agreement.id} says that `{agreement.giver}` gives PHI and the practice receives it"
            yield NameQuestion(text, f"between: [practice, {agreement.giver}]")
