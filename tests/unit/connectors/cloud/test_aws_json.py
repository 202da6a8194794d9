"""AWS from saved files: what they say of users, their policies and their last sign-ins."""

from datetime import UTC, datetime

import pytest

from connectors.facts import NEVER, EntitlementKind, Status
from tests.unit.connectors.cloud.aws_saved_files import (
    OWN,
    POWER,
    READ_ONLY,
    arn,
    details,
    managed,
    only,
    row,
    user,
    whole,
)

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
