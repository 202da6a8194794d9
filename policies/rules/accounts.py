"""Rules about whose an account is, and whether it should exist today."""

from connectors.facts import Engagement, PersonKind
from connectors.unread import STATE_UNEXPLAINED
from policies.agreements.days import after
from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.bases import EachAccountOutsideWork, EachLiveAccount
from policies.engine.candidates_wording import perhaps_several, proposed
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import counted
from policies.engine.rule import Item
from policies.engine.unexplained import doubtful_states
from policies.questions.sign_ins import assessment, created_on, last_day, used_on


class AccountOfNobody(EachLiveAccount):
    """
    Every live account belongs to somebody: a VMA on the roster, or a person or service that the practice declared.

    Source: 45 CFR 164.308(a)(4)(ii)(C); the OCR audit protocol asks for default, shared and service accounts.
    """

    id = "account-of-nobody"
    title = "Account of nobody"
    question = "Does every live account belong to somebody?"

    def answer(self, case: Case, item: Item) -> Answer:
        """A live account without an owner is a finding."""
        owner, account = case.owners[item.account], case.accounts[item.account]
        if owner.people:
            return Kept()
        whose, say = proposed(case, item.account)
        return Broken(since=created_on(case, account), name=account.name, why=owner.reason + whose, say=say)


class ActiveAfterEnd(EachAccountOutsideWork):
    """
    The accounts of a VMA who has left are disabled from the day after the engagement ends.

    A sign-in after the end is told, because it calls for a breach assessment (45 CFR 164.402).
    Source: 45 CFR 164.308(a)(3)(ii)(C), termination procedures (addressable) for the practice's own workforce;
    164.308(a)(4)(ii)(C) and 164.312(a)(1) for the people of an agency.
    """

    id = "active-after-end"
    title = "Active after the end"
    question = "Are all accounts of leavers disabled?"
    unexplained = STATE_UNEXPLAINED

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Every VMA whose engagement has ended."""
        return engagement.end is not None and engagement.end < case.today

    def answer(self, case: Case, item: Item) -> Answer:
        """A live account after the end is a finding, also when others share it: the leaver knows the password."""
        account, end = case.accounts[item.account], last_day(case, item.vma)
        if not account.live:
            return Kept()
        ago = counted((case.today - end).days, "day")
        if (used := used_on(case, account)) is not None and used > end:
            assess = assessment(case, item.vma)
            return Broken("used-after", what=item.vma, since=after(end), ago=ago, last_use=str(used), assess=assess)
        if doubtful := doubtful_states(case, [account]):
            return Unknown(f"nobody knows whether {account.login} still works: {doubtful[0][1]}")
        return Broken(what=item.vma, since=after(end), ago=ago)


class AccountBeforeStart(EachAccountOutsideWork):
    """
    Nobody has a working account before the first day of the engagement.

    Source: 45 CFR 164.308(a)(3)(ii)(A)-(B), authorisation and clearance come before access (addressable).
    """

    id = "account-before-start"
    title = "Account before the start"
    question = "Do new VMAs get working accounts only from their first day?"

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Every VMA who has not started."""
        return engagement.start > case.today

    def answer(self, case: Case, item: Item) -> Answer:
        """A live account before the start is a finding."""
        account = case.accounts[item.account]
        days = counted((case.engagements[item.vma].start - case.today).days, "day")
        return Broken(what=item.vma, since=created_on(case, account), days=days) if account.live else Kept()


class SharedAccount(EachLiveAccount):
    """
    One account is used by one person, and its name says no more than that person.

    An account that was a leaver's and is somebody else's now has two people in one history, as one that two use has.
    Source: 45 CFR 164.312(a)(2)(i), unique user identification (required); NIST SP 800-53 IA-4, reuse of identifiers.
    """

    id = "shared-account"
    title = "Shared account"
    question = "Does every account have one user?"
    of_vmas = True

    def wanted(self, case: Case, key: AccountKey) -> bool:
        """Those of VMAs, and of nobody."""
        return case.owners[key].kind in (PersonKind.VMA, None)

    def answer(self, case: Case, item: Item) -> Answer:
        """Several people, one after the other or at once, or a name that is a job and not a person, is a finding."""
        people = case.owners[item.account].people
        names = " and ".join(case.people[p].name for p in people)
        if earlier := case.reissued.get(item.account):
            was = " and ".join(case.people[p].name for p in earlier)
            return Broken("reissued", what="reissued", was=was, now=names)
        if len(people) > 1:
            return Broken("several", names=names, count=str(len(people)))
        if (word := case.policy.generic_names.matches(case.accounts[item.account].login)) is not None:
            return Broken("job-name", word=word, whose=f"; it is {names}'s" if names else "")
        perhaps = perhaps_several(case, item.account)
        return Unknown(perhaps) if perhaps else Kept()


RULES = (AccountOfNobody(), ActiveAfterEnd(), AccountBeforeStart(), SharedAccount())
