"""
Everything that effective permission in AWS depends on, read from a real moto server.

What moto lacks is answered by fakes in front of it (`tests/servers/aws.py`, `tests/servers/aws_clinic.py`).
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from connectors.audit_log import LogQuestion
from connectors.cloud.aws import connector as aws
from connectors.cloud.aws import saved_connector as aws_json
from connectors.cloud.aws.estate import AclGrant
from connectors.cloud.aws.scope import EstatePart
from connectors.cloud.aws.trail import lookup
from connectors.collect import collect
from connectors.connector import find
from connectors.facts import NEVER, Account, Collection, Grant, Partial, Status, SystemKind
from tests.integration import moto_iam
from tests.integration.aws_estate import (
    CLOUD,
    EVERYTHING,
    REPOSITORY,
    SEEN,
    Site,
    actions_of,
    estate,
    granted,
    surround,
)
from tests.servers.aws import ACCOUNT, world
from tests.servers.aws_clinic import GUARD, LIMIT, OPEN, furnish, role_arn


@pytest.fixture(scope="module")
def started() -> Iterator[Site]:
    with world() as running:
        clinic = furnish(running)
        running.known = {}
        yield Site(running, clinic)


@pytest.fixture
def site(started: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Site]:
    surround(monkeypatch, tmp_path)
    SEEN.clear()
    world, lacks = started.world, dict(started.world.lacks)
    yield started
    world.lacks, world.denied, world.paged, world.calls = lacks, {}, {}, []


def test_users_hold_their_groups_policies_keys_and_boundaries(site, tmp_path):
    found = estate(site.read(tmp_path, collect=["access-keys", "login-profiles", "mfa-devices"]))
    assert (found.provider, found.account, found.partition) == ("aws", ACCOUNT, "aws")
    users = {user.name: user for user in found.users}
    ana, ben = users["ana"], users["ben"]
    assert (ana.groups, ana.console, ana.mfa, ana.keys) == (("front-desk",), True, True, ())
    assert (ben.console, ben.mfa) == (False, False)
    (key,) = ben.keys
    assert (key.active, key.last_used, key.id.startswith("AKIA")) == (True, NEVER, True)
    assert [policy.name for policy in ben.inline] == [f"arn:aws:iam::{ACCOUNT}:user/ben/policy/own"]
    assert json.loads(found.managed[ben.attached[0]]) == moto_iam.READ_FILES
    assert {group.name for group in found.groups} == {"front-desk"}
    assert json.loads({role.name: role for role in found.roles}["auditor"].trust) == moto_iam.TRUST


def test_without_being_asked_only_iam_is_read_and_the_rest_says_so(site, tmp_path):
    collection = site.read(tmp_path)
    found = estate(collection)
    assert {service for service, _ in SEEN} == {"sts", "iam"}
    assert found.unread.keys() == {
        *("organization", "identity-center", "account-access", "resource-policies", "service-last-accessed")
    }
    assert found.unread["organization"] == "not asked for: add `organization` to `collect`"
    assert not [e for e in collection.completeness.evidence if e.name == "not read"]
    (key,) = {user.name: user for user in found.users}["ben"].keys
    assert key.id == "access_key_1", "the credential report tells keys without their ids"


def test_the_organization_above_the_account_is_read_with_the_policies_of_each_level(site, tmp_path):
    path = estate(site.read(tmp_path, collect=["organization"])).organization
    assert [level.id for level in path.levels] == site.clinic.levels
    assert (path.management_account, path.scps_enabled, path.rcps_enabled) == (ACCOUNT, True, True)
    root, unit, own = path.levels
    assert (root.name, unit.name) == ("Root", "Clinics")
    assert json.loads(unit.scps[1].text if "FullAWSAccess" in unit.scps[0].name else unit.scps[0].text) == LIMIT
    assert GUARD in [json.loads(policy.text) for policy in unit.rcps]
    assert all(any("FullAWSAccess" in policy.name for policy in level.scps) for level in (root, unit, own))
    assert {account.id for account in path.accounts} == {ACCOUNT, site.clinic.other}


def test_people_of_identity_center_are_accounts_that_hold_the_roles_of_their_sets(site, tmp_path):
    collection = site.read(tmp_path, collect=["identity-center"])
    found = estate(collection)
    people = {account.login: account for account in collection.accounts}
    assert "dora.sso" not in people, "she is assigned to nothing here"
    ben = people["ben.sso"]
    assert (ben.email, ben.name, ben.status, ben.id) == (
        "ben@example.com",
        "Ben",
        Status.UNKNOWN,
        site.clinic.users["ben.sso"],
    )
    group, role = f"identity-center:group/{site.clinic.group}", role_arn("Billing")
    assert {grant for grant in collection.grants if grant.account == ben.id} == {
        Grant(ben.id, group),
        Grant(ben.id, role, (group,)),
        Grant(ben.id, f"{role}#Aws", (group, role)),
    }
    cara = people["cara.sso"].id
    assert Grant(cara, f"{role_arn('Desk')}#Aws", (role_arn("Desk"),)) in collection.grants
    assert collection.entitlements[role].name == "Billing"
    assert {r.permission_set for r in found.roles if r.arn == role} == {site.clinic.sets["Billing"]}
    assert {(a.user, a.role, a.through) for a in found.assignments} == {
        (site.clinic.users["ana.sso"], role, ("billers", "Billing")),
        (ben.id, role, ("billers", "Billing")),
        (cara, role_arn("Desk"), ("Desk",)),
    }
    assert [gap.kind for gap in found.gaps] == ["orphan-assignment"]


def test_everybody_of_identity_center_is_an_account_when_that_is_wanted(site, tmp_path):
    collection = site.read(tmp_path, collect=["identity-center"], people="all")
    assert "dora.sso" in {account.login for account in collection.accounts}


def test_a_disabled_person_of_identity_center_is_a_disabled_account(site, tmp_path):
    def users(asked):
        ids = site.clinic.users
        return {
            "Users": [
                {"UserId": ids["ana.sso"], "UserName": "ana.sso", "UserStatus": "DISABLED"},
                {
                    "UserId": ids["ben.sso"],
                    "UserName": "ben.sso",
                    "UserStatus": "ENABLED",
                    "Extensions": {"aws:identitystore:enterprise": {"employeeNumber": "V-18"}},
                },
            ]
        }

    site.world.lacks[("identitystore", "ListUsers")] = users
    people = {a.login: a for a in site.read(tmp_path, collect=["identity-center"]).accounts}
    assert people["ana.sso"].status is Status.DISABLED
    assert (people["ben.sso"].status, people["ben.sso"].employee_id) == (Status.ACTIVE, "V-18")


def test_roles_that_account_access_gives_without_a_permission_set_are_seen(site, tmp_path):
    collection = site.read(tmp_path, collect=["account-access"])
    plain = f"arn:aws:iam::{ACCOUNT}:role/plain-role"
    holders = {a.user for a in estate(collection).assignments if a.role == plain}
    assert holders == {site.clinic.users["ana.sso"], site.clinic.users["ben.sso"]}
    assert (
        Grant(site.clinic.users["ana.sso"], plain, (f"identity-center:group/{site.clinic.group}",)) in collection.grants
    )


def test_what_is_tagged_as_phi_is_read_with_the_policy_that_stands_on_it(site, tmp_path):
    found = {
        facts.arn: facts
        for facts in estate(site.read(tmp_path, phi={"tags": {"phi": ["true", "yes"]}, "arns": [REPOSITORY]})).resources
    }
    assert found.keys() == set(site.clinic.resources.values())
    by_service = {service: found[arn] for service, arn in site.clinic.resources.items()}
    for service in ("s3", "secretsmanager", "sqs"):
        assert json.loads(by_service[service].policy) == OPEN, service
    for service in ("lambda", "ecr"):
        assert (by_service[service].policy, by_service[service].policy_read) == (None, True), service
    assert "kms:*" in by_service["kms"].policy
    assert by_service["sns"].policy is not None
    assert by_service["s3"].public_access_blocked is True
    assert all(facts.phi and facts.account == ACCOUNT for facts in found.values())
    assert all(facts.tags == {"phi": "true"} for arn, facts in found.items() if arn != REPOSITORY)


def test_what_is_named_by_arn_is_read_and_nothing_else(site, tmp_path):
    arns = ["arn:aws:s3:::brochures/scans/*", "arn:aws:s3:::never-made", f"arn:aws:rds:us-east-1:{ACCOUNT}:db:charts"]
    found = estate(site.read(tmp_path, phi={"arns": arns}))
    bucket, database = sorted(found.resources, key=lambda facts: facts.arn, reverse=True)
    assert (bucket.arn, bucket.public_access_blocked) == ("arn:aws:s3:::brochures", False)
    assert bucket.within == ("arn:aws:s3:::brochures/scans/*",)
    assert bucket.key == ""
    assert (database.policy, database.policy_read) == (None, True), "a database has no policy of its own"
    assert [(gap.kind, gap.subject) for gap in found.gaps] == [("resource-not-found", "arn:aws:s3:::never-made")]
    assert "resource-policies" not in found.unread


def test_the_block_of_the_whole_account_stops_public_policies_of_every_bucket(site, tmp_path):
    site.world.lacks[("s3control", "GetPublicAccessBlock")] = lambda asked: (
        "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>"
        "</PublicAccessBlockConfiguration>"
    )
    (bucket,) = estate(site.read(tmp_path, phi={"arns": ["arn:aws:s3:::brochures"]})).resources
    assert bucket.public_access_blocked is True
    assert bucket.public_lists_ignored is False


def test_access_lists_and_whether_they_count_are_read(site, tmp_path):
    s3 = boto3.client("s3", endpoint_url=site.world.address, region_name="us-east-1")
    for name in ("posters", "enforced"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_acl(Bucket="posters", ACL="public-read")
    rule = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket="enforced", OwnershipControls=rule)
    s3.put_public_access_block(
        Bucket="enforced", PublicAccessBlockConfiguration={"IgnorePublicAcls": True, "RestrictPublicBuckets": False}
    )
    arns = ["arn:aws:s3:::enforced", "arn:aws:s3:::posters"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/own"}}
    s3.put_bucket_encryption(Bucket="posters", ServerSideEncryptionConfiguration={"Rules": [rule]})
    enforced, posters = estate(site.read(tmp_path, phi={"arns": arns})).resources
    assert (enforced.owner_enforced, enforced.acl, enforced.public_lists_ignored) == (True, None, True)
    assert enforced.public_access_blocked is False
    assert (posters.owner_enforced, posters.public_lists_ignored) == (False, False)
    assert posters.key == "alias/own"
    assert posters.acl == (AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),)


def test_access_lists_that_are_refused_are_unread_and_nothing_else_is(site, tmp_path):
    site.world.denied |= {("s3", name): "AccessDenied" for name in ("GetBucketAcl", "GetBucketOwnershipControls")}
    found = estate(site.read(tmp_path, phi={"arns": ["arn:aws:s3:::brochures"]}))
    (bucket,) = found.resources
    assert (bucket.owner_enforced, bucket.acl, bucket.policy_read) == (None, None, True)
    assert "s3:GetBucketAcl" in found.unread["access-lists"]


def test_when_services_were_last_used_is_read_to_the_last_page_and_by_action_where_it_is_tracked(site, tmp_path):
    who = f"arn:aws:iam::{ACCOUNT}:user/ben"
    found = estate(site.read(tmp_path, last_accessed_of=[who]))
    when = datetime(2026, 10, 1, 8, tzinfo=UTC)
    ec2, s3 = found.used[who]
    assert (ec2.service, ec2.last) == ("ec2", NEVER)
    assert (s3.service, s3.last, s3.actions) == ("s3", when, {"s3:getobject": when, "s3:putobject": NEVER})
    assert found.tracking_since == datetime(2025, 10, 20, tzinfo=UTC)


def test_a_short_or_empty_page_with_a_token_is_not_the_end(site, tmp_path):
    whole = estate(site.read(tmp_path, collect=["identity-center", "organization"]))
    site.world.page_size = 1
    site.world.paged = {
        ("identitystore", "ListUsers"): ("Users", "NextToken"),
        ("identitystore", "ListGroupMemberships"): ("GroupMemberships", "NextToken"),
        ("sso-admin", "ListAccountAssignments"): ("AccountAssignments", "NextToken"),
        ("sso-admin", "ListPermissionSetsProvisionedToAccount"): ("PermissionSets", "NextToken"),
        ("organizations", "ListAccounts"): ("Accounts", "NextToken"),
        ("organizations", "ListPoliciesForTarget"): ("Policies", "NextToken"),
    }
    assert estate(site.read(tmp_path, collect=["identity-center", "organization"])) == whole
    assert len(site.world.asked("identitystore", "ListUsers")) == 1 + 5


@pytest.mark.parametrize(
    ("service", "operation", "items"),
    [("identitystore", "ListUsers", "Users"), ("organizations", "ListAccounts", "Accounts")],
)
def test_a_page_token_that_comes_again_leaves_the_account_unevaluated(site, tmp_path, service, operation, items):
    site.world.lacks[(service, operation)] = lambda asked: {items: [], "NextToken": "again"}
    collection = site.read(tmp_path, collect=["identity-center", "organization"])
    assert isinstance(collection.completeness, Partial)
    assert "same page token twice" in collection.completeness.reason


REFUSALS = [
    (("iam", "ListAccessKeys"), {"access-keys"}),
    (("iam", "GetAccessKeyLastUsed"), {"access-keys"}),
    (("iam", "GetLoginProfile"), {"login-profiles"}),
    (("iam", "ListMFADevices"), {"mfa-devices"}),
    (("iam", "GenerateServiceLastAccessedDetails"), {"service-last-accessed"}),
    (("iam", "GetServiceLastAccessedDetails"), {"service-last-accessed"}),
    (("organizations", "ListPoliciesForTarget"), {"organization"}),
    (("organizations", "DescribeOrganization"), {"organization"}),
    (("sso-admin", "ListInstances"), {"identity-center", "account-access"}),
    (("identitystore", "ListUsers"), {"identity-center", "account-access"}),
    (("account-access", "ListEntitlements"), {"account-access"}),
    (("resourcegroupstaggingapi", "GetResources"), {"resource-tags"}),
    (("s3", "GetBucketPolicy"), {"resource-policies"}),
    (("kms", "GetKeyPolicy"), {"resource-policies"}),
    (("sns", "GetTopicAttributes"), {"resource-policies"}),
    (("s3", "GetPublicAccessBlock"), {"public-access-block"}),
    (("s3control", "GetPublicAccessBlock"), {"public-access-block"}),
]


@pytest.mark.parametrize(
    ("call", "unanswered"), REFUSALS, ids=lambda parts: ".".join(parts if isinstance(parts, tuple) else sorted(parts))
)
def test_a_refused_call_leaves_only_the_questions_open_that_need_it(site, tmp_path, call, unanswered):
    site.world.denied[call] = "AccessDeniedException"
    # Whose use is asked for is one of seven: each of them takes four calls.
    collection = site.read(tmp_path, last_accessed_of=[f"arn:aws:iam::{ACCOUNT}:user/ben"], **EVERYTHING)
    found = estate(collection)
    assert found.unread.keys() == unanswered
    operation = {"GetPublicAccessBlock": "PublicAccessBlock"}.get(call[1], call[1])
    told = [e.detail for e in collection.completeness.evidence if e.name == "not read"]
    assert len(told) == len(unanswered)
    assert any(operation in line and "`AccessDeniedException`" in line for line in told)
    assert {"ana", "ben", "cleo"} <= {account.login for account in collection.accounts}


def test_a_policy_that_may_not_be_read_is_not_taken_for_no_policy(site, tmp_path):
    site.world.denied[("s3", "GetBucketPolicy")] = "AccessDenied"
    found = {facts.arn: facts for facts in estate(site.read(tmp_path, **EVERYTHING)).resources}
    assert not found["arn:aws:s3:::charts"].policy_read
    assert found[site.clinic.resources["sqs"]].policy_read


def test_a_region_that_is_switched_off_is_a_gap_and_not_zero(site, tmp_path):
    site.world.denied[("sso-admin", "ListInstances")] = "UnrecognizedClientException"
    found = estate(site.read(tmp_path, collect=["identity-center"]))
    assert found.unread["identity-center"] == "`sso:ListInstances` was refused: `UnrecognizedClientException`"


@pytest.mark.parametrize("code", ["ExpiredTokenException", "ThrottlingException", "TooManyRequestsException"])
def test_a_sign_in_that_ends_or_an_aws_that_asks_for_patience_leaves_the_account_unevaluated(site, tmp_path, code):
    site.world.denied[("organizations", "ListAccounts")] = code
    collection = site.read(tmp_path, collect=["organization"])
    assert isinstance(collection.completeness, Partial)
    assert f"`{code}`" in collection.completeness.reason


def test_accounts_of_the_list_and_of_the_tree_must_be_the_same(site, tmp_path):
    site.world.lacks[("organizations", "ListAccounts")] = lambda asked: {
        "Accounts": [{"Id": ACCOUNT, "Name": "Clinic", "State": "SUSPENDED"}]
    }
    found = estate(site.read(tmp_path, collect=["organization"]))
    assert {(gap.kind, gap.subject) for gap in found.gaps} == {
        ("account-outside-tree", site.clinic.other),
        ("account-suspended", ACCOUNT),
    }
    assert len(site.world.asked("organizations", "ListAccounts")) == 2, "read once more before it is a gap"


def test_an_account_outside_of_every_organization_is_limited_by_none(site, tmp_path):
    site.world.denied[("organizations", "DescribeOrganization")] = "AWSOrganizationsNotInUseException"
    found = estate(site.read(tmp_path, collect=["organization"]))
    assert found.organization is None
    assert "organization" not in found.unread


def test_a_role_of_identity_center_without_its_set_leaves_the_question_open(site, tmp_path):
    site.world.lacks[("sso-admin", "ListPermissionSetsProvisionedToAccount")] = lambda asked: {
        "PermissionSets": [site.clinic.sets["Desk"]]
    }
    found = estate(site.read(tmp_path, collect=["identity-center"]))
    assert ("role-without-permission-set", role_arn("Billing")) in {(gap.kind, gap.subject) for gap in found.gaps}
    assert "AWSReservedSSO_Billing" in found.unread["identity-center"]


def test_a_set_that_is_assigned_without_its_role_leaves_the_question_open(site, tmp_path):
    answer = {"PermissionSet": {"Name": "Unmade", "PermissionSetArn": site.clinic.sets["Desk"]}}
    site.world.lacks[("sso-admin", "DescribePermissionSet")] = lambda asked: (
        dict(answer) if asked.fields["PermissionSetArn"] == site.clinic.sets["Desk"] else None
    )
    found = estate(site.read(tmp_path, collect=["identity-center"]))
    assert "permission-set-without-role" in {gap.kind for gap in found.gaps}
    assert "identity-center" in found.unread


@pytest.fixture(scope="module")
def recorded(started: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, Path]:
    """Everything, read once, and the folder of its answers; whoever changes them takes a copy."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        surround(patch, folder)
        return started.read(folder, record="answers", **EVERYTHING), folder / "answers"


