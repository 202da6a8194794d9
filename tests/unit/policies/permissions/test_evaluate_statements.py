"""
The elements of one statement by the book: what they match, which conditions hold, and where it was decided.

Each test says in which page of the IAM User Guide (IAM) or the AWS Organizations User Guide (ORG) the step stands.
"""

from typing import Any

import pytest

from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import (
    Principal,
    PrincipalKind,
    Request,
    Resource,
)
from tests.unit.policies.permissions.book_cases import (
    ALLOWED,
    ANA,
    BEN,
    DENIED,
    DEPENDS,
    DESK,
    FULL,
    NOT_ALLOWED,
    ROOT,
    THEM,
    US,
    allow,
    ana,
    ask,
    bucket,
    deny,
    desk,
    doc,
    scps,
    to,
)

# ---- IAM, "NotPrincipal", "NotAction", "NotResource" -----------------------------------------------------------------


def test_not_action_with_allow_is_everything_else():
    everything_but = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert ask(ana(everything_but)).outcome is ALLOWED
    assert ask(ana(everything_but), Resource("*", US), "iam:CreateUser").outcome is NOT_ALLOWED


def test_not_action_with_deny_denies_everything_else_and_allows_nothing():
    """IAM, "NotAction with Deny": the statement does not itself grant the listed actions."""
    only_s3 = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    assert ask(ana(only_s3)).outcome is NOT_ALLOWED
    assert ask(ana(allow("*"), only_s3)).outcome is ALLOWED
    assert ask(ana(allow("*"), only_s3), Resource("*", US), "ec2:RunInstances").outcome is DENIED


