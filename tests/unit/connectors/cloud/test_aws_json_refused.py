"""AWS from saved files: whole or refused, with the file, the line and the remedy."""

import base64
import json
import os
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from connectors.cloud.aws import connector as aws
from connectors.cloud.aws import saved_connector as aws_json
from connectors.collect import collect
from tests.unit.connectors.cloud.aws_saved_files import (
    ACCOUNT,
    CLOUD,
    CREATED,
    OWN,
    details,
    only,
    refused,
    row,
    user,
    whole,
)

# ---- Completeness ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{"IsTruncated": True, "Marker": "x"}, {"NextToken": "x"}, {"IsTruncated": "false"}])
def test_one_page_of_several_is_not_a_small_account(more, tmp_path):
    reason = refused(tmp_path, details(user("ana"), **more))
    assert "its last page is missing" in reason.reason
    assert "--max-items" in reason.hint


def test_users_that_the_summary_counts_and_the_file_lacks_are_missed(tmp_path):
    summary = {"SummaryMap": {"Users": 2, "Groups": 0, "Policies": 0}}
    assert "said it has 2 accounts" in refused(tmp_path, details(user("ana")), summary=summary).reason


def test_groups_or_policies_that_the_summary_counts_and_the_file_lacks_are_missed(tmp_path):
    summary = {"SummaryMap": {"Users": 1, "Groups": 1, "Policies": 0}}
    assert "1 `Groups` but described 0" in refused(tmp_path, details(user("ana")), summary=summary).reason


def test_users_of_the_credential_report_whom_the_file_lacks_are_missed_unless_counted(tmp_path):
    rows = row("ana"), row("ben")
    assert "1 users in the credential report" in refused(tmp_path, details(user("ana")), *rows).reason
    summary = {"SummaryMap": {"Users": 1, "Groups": 0, "Policies": 0}}
    assert whole(tmp_path, details(user("ana")), *rows, summary=summary).accounts


def test_a_group_or_policy_that_is_held_but_not_described_means_that_the_file_was_filtered(tmp_path):
    assert "`all`" in refused(tmp_path, details(user("ana", GroupList=["all"]))).reason
    holder = user("ana", AttachedManagedPolicies=[{"PolicyArn": OWN, "PolicyName": "own"}])
    assert OWN in refused(tmp_path, details(holder)).reason
    assert "`GroupDetailList`" in refused(tmp_path, {"UserDetailList": [user("ana")]}).reason


def test_a_user_who_is_known_to_exist_must_be_in_the_file(tmp_path):
    assert "`auditor`" in refused(tmp_path, details(user("ana")), canary="auditor").reason


def test_the_facts_are_as_old_as_the_oldest_file(tmp_path):
    whole(tmp_path, details(user("ana")), row("ana"))
    os.utime(tmp_path / "report.csv", (1_700_000_000, 1_700_000_000))
    settings = aws_json.Settings(authorization_details="details.json", credential_report="report.csv")
    collection = collect(aws_json.connect(CLOUD, settings, tmp_path))
    assert collection.as_of == datetime.fromtimestamp(1_700_000_000, UTC)


# ---- Files that cannot be used ---------------------------------------------------------------------------------------

HOSTILE = [
    ("", "empty"),
    ("[]", "the file is not as documented"),
    ("{}", "`UserDetailList`"),
    (json.dumps(details(user("ana")), indent=1)[:-40], "the file ends in the middle"),
    ('{"UserDetailList": [], "UserDetailList": []}', "a key stands twice"),
    ('{"UserDetailList": [NaN]}', "`NaN`"),
    ('{"UserDetailList": [' + "9" * 5000 + "]}", "too long"),
    ('{"a":' * 90_000, "nested too deeply"),
    (json.dumps(details()).replace("[]", "[" * 200 + "]" * 200, 1), "nested too deeply"),
    ('{"UserDetailList": ["\\ud800"]}', "half a character"),
    (json.dumps(details({"UserName": "ana"})), "`UserDetailList.0.UserId`"),
    (json.dumps(details(user(7))), "`UserDetailList.0.UserName`"),
    (json.dumps(details(user("ana", CreateDate="yesterday"))), "`UserDetailList.0.CreateDate`"),
    (json.dumps(details(user("ana"), user("ana"))), "twice"),
    (json.dumps(details()), "nothing says that the account has none"),
]


@pytest.mark.parametrize(("text", "reason"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_that_cannot_be_used_leaves_the_system_unevaluated_and_says_why(text, reason, tmp_path):
    partial = refused(tmp_path, text)
    assert reason in partial.reason
    assert len(partial.reason) < 500


def test_a_file_that_is_cut_off_is_refused_with_the_line(tmp_path):
    text = json.dumps(details(user("ana")), indent=1)
    assert f"line {text[:-40].count(chr(10)) + 1}" in refused(tmp_path, text[:-40]).reason


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["ana,only,three"], "line 2"),
        ([row("ana"), row("ben")[:-20]], "line 3"),
        ([row("ana", password="perhaps")], "`password_enabled`"),
        ([row("ana", used="yesterday")], "`password_last_used`"),
        ([row("ana"), row("ana")], "stands twice"),
        ([f'"ana{row("ana")}'], "CSV"),
    ],
)
def test_a_credential_report_that_cannot_be_used_is_refused_with_the_line(rows, reason, tmp_path):
    assert reason in refused(tmp_path, details(user("ana"), user("ben")), *rows).reason


