"""Rules about whose an account is, and whether it should exist today."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from connectors.facts import Account, Engagement, PersonKind, System
from connectors.unread import STATE_UNEXPLAINED
from policies.agreements.chain import engagement_type
from policies.agreements.days import after
from policies.breach import ASSESS, clocks
from policies.engine.candidates import Open, candidates_of, commands
from policies.engine.case import Case
from policies.engine.evidence import account_subject, counted, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome
from policies.engine.rule import Individual, Item, Reads
from policies.engine.unexplained import doubtful_states
from policies.engine.verdicts import not_evaluated, satisfied


def _created(case: Case, account: Account) -> date | None:
    """Return the day on which an account was made; a day to come is an error of the source, and tells nothing."""
    day = case.day_of(account.created) if account.created else None
    return day if day is None or day <= case.today else None


class AccountOfNobody(Individual):
    """
    Every live account belongs to somebody: a VMA on the roster, or a person or service that the practice declared.

    Source: 45 CFR 164.308(a)(4)(ii)(C); the OCR audit protocol asks for default, shared and service accounts.
    """

    id = "account-of-nobody"
    title = "Account of nobody"
    question = "Does every live account belong to somebody?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of every system that was read whole."""
        for key in case.asked_accounts:
            yield Item(account_subject(case, key), key[0], account=key)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A live account without an owner is a finding."""
        owner, account = case.owners[item.account], case.accounts[item.account]
        if owner.people:
            yield satisfied(self, item)
            return
        perhaps = candidates_of(case).by_account.get(item.account, ())
        say = f"say whose it is: {commands(perhaps)}; or " if perhaps else ""
        why = owner.reason + _perhaps(case, perhaps)
        yield finding(self, case, item, since=_created(case, account), name=account.name, why=why, say=say)


def _perhaps(case: Case, perhaps: Sequence[Open]) -> str:
    """Say whose it could be, with the reasons."""
    names = listing(f"{case.people[q.person].name}'s ({q.person}), because {q.reason}" for q in perhaps)
    return f"; it may be {names}" if perhaps else ""


class ActiveAfterEnd(Individual):
    """
    The accounts of a VMA who has left are disabled from the day after the engagement ends.

    A sign-in after the end is told, because it calls for a breach assessment (45 CFR 164.402).
    Source: 45 CFR 164.308(a)(3)(ii)(C), termination procedures (addressable) for the practice's own workforce;
    164.308(a)(4)(ii)(C) and 164.312(a)(1) for the people of an agency.
    """

    id = "active-after-end"
    title = "Active after the end"
    question = "Are all accounts of leavers disabled?"
    reads = Reads.SYSTEM
    unexplained = STATE_UNEXPLAINED

    def items(self, case: Case) -> Iterator[Item]:
        """Every account, live or not, of every VMA whose engagement has ended."""
        for vma, engagement in case.asked_people.items():
            if engagement.end is not None and engagement.end < case.today:
                for key in case.accounts_of.get(vma, ()):
                    yield Item(account_subject(case, key), key[0], vma, key)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """Every VMA whose engagement has ended."""
        return engagement.end is not None and engagement.end < case.today

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A live account after the end is a finding, also when others share it: the leaver knows the password."""
        account = case.accounts[item.account]
        if not account.live:
            yield satisfied(self, item)
            return
        end = case.engagements[item.vma].end
        assert end is not None  # noqa: S101
        last_use = case.day_of(account.last_login) if isinstance(account.last_login, datetime) else None
        used_after = last_use is not None and last_use > end
        if not used_after and (doubtful := doubtful_states(case, [account])):
            yield not_evaluated(self, item, f"nobody knows whether {account.login} still works: {doubtful[0][1]}")
            return
        yield finding(
            self,
            case,
            item,
            way="used-after" if used_after else "",
            what=item.vma,
            since=after(end),
            end=str(end),
            ago=counted((case.today - end).days, "day"),
            status=account.status,
            first=str(after(end)),
            last_use=str(last_use),
            assess=f"{ASSESS}; {clocks(engagement_type(case.engagements[item.vma]))}",
        )


class AccountBeforeStart(Individual):
    """
    Nobody has a working account before the first day of the engagement.

    Source: 45 CFR 164.308(a)(3)(ii)(A)-(B), authorisation and clearance come before access (addressable).
    """

    id = "account-before-start"
    title = "Account before the start"
    question = "Do new VMAs get working accounts only from their first day?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every account of every VMA who has not started."""
        for vma, engagement in case.asked_people.items():
            if engagement.start > case.today:
                for key in case.accounts_of.get(vma, ()):
                    yield Item(account_subject(case, key), key[0], vma, key)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """Every VMA who has not started."""
        return engagement.start > case.today

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A live account before the start is a finding."""
        account = case.accounts[item.account]
        if not account.live:
            yield satisfied(self, item)
            return
        start = case.engagements[item.vma].start
        days, since = counted((start - case.today).days, "day"), _created(case, account)
        yield finding(self, case, item, what=item.vma, since=since, start=str(start), days=days)


class SharedAccount(Individual):
    """
    One account is used by one person, and its name says no more than that person.

    An account that was a leaver's and is somebody else's now has two people in one history, as one that two use has.
    Source: 45 CFR 164.312(a)(2)(i), unique user identification (required); NIST SP 800-53 IA-4, reuse of identifiers.
    """

    id = "shared-account"
    title = "Shared account"
    question = "Does every account have one user?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of VMAs, and of nobody."""
        for key in case.asked_accounts:
            owner = case.owners[key]
            if owner.kind in (PersonKind.VMA, None):
                vma = next((person for person in owner.people if person in case.engagements), "")
                yield Item(account_subject(case, key), key[0], vma, key)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Several people, one after the other or at once, or a name that is a job and not a person, is a finding."""
        owner, account = case.owners[item.account], case.accounts[item.account]
        if earlier := case.reissued.get(item.account):
            yield self._reissued(case, item, earlier)
            return
        word = case.policy.generic_names.matches(account.login)
        if len(owner.people) < 2 and word is None:
            perhaps = candidates_of(case).by_account.get(item.account, ())
            if len(owner.people) + len(perhaps) < 2:
                yield satisfied(self, item)
            else:
                names = listing(case.people[p].name for p in (*owner.people, *(q.person for q in perhaps)))
                reason = f"it may be used by {names}, and whether by one of them is not settled: {commands(perhaps)}"
                yield not_evaluated(self, item, reason)
            return
        names = " and ".join(case.people[p].name for p in owner.people)
        if len(owner.people) > 1:
            yield finding(self, case, item, way="several", names=names, count=str(len(owner.people)))
        else:
            whose = f"; it is {names}'s" if names else ""
            yield finding(self, case, item, way="job-name", word=str(word), whose=whose)

    def _reissued(self, case: Case, item: Item, earlier: Sequence[str]) -> Finding:
        was = " and ".join(case.people[p].name for p in earlier)
        now = " and ".join(case.people[p].name for p in case.owners[item.account].people)
        return finding(self, case, item, way="reissued", what="reissued", was=was, now=now)


RULES = (AccountOfNobody(), ActiveAfterEnd(), AccountBeforeStart(), SharedAccount())
