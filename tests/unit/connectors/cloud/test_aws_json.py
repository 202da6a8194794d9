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
from connectors.facts import NEVER, Complete, EntitlementKind, Partial, Status, System, SystemKind

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
ACCOUNT = "111122223333"
CREATED = "2026-01-05T08:00:00+00:00"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"
HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,"
    "access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date,cert_1_active,cert_2_active"
)


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def user(name, **more):
    return {"UserName": name, "UserId": f"AIDA{name}", "Arn": arn(name), "CreateDate": CREATED, "Path": "/"} | more


def group(name="all", **more):
    return {"GroupName": name, "GroupId": "AGPA", "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}", "Path": "/"} | more


def details(*users, **more):
    return {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": [], "Policies": []} | more


def managed(arn_, *versions):
    return {"Arn": arn_, "PolicyName": arn_.rpartition("/")[2], "PolicyVersionList": list(versions)}


def row(name, password="false", used="N/A", mfa="false", key="false", key_used="N/A", created=CREATED, who=None):
    return f"{name},{who or arn(name)},{created},{password},{used},{mfa},{key},{key_used},false,N/A,false,false"


def read(folder, data, *rows, summary=None, devices=None, canary=None):
    text = data if isinstance(data, str) else json.dumps(data)
    (folder / "details.json").write_text(text)
    names = {"authorization_details": "details.json", "canary": canary}
    if rows:
        (folder / "report.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        names["credential_report"] = "report.csv"
    for name, answer in (("account_summary", summary), ("virtual_mfa_devices", devices)):
        if answer is not None:
            (folder / f"{name}.json").write_text(json.dumps(answer))
            names[name] = f"{name}.json"
    return collect(aws_json.connect(CLOUD, aws_json.Settings(**names), folder))


def whole(folder, *args, **more):
    collection = read(folder, *args, **more)
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(folder, *args, **more):
    collection = read(folder, *args, **more)
    assert isinstance(collection.completeness, Partial)
    assert not collection.accounts
    return collection.completeness


def only(collection):
    (account,) = collection.accounts
    return account


# ---- Status, sign-in, second factor ----------------------------------------------------------------------------------


def test_without_a_credential_report_status_sign_in_and_mfa_are_unknown_not_no(tmp_path):
    account = only(whole(tmp_path, details(user("ana"))))
    assert (account.status, account.last_login, account.mfa) == (Status.UNKNOWN, None, None)
    assert account.live


@pytest.mark.parametrize(
    ("line", "status", "mfa"),
    [
        (row("ana", password="true", mfa="true"), Status.ACTIVE, True),
        (row("ana", password="true"), Status.ACTIVE, False),
        (row("ana", key="true"), Status.ACTIVE, False),
        # A key works without the second factor that is registered for a password that does not exist.
        (row("ana", key="true", mfa="true"), Status.ACTIVE, False),
        (row("ana"), Status.DISABLED, False),
        (row("ana", mfa="true"), Status.DISABLED, True),
        (row("ana", password="not_supported"), Status.UNKNOWN, False),
    ],
)
def test_an_account_is_active_with_a_password_or_a_key_and_disabled_with_neither(line, status, mfa, tmp_path):
    account = only(whole(tmp_path, details(user("ana")), line))
    assert (account.status, account.mfa) == (status, mfa)


def test_a_signing_certificate_keeps_an_account_alive(tmp_path):
    line = row("ana").removesuffix("false,false") + "true,false"
    assert only(whole(tmp_path, details(user("ana")), line)).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("used", "key_used", "expected"),
    [
        ("no_information", "N/A", NEVER),
        ("N/A", "N/A", NEVER),
        ("2026-03-01T10:00:00+00:00", "N/A", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+00:00", "2026-05-01T12:00:00Z", datetime(2026, 5, 1, 12, tzinfo=UTC)),
    ],
)
def test_the_last_sign_in_is_the_latest_use_of_password_or_keys(used, key_used, expected, tmp_path):
    account = only(whole(tmp_path, details(user("ana")), row("ana", "true", used, key="true", key_used=key_used)))
    assert account.last_login == expected
    assert account.last_login_lag_days == 1


def test_a_row_of_an_earlier_user_of_the_same_name_says_nothing_of_this_one(tmp_path):
    account = only(whole(tmp_path, details(user("ana")), row("ana", "true", created="2024-01-01T00:00:00+00:00")))
    assert account.status is Status.UNKNOWN


def test_a_virtual_device_proves_mfa_and_its_absence_proves_nothing(tmp_path):
    devices = {"VirtualMFADevices": [{"SerialNumber": "x", "User": {"Arn": arn("ana")}}, {"SerialNumber": "spare"}]}
    people = {a.login: a for a in whole(tmp_path, details(user("ana"), user("ben")), devices=devices).accounts}
    assert (people["ana"].mfa, people["ben"].mfa) == (True, None)


def test_the_root_user_is_an_account_that_can_do_everything(tmp_path):
    root = row("<root_account>", "not_supported", "2026-02-01T00:00:00+00:00", "false", who="arn:aws:iam::1:root")
    collection = whole(tmp_path, details(user("ana")), row("ana"), root)
    account = next(a for a in collection.accounts if a.id == "<root_account>")
    assert (account.status, account.mfa, account.live) == (Status.UNKNOWN, False, True)
    assert collection.entitlements["<root_account>"].kind is EntitlementKind.PRIVILEGE
    assert [g.entitlement for g in collection.grants if g.account == "<root_account>"] == ["<root_account>"]


def test_tags_say_who_somebody_is_and_that_no_person_signs_in(tmp_path):
    tags = [
        {"Key": "Name", "Value": "Night backup"},
        {"Key": "kind", "Value": "service"},
        {"Key": "email", "Value": ""},
    ]
    account = only(whole(tmp_path, details(user("robot", Tags=tags))))
    assert (account.name, account.service, account.email) == ("Night backup", True, None)


# ---- Entitlements ----------------------------------------------------------------------------------------------------


def test_a_boundary_is_told_apart_from_the_same_policy_when_it_is_attached(tmp_path):
    limited = user("ana", PermissionsBoundary={"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": POWER})
    attached = user("ben", AttachedManagedPolicies=[{"PolicyName": "PowerUserAccess", "PolicyArn": POWER}])
    collection = whole(tmp_path, details(limited, attached))
    kinds = {g.account: collection.entitlements[g.entitlement].kind for g in collection.grants}
    assert kinds == {"AIDAana": EntitlementKind.BOUNDARY, "AIDAben": EntitlementKind.POLICY}
    assert {e.name for e in collection.entitlements.values()} == {"PowerUserAccess"}


def test_a_policy_of_aws_without_its_document_is_named_and_not_dropped(tmp_path):
    holder = user("ana", AttachedManagedPolicies=[{"PolicyArn": READ_ONLY, "PolicyName": "ReadOnlyAccess"}])
    collection = whole(tmp_path, details(holder))
    assert collection.entitlements[READ_ONLY].document is None
    assert [g.entitlement for g in collection.grants] == [READ_ONLY]


def test_the_version_in_force_is_read_not_the_newest(tmp_path):
    old = {"VersionId": "v1", "IsDefaultVersion": True, "Document": {"Statement": []}}
    new = {"VersionId": "v2", "IsDefaultVersion": False, "Document": {"Statement": [1]}}
    holder = user("ana", AttachedManagedPolicies=[{"PolicyArn": OWN, "PolicyName": "own"}])
    collection = whole(tmp_path, details(holder, Policies=[managed(OWN, new, old)]))
    assert collection.entitlements[OWN].document == '{"Statement":[]}'


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"b": 1, "a": [2]}, '{"a":[2],"b":1}'),
        ("%7B%22b%22%3A1%2C%22a%22%3A%5B2%5D%7D", '{"a":[2],"b":1}'),
        ('{"b": 1, "a": [2]}', '{"a":[2],"b":1}'),
        ([1, 2], "[1,2]"),
        (7, "7"),
        (False, "false"),
        ('{"Statement": [{"Effect"', '{"Statement": [{"Effect"'),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ("%7Bbroken", "%7Bbroken"),
        ("", ""),
    ],
)
def test_a_policy_document_is_kept_whatever_it_is(document, text, tmp_path):
    holder = user("ana", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document}])
    collection = whole(tmp_path, details(holder))
    assert collection.entitlements[f"{arn('ana')}#p"].document == text


def test_roles_are_counted_and_are_not_accounts_of_people(tmp_path):
    role = {"RoleName": "r", "RoleId": "AROA1", "Arn": "arn:aws:iam::111122223333:role/r"}
    collection = whole(tmp_path, details(user("ana"), RoleDetailList=[role]))
    assert [a.login for a in collection.accounts] == ["ana"]
    assert any(e.name == "roles" and e.detail.startswith("1 ") for e in collection.completeness.evidence)


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
