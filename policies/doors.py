"""
The ways in for somebody outside the roster: what leads where, and who stands behind it by the practice's own word.

A practice says who stands behind a door where it says whose an account is: `logins` in the staff file or the roster,
`system:NAME`, with one of the names of the door. A line of kind `vendor` names the organisation and who answers for it
at the practice; `service` is the practice's own workload.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.facts import Door, Person
from policies.case import Case
from policies.outcomes import Step

ADMINISTRATION = ("user.admin", "identity.admin", "system.admin")
"""Whoever can do one of these can let others in."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One door, with what it leads to."""

    door: Door
    phi: bool
    """Whether it may lead to PHI; true where nobody knows."""
    administrator: bool = False
    """Whether whoever comes in is an administrator, or can become one for certain."""
    steps: tuple[Step, ...] = ()
    """From the door to the administrator."""
    note: str = ""
    """What else is to be said of where it leads."""


def doors_of(case: Case, system: str) -> Iterator[Opened]:
    """Yield the doors of one system that was read whole, in the order of their ids."""
    if system in case.incomplete:
        return
    for door in case.collections[system].doors:
        if door.account is None:
            yield Opened(door, case.systems[system].holds_phi if door.phi is None else door.phi)
        elif (system, door.account) in case.live_accounts:
            yield _by_account(case, system, door, door.account)


def unread_of(case: Case, system: str) -> list[str] | None:
    """Say which kinds of doors of a system were not read, and why; `None` where its connector knows of no doors."""
    collection = case.collections[system]
    found = [f"{kind.value}: {why}" for kind, why in collection.doors_unread.items()]
    return found if found or collection.doors else None


def _by_account(case: Case, system: str, door: Door, account: str) -> Opened:
    """Tell where a guest's account leads by what it holds."""
    held, vocabulary = case.holdings[system, account], case.policy.vocabulary
    unknown = bool(held.unclassified) and case.systems[system].holds_phi
    phi = bool(held.mask & vocabulary.reaching_phi) or unknown if door.phi is None else door.phi
    return Opened(door, phi, administrator=bool(held.mask & vocabulary.mask(ADMINISTRATION)))


def behind(case: Case, system: str, door: Door) -> tuple[Person, ...]:
    """Return who stands behind a door: whoever owns its account, else whom the most exact of its names means."""
    if door.account is not None:
        people = case.owners[system, door.account].people
        if people:
            return tuple(case.people[id_] for id_ in people)
    for name in door.names:
        wanted = name.casefold()
        found = [
            person
            for _, person in sorted(case.people.items())
            if any(where == system and login.casefold() == wanted for where, login in person.logins)
            or (person.email or "").casefold() == wanted
        ]
        if found:
            return tuple(found)
    return ()
