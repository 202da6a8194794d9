"""
The resources that hold PHI: found by ARN or by tag, each with the policy that stands on it.

Never what is in them. Source: the API Reference of each service; Resource Groups Tagging API, GetResources.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.cloud.aws import buckets
from connectors.cloud.aws.buckets import ACCOUNT_BLOCK
from connectors.cloud.aws.calls import REGION, Call, CallRefused
from connectors.cloud.aws.documents import document_text
from connectors.cloud.aws.estate import Gap, ResourceFacts
from connectors.cloud.aws.phi import Marked, wanted
from connectors.cloud.aws.responses import ResponseSource, malformed, one, record, records, text, text_or_none

TAGS, POLICIES = "resource-tags", "resource-policies"
ARNS_AT_ONCE = 100
"""GetResources takes no more."""

TAGGED = Call(
    "resourcegroupstaggingapi", "GetResources", TAGS, items="ResourceTagMappingList", more_at="PaginationToken"
)


def _policy(service: str, operation: str, by: str, *absent: str) -> Call:
    return Call(service, operation, POLICIES, by=(by,), absent=frozenset(absent))


BUCKET = _policy("s3", "GetBucketPolicy", "Bucket", "NoSuchBucketPolicy")
KEY = _policy("kms", "GetKeyPolicy", "KeyId")
SECRET = _policy("secretsmanager", "GetResourcePolicy", "SecretId")
QUEUE_URL = _policy("sqs", "GetQueueUrl", "QueueName")
QUEUE = _policy("sqs", "GetQueueAttributes", "QueueUrl")
TOPIC = _policy("sns", "GetTopicAttributes", "TopicArn")
FUNCTION = _policy("lambda", "GetPolicy", "FunctionName", "ResourceNotFoundException")
REPOSITORY = _policy("ecr", "GetRepositoryPolicy", "repositoryName", "RepositoryPolicyNotFoundException")

BY_SERVICE: Mapping[str, tuple[Call, ...]] = {
    "s3": (BUCKET, *buckets.CALLS),
    "kms": (KEY,),
    "secretsmanager": (SECRET,),
    "sqs": (QUEUE_URL, QUEUE),
    "sns": (TOPIC,),
    "lambda": (FUNCTION,),
    "ecr": (REPOSITORY,),
}
CALLS = (TAGGED, ACCOUNT_BLOCK, *(call for calls in BY_SERVICE.values() for call in calls))

# Resources of these have no policy of their own (IAM User Guide, "AWS services that work with IAM").
WITHOUT_POLICY = frozenset(["rds", "ec2", "workspaces", "connect", "transcribe", "elasticache", "ds"])

GONE = frozenset(
    [
        *("NoSuchBucket", "NotFoundException", "ResourceNotFoundException", "QueueDoesNotExist", "NotFound"),
        *("AWS.SimpleQueueService.NonExistentQueue", "RepositoryNotFoundException"),
    ]
)


@dataclass
class Resources:
    """What was read of them."""

    facts: list[ResourceFacts] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def read_resources(answers: ResponseSource, account: str, phi: Marked, region: str) -> Resources:
    """Read tags and policies of what is configured and of what is tagged; a refusal leaves only that unread."""
    found = Resources()
    tags = _tags(answers, phi, region, found)
    arns = sorted({*phi.arns, *(arn for arn, pairs in tags.items() if phi.marks(pairs))})
    block = buckets.Block()
    if any(_service(arn) == "s3" for arn in arns):
        block = buckets.read_block(answers, ACCOUNT_BLOCK, found.unread, AccountId=account)
    for arn in arns:
        facts = _read(answers, arn, account, found)
        if facts is None:
            found.gaps.append(Gap("resource-not-found", arn, "it is configured or tagged, and does not exist"))
            continue
        marked = phi.marks(tags.get(arn, ()))
        within = () if marked else phi.within.get(arn, ())
        facts = replace(facts, tags=dict(sorted(tags.get(arn, ()))), phi=True, within=within)
        found.facts.append(_opened(answers, facts, account, block, found) if _service(arn) == "s3" else facts)
    return found


def _opened(
    answers: ResponseSource, facts: ResourceFacts, account: str, block: buckets.Block, found: Resources
) -> ResourceFacts:
    """Add what opens a bucket beside its policy."""
    bucket = facts.arn.rpartition(":")[2].partition("/")[0]
    opening = buckets.read_opening(answers, bucket, account, block, found.unread)
    return replace(
        facts,
        public_access_blocked=opening.block.policies,
        public_lists_ignored=opening.block.lists,
        owner_enforced=opening.owner_enforced,
        acl=opening.acl,
        key=opening.key,
    )


def _tags(answers: ResponseSource, phi: Marked, region: str, found: Resources) -> dict[str, list[tuple[str, str]]]:
    """Return the tags of configured and of tagged resources, by ARN."""
    tags: dict[str, list[tuple[str, str]]] = {}
    try:
        for request in _questions(phi, region):
            for resource in records(answers, TAGGED, **request):
                arn = text(TAGGED, resource, "ResourceARN")
                pairs = resource.get("Tags", [])
                if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
                    raise malformed(TAGGED, "Tags")
                tags[arn] = [(text(TAGGED, pair, "Key"), str(pair.get("Value", ""))) for pair in pairs]
    except CallRefused as refused:
        found.unread[TAGS] = refused.message
    return tags


def _questions(phi: Marked, region: str) -> Iterator[dict[str, Any]]:
    """Yield the requests: the API speaks of one region at a time, and takes the tags of one request together."""
    for where in phi.regions or (region,):
        for key, value in sorted(phi.tags.items()):
            yield {REGION: where, "TagFilters": [{"Key": key, "Values": list(wanted(value))}]}
    by_region: dict[str, list[str]] = {}
    for arn in sorted(phi.arns):
        by_region.setdefault(arn.split(":")[3] or region, []).append(arn)
    for where, arns in sorted(by_region.items()):
        for start in range(0, len(arns), ARNS_AT_ONCE):
            yield {REGION: where, "ResourceARNList": arns[start : start + ARNS_AT_ONCE]}


def _read(answers: ResponseSource, arn: str, account: str, found: Resources) -> ResourceFacts | None:
    """Read one policy; `None` when there is no such resource."""
    owner = arn.split(":")[4] or account
    service = _service(arn)
    if service in WITHOUT_POLICY:
        return ResourceFacts(arn, owner)
    if owner != account or service not in BY_SERVICE:
        why = f"it is of the account {owner}" if owner != account else f"policies of `{service}` are not read"
        found.unread.setdefault(POLICIES, f"`{arn}`: {why}")
        return ResourceFacts(arn, owner, policy_read=False)
    try:
        policy = _READERS[service](answers, arn, account)
    except CallRefused as refused:
        if refused.code in GONE:
            return None
        found.unread[POLICIES] = refused.message
        return ResourceFacts(arn, owner, policy_read=False)
    return ResourceFacts(arn, owner, policy=None if policy is None else document_text(policy))


def _bucket(answers: ResponseSource, arn: str, account: str) -> str | None:
    # The expected owner keeps a bucket of a stranger who took a freed name from being judged as ours.
    return _text(answers, BUCKET, "Policy", Bucket=arn.rpartition(":")[2], ExpectedBucketOwner=account)


def _key(answers: ResponseSource, arn: str, account: str) -> str | None:  # noqa: ARG001 - one signature for all
    return _text(answers, KEY, "Policy", KeyId=arn, PolicyName="default")


def _secret(answers: ResponseSource, arn: str, account: str) -> str | None:  # noqa: ARG001
    return _text(answers, SECRET, "ResourcePolicy", SecretId=arn)


def _queue(answers: ResponseSource, arn: str, account: str) -> str | None:
    where = {REGION: arn.split(":")[3]}
    name = arn.rpartition(":")[2]
    url = one(answers, QUEUE_URL, QueueName=name, QueueOwnerAWSAccountId=account, **where) or {}
    asked = {"QueueUrl": text(QUEUE_URL, url, "QueueUrl"), "AttributeNames": ["Policy"], **where}
    return text_or_none(QUEUE, record(QUEUE, one(answers, QUEUE, **asked) or {}, "Attributes"), "Policy")


def _topic(answers: ResponseSource, arn: str, account: str) -> str | None:  # noqa: ARG001
    answer = one(answers, TOPIC, TopicArn=arn, **{REGION: arn.split(":")[3]}) or {}
    return text_or_none(TOPIC, record(TOPIC, answer, "Attributes"), "Policy")


def _function(answers: ResponseSource, arn: str, account: str) -> str | None:  # noqa: ARG001
    return _text(answers, FUNCTION, "Policy", FunctionName=arn)


def _repository(answers: ResponseSource, arn: str, account: str) -> str | None:
    name = arn.partition(":repository/")[2]
    return _text(answers, REPOSITORY, "policyText", arn=arn, registryId=account, repositoryName=name)


_READERS = {
    "s3": _bucket,
    "kms": _key,
    "secretsmanager": _secret,
    "sqs": _queue,
    "sns": _topic,
    "lambda": _function,
    "ecr": _repository,
}


def _text(answers: ResponseSource, call: Call, key: str, arn: str = "", **request: Any) -> str | None:
    """Ask for a policy, in the region that the ARN names."""
    named = [arn, *(str(value) for value in request.values())]
    region = next((value.split(":")[3] for value in named if value.startswith("arn:")), "")
    answer = one(answers, call, **request, **({REGION: region} if region else {}))
    return None if answer is None else text_or_none(call, answer, key)


def _service(arn: str) -> str:
    return arn.split(":")[2]
