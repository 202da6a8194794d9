"""Ways to more than was given: found across policies and groups, told step by step, and closed by what closes them."""

from dataclasses import replace

import pytest

from connectors.cloud.aws.estate import AccessKey, PolicyText
from policies.permissions.aws.escalation.escalation import escalations
from policies.permissions.aws.evaluation.account import AwsAccount
from tests.aws_accounts import (
    FULL,
    US,
    account,
    allow,
    arn,
    assigned,
    deny,
    group,
    organization,
    role,
    text,
    trust,
    user,
)
from tests.unit.policies.permissions.escalation_ways import BOSS, MFA, methods_of, only


def test_a_right_over_another_users_keys_is_a_way_to_be_that_user():
    path = only(account(user("ana", allow("iam:CreateAccessKey")), BOSS))
    assert path.administrator
    assert path.certain
    assert path.who == arn("user", "ana")
    assert path.to == BOSS.arn
    (step,) = path.steps
    assert (step.method, step.actor, step.target) == ("create-access-key", path.who, BOSS.arn)
    assert [permission.action for permission in step.permissions] == ["iam:CreateAccessKey"]
    assert path.policies == (f"{path.who}/policy/own, statement 1",)
    assert "create an access key" in str(path)


def test_the_halves_of_a_method_are_found_in_different_policies_and_groups():
    found = account(
        user("ana", allow("iam:PassRole"), groups=("dev", "ops")),
        group("dev", allow("lambda:CreateFunction", on="arn:aws:lambda:*:*:function:vma-*")),
        group("ops", attached=(arn("policy", "run"),)),
        role("admin", trust(service="lambda"), *FULL),
        policies={"run": [allow("lambda:Invoke*")]},
    )
    path = only(found)
    assert methods_of(path) == ["pass-role-lambda-invoke"]
    assert path.certain
    told = "; ".join(path.policies)
    assert all(name in told for name in (arn("user", "ana"), arn("group", "dev"), arn("policy", "run")))
    resources = {permission.action: permission.resource for permission in path.steps[0].permissions}
    assert resources["iam:PassRole"] == arn("role", "admin")
    assert resources["lambda:CreateFunction"] == resources["lambda:InvokeFunction"]
    assert ":function:vma-" in resources["lambda:CreateFunction"]


def test_a_function_that_may_be_made_but_not_run_is_no_way():
    found = account(
        user(
            "ana",
            allow("iam:PassRole"),
            allow("lambda:CreateFunction", on="arn:aws:lambda:*:*:function:dev-*"),
            allow("lambda:InvokeFunction", on="arn:aws:lambda:*:*:function:live-*"),
        ),
        role("admin", trust(service="lambda"), *FULL),
    )
    assert escalations(found) == ()


@pytest.mark.parametrize(
    "limit",
    [
        {"inline": (PolicyText("no", text([deny("iam:CreateAccessKey")])),)},
        {"groups": ("careful",)},
        {"boundary": arn("policy", "fence")},
        {"attached": (arn("policy", "no"),)},
    ],
    ids=["own denial", "denial of a group", "boundary", "attached denial"],
)
def test_a_denial_or_a_boundary_anywhere_closes_the_way(limit):
    ana = user("ana", allow("iam:CreateAccessKey"))
    limit = {name: getattr(ana, name) + value if isinstance(value, tuple) else value for name, value in limit.items()}
    found = account(
        replace(ana, **limit),
        BOSS,
        group("careful", deny("iam:*")),
        policies={"fence": [allow("s3:*")], "no": [deny("iam:CreateAccessKey", on=BOSS.arn)]},
    )
    assert escalations(found) == ()


def test_a_service_control_policy_closes_the_way():
    closed = organization([deny("iam:CreateAccessKey")])
    assert escalations(account(user("ana", allow("iam:CreateAccessKey")), BOSS, organization=closed)) == ()
    other = organization([deny("s3:DeleteBucket")])
    assert only(account(user("ana", allow("iam:CreateAccessKey")), BOSS, organization=other)).certain


def test_service_control_policies_that_were_not_read_are_not_taken_for_none():
    found = account(user("ana", allow("iam:CreateAccessKey")), BOSS, unread={"organization": "refused"})
    assert only(found).administrator


