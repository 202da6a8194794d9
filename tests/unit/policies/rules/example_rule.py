"""The rule of docs/add-a-rule.md."""

from collections.abc import Iterator

from connectors.facts import SystemKind
from policies.agreements.days import FOREVER, after
from policies.engine.case import Case
from policies.engine.finding import finding
from policies.engine.outcomes import Outcome
from policies.engine.populations import accounts
from policies.engine.rule import Individual, Item, Reads
from policies.engine.verdicts import not_evaluated, satisfied

TELLS = ("active-directory", "ds389", "freeipa", "ldap")
"""Products whose connector reads the date of expiry; of the others, no date means nothing."""


class NoExpiry(Individual):
    """
    An account in the directory ends by itself with the engagement, where the roster knows the end.

    A directory that does not tell expiry dates cannot be judged: that is no missing date.
    Source: 45 CFR 164.308(a)(3)(ii)(C) (addressable); NIST SP 800-53 AC-2(2).
    """

    id = "no-expiry"
    title = "Account without an end"
    question = "Does every directory account of a VMA with an end date expire with it?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every live directory account of an active VMA whose engagement has an end."""
        ending = accounts(case, lambda engagement: engagement.end is not None)
        return (item for item in ending if case.systems[item.system].kind is SystemKind.DIRECTORY)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare the day of expiry with the day after the last one."""
        account, last = case.accounts[item.account], case.engagements[item.vma].end
        due = after(last) if last else FOREVER
        expires = case.day_of(account.expires) if account.expires else None
        if case.systems[item.system].product not in TELLS:
            yield not_evaluated(self, item, "its directory does not tell when an account expires")
        elif expires is None:
            yield finding(self, case, item, way="never", what=item.vma, due=str(due))
        elif expires > due:
            yield finding(self, case, item, way="late", what=item.vma, due=str(due), day=str(expires))
        else:
            yield satisfied(self, item)


RULES = (NoExpiry(),)
