"""Rules about access that was made for somebody else: copied from another account, or lent by a colleague."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.doubt import supplying
from policies.engine.evidence import account_steps, counted, listing, system_subject, template_step
from policies.engine.finding import finding
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Finding, Outcome, Step, Subject
from policies.engine.populations import people_in_systems
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.similarity import MANY, Likeness
from policies.engine.verdicts import not_evaluated, satisfied


class ClonedAccess(Bounded):
    """
    A VMA's access is set up from the template of the VMA's role, and not copied from somebody of another lane.

    A copy brings what the other needed, and the other's own extras. No system says that an account was copied: what is
    found is a likeness, told with what speaks for it. An extra that is outside the roles of both does; the same few
    rights that two people need for their jobs do not, nor do many that are alike while nothing says which was first.
    Source: 45 CFR 164.308(a)(4)(ii)(B), access is granted by policy; 164.502(b)(1), minimum necessary.
    """

    id = "cloned-access"
    title = "Access that looks copied from somebody else"
    question = "Was every VMA's access set up for the VMA's own role, and not copied from another account?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA in every system where the VMA has a live account."""
        return people_in_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Only an account with more than the role allows can have inherited it."""
        found = False
        for key in case.live_accounts_of(item.vma, item.system):
            extras = _extras(case, item.vma, key)
            likeness = case.copies.source(key, case.engagements[item.vma].roles, extras) if extras else None
            if likeness is not None and _speaks(case, key, likeness, extras):
                found = True
                yield self._finding(case, item, key, likeness, extras)
        if not found:
            yield satisfied(self, item)

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> Iterator[str]:
        """Whoever has an account that may be a copy of one that is not what it was, and holds more than the role."""
        other = {key for key in moved.accounts if _told(before, key) != _told(after, key)}
        for case in (before, after):
            for key in case.copies.alike(other):
                for vma in case.owners[key].people:
                    if vma in case.engagements and case.holdings[key].mask & ~case.template(vma).allows:
                        yield vma

    def _finding(self, case: Case, item: Item, key: AccountKey, likeness: Likeness, extras: frozenset[str]) -> Finding:
        inherited = _names(case, key[0], likeness.both & extras)
        source = case.accounts[likeness.source].login
        return finding(
            self,
            case,
            item,
            what=key[1],
            account=key,
            name=listing(inherited),
            source=source,
            extras=counted(len(inherited), "extra"),
            count=str(len(likeness.both)),
            of=str(likeness.either),
            share=f"{likeness.share:.0%}",
            both=listing(_names(case, key[0], likeness.both)),
            whose=_whose(case, likeness.source),
            speaks=" and that ".join(_speaks(case, key, likeness, extras)),
            path=(
                *account_steps(case, key),
                Step("account", source, f"{source}: {_whose(case, likeness.source)}"),
                *_given(case, key[0], likeness.both),
                template_step(case, item.vma, _beyond(case, item.vma, key, likeness.both & extras)),
            ),
        )


def _speaks(case: Case, key: AccountKey, likeness: Likeness, extras: frozenset[str]) -> list[str]:
    """Return what speaks for a copy, in words; nothing where the likeness alone is too little."""
    source, system = likeness.source, key[0]
    made, copied = case.accounts[source].created, case.accounts[key].created
    older = made is not None and copied is not None and made < copied
    neither = _names(case, system, likeness.both & extras & _extras_of_owner(case, source))
    said = [f"{listing(neither)} is for the role of neither"] if neither else []
    if made is not None and copied is not None and older:
        login = case.accounts[source].login
        said.append(f"{login} was made before it ({case.day_of(made)}, then {case.day_of(copied)})")
    return said if neither or (older and len(likeness.both) >= MANY) else []


def _extras_of_owner(case: Case, key: AccountKey) -> frozenset[str]:
    """Return what an account has that none of its owner's roles allows: everything, where it is nobody's at work."""
    people = [person for person in case.owners[key].people if person in case.engagements]
    extras = frozenset(case.holdings[key].assignments)
    for person in people:
        extras &= _extras(case, person, key)
    return extras


def _told(case: Case, key: AccountKey) -> tuple[object, ...] | None:
    """Return what others are told of an account that theirs may be a copy of; `None` when it is not there."""
    if key not in case.accounts:
        return None
    account = case.accounts[key]
    told = account.login, account.created, _whose(case, key), case.lanes([key]), case.copies.given(key)
    return *told, _extras_of_owner(case, key)


def _extras(case: Case, vma: str, key: AccountKey) -> frozenset[str]:
    """Return what was given to an account and brings more than the role allows."""
    allowed = case.template(vma).allows
    held = case.holdings[key].assignments
    return frozenset(
        id_ for id_, a in held.items() if (extra := a.mask & ~allowed) and extra & ~unsplit(case, vma, key, a)
    )


def _beyond(case: Case, vma: str, key: AccountKey, extras: frozenset[str]) -> int:
    mask = 0
    for id_ in extras:
        mask |= case.holdings[key].assignments[id_].mask
    return mask & ~case.template(vma).allows


def _names(case: Case, system: str, ids: frozenset[str]) -> list[str]:
    return [case.holdings.entitlement(system, id_).name for id_ in sorted(ids)]


def _given(case: Case, system: str, ids: frozenset[str]) -> Iterator[Step]:
    for id_ in sorted(ids):
        entitlement = case.holdings.entitlement(system, id_)
        yield Step(entitlement.kind.value, id_, f"{entitlement.name}: given to both")


def _whose(case: Case, key: AccountKey) -> str:
    names = listing(case.people[person].name for person in case.owners[key].people)
    roles = [role for p in case.owners[key].people if p in case.engagements for role in case.engagements[p].roles]
    return f"{names}'s ({listing(dict.fromkeys(roles))})" if roles else (f"{names}'s" if names else "nobody's")


def _waits_until(case: Case, vma: str) -> date | None:
    """Return until when a hire who never had an account may still be waiting for one; `None`: no longer, or not one."""
    if case.accounts_of.get(vma) or candidates_of(case).of(vma):
        return None
    day = case.engagements[vma].start + timedelta(days=case.template(vma).controls.first_login_within_days)
    return day if case.today < day else None


class FewerAccountsThanPeople:
    """
    A system has an account for each person of a role who needs it: with fewer, somebody works with another's log-in.

    Somebody needs it who has an account there, or who lacks what the role requires and a colleague gets from it. A hire
    who has no account at all yet works with nobody's: that is told only when it lasts as long as the role gives a new
    account for its first sign-in.
    Source: 45 CFR 164.312(a)(2)(i), unique user identification (required).
    """

    id = "fewer-accounts-than-people"
    title = "Fewer accounts than people"
    question = "Are there as many accounts in each system as people of a role who need it?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every role in every system in which somebody of the role has a live account."""
        for system in case.systems:
            if system not in case.incomplete:
                there = case.live_in[system]
                for role, working in case.by_role.items():
                    if any(vma in there for vma in working):
                        subject = system_subject(case, system)
                        yield Item(Subject(subject.kind, f"{system}/{role}", f"{subject.name}, {role}"), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Count accounts and those who need one."""
        role = item.subject.id.removeprefix(f"{item.system}/")
        working, there = case.by_role[role], case.live_in[item.system]
        with_account = [vma for vma in working if vma in there]
        keys = [there[vma] for vma in with_account]
        # Told apart only where an account has several users: a set of ten thousand is not made for nothing.
        accounts = len(set[AccountKey]().union(*keys)) if case.shared_accounts else sum(map(len, keys))
        lacking, until = [], case.next_in_role.get(role)
        if len(with_account) != len(working):
            given = 0
            for key in chain.from_iterable(keys):
                given |= case.holdings[key].mask
            without = (vma for vma in working if vma not in there)
            needing = [vma for vma in without if case.template(vma).requires & ~case.held(vma) & given]
            waiting = {vma: day for vma in needing if (day := _waits_until(case, vma)) is not None}
            lacking = [vma for vma in needing if vma not in waiting]
            until = min((*waiting.values(), *([until] if until else [])), default=None)
        perhaps = [vma for vma in lacking if supplying(case, vma, case.template(vma).requires & ~case.held(vma))]
        if accounts >= len(with_account) + len(lacking):
            yield satisfied(self, item, until)
        elif perhaps and accounts >= len(with_account) + len(lacking) - len(perhaps):
            reason = "; ".join(told(case, candidates_of(case).of(vma)) for vma in perhaps)
            yield not_evaluated(self, item, reason)
        elif lacking and case.incomplete and accounts >= len(with_account):
            reason = f"{listing(case.incomplete)} was not read, and might give it to {listing(lacking)}"
            yield not_evaluated(self, item, reason)
        else:
            yield self._finding(case, item, role, [*with_account, *lacking], set(chain.from_iterable(keys)))

    def _finding(self, case: Case, item: Item, role: str, people: list[str], accounts: set[AccountKey]) -> Finding:
        return finding(
            self,
            case,
            item,
            what=role,
            role=role,
            people=str(len(people)),
            accounts=counted(len(accounts), "account"),
            names=listing(case.people[vma].name for vma in people),
            login=listing(case.accounts[key].login for key in sorted(accounts)),
            path=tuple(step for key in sorted(accounts) for step in account_steps(case, key)),
        )


RULES = (ClonedAccess(), FewerAccountsThanPeople())
