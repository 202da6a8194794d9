"""Small AWS accounts for tests, in few words."""

import json
from collections.abc import Sequence
from typing import Any

from connectors.cloud.aws.estate import (
    AccountAssignment,
    AwsEstate,
    Group,
    Level,
    OrganizationPath,
    PolicyText,
    Role,
    User,
)
from policies.permissions.aws.evaluation.account import AwsAccount

US, THEM = "111122223333", "999988887777"
FULL = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
Statements = Sequence[dict[str, Any]]


def arn(kind: str, name: str, account: str = US) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def allow(*actions: str, on: str | Sequence[str] = "*", when: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": [on] if isinstance(on, str) else list(on),
    }
    return found | ({"Condition": when} if when else {})


def deny(*actions: str, on: str = "*", when: dict[str, Any] | None = None) -> dict[str, Any]:
    return allow(*actions, on=on, when=when) | {"Effect": "Deny"}


def text(statements: Statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(*who: str, service: str | None = None, when: dict[str, Any] | None = None) -> str:
    principal: dict[str, Any] = {"Service": f"{service}.amazonaws.com"} if service else {"AWS": list(who)}
    found: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return text([found | ({"Condition": when} if when else {})])


def inline(owner: str, statements: Statements) -> tuple[PolicyText, ...]:
    return (PolicyText(f"{owner}/policy/own", text(statements)),) if statements else ()


def user(name: str, *statements: dict[str, Any], **more: Any) -> User:
    return User(arn("user", name), f"AIDA{name.upper()}", name, inline=inline(arn("user", name), statements), **more)


def group(name: str, *statements: dict[str, Any], **more: Any) -> Group:
    return Group(arn("group", name), name, inline=inline(arn("group", name), statements), **more)


def role(name: str, trusted: str, *statements: dict[str, Any], **more: Any) -> Role:
    mine = arn("role", name)
    return Role(mine, f"AROA{name.upper()}", name, trusted, inline=inline(mine, statements), **more)


RCPS = (PolicyText("RCPFullAWSAccess", text([{**FULL[0], "Principal": "*"}])),)


def organization(*scps: Statements) -> OrganizationPath:
    policies = (
        PolicyText("FullAWSAccess", text(FULL)),
        *(PolicyText(f"scp {i}", text(scp)) for i, scp in enumerate(scps)),
    )
    return OrganizationPath(
        "o-1", THEM, (Level("r-1", "root", policies, RCPS), Level(US, "account", policies[:1], RCPS))
    )


def account(*identities: User | Group | Role, policies: dict[str, Statements] | None = None, **more: Any) -> AwsAccount:
    return AwsAccount(
        AwsEstate(
            US,
            users=tuple(one for one in identities if isinstance(one, User)),
            groups=tuple(one for one in identities if isinstance(one, Group)),
            roles=tuple(one for one in identities if isinstance(one, Role)),
            managed={arn("policy", name): text(statements) for name, statements in (policies or {}).items()},
            **more,
        )
    )


def assigned(person: str, *roles: str) -> tuple[AccountAssignment, ...]:
    return tuple(AccountAssignment(person, arn("role", name), ("Reception",)) for name in roles)
