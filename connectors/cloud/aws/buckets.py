"""
What opens a bucket beside its policy: Block Public Access, access lists, whether these count at all, and its key.

Never what is in it: of its files' own access lists nothing is read, so they are known to be closed only where access
lists are switched off (`BucketOwnerEnforced`), or public ones are ignored (`IgnorePublicAcls`).
Source: S3 User Guide, "Blocking public access", "Controlling ownership of objects", "Access control list overview",
"Setting default server-side encryption behavior".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.cloud.aws.calls import Call, CallRefused
from connectors.cloud.aws.estate import AclGrant
from connectors.cloud.aws.responses import Response, ResponseSource, malformed, one, record

BLOCK, LISTS, ENCRYPTED = "public-access-block", "access-lists", "encryption"
NO_BLOCK = frozenset(["NoSuchPublicAccessBlockConfiguration"])

BUCKET_BLOCK = Call(
    "s3", "GetPublicAccessBlock", BLOCK, by=("Bucket",), needs="s3:GetBucketPublicAccessBlock", absent=NO_BLOCK
)
ACCOUNT_BLOCK = Call(
    "s3control", "GetPublicAccessBlock", BLOCK, needs="s3:GetAccountPublicAccessBlock", absent=NO_BLOCK
)
OWNERSHIP = Call(
    "s3",
    "GetBucketOwnershipControls",
    LISTS,
    by=("Bucket",),
    absent=frozenset(["OwnershipControlsNotFoundError"]),
)
ACL = Call("s3", "GetBucketAcl", LISTS, by=("Bucket",))
ENCRYPTION = Call(
    "s3",
    "GetBucketEncryption",
    ENCRYPTED,
    by=("Bucket",),
    needs="s3:GetEncryptionConfiguration",
    absent=frozenset(["ServerSideEncryptionConfigurationNotFoundError"]),
)
CALLS = (BUCKET_BLOCK, OWNERSHIP, ACL, ENCRYPTION)


@dataclass(frozen=True, slots=True)
class Block:
    """What Block Public Access stops; `None` where nobody would say."""

    policies: bool | None = None
    """`RestrictPublicBuckets`."""
    lists: bool | None = None
    """`IgnorePublicAcls`."""

    def or_(self, other: "Block") -> "Block":
        """Return what either stops: the setting of the account and that of the bucket."""
        return Block(_either(self.policies, other.policies), _either(self.lists, other.lists))


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of one bucket."""

    block: Block
    owner_enforced: bool | None
    acl: tuple[AclGrant, ...] | None
    key: str | None
    """The key of KMS, as the bucket names it; empty: none that anybody needs a right to."""


def read_opening(answers: ResponseSource, bucket: str, account: str, above: Block, unread: dict[str, str]) -> Opening:
    """Read a bucket; what is refused is `None`, and named in `unread`."""
    asked = {"Bucket": bucket, "ExpectedBucketOwner": account}
    block = read_block(answers, BUCKET_BLOCK, unread, **asked).or_(above)
    owner_enforced = acl = None
    try:
        owner_enforced = _owner_enforced(one(answers, OWNERSHIP, **asked))
    except CallRefused as refused:
        unread[LISTS] = refused.message
    if not owner_enforced:
        try:
            acl = _grants(one(answers, ACL, **asked) or {})
        except CallRefused as refused:
            unread[LISTS] = refused.message
    return Opening(block, owner_enforced, acl, _key(answers, asked, unread))


def _key(answers: ResponseSource, asked: Mapping[str, Any], unread: dict[str, str]) -> str | None:
    """Return the key with which new files are encrypted; the one that AWS manages (`aws/s3`) needs no right to it."""
    try:
        answer = one(answers, ENCRYPTION, **asked)
    except CallRefused as refused:
        unread[ENCRYPTED] = refused.message
        return None
    rules = record(ENCRYPTION, answer or {}, "ServerSideEncryptionConfiguration").get("Rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise malformed(ENCRYPTION, "Rules")
    keys = (record(ENCRYPTION, rule, "ApplyServerSideEncryptionByDefault").get("KMSMasterKeyID") for rule in rules)
    found = next((str(key) for key in keys if key), "")
    return "" if found.endswith("alias/aws/s3") else found


def read_block(answers: ResponseSource, call: Call, unread: dict[str, str], **request: Any) -> Block:
    """Read Block Public Access of a bucket or of the account; nothing configured stops nothing."""
    try:
        answer = one(answers, call, **request)
    except CallRefused as refused:
        unread[BLOCK] = refused.message
        return Block()
    if answer is None:
        return Block(policies=False, lists=False)
    said = record(call, answer, "PublicAccessBlockConfiguration")
    stops = [said.get(name, False) for name in ("RestrictPublicBuckets", "IgnorePublicAcls")]
    if not all(isinstance(one, bool) for one in stops):
        raise malformed(call, "RestrictPublicBuckets")
    return Block(*stops)


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if None in (one, other) else False


def _owner_enforced(answer: Response | None) -> bool:
    if answer is None:
        return False
    rules = record(OWNERSHIP, answer, "OwnershipControls").get("Rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise malformed(OWNERSHIP, "Rules")
    return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)


def _grants(answer: Response) -> tuple[AclGrant, ...]:
    """Return whom the list of a bucket lets in; its owner's own grant is none."""
    owner = record(ACL, answer, "Owner").get("ID")
    grants = answer.get("Grants")
    if not isinstance(grants, list):
        raise malformed(ACL, "Grants")
    found = set()
    for grant in grants:
        grantee = grant.get("Grantee") if isinstance(grant, dict) else None
        if not isinstance(grantee, dict) or not isinstance(grant.get("Permission"), str):
            raise malformed(ACL, "Grants")
        whom = grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress")
        if not isinstance(whom, str):
            raise malformed(ACL, "Grantee")
        if whom != owner:
            found.add(AclGrant(whom, grant["Permission"]))
    return tuple(sorted(found, key=lambda grant: (grant.grantee, grant.permission)))
