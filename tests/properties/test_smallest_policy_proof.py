"""The proof of a policy asks only of the services that it names: it finds what one finds that asks of every service."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from policies.permissions.aws.access.by_resource import ResourceEvaluator
from policies.permissions.aws.access.smallest_policy import places, proof
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.smallest_actions import WantedActions, wanted
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.request import NO_ORGANIZATION, Principal, PrincipalKind, Resource
from tests.aws_accounts import US

BUCKET, OTHER = "arn:aws:s3:::phi", "arn:aws:s3:::phi-other"
KEY, QUEUE = f"arn:aws:kms:us-east-1:{US}:key/1", f"arn:aws:sqs:us-east-1:{US}:queue"
SERVICES = ("iam", "kms", "lambda", "s3", "sns", "sqs", "sts")
DELEGATES = {"Effect": "Allow", "Principal": {"AWS": US}, "Action": "*", "Resource": "*"}


class FewServices(ActionIndex):
    """AWS with seven services, so that all of them can be asked at every place."""

    def _names(self) -> frozenset[str]:
        return frozenset(SERVICES)


INDEX = FewServices()


def slow_proof(document: PolicyDocument, needed: tuple[WantedActions, ...]) -> Iterator[str]:
    """Ask of every service at every place."""
    everything, evaluator = INDEX.everything(), ResourceEvaluator(INDEX)
    who = Principal(f"arn:aws:iam::{US}:user/proof", PrincipalKind.USER, US, "proof", identity=(document,))
    delegates = parse_document(json.dumps({"Version": "2012-10-17", "Statement": DELEGATES}), "of the account")
    expected: dict[str, int] = {}
    for one in needed:
        for action in one.actions:
            expected[one.place] = expected.get(one.place, 0) | (INDEX.expand(action) or 0)
    for place in places(expected):
        want = expected.get(place, 0)
        assert want & ~everything == 0
        for service, known in INDEX.services.items():
            at = Resource(place.replace("*", "proof/of.it"), US, policy=delegates)
            access = evaluator.access(who, at, service, NO_ORGANIZATION)
            if (access.allowed, access.possible) != (want & known.mask, want & known.mask):
                yield f"{service} on {place}"


ACTIONS = [
    *("s3:GetObject", "s3:Get*", "S3:*", "kms:Decrypt", "kms:*", "sqs:ReceiveMessage", "sts:AssumeRole", "iam:*"),
    *("*", "*:*", "**", "s?:GetObject", "lambda:NoSuchAction", "nobody:Knows", "glue:*", "nonsense", ""),
]
RESOURCES = ["*", "**", BUCKET, f"{BUCKET}/*", f"{BUCKET}*", f"{OTHER}/*", KEY, QUEUE, "arn:aws:kms:*:*:key/*"]
RESOURCES += ["arn:aws:s3:::*/*", "arn:aws:s3:::${aws:username}/*", "arn:aws:iam::*:role/*", "nonsense"]
CONDITIONS: list[dict[str, Any]] = [
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:username": "ana"}},
    {"StringEquals": {"aws:username": "proof"}},
    {"Nonsense": {"aws:username": "ana"}},
]


@st.composite
def statements(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 30)) == 0:
        return draw(st.sampled_from([7, {}, {"Effect": "Deny"}, {"Effect": "Allow", "Action": [], "Resource": "*"}]))
    found = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
    some = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3)
    found |= {draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(some)}
    where = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3)
    found |= {draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(where)}
    if draw(st.integers(0, 3)) == 0:
        found |= {"Condition": draw(st.sampled_from(CONDITIONS))}
    return found


@st.composite
def documents(draw: st.DrawFn) -> PolicyDocument:
    data = {"Version": "2012-10-17", "Statement": draw(st.lists(statements(), min_size=1, max_size=3))}
    unreadable = draw(st.integers(0, 30)) == 0
    return parse_document("nonsense" if unreadable else json.dumps(data), "a policy")


asked = st.lists(
    st.tuples(
        st.sampled_from(["document.read", "document.add", "message.read"]), st.sampled_from([BUCKET, OTHER, KEY, QUEUE])
    ),
    max_size=3,
)


def saying(*statements: Any) -> PolicyDocument:
    return parse_document(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), "a policy")


@given(documents(), asked)
@example(parse_document("nonsense", "a policy"), [("document.read", BUCKET)])
@example(saying({"Effect": "Allow", "Action": [], "Resource": "*"}), [("document.read", BUCKET)])
@example(saying({"Effect": "Allow", "NotAction": "s3:*", "Resource": f"{BUCKET}/*"}), [("document.read", BUCKET)])
@example(saying({"Effect": "Allow", "Action": "**", "Resource": f"{BUCKET}/*"}), [("document.read", BUCKET)])
@example(saying({"Effect": "Allow", "Action": "kms:*", "Resource": f"{BUCKET}/*"}), [("document.read", BUCKET)])
@example(saying({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}), [("document.read", BUCKET)])
def test_whatever_a_policy_says_the_proof_finds_what_the_slow_one_finds(document, what):
    needed = tuple(one for capability, arn in what for one in wanted(capability, arn))
    fast, slow = set(proof(INDEX, US, document, needed)), set(slow_proof(document, needed))
    assert fast == slow
