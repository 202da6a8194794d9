"""
Cases picked by hand: for each kind of policy, the step of AWS's pages that is easiest to get wrong.

`picked` says what a case is about; the rest of a case is as `generate.py` makes it.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
US, THEM = "111122223333", "999988887777"
FILE, BUCKET = "arn:aws:s3:::phi-scans/2026/a.pdf", "arn:aws:s3:::phi-scans"
KEY = f"arn:aws:kms:us-east-1:{US}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{US}:role/exporter"
QUEUE = f"arn:aws:sqs:us-east-1:{US}:faxes"
MARIA, DESK = f"arn:aws:iam::{US}:user/maria", f"arn:aws:iam::{US}:role/desk"
SESSION = f"arn:aws:sts::{US}:assumed-role/desk/maria"
EVERYTHING: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: Json, version: str = "2012-10-17") -> Json:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> Json:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def but(statement: Json, **elements: Any) -> Json:
    """Replace `Action` or `Resource` by what it must not be."""
    left = {key: value for key, value in statement.items() if f"Not{key}" not in elements}
    return left | elements


def to(who: Any, statement: Json) -> Json:
    return statement | {"Principal": who if who == "*" else {"AWS": who}}


def user(account: str = US) -> Json:
    arn = f"arn:aws:iam::{account}:user/maria"
    return {"kind": "user", "arn": arn, "asked_as": arn, "account": account, "name": "maria"}


def role(account: str = US) -> Json:
    session, arn = f"arn:aws:sts::{account}:assumed-role/desk/maria", f"arn:aws:iam::{account}:role/desk"
    return {"kind": "role", "arn": arn, "asked_as": session, "account": account, "name": "desk"}


def root(account: str = US) -> Json:
    arn = f"arn:aws:iam::{account}:root"
    return {"kind": "root", "arn": arn, "asked_as": arn, "account": account, "name": ""}


def case(feature: str, about: str, who: Json | None = None, *own: Json, **parts: Any) -> Json:
    """Make one case: `own` are the statements of the identity, `on` those of the resource; other parts as given."""
    on = parts.pop("on", None)
    resource = {"arn": parts.pop("arn", FILE), "account": parts.pop("owner", US), "policy": policy(*on) if on else None}
    return {
        "feature": feature, "picked": about, "principal": who or user(), "action": parts.pop("action", "s3:GetObject"),
        "resource": resource, "context": {}, "identity": [policy(*own)] if own else [], "boundary": None,
        "session": None, "scps": [[policy(EVERYTHING)]], "rcps": [],
    } | parts  # fmt: skip


def identities() -> Iterator[Json]:
    yield case("identity", "nothing allows")
    yield case("identity", "the user's own policy and that of a group add up", None, allow("s3:PutObject"),
               identity=[policy(allow("s3:PutObject")), policy(allow("s3:Get*"))])  # fmt: skip
    yield case("identity", "a denial in a group outweighs an allowance of the user's own",
               identity=[policy(EVERYTHING), policy(deny("s3:*"))])  # fmt: skip
    yield case("identity", "NotAction with Allow allows everything else", None, but(allow(), NotAction="iam:*"))
    yield case("identity", "NotAction with Allow does not allow what it names", None, but(allow(), NotAction="s3:get*"))
    yield case("identity", "NotAction with Deny denies everything else", None, EVERYTHING,
               but(deny(), NotAction=["iam:*", "sts:*"]))  # fmt: skip
    yield case("identity", "NotResource with Allow allows all other resources", None,
               but(allow(), NotResource="arn:aws:s3:::payroll/*"))  # fmt: skip
    yield case("identity", "NotResource with Deny spares what it names", None, EVERYTHING,
               but(deny("s3:*"), NotResource=f"{BUCKET}/*"))  # fmt: skip
    yield case("identity", "NotAction and NotResource at once", None,
               but(allow(), NotAction="iam:*", NotResource="arn:aws:s3:::payroll/*"))  # fmt: skip
    yield case("identity", "the bucket is not what is in it", None, allow(resource=BUCKET))
    yield case("identity", "what is in the bucket is not the bucket", None, allow("s3:ListBucket", f"{BUCKET}/*"),
               action="s3:ListBucket", arn=BUCKET)  # fmt: skip
    yield case("identity", "a star crosses slashes", None, allow(resource="arn:aws:s3:::*/a.pdf"))
    yield case("identity", "a question mark is exactly one letter", None, allow("s3:GetObj?ct"))
    yield case("identity", "a question mark is not nothing", None, allow("s3:GetObject?"))
    yield case("identity", "actions do not mind case", None, allow("S3:getOBJECT"))
    yield case("identity", "resources do", None, allow(resource="arn:aws:s3:::PHI-scans/*"))


def limits() -> Iterator[Json]:
    yield case("boundary", "a boundary alone allows nothing", boundary=policy(EVERYTHING))
    yield case("boundary", "a boundary takes away", None, EVERYTHING, boundary=policy(allow("sqs:*")))
    yield case("boundary", "a denial in a boundary", None, EVERYTHING, boundary=policy(EVERYTHING, deny()))
    yield case("session", "a session policy takes away", role(), EVERYTHING, session=policy(allow("sqs:*")))
    yield case("session", "a session policy alone allows nothing", role(), session=policy(EVERYTHING))
    yield case("session", "boundary and session policy must both allow", role(), EVERYTHING,
               boundary=policy(allow("s3:*")), session=policy(allow("s3:PutObject")))  # fmt: skip
    full = policy(EVERYTHING)
    yield case(
        "organization", "every level must allow", None, EVERYTHING, scps=[[full], [policy(allow("sqs:*"))], [full]]
    )
    yield case("organization", "a level without any policy allows nothing", None, EVERYTHING, scps=[[full], [], [full]])
    yield case("organization", "policies of one level add up", None, EVERYTHING,
               scps=[[policy(allow("sqs:*")), policy(allow("s3:*"))]])  # fmt: skip
    yield case("organization", "a denial anywhere on the path", None, EVERYTHING,
               scps=[[full], [full, policy(deny("s3:*"))], [full]])  # fmt: skip
    yield case("organization", "what the organization allows, nobody is given", scps=[[full]])
    yield case("organization", "it binds whom a resource policy lets in", None, on=[to(MARIA, allow())],
               scps=[[policy(allow("sqs:*"))]])  # fmt: skip
    yield case("resource-control", "a denial for everybody", None, EVERYTHING, rcps=[[policy(to("*", deny("s3:*")))]])
    yield case("resource-control", "a service that they do not limit", None, EVERYTHING, action="sns:Publish",
               arn=f"arn:aws:sns:us-east-1:{US}:alerts", rcps=[[policy(to("*", deny("sns:*")))]])  # fmt: skip
    outside = {"StringNotEquals": {"aws:PrincipalAccount": US}}
    yield case("resource-control", "a denial for strangers spares the account", None, EVERYTHING,
               rcps=[[policy(to("*", deny("s3:*", Condition=outside)))]],
               context={"aws:PrincipalAccount": US})  # fmt: skip


def resources() -> Iterator[Json]:
    small = policy(allow("sqs:*"))
    yield case("resource-policy", "it names the user, which is enough", on=[to(MARIA, allow())])
    yield case("resource-policy", "it names the user, past the boundary", on=[to(MARIA, allow())], boundary=small)
    yield case("resource-policy", "it names the role, which the boundary limits", role(), on=[to(DESK, allow())],
               boundary=small)  # fmt: skip
    yield case("resource-policy", "it names the session, past boundary and session policy", role(),
               on=[to(SESSION, allow())], boundary=small)  # fmt: skip
    yield case("resource-policy", "it names the role, which the session policy limits", role(), on=[to(DESK, allow())],
               session=small)  # fmt: skip
    yield case("resource-policy", "it names the account, which only delegates", on=[to(US, allow())])
    yield case(
        "resource-policy", "it delegates to the account, whose policy allows", None, allow(), on=[to(US, allow())]
    )
    yield case("resource-policy", "everybody is also who has no policy", on=[to("*", allow())])
    yield case("resource-policy", "its denial outweighs", None, EVERYTHING, on=[to(MARIA, deny())])
    yield case("resource-policy", "it is about another action", on=[to(MARIA, allow("s3:PutObject"))])
    yield case("not-principal", "who is exempt with the account is not denied", None, EVERYTHING,
               on=[deny("s3:*") | {"NotPrincipal": {"AWS": [MARIA, f"arn:aws:iam::{US}:root"]}}])  # fmt: skip
    yield case("not-principal", "everybody else is denied", None, EVERYTHING,
               on=[deny("s3:*") | {"NotPrincipal": {"AWS": f"arn:aws:iam::{US}:user/other"}}])  # fmt: skip
    theirs = f"arn:aws:iam::{THEM}:user/maria"
    yield case("cross-account", "both sides allow", user(THEM), EVERYTHING, on=[to(theirs, allow())])
    yield case("cross-account", "only the resource allows", user(THEM), on=[to(theirs, allow())])
    yield case("cross-account", "only the identity allows", user(THEM), EVERYTHING)
    yield case("cross-account", "the account is named, and its policy allows", user(THEM), EVERYTHING,
               on=[to(THEM, allow())])  # fmt: skip
    yield case(
        "cross-account", "everybody is let in, and the own account allows nothing", user(THEM), on=[to("*", allow())]
    )
    yield case("cross-account", "the boundary counts on the side of the identity", user(THEM), EVERYTHING,
               on=[to(theirs, allow())], boundary=small)  # fmt: skip
    yield case("cross-account", "the root user of the other account", root(THEM), on=[to(THEM, allow())])
    yield case("cross-account", "the root user of an account that is not named", root(THEM), on=[to(MARIA, allow())])
    decrypt: Json = {"action": "kms:Decrypt", "arn": KEY}
    yield case("key-policy", "without the key's policy nothing is allowed", None, allow("kms:*"), **decrypt,
               on=[to(ROLE, allow("kms:*"))])  # fmt: skip
    yield case(
        "key-policy", "it delegates to the account", None, allow("kms:*"), on=[to(US, allow("kms:*"))], **decrypt
    )
    yield case("key-policy", "it delegates, and nobody is given", on=[to(US, allow("kms:*"))], **decrypt)
    yield case("key-policy", "it names the user", on=[to(MARIA, allow("kms:Decrypt"))], **decrypt)
    become: Json = {"action": "sts:AssumeRole", "arn": ROLE}
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    yield case("trust", "it names the user, who needs no policy", on=[to(MARIA, assume)], **become)
    yield case("trust", "it trusts the account, and the user may", None, allow("sts:AssumeRole", ROLE),
               on=[to(US, assume)], **become)  # fmt: skip
    yield case("trust", "it trusts the account, and the user may not", on=[to(US, assume)], **become)
    yield case("trust", "the user may, and the role trusts somebody else", None, allow("sts:*"), on=[to(DESK, assume)],
               **become)  # fmt: skip
    yield case(
        "trust", "a role becomes another role", role(), allow("sts:AssumeRole", ROLE), on=[to(US, assume)], **become
    )
    yield case("trust", "another account is trusted, and both sides allow", user(THEM), allow("sts:*"),
               on=[to(THEM, assume)], **become)  # fmt: skip


def conditions() -> Iterator[Json]:
    listing: Json = {"action": "s3:ListBucket", "arn": BUCKET}
    told: list[tuple[str, Json, Json]] = [
        ("a positive operator on a missing key", {"StringEquals": {"s3:prefix": "maria/"}}, {}),
        ("a negated operator on a missing key", {"StringNotEquals": {"s3:prefix": "maria/"}}, {}),
        ("IfExists on a missing key", {"StringEqualsIfExists": {"s3:prefix": "maria/"}}, {}),
        ("ForAllValues on a missing key", {"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, {}),
        ("ForAnyValue on a missing key", {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, {}),
        ("Null asks for a missing key", {"Null": {"s3:prefix": "true"}}, {}),
        ("Null asks for a key that is there", {"Null": {"s3:prefix": "false"}}, {"s3:prefix": "x"}),
        ("without a second factor, the key is missing", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}),
        ("BoolIfExists lets who has long-term keys pass", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, {}),
        (
            "an address in its network",
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            {"aws:SourceIp": "203.0.113.9"},
        ),
        (
            "an address of the new kind",
            {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
            {"aws:SourceIp": "2001:db8::7"},
        ),
        ("one of several values is enough", {"StringLike": {"s3:prefix": ["a*", "m?ria/"]}}, {"s3:prefix": "maria/"}),
        ("none of several values may fit", {"StringNotLike": {"s3:prefix": ["a*", "m*"]}}, {"s3:prefix": "maria/"}),
        ("numbers are no texts", {"NumericEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10.0"}),
        ("keys do not mind case", {"StringEquals": {"S3:PREFIX": "maria/"}}, {"s3:prefix": "maria/"}),
        (
            "two operators must both hold",
            {"StringEquals": {"s3:prefix": "maria/"}, "Bool": {"aws:SecureTransport": "true"}},
            {"s3:prefix": "maria/", "aws:SecureTransport": "false"},
        ),
    ]
    for about, condition, context in told:
        yield case("conditions", about, None, allow("s3:ListBucket", Condition=condition), context=context, **listing)
        yield case("conditions", f"{about}, of a denial", None, EVERYTHING, deny("s3:ListBucket", Condition=condition),
                   context=context, **listing)  # fmt: skip
    team = "arn:aws:s3:::phi-scans/${aws:PrincipalTag/team}/*"
    for about, resource, context in (
        ("a variable is filled", team, {"aws:PrincipalTag/team": "2026"}),
        ("a variable without value matches nothing", team, {}),
        ("a value that looks like a pattern is none", team, {"aws:PrincipalTag/team": "*"}),
        ("a variable with a default", "arn:aws:s3:::phi-scans/${aws:PrincipalTag/team, '2026'}/*", {}),
        ("an escaped star is a star", "arn:aws:s3:::phi-scans/${*}/*", {}),
    ):
        yield case("variables", about, None, allow(resource=resource), context=context)


def picked() -> list[Json]:
    """Return all of them."""
    return [*identities(), *limits(), *resources(), *conditions()]
