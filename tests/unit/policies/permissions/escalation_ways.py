"""The ways that are found, by their methods."""

from policies.permissions.aws.escalation.escalation import EscalationPath, escalations
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import (
    FULL,
    user,
)

BOSS = user("boss", *FULL, keys=())


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def only(found: AwsAccount) -> EscalationPath:
    (path,) = escalations(found)
    return path


def methods_of(path: EscalationPath) -> list[str]:
    return [step.method for step in path.steps]
