"""The rule of docs/add-a-rule.md."""

from collections.abc import Iterator

from connectors.facts import SystemKind
from policies.agreements.days import after
from policies.engine.case import Case
from policies.engine.evidence import account_subject
from policies.engine.finding import finding
from policies.engine.outcomes import NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Individual, Item, Reads

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
        for engagement, key, _ in case.live_accounts_of_active():
            if engagement.end is not None and case.systems[key[0]].kind is SystemKind.DIRECTORY:
                yield Item(account_subject(case, key), key[0], engagement.vma, key)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare the day of expiry with the day after the last one."""
        account, end = case.accounts[item.account], case.engagements[item.vma].end
        assert end is not None
        expires = case.day_of(account.expires) if account.expires else None
        if case.systems[item.system].product not in TELLS:
            why = "its directory does not tell when an account expires"
            yield NotEvaluated(self.id, item.subject, item.system, why)
        elif expires is not None and expires <= after(end):
            yield Satisfied(self.id, item.subject, item.system)
        else:
            observed = f"expires on {expires}" if expires else "never expires"
            yield finding(self, case, item, what=item.vma, observed=observed, by=str(after(end)))


RULES = (NoExpiry(),)
