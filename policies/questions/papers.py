"""Which agreements whoever hosts PHI has with the owner of a system's account."""

from dataclasses import dataclass
from datetime import date

from connectors.facts import System
from policies.agreements.chain import Leg
from policies.agreements.days import ALWAYS, contains, since, union, until
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.case import Case

SELF = "self"
"""How a configuration says that whoever owns the account hosts the PHI too, so that there is no vendor."""
BAAS = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA})


@dataclass(frozen=True, slots=True)
class Papers:
    """What a vendor needs with the owner of a system's account, and what the register has that covers it."""

    leg: Leg
    register: list[Agreement]
    in_force: bool
    until: date | None
    """The first day on which time alone may leave none of them in force; `None`: one has no end, or none is."""
    since: date | None
    """Since when none has been in force, where none is; `None`: there never was one."""


def owner_of(case: Case, system: str) -> str:
    """Say in words whose contract with the vendor a system is."""
    return called(case.account_owner(system))


def called(owner: str) -> str:
    """Say in words who owns an account: the practice, or an agency by name."""
    return "the practice" if owner == PRACTICE else owner


def papers_with(case: Case, system: System, vendor: str) -> Papers:
    """Return the agreements with a vendor that cover a system."""
    owner = case.account_owner(system.id)
    leg = Leg(owner, vendor, BAAS, f"BAA between {called(owner)} and {vendor}")
    register = [a for a in case.coverage.of_leg(leg) if a.systems is None or system.id in a.systems]
    current = [a for a in register if contains(a.days, case.today)]
    if not current:
        gap = since(ALWAYS, union(days for a in register for days in a.days), case.today)
        return Papers(leg, register, in_force=False, until=None, since=None if gap == date.min else gap)
    ends = [until(a.days, case.today) for a in current]
    last = None if None in ends else max(end for end in ends if end is not None)
    return Papers(leg, register, in_force=True, until=last, since=None)
