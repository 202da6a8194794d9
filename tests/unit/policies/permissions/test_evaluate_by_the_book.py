"""
The evaluator by the book: each step that AWS documents as one case.

Each test says in which page of the IAM User Guide (IAM) or the AWS Organizations User Guide (ORG) the step stands.
"""

import json
from typing import Any

import pytest

from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import (
    NO_ORGANIZATION,
    Organization,
    Principal,
    PrincipalKind,
    Request,
    Resource,
)
from policies.permissions.decision import Decision, Outcome

US, THEM = "111122223333", "999988887777"
ANA, BEN = f"arn:aws:iam::{US}:user/ana", f"arn:aws:iam::{US}:user/ben"
DESK = f"arn:aws:iam::{US}:role/desk"
FILE = "arn:aws:s3:::charts/a.pdf"
KEY = f"arn:aws:kms:us-east-1:{US}:key/1"
ALLOWED, DENIED, NOT_ALLOWED, DEPENDS = Outcome.ALLOWED, Outcome.DENIED, Outcome.NOT_ALLOWED, Outcome.DEPENDS


def doc(*statements: dict[str, Any], version: str | None = "2012-10-17") -> PolicyDocument:
    data: dict[str, Any] = {"Statement": list(statements)} | ({"Version": version} if version else {})
    return parse_document(json.dumps(data), "policy")


