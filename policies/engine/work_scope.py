"""What somebody can do, and what somebody's own work needs: shared by the rules about work and the report on it."""

from functools import reduce
from operator import and_

from policies.engine.case import AccountKey, Case
from policies.engine.evidence import listing
from policies.vocabulary import Risk


def accounts_of(case: Case, person: str) -> tuple[AccountKey, ...]:
    """Return the live accounts of a VMA or of staff."""
    if person in case.engagements:
        return case.live_accounts_of(person)
    return tuple(key for key in case.live_accounts if person in case.owners[key].people)


def held_by(case: Case, person: str) -> int:
    """Return the capabilities that a VMA or a member of staff holds, over all systems."""
    mask = 0
    for key in accounts_of(case, person):
        mask |= case.holdings[key].mask
    return mask


def unread_by(case: Case, person: str, system: str | None = None) -> str:
    """List what somebody holds, in one system or in all, that no catalog can read; empty when there is none."""
    keys = [key for key in accounts_of(case, person) if system is None or key[0] == system]
    found = {(key[0], id_) for key in keys for id_ in case.holdings[key].unclassified}
    return listing(case.holdings.entitlement(*each).name for each in sorted(found))


def needed_access(case: Case, vma: str) -> int:
    """
    Return what a VMA may have by the own work, what the role requires, and what every role with patients allows.

    A role that never opens a chart (credentialing, phone quality) says nothing of what everybody needs who does.
    """
    templates, words = case.policy.templates, case.policy.vocabulary
    roles = [templates.combine((role,)) for role in templates.ids]
    with_patients = [role for role in roles if "demographics" in words.phi(role.requires)] or roles
    everybody = reduce(and_, (role.allows for role in with_patients))
    return (case.duties.lane(vma) if case.duties else 0) | case.template(vma).requires | everybody


def unneeded_access(case: Case, vma: str) -> int:
    """Return what the role allows and the lane does not need, as far as it reaches PHI or can do harm."""
    words = case.policy.vocabulary
    matters = words.reaching_phi | sum(1 << c.bit for c in words.capabilities if c.risk is not Risk.LOW)
    return case.template(vma).allows & ~case.forbidden(vma) & ~needed_access(case, vma) & matters