def test_a_condition_that_nobody_can_answer_makes_a_way_depend_on_it():
    path = only(account(user("ana", allow("iam:CreateAccessKey", when=MFA)), BOSS))
    assert path.administrator
    assert not path.certain
    assert path.keys == {"aws:MultiFactorAuthPresent"}
    assert "depends on aws:MultiFactorAuthPresent" in str(path)


def test_a_certain_way_is_told_rather_than_a_shorter_doubtful_one():
    found = account(
        user("ana", allow("iam:CreateAccessKey", on=BOSS.arn, when=MFA), allow("sts:AssumeRole")),
        BOSS,
        role("helper", trust(US), allow("iam:PutUserPolicy", on=arn("user", "ana"))),
    )
    path = only(found)
    assert path.certain
    assert methods_of(path) == ["assume-role", "put-user-policy"]


def test_a_role_may_be_raised_by_one_right_and_entered_by_another():
    found = account(user("ana", allow("iam:AttachRolePolicy", "sts:AssumeRole")), role("desk", trust(US)))
    assert methods_of(only(found)) == ["assume-role", "attach-role-policy"]
    closed = account(user("ana", allow("iam:AttachRolePolicy")), role("desk", trust(US)))
    assert escalations(closed) == ()


def test_a_policy_of_a_group_can_be_rewritten_by_a_member():
    found = account(
        user("ana", groups=("desk",)),
        group("desk", allow("iam:CreatePolicyVersion"), attached=(arn("policy", "read"),)),
        policies={"read": [allow("s3:GetObject")]},
    )
    (step,) = only(found).steps
    assert (step.method, step.target) == ("create-policy-version", arn("policy", "read"))


