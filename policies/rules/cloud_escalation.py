"""The rule about gaining more in a cloud than was given."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.engine.answers import Answer, Kept, Unknown, gathered
from policies.engine.aws import EachAwsUser
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.questions.aws_escalation import ways_to_more

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective

ROOT = "<root_account>"
"""Can do everything to begin with: `forbidden` tells of it."""


class PrivilegeEscalation(EachAwsUser):
    """
    No VMA can become an administrator in AWS, or act as an identity that holds more.

    Several rights that look harmless each may do it together: to hand a role to a service that runs code, to write a
    new version of a policy, to make keys for another, to change who is trusted. The way is told step by step. A way
    that depends on something that was not read is "not evaluated", with what it depends on. Who is an administrator
    without any detour is told of by `forbidden`.
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); NIST SP 800-53 AC-6; the methods each name their own source.
    """

    id = "privilege-escalation"
    title = "A way to more rights"
    question = "Is every VMA unable to gain more in AWS than was given?"

    def of_account(self, case: Case, item: Item, judge: "Effective") -> Answer | Iterator[Answer]:
        """Ask for every way to an administrator, or to more; what is already known as certain is a finding."""
        if item.account[1] == ROOT:
            return Kept()
        if not judge.principals(item.account[1]):
            return Unknown("what it may do in AWS was not read: it is no user of the account and holds no role there")
        return gathered(ways_to_more(case, item, judge))


RULES = (PrivilegeEscalation(),)