@pytest.fixture
def answers(recorded: tuple[Collection, Path], tmp_path: Path) -> Path:
    """A copy of the answers, for the settings `folder: answers`."""
    return shutil.copytree(recorded[1], tmp_path / "answers")


def test_recorded_answers_give_the_identical_account(recorded, answers, tmp_path):
    live, folder = recorded
    settings = aws_json.Settings.model_validate({"folder": "answers", "account_id": ACCOUNT, **EVERYTHING})
    saved = collect(find(SystemKind.CLOUD, "aws-json").connect(CLOUD, settings, tmp_path))
    assert repr(estate(saved)) == repr(estate(live))
    assert (saved.accounts, saved.entitlements, saved.grants) == (live.accounts, live.entitlements, live.grants)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert "wJalrXUtnFEMI" not in "".join(path.read_text() for path in folder.iterdir())


def test_recorded_refusals_are_refusals_when_they_are_read_again(site, tmp_path):
    refused = (("s3", "GetBucketPolicy"), ("organizations", "ListRoots"))
    site.world.denied = dict.fromkeys(refused, "AccessDeniedException")
    live = estate(site.read(tmp_path, record="answers", **EVERYTHING))
    settings = aws_json.Settings.model_validate({"folder": "answers", **EVERYTHING})
    saved = estate(collect(aws_json.connect(CLOUD, settings, tmp_path)))
    assert live.unread.keys() == {"resource-policies", "organization"}
    assert repr(saved) == repr(live)


