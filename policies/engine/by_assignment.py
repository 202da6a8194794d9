"""Rules about each thing that was given to somebody in a system: a role, a group, a policy, a privilege."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from policies.engine.case import AccountKey, Case
from policies.engine.evidence import assignment_path
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding, Outcome, Severity
from policies.engine.populations import people_in_systems
from policies.engine.rule import Bounded, Item, Reads, Rule
from policies.engine.verdicts import satisfied


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


def assignment_finding(
    rule: Rule,
    case: Case,
    item: Item,
    key: AccountKey,
    assignment: Assignment,
    *,
    mask: int,
    severity: Severity | None = None,
    way: str = "",
    **words: str,
) -> Finding:
    """Return the finding about the capabilities `mask` of what was given to an account; `{name}` is its native name."""
    return finding(
        rule,
        case,
        item,
        severity,
        way=way,
        what=identified(key, assignment),
        account=key,
        mask=mask,
        path=assignment_path(case, item.vma, key, assignment, mask),
        words=words,
        name=assignment_name(case, key, assignment),
    )


class ByAssignment(Bounded, ABC):
    """Base of a rule that looks at each thing that was given to an active VMA in a system."""

    id: str
    title: str
    question: str
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA in every system where the VMA has a live account."""
        return people_in_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """One finding for each thing that breaks the rule."""
        found = False
        for key, assignment in assignments(case, item):
            if (told := self.of_assignment(case, item, key, assignment)) is not None:
                found = True
                yield told
        if not found:
            yield satisfied(self, item)

    @abstractmethod
    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Finding | None:
        """Return the finding about one thing; `None` when it breaks nothing."""
