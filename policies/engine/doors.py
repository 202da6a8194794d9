"""
The ways in for somebody outside the roster: what leads where, and who stands behind it by the practice's own word.

A practice says who stands behind a door where it says whose an account is: `logins` in the staff file or the roster,
`system:NAME`, with one of the names of the door. A line of kind `vendor` names the organisation and who answers for it
at the practice; `service` is the practice's own workload.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.facts import Door, DoorKind, Person
from policies.catalogs.catalog import Unclassified
from policies.engine.aws import NOT_COLLECTED, aws_systems, effective, escalations, is_aws, own_accounts
from policies.engine.case import Case, derived
from policies.engine.outcomes import Step

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective

PROVIDERS = (":saml-provider/", ":oidc-provider/")
"""How AWS names identity providers that are set up in an account."""


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


@derived
def opened_doors(case: Case) -> dict[tuple[str, str], Opened]:
    """Return the ways in of the complete collections, by system and id of the door."""
    return {(system, one.door.id): one for system in case.systems for one in doors_of(case, system)}


def doors_of(case: Case, system: str) -> Iterator[Opened]:
    """Yield the doors of one system that was read whole, in the order of their ids."""
    if system in case.incomplete:
        return
    judge = effective(case.collections[system]) if is_aws(case.systems[system]) else None
    if judge is not None:
        yield from _of_aws(case, system, judge)
    for door in case.collections[system].doors:
        if door.account is None:
            yield Opened(door, case.systems[system].holds_phi if door.phi is None else door.phi)
        elif (system, door.account) in case.live_accounts:
            yield _by_account(case, system, door, door.account)


def unread_of(case: Case, system: str) -> list[str] | None:
    """Say which kinds of doors of a system were not read, and why; `None` where its connector knows of no doors."""
    collection = case.collections[system]
    found = [f"{kind.value}: {why}" for kind, why in collection.doors_unread.items()]
    if system in aws_systems(case):
        judge = effective(collection)
        return [*found, *([NOT_COLLECTED] if judge is None else _unread_in_aws(judge))]
    return found if found or collection.doors else None


def _unread_in_aws(judge: "Effective") -> Iterator[str]:
    """People of Identity Center are accounts of the collection, where they were read."""
    from policies.permissions.aws.access.outside import through_identity_center  # noqa: PLC0415

    why = judge.estate.unread.get("identity-center")
    if why is not None and through_identity_center(judge.account):
        yield f"{DoorKind.FEDERATED.value}: who comes through Identity Center: {why}"


def _of_aws(case: Case, system: str, judge: "Effective") -> Iterator[Opened]:
    """Yield the doors into the roles of an AWS account, with what these can do and become."""
    # Imported late: an audit without AWS does not pay for it.
    from policies.permissions.aws.access.outside import doors  # noqa: PLC0415

    unread = "whether it is of the same organization was not read" if "organization" in judge.estate.unread else ""
    leads: dict[str, Opened] = {}
    for door in doors(judge.account, judge.index, own_accounts(case, judge.estate)):
        if door.to not in leads:
            leads[door.to] = _role(case, system, judge, door)
        note = [leads[door.to].note] if leads[door.to].note else []
        note += [unread] if unread and door.kind is DoorKind.FOREIGN_ACCOUNT and not door.anybody else []
        yield replace(leads[door.to], door=door, note="; ".join(note))


def _role(case: Case, system: str, judge: "Effective", door: Door) -> Opened:
    """Tell where a role leads: by what it can do itself, what the roles can that it becomes, and the ways to more."""
    place, vocabulary = case.systems[system], case.policy.vocabulary
    principal = judge.account.roles[door.to]
    reached = (judge.account.roles[arn] for arn in judge.role_chaining.chains(principal))
    mask, unknown = 0, any(document.problem for document in principal.identity)
    for one in (principal, *reached):
        for possible in judge.possible(one, explained=False).values():
            reading = case.policy.catalogs.gives(place, possible)
            mask |= reading.mask
            unknown = unknown or isinstance(reading, Unclassified)
    ways = escalations(judge)
    phi = bool(mask & vocabulary.reaching_phi) or (unknown and place.holds_phi)
    if door.to in ways.administrators():
        return Opened(
            door, phi, administrator=True, steps=(Step("identity", door.to, "an administrator of the account"),)
        )
    if way := ways.to_administrator(door.to):
        steps = (
            *(Step("escalation", s.method, s.text) for s in way.steps),
            Step("identity", way.to, "an administrator"),
        )
        return Opened(door, phi=True, administrator=True, steps=steps)
    maybe = ways.to_administrator(door.to, certain=False)
    note = f"whether it leads to an administrator depends on {', '.join(sorted(maybe.keys))}" if maybe else ""
    return Opened(door, phi, note=note)


def _by_account(case: Case, system: str, door: Door, account: str) -> Opened:
    """Tell where a guest's account leads by what it holds."""
    held, vocabulary = case.holdings[system, account], case.policy.vocabulary
    unknown = bool(held.unclassified) and case.systems[system].holds_phi
    phi = bool(held.mask & vocabulary.reaching_phi) or unknown if door.phi is None else door.phi
    return Opened(door, phi, administrator=bool(held.mask & case.policy.privileged.administers))


def behind(case: Case, system: str, door: Door) -> tuple[Person, ...]:
    """Return who stands behind a door: whoever owns its account, else whom the most exact of its names means."""
    if door.account is not None:
        people = case.owners[system, door.account].people
        if people:
            return tuple(case.people[id_] for id_ in people)
    for name in door.names:
        stated = case.stated_names
        found = {**stated.get((system, name.casefold()), {}), **stated.get(("", name.casefold()), {})}
        if found:
            return tuple(found[id_] for id_ in sorted(found))
    return ()


def through_provider(door: Door) -> bool:
    """Whether an identity provider with an address of its own vouches: it may be where the practice itself signs in."""
    return door.kind is DoorKind.FEDERATED and any(mark in name for name in door.names for mark in PROVIDERS)