def test_an_answer_that_was_not_saved_is_a_question_left_open(answers, tmp_path):
    (answers / "organizations.ListRoots.json").unlink()
    settings = aws_json.Settings.model_validate({"folder": "answers", **EVERYTHING})
    saved = estate(collect(aws_json.connect(CLOUD, settings, tmp_path)))
    assert saved.unread == {"organization": "there is no file `organizations.ListRoots.json`"}


def test_a_saved_answer_whose_last_page_is_missing_leaves_the_account_unevaluated(answers, tmp_path):
    path = answers / "identitystore.ListUsers.json"
    (answer,) = json.loads(path.read_text())
    path.write_text(json.dumps([answer | {"NextToken": "more"}]))
    settings = aws_json.Settings.model_validate({"folder": "answers", **EVERYTHING})
    saved = collect(aws_json.connect(CLOUD, settings, tmp_path))
    assert isinstance(saved.completeness, Partial)
    assert "identitystore.ListUsers.json" in saved.completeness.reason


def test_files_of_another_account_are_refused(site, tmp_path):
    site.read(tmp_path, record="answers")
    settings = aws_json.Settings.model_validate({"folder": "answers", "account_id": "999999999999"})
    saved = collect(aws_json.connect(CLOUD, settings, tmp_path))
    assert isinstance(saved.completeness, Partial)
    assert "`999999999999`" in saved.completeness.reason


