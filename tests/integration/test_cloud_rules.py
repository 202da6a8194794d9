"""From saved answers of AWS to findings about the account: the whole way, through the command line."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE, USAGE
from policies.permissions.aws.access.smallest_policy import MANAGED_LIMIT
from policies.policy import load_policy

EXAMPLES = Path(__file__).parents[2] / "examples" / "lakeside"
AT = "2026-11-20T17:00:00-06:00"
FAXES = "arn:aws:s3:::lakeside-fax-in"
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{FAXES}/*"}
PHI = "lakeside-example-store"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """The example, its AWS account read from a folder of saved answers: one bucket with PHI, open to everybody."""
    shutil.copytree(EXAMPLES, tmp_path / "lakeside")
    here = tmp_path / "lakeside" / "2026-11"
    aws = here / "aws"
    save(aws, "s3control.GetPublicAccessBlock", {"Error": {"Code": "NoSuchPublicAccessBlockConfiguration"}})
    bucket = {"Request": {"Bucket": FAXES.rpartition(":")[2]}}
    save(aws, "s3.GetBucketPolicy", [bucket | {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [PUBLIC]})}])
    save(aws, "s3.GetPublicAccessBlock", [bucket | {"Error": {"Code": "NoSuchPublicAccessBlockConfiguration"}}])
    (aws / "s3.GetBucketEncryption.json").unlink()
    (aws / "s3.GetBucketOwnershipControls.json").unlink()
    last_accessed(aws)
    config = here / "auditor.yaml"
    text = config.read_text()
    assert PHI in text
    config.write_text(text.replace(f"arn:aws:s3:::{PHI}", FAXES))
    return config


def save(folder: Path, name: str, answer: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(answer))


def last_accessed(folder: Path) -> None:
    """Let nobody have used anything but S3, whoever it is."""
    details = json.loads((folder / "iam.GetAccountAuthorizationDetails.json").read_text())
    arns = [user["Arn"] for user in details["UserDetailList"]]
    jobs = {arn: f"job-{number}" for number, arn in enumerate(arns)}
    begun = [{"Request": {"Arn": arn}, "JobId": job} for arn, job in jobs.items()]
    save(folder, "iam.GenerateServiceLastAccessedDetails", begun)
    services = [
        {"ServiceName": "S3", "ServiceNamespace": "s3", "LastAuthenticated": "2026-11-18T08:00:00Z"},
        *({"ServiceName": name, "ServiceNamespace": name} for name in ("textract", "kms", "iam", "sts", "ec2", "logs")),
    ]
    done = {"JobStatus": "COMPLETED", "JobCreationDate": "2026-11-20T20:00:00Z", "ServicesLastAccessed": services}
    save(folder, "iam.GetServiceLastAccessedDetails", [{"Request": {"JobId": job}, **done} for job in jobs.values()])


def audited(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = run(["audit", str(config), "--at", AT, "--store", str(config.parent / "s.db"), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_open_bucket_is_found_from_saved_answers_and_told_with_its_path(practice, capsys):
    _, audit = audited(practice, capsys)
    (finding,) = [f for f in audit["findings"] if f["rule"] == "exposed-phi"]
    assert finding["severity"] == "critical"
    assert FAXES in finding["title"]
    assert [step["kind"] for step in finding["path"]] == ["system", "resource", "statement", "stranger"]
    assert [c["id"] for c in finding["citations"]] == ["45 CFR 164.312(a)(1)", "45 CFR 164.308(a)(4)(i)"]


def open_roles(practice: Path) -> None:
    """Let another account, and GitHub for anybody, into roles of the example's AWS account."""
    aws = practice.parent / "aws"
    details = json.loads((aws / "iam.GetAccountAuthorizationDetails.json").read_text())
    summary = json.loads((aws / "iam.GetAccountSummary.json").read_text())
    account = details["RoleDetailList"][0]["Arn"].split(":")[4]
    github = f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
    trusts = {
        "backup": {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole"},
        "deploy": {"Principal": {"Federated": github}, "Action": "sts:AssumeRoleWithWebIdentity"},
    }
    for name, trust in trusts.items():
        more = {"RoleName": name, "RoleId": f"AROA{name.upper()}", "Arn": f"arn:aws:iam::{account}:role/{name}"}
        read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{FAXES}/*"}
        policy = {"Version": "2012-10-17", "Statement": [read]}
        more |= {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **trust}]},
            "RolePolicyList": [{"PolicyName": "read", "PolicyDocument": policy}],
        }
        details["RoleDetailList"].append(details["RoleDetailList"][0] | more)
    summary["SummaryMap"]["Roles"] += len(trusts)
    save(aws, "iam.GetAccountAuthorizationDetails", details)
    save(aws, "iam.GetAccountSummary", summary)


def doors_in(audit: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """By whom: severity and what is wrong."""
    found = [f for f in audit["findings"] if f["rule"] == "outside-door"]
    return {f["subject"].partition(" (cloud:")[0]: (f["severity"], f["title"].rpartition(", and ")[2]) for f in found}


def test_whoever_comes_from_outside_is_told_until_the_staff_file_and_an_agreement_say_who_it_is(practice, capsys):
    open_roles(practice)
    anybody = "anybody at GitHub Actions (token.actions.githubusercontent.com)"
    _, audit = audited(practice, capsys)
    assert doors_in(audit) == {
        "the AWS account 999988887777": ("high", "nobody has said who stands behind it"),
        anybody: ("critical", "nothing asks who it is"),
    }
    staff = practice.parent.parent / "staff.csv"
    header = staff.read_text().splitlines()[0].split(",")
    line = {"id": "skyline", "name": "Skyline Backup Inc", "kind": "vendor", "logins": "cloud:999988887777"}
    line["owner"] = next(r.split(",")[0] for r in staff.read_text().splitlines()[1:] if ",staff," in f"{r},")
    staff.write_text(staff.read_text().rstrip() + "\n" + ",".join(line.get(column, "") for column in header) + "\n")
    _, audit = audited(practice, capsys)
    assert doors_in(audit)["the AWS account 999988887777"][1].startswith("Skyline Backup Inc has no agreement in force")
    register = practice.parent / "agreements.yaml"
    baa = (
        "  - {id: BAA-SKY, kind: baa, between: [practice, Skyline Backup Inc], signed_by_both: true, from: 2026-01-01}"
    )
    register.write_text(f"{register.read_text().rstrip()}\n{baa}\n")
    _, audit = audited(practice, capsys)
    assert set(doors_in(audit)) == {anybody}


def test_every_rule_about_aws_says_something_of_the_example_and_nothing_twice(practice, capsys):
    _, audit = audited(practice, capsys)
    said = {f["rule"] for f in audit["findings"]} | {n["rule"] for n in audit["not_evaluated"]}
    assert {"exposed-phi", "unused-access"} <= said
    ids = [f["id"] for f in audit["findings"]]
    assert len(ids) == len(set(ids))
    unused = [f for f in audit["findings"] if f["rule"] == "unused-access"]
    assert all(f["vma"] for f in unused)


def test_the_smallest_policy_is_printed_as_json_and_what_stands_beside_it_on_stderr(practice, capsys):
    assert run(["smallest-policy", "prior_authorization", str(practice), "--system", "cloud"]) == IN_STEP
    told = capsys.readouterr()
    policy = json.loads(told.out)
    assert policy["Statement"] == [
        {
            "Sid": "S3DocumentAddDocumentRead",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": [f"{FAXES}/*"],
        }
    ]
    assert "gives document.add, document.read" in told.err
    assert "not from here: coverage.read" in told.err
    assert "to browse, add s3:ListBucket" in told.err
    assert f"how {FAXES} is encrypted was not read" in told.err


def encrypted(practice: Path, key: str) -> None:
    by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    answer = {"Request": {"Bucket": FAXES.rpartition(":")[2]}}
    answer |= {"ServerSideEncryptionConfiguration": {"Rules": [by_default]}}
    save(practice.parent / "aws", "s3.GetBucketEncryption", [answer])


def test_the_key_of_a_bucket_is_opened_with_it_and_one_without_arn_is_asked_for(practice, capsys):
    command = ["smallest-policy", "prior_authorization", str(practice), "--system", "cloud"]
    encrypted(practice, KEY)
    assert run(command) == IN_STEP
    told = capsys.readouterr()
    statements = {statement["Resource"][0]: statement["Action"] for statement in json.loads(told.out)["Statement"]}
    assert statements == {KEY: ["kms:Decrypt", "kms:GenerateDataKey"], f"{FAXES}/*": ["s3:GetObject", "s3:PutObject"]}
    assert "encrypted" not in told.err
    encrypted(practice, "alias/practice")
    assert run(command) == IN_STEP
    assert "is encrypted with alias/practice: name that key by its ARN" in capsys.readouterr().err
    encrypted(practice, "arn:aws:kms:us-east-1:111122223333:alias/aws/s3")
    assert run(command) == IN_STEP
    assert "encrypted" not in capsys.readouterr().err


def test_the_policy_keeps_to_the_path_that_is_configured(practice, capsys):
    practice.write_text(practice.read_text().replace(f'["{FAXES}"]', f'["{FAXES}/inbox/*"]'))
    assert run(["smallest-policy", "prior_authorization", str(practice), "--system", "cloud"]) == IN_STEP
    assert [s["Resource"] for s in json.loads(capsys.readouterr().out)["Statement"]] == [[f"{FAXES}/inbox/*"]]


def test_a_role_that_needs_nothing_gets_no_hint_that_is_then_refused(practice, capsys):
    config = load_config(practice)
    templates = load_policy(config.catalogs, config.roles).templates
    offered = 0
    for template in templates:
        command = ["smallest-policy", template.id, str(practice), "--system", "cloud"]
        if run(command) == USAGE:
            hinted = re.findall(r"`--with ([a-z.]+)`", capsys.readouterr().err)
            offered += len(hinted)
            assert all(run([*command, "--with", one]) == IN_STEP for one in hinted), (template.id, hinted)
        capsys.readouterr()
    assert offered


def test_what_the_role_only_allows_is_given_when_it_is_named(practice, capsys):
    command = ["smallest-policy", "medical_scribe", str(practice), "--system", "cloud"]
    assert run(command) == USAGE
    assert "needs no policy" in capsys.readouterr().err
    assert run([*command, "--with", "document.read"]) == IN_STEP
    assert json.loads(capsys.readouterr().out)["Statement"][0]["Action"] == ["s3:GetObject"]
    assert run([*command, "--with", "record.export"]) == USAGE
    assert "does not allow `record.export`" in capsys.readouterr().err


def test_a_policy_that_is_too_long_for_aws_says_so(practice, capsys):
    arns = [f"{FAXES}-of-the-year-{year}" for year in range(1900, 2020)]
    practice.write_text(practice.read_text().replace(f'["{FAXES}"]', json.dumps(arns)))
    bucket_names = [arn.rpartition(":")[2] for arn in arns]
    absent = {"Error": {"Code": "NoSuchBucketPolicy"}}
    save(practice.parent / "aws", "s3.GetBucketPolicy", [{"Request": {"Bucket": b}, **absent} for b in bucket_names])
    assert run(["smallest-policy", "prior_authorization", str(practice), "--system", "cloud"]) == FINDINGS
    assert f"of {MANAGED_LIMIT} characters" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "code", "complaint"),
    [
        ((f'{{arns: ["{FAXES}"]}}', "{tags: {phi: yes-it-is}}"), USAGE, "nobody has said which resources"),
        (("product: aws", "product: amazon-connect"), USAGE, ""),
        (("folder: aws", "folder: nowhere"), NOT_EVALUABLE, "was not read whole"),
    ],
)
def test_without_the_account_or_its_resources_there_is_no_policy(practice, capsys, change, code, complaint):
    practice.write_text(practice.read_text().replace(*change))
    assert run(["smallest-policy", "prior_authorization", str(practice), "--system", "cloud"]) == code
    told = capsys.readouterr()
    assert complaint in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("role", "system"), [("no_such_role", "cloud"), ("scheduler", "nowhere"), ("scheduler", "ehr")]
)
def test_a_role_or_system_that_is_none_is_refused(practice, capsys, role, system):
    assert run(["smallest-policy", role, str(practice), "--system", system]) == USAGE
    assert capsys.readouterr().err
