"""Answers of AWS that somebody saved by hand."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.cloud.aws import saved_connector as aws_json
from connectors.cloud.aws.estate import AwsEstate
from connectors.collect import collect
from connectors.facts import NEVER, Collection, Complete, Partial, System, SystemKind

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
ACCOUNT = "111122223333"
FENCE = f"arn:aws:iam::{ACCOUNT}:policy/fence"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
REPORT = (
    "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,"
    "access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,cert_1_active,cert_2_active\n"
    f"<root_account>,arn:aws:iam::{ACCOUNT}:root,2026-01-05T08:00:00Z,not_supported,no_information,true,false,N/A,N/A,"
    "false,N/A,N/A,false,false\n"
    f"ana,arn:aws:iam::{ACCOUNT}:user/ana,2026-01-05T08:00:00Z,true,2026-11-01T08:00:00Z,true,false,"
    "2026-02-01T08:00:00Z,2026-03-01T08:00:00Z,true,2026-04-01T08:00:00Z,N/A,false,false\n"
)


def identity(kind: str, name: str, **more: Any) -> dict[str, Any]:
    title = kind.title()
    path = more.get("Path", "/")
    return {
        f"{title}Name": name,
        f"{title}Id": f"{kind}-{name}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}",
        "CreateDate": "2026-01-05T08:00:00+00:00",
        "Path": path,
        **more,
    }


def details(**more: Any) -> dict[str, Any]:
    limit = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": FENCE}
    profile = {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/server"}
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": {"Statement": []}},
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": ALLOW},
    ]
    return {
        "UserDetailList": [identity("user", "ana", PermissionsBoundary=limit)],
        "GroupDetailList": [],
        "RoleDetailList": [
            identity(
                "role",
                "server",
                AssumeRolePolicyDocument=ALLOW,
                PermissionsBoundary=limit,
                InstanceProfileList=[profile],
                RoleLastUsed={"LastUsedDate": "2026-10-01T08:00:00Z", "Region": "us-east-1"},
            ),
            identity("role", "AWSServiceRoleForSupport", Path="/aws-service-role/support/", RoleLastUsed={}),
        ],
        "Policies": [
            {"Arn": FENCE, "PolicyName": "fence", "PolicyVersionList": versions},
            {"Arn": f"arn:aws:iam::{ACCOUNT}:policy/unused", "PolicyName": "unused", "PolicyVersionList": versions},
        ],
        **more,
    }


def save(folder: Path, **answers: Any) -> None:
    folder.mkdir(exist_ok=True)
    summary = {"SummaryMap": {"Users": 1, "Groups": 0, "Roles": 2, "Policies": 2}}
    whole = {
        "iam.GetAccountAuthorizationDetails": details(),
        "iam.GetAccountSummary": summary,
        "iam.GetCredentialReport": {"Content": base64.b64encode(REPORT.encode()).decode()},
    }
    whole |= {name.replace("__", "."): answer for name, answer in answers.items()}
    for name, answer in whole.items():
        (folder / f"{name}.json").write_text(answer if isinstance(answer, str) else json.dumps(answer))


def read(folder: Path, **settings: Any) -> Collection:
    own = aws_json.Settings.model_validate({"folder": folder, **settings})
    return collect(aws_json.connect(CLOUD, own, folder))


def estate(collection: Collection) -> AwsEstate:
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert isinstance(collection.estate, AwsEstate)
    return collection.estate


def test_boundaries_servers_and_last_use_are_in_the_estate(tmp_path):
    save(tmp_path / "answers")
    found = estate(read(tmp_path / "answers"))
    (ana,) = found.users
    assert (ana.boundary, ana.console, ana.mfa) == (FENCE, True, True)
    assert ana.last_sign_in == datetime(2026, 11, 1, 8, tzinfo=UTC)
    first, second = ana.keys or ()
    assert (first.id, first.active, first.last_used) == ("access_key_1", False, datetime(2026, 3, 1, 8, tzinfo=UTC))
    assert (second.active, second.last_used) == (True, NEVER)
    service, server = found.roles
    assert (service.service_linked, service.last_used) == (True, NEVER)
    assert (server.boundary, server.service_linked, len(server.instance_profiles)) == (FENCE, False, 1)
    assert {arn: json.loads(text) for arn, text in found.managed.items()} == {FENCE: ALLOW}, (
        "what nobody holds is left out"
    )


def test_what_is_not_there_is_a_question_left_open(tmp_path):
    save(tmp_path / "answers")
    unread = estate(read(tmp_path / "answers")).unread
    assert unread["organization"] == "there is no file `organizations.DescribeOrganization.json`"
    assert {"identity-center", "access-keys", "service-last-accessed", "resource-policies"} <= unread.keys()
    assert "credential-report" not in unread


def test_pages_that_were_saved_one_by_one_are_one_account(tmp_path):
    first = details(UserDetailList=[]) | {"IsTruncated": True, "Marker": "m"}
    second = details(GroupDetailList=[], RoleDetailList=[], Policies=[]) | {"IsTruncated": False}
    save(tmp_path / "answers", iam__GetAccountAuthorizationDetails=[first, second])
    assert len(estate(read(tmp_path / "answers")).roles) == 2
    save(tmp_path / "answers", iam__GetAccountAuthorizationDetails=[first])
    collection = read(tmp_path / "answers")
    assert isinstance(collection.completeness, Partial)
    assert "its last page is missing" in collection.completeness.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (7, "this is not a list of answers"),
        ([7], "this is not a list of answers"),
        ([], "holds no answer"),
        ({"UserDetailList": {}}, "not as documented"),
        ({"RoleDetailList": [{"RoleName": "x"}]}, "not as documented"),
        ("{", "ends in the middle"),
        ('{"UserDetailList": [], "UserDetailList": []}', "a key stands twice"),
        ("[" * 500 + "]" * 500, "nested too deeply"),
        ({"Error": {"Code": "AccessDenied"}}, "refusal"),
        (details(IsTruncated=True, Marker="m"), "its last page is missing"),
        (details(UserDetailList=[]), "said it has 2 accounts but returned 1"),
    ],
)
def test_users_that_cannot_be_read_leave_the_account_unevaluated(tmp_path, answer, reason):
    save(
        tmp_path / "answers",
        iam__GetAccountAuthorizationDetails=answer,
        sts__GetCallerIdentity={"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:role/saver"},
    )
    collection = read(tmp_path / "answers")
    assert isinstance(collection.completeness, Partial)
    assert reason in collection.completeness.reason
    assert collection.estate is None


@pytest.mark.parametrize(
    "wrong", [{"Users": 7}, {"Users": [7]}, {"Users": [{"UserId": {}}]}, {"Users": [{"UserId": ""}]}]
)
def test_an_answer_that_is_not_as_documented_is_no_smaller_account(tmp_path, wrong):
    save(
        tmp_path / "answers",
        **{
            "sso-admin__ListInstances": {"Instances": [{"InstanceArn": "arn:i", "IdentityStoreId": "d-1"}]},
            "sso-admin__ListPermissionSetsProvisionedToAccount": {
                "PermissionSets": [],
                "Request": {"InstanceArn": "arn:i"},
            },
            "identitystore__ListUsers": wrong | {"Request": {"IdentityStoreId": "d-1"}},
        },
    )
    collection = read(tmp_path / "answers", collect=["identity-center"])
    assert isinstance(collection.completeness, Partial)
    assert "that is not as documented" in collection.completeness.reason


def test_a_policy_of_one_bucket_is_never_taken_for_that_of_another(tmp_path):
    policy = json.dumps(ALLOW)
    save(
        tmp_path / "answers",
        resourcegroupstaggingapi__GetResources={"ResourceTagMappingList": []},
        s3control__GetPublicAccessBlock={"Error": {"Code": "NoSuchPublicAccessBlockConfiguration"}},
        s3__GetPublicAccessBlock={
            "Error": {"Code": "NoSuchPublicAccessBlockConfiguration"},
            "Request": {"Bucket": "a"},
        },
        s3__GetBucketPolicy=[{"Policy": policy, "Request": {"Bucket": "a"}}],
    )
    found = estate(read(tmp_path / "answers", phi={"arns": ["arn:aws:s3:::a", "arn:aws:s3:::b"]}))
    a, b = found.resources
    assert (json.loads(a.policy or ""), a.policy_read, a.public_access_blocked) == (ALLOW, True, False)
    assert (b.policy, b.policy_read, b.public_access_blocked) == (None, False, None)
    assert found.unread["resource-policies"] == "`s3.GetBucketPolicy.json` holds no answer for one of its requests"


def test_an_empty_folder_is_no_empty_account(tmp_path):
    (tmp_path / "answers").mkdir()
    assert isinstance(read(tmp_path / "answers").completeness, Partial)
    assert isinstance(read(tmp_path / "nowhere").completeness, Partial)


def test_a_role_of_account_access_is_a_gap_while_nobody_read_who_holds_it(tmp_path):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "account-access.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    roles = [identity("role", "reader", AssumeRolePolicyDocument=trust)]
    summary = {"SummaryMap": {"Users": 1, "Groups": 0, "Roles": 1, "Policies": 2}}
    save(
        tmp_path / "answers",
        iam__GetAccountAuthorizationDetails=details(RoleDetailList=roles),
        iam__GetAccountSummary=summary,
    )
    found = estate(read(tmp_path / "answers"))
    assert [(gap.kind, gap.subject) for gap in found.gaps] == [("entitlements-not-read", roles[0]["Arn"])]
