"""
A clinic in AWS, for `tests/servers/aws.py`: the staff of `moto_iam`, an organization, Identity Center, what holds PHI.

Organization: root, unit `Clinics`, in it the audited account; beside the unit one more account, with the user `eva`.
An SCP and an RCP on the unit. Identity Center: `ana.sso` and `ben.sso` in the group `billers`, which has the set
`Billing`; `cara.sso` has the set `Desk` herself; `dora.sso` has nothing, and one assignment is of somebody who is gone.
Account access (a fake): the group `billers` holds the role `plain-role`. PHI: a bucket, a key, a secret, a queue, a
topic, a function and a repository, all tagged `phi: true`; a bucket `brochures` that is not.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import boto3

from tests.integration import moto_iam
from tests.servers.aws import ACCOUNT, Asked, World

HASH = "0123456789abcdef"
ROLE_PATH = "/aws-reserved/sso.amazonaws.com/"
TAGS = [{"Key": "phi", "Value": "true"}]
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
LIMIT = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}
GUARD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}],
}
APPLICATION = f"arn:aws:account-access::{ACCOUNT}:application/app-1"
USED = "2026-10-01T08:00:00Z"


@dataclass
class Clinic:
    """Names that a test needs."""

    users: dict[str, str] = field(default_factory=dict)
    """Ids of the identity store, by login."""
    group: str = ""
    store: str = ""
    instance: str = ""
    sets: dict[str, str] = field(default_factory=dict)
    levels: list[str] = field(default_factory=list)
    other: str = ""
    resources: dict[str, str] = field(default_factory=dict)
    """ARNs, by service."""


def furnish(world: World) -> Clinic:
    """Put it all into moto, and the fakes in front."""
    clinic = Clinic()

    def client(service: str) -> Any:
        return moto_iam.client(world.moto, service)

    iam = client("iam")
    moto_iam.hire_staff(iam)
    _organize(client("organizations"), clinic)
    _hold_phi(client, clinic)
    _direct(client("sso-admin"), client("identitystore"), clinic)
    for name in ("Billing", "Desk"):
        role = f"AWSReservedSSO_{name}_{HASH}"
        iam.create_role(Path=ROLE_PATH, RoleName=role, AssumeRolePolicyDocument=json.dumps(moto_iam.TRUST))
        iam.put_role_policy(RoleName=role, PolicyName="Aws", PolicyDocument=json.dumps(moto_iam.READ_FILES))
    iam.create_role(RoleName="plain-role", AssumeRolePolicyDocument=json.dumps(moto_iam.TRUST))
    role = f"arn:aws:iam::{clinic.other}:role/auditor"
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="furnish")["Credentials"]
    boto3.client(
        "iam",
        endpoint_url=world.moto,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).create_user(UserName="eva")
    _lack(world, clinic)
    return clinic


def role_arn(set_name: str) -> str:
    """Return the ARN of the role of a permission set."""
    return f"arn:aws:iam::{ACCOUNT}:role{ROLE_PATH}AWSReservedSSO_{set_name}_{HASH}"


def _organize(organizations: Any, clinic: Clinic) -> None:
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        organizations.enable_policy_type(RootId=root, PolicyType=kind)
    unit = organizations.create_organizational_unit(ParentId=root, Name="Clinics")["OrganizationalUnit"]["Id"]
    created = organizations.create_account(AccountName="Second", Email="second@example.com")
    clinic.other = created["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=ACCOUNT, SourceParentId=root, DestinationParentId=unit)
    for name, kind, text, target in (
        ("no-delete", "SERVICE_CONTROL_POLICY", LIMIT, unit),
        ("guard", "RESOURCE_CONTROL_POLICY", GUARD, unit),
    ):
        policy = organizations.create_policy(Name=name, Description=name, Type=kind, Content=json.dumps(text))
        organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=target)
    clinic.levels = [root, unit, ACCOUNT]


def _direct(sso: Any, store: Any, clinic: Clinic) -> None:
    instance = sso.list_instances()["Instances"][0]
    clinic.instance, clinic.store = instance["InstanceArn"], instance["IdentityStoreId"]
    for login in ("ana", "ben", "cara", "dora"):
        answer = store.create_user(
            IdentityStoreId=clinic.store,
            UserName=f"{login}.sso",
            DisplayName=login.title(),
            Name={"GivenName": login, "FamilyName": "Sso"},
            Emails=[{"Value": f"{login}@example.com", "Primary": True}],
        )
        clinic.users[f"{login}.sso"] = answer["UserId"]
    clinic.group = store.create_group(IdentityStoreId=clinic.store, DisplayName="billers")["GroupId"]
    for login in ("ana.sso", "ben.sso"):
        member = {"UserId": clinic.users[login]}
        store.create_group_membership(IdentityStoreId=clinic.store, GroupId=clinic.group, MemberId=member)
    where = {"InstanceArn": clinic.instance}
    target = {"TargetId": ACCOUNT, "TargetType": "AWS_ACCOUNT"}
    for name in ("Billing", "Desk"):
        set_ = sso.create_permission_set(Name=name, **where)["PermissionSet"]["PermissionSetArn"]
        clinic.sets[name] = set_
        asked = {"PermissionSetArn": set_, **where}
        sso.put_inline_policy_to_permission_set(InlinePolicy=json.dumps(moto_iam.READ_FILES), **asked)
        sso.provision_permission_set(**asked, **target)
    gone = "00000000-0000-4000-8000-000000000000"
    for set_name, kind, principal in (
        ("Billing", "GROUP", clinic.group),
        ("Desk", "USER", clinic.users["cara.sso"]),
        ("Desk", "USER", gone),
    ):
        sso.create_account_assignment(
            PermissionSetArn=clinic.sets[set_name], PrincipalType=kind, PrincipalId=principal, **where, **target
        )


def _hold_phi(client: Any, clinic: Clinic) -> None:
    found = clinic.resources
    for bucket in ("charts", "brochures"):
        client("s3").create_bucket(Bucket=bucket)
        client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(OPEN))
    client("s3").put_bucket_tagging(Bucket="charts", Tagging={"TagSet": TAGS})
    block = {"RestrictPublicBuckets": True}
    client("s3").put_public_access_block(Bucket="charts", PublicAccessBlockConfiguration=block)
    found["s3"] = "arn:aws:s3:::charts"
    found["kms"] = client("kms").create_key(Tags=[{"TagKey": "phi", "TagValue": "true"}])["KeyMetadata"]["Arn"]
    found["secretsmanager"] = client("secretsmanager").create_secret(Name="db", SecretString="x", Tags=TAGS)["ARN"]
    client("secretsmanager").put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(OPEN))
    client("sqs").create_queue(QueueName="faxes", tags={"phi": "true"}, Attributes={"Policy": json.dumps(OPEN)})
    found["sqs"] = f"arn:aws:sqs:us-east-1:{ACCOUNT}:faxes"
    found["sns"] = client("sns").create_topic(Name="results", Tags=TAGS)["TopicArn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.py", "")
    worker = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(moto_iam.TRUST))
    found["lambda"] = client("lambda").create_function(
        FunctionName="import",
        Role=worker["Role"]["Arn"],
        Runtime="python3.11",
        Handler="a.b",
        Code={"ZipFile": archive.getvalue()},
        Tags={"phi": "true"},
    )["FunctionArn"]
    repository = client("ecr").create_repository(repositoryName="app", tags=TAGS)["repository"]
    found["ecr"] = repository["repositoryArn"]


def _lack(world: World, clinic: Clinic) -> None:
    """Answer what moto does not have."""
    world.lacks[("account-access", "ListApplications")] = lambda asked: {
        "applications": [{"applicationArn": APPLICATION, "tenantId": "t-1"}]
    }
    held = {
        "principal": {"identityCenter": {"groupId": clinic.group}},
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/plain-role",
        "account": ACCOUNT,
    }
    world.lacks[("account-access", "ListEntitlements")] = lambda asked: {
        "entitlements": [{"entitlementId": "e-1", "entitlement": {"principalRole": held}}]
    }
    jobs: dict[str, int] = {}

    def generate(asked: Asked) -> str:
        job = f"00000000-0000-0000-0000-{len(jobs):012}"
        jobs[job] = 0
        return _xml("GenerateServiceLastAccessedDetails", f"<JobId>{job}</JobId>")

    def details(asked: Asked) -> str:
        """Be in progress at the first question; then give two services on two pages."""
        job, second = asked.fields["JobId"], "Marker" in asked.fields
        jobs[job] += 1
        started = "<JobCreationDate>2026-11-24T00:00:00Z</JobCreationDate>"
        if jobs[job] == 1:
            body = f"<JobStatus>IN_PROGRESS</JobStatus>{started}<IsTruncated>false</IsTruncated>"
        elif not second:
            body = (
                f"<JobStatus>COMPLETED</JobStatus>{started}<IsTruncated>true</IsTruncated><Marker>m</Marker>"
                "<ServicesLastAccessed><member><ServiceName>S3</ServiceName><ServiceNamespace>s3</ServiceNamespace>"
                f"<LastAuthenticated>{USED}</LastAuthenticated><TrackedActionsLastAccessed><member>"
                f"<ActionName>GetObject</ActionName><LastAccessedTime>{USED}</LastAccessedTime></member>"
                "<member><ActionName>PutObject</ActionName></member></TrackedActionsLastAccessed></member>"
                "</ServicesLastAccessed>"
            )
        else:
            body = (
                f"<JobStatus>COMPLETED</JobStatus>{started}<IsTruncated>false</IsTruncated>"
                "<ServicesLastAccessed><member><ServiceName>EC2</ServiceName><ServiceNamespace>ec2</ServiceNamespace>"
                "</member></ServicesLastAccessed>"
            )
        return _xml("GetServiceLastAccessedDetails", body)

    world.lacks[("iam", "GenerateServiceLastAccessedDetails")] = generate
    world.lacks[("iam", "GetServiceLastAccessedDetails")] = details


def _xml(action: str, body: str) -> str:
    return f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"
