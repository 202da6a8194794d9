"""The rule about where in a cloud PHI may be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.engine.answers import Answer, Unknown, gathered
from policies.engine.aws import EachAwsAccount, coverage_gaps
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.hipaa_eligible import EligibleServices
from policies.questions.aws_hosting import ineligible, without_baa

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective


class IneligibleService(EachAwsAccount):
    """
    PHI in AWS is in services that AWS lists as HIPAA eligible, in an account for which a BAA with AWS is recorded.

    AWS's agreement allows PHI nowhere else. The list is data with dates: what it does not know, and everything once it
    is a year old, is "not evaluated". The BAA of a system that names its vendor is asked for by `vendor-agreement`, and
    not twice; here it is asked for where the configuration says that nobody hosts the system, or that it holds no PHI,
    and PHI is there.
    Source: 45 CFR 164.308(b)(1), 164.308(b)(3), 164.502(e); AWS, "HIPAA Eligible Services Reference".
    """

    id = "ineligible-service"
    title = "PHI where the agreement with AWS does not reach"
    question = "Is PHI in AWS only where the agreement with AWS covers it?"

    def of_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Answer]:
        """Look up the service of every resource with PHI; then the BAA, where no other rule asks for it."""
        data = EligibleServices.load()
        gaps = (Unknown(gap) for gap in coverage_gaps(judge.estate))
        services, papers = ineligible(case, item.system, data), without_baa(case, item.system)
        return gathered((*gaps, *services, *papers), until=data.stale_on)


RULES = (IneligibleService(),)
