"""
What is different between two cases: whose facts moved, and which derived views can be taken over.

`changed_subjects` answers for everybody when something that all have in common is different: the policy, the
agreements, the work map, the systems, or which of them were read whole. It may name somebody whose facts are the same,
and never leaves out anybody whose facts are not; `tests/properties/test_rejudge.py` compares with judging everything.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from connectors.facts import Collection, Engagement, Grant
from policies import engagements
from policies.agreements.coverage import Coverage
from policies.engine.candidates import candidates_of, find_candidates
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.evaluate import Judgment
from policies.engine.indivisible import holders_of
from policies.engine.outcomes import Subject

K = TypeVar("K")
_NOTHING = object()


def changed_subjects(before: Case, judgment: Judgment, after: Case) -> EvaluationScope | None:
    """
    Return whose verdicts may be others than in `judgment`, which is that of `before`; `None` when anybody's may.

    Gives `after` every view of `before` that is the same for it, so that it need not be derived again.
    """
    if not _in_common(before, after):
        return None
    changed_accounts = set(_accounts(before, after)) | _different(before.reissued, after.reissued)
    people = _different(before.people, after.people)
    engaged = _different(before.engagements, after.engagements)
    if before.past == after.past and before.periods == after.periods:
        after.with_cached_views({"known": _known_again(before, after, engaged)})
    engaged |= _different(before.known, after.known)
    _hand_over(before, after, changed_accounts, people=people, engaged=engaged)
    vmas = (engaged | (people & (before.engagements.keys() | after.engagements.keys()))) | (
        before.former ^ after.former
    )
    changed_accounts |= _different(candidates_of(before).by_account, candidates_of(after).by_account)
    for case in (before, after):
        for person in people & candidates_of(case).by_person.keys():  # the finding about the account names them
            changed_accounts.update(q.account for q in candidates_of(case).of(person) if q.account is not None)
    vmas |= _doubted(before, after, changed_accounts)
    vmas |= _different(before.earlier_roles, after.earlier_roles)
    vmas |= _different(before.former_names, after.former_names)
    vmas.update(before.coverage.moved(before.today, after.coverage, after.today))
    if before.today != after.today:
        vmas.update(_crossed(before, after))
        for subject in _overdue(judgment, after.today):
            match subject.kind:
                case "vma":
                    vmas.add(subject.id)
                case "account":
                    changed_accounts.add(subject.key)
    among = _with_neighbours(before, after, vmas, people, changed_accounts)
    _count_again(before.restricted_to(among), before, after.restricted_to(among), after)
    return among


def _in_common(before: Case, after: Case) -> bool:
    """Whether all that verdicts on everybody rest on is the same; time may only have gone on."""
    return (
        before.today <= after.today
        and before.practice == after.practice
        and before.policy.digest == after.policy.digest
        and before.agreements == after.agreements
        and before.work == after.work
        and before.systems == after.systems
        and before.incomplete == after.incomplete
        and all(_same_offer(before.collections[id_], after.collections[id_]) for id_ in after.collections)
    )


def _same_offer(one: Collection, other: Collection) -> bool:
    """Whether both say the same of each entitlement and of the whole cloud account; either may have more of them."""
    if one.estate is not other.estate and one.estate != other.estate:
        return False
    known = one.entitlements, other.entitlements
    return known[0] is known[1] or all(known[0][id_] == known[1][id_] for id_ in known[0].keys() & known[1].keys())


def _accounts(before: Case, after: Case) -> Iterator[AccountKey]:
    """Yield the accounts that came, went or changed, or that have other grants or another owner."""
    for system, new in after.collections.items():
        old = before.collections[system]
        if not new.complete:
            continue
        if old.accounts is not new.accounts:
            yield from (
                (system, id_) for id_ in _different({a.id: a for a in old.accounts}, {a.id: a for a in new.accounts})
            )
        if old.grants is not new.grants:
            yield from ((system, id_) for id_ in _different(_by_account(old.grants), _by_account(new.grants)))
    yield from _different(before.owners, after.owners)


def _by_account(grants: Iterable[Grant]) -> dict[str, set[Grant]]:
    found: dict[str, set[Grant]] = {}
    for grant in grants:
        found.setdefault(grant.account, set()).add(grant)
    return found


def _different(one: Mapping[K, object], other: Mapping[K, object]) -> set[K]:
    """Return the keys that only one has, or that are not the same in both."""
    if one is other:
        return set()
    # Most values are the same object: that is asked first, because it is forty times faster.
    there = other.get
    return {key for key, value in one.items() if (new := there(key, _NOTHING)) is not value and new != value} | (
        other.keys() - one.keys()
    )


def _known_again(before: Case, after: Case, engaged: set[str]) -> dict[str, tuple[Engagement, ...]]:
    """Return every known engagement, where only the present ones of `engaged` may be others than before."""
    if list(before.engagements) != list(after.engagements):
        return engagements.known(after.past, after.periods, after.engagements)
    past, periods = ([e for e in rows if e.vma in engaged] for rows in (after.past, after.periods))
    return before.known | engagements.known(past, periods, {vma: after.engagements[vma] for vma in engaged})


def _doubted(before: Case, after: Case, accounts: set[AccountKey]) -> set[str]:
    """Return the VMAs of whom something else is open than before, or whose an account could be that changed."""
    found = _different(candidates_of(before).by_person, candidates_of(after).by_person)
    for case in (before, after):
        for key in accounts & candidates_of(case).by_account.keys():
            found.update(question.person for question in candidates_of(case).by_account[key])
    return found & (before.engagements.keys() | after.engagements.keys())


def _crossed(before: Case, after: Case) -> Iterator[str]:
    """Yield the VMAs who started or ended between the two days."""
    for vma, engagement in after.engagements.items():
        if _stage(engagement, before.today) != _stage(engagement, after.today):
            yield vma


def _stage(engagement: Engagement, day: date) -> int:
    if day < engagement.start:
        return 0
    return 1 if engagement.active_on(day) else 2


def _overdue(judgment: Judgment, today: date) -> Iterator[Subject]:
    """Yield the subjects of what is told by the day: findings, what could not be judged, what held until today."""
    for satisfied in judgment.satisfied:
        if satisfied.until is not None and satisfied.until <= today:
            yield satisfied.subject
    for finding in judgment.findings:
        yield finding.subject
    for unknown in judgment.not_evaluated:
        yield unknown.subject


def _with_neighbours(
    before: Case, after: Case, vmas: set[str], people: set[str], accounts: set[AccountKey]
) -> EvaluationScope:
    """Add all accounts of those who moved, and everybody who uses one of them: a path names all its people."""
    for case in (before, after):
        for key in accounts:
            if key in case.owners:
                vmas.update(case.owners[key].people)
    for case in (before, after):
        for vma in vmas:
            accounts.update(case.accounts_of.get(vma, ()))
        if people - vmas:
            accounts.update(key for key, owner in case.owners.items() if not people.isdisjoint(owner.people))
    users = {
        person
        for case in (before, after)
        for key in accounts
        if key in case.owners
        for person in case.owners[key].people
    }
    return EvaluationScope(frozenset(vmas | users), frozenset(accounts))


def _hand_over(before: Case, after: Case, accounts: set[AccountKey], *, people: set[str], engaged: set[str]) -> None:
    """Give the later case the views of the earlier one that are the same, or differ only by what moved."""
    views: dict[str, object] = {
        "systems": before.systems,
        "incomplete": before.incomplete,
        "_combined": before._combined,
    }
    if all(before.collections[id_].accounts is c.accounts for id_, c in after.collections.items()):
        views |= {"accounts": before.accounts, "live_accounts": before.live_accounts}
        if before.owners == after.owners:
            views |= {
                view: getattr(before, view) for view in ("accounts_of", "live_in", "_live_by_kind", "shared_accounts")
            }
            if _same_questions(before, after, people, engaged):
                views["candidates_of"] = candidates_of(before)
    after.with_cached_views(views)
    if "candidates_of" not in views:
        after.with_cached_views({"candidates_of": find_candidates(after, candidates_of(before))})
    after.with_cached_views({"holdings": before.holdings.after(after.collections, after.policy.catalogs, accounts)})
    after.with_cached_views(_coverage(before, after, people | engaged))
    if before.today == after.today and before.engagements.keys() == after.engagements.keys():
        after.with_cached_views(_teams(before, after, engaged))
    moved_lanes = accounts | {
        key for case in (before, after) for vma in engaged for key in case.accounts_of.get(vma, ())
    }
    lanes = after.lanes(moved_lanes & after.owners.keys())
    after.with_cached_views({"copies": before.copies.after(after.accounts, after.holdings, lanes, moved_lanes)})


def _same_questions(before: Case, after: Case, people: set[str], engaged: set[str]) -> bool:
    """Whether nothing else can be open: the accounts and owners are the same, and so is all else that is asked."""
    started = all(
        vma in before.engagements
        and vma in after.engagements
        and before.engagements[vma].start == after.engagements[vma].start
        for vma in engaged
    )
    said = [(case.not_theirs, case.once, case.seen_logins, case.today) for case in (before, after)]
    return not people and started and said[0] == said[1]


def _teams(before: Case, after: Case, engaged: set[str]) -> dict[str, object]:
    """Return who is engaged, and by role, where the same VMAs are as before and these of them are engaged otherwise."""
    people = before.asked_people | {vma: after.engagements[vma] for vma in sorted(engaged)}
    by_role = {role: set(vmas) - engaged for role, vmas in before.by_role.items()}
    for vma in engaged:
        engagement = after.engagements[vma]
        if engagement.active_on(after.today) and not engagement.on_leave:
            for role in engagement.roles:
                by_role.setdefault(role, set()).add(vma)
    teams = {role: tuple(sorted(vmas)) for role, vmas in sorted(by_role.items()) if vmas}
    return {"asked_people": people, "by_role": teams}


def _coverage(before: Case, after: Case, who: set[str]) -> dict[str, Coverage]:
    """
    Return which agreements cover whom, as far as it need not be derived anew.

    A role or a leave is none of their business; another agency in the roster may tell apart two organisations, and
    concerns all.
    """
    known = [{id_: list(map(_terms, case.known.get(id_, ()))) for id_ in who} for case in (before, after)]
    names = [{id_: case.people[id_].name for id_ in who & case.people.keys()} for case in (before, after)]
    moved = {id_ for id_ in who if known[0][id_] != known[1][id_] or names[0].get(id_) != names[1].get(id_)}
    moved |= _different(before.former_names, after.former_names)
    if not moved:
        return {"coverage": before.coverage}
    if _agencies(before) != _agencies(after):
        return {}
    rows = ([e for id_ in moved for e in case.known.get(id_, ())] for case in (before, after))
    return {"coverage": before.coverage.after(after.people, after.former_names, moved, *rows)}


def _agencies(case: Case) -> set[str | None]:
    return {engagement.agency for mine in case.known.values() for engagement in mine}


def _terms(engagement: Engagement) -> tuple[object, ...]:
    return engagement.agency, engagement.employment, engagement.start, engagement.end


def _count_again(old: Case, before: Case, new: Case, after: Case) -> None:
    """Take those who moved out of what the earlier case counts over everybody, and put them in as they are now."""
    in_use = before.in_use.copy()
    in_use.subtract(old.in_use)
    in_use.update(new.in_use)
    unclassified = dict(before.unclassified)
    for id_ in old.unclassified.keys() | new.unclassified.keys():
        out = set(old.unclassified.get(id_, ()))
        holders = [holder for holder in unclassified.get(id_, ()) if holder not in out]
        unclassified[id_] = sorted((*holders, *new.unclassified.get(id_, ())))
    left = {id_: holders for id_, holders in unclassified.items() if holders}
    after.with_cached_views({"in_use": +in_use, "unclassified": left, "holders_of": _unsplit_again(old, before, new)})


def _unsplit_again(old: Case, before: Case, new: Case) -> dict[tuple[str, str], dict[tuple[str, AccountKey], int]]:
    unsplit = {id_: dict(holders) for id_, holders in holders_of(before).items()}
    for id_, gone in holders_of(old).items():
        for holder in gone:
            del unsplit[id_][holder]
    for id_, come in holders_of(new).items():
        unsplit.setdefault(id_, {}).update(come)
    return {id_: holders for id_, holders in unsplit.items() if holders}
