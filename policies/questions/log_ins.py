"""Whether there are as many accounts in a system as people of a role who need one there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import told
from policies.engine.case import AccountKey, Case
from policies.engine.doubt import supplying
from policies.engine.evidence import account_steps, counted, listing, system_subject
from policies.engine.outcomes import Subject
from policies.engine.rule import Item


def roles_in_systems(case: Case) -> Iterator[Item]:
    """Yield every role in every system in which somebody of the role has a live account."""
    for system in case.systems:
        if system not in case.incomplete:
            there = case.live_in[system]
            for role, working in case.by_role.items():
                if any(vma in there for vma in working):
                    subject = system_subject(case, system)
                    yield Item(Subject(subject.kind, f"{system}/{role}", f"{subject.name}, {role}"), system)


@dataclass(frozen=True, slots=True)
class _Needed:
    """Who of a role has an account in a system, and who should have one."""

    with_account: list[str]
    keys: list[tuple[AccountKey, ...]]
    """The accounts of each of them."""
    lacking: Sequence[str] = ()
    """Who needs one, has none, and is no hire who may still be waiting for one."""
    until: date | None = None
    """The first day on which time alone may change that."""

    @property
    def people(self) -> int:
        """How many accounts there should be."""
        return len(self.with_account) + len(self.lacking)


def _needed(case: Case, item: Item, role: str) -> _Needed:
    working, there, until = case.by_role[role], case.live_in[item.system], case.next_in_role.get(role)
    with_account = [vma for vma in working if vma in there]
    keys = [there[vma] for vma in with_account]
    if len(with_account) == len(working):
        return _Needed(with_account, keys, until=until)
    given = 0
    for key in chain.from_iterable(keys):
        given |= case.holdings[key].mask
    without = (vma for vma in working if vma not in there)
    needing = [vma for vma in without if _missing(case, vma) & given]
    waiting = {vma: day for vma in needing if (day := _waits_until(case, vma)) is not None}
    until = min((*waiting.values(), *([until] if until else [])), default=None)
    return _Needed(with_account, keys, [vma for vma in needing if vma not in waiting], until)


def _missing(case: Case, vma: str) -> int:
    return case.template(vma).requires & ~case.held(vma)


def _waits_until(case: Case, vma: str) -> date | None:
    """
    Return until when a hire who never had an account may still be waiting for one; `None`: no longer, or not one.

    Nor where a system was not read: there may be the account that makes a hire of long ago of them.
    """
    if case.incomplete or case.accounts_of.get(vma) or candidates_of(case).of(vma):
        return None
    day = case.engagements[vma].start + timedelta(days=case.template(vma).controls.first_login_within_days)
    return day if case.today < day else None


def fewer(case: Case, item: Item) -> Answer:
    """Count the accounts of a role in a system, and those who need one."""
    role = item.subject.id.removeprefix(f"{item.system}/")
    needed = _needed(case, item, role)
    keys, lacking = needed.keys, needed.lacking
    # Told apart only where an account has several users: a set of ten thousand is not made for nothing.
    accounts = len(set[AccountKey]().union(*keys)) if case.shared_accounts else sum(map(len, keys))
    perhaps = [vma for vma in lacking if supplying(case, vma, _missing(case, vma))]
    if accounts >= needed.people:
        return Kept(needed.until)
    if perhaps and accounts >= needed.people - len(perhaps):
        return Unknown("; ".join(told(case, candidates_of(case).of(vma)) for vma in perhaps))
    if lacking and case.incomplete and accounts >= len(needed.with_account):
        return Unknown(f"{listing(case.incomplete)} was not read, and might give it to {listing(lacking)}")
    return _fewer(case, role, [*needed.with_account, *lacking], sorted(set(chain.from_iterable(keys))))


def _fewer(case: Case, role: str, people: list[str], accounts: list[AccountKey]) -> Broken:
    return Broken(
        what=role,
        role=role,
        people=str(len(people)),
        accounts=counted(len(accounts), "account"),
        names=listing(case.people[vma].name for vma in people),
        login=listing(case.accounts[key].login for key in accounts),
        path=tuple(step for key in accounts for step in account_steps(case, key)),
    )