def test_a_policy_of_aws_cannot_be_rewritten():
    found = account(
        user("ana", allow("iam:CreatePolicyVersion"), attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",)),
        role("desk", trust(service="ec2")),
    )
    estate = replace(found.estate, managed={"arn:aws:iam::aws:policy/ReadOnlyAccess": text([allow("s3:GetObject")])})
    assert escalations(AwsAccount(estate)) == ()


def test_joining_a_group_gives_what_the_group_holds():
    found = account(user("ana", allow("iam:AddUserToGroup")), group("chiefs", *FULL), group("desk"))
    path = only(found)
    assert [(step.method, step.target, step.becomes) for step in path.steps] == [
        ("add-user-to-group", arn("group", "chiefs"), arn("user", "ana"))
    ]


def test_joining_a_group_completes_a_method_of_which_the_user_holds_the_other_half():
    found = account(
        user("ana", allow("iam:AddUserToGroup"), allow("iam:PassRole")),
        group("dev", allow("lambda:CreateFunction", "lambda:InvokeFunction")),
        role("admin", trust(service="lambda"), *FULL),
    )
    assert methods_of(only(found)) == ["add-user-to-group", "pass-role-lambda-invoke"]


def test_an_empty_group_can_be_given_rights_and_joined():
    found = account(user("ana", allow("iam:AddUserToGroup", "iam:PutGroupPolicy")), group("empty"))
    assert methods_of(only(found)) == ["put-group-policy", "add-user-to-group"]


def test_a_boundary_limits_what_raising_gives_unless_it_can_be_taken_away():
    ana = user("ana", allow("iam:*"), boundary=arn("policy", "fence"))
    tight = account(ana, policies={"fence": [allow("iam:PutUserPolicy", on=arn("user", "ana"))]})
    assert escalations(tight) == ()
    loose = account(ana, policies={"fence": [allow("iam:*User*", on=arn("user", "ana"))]})
    assert "delete-user-boundary" in methods_of(only(loose))


def test_a_boundary_that_can_be_rewritten_is_none():
    fence = [allow("iam:PutUserPolicy", "iam:CreatePolicyVersion")]
    found = account(user("ana", allow("iam:*"), boundary=arn("policy", "fence")), policies={"fence": fence})
    path = only(found)
    assert methods_of(path) == ["create-policy-version", "put-user-policy"]
    assert path.steps[0].target == arn("policy", "fence")


def test_a_denial_that_can_be_detached_is_none():
    found = account(
        user("ana", allow("iam:PutUserPolicy", "iam:DetachUserPolicy"), attached=(arn("policy", "no"),)),
        policies={"no": [deny("s3:*")]},
    )
    assert methods_of(only(found)) == ["detach-user-policy", "put-user-policy"]
    only_that = {"Effect": "Deny", "NotAction": ["iam:PutUserPolicy"], "Resource": "*"}
    stuck = account(user("ana", allow("iam:*"), attached=(arn("policy", "no"),)), policies={"no": [only_that]})
    assert escalations(stuck) == ()


def test_a_new_role_or_user_is_a_way_where_it_can_be_given_rights():
    path = only(account(user("ana", allow("iam:CreateRole", "iam:PutRolePolicy", on=arn("role", "vma-*")))))
    assert methods_of(path) == ["create-role", "put-role-policy"]
    assert path.to.startswith(arn("role", "vma-"))
    path = only(account(user("ana", allow("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy"))))
    assert path.certain
    apart = allow("iam:CreateRole", on=arn("role", "a-*")), allow("iam:PutRolePolicy", on=arn("role", "b-*"))
    assert escalations(account(user("ana", *apart))) == ()


def test_new_identities_under_a_demanded_boundary_gain_no_more_than_it_allows():
    fenced = {"StringEquals": {"iam:PermissionsBoundary": arn("policy", "fence")}}
    ana = user("ana", allow("iam:CreateRole", "iam:PutRolePolicy", when=fenced))
    assert escalations(account(ana, policies={"fence": [allow("s3:*")]})) == ()
    assert only(account(ana, policies={"fence": FULL})).certain


def test_attaching_only_certain_policies_is_no_way_to_any_right():
    limited = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    assert escalations(account(user("ana", allow("iam:AttachUserPolicy", when=limited)))) == ()
    path = only(account(user("ana", allow("iam:CreatePolicy"), allow("iam:AttachUserPolicy", when=limited))))
    assert not path.certain


def test_a_right_over_ones_own_boundaryless_users_only_does_not_reach_the_boss():
    bounded = {"StringEquals": {"iam:PermissionsBoundary": arn("policy", "fence")}}
    found = account(
        user("ana", allow("iam:CreateAccessKey", when=bounded)),
        BOSS,
        user("ben", allow("s3:*"), boundary=arn("policy", "fence"), keys=()),
        policies={"fence": [allow("s3:*")]},
    )
    path = only(found)
    assert not path.administrator
    assert path.to == arn("user", "ben")


def test_tags_of_the_target_decide_for_certain():
    tagged = {"StringEquals": {"aws:ResourceTag/team": "desk"}}
    boss = replace(BOSS, tags={"team": "chiefs"})
    untagged = user("root-like", *FULL, keys=())
    found = account(user("ana", allow("iam:CreateAccessKey", when=tagged)), boss, untagged)
    assert escalations(found) == ()
    assert only(account(user("ana", allow("iam:CreateAccessKey", when=tagged)), replace(BOSS, tags={"team": "desk"})))


def test_two_access_keys_leave_no_room_unless_one_can_be_deleted():
    full = replace(BOSS, keys=(AccessKey("1", active=True), AccessKey("2", active=False)))
    assert escalations(account(user("ana", allow("iam:CreateAccessKey")), full)) == ()
    path = only(account(user("ana", allow("iam:CreateAccessKey", "iam:DeleteAccessKey")), full))
    assert [permission.action for permission in path.steps[0].permissions] == [
        "iam:CreateAccessKey",
        "iam:DeleteAccessKey",
    ]


def test_a_password_is_a_way_only_past_the_second_factor():
    boss = replace(BOSS, console=True, mfa=True)
    assert escalations(account(user("ana", allow("iam:UpdateLoginProfile")), boss)) == ()
    path = only(account(user("ana", allow("iam:UpdateLoginProfile", "iam:DeactivateMFADevice")), boss))
    assert path.certain
    assert [p.action for p in path.steps[0].permissions] == ["iam:UpdateLoginProfile", "iam:DeactivateMFADevice"]
    unknown = only(account(user("ana", allow("iam:UpdateLoginProfile")), replace(BOSS, console=True)))
    assert not unknown.certain


def test_a_running_instance_that_nobody_told_of_makes_the_way_depend_on_it():
    found = account(
        user("ana", allow("ssm:StartSession")),
        role("server", trust(service="ec2"), *FULL, instance_profiles=("x",)),
        role("unused", trust(service="ec2"), *FULL),
    )
    path = only(found)
    assert path.to == arn("role", "server")
    assert not path.certain
    assert any("EC2 instance" in key for key in path.keys)


def test_the_document_of_aws_that_a_policy_names_is_enough_to_send_a_command():
    document = "arn:aws:ssm:*::document/AWS-RunShellScript"
    found = account(
        user("ana", allow("ssm:SendCommand", on=(document, f"arn:aws:ec2:*:{US}:instance/*"))),
        role("server", trust(service="ec2"), *FULL, instance_profiles=("x",)),
    )
    assert methods_of(only(found)) == ["ssm-send-command"]


def test_names_on_which_identity_and_boundary_agree_are_found():
    found = account(
        user(
            "ana",
            allow("lambda:*", on=f"arn:aws:lambda:*:{US}:function:vma-*"),
            allow("iam:PassRole"),
            boundary=arn("policy", "fence"),
        ),
        role("admin", trust(service="lambda"), *FULL),
        policies={"fence": [allow("lambda:*", on=f"arn:aws:lambda:*:{US}:function:*-eu"), allow("iam:PassRole")]},
    )
    path = only(found)
    assert path.certain
    assert path.steps[0].permissions[1].resource.endswith("-eu")


def test_an_identity_that_holds_more_is_told_where_no_administrator_is_in_reach():
    found = account(
        user("ana", allow("iam:CreateAccessKey", on=(arn("user", "ben"), arn("user", "cleo"))), allow("s3:*")),
        user("ben", allow("dynamodb:*"), keys=()),
        user("cleo", allow("s3:GetObject", on="arn:aws:s3:::x/*"), keys=()),
        BOSS,
    )
    path = only(found)
    assert (path.to, path.administrator, path.whole) == (arn("user", "ben"), False, True)


def test_a_way_may_lead_through_several_identities():
    found = account(
        user("ana", allow("sts:AssumeRole", on=arn("role", "one"))),
        role("one", trust(US), allow("iam:UpdateAssumeRolePolicy", on=arn("role", "two"))),
        role("two", trust(service="ec2"), allow("iam:CreateAccessKey", on=arn("user", "ben"))),
        user("ben", allow("iam:UpdateLoginProfile"), keys=()),
        replace(BOSS, console=True, mfa=False),
    )
    mine = [path for path in escalations(found) if path.who == arn("user", "ana")]
    (path,) = mine
    assert methods_of(path) == ["assume-role", "update-assume-role-policy", "create-access-key", "update-login-profile"]
    assert [step.actor for step in path.steps] == [
        arn("user", "ana"),
        arn("role", "one"),
        arn("role", "two"),
        arn("user", "ben"),
    ]


def test_a_part_of_a_users_rights_is_told_as_a_part_and_not_followed():
    ana = user("ana", allow("iam:CreateServiceSpecificCredential", on=BOSS.arn))
    path = only(account(ana, BOSS))
    assert (path.whole, path.administrator, path.to) == (False, False, BOSS.arn)


def test_roles_that_only_aws_changes_cannot_be_raised():
    found = account(
        user("ana", allow("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole")),
        role("linked", trust(US), service_linked=True),
        role("AWSReservedSSO_x", trust(US), permission_set="arn:aws:sso:::permissionSet/ssoins-1/ps-1"),
    )
    assert escalations(found) == ()


def test_a_person_of_the_directory_is_told_through_the_roles_assigned():
    found = account(
        role("reception", trust(service="x"), allow("iam:PassRole"), allow("lambda:CreateFunction")),
        role("billing", trust(service="x"), allow("iam:CreateAccessKey")),
        BOSS,
        assignments=assigned("p-1", "reception", "billing"),
    )
    path = only(found)
    assert path.who == "p-1"
    assert path.starts == (arn("role", "billing"), arn("role", "reception"))
    assert path.steps[0].actor == arn("role", "billing")


def test_one_assigned_role_can_raise_the_other():
    found = account(
        role("reception", trust(service="x"), allow("iam:PutRolePolicy", on=arn("role", "billing"))),
        role("billing", trust(service="x")),
        assignments=assigned("p-1", "reception", "billing"),
    )
    assert methods_of(only(found)) == ["put-role-policy"]