def allow(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"} | more


def deny(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return allow(action, **more) | {"Effect": "Deny"}


def to(who: Any, statement: dict[str, Any]) -> dict[str, Any]:
    return statement | {"Principal": "*" if who == "*" else {"AWS": who}}


def ana(*statements: dict[str, Any], **more: Any) -> Principal:
    return Principal(ANA, PrincipalKind.USER, US, "ana", identity=(doc(*statements),) if statements else (), **more)


def desk(*statements: dict[str, Any], **more: Any) -> Principal:
    session = f"arn:aws:sts::{US}:assumed-role/desk/ana"
    identity = (doc(*statements),) if statements else ()
    return Principal(DESK, PrincipalKind.ROLE, US, "desk", identity=identity, session_arn=session, **more)


ROOT = Principal(f"arn:aws:iam::{US}:root", PrincipalKind.ROOT, US)
FULL = doc(allow("*"))
RCP_FULL = doc(to("*", allow("*")))


def bucket(*statements: dict[str, Any], arn: str = FILE, account: str = US, **more: Any) -> Resource:
    return Resource(arn, account, doc(*statements) if statements else None, **more)


def ask(
    who: Principal, what: Resource | None = None, action: str = "s3:GetObject", limits: Organization = NO_ORGANIZATION
) -> Decision:
    return decide(Request(who, action, what or bucket(), limits))


def scps(*levels: list[PolicyDocument], **more: Any) -> Organization:
    return Organization(scps=tuple(tuple(level) for level in levels), rcps=(), **more)


# ---- IAM, "Policy evaluation for requests within a single account" ---------------------------------------------------


def test_by_default_every_request_is_denied():
    """IAM, "Policy evaluation logic": requests are denied by default, but for the root user's."""
    found = ask(ana())
    assert (found.outcome, found.lacking) == (NOT_ALLOWED, ("identity",))


def test_an_allowance_in_a_policy_of_the_identity_overrides_the_default():
    found = ask(ana(allow()))
    assert found.outcome is ALLOWED
    assert [(d.layer, d.effect) for d in found.because] == [("identity", "Allow")]


def test_an_explicit_denial_in_any_policy_overrides_every_allowance():
    """IAM, "Deny evaluation": the enforcement code returns a final decision of Deny."""
    everywhere = to(ANA, allow())
    refused = doc(deny())
    assert ask(ana(allow(), deny()), bucket(everywhere)).outcome is DENIED
    assert ask(ana(allow()), bucket(everywhere, to(ANA, deny()))).outcome is DENIED
    assert ask(ana(allow(), boundary=doc(allow("*"), deny())), bucket(everywhere)).outcome is DENIED
    assert ask(ana(allow()), bucket(everywhere), limits=scps([FULL, refused])).outcome is DENIED
    assert ask(desk(allow(), session=(doc(allow("*"), deny()),)), bucket(to(DESK, allow()))).outcome is DENIED


def test_policies_of_the_user_and_of_its_groups_are_one_union():
    """IAM, "Identity-based policies": all policies that apply are evaluated together."""
    two = Principal(ANA, PrincipalKind.USER, US, "ana", identity=(doc(allow("s3:ListBucket")), doc(allow())))
    assert ask(two).outcome is ALLOWED


# ---- ORG, "SCP evaluation" -------------------------------------------------------------------------------------------


def test_every_level_from_the_root_to_the_account_must_allow():
    """ORG, "How SCPs work with Allow": an explicit Allow is needed at every level."""
    assert ask(ana(allow()), limits=scps([FULL], [FULL], [FULL])).outcome is ALLOWED
    found = ask(ana(allow()), limits=scps([FULL], [doc(allow("ec2:*"))], [FULL]))
    assert (found.outcome, found.lacking) == (NOT_ALLOWED, ("service control policy, level 2",))


def test_a_level_without_any_policy_allows_nothing():
    """ORG, "SCP evaluation": where no SCP is attached, all is denied by default."""
    assert ask(ana(allow()), limits=scps([FULL], [])).outcome is NOT_ALLOWED


def test_the_policies_of_one_level_are_a_union():
    assert ask(ana(allow()), limits=scps([doc(allow("ec2:*")), doc(allow("s3:*"))])).outcome is ALLOWED


def test_a_service_control_policy_gives_nothing():
    """ORG, "Service control policies": SCPs grant no permissions."""
    assert ask(ana(), limits=scps([FULL])).outcome is NOT_ALLOWED


def test_service_control_policies_bind_the_root_user_of_a_member_account():
    """ORG, "SCP effects on permissions": an SCP restricts the root user of member accounts."""
    assert ask(ROOT, limits=scps([FULL, doc(deny("s3:*"))])).outcome is DENIED


def test_service_control_policies_do_not_bind_the_management_account():
    """ORG, "Tasks and entities not restricted by SCPs": any action of the management account."""
    limits = scps([doc(deny("*"))], management=True)
    assert ask(ana(allow()), limits=limits).outcome is ALLOWED
    assert ask(ROOT, limits=limits).outcome is ALLOWED


def test_service_control_policies_do_not_bind_service_linked_roles():
    """ORG, "Tasks and entities not restricted by SCPs": any action performed using a service-linked role."""
    assert ask(desk(allow(), service_linked=True), limits=scps([doc(deny("*"))])).outcome is ALLOWED


def test_service_control_policies_limit_only_the_principals_of_the_account():
    """ORG, "SCP effects on permissions": they do not limit users of other accounts whom a resource policy lets in."""
    stranger = Principal(f"arn:aws:iam::{THEM}:user/eve", PrincipalKind.USER, THEM, "eve", identity=(doc(allow()),))
    assert ask(stranger, bucket(to(stranger.arn, allow()))).outcome is ALLOWED


def test_service_control_policies_that_were_not_read_are_named():
    found = ask(ana(allow()), limits=Organization(scps=None, rcps=()))
    assert (found.outcome, found.not_considered) == (ALLOWED, ("service control policies",))


# ---- ORG, "RCP evaluation" -------------------------------------------------------------------------------------------


def limited(*documents: PolicyDocument, **more: Any) -> Organization:
    return Organization(scps=(), rcps=((RCP_FULL, *documents),), **more)


NO_S3 = doc(to("*", deny("s3:*")))


def test_resource_control_policies_bind_the_resources_of_the_account_whoever_asks():
    """ORG, "Resource control policies": they apply to principals outside the organization as well."""
    what = bucket(to("*", allow()), organization=limited(NO_S3))
    assert ask(ana(allow()), what).outcome is DENIED
    stranger = Principal("arn:aws:iam::999988887777:user/eve", PrincipalKind.USER, THEM, identity=(doc(allow()),))
    assert ask(stranger, what).outcome is DENIED


def test_resource_control_policies_bind_only_the_services_that_take_them():
    """ORG, "List of AWS services that support RCPs"."""
    what = Resource("*", US, organization=limited(doc(to("*", deny("*")))))
    assert ask(ana(allow("ec2:DescribeInstances")), what, "ec2:DescribeInstances").outcome is ALLOWED


def test_resource_control_policies_bind_neither_the_management_account_nor_service_linked_roles():
    """ORG, "Resources and entities not restricted by RCPs"."""
    assert ask(ana(allow()), bucket(organization=limited(NO_S3, management=True))).outcome is ALLOWED
    assert ask(desk(allow(), service_linked=True), bucket(organization=limited(NO_S3))).outcome is ALLOWED


# ---- IAM, "Resource-based policies" in one account -------------------------------------------------------------------


def test_a_resource_policy_that_names_the_user_allows_on_its_own():
    assert ask(ana(), bucket(to(ANA, allow()))).outcome is ALLOWED
    assert ask(ana(), bucket(to(BEN, allow()))).outcome is NOT_ALLOWED


def test_a_resource_policy_that_names_the_user_is_not_limited_by_the_boundary():
    """IAM, "Permissions boundaries": an implicit deny in a boundary does not limit what names the user's ARN."""
    fenced = ana(boundary=doc(allow("ec2:*")))
    assert ask(fenced, bucket(to(ANA, allow()))).outcome is ALLOWED


def test_a_resource_policy_that_names_the_role_is_limited_by_boundary_and_session():
    """IAM, "Resource-based policies": permissions for the role ARN are limited by an implicit deny in a boundary."""
    lets_in = bucket(to(DESK, allow()))
    assert ask(desk(), lets_in).outcome is ALLOWED
    assert ask(desk(boundary=doc(allow("ec2:*"))), lets_in).outcome is NOT_ALLOWED
    assert ask(desk(session=(doc(allow("ec2:*")),)), lets_in).outcome is NOT_ALLOWED


def test_a_resource_policy_that_names_the_session_is_limited_by_neither():
    """IAM, "Resource-based policies": permissions for the session ARN are granted directly to the session."""
    fenced = desk(boundary=doc(allow("ec2:*")), session=(doc(allow("ec2:*")),))
    assert ask(fenced, bucket(to(fenced.session_arn, allow()))).outcome is ALLOWED


def test_a_resource_policy_that_names_the_account_only_delegates():
    """IAM, "AWS account principals": the account can delegate; its users need an allowance of their own."""
    for account in (US, f"arn:aws:iam::{US}:root"):
        assert ask(ana(), bucket(to(account, allow()))).outcome is NOT_ALLOWED
        assert ask(ana(allow()), bucket(to(account, allow()))).outcome is ALLOWED


def test_a_resource_policy_for_everybody_lets_in_the_users_of_the_account():
    assert ask(ana(), bucket(to("*", allow()))).outcome is ALLOWED


def test_a_resource_policy_that_was_not_read_could_let_in():
    found = ask(ana(), Resource(FILE, US, policy_read=False))
    assert (found.outcome, found.keys) == (DEPENDS, {f"the policy of {FILE}, which was not read"})


# ---- IAM, "Permissions boundaries", "Session policies" ---------------------------------------------------------------


def test_a_boundary_gives_nothing_itself():
    assert ask(ana(boundary=FULL)).outcome is NOT_ALLOWED


def test_identity_and_boundary_must_both_allow():
    found = ask(ana(allow(), boundary=doc(allow("ec2:*"))))
    assert (found.outcome, found.lacking) == (NOT_ALLOWED, ("boundary",))
    assert ask(ana(allow(), boundary=FULL)).outcome is ALLOWED


def test_identity_boundary_and_session_must_all_allow():
    whole = desk(allow(), boundary=FULL, session=(doc(allow("s3:*")),))
    assert ask(whole).outcome is ALLOWED
    assert ask(desk(allow(), boundary=FULL, session=(doc(allow("ec2:*")),))).outcome is NOT_ALLOWED


# ---- IAM, "Cross-account policy evaluation logic" --------------------------------------------------------------------


def test_across_accounts_both_sides_must_allow():
    theirs = {"account": THEM}
    assert ask(ana(allow()), bucket(**theirs)).outcome is NOT_ALLOWED
    assert ask(ana(), bucket(to(ANA, allow()), **theirs)).outcome is NOT_ALLOWED
    assert ask(ana(allow()), bucket(to(ANA, allow()), **theirs)).outcome is ALLOWED
    assert ask(ana(allow()), bucket(to(US, allow()), **theirs)).outcome is ALLOWED


def test_across_accounts_the_root_user_of_the_one_is_nobody_in_the_other():
    assert ask(ROOT, bucket(account=THEM)).outcome is NOT_ALLOWED


# ---- IAM, "AWS account root user" ------------------------------------------------------------------------------------


def test_the_root_user_needs_no_policy():
    assert ask(ROOT).outcome is ALLOWED


def test_a_resource_policy_can_deny_the_root_user():
    """Amazon S3 User Guide, "Bucket policies": who locks out the root user must use it to delete the policy."""
    assert ask(ROOT, bucket(to("*", deny()))).outcome is DENIED


# ---- keys and roles --------------------------------------------------------------------------------------------------


def test_a_key_asks_its_own_policy_even_in_one_account():
    """AWS KMS Developer Guide, "Key policies": no principal has access unless the key policy allows it."""
    decrypt = allow("kms:Decrypt")
    assert ask(ana(decrypt), bucket(arn=KEY), "kms:Decrypt").outcome is NOT_ALLOWED
    assert ask(ana(decrypt), bucket(to(US, allow("kms:*")), arn=KEY), "kms:Decrypt").outcome is ALLOWED
    assert ask(ana(), bucket(to(US, allow("kms:*")), arn=KEY), "kms:Decrypt").outcome is NOT_ALLOWED
    assert ask(ana(), bucket(to(ANA, decrypt), arn=KEY), "kms:Decrypt").outcome is ALLOWED
    assert ask(ROOT, bucket(to(ANA, decrypt), arn=KEY), "kms:Decrypt").outcome is NOT_ALLOWED


def trusting(*who: str) -> Resource:
    trust = {"Effect": "Allow", "Principal": {"AWS": list(who)}, "Action": "sts:AssumeRole"}
    return Resource(DESK, US, doc(trust))


def test_a_role_is_assumed_by_whom_its_trust_policy_lets_in():
    """IAM, "Roles terms and concepts": the trust policy is required; naming the user is enough in one account."""
    assume = allow("sts:AssumeRole")
    assert ask(ana(), trusting(ANA), "sts:AssumeRole").outcome is ALLOWED
    assert ask(ana(assume), trusting(BEN), "sts:AssumeRole").outcome is NOT_ALLOWED
    assert ask(ana(), trusting(US), "sts:AssumeRole").outcome is NOT_ALLOWED
    assert ask(ana(assume), trusting(US), "sts:AssumeRole").outcome is ALLOWED


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