def test_a_credential_report_is_read_as_it_is_or_as_the_answer_that_carries_it(tmp_path):
    plain = whole(tmp_path, details(user("ana")), row("ana", "true"))
    content = base64.b64encode((tmp_path / "report.csv").read_bytes()).decode()
    (tmp_path / "report.csv").write_text(json.dumps({"Content": content, "ReportFormat": "text/csv"}))
    settings = aws_json.Settings(authorization_details="details.json", credential_report="report.csv")
    assert collect(aws_json.connect(CLOUD, settings, tmp_path)).accounts == plain.accounts
    (tmp_path / "report.csv").write_text('{"Content": "!"}')
    assert not collect(aws_json.connect(CLOUD, settings, tmp_path)).complete


def test_a_file_that_windows_powershell_saved_is_read_too(tmp_path):
    (tmp_path / "details.json").write_bytes(json.dumps(details(user("ana", Path="/é/"))).encode("utf-16"))
    collection = collect(aws_json.connect(CLOUD, aws_json.Settings(authorization_details="details.json"), tmp_path))
    assert [a.login for a in collection.accounts] == ["ana"]


# ---- Settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"aws_access_key_id": "AKIA"},
        {"secret_key": "x"},
        {"endpoint_url": "http://iam.example.com"},
        {"endpoint_url": "http://169.254.169.254"},
        {"endpoint_url": "https://user:pass@iam.example.com"},
        {"endpoint_url": "ftp://localhost"},
        {"account_id": "12"},
        {"role_arn": "auditor"},
        {"max_attempts": 11},
    ],
)
def test_keys_in_the_configuration_and_unencrypted_addresses_are_refused(settings):
    with pytest.raises(ValidationError):
        aws.Settings(**settings)


def test_this_machine_may_be_asked_without_encryption():
    assert aws.Settings(endpoint_url="http://[::1]:5000").endpoint_url
    assert aws.Settings(endpoint_url="http://localhost:5000").endpoint_url
    assert aws.Settings(endpoint_url="https://iam.amazonaws.com").endpoint_url


# ---- Nobody ----------------------------------------------------------------------------------------------------------

OPEN = {
    "RoleName": "open",
    "RoleId": "AROAOPEN",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/open",
    "Path": "/",
    "CreateDate": CREATED,
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
    },
}


COUNTED = {"SummaryMap": {"Users": 0, "Groups": 0, "Roles": 1, "Policies": 0}}


def test_an_account_without_users_is_whole_where_the_summary_counts_none(tmp_path):
    collection = whole(tmp_path, details(RoleDetailList=[OPEN]), summary=COUNTED)
    assert only(collection).login == "<root_account>"
    assert [role.name for role in collection.estate.roles] == ["open"]


def test_a_file_without_users_may_have_been_filtered(tmp_path):
    refusal = refused(tmp_path, details(RoleDetailList=[OPEN]))
    assert "nothing says that the account has none" in refusal.reason
    assert "account_summary" in refusal.hint


# ---- Several in one file ---------------------------------------------------------------------------------------------


def test_pages_that_stand_one_after_the_other_in_a_file_are_read(tmp_path):
    first = details(user("ana")) | {"IsTruncated": True, "Marker": "x"}
    text = json.dumps(first) + "\n" + json.dumps(details(user("ben")) | {"IsTruncated": False}) + "\n"
    assert [a.login for a in whole(tmp_path, text).accounts] == ["ana", "ben"]
    as_list = json.dumps([first, details(user("ben"))])
    assert [a.login for a in whole(tmp_path, as_list).accounts] == ["ana", "ben"]


def test_two_whole_answers_in_one_file_are_not_one_account(tmp_path):
    text = json.dumps(details(user("ana"))) + json.dumps(details(user("ben")))
    refusal = refused(tmp_path, text)
    assert "several whole answers" in refusal.reason
    assert ">" in refusal.hint


def test_two_accounts_in_one_file_are_refused_by_number(tmp_path):
    other = json.dumps(details(user("ben"))).replace(ACCOUNT, "444455556666")
    first = json.dumps(details(user("ana")) | {"IsTruncated": True, "Marker": "x"})
    for text in (first + other, json.dumps(details(user("ana"), json.loads(other)["UserDetailList"][0]))):
        refusal = refused(tmp_path, text)
        assert f"several accounts: {ACCOUNT}, 444455556666" in refusal.reason
        assert "a system of its own" in refusal.hint


def test_a_second_page_that_was_interrupted_ends_in_the_middle(tmp_path):
    first = json.dumps(details(user("ana")) | {"IsTruncated": True, "Marker": "x"})
    assert "ends in the middle" in refused(tmp_path, first + "\n" + first[:200]).reason
