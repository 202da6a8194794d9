"""The rule about PHI in a cloud that strangers can reach."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.engine.answers import Answer, Unknown, gathered
from policies.engine.aws import EachAwsAccount, coverage_gaps
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.questions.aws_exposure import open_to_strangers

if TYPE_CHECKING:
    from policies.permissions.aws.access.effective import Effective


class ExposedPhi(EachAwsAccount):
    """
    The policy of no resource with PHI lets in everybody, or an account that is not the practice's or its agency's.

    Accounts of the same organization, those of the other configured systems, and those of AWS that deliver logs are no
    strangers. S3's Block Public Access stops a public policy, and public access lists (ACLs). Where neither it nor
    `BucketOwnerEnforced` does that, any file may be open by a list of its own; without the latter, to another account:
    "not evaluated". So is a policy that asks for what a stranger cannot say at will, such as an endpoint of a network.
    It is a finding of the system, not of a person.
    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i); S3 User Guide, "Blocking public access to your S3 storage".
    """

    id = "exposed-phi"
    title = "PHI open to strangers"
    question = "Is all PHI in AWS closed to everybody and to the accounts of others?"

    def of_account(self, case: Case, item: Item, judge: "Effective") -> Iterator[Answer]:
        """Ask the policy and the access lists of every resource with PHI for strangers."""
        gaps = (Unknown(gap) for gap in coverage_gaps(judge.estate))
        return gathered((*gaps, *open_to_strangers(case, item.system, judge)))


RULES = (ExposedPhi(),)
