"""The rule about what may be done in a cloud and never is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from policies.engine.answers import Answer, Kept, gathered
from policies.engine.aws import EachAwsUser
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.questions.aws_use import unused_since

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective


class UnusedAccess(EachAwsUser):
    """
    What a VMA may do in the cloud, and has not done for longer than the role template says, is taken away.

    AWS tells when each service, and some actions, a key and a password were last used. An identity, an engagement or a
    memory of AWS that is younger than the period is "not evaluated". What a role did, anybody may have done who takes
    it: it counts as used.
    Source: 45 CFR 164.308(a)(4)(ii)(C) (addressable), 164.502(b)(1); NIST SP 800-53 AC-6(7). No rule names a number of
    days: 90 is our proposal.
    """

    id = "unused-access"
    title = "Access that is not used"
    question = "Does every VMA use what an AWS account lets the VMA do?"
    on_leave = False

    def of_account(self, case: Case, item: Item, judge: "Effective") -> Answer | Iterator[Answer]:
        """Compare what each policy gives with what was used; then keys and password."""
        days, started = case.template(item.vma).controls.unused_after_days, case.here_since(item.vma)
        if started > case.today - timedelta(days=days):
            # As for dormant accounts: who has not been here for a whole period has left nothing unused for one.
            return Kept(until=started + timedelta(days=days))
        found, until = unused_since(case, item, judge, days)
        return gathered(found, until)


RULES = (UnusedAccess(),)
