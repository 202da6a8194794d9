"""
*Covered*: under a BAA, for the person, the systems where the person has live accounts, and the PHI reached there.

The one definition of the word; the headline, its tile, the table of controls and the picture over time all ask here,
and the rules of `policies.rules.agreement_scope` find what is missing by the same two questions.

It is never better than what is known. The chain of agreements alone covers nobody who can reach what no agreement of it
names. A system with PHI that was not read may hold an account of anybody, and an entitlement that no catalog knows may
reach any PHI; both leave it unknown, unless every agreement of the chain is for that system and for all PHI.
Source: 45 CFR 164.504(e)(2)(i): an agreement permits the uses that it states, and no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from connectors.facts import Engagement
from policies.agreements.chain import Leg
from policies.agreements.coverage import Coverage
from policies.agreements.days import FOREVER, Interval, after, before
from policies.agreements.register import Agreement
from policies.engine.candidates import candidates_of
from policies.engine.case import Case


class Cover(StrEnum):
    """Whether a VMA is covered on a day."""

    COVERED = "covered"
    NOT_COVERED = "not covered"
    UNKNOWN = "unknown"
    """
    The chain is in place, and whether it reaches all that the VMA can reach is not known; or it is not known through
    whom the VMA works, or whether a paper is with that very company.
    """
    NOT_NEEDED = "not needed"
    """Workforce of the practice: no agreement is needed (45 CFR 160.103, definition of business associate)."""


@dataclass(frozen=True, slots=True)
class PhiReach:
    """What somebody can reach in one system that holds PHI."""

    phi: frozenset[str] = frozenset()
    """The categories that are known."""
    unread: bool = False
    """More may be reached: the system was not read whole, or no catalog knows something that is held."""
    since: date = date.min
    """The first day on which it can have been so; the first day there is where nothing says."""
    account: bool = True
    """Whether a live account is known there; without one nothing is reached for certain."""


def covering(agreements: Sequence[Agreement], system: str) -> list[Agreement]:
    """Return those of some agreements that cover a system."""
    return [a for a in agreements if a.systems is None or system in a.systems]


def named(agreements: Sequence[Agreement]) -> frozenset[str] | None:
    """Return the PHI categories that agreements name together; `None` when one of them is for all."""
    categories: set[str] = set()
    for agreement in agreements:
        if agreement.phi is None:
            return None
        categories |= agreement.phi
    return frozenset(categories)


def reach_of(case: Case, vma: str) -> dict[str, PhiReach]:
    """Return what a VMA can reach today, by system that holds PHI."""
    found = {id_: PhiReach(unread=True, account=False) for id_ in case.incomplete if case.systems[id_].holds_phi}
    for system in case.systems_of(vma):
        if case.systems[system].holds_phi:
            unread = any(case.holdings[key].unclassified for key in case.live_accounts_of(vma, system))
            phi = frozenset(phi_beyond(case, vma, system, frozenset()))
            found[system] = PhiReach(phi, unread, first_account(case, vma, system))
    for question in candidates_of(case).of(vma):
        # It is not settled whether an account there is theirs, and what it reaches.
        if case.systems[question.system].holds_phi:
            there = found.get(question.system, PhiReach(account=False))
            found[question.system] = replace(there, unread=True)
    return found


def first_account(case: Case, vma: str, system: str) -> date:
    """Return the day since which a VMA can have had an account in a system; the first day there is, if unknown."""
    created = [case.accounts[key].created for key in case.live_accounts_of(vma, system)]
    first = min((date.min if c is None else case.day_of(c) for c in created), default=date.min)
    return first if first <= case.today else date.min


def cover(coverage: Coverage, engagement: Engagement, day: date, reach: Mapping[str, PhiReach]) -> Cover:
    """Say whether somebody with this reach is covered on a day of the engagement."""
    chain = coverage.legs(engagement)
    if not chain:
        return Cover.NOT_NEEDED
    if coverage.question(engagement):
        return Cover.UNKNOWN
    said = {one for leg in chain for one in _of_leg(coverage, leg, engagement, day, reach)}
    return next((state for state in (Cover.NOT_COVERED, Cover.UNKNOWN) if state in said), Cover.COVERED)


def _of_leg(
    coverage: Coverage, leg: Leg, engagement: Engagement, day: date, reach: Mapping[str, PhiReach]
) -> Iterator[Cover]:
    """Say what one leg does for each system that is reached; the worst of it counts."""
    seated = coverage.seated(leg, engagement, day)
    if not seated:
        yield Cover.UNKNOWN if coverage.doubtful(leg, day) else Cover.NOT_COVERED
        return
    for system, there in reach.items():
        if there.since <= day:
            yield _said(seated, system, there)


def _said(seated: Sequence[Agreement], system: str, there: PhiReach) -> Cover:
    """Say whether the agreements of one leg cover what is reached in one system."""
    here = covering(seated, system)
    if not here:
        return Cover.NOT_COVERED if there.account else Cover.UNKNOWN
    categories = named(here)
    if categories is None:
        return Cover.COVERED
    if there.phi - categories:
        return Cover.NOT_COVERED
    return Cover.UNKNOWN if there.unread else Cover.COVERED


def covered_today(case: Case, engagement: Engagement) -> Cover:
    """Say whether a VMA is covered on the day of a case."""
    return cover(case.coverage, engagement, case.today, reach_of(case, engagement.vma))


def stretches(
    coverage: Coverage, engagement: Engagement, window: Interval, reach: Mapping[str, PhiReach]
) -> tuple[tuple[date, date, Cover], ...]:
    """
    Return the days of an engagement within a window as stretches, each with what `cover` says of all its days.

    The reach is that of the day on which it was read, taken for the other days too, as far as accounts existed.
    """
    first, last = max(window[0], engagement.start), min(window[1], engagement.end or FOREVER)
    if first > last:
        return ()
    cuts = {first, *(d for d in _boundaries(coverage, engagement, reach) if first < d <= last)}
    found: list[tuple[date, date, Cover]] = []
    starts = sorted(cuts)
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = last if following is None else before(following)
        state = cover(coverage, engagement, start, reach)
        if found and found[-1][2] is state:
            found[-1] = (found[-1][0], end, state)
        else:
            found.append((start, end, state))
    return tuple(found)


def _boundaries(coverage: Coverage, engagement: Engagement, reach: Mapping[str, PhiReach]) -> set[date]:
    """Return the days on which the answer may become another."""
    days = {there.since for there in reach.values()}
    for leg in coverage.legs(engagement):
        for agreement in coverage.of_leg(leg):
            for start, end in agreement.days:
                days |= {start, after(end)}
            if (seat := coverage.seat_from(agreement, engagement)) is not None:
                days.add(seat)
    return days


def beyond_system(coverage: Coverage, leg: Leg, engagement: Engagement, system: str, day: date) -> list[Agreement]:
    """Return the agreements of a leg that come closest to covering somebody, where none of them covers a system."""
    current = coverage.closest(leg, engagement, day)
    return [] if covering(current, system) else current


def limits(
    coverage: Coverage, leg: Leg, engagement: Engagement, system: str, day: date
) -> tuple[list[Agreement], frozenset[str]] | None:
    """
    Return the agreements of a leg for a system, and the PHI categories that they name; `None` where nothing is limited.

    Where none covers the system, that is told by `beyond_system`, and those that come closest are asked.
    """
    current = coverage.closest(leg, engagement, day)
    current = covering(current, system) or current
    categories = named(current) if current else None
    return None if categories is None else (current, categories)


def phi_beyond(case: Case, vma: str, system: str, named: frozenset[str]) -> list[str]:
    """Return the PHI categories that a VMA is known to reach in a system, and that are not among those named."""
    held = 0
    for key in case.live_accounts_of(vma, system):
        held |= case.holdings[key].mask
    return [category for category in case.policy.vocabulary.phi(held) if category not in named]
