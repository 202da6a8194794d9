"""
The cloud: AWS, where faxes, scans, dictation and remittances are kept, as the saved answers of one folder.

`docs/aws-save.sh` saves such a folder: one file for each call, named after it.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from story.files import Files, csv_text
from story.people import Period

_ACCOUNT = "111122223333"
_ARN = f"arn:aws:iam::{_ACCOUNT}"
_STORE = "arn:aws:s3:::lakeside-example-store"
_SAVED_AT = ("2026-09-30T16:25:00+00:00", "2026-11-20T16:25:00+00:00")
_CREDENTIAL_REPORT = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)


Pair = tuple[str, str]
"""A value at each of the two moments."""


def _both(value: str) -> Pair:
    return (value, value)


@dataclass(frozen=True)
class User:
    """One IAM user: with a password (`signed_in`) or with an access key (`key_used`)."""

    name: str
    created: str
    group: str = ""
    signed_in: Pair | None = None
    key_used: Pair | None = None
    tags: tuple[tuple[str, str], ...] = ()
    inline: str = ""


_USERS = (
    User("laura.pettersen", "2023-09-05T15:02:11", "practice-admins", ("2026-09-28T15:40:02", "2026-11-18T16:12:45")),
    User("fax-ingest", "2023-09-06T14:20:30", "fax-ingest", key_used=("2026-09-30T16:20:00", "2026-11-20T16:15:00")),
    # The old fax vendor's key, made for three weekends in 2024. It still works; nobody remembers it.
    User("fax-migration-2024", "2024-05-17T21:44:09", key_used=_both("2024-06-09T03:12:00"), inline="MigrationCopy"),
    User(
        "maricel.aquino",
        "2025-01-13T15:10:00",
        "vma-billing",
        ("2026-09-29T18:22:31", "2026-11-19T19:05:54"),
        tags=(("employee-id", "VMA-01"),),
    ),
    # She dictates into the EHR since August.
    User(
        "anjali.deshpande",
        "2025-09-08T14:05:00",
        "vma-scribe",
        _both("2026-07-28T20:15:36"),
        tags=(("employee-id", "VMA-04"),),
    ),
    # Made on the first day, never used: the faxes that she needs come by the directory's Scan-Share.
    User("priya.raghunathan", "2026-08-03T14:02:00", "vma-priorauth", _both("no_information")),
)

_GROUPS = {
    "practice-admins": ("aws:AdministratorAccess",),
    "fax-ingest": ("FaxWrite",),
    "vma-billing": ("RemittanceRead", "OwnCredentials"),
    "vma-scribe": ("DictationReadWrite", "OwnCredentials"),
    "vma-priorauth": ("FaxPriorAuth", "OwnCredentials"),
}


def _allow(actions: list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


_DOCUMENTS: dict[str, dict[str, Any]] = {
    "aws:AdministratorAccess": _document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    "FaxWrite": _document(_allow(["s3:PutObject"], f"{_STORE}/fax-in/*")),
    "RemittanceRead": _document(_allow(["s3:GetObject"], f"{_STORE}/era/*", f"{_STORE}/eob/*")),
    "DictationReadWrite": _document(_allow(["s3:GetObject", "s3:PutObject"], f"{_STORE}/dictation/*")),
    "FaxPriorAuth": _document(
        _allow(["s3:GetObject"], f"{_STORE}/fax-in/pa/*"), _allow(["s3:PutObject"], f"{_STORE}/fax-out/pa/*")
    ),
    "OwnCredentials": _document(
        _allow(
            ["iam:ChangePassword", "iam:GetUser", "iam:ListMFADevices", "iam:EnableMFADevice", "iam:ResyncMFADevice"],
            "arn:aws:iam::*:user/${aws:username}",
        )
    ),
}
_INLINE = {"MigrationCopy": _document(_allow(["s3:*"], _STORE, f"{_STORE}/*"))}
_FUNCTION_ROLE = "fax-ingest-function"


def files(period: Period, folder: str) -> Files:
    """Return the answers as they were saved at one moment."""
    report = csv_text(_CREDENTIAL_REPORT, _report(period))
    answers: dict[str, Any] = {
        "iam.GetAccountAuthorizationDetails": _details(),
        "iam.GetAccountSummary": _summary(),
        "iam.GetCredentialReport": {"Content": base64.b64encode(report.encode()).decode()},
        **_last_accessed(period),
        **_bucket(),
        "organizations.DescribeOrganization": {"Error": {"Code": "AWSOrganizationsNotInUseException"}},
    }
    return {f"{folder}/{name}.json": _json(answer) for name, answer in answers.items()}


def _last_accessed(period: Period) -> dict[str, Any]:
    """Everybody's use of services: whoever signed in read or wrote files, and used nothing else."""
    begun, done = [], []
    for number, user in enumerate(_USERS, 1):
        job = f"00000000-0000-4000-8000-{number:012d}"
        begun.append({"Request": {"Arn": f"{_ARN}:user/{user.name}"}, "JobId": job})
        last = (user.signed_in or user.key_used or _both("no_information"))[period]
        storage = {"ServiceName": "Amazon S3", "ServiceNamespace": "s3"}
        if last != "no_information":
            storage["LastAuthenticated"] = _time(last)
        done.append(
            {
                "Request": {"JobId": job},
                "JobStatus": "COMPLETED",
                "JobCreationDate": _SAVED_AT[period],
                "ServicesLastAccessed": [storage, {"ServiceName": "AWS IAM", "ServiceNamespace": "iam"}],
            }
        )
    return {"iam.GenerateServiceLastAccessedDetails": begun, "iam.GetServiceLastAccessedDetails": done}


