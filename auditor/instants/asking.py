"""Which accounts' records are asked for in an audit, and asking for them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from auditor.snapshot import Snapshot, Stored
from auditor.store import Store
from connectors.audit_log import HasAuditLog, LogAnswer, LogQuestion, LogUnread
from connectors.collect import utc_now
from connectors.connector import Connector, HasAsOf
from connectors.facts import Account, PersonKind
from connectors.read_log import read_log
from policies.engine.case import AccountKey, Case


def keeping_logs(connectors: Mapping[str, Connector]) -> dict[str, Connector]:
    """Return the connectors that can read their system's own record of changes, by system."""
    return {system: one for system, one in connectors.items() if isinstance(one, HasAuditLog)}


def ask_logs(
    case: Case,
    connectors: Mapping[str, Connector],
    before: Stored | None,
    store: Store | None,
    *,
    vma: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, LogAnswer | LogUnread]:
    """
    Ask the systems that were read whole for what their own records tell since they were asked last.

    Of the accounts that VMAs have or had, or that one of them has, and of those that changed since `before`: a record
    may be large, and nobody else's changes are wanted.
    """
    asked = [s for s in keeping_logs(connectors) if s in case.collections and case.collections[s].complete]
    last = _last_asked(store, case.practice.id) if store and asked else {}
    accounts: dict[str, list[Account]] = defaultdict(list)
    for key, account in sorted(_concerned(case, before.snapshot if before else None, vma).items()):
        accounts[key[0]].append(account)
    reads = store.reads(before.audit.id) if store and before and asked else {}
    answers = {}
    for system in asked:
        if accounts[system]:
            read_before = reads[system][1] if system in reads and reads[system][2] is None else None
            then = before.snapshot if before else None
            question = _question(case, system, accounts[system], then, read_before, last.get(system))
            answer = read_log(connectors[system], question, clock=clock)
            answers[system] = _dated(answer, connectors[system], case.collections[system].as_of)
    return answers


def _dated(answer: LogAnswer | LogUnread, connector: Connector, as_of: datetime) -> LogAnswer | LogUnread:
    """Take the time that somebody states of an export for the time until which the logs reach that lie beside it."""
    stated = isinstance(connector, HasAsOf) and connector.as_of() != as_of
    return replace(answer, read_at=as_of) if stated and isinstance(answer, LogAnswer) else answer


def _question(  # noqa: PLR0917 - each is one part of the question
    case: Case,
    system: str,
    accounts: Sequence[Account],
    before: Snapshot | None,
    read_before: datetime | None,
    since: datetime | None,
) -> LogQuestion:
    collection = case.collections[system]
    mine = {account.id for account in accounts}
    then = [grant for s, grant in before.grants if s == system] if before else []
    held: dict[str, set[str]] = defaultdict(set)
    for grant in (*then, *collection.grants):
        if grant.account in mine:
            held[grant.account] |= {grant.entitlement, *grant.path}
    known = {e.id: e for (s, _), e in (before.entitlements.items() if before else ()) if s == system}
    closed = {}
    for account in accounts:
        was = before.accounts.get((system, account.id)) if before else None
        if was is not None and not was.live and read_before is not None:
            closed[account.id] = read_before
        elif (now := case.accounts.get((system, account.id))) is None or not now.live:
            closed[account.id] = collection.as_of
    return LogQuestion(
        tuple(accounts),
        {**known, **collection.entitlements},
        since,
        {account: frozenset(ids) for account, ids in held.items()},
        closed=closed,
    )


def _last_asked(store: Store, practice: str) -> dict[str, datetime]:
    """
    Return by system since when to ask: as of the last audit that read its record whole.

    Not since that record was read: an account that nobody asked for then may have changed in between. A record with a
    gap is asked from its beginning again.
    """
    last = {read.system: (audit, read) for audit, read in store.log_reads(practice) if not (read.reason or read.gaps)}
    as_of = {audit: store.reads(audit) for audit in {audit for audit, _ in last.values()}}
    return {system: min(read.read_at, as_of[audit][system][1]) for system, (audit, read) in last.items()}


def _concerned(case: Case, before: Snapshot | None, vma: str | None) -> dict[AccountKey, Account]:
    found = dict(_of_vmas(case, before, vma))
    if before is not None and vma is None:
        for key, account in before.accounts.items():
            now = case.accounts.get(key)
            if now is None or now.live != account.live:
                found.setdefault(key, now or account)
    return found


def _of_vmas(case: Case, before: Snapshot | None, vma: str | None) -> Iterator[tuple[AccountKey, Account]]:
    owners = {**(before.owners if before else {}), **case.owners}
    for key, owner in owners.items():
        account = case.accounts.get(key) or (before.accounts.get(key) if before else None)
        whose = case.engagements.keys() & set(owner.people) if vma is None else {vma} & set(owner.people)
        if account is not None and (whose or (vma is None and owner.kind is PersonKind.VMA)):
            yield key, account
