"""The stored cases as requests to the evaluator."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Request, Resource

FILE = Path(__file__).parent / "aws.jsonl.gz"
FULL_RCP = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
"""RCPFullAWSAccess, which AWS attaches at every level and which cannot be detached."""
KINDS = {"user": PrincipalKind.USER, "role": PrincipalKind.ROLE, "root": PrincipalKind.ROOT}


@cache
def stored() -> tuple[dict[str, Any], ...]:
    """
    Give the cases with the answers of the independent evaluator; only to be read.

    To be asked for inside of a test: whoever collects the tests has no use for thousands of cases.
    """
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        return tuple(map(json.loads, file))


def document(data: Any, name: str) -> PolicyDocument:
    return parse_document(json.dumps(data), name)


def documents(found: list[Any], name: str) -> tuple[PolicyDocument, ...]:
    return tuple(document(data, f"{name} {number}") for number, data in enumerate(found, 1))


def request_of(case: dict[str, Any]) -> Request:
    """Return the question that a case asks; keys that its action does not know are left out, as AWS leaves them out."""
    who, what = case["principal"], case["resource"]
    principal = Principal(
        arn=who["arn"],
        kind=KINDS[who["kind"]],
        account=who["account"],
        name=who["name"],
        identity=documents(case["identity"], "policy"),
        boundary=document(case["boundary"], "boundary") if case["boundary"] else None,
        session=(document(case["session"], "session"),) if case["session"] else None,
        session_arn=who["asked_as"] if who["kind"] == "role" else "",
    )
    rcps = tuple((document(FULL_RCP, "RCPFullAWSAccess"), *documents(level, "rcp")) for level in case["rcps"])
    resource = Resource(
        what["arn"],
        what["account"],
        policy=document(what["policy"], "resource policy") if what["policy"] else None,
        organization=Organization(scps=(), rcps=rcps),
    )
    context = {
        key: (values,) if isinstance(values, str) else tuple(values)
        for key, values in case["context"].items()
        if key not in case["ignored"]
    }
    scps = tuple(documents(level, "scp") for level in case["scps"])
    return Request(principal, case["action"], resource, Organization(scps=scps, rcps=()), context, closed=True)
