"""A question to a saved AWS account is answered from what an audit of it reads; what is no account is refused."""

import json
from urllib.parse import quote

import pytest

from connectors.cloud.aws.documents import document_text
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.estate_files import DETAILS, load_estate
from connectors.cloud.aws.saved_connector import Settings, connect
from connectors.errors import InputError, SourceTruncated
from connectors.facts import System, SystemKind

US = "111122223333"
AWS = System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True)
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def arn(kind, name):
    return f"arn:aws:iam::{US}:{kind}/{name}"


def details():
    policy = {"PolicyName": "reads", "PolicyArn": arn("policy", "reads")}
    version = {"VersionId": "v2", "IsDefaultVersion": True, "Document": ALLOW}
    old = {"VersionId": "v1", "IsDefaultVersion": False, "Document": {}}
    return {
        "UserDetailList": [
            {
                "UserName": "ana", "UserId": "AIDAANA", "Arn": arn("user", "ana"), "Path": "/",
                "GroupList": ["desk"], "AttachedManagedPolicies": [policy],
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ALLOW}],
                "PermissionsBoundary": {"PermissionsBoundaryArn": policy["PolicyArn"]},
                "Tags": [{"Key": "team", "Value": "desk"}],
            }
        ],
        "GroupDetailList": [
            {"GroupName": "desk", "Arn": arn("group", "desk"), "AttachedManagedPolicies": [policy]}
        ],
        "RoleDetailList": [
            {
                "RoleName": "AWSServiceRoleForSupport", "RoleId": "AROA1", "Path": "/aws-service-role/support/",
                "Arn": arn("role", "aws-service-role/support/AWSServiceRoleForSupport"),
                "AssumeRolePolicyDocument": ALLOW, "RolePolicyList": [], "AttachedManagedPolicies": [],
                "InstanceProfileList": [{"InstanceProfileName": "p", "Arn": arn("instance-profile", "p")}],
            }
        ],
        "Policies": [
            {
                "PolicyName": "reads", "Arn": policy["PolicyArn"], "DefaultVersionId": "v2",
                "PolicyVersionList": [old, version],
            }
        ],
        "IsTruncated": False,
    }  # fmt: skip


def saved(folder, data) -> AwsEstate:
    path = folder / "account.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return load_estate(path)


def identities(estate: AwsEstate):
    return estate.account, estate.partition, estate.users, estate.groups, estate.roles, estate.managed


def audited(where, **settings) -> AwsEstate:
    connector = connect(AWS, Settings(**settings), where)
    connector.read_page(None)
    assert connector.estate is not None
    return connector.estate


def test_it_sees_the_identities_that_an_audit_sees(tmp_path):
    found = saved(tmp_path, details())
    assert found.users[0].inline[0].text == json.dumps(ALLOW, sort_keys=True, separators=(",", ":"))
    (tmp_path / DETAILS).write_text(json.dumps(details()))
    assert identities(found) == identities(audited(tmp_path, authorization_details=tmp_path / "account.json"))
    assert identities(found) == identities(load_estate(tmp_path)) == identities(audited(tmp_path, folder=tmp_path))


def test_a_folder_of_saved_answers_is_read_with_its_pages(tmp_path):
    first, last = details(), details() | {"UserDetailList": []}
    first |= {"IsTruncated": True, "Marker": "m", "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    (tmp_path / DETAILS).write_text(json.dumps([first, last]))
    estate = load_estate(tmp_path)
    assert [u.name for u in estate.users] == ["ana"]
    assert set(estate.unread) == {"organization", "identity-center", "account-access"}


def test_what_the_file_does_not_hold_is_said_to_be_unread(tmp_path):
    assert set(saved(tmp_path, details()).unread) == {"organization", "identity-center", "resource-policies"}


def test_one_page_of_several_is_refused(tmp_path):
    with pytest.raises(SourceTruncated, match="its last page is missing"):
        saved(tmp_path, details() | {"IsTruncated": True, "Marker": "m"})


@pytest.mark.parametrize(
    "data",
    [
        "[]",
        "7",
        "{}",
        "[7]",
        '{"UserDetailList": [], "UserDetailList": []}',
        details() | {"UserDetailList": {}},
        details() | {"UserDetailList": [7]},
        details() | {"UserDetailList": [{"UserName": "ana"}]},
        details() | {"RoleDetailList": None},
        {name: [] for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")},
    ],
)
def test_what_is_no_saved_account_is_refused_with_what_was_expected(tmp_path, data):
    with pytest.raises(InputError, match="expected"):
        saved(tmp_path, data)


def test_raw_answers_hold_documents_url_encoded():
    assert json.loads(document_text(quote(json.dumps(ALLOW)))) == ALLOW
    assert document_text('{"a": "%20"}') == '{"a":"%20"}'
    assert document_text(None) == "null"