def _bucket() -> dict[str, Any]:
    """The one bucket that holds PHI: only encrypted connections, and nobody from outside."""
    bucket = {"Request": {"Bucket": _STORE.rpartition(":")[2]}}
    denial = {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [_STORE, f"{_STORE}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    return {
        "resourcegroupstaggingapi.GetResources": {"ResourceTagMappingList": []},
        "s3control.GetPublicAccessBlock": {"PublicAccessBlockConfiguration": blocked},
        "s3.GetBucketPolicy": [bucket | {"Policy": json.dumps(_document(denial))}],
        "s3.GetPublicAccessBlock": [bucket | {"PublicAccessBlockConfiguration": blocked}],
        "s3.GetBucketOwnershipControls": [
            bucket | {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
        ],
        "s3.GetBucketEncryption": [
            bucket | {"ServerSideEncryptionConfiguration": {"Rules": [_BY_S3]}},
        ],
    }


_BY_S3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _id(prefix: str, name: str) -> str:
    """Derive an id of the shape that IAM gives from a name."""
    digits = hashlib.sha256(f"{prefix}{name}".encode()).digest()
    return prefix + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[b % 32] for b in digits[:17])


def _policy_arn(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name[4:]}" if name.startswith("aws:") else f"{_ARN}:policy/{name}"


def _attached(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"PolicyName": n.removeprefix("aws:"), "PolicyArn": _policy_arn(n)} for n in names]


def _details() -> dict[str, Any]:
    return {
        "UserDetailList": [_user(u) for u in _USERS],
        "GroupDetailList": [
            {
                "Path": "/",
                "GroupName": name,
                "GroupId": _id("AGPA", name),
                "Arn": f"{_ARN}:group/{name}",
                "CreateDate": "2023-09-05T15:00:00+00:00",
                "GroupPolicyList": [],
                "AttachedManagedPolicies": _attached(policies),
            }
            for name, policies in _GROUPS.items()
        ],
        "RoleDetailList": [_role()],
        "Policies": [_policy(name, document) for name, document in _DOCUMENTS.items()],
        "IsTruncated": False,
    }


def _user(user: User) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "Path": "/",
        "UserName": user.name,
        "UserId": _id("AIDA", user.name),
        "Arn": f"{_ARN}:user/{user.name}",
        "CreateDate": f"{user.created}+00:00",
        "GroupList": [user.group] if user.group else [],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": key, "Value": value} for key, value in user.tags],
    }
    if user.inline:
        detail["UserPolicyList"] = [{"PolicyName": user.inline, "PolicyDocument": _INLINE[user.inline]}]
    return detail


def _role() -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Path": "/",
        "RoleName": _FUNCTION_ROLE,
        "RoleId": _id("AROA", _FUNCTION_ROLE),
        "Arn": f"{_ARN}:role/{_FUNCTION_ROLE}",
        "CreateDate": "2023-09-06T14:25:00+00:00",
        "AssumeRolePolicyDocument": _document(trust),
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": _attached(("FaxWrite",)),
        "Tags": [],
        "RoleLastUsed": {},
    }


def _policy(name: str, document: dict[str, Any]) -> dict[str, Any]:
    aws = name.startswith("aws:")
    created = "2015-02-06T18:39:46+00:00" if aws else "2023-09-05T15:05:00+00:00"
    groups = sum(name in policies for policies in _GROUPS.values())
    return {
        "PolicyName": name.removeprefix("aws:"),
        "PolicyId": _id("ANPA", name),
        "Arn": _policy_arn(name),
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": groups + (name == "FaxWrite"),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": created,
        "UpdateDate": created,
        "PolicyVersionList": [
            {"Document": document, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": created}
        ],
    }


def _summary() -> dict[str, Any]:
    with_password = sum(u.signed_in is not None for u in _USERS)
    return {
        "SummaryMap": {
            "Users": len(_USERS),
            "UsersQuota": 5000,
            "Groups": len(_GROUPS),
            "GroupsQuota": 300,
            "Roles": 1,
            "RolesQuota": 1000,
            "Policies": sum(not name.startswith("aws:") for name in _DOCUMENTS),
            "PoliciesQuota": 1500,
            "MFADevices": with_password + 1,
            "MFADevicesInUse": with_password + 1,
            "AccountMFAEnabled": 1,
            "AccountAccessKeysPresent": 0,
            "AccountPasswordPresent": 1,
            "AccountSigningCertificatesPresent": 0,
        }
    }


def _report(period: Period) -> list[list[str]]:
    no_key = ["false", *["N/A"] * 4]
    no_certificates = ["false", "N/A", "false", "N/A"]
    rows = [
        [
            *("<root_account>", f"arn:aws:iam::{_ACCOUNT}:root", "2023-09-05T14:41:00+00:00", "not_supported"),
            *("2025-06-03T15:11:20+00:00", "not_supported", "not_supported", "true"),
            *(*no_key, *no_key, *no_certificates),
        ]
    ]
    for user in _USERS:
        created = f"{user.created}+00:00"
        if user.signed_in is None:
            password = ["false", "N/A", "N/A", "N/A", "false"]
        else:
            password = ["true", _time(user.signed_in[period]), created, "N/A", "true"]
        key = no_key if user.key_used is None else ["true", created, _time(user.key_used[period]), "us-east-2", "s3"]
        rows.append([user.name, f"{_ARN}:user/{user.name}", created, *password, *key, *no_key, *no_certificates])
    return rows


def _time(text: str) -> str:
    return text if text == "no_information" else f"{text}+00:00"
