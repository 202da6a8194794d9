"""
An AWS account of any size, the same for the same seed: the answer of `aws iam get-account-authorization-details`.

    python benchmarks/aws_account.py [--users 1000] [--groups 100] [--policies 300] [--roles 100] [--admin-like 0.13]

Most policies are what practices write: reading and writing some buckets, tables and queues, some under conditions. A
share of the managed policies (`--admin-like`) gives administrators' rights, or one of the published combinations that
lead there. Users are in up to three groups and hold up to two policies of their own; some hold an inline policy, some
are limited by a boundary. Roles trust the account, single users, each other, or a service.
"""

import argparse
import json
import random
import sys
from typing import Any

from connectors.cloud.aws.estate import AccessKey, AwsEstate, Group, PolicyText, Role, User

Json = dict[str, Any]

ACCOUNT = "111122223333"
SEED = 20261124
CREATED = "2026-01-05T08:00:00+00:00"
IN_US = f"us-east-1:{ACCOUNT}"
PLAIN = {
    "s3": (["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:Get*"], "arn:aws:s3:::clinic-{n}/*"),
    "dynamodb": (
        ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"],
        f"arn:aws:dynamodb:{IN_US}:table/t{{n}}",
    ),
    "sqs": (["sqs:SendMessage", "sqs:ReceiveMessage"], f"arn:aws:sqs:{IN_US}:faxes-{{n}}"),
    "lambda": (["lambda:InvokeFunction", "lambda:GetFunction"], f"arn:aws:lambda:{IN_US}:function:f{{n}}"),
    "secretsmanager": (
        ["secretsmanager:GetSecretValue"],
        f"arn:aws:secretsmanager:{IN_US}:secret:s{{n}}-*",
    ),
    "logs": (["logs:Describe*", "logs:FilterLogEvents"], "*"),
    "ec2": (["ec2:Describe*", "ec2:StartInstances"], "*"),
    "cloudwatch": (["cloudwatch:*"], "*"),
    "connect": (["connect:List*", "connect:Describe*"], "*"),
    "ssm": (["ssm:GetParameter"], f"arn:aws:ssm:{IN_US}:parameter/app{{n}}/*"),
}
ADMIN_LIKE: list[list[Json]] = [
    [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}],
    [{"Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:List*"], "Resource": "*"}],
    [{"Effect": "Allow", "Action": ["iam:AttachUserPolicy", "iam:PutGroupPolicy"], "Resource": "*"}],
    [
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
            "Resource": "*",
        }
    ],
    [{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}],
    [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"}],
    [{"Effect": "Allow", "Action": ["iam:CreatePolicyVersion"], "Resource": f"arn:aws:iam::{ACCOUNT}:policy/*"}],
    [{"Effect": "Allow", "Action": ["cloudformation:*", "iam:PassRole"], "Resource": "*"}],
    [{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}],
    [{"Effect": "Allow", "Action": ["iam:UpdateAssumeRolePolicy"], "Resource": "*"}],
    [{"Effect": "Allow", "Action": ["ssm:SendCommand", "ssm:StartSession"], "Resource": "*"}],
]
SERVICES = ["ec2", "lambda", "glue", "cloudformation", "ecs-tasks", "codebuild", "states"]


def authorization_details(
    *,
    users: int = 1000,
    groups: int = 100,
    policies: int = 300,
    roles: int = 100,
    admin_like: float = 0.13,
    seed: int = SEED,
) -> Json:
    """Return the answer for an account in which about that share of the users and roles is admin-like."""
    chance = random.Random(seed)
    # Somebody holds about five managed policies, of which none may be admin-like in the rest of the principals.
    share = 1 - (1 - admin_like) ** (1 / 5)
    managed = [_policy(f"policy-{n:04}", _statements(chance, n, share)) for n in range(policies)]
    managed.append(_policy("fence", [{"Effect": "Allow", "Action": ["s3:*", "dynamodb:*", "sqs:*"], "Resource": "*"}]))
    arns = [one["Arn"] for one in managed[:-1]]
    group_list = [
        {
            **_identity("group", "Group", f"group-{n:03}"),
            "GroupPolicyList": [],
            "AttachedManagedPolicies": _attached(chance.sample(arns, 2)),
        }
        for n in range(groups)
    ]
    return {
        "UserDetailList": [_user(chance, n, groups, arns) for n in range(users)],
        "GroupDetailList": group_list,
        "RoleDetailList": [_role(chance, n, users, roles, arns) for n in range(roles)],
        "Policies": managed,
    }


def _statements(chance: random.Random, n: int, share: float) -> list[Json]:
    if chance.random() < share:
        return chance.choice(ADMIN_LIKE)
    found = []
    for service in chance.sample(sorted(PLAIN), chance.randint(1, 4)):
        actions, resource = PLAIN[service]
        statement: Json = {"Effect": "Allow", "Action": actions, "Resource": resource.format(n=n)}
        if chance.random() < 0.1:
            statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        found.append(statement)
    if chance.random() < 0.1:
        found.append({"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"})
    return found


