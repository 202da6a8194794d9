"""
Whose access a review is about, and what each of them holds by live accounts, as one audit saw it.

A *thing* is what an administrator gave to one account and would take away, or the account itself. Who has several
users, or none, is asked about by the account: nobody is asked to answer for somebody else's share of it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from auditor.review_records import ReviewScope
from connectors.facts import PersonKind
from policies.engine.case import AccountKey, Case
from policies.engine.holdings import Assignment
from policies.engine.indivisible import unsplit

ACCOUNT = "account"
DOOR = "door"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that an account holds; `given` is empty for the account itself."""

    key: AccountKey
    given: str
    mask: int = 0
    beyond: int = 0
    """Of it, what no role of a user allows, or somebody must never hold; without what the product cannot split."""
    forbidden: int = 0
    unsplit: int = 0
    unclassified: tuple[str, ...] = ()
    """Ids of entitlements that it brings and no catalog knows."""


@dataclass(frozen=True)
class Holder:
    """Somebody whose access is asked about, or an account that is nobody's alone."""

    id: str
    name: str
    kind: str
    """`vma`, `staff`, `service`, `vendor`, or `account`."""
    users: tuple[str, ...]
    """Ids of the people; several of a shared account, none of an account of nobody."""
    keys: tuple[AccountKey, ...]
    things: tuple[Thing, ...] = field(default=())

    @cached_property
    def mask(self) -> int:
        """Everything that they hold."""
        found = 0
        for thing in self.things:
            found |= thing.mask
        return found


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody who is asked about."""

    holders: tuple[Holder, ...]
    left_out: tuple[str, ...]
    """What is no part of it, in words."""


def population(case: Case, scope: ReviewScope, only: Collection[str] | None = None) -> Population:
    """Return the population of a scope in one audit's case; `only`: of some people, by their ids."""
    groups: dict[str, Holder] = {}
    privileged, staff = case.policy.privileged.mask, 0
    for key in case.live_accounts:
        holder = _holder(case, key)
        held = case.holdings[key]
        if only is not None and not {holder.id, *holder.users} & set(only):
            continue
        if scope is ReviewScope.PRIVILEGED and not held.mask & privileged:
            continue
        if holder.kind == PersonKind.STAFF.value and not held.mask & privileged:
            staff += 1
            continue
        narrow = privileged if scope is ReviewScope.PRIVILEGED or holder.kind == PersonKind.STAFF.value else 0
        things = tuple(_things(case, holder, key, narrow))
        before = groups.get(holder.id, holder)
        groups[holder.id] = Holder(
            holder.id, holder.name, holder.kind, holder.users, (*before.keys, key), (*before.things, *things)
        )
    left_out = [f"{staff} account{'s' if staff != 1 else ''} of the practice's own staff without privileged access"]
    return Population(tuple(h for _, h in sorted(groups.items())), tuple(left_out) if staff else ())


def _holder(case: Case, key: AccountKey) -> Holder:
    owner, account = case.owners[key], case.accounts[key]
    id_ = f"{ACCOUNT}:{key[0]}:{key[1]}"
    title = case.systems[key[0]].title
    if len(owner.people) == 1:
        person = case.people[owner.people[0]]
        return Holder(person.id, person.name, person.kind.value, owner.people, ())
    if not owner.people:
        return Holder(id_, f"{account.login} in {title}", ACCOUNT, (), ())
    names = " and ".join(case.people[p].name for p in owner.people)
    return Holder(id_, f"{account.login} in {title}, which {names} use", ACCOUNT, owner.people, ())


def _things(case: Case, holder: Holder, key: AccountKey, narrow: int) -> Iterator[Thing]:
    yield Thing(key, "")
    held = case.holdings[key]
    for id_, assignment in sorted(held.assignments.items()):
        if narrow and not assignment.mask & narrow:
            continue
        yield _thing(case, holder, key, id_, assignment)


def _thing(case: Case, holder: Holder, key: AccountKey, id_: str, assignment: Assignment) -> Thing:
    beyond = forbidden = whole = 0
    users = [u for u in holder.users if u in case.engagements and case.engagements[u].active_on(case.today)]
    for user in users:
        template, never = case.template(user), case.forbidden(user)
        mine = assignment.mask & (~template.allows | never)
        split = unsplit(case, user, key, assignment)
        whole |= mine & split & ~never
        beyond |= mine & ~(split & ~never)
        forbidden |= assignment.mask & never
    if not holder.users:
        forbidden = assignment.mask & case.policy.never.mask
    unknown = case.holdings[key].unclassified
    return Thing(
        key,
        id_,
        assignment.mask,
        beyond,
        forbidden,
        whole & ~beyond,
        tuple(sorted({grant.entitlement for grant, _ in assignment.grants if grant.entitlement in unknown})),
    )
