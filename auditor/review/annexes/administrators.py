"""Each system has at least two administrators: people who can give access there, by name."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from auditor.review.annexes.privileged import administers
from auditor.review.annexes.unknown_rights import holders_unclassified, not_stored, rights_not_read
from connectors.facts import PersonKind, Status
from connectors.unread import is_unread
from policies.engine.candidates import candidates_of
from policies.engine.case import AccountKey
from policies.engine.evidence import listing
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "administrators",
    "at least two administrators for each system",
    "Who can give and take access in each system, and is it more than one person?",
    "45 CFR 164.308(a)(7), 164.308(a)(2); asked at quarterly reviews, such as those of VA.gov",
)
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class SystemAdministrators(AnnexRow):
    """One system."""

    system: str
    administrators: tuple[str, ...]
    """The practice's own people, by name, with an account that works."""
    count: int | None
    """`None` where it is not known: rights or accounts were not read."""
    others: tuple[str, ...]
    """Accounts with the same rights of VMAs, who may not have them, of services, of vendors, of nobody."""
    why: str


def administrators(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    rows = [_row(facts, system) for system in facts.case.systems]
    enough = sum(row.state is RowState.IN_ORDER for row in rows)
    told = f"At least two administrators in {enough} of {plural(len(rows), 'system')}"
    few = [row.system for row in rows if row.state is RowState.OPEN]
    told += f"; not {listing(few)}" if few else ""
    looked_at = (
        LookedAt("systems", len(rows)),
        LookedAt("live accounts", len(facts.case.live_accounts)),
    )
    return made(
        ABOUT,
        SystemAdministrators,
        rows,
        told,
        looked_at=looked_at,
        not_evaluated=facts.unread,
    )


def _row(facts: AnnexFacts, system: str) -> SystemAdministrators:
    case = facts.case
    if system in case.incomplete:
        why = f"it was not read whole: {case.incomplete[system].reason}"
        return SystemAdministrators(RowState.UNKNOWN, facts.title(system), (), None, (), why)
    sure: set[str] = set()
    doubtful: set[str] = set()
    others: list[str] = []
    for key in _administering(facts, system):
        account, owner = case.accounts[key], case.owners[key]
        if owner.kind is not PersonKind.STAFF:
            others.append(f"{account.login} ({owner.kind.value if owner.kind else 'nobody'})")
        elif account.status is Status.ACTIVE:
            sure.update(owner.people)
        else:
            doubtful.update(owner.people)
    names = tuple(facts.name(person) for person in sorted(sure))
    title = facts.title(system)
    if len(sure) >= ENOUGH and not not_stored(facts, system):
        return SystemAdministrators(RowState.IN_ORDER, title, names, len(sure), tuple(others), "")
    if why := "; ".join(_not_known(facts, system, doubtful - sure)):
        return SystemAdministrators(RowState.UNKNOWN, title, names, None, tuple(others), why)
    count = f"{plural(len(sure), 'person', 'people')} can give access here" if sure else "nobody is known who can"
    return SystemAdministrators(RowState.OPEN, title, names, len(sure), tuple(others), count)


def _administering(facts: AnnexFacts, system: str) -> Iterator[AccountKey]:
    return (key for key in facts.case.live_accounts if key[0] == system and administers(facts, key))


def _not_known(facts: AnnexFacts, system: str, doubtful: set[str]) -> Iterator[str]:
    """Yield why there may be more administrators than are known."""
    case, collection = facts.case, facts.case.collections[system]
    if doubtful:
        names = listing(facts.name(person) for person in sorted(doubtful))
        yield f"whether the accounts of {names} can be used is not known"
    kinds = [e.name for e in collection.entitlements.values() if is_unread(e.id)]
    if kinds:
        yield f"not read: {listing(sorted(kinds))}"
    elif logins := holders_unclassified(facts).get(system):
        yield f"no catalog says what {listing(sorted(logins))} may do by something held"
    yield from rights_not_read(facts, system)
    if collection.accounts and not collection.grants and not kinds:
        yield "no right of anybody was read here"
    asked = candidates_of(case).by_account
    if [key for key in _administering(facts, system) if key in asked]:
        yield "whose an account with these rights is, is not settled"
