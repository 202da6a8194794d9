"""All annexes, in the order in which they are read; and the bytes that a seal can bind."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from auditor.ledger.entries import canonical
from auditor.review.annexes.administrators import administrators
from auditor.review.annexes.agreements import agreements
from auditor.review.annexes.campaign_gaps import campaign_gaps
from auditor.review.annexes.campaign_progress import campaign_progress, reviewers
from auditor.review.annexes.campaign_removals import campaign_removals
from auditor.review.annexes.campaigns import Reviews
from auditor.review.annexes.changed_access import changed_access, removed_access
from auditor.review.annexes.dormant import dormant_accounts
from auditor.review.annexes.evidence import evidence
from auditor.review.annexes.exceptions import exceptions
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.leavers import terminations
from auditor.review.annexes.new_users import new_users
from auditor.review.annexes.population import population
from auditor.review.annexes.privileged import privileged_users
from auditor.review.annexes.second_factor import second_factor
from auditor.review.annexes.special_accounts import special_accounts
from auditor.review.annexes.tie_out import tie_out
from reports.annexes import Annex, Annexes
from reports.as_json import as_json, in_utc

A_TO_E: tuple[Callable[[AnnexFacts], Annex], ...] = (
    *(new_users, terminations, privileged_users, special_accounts, dormant_accounts),
)
FROM_G: tuple[Callable[[AnnexFacts], Annex], ...] = (
    *(agreements, changed_access, evidence),
    *(removed_access, administrators, second_factor, population, tie_out),
)
"""To I, then what examiners ask besides."""
OF_REVIEWS: tuple[Callable[[Reviews], Annex], ...] = (campaign_progress, campaign_gaps, campaign_removals, reviewers)
"""How reviews went; last, and on the page a section of their own."""


def build_annexes(facts: AnnexFacts, reviews: Reviews, period: str) -> Annexes:
    """Return every annex of one audit and of the reviews that it concerns; `period` says of what time, in words."""
    practice = facts.case.practice
    earlier = (facts.changes.audit,) if facts.changes else ()
    mine = sorted({*earlier, *(proof.audit for proof in facts.proofs if proof.audit is not None)})
    return Annexes(
        practice=practice.id,
        practice_name=practice.name,
        timezone=practice.timezone,
        period=period,
        audits=tuple(mine),
        annexes=(
            *(_noted(facts, build(facts)) for build in A_TO_E),
            exceptions(facts, reviews),
            *(_noted(facts, build(facts)) for build in FROM_G),
            *(build(reviews) for build in OF_REVIEWS),
        ),
    )


RULES_OF: Mapping[str, tuple[str, ...]] = {
    "D": ("account-of-nobody", "shared-account"),
    "E": ("dormant-account",),
    "second-factor": ("no-mfa",),
    "tie-out": ("account-of-nobody", "missing"),
}
"""The rules on whose population an annex rests."""


def _noted(facts: AnnexFacts, annex: Annex) -> Annex:
    """Say where the policy of today judges a stored audit otherwise than it was judged then."""
    changed = sorted(facts.judged_otherwise.intersection(RULES_OF.get(annex.id, ())))
    if not changed:
        return annex
    note = (
        f"The rows are what the audit found. Asked again by the policy of today, {', '.join(changed)} would find "
        "others; how many were looked at is counted by today's."
    )
    return replace(annex, notes=(*annex.notes, note))


def canonical_annexes(annexes: Annexes) -> bytes:
    """
    Return the canonical JSON of all annexes: the same facts give the same bytes, which a seal may bind by their hash.

    Numbers with a fraction are text with one decimal, as people read them: canonical JSON (RFC 8785) has many ways to
    write them otherwise.
    """
    return canonical(_without_fractions(as_json(annexes, instant=in_utc)))


def _without_fractions(value: Any) -> Any:
    match value:
        case float():
            return f"{value:.1f}"
        case dict():
            return {key: _without_fractions(item) for key, item in value.items()}
        case list():
            return [_without_fractions(item) for item in value]
        case _:
            return value
