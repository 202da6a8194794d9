"""Policies, principals and requests of the cases that AWS documents."""

import json
from typing import Any

from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import (
    NO_ORGANIZATION,
    Organization,
    Principal,
    PrincipalKind,
    Request,
    Resource,
)
from policies.permissions.decision import Decision, Outcome

US, THEM = "111122223333", "999988887777"


ANA, BEN = f"arn:aws:iam::{US}:user/ana", f"arn:aws:iam::{US}:user/ben"


DESK = f"arn:aws:iam::{US}:role/desk"


FILE = "arn:aws:s3:::charts/a.pdf"


KEY = f"arn:aws:kms:us-east-1:{US}:key/1"


ALLOWED, DENIED, NOT_ALLOWED, DEPENDS = Outcome.ALLOWED, Outcome.DENIED, Outcome.NOT_ALLOWED, Outcome.DEPENDS


def doc(*statements: dict[str, Any], version: str | None = "2012-10-17") -> PolicyDocument:
    data: dict[str, Any] = {"Statement": list(statements)} | ({"Version": version} if version else {})
    return parse_document(json.dumps(data), "policy")


def allow(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"} | more


def deny(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return allow(action, **more) | {"Effect": "Deny"}


def to(who: Any, statement: dict[str, Any]) -> dict[str, Any]:
    return statement | {"Principal": "*" if who == "*" else {"AWS": who}}


def ana(*statements: dict[str, Any], **more: Any) -> Principal:
    return Principal(ANA, PrincipalKind.USER, US, "ana", identity=(doc(*statements),) if statements else (), **more)


def desk(*statements: dict[str, Any], **more: Any) -> Principal:
    session = f"arn:aws:sts::{US}:assumed-role/desk/ana"
    identity = (doc(*statements),) if statements else ()
    return Principal(DESK, PrincipalKind.ROLE, US, "desk", identity=identity, session_arn=session, **more)


ROOT = Principal(f"arn:aws:iam::{US}:root", PrincipalKind.ROOT, US)


FULL = doc(allow("*"))


RCP_FULL = doc(to("*", allow("*")))


def bucket(*statements: dict[str, Any], arn: str = FILE, account: str = US, **more: Any) -> Resource:
    return Resource(arn, account, doc(*statements) if statements else None, **more)


def ask(
    who: Principal, what: Resource | None = None, action: str = "s3:GetObject", limits: Organization = NO_ORGANIZATION
) -> Decision:
    return decide(Request(who, action, what or bucket(), limits))


def scps(*levels: list[PolicyDocument], **more: Any) -> Organization:
    return Organization(scps=tuple(tuple(level) for level in levels), rcps=(), **more)


# ---- ORG, "RCP evaluation" -------------------------------------------------------------------------------------------


def limited(*documents: PolicyDocument, **more: Any) -> Organization:
    return Organization(scps=(), rcps=((RCP_FULL, *documents),), **more)


NO_S3 = doc(to("*", deny("s3:*")))


def trusting(*who: str) -> Resource:
    trust = {"Effect": "Allow", "Principal": {"AWS": list(who)}, "Action": "sts:AssumeRole"}
    return Resource(DESK, US, doc(trust))