def test_not_resource_is_everything_else():
    elsewhere = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::charts/*"}
    assert ask(ana(elsewhere)).outcome is NOT_ALLOWED
    assert ask(ana(elsewhere), bucket(arn="arn:aws:s3:::templates/a")).outcome is ALLOWED
    closed = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::templates/*"}
    assert ask(ana(allow(), closed)).outcome is DENIED


def test_not_principal_with_deny_spares_only_who_is_named_with_the_account():
    """IAM, "NotPrincipal": name the account of the user too, or the user may be denied through it."""
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [ANA, f"arn:aws:iam::{US}:root"]}, "Action": "s3:*"}
    statement = spared | {"Resource": "*"}
    assert ask(ana(allow()), bucket(statement)).outcome is ALLOWED
    ben = Principal(BEN, PrincipalKind.USER, US, "ben", identity=(doc(allow()),))
    assert ask(ben, bucket(statement)).outcome is DEPENDS
    alone = statement | {"NotPrincipal": {"AWS": ANA}}
    assert ask(ana(allow()), bucket(alone)).outcome is DEPENDS
    assert ask(ben, bucket(alone)).outcome is DENIED


def test_not_principal_with_deny_spares_a_role_only_where_its_session_is_named_too():
    """IAM, "NotPrincipal", the example for an assumed role: role, session and account are named."""
    who = desk(allow())
    names = [DESK, f"arn:aws:iam::{US}:root"]
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "s3:*", "Resource": "*"}
    assert ask(who, bucket(spared)).outcome is DEPENDS
    assert ask(who, bucket(spared | {"NotPrincipal": {"AWS": [*names, who.session_arn]}})).outcome is ALLOWED


# ---- IAM, "Version", "Policy variables", "Condition" -----------------------------------------------------------------

HOME = "arn:aws:s3:::home/${aws:username}/*"


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None])
def test_variables_are_filled_only_in_the_present_version(version):
    """IAM, "Version": in the older version, and without one, `${aws:username}` is plain text."""
    who = Principal(ANA, PrincipalKind.USER, US, "ana", identity=(doc(allow(Resource=HOME), version=version),))
    expected = ALLOWED if version == "2012-10-17" else NOT_ALLOWED
    assert ask(who, bucket(arn="arn:aws:s3:::home/ana/a")).outcome is expected
    assert ask(who, bucket(arn="arn:aws:s3:::home/ben/a")).outcome is NOT_ALLOWED


def when(**conditions: dict[str, str]) -> dict[str, Any]:
    return allow(Condition=conditions)


@pytest.mark.parametrize(
    ("condition", "closed"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, NOT_ALLOWED),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, ALLOWED),
        ({"StringEqualsIfExists": {"aws:RequestedRegion": "us-east-1"}}, ALLOWED),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "phi"}}, ALLOWED),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "phi"}}, NOT_ALLOWED),
        ({"Null": {"aws:RequestedRegion": "true"}}, ALLOWED),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, NOT_ALLOWED),
    ],
)
def test_a_key_that_nobody_stated_is_unknown_and_one_that_is_missing_is_judged_by_its_operator(condition, closed):
    """IAM, "Condition operators", "…IfExists", "Multivalued context keys"."""
    who = ana(allow(Condition=condition))
    unknown = decide(Request(who, "s3:GetObject", bucket()))
    assert unknown.outcome is DEPENDS
    assert unknown.keys == frozenset(next(iter(condition.values())))
    assert decide(Request(who, "s3:GetObject", bucket(), closed=True)).outcome is closed


def test_all_conditions_must_hold_and_any_of_the_values_of_one():
    """IAM, "Conditions with multiple context keys or values": keys are joined by and, values by or."""
    both = allow(Condition={
        "StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}, "Bool": {"aws:SecureTransport": "true"},
    })  # fmt: skip
    for region, secure, expected in [
        ("us-west-2", "true", ALLOWED), ("us-west-2", "false", NOT_ALLOWED), ("eu-west-1", "true", NOT_ALLOWED),
    ]:  # fmt: skip
        context = {"aws:RequestedRegion": (region,), "aws:SecureTransport": (secure,)}
        assert decide(Request(ana(both), "s3:GetObject", bucket(), context=context)).outcome is expected


def test_actions_do_not_mind_case_and_resources_do():
    """IAM, "Action": case-insensitive; "Amazon Resource Names": the resource part is case-sensitive."""
    assert ask(ana(allow("S3:GETOBJECT"))).outcome is ALLOWED
    assert ask(ana(allow(Resource="arn:aws:s3:::Charts/*"))).outcome is NOT_ALLOWED


def test_a_wildcard_in_a_resource_crosses_slashes():
    assert ask(ana(allow(Resource="arn:aws:s3:::charts*"))).outcome is ALLOWED
    assert ask(ana(allow(Resource="arn:aws:s3:::*/a.pdf"))).outcome is ALLOWED


ORDER = "IAM User Guide, How AWS enforcement code logic evaluates requests to allow or deny access"


ONE, TWO = "Policy evaluation for requests within a single account", "Cross-account policy evaluation logic"


OPEN_FROM_HOME = allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})


@pytest.mark.parametrize(
    ("decision", "step"),
    [
        (ask(ana(deny(), allow())), f"Deny evaluation ({ORDER}; {ONE})"),
        (ask(ana()), f"implicit deny: Identity-based policies ({ORDER}; {ONE})"),
        (ask(ana(allow())), f"Identity-based policies ({ORDER}; {ONE})"),
        (ask(ana(allow(), boundary=FULL)), f"IAM permissions boundaries ({ORDER}; {ONE})"),
        (
            ask(ana(allow(), boundary=doc(allow("sqs:*")))),
            f"implicit deny: IAM permissions boundaries ({ORDER}; {ONE})",
        ),
        (ask(desk(allow(), session=(FULL,))), f"Session policies ({ORDER}; {ONE})"),
        (ask(ana(), bucket(to(ANA, allow()))), f"Resource-based policies ({ORDER}; {ONE})"),
        (ask(ROOT), f"Summary, the root user ({ORDER}; {ONE})"),
        (
            ask(ana(allow()), limits=scps([FULL], [])),
            f"implicit deny: Organizations SCPs ({ORDER}; {ONE})",
        ),
        (
            ask(ana(allow()), bucket(to(ANA, allow()), account=THEM)),
            f"Resource-based policies and Identity-based policies ({ORDER}; {TWO})",
        ),
        (ask(ana(allow()), bucket(account=THEM)), f"implicit deny: Resource-based policies ({ORDER}; {TWO})"),
        (ask(ana(OPEN_FROM_HOME)), f"Identity-based policies ({ORDER}; {ONE})"),
        (
            ask(ana(allow(), OPEN_FROM_HOME | {"Effect": "Deny"})),
            f"Deny evaluation ({ORDER}; {ONE})",
        ),
        (ask(ana(), bucket(policy_read=False)), f"Resource-based policies ({ORDER}; {ONE})"),
    ],
)
def test_every_answer_says_at_which_step_and_page_it_was_decided(decision, step):
    assert decision.step == step