def test_the_same_account_read_twice_gives_the_same_bytes(site, tmp_path):
    one = site.read(tmp_path, **EVERYTHING)
    site.world.known.clear()
    two = site.read(tmp_path, **EVERYTHING)
    assert repr(one.estate) == repr(two.estate)
    assert replace(one, as_of=two.as_of) == two


def test_many_accounts_are_read_by_taking_a_role_in_each(site, tmp_path):
    other = site.clinic.other
    role = f"arn:aws:iam::{other}:role/auditor"
    collection = site.read(tmp_path, role_arn=role, external_id="clinic-42", collect=["organization"], account_id=other)
    found = estate(collection)
    assert found.account == other
    assert {account.login for account in collection.accounts} == {"eva"}
    assumed = site.world.asked("sts", "AssumeRole")
    assert {call.fields["ExternalId"] for call in assumed} == {"clinic-42"}


def test_the_organization_is_asked_through_a_role_of_its_own(site, tmp_path):
    other = site.clinic.other
    collection = site.read(
        tmp_path,
        role_arn=f"arn:aws:iam::{other}:role/auditor",
        organization_role_arn=f"arn:aws:iam::{ACCOUNT}:role/auditor",
    )
    found = estate(collection)
    assert [level.id for level in found.organization.levels] == [site.clinic.levels[0], other]
    assert found.organization.management_account == ACCOUNT
    assert "identity-center" not in found.unread, "the role of the organization is reason enough to read both"


