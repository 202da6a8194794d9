"""Rules about how, and whether, people sign in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.facts import Engagement, Never, System
from connectors.unread import FACTOR_UNEXPLAINED
from policies.engine.case import Case
from policies.engine.finding import finding
from policies.engine.outcomes import Outcome
from policies.engine.populations import accounts, at_work
from policies.engine.rule import Item, OfActive, Reads
from policies.engine.verdicts import not_evaluated, satisfied


class DormantAccount(OfActive):
    """
    An account that nobody uses is disabled; one that was never used is disabled sooner.

    The limits are the role template's: no clock is in the rule in force. A source that does not tell the last sign-in
    is "not evaluated", never "never signed in".
    Source: 45 CFR 164.308(a)(4)(ii)(C) (addressable); NIST SP 800-53 AC-2(3).
    """

    id = "dormant-account"
    title = "Dormant account"
    question = "Is every live account in use?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of active VMAs who are not on leave."""
        return accounts(case, at_work)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA who is not on leave."""
        return super().about(case, engagement, system) and not engagement.on_leave

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare the last sign-in, or the creation where there was none, with the template's limits."""
        account, controls = case.accounts[item.account], case.template(item.vma).controls
        system = case.systems[item.account[0]].title
        match account.last_login:
            case None:
                yield not_evaluated(self, item, f"{system} does not say when an account was last used")
                return
            case Never.NEVER:
                if account.created is None:
                    reason = f"never used, and {system} does not say since when the account exists"
                    yield not_evaluated(self, item, reason)
                    return
                # An account may be made ready before the first day: the clock starts with the engagement.
                begin = max(case.day_of(account.created), case.here_since(item.vma))
                limit, lag, used = controls.first_login_within_days, 0, f"never used since {begin}"
            case datetime() as last:
                # A sign-in before the engagement was for other work: the clock starts with the engagement.
                begin, lag = max(case.day_of(last), case.here_since(item.vma)), account.last_login_lag_days
                limit, used = controls.dormant_after_days + lag, f"last used on {case.day_of(last)}"
        if begin > case.today:
            # A date to come would hold the account for in use until then.
            reason = f"{system} gives {begin} for it, a day to come: check its clock and the format of its dates"
            yield not_evaluated(self, item, reason)
            return
        due = begin + timedelta(days=limit)
        late = due + timedelta(days=1)
        if case.today <= due:
            yield satisfied(self, item, until=late)
        else:
            way = "reported-late" if lag else ""
            yield finding(self, case, item, way=way, since=late, observed=used, limit=str(limit), lag=str(lag))


class NoMfa(OfActive):
    """
    Signing in takes a second factor where the role template asks for one.

    The rule in force asks for proof that the person is the one claimed and does not name MFA; the template does.
    Source: 45 CFR 164.312(d), person or entity authentication.
    """

    id = "no-mfa"
    title = "No second factor"
    question = "Does every sign-in take a second factor?"
    reads = Reads.SYSTEM
    unexplained = FACTOR_UNEXPLAINED

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of active VMAs whose roles ask for MFA."""
        return accounts(case, lambda engagement: case.template(engagement.vma).controls.mfa)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA whose role asks for a second factor."""
        return super().about(case, engagement, system) and case.template(engagement.vma).controls.mfa

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Ask the account, or with single sign-on the VMA's accounts in the system where the sign-in happens."""
        account, system = case.accounts[item.account], case.systems[item.account[0]]
        where = system
        mfa = account.mfa
        if mfa is None and system.sign_in is not None:
            where = case.systems[system.sign_in]
            keys = case.live_accounts_of(item.vma, where.id)
            answers = {case.accounts[key].mfa for key in keys}
            mfa = False if False in answers else (True if answers == {True} else None)
        if mfa is None:
            if where.id in case.incomplete:
                reason = f"the sign-in happens in {where.title}, which was not read"
            elif where is not system and not case.live_accounts_of(item.vma, where.id):
                reason = f"the sign-in happens in {where.title}, where {case.people[item.vma].name} has no live account"
            else:
                reason = f"{where.title} does not say whether {account.login} uses a second factor"
            yield not_evaluated(self, item, reason)
        elif mfa:
            yield satisfied(self, item)
        else:
            remedy = case.policy.remedies.text("enforce-mfa", where, login=account.login)
            way = "elsewhere" if where is not system else ""
            yield finding(self, case, item, way=way, where=where.title, remedy=remedy)


RULES = (DormantAccount(), NoMfa())