def test_the_root_user_of_another_account_needs_only_the_policy_of_the_resource():
    """IAM, "How AWS enforcement code logic …": nothing is denied implicitly to the root user."""
    theirs = Principal(f"arn:aws:iam::{THEM}:root", PrincipalKind.ROOT, THEM)
    assert ask(theirs, bucket(to(THEM, allow()))).outcome is ALLOWED
    assert ask(theirs).lacking == ("resource",)
    assert ask(theirs, bucket(to(THEM, deny()), to(THEM, allow()))).outcome is DENIED


def test_a_service_lacks_only_the_policy_of_the_resource():
    service = Principal("cloudtrail.amazonaws.com", PrincipalKind.SERVICE, "")
    assert ask(service).lacking == ("resource",)


def test_a_variable_before_the_fifth_colon_depends_because_aws_allows_none_there():
    """IAM, "IAM policy elements: Variables and tags", "Where you can use policy variables"."""
    region = {"Resource": "arn:aws:s3:::charts/*"}, {"Resource": "arn:aws:s3:${aws:RequestedRegion}::charts/*"}
    assert ask(ana(allow(**region[0]), deny(**region[1]))).outcome is DEPENDS
    account = {"Resource": "arn:aws:ec2:*:${aws:PrincipalAccount}:instance/*"}
    instance = Resource(f"arn:aws:ec2:us-east-1:{US}:instance/i-1", US)
    for who in (ana(allow("ec2:StopInstances", **account)), ana(allow("*"), deny("ec2:StopInstances", **account))):
        assert ask(who, instance, "ec2:StopInstances").outcome is DEPENDS
    assert ask(ana(allow("*"), deny("ec2:StopInstances", **account)), instance, "ec2:RunInstances").outcome is ALLOWED
    elsewhere = Resource(f"arn:aws:ec2:us-east-1:{THEM}:instance/i-1", US)
    assert ask(ana(allow("ec2:StopInstances", **account)), elsewhere, "ec2:StopInstances").outcome is NOT_ALLOWED
    later = {"Resource": "arn:aws:s3:::charts/${aws:username}/*"}
    mine = bucket(arn="arn:aws:s3:::charts/ana/x")
    assert ask(ana(allow(**later)), mine).outcome is ALLOWED


@pytest.mark.parametrize("principal", [{"CanonicalUser": "79a59df900b949e5"}, {"Robot": "r2"}])
def test_a_principal_that_cannot_be_placed_depends(principal):
    """IAM, "AWS JSON policy elements: Principal": a canonical user id stands for an account, and does not say which."""
    assert ask(ana(), bucket(allow() | {"Principal": principal})).outcome is DEPENDS
    assert ask(ana(allow()), bucket(deny() | {"Principal": principal})).outcome is DEPENDS
    assert ask(ana(allow()), bucket(deny() | {"NotPrincipal": principal})).outcome is DEPENDS
    beside = {**principal, "AWS": ANA}
    assert ask(ana(), bucket(allow() | {"Principal": beside})).outcome is ALLOWED
    service = Principal("cloudtrail.amazonaws.com", PrincipalKind.SERVICE, "")
    assert ask(service, bucket(allow() | {"Principal": principal})).outcome is NOT_ALLOWED
