"""Annex E: live accounts that nobody uses, by the rule `dormant-account`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from auditor.review.annexes.facts import AnnexFacts, grouped
from auditor.review.annexes.making import About, made
from auditor.review.annexes.privileged import used
from connectors.facts import PersonKind
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, RowState
from reports.words import plural

RULE = "dormant-account"
ABOUT = About(
    "E",
    "dormant accounts",
    "Which live accounts does nobody use?",
    "45 CFR 164.308(a)(4)(ii)(C) (addressable); NIST SP 800-53 AC-2(3)",
)


@dataclass(frozen=True, slots=True)
class DormantUser(AnnexRow):
    """One live account of a VMA that was not used for longer than the role's template allows."""

    system: str
    login: str
    people: tuple[str, ...]
    last_used: datetime | Instead | None
    dormant_since: date | None
    observed: str
    expected: str
    finding: str
    accepted: str
    """Until when, where somebody accepted it; empty where nobody did."""


def dormant_accounts(facts: AnnexFacts) -> Annex:
    """Return the annex; its figures are those of the rule."""
    case, said = facts.case, facts.of_rule(RULE)
    rows = list(_rows(facts))
    others = sum(case.owners[key].kind is not PersonKind.VMA for key in case.live_accounts)
    looked_at = (
        LookedAt("checks of live accounts of VMAs at work", said.population),
        LookedAt("of them, in use", said.satisfied),
        LookedAt("live accounts of others, for whom the policy sets no limit", others),
    )
    told = f"{plural(len(rows), 'live account')} of VMAs {'is' if len(rows) == 1 else 'are'} dormant"
    unknown = grouped(said.unknown, facts, "the last use of")
    return made(ABOUT, DormantUser, rows, told, looked_at=looked_at, not_evaluated=(*facts.unread, *unknown))


def _rows(facts: AnnexFacts) -> Iterator[DormantUser]:
    case = facts.case
    for identity, finding in facts.of_rule(RULE).findings.items():
        system, _, id_ = finding.subject.id.partition(":")
        account = case.accounts.get((system, id_))
        exception = facts.accepted.get(identity)
        kept = identity in facts.kept_open
        yield DormantUser(
            state=RowState.UNKNOWN if kept else RowState.TOLD if exception else RowState.OPEN,
            system=facts.title(system),
            login=finding.subject.name,
            people=facts.users((system, id_)) if account else ((facts.name(finding.vma),) if finding.vma else ()),
            last_used=used(account) if account else None,
            dormant_since=finding.since,
            observed=finding.observed,
            expected=finding.expected,
            finding=identity,
            accepted=f"until {exception.expires}, by {exception.by}" if exception else "",
        )
