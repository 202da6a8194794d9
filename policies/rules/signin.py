"""Rules about how, and whether, people sign in."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from connectors.facts import Engagement, Never, System
from connectors.unread import FACTOR_UNEXPLAINED
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Item, OfActive, Reads


def _accounts_of(case: Case, wanted: Callable[[Engagement], bool]) -> Iterator[Item]:
    """Yield each live account of the active VMAs who are wanted, once, under the first of its users."""
    seen: set[AccountKey] = set()
    for engagement, key, _ in case.live_accounts_of_active():
        if wanted(engagement) and key not in seen:
            seen.add(key)
            yield Item(account_subject(case, key), key[0], engagement.vma, key)


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
        return _accounts_of(case, lambda engagement: not engagement.on_leave)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA who is not on leave."""
        return super().about(case, engagement, system) and not engagement.on_leave

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Compare the last sign-in, or the creation where there was none, with the template's limits."""
        account, controls = case.accounts[item.account], case.template(item.vma).controls
        system = case.systems[item.account[0]].title
        match account.last_login:
            case None:
                yield NotEvaluated(
                    self.id, item.subject, item.system, f"{system} does not say when an account was last used"
                )
                return
            case Never.NEVER:
                if account.created is None:
                    reason = f"never used, and {system} does not say since when the account exists"
                    yield NotEvaluated(self.id, item.subject, item.system, reason)
                    return
                # An account may be made ready before the first day: the clock starts with the engagement.
                begin = max(case.day_of(account.created), case.here_since(item.vma))
                limit, used = controls.first_login_within_days, f"never used since {begin}"
            case datetime() as last:
                # A sign-in before the engagement was for other work: the clock starts with the engagement.
                begin = max(case.day_of(last), case.here_since(item.vma))
                limit = controls.dormant_after_days + account.last_login_lag_days
                used = f"last used on {case.day_of(last)}"
        if begin > case.today:
            # A date to come would hold the account for in use until then.
            reason = f"{system} gives {begin} for it, a day to come: check its clock and the format of its dates"
            yield NotEvaluated(self.id, item.subject, item.system, reason)
            return
        due = begin + timedelta(days=limit)
        if case.today <= due:
            yield Satisfied(self.id, item.subject, item.system, until=due + timedelta(days=1))
        else:
            yield self._finding(case, item, used=used, due=due, limit=limit)

    def _finding(self, case: Case, item: Item, *, used: str, due: date, limit: int) -> Finding:
        account, system = case.accounts[item.account], case.systems[item.account[0]]
        lag = (
            f", {account.last_login_lag_days} of them because {system.title} reports late"
            if account.last_login_lag_days and isinstance(account.last_login, datetime)
            else ""
        )
        return finding(self, case, item, since=due + timedelta(days=1), observed=used, limit=str(limit), lag=lag)


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
        return _accounts_of(case, lambda engagement: case.template(engagement.vma).controls.mfa)

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
            yield NotEvaluated(self.id, item.subject, item.system, reason)
        elif mfa:
            yield Satisfied(self.id, item.subject, item.system)
        else:
            elsewhere = f" in {where.title}, where the sign-in happens" if where is not system else ""
            remedy = case.policy.remedies.text("enforce-mfa", where, login=account.login)
            yield finding(self, case, item, elsewhere=elsewhere, remedy=remedy)


RULES = (DormantAccount(), NoMfa())
