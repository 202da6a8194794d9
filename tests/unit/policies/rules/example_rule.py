"""The rule of docs/add-a-rule.md."""

from connectors.facts import Engagement, System, SystemKind
from policies.agreements.days import FOREVER, after
from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.bases import EachAccount
from policies.engine.case import Case
from policies.engine.rule import Item

TELLS = ("active-directory", "ds389", "freeipa", "ldap")
"""Products whose connector reads the date of expiry; of the others, no date means nothing."""


class NoExpiry(EachAccount):
    """
    An account in the directory ends by itself with the engagement, where the roster knows the end.

    A directory that does not tell expiry dates cannot be judged: that is no missing date.
    Source: 45 CFR 164.308(a)(3)(ii)(C) (addressable); NIST SP 800-53 AC-2(2).
    """

    id = "no-expiry"
    title = "Account without an end"
    question = "Does every directory account of a VMA with an end date expire with it?"

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever's engagement has an end."""
        return engagement.end is not None

    def within(self, case: Case, system: System) -> bool:
        """Every directory."""
        return system.kind is SystemKind.DIRECTORY

    def answer(self, case: Case, item: Item) -> Answer:
        """Compare the day of expiry with the day after the last one."""
        account, last = case.accounts[item.account], case.engagements[item.vma].end
        due = after(last) if last else FOREVER
        expires = case.day_of(account.expires) if account.expires else None
        if case.systems[item.system].product not in TELLS:
            return Unknown("its directory does not tell when an account expires")
        if expires is None:
            return Broken("never", what=item.vma, due=str(due))
        return Broken("late", what=item.vma, due=str(due), day=str(expires)) if expires > due else Kept()


RULES = (NoExpiry(),)
