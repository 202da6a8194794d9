"""Who is an administrator without any way, what may be unreadable, and documents that are made to be slow."""

from dataclasses import replace
from functools import partial

from connectors.cloud.aws.estate import PolicyText
from policies.permissions.aws.escalation.escalation import Escalations, escalations
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import (
    FULL,
    THEM,
    US,
    account,
    allow,
    arn,
    assigned,
    deny,
    group,
    organization,
    role,
    trust,
    user,
)
from tests.counting import counted
from tests.unit.policies.permissions.escalation_ways import BOSS, MFA, methods_of, only

# ---- who is an administrator ---------------------------------------------------------------------------------------


def test_an_administrator_needs_no_way():
    found = account(BOSS, role("admin", trust(US), *FULL), assignments=assigned("p-1", "admin"))
    assert escalations(found) == ()
    assert Escalations(found).administrators() == (BOSS.arn, arn("role", "admin"))


def test_everything_but_iam_is_not_an_administrator_but_may_become_one():
    power = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    found = account(user("ana", power), role("admin", trust(service="lambda"), *FULL), BOSS)
    assert Escalations(found).administrators() == (BOSS.arn, arn("role", "admin"))
    path = only(found)
    assert not path.certain
    assert methods_of(path)[0] in ("update-lambda-code", "update-lambda-layers")


def test_everything_in_two_halves_is_an_administrator():
    half = {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}
    found = account(user("ana", half, groups=("iam",)), group("iam", allow("iam:*")))
    assert Escalations(found).administrators() == (arn("user", "ana"),)


def test_whoever_is_denied_something_or_bounded_is_not_an_administrator():
    found = account(
        user("ana", *FULL, deny("s3:DeleteBucket")),
        user("ben", *FULL, boundary=arn("policy", "fence")),
        user("cleo", *FULL, deny("nosuch:Action")),
        user("dora", *FULL, deny("s3:*", when=MFA)),
        policies={"fence": [allow("s3:*")]},
    )
    asked = Escalations(found)
    assert asked.administrators() == (arn("user", "cleo"),)
    assert asked.administrators(certain=False) == (arn("user", "cleo"), arn("user", "dora"))


def test_an_organization_that_limits_everybody_alike_leaves_its_administrators():
    found = account(BOSS, organization=organization([deny("organizations:LeaveOrganization")]))
    assert Escalations(found).administrators() == (BOSS.arn,)


def test_a_policy_that_cannot_be_read_is_never_taken_for_harmless():
    estate = account(user("ana", groups=("lost",)), BOSS).estate
    path = only(AwsAccount(estate))
    assert path.administrator or path.to
    assert not path.certain
    broken = replace(estate.users[0], groups=(), inline=(PolicyText("broken", "[1]"),))
    assert not only(AwsAccount(replace(estate, users=(broken, BOSS)))).certain


def test_an_account_of_another_partition_is_told_in_its_own_arns():
    mine = "arn:aws-us-gov:iam::111122223333"
    found = account(
        replace(
            user("ana", allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")), arn=f"{mine}:user/ana"
        ),
        replace(role("admin", trust(service="lambda"), *FULL), arn=f"{mine}:role/admin"),
        partition="aws-us-gov",
    )
    (step,) = only(found).steps
    assert all(permission.resource.startswith("arn:aws-us-gov:") for permission in step.permissions)


def test_what_is_allowed_in_another_account_only_is_no_way():
    found = account(user("ana", allow("iam:CreateAccessKey", on=arn("user", "*", THEM))), BOSS)
    assert escalations(found) == ()


def made_to_be_slow(number: int) -> AwsAccount:
    patterns = [f"arn:aws:lambda:*:{US}:function:{'*a' * (i % 20)}b{i}*" for i in range(number)]
    many = [allow("lambda:CreateFunction", "lambda:InvokeFunction", "iam:PassRole", on=one) for one in patterns]
    slow = [allow("lambda:*", on=f"arn:aws:lambda:*:*:*{'a*' * i}c") for i in range(60)]
    found = account(
        user("ana", *many, boundary=arn("policy", "fence")),
        user("ben", allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")),
        role("admin", trust(service="lambda"), *FULL),
        policies={"fence": [*slow, allow("iam:PassRole")]},
    )
    assert not any(document.problem for document in found.users[arn("user", "ana")].identity)
    return found


def test_documents_made_to_be_slow_cost_no_more_than_their_length():
    work = []
    for number in (60, 120):
        found = made_to_be_slow(number)
        paths, lines = counted(partial(escalations, found))
        assert arn("user", "ben") in {path.who for path in paths}
        work.append(lines)
    assert work[1] < 2.1 * work[0]
