"""Rules about each thing that was given to somebody in a system: a role, a group, a policy, a privilege."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from policies.engine.answers import Answer, Broken, Kept
from policies.engine.bases import EachVmaInSystem
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import assignment_path
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Severity
from policies.engine.rule import Bounded, Item


def assignments(case: Case, item: Item) -> Iterator[tuple[AccountKey, Assignment]]:
    """Yield what was given to each live account that an item's VMA has in its system, in a stable order."""
    for key in case.live_accounts_of(item.vma, item.system):
        for _, assignment in sorted(case.holdings[key].assignments.items()):
            yield key, assignment


def assignment_name(case: Case, key: AccountKey, assignment: Assignment) -> str:
    """Return the native name of what was given."""
    return case.holdings.entitlement(key[0], assignment.id).name


def identified(key: AccountKey, assignment: Assignment) -> str:
    """Name an account and what was given to it, for an identity; escaped, so that no two native ids look like one."""
    account = key[1].replace("\\", "\\\\").replace("|", "\\|")
    return f"{account}|{assignment.id}"


def removal(case: Case, key: AccountKey, assignment: Assignment) -> str:
    """Say how to take away what was given, in the words of the product."""
    login, name = case.accounts[key].login, assignment_name(case, key, assignment)
    return case.policy.remedies.text("remove-entitlement", case.systems[key[0]], login=login, name=name)


def broken_by(
    case: Case,
    item: Item,
    key: AccountKey,
    assignment: Assignment,
    *,
    mask: int,
    severity: Severity | None = None,
    way: str = "",
    **words: str,
) -> Broken:
    """Say that the capabilities `mask` of what was given to an account break a rule; `{name}` is its native name."""
    path = assignment_path(case, item.vma, key, assignment, mask)
    words["name"] = assignment_name(case, key, assignment)
    what = identified(key, assignment)
    return Broken(way, severity=severity, what=what, account=key, mask=mask, path=path, words=words)


class ByAssignment(Bounded, EachVmaInSystem, ABC):
    """Base of a rule that looks at each thing that was given to an active VMA in a system."""

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """One finding for each thing that breaks the rule."""
        for key, assignment in assignments(case, item):
            if (broken := self.of_assignment(case, item, key, assignment)) is not None:
                yield broken
        yield Kept()

    @abstractmethod
    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Broken | None:
        """Say how one thing breaks the rule; `None` when it breaks nothing."""
