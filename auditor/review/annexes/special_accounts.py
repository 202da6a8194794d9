"""Annex D: accounts that are no one person's: default, shared, of a service, of a vendor, of nobody."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.review.annexes.facts import AnnexFacts, grouped
from auditor.review.annexes.making import About, made
from auditor.review.annexes.privileged import used
from connectors.facts import PersonKind
from policies.engine.case import AccountKey
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "D",
    "default, shared and service accounts",
    "Which accounts are no one person's, and who answers for each?",
    "OCR audit protocol, 164.312(a)(1): default, generic, shared and service accounts; 45 CFR 164.312(a)(2)(i)",
)
DEFAULT, SHARED, NAMED, SERVICE, VENDOR, NOBODY = (
    *("default", "shared", "named for a job", "service", "vendor", "of nobody known"),
)


@dataclass(frozen=True, slots=True)
class SpecialAccount(AnnexRow):
    """One account that is no one person's."""

    system: str
    login: str
    name: str
    kinds: tuple[str, ...]
    works: bool
    people: tuple[str, ...]
    answers_for_it: tuple[str, ...]
    last_used: datetime | Instead | None
    second_factor: bool | None
    findings: tuple[str, ...]


def special_accounts(facts: AnnexFacts) -> Annex:
    """Return the annex: live ones, and the default ones that are disabled, as they should be."""
    case = facts.case
    rows = list(_rows(facts))
    kinds = Counter(kind for row in rows for kind in row.kinds)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    told = f"{plural(len(rows), 'account')} {'is' if len(rows) == 1 else 'are'} no one person's"
    told += f": {counted}; {sum(r.state is RowState.OPEN for r in rows) or 'none'} with an open finding" if rows else ""
    looked_at = (LookedAt("accounts", len(case.accounts)), LookedAt("of them, live", len(case.live_accounts)))
    unknown = grouped(facts.of_rule("shared-account").unknown, facts, "whether it is shared:")
    return made(ABOUT, SpecialAccount, rows, told, looked_at=looked_at, not_evaluated=(*facts.unread, *unknown))


def _rows(facts: AnnexFacts) -> Iterator[SpecialAccount]:
    case = facts.case
    for key, account in case.accounts.items():
        kinds = _kinds(facts, key)
        if not kinds or not (account.live or DEFAULT in kinds):
            continue
        people = [case.people[p] for p in case.owners[key].people if p in case.people]
        unanswered = account.live and NOBODY in kinds
        yield SpecialAccount(
            state=RowState.OPEN if unanswered or facts.open_about(key) else RowState.TOLD,
            system=facts.title(key[0]),
            login=account.login,
            name=account.name,
            kinds=kinds,
            works=account.live,
            people=facts.users(key),
            answers_for_it=tuple(dict.fromkeys(person.owner for person in people if person.owner)),
            last_used=used(account),
            second_factor=account.mfa,
            findings=facts.about(key),
        )


def _kinds(facts: AnnexFacts, key: AccountKey) -> tuple[str, ...]:
    case = facts.case
    account, owner = case.accounts[key], case.owners[key]
    policy, product = case.policy, case.systems[key[0]].product
    is_ = {
        DEFAULT: policy.default_accounts.matches(product, (account.login, account.name, account.id)),
        SHARED: len(owner.people) > 1,
        NAMED: policy.generic_names.matches(account.login) is not None,
        SERVICE: account.service or owner.kind is PersonKind.SERVICE,
        VENDOR: owner.kind is PersonKind.VENDOR,
        NOBODY: not owner.people,
    }
    return tuple(kind for kind, holds in is_.items() if holds)
