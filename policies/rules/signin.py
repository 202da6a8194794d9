"""Rules about how, and whether, people sign in."""

from connectors.facts import Engagement
from connectors.unread import FACTOR_UNEXPLAINED
from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.bases import EachAccount
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.questions.sign_ins import factor_of, use_of


class DormantAccount(EachAccount):
    """
    An account that nobody uses is disabled; one that was never used is disabled sooner.

    The limits are the role template's: no clock is in the rule in force. A source that does not tell the last sign-in
    is "not evaluated", never "never signed in".
    Source: 45 CFR 164.308(a)(4)(ii)(C) (addressable); NIST SP 800-53 AC-2(3).
    """

    id = "dormant-account"
    title = "Dormant account"
    question = "Is every live account in use?"
    on_leave = False

    def answer(self, case: Case, item: Item) -> Answer:
        """Compare the last sign-in, or the creation where there was none, with the template's limits."""
        use = use_of(case, item)
        if isinstance(use, Unknown):
            return use
        if case.today < use.late:
            return Kept(until=use.late)
        return Broken(use.way, since=use.late, observed=use.said, limit=str(use.limit), lag=str(use.lag))


class NoMfa(EachAccount):
    """
    Signing in takes a second factor where the role template asks for one.

    The rule in force asks for proof that the person is the one claimed and does not name MFA; the template does.
    Source: 45 CFR 164.312(d), person or entity authentication.
    """

    id = "no-mfa"
    title = "No second factor"
    question = "Does every sign-in take a second factor?"
    unexplained = FACTOR_UNEXPLAINED

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever's roles ask for a second factor."""
        return case.template(engagement.vma).controls.mfa

    def answer(self, case: Case, item: Item) -> Answer:
        """Ask the account, or with single sign-on the VMA's accounts in the system where the sign-in happens."""
        factor = factor_of(case, item)
        if isinstance(factor, Unknown):
            return factor
        return Kept() if factor.taken else Broken(factor.way, where=factor.where.title, remedy=factor.remedy)


RULES = (DormantAccount(), NoMfa())