def _policy(name: str, statements: list[Json]) -> Json:
    return {
        **_identity("policy", "Policy", name),
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "UpdateDate": CREATED,
        "PolicyVersionList": [
            {"Document": _document(statements), "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": CREATED}
        ],
    }


def _user(chance: random.Random, n: int, groups: int, arns: list[str]) -> Json:
    name = f"user-{n:05}"
    inline = []
    if chance.random() < 0.3:
        own = {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::home-{name}/*"}
        inline = [{"PolicyName": "home", "PolicyDocument": _document([own])}]
    found = {
        **_identity("user", "User", name),
        "UserPolicyList": inline,
        "GroupList": [f"group-{g:03}" for g in sorted(chance.sample(range(groups), chance.randint(0, min(3, groups))))],
        "AttachedManagedPolicies": _attached(chance.sample(arns, chance.randint(0, 2))),
        "Tags": [{"Key": "team", "Value": chance.choice(["desk", "billing"])}],
    }
    if chance.random() < 0.05:
        fence = f"arn:aws:iam::{ACCOUNT}:policy/fence"
        found["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": fence}
    return found


def _role(chance: random.Random, n: int, users: int, roles: int, arns: list[str]) -> Json:
    name = f"role-{n:03}"
    kind = chance.choice(["account", "user", "role", "service", "service"])
    principal: Json
    if kind == "account":
        principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    elif kind == "user":
        principal = {
            "AWS": [f"arn:aws:iam::{ACCOUNT}:user/user-{u:05}" for u in chance.sample(range(users), min(3, users))]
        }
    elif kind == "role":
        principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-{chance.randrange(roles):03}"}
    else:
        principal = {"Service": f"{chance.choice(SERVICES)}.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    found = {
        **_identity("role", "Role", name),
        "AssumeRolePolicyDocument": _document([trust]),
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": _attached(chance.sample(arns, 3)),
        "Tags": [],
        "RoleLastUsed": {},
    }
    if principal.get("Service") == "ec2.amazonaws.com":
        found["InstanceProfileList"] = [
            {**_identity("instance-profile", "InstanceProfile", name), "Roles": [_identity("role", "Role", name)]}
        ]
    return found


def _identity(kind: str, word: str, name: str) -> Json:
    arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
    return {"Path": "/", f"{word}Name": name, f"{word}Id": f"ID{name}".upper(), "Arn": arn, "CreateDate": CREATED}


def _attached(arns: list[str]) -> list[Json]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def _document(statements: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": statements}


# ---- the same as an estate ------------------------------------------------------------------------------------------


def estate(details: Json, account: str = ACCOUNT) -> AwsEstate:
    """Return the estate that the answer describes; every user is taken to have one access key and no password."""
    return AwsEstate(
        account,
        users=tuple(
            User(
                one["Arn"],
                one["UserId"],
                one["UserName"],
                groups=tuple(one.get("GroupList", ())),
                inline=_inline(one, "UserPolicyList"),
                attached=_arns(one),
                boundary=one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                tags={tag["Key"]: tag["Value"] for tag in one.get("Tags", ())},
                console=False,
                keys=(AccessKey("AKIA", active=True),),
                mfa=False,
            )
            for one in details["UserDetailList"]
        ),
        groups=tuple(
            Group(one["Arn"], one["GroupName"], _inline(one, "GroupPolicyList"), _arns(one))
            for one in details["GroupDetailList"]
        ),
        roles=tuple(
            Role(
                one["Arn"],
                one["RoleId"],
                one["RoleName"],
                trust=json.dumps(one["AssumeRolePolicyDocument"]),
                inline=_inline(one, "RolePolicyList"),
                attached=_arns(one),
                boundary=one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                service_linked=":role/aws-service-role/" in one["Arn"],
                instance_profiles=tuple(profile["Arn"] for profile in one.get("InstanceProfileList", ())),
            )
            for one in details["RoleDetailList"]
        ),
        managed={
            one["Arn"]: json.dumps(version["Document"])
            for one in details["Policies"]
            for version in one["PolicyVersionList"]
            if version["IsDefaultVersion"]
        },
    )


def _inline(one: Json, element: str) -> tuple[PolicyText, ...]:
    return tuple(
        PolicyText(f"{one['Arn']}/policy/{policy['PolicyName']}", json.dumps(policy["PolicyDocument"]))
        for policy in one.get(element, ())
    )


def _arns(one: Json) -> tuple[str, ...]:
    return tuple(policy["PolicyArn"] for policy in one.get("AttachedManagedPolicies", ()))


def main() -> None:
    """Write one account to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("users", 1000), ("groups", 100), ("policies", 300), ("roles", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--admin-like", type=float, default=0.13)
    parser.add_argument("--seed", type=int, default=SEED)
    options = vars(parser.parse_args())
    json.dump(authorization_details(**options), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
