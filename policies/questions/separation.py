"""Where the halves of what two people must do come from, and how to part them."""

from collections.abc import Iterator

from policies.engine.case import AccountKey, Case
from policies.engine.evidence import assignment_path, listing
from policies.engine.holdings import Assignment
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Step
from policies.roles.separation import Conflict


def halves(case: Case, vma: str, conflict: Conflict) -> str:
    """Say what somebody can do of each side."""
    held = case.held(vma)
    return " and ".join(listing(case.policy.vocabulary.titles(side & held)) for side in conflict.sides)


def _giving(case: Case, vma: str, side: int) -> Iterator[tuple[AccountKey, Assignment]]:
    """Yield everything that was given to somebody and gives something of a side, in a stable order."""
    for key in case.live_accounts_of(vma):
        for _, assignment in sorted(case.holdings[key].assignments.items()):
            if assignment.mask & side:
                yield key, assignment


def how_to_part(case: Case, vma: str, conflict: Conflict) -> str:
    """Say what to do; where the work needs every right that gives a half, nobody is told to take one away."""
    allows, whole = case.template(vma).allows, {}
    free = False
    for side in conflict.sides:
        for key, assignment in _giving(case, vma, side):
            beyond = unsplit(case, vma, key, assignment)
            free |= bool(assignment.mask & side & ~(allows | beyond))
            if beyond:
                whole[case.holdings.entitlement(key[0], assignment.id).name] = case.systems[key[0]].title
    if whole and not free:
        titles = listing(dict.fromkeys(whole.values()))
        return f"{titles} cannot split {listing(whole)}, which the work needs: {conflict.mitigation}"
    return f"take one half away; if the practice is too small to split it: {conflict.mitigation}"


def whence(case: Case, vma: str, conflict: Conflict) -> str:
    """Say where each half comes from."""
    parts = []
    for side in conflict.sides:
        names = [
            f"{case.holdings.entitlement(key[0], a.id).name} in {case.systems[key[0]].title}"
            for key, a in _giving(case, vma, side)
        ]
        parts.append(f"{listing(case.policy.vocabulary.names(side & case.held(vma)))} by {listing(names)}")
    return "; ".join(parts)


def steps_to(case: Case, vma: str, conflict: Conflict) -> Iterator[Step]:
    """Yield, for each half, the account and the entitlement that give it, and the capability."""
    for side in conflict.sides:
        for key, assignment in _giving(case, vma, side):
            yield from assignment_path(case, vma, key, assignment, side & assignment.mask)[1:-1]
            break
