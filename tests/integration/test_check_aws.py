"""Single IAM users on moto: what they can sign in with now, by every way in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.cloud.aws import connector as aws
from connectors.facts import Account, Status, System, SystemKind
from connectors.read_accounts import read_accounts
from tests.integration import moto_iam

SYSTEM = System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True)
PERSON = "906f2f1a2b-1a2b3c4d-1a2b-3c4d-5e6f-123456789abc"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def iam(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with moto_iam.moto_server() as url:
        yield url, moto_iam.client(url)


def now(url: str, *accounts: Account):
    return read_accounts(aws.connect(SYSTEM, aws.Settings(endpoint_url=url), Path()), accounts, clock=lambda: NOW)


def test_a_user_works_until_the_last_way_in_is_closed_and_holds_what_is_given(iam):
    url, client = iam
    user = client.create_user(UserName="dora")["User"]
    dora = Account("cloud", user["UserId"], "dora", "Dora", Status.ACTIVE)
    client.create_login_profile(UserName="dora", Password="Correct-horse-1")
    key = client.create_access_key(UserName="dora")["AccessKey"]["AccessKeyId"]
    client.create_group(GroupName="desk")
    client.add_user_to_group(GroupName="desk", UserName="dora")
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_user_policy(UserName="dora", PolicyName="own", PolicyDocument=policy)
    found = now(url, dora).found[dora.id]
    assert found.account.status is Status.ACTIVE
    assert found.given == {"arn:aws:iam::123456789012:group/desk", f"{user['Arn']}#own"}
    client.delete_login_profile(UserName="dora")
    assert now(url, dora).found[dora.id].account.status is Status.ACTIVE  # the key is left
    client.update_access_key(UserName="dora", AccessKeyId=key, Status="Inactive")
    client.remove_user_from_group(GroupName="desk", UserName="dora")
    found = now(url, dora).found[dora.id]
    assert (found.account.status, found.given) == (Status.DISABLED, {f"{user['Arn']}#own"})


def test_another_user_of_the_name_is_not_the_same_and_people_of_identity_center_are_not_asked_for(iam):
    url, client = iam
    client.create_user(UserName="dora")
    other = Account("cloud", "AIDAOTHER", "dora", "Dora", Status.ACTIVE)
    gone = Account("cloud", "AIDAGONE", "nobody", "Nobody", Status.ACTIVE)
    person = Account("cloud", PERSON, "ana.sso", "Ana", Status.ACTIVE)
    answer = now(url, other, gone, person)
    assert (dict(answer.found), answer.unasked) == ({}, {PERSON})
