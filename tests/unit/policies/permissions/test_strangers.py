"""What strangers decide about themselves closes no door: names, tags, no organization, the internet."""

import pytest

from policies.permissions.aws.access.exposure import exposures
from policies.permissions.aws.access.strangers import EVERYBODY
from policies.permissions.aws.actions.index import shared_index
from policies.permissions.aws.actions.self_service import of_oneself
from tests.aws_accounts import THEM, US, account, role, text

ORG = "o-bbbbbbbbbb"


def let_in(*statements: tuple[str, dict]) -> list[tuple[str, tuple[str, ...]]]:
    """Whom a trust policy for everybody lets in, and on what that depends, by effects and their conditions."""
    said = [
        {"Effect": effect, "Principal": "*", "Action": "sts:AssumeRole"} | ({"Condition": when} if when else {})
        for effect, when in statements
    ]
    found = account(role("gate", text(said)))
    (gate,) = found.trusts.values()
    told = exposures(shared_index(), gate, frozenset([US]), asked="sts:assumerole")
    return [(exposure.to, tuple(sorted(exposure.keys))) for exposure in told]


@pytest.mark.parametrize(
    "when",
    [
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci-*"}},
        {"StringLike": {"aws:PrincipalArn": "*:role/aws-reserved/sso.amazonaws.com/*"}},
        {"StringEquals": {"aws:username": "deploy"}},
        {"StringEquals": {"aws:PrincipalTag/team": "billing"}},
        {"Null": {"aws:PrincipalTag/team": "false"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}},
        {"StringNotEquals": {"aws:PrincipalAccount": "000000000000"}},
        {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
        {"Null": {"aws:SourceVpce": "true"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "128.0.0.0/1"]}},
    ],
)
def test_what_anybody_can_have_lets_in_everybody(when):
    assert let_in(("Allow", when)) == [(EVERYBODY, ())]


@pytest.mark.parametrize(
    "when",
    [
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}, "StringEquals": {"aws:PrincipalAccount": US}},
        {"StringEquals": {"aws:PrincipalTag/team": "billing", "aws:PrincipalAccount": US}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/*"}},
        {"StringEqualsIfExists": {"aws:PrincipalAccount": US}},
    ],
)
def test_what_only_the_own_account_can_have_lets_in_nobody(when):
    assert let_in(("Allow", when)) == []


@pytest.mark.parametrize(
    ("when", "key"),
    [
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, "aws:SourceVpce"),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "aws:SourceIp"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "aws:SourceIp"),
    ],
)
def test_what_not_everybody_has_still_depends(when, key):
    assert let_in(("Allow", when)) == [(EVERYBODY, (key,))]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"StringNotEquals": {"aws:PrincipalAccount": [US, THEM]}}, [(THEM, ())]),
        ({"StringNotEquals": {"aws:PrincipalAccount": US}}, []),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}, [(EVERYBODY, ())]),
        ({"StringNotEquals": {"aws:PrincipalTag/team": "billing"}}, [(EVERYBODY, ())]),
        ({"StringNotEqualsIfExists": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/app"}}, []),
    ],
)
def test_whom_a_denial_excepts_is_let_in(when, expected):
    assert let_in(("Allow", {}), ("Deny", when)) == expected


def test_an_organization_is_found_by_what_a_denial_excepts_and_with_the_name_that_is_asked_for():
    of_them = {"StringEquals": {"aws:PrincipalOrgID": ORG}}
    named = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}
    for statements in (
        [("Allow", {}), ("Deny", {"StringNotEquals": {"aws:PrincipalOrgID": ORG}})],
        [("Allow", of_them | named)],
    ):
        assert [to for to, _ in let_in(*statements)] == [ORG]


def test_naming_the_own_second_factor_gives_no_power_over_others():
    # AWS's policy for it says `iam:*MFADevice`, and new actions of that name have come.
    every = shared_index().expand("iam:*mfadevice")
    assert every
    assert every & ~of_oneself(shared_index()) == 0
