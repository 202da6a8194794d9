"""What everybody of an account can do: own credentials, names that AWS does not know, boundaries that were not read."""

import pytest

from policies.permissions.aws.actions.self_service import USERNAME, means_oneself
from policies.permissions.aws.survey import PrincipalAccess
from tests.aws_accounts import account, allow, arn, user
from tests.builders import policy
from tests.builders_aws import survey

KEYS = ("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateLoginProfile", "iam:DeactivateMFADevice")


def access_of(*statements: dict, **more) -> PrincipalAccess:
    estate = account(user("ana", *statements, **more), user("boss", allow("*"))).estate
    return next(s for s in survey(estate).everybody() if s.arn == arn("user", "ana"))


def can(found: PrincipalAccess) -> set[str]:
    return set(policy().vocabulary.names(found.mask))


@pytest.mark.parametrize(
    "own",
    [
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:iam::111122223333:user/ana",
        "arn:aws:iam::*:user/staff/${aws:username}",
        "arn:aws:iam::*:user/*/${aws:username}",
        "arn:*:iam::*:user/${aws:username}",
        "arn:aws:iam::*:mfa/${aws:username}",
        ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"],
    ],
)
def test_the_own_credentials_give_no_power_over_anybody_however_oneself_is_named(own):
    found = access_of(allow(*KEYS, on=own))
    assert can(found) == set()
    assert found.takeovers == ()


@pytest.mark.parametrize(
    "others",
    [
        "*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::*:user/${aws:username}*",
        "arn:aws:iam::*:user/*${aws:username}",
        "arn:aws:iam::*:user/boss",
        "arn:aws:iam::*:user/${aws:PrincipalTag/name}",
        ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/boss"],
    ],
)
def test_whoever_else_may_be_meant_is_power_over_others(others):
    found = access_of(allow(*KEYS, on=others), tags={"name": "boss"})
    assert "user.admin" in can(found)
    assert "create-access-key" in found.takeovers


def test_a_name_with_a_wildcard_is_never_oneself():
    assert means_oneself(f"arn:aws:iam::*:user/{USERNAME}", USERNAME)
    assert not means_oneself("arn:aws:iam::*:user/*", "*")
    assert not means_oneself("arn:aws:iam::*:role/ana", "ana")
    assert not means_oneself("arn:aws:iam::*:user/ana:x", "ana")


def test_only_the_action_that_aws_does_not_know_gives_nothing():
    found = access_of(allow("s3:GetObject", "s3:ListObjects", "s3:Heed*"))
    assert "document.read" in can(found)
    assert found.unreadable == ()
    text = "statement 1: no action of AWS is known as"
    assert dict(found.unknown) == {f"{arn('user', 'ana')}/policy/own": f"{text} `s3:listobjects`; {text} `s3:heed*`"}


@pytest.mark.parametrize("name", ["nosuch:GetObject", "s3", "s*:GetObject"])
def test_a_service_that_nobody_knows_may_give_anything(name):
    found = access_of(allow("s3:GetObject", name))
    assert [why for _, why in found.unreadable] == [f"statement 1: no action of AWS is known as `{name.lower()}`"]
    assert found.unknown == ()


def test_a_boundary_that_was_not_read_is_said_and_one_that_cannot_be_read():
    missing = access_of(allow("s3:GetObject"), boundary=arn("policy", "limit"))
    assert missing.limits == ((arn("policy", "limit"), "its document was not in what was read"),)
    assert "document.read" in can(missing)
    assert access_of(allow("s3:GetObject")).limits == ()
