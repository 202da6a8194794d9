"""Annex C: every live account that is privileged, whoever holds it (`policies/privileged.yaml` says what that is)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from auditor.review.annexes.unknown_rights import perhaps_more, unclassified
from connectors.facts import Account, Never, PersonKind
from policies.engine.case import AccountKey
from policies.engine.outcomes import Severity
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "C",
    "privileged users",
    "Who can give access, change the systems, or touch what would show it?",
    "OCR audit protocol, 164.312(a)(1): list of privileged users; NIST SP 800-53 AC-6(5)",
)

NOBODY, DOOR, DOOR_RULE = "nobody", "door", "outside-door"


@dataclass(frozen=True, slots=True)
class PrivilegedUser(AnnexRow):
    """One live account that is privileged."""

    system: str
    login: str
    kind: str
    """`vma`, `staff`, `service`, `vendor` or `nobody`; `door` for a way in from outside."""
    people: tuple[str, ...]
    can: tuple[str, ...]
    through: tuple[str, ...]
    """What was given that brings it."""
    last_used: datetime | Instead | None
    second_factor: bool | Instead | None
    findings: tuple[str, ...]
    """Ids of those that name the account."""


_WHOSE = {
    PersonKind.VMA.value: "VMAs",
    NOBODY: "nobody known",
    PersonKind.STAFF.value: "the practice's own people",
    PersonKind.VENDOR.value: "vendors",
    PersonKind.SERVICE.value: "services",
}


def privileged_users(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    case = facts.case
    rows, doors = list(_rows(facts)), list(_doors(facts))
    by_kind = Counter(row.kind for row in rows)
    whose = ", ".join(f"{by_kind[kind]} of {words}" for kind, words in _WHOSE.items() if by_kind[kind])
    told = f"{len(rows)} privileged of {plural(len(case.live_accounts), 'live account')}" + (
        f": {whose}" if rows else ""
    )
    told += f"; and {plural(len(doors), 'way')} in from outside to the most" if doors else ""
    return made(
        ABOUT,
        PrivilegedUser,
        (*rows, *doors),
        told,
        looked_at=(LookedAt("live accounts", len(case.live_accounts)),),
        not_evaluated=(*facts.unread, *unclassified(facts), *perhaps_more(facts)),
    )


def _rows(facts: AnnexFacts) -> Iterator[PrivilegedUser]:
    case = facts.case
    privileged = case.policy.privileged.mask
    for key, account in case.live_accounts.items():
        held = case.holdings[key]
        mask = held.mask & privileged
        if not mask:
            continue
        owner = case.owners[key]
        given = sorted(id_ for id_, one in held.assignments.items() if one.mask & privileged)
        nobody = not owner.people
        yield PrivilegedUser(
            state=RowState.OPEN if nobody or facts.open_about(key) else RowState.TOLD,
            system=facts.title(key[0]),
            login=account.login,
            kind=owner.kind.value if owner.kind else NOBODY,
            people=facts.users(key) or ("nobody known",),
            can=case.policy.vocabulary.titles(mask),
            through=tuple(case.holdings.entitlement(key[0], id_).name for id_ in given),
            last_used=used(account),
            second_factor=account.mfa,
            findings=facts.about(key),
        )


def _doors(facts: AnnexFacts) -> Iterator[PrivilegedUser]:
    """Yield the ways in from outside that the rule calls critical: to an administrator's rights, or for anybody."""
    for identity, finding in facts.of_rule(DOOR_RULE).findings.items():
        if finding.severity is Severity.CRITICAL and finding.system:
            yield PrivilegedUser(
                state=RowState.TOLD if identity in facts.accepted else RowState.OPEN,
                system=facts.title(finding.system),
                login=finding.subject.name,
                kind=DOOR,
                people=("whoever comes that way",),
                can=(finding.title,),
                through=(finding.observed,),
                last_used=Instead.BLANK,
                second_factor=Instead.BLANK,
                findings=(identity,),
            )


def used(account: Account) -> datetime | Instead | None:
    """Return when somebody signed in last: `never` by the source's own word, `None` where it does not say."""
    last = account.last_login
    return Instead.NEVER if isinstance(last, Never) else last


def administers(facts: AnnexFacts, key: AccountKey) -> bool:
    """Whether an account can give access to others in its system."""
    return bool(facts.case.holdings[key].mask & facts.case.policy.privileged.administers)