# --- rights ---------------------------------------------------------------------------------------------------------

ACTIONS = {
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}


SIGNED_AS = {"sso-admin": "sso", "resourcegroupstaggingapi": "tag"}


CHOICES = [
    {},
    *({"collect": [part.value]} for part in EstatePart if part is not EstatePart.RESOURCES),
    {"phi": {"tags": {"phi": "true"}}},
    {"phi": {"arns": ["arn:aws:s3:::charts"]}},
    {"phi": {"arns": [f"arn:aws:sqs:us-east-1:{ACCOUNT}:faxes"]}},
    EVERYTHING,
]


@pytest.mark.parametrize(
    "choice", CHOICES, ids=lambda choice: "-".join(map(str, choice.get("collect", choice))) or "iam"
)
def test_no_call_is_made_outside_of_the_policy_that_is_printed(site, tmp_path, choice):
    assert site.read(tmp_path, **choice).complete
    printed = actions_of(granted(aws.setup(CLOUD, aws.Settings.model_validate(choice))))
    made = {ACTIONS.get(call) or f"{SIGNED_AS.get(call[0], call[0])}:{call[1]}" for call in SEEN}
    assert made - {"sts:GetCallerIdentity"} <= printed


def test_every_right_that_is_printed_is_used_by_some_call(site, tmp_path, monkeypatch):
    site.world.lacks[("iam", "GetCredentialReport")] = lambda asked: None
    (ben,) = [account for account in site.read(tmp_path, **EVERYTHING).accounts if account.login == "ben"]
    site.world.lacks[("cloudtrail", "LookupEvents")] = lambda asked: {"Events": []}
    monkeypatch.setattr(lookup, "PAUSE_S", 0.0)
    settings = aws.Settings.model_validate(EVERYTHING | {"endpoint_url": site.world.address})
    asked = LogQuestion((Account("cloud", "AIDA1", "ana", "Ana", Status.ACTIVE),))
    assert aws.connect(CLOUD, settings, tmp_path).read_log(asked).events == ()
    assert aws.connect(CLOUD, settings, tmp_path).read_accounts([ben])[ben.id] is not None
    made = {ACTIONS.get(call) or f"{SIGNED_AS.get(call[0], call[0])}:{call[1]}" for call in SEEN}
    assert actions_of(granted(aws.setup(CLOUD, aws.Settings.model_validate(EVERYTHING)))) == made - {
        "sts:GetCallerIdentity"
    }


def test_the_steps_of_a_trial_name_the_first_right_that_is_missing(site, tmp_path):
    settings = aws.Settings(
        endpoint_url=site.world.address, max_attempts=1, collect=("organization", "identity-center")
    )
    connector = aws.connect(CLOUD, settings, tmp_path)
    steps = {step.name: step.run for step in connector.steps()}
    assert steps["sign-in"]().startswith(f"account {ACCOUNT}")
    assert steps["rights"]() == "`iam:GetAccountSummary` is allowed"
    site.world.denied[("sso-admin", "ListInstances")] = "AccessDeniedException"
    with pytest.raises(Exception, match="`sso:ListInstances` was refused"):
        steps["rights of identity-center"]()
    connector.close()
