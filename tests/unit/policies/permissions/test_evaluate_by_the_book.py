"""
The evaluator by the book: each step that AWS documents as one case.

Each test says in which page of the IAM User Guide (IAM) or the AWS Organizations User Guide (ORG) the step stands.
"""

from policies.permissions.aws.evaluation.request import (
    Organization,
    Principal,
    PrincipalKind,
    Resource,
)
from tests.unit.policies.permissions.book_cases import (
    ALLOWED,
    ANA,
    BEN,
    DENIED,
    DEPENDS,
    DESK,
    FILE,
    FULL,
    KEY,
    NO_S3,
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
    limited,
    scps,
    to,
    trusting,
)

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


def test_a_role_is_assumed_by_whom_its_trust_policy_lets_in():
    """IAM, "Roles terms and concepts": the trust policy is required; naming the user is enough in one account."""
    assume = allow("sts:AssumeRole")
    assert ask(ana(), trusting(ANA), "sts:AssumeRole").outcome is ALLOWED
    assert ask(ana(assume), trusting(BEN), "sts:AssumeRole").outcome is NOT_ALLOWED
    assert ask(ana(), trusting(US), "sts:AssumeRole").outcome is NOT_ALLOWED
    assert ask(ana(assume), trusting(US), "sts:AssumeRole").outcome is ALLOWED
