"""
What people have stated of whose accounts are: `auditor confirm`, applied to the accounts as they are now.

That an account is somebody's holds for the account, by its native id, until the statement is withdrawn. That it is not
holds only while the account looks as it did when somebody looked at it: another name, address or log-in may be another
user, so the question is asked again. Either counts against an id, an address or a log-in that the practice states
only where it was said with a reason and by two people (`auditor.ledger.witnesses`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from auditor.identity import Identified
from auditor.ledger.entries import canonical
from auditor.ledger.statements import Statement, StatementKind, in_force
from auditor.ledger.witnesses import lacks_witness
from connectors.facts import Account, Collection, Person, PersonKind
from policies.engine.case import AccountKey, Owner

THEIRS = "theirs"
NOT_THEIRS = "not theirs"


@dataclass(frozen=True, slots=True)
class Settled:
    """By account, what holds."""

    theirs: Mapping[AccountKey, tuple[Statement, ...]] = field(default_factory=dict)
    not_theirs: Mapping[AccountKey, frozenset[str]] = field(default_factory=dict)


NOTHING = Settled()


def named(key: AccountKey) -> str:
    """Return how a statement names an account: by its system and its native id."""
    return f"{key[0]}:{key[1]}"


def looks(account: Account) -> str:
    """Return a digest of what an account says of its user."""
    said = [account.login, account.name, account.email or "", account.employee_id or ""]
    return hashlib.sha256(canonical(said)).hexdigest()


def settle(
    statements: Iterable[Statement], day: date, collections: Mapping[str, Collection], people: Iterable[Person]
) -> Settled:
    """
    Return what statements say on a day of the accounts of the systems that were read whole.

    Of several about one person and one account, the newest counts.
    """
    newest = confirmations(statements, day)
    if not newest:
        return NOTHING
    accounts = {
        named((system, account.id)): account
        for system, collection in collections.items()
        if collection.complete
        for account in collection.accounts
    }
    identified = Identified(people)
    theirs: dict[AccountKey, list[Statement]] = defaultdict(list)
    not_theirs: dict[AccountKey, set[str]] = defaultdict(set)
    for (name, person), statement in sorted(newest.items()):
        account = accounts.get(name or "")
        if account is None or doubted(statement, account, identified):
            continue
        if statement.topic == THEIRS:
            theirs[account.system, account.id].append(statement)
        elif statement.looks == looks(account):
            not_theirs[account.system, account.id].add(person)
    return Settled(
        {key: tuple(said) for key, said in theirs.items()},
        {key: frozenset(people) for key, people in not_theirs.items()},
    )


def confirmations(statements: Iterable[Statement], day: date) -> dict[tuple[str | None, str], Statement]:
    """Return the newest confirmation of each account and person that holds on a day."""
    return {(s.account, s.about): s for s in in_force(statements, day) if s.kind is StatementKind.CONFIRMATION}


def doubted(statement: Statement, account: Account, identified: Identified) -> str:
    """Say why a confirmation does not count: the account contradicts it, and one person alone said it; else empty."""
    against = identified.against(account, statement.about, theirs=statement.topic == THEIRS)
    lacking = lacks_witness(statement) if against else ""
    return f"{against}, and {lacking}" if lacking else ""


def confirmed(said: Iterable[Statement], people: Mapping[str, Person], stated: Iterable[str] = ()) -> Owner | None:
    """Return the owner of an account that somebody confirmed; those whom the roster states own it as well."""
    known = [s for s in said if s.about in people]
    ids = tuple(sorted({*stated, *(s.about for s in known)}))
    if not known:
        return None
    reason = "; ".join(f"{s.by} stated on {s.on} that it is theirs ({s.id})" for s in known)
    kinds = [people[id_].kind for id_ in ids]
    return Owner(ids, next((kind for kind in kinds if kind is PersonKind.VMA), kinds[0]), reason)
