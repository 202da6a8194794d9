"""Which accounts' records are asked for in an audit, and asking for them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain

from auditor.snapshot import Snapshot
from auditor.store import Store
from connectors.audit_log import HasAuditLog, LogAnswer, LogQuestion, LogUnread
from connectors.collect import utc_now
from connectors.connector import Connector
from connectors.facts import Account, PersonKind
from connectors.read_log import read_log
from policies.engine.case import AccountKey, Case


def keeping_logs(connectors: Mapping[str, Connector]) -> dict[str, Connector]:
    """Return the connectors that can read their system's own record of changes, by system."""
    return {system: one for system, one in connectors.items() if isinstance(one, HasAuditLog)}


def ask_logs(
    case: Case,
    connectors: Mapping[str, Connector],
    before: Snapshot | None,
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
    for key, account in sorted(_concerned(case, before, vma).items()):
        accounts[key[0]].append(account)
    answers = {}
    for system in asked:
        if accounts[system]:
            known = {e.id: e for (s, _), e in (before.entitlements.items() if before else ()) if s == system}
            entitlements = {**known, **case.collections[system].entitlements}
            held = _held(system, accounts[system], case, before)
            question = LogQuestion(tuple(accounts[system]), entitlements, last.get(system), held)
            answers[system] = read_log(connectors[system], question, clock=clock)
    return answers


def _held(system: str, accounts: list[Account], case: Case, before: Snapshot | None) -> dict[str, frozenset[str]]:
    """Return what accounts held at the last audit or hold now, by their ids."""
    found: dict[str, set[str]] = {account.id: set() for account in accounts}
    earlier = (grant for where, grant in (before.grants if before else ()) if where == system)
    for grant in chain(earlier, case.collections[system].grants):
        if grant.account in found:
            found[grant.account].add(grant.entitlement)
    return {id_: frozenset(held) for id_, held in found.items()}


def _last_asked(store: Store, practice: str) -> dict[str, datetime]:
    """Return by system until when its record was read whole; one with a gap is asked from its beginning again."""
    found: dict[str, datetime] = {}
    for _, read in store.log_reads(practice):
        if read.reason is None and not read.gaps:
            found[read.system] = read.read_at
    return found


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
