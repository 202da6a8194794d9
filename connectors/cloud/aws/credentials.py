"""
What each user can sign in with, asked user by user: exact now, where the credential report is up to four hours old.

Source: IAM API Reference, ListAccessKeys, GetAccessKeyLastUsed, GetLoginProfile, ListMFADevices.
"""

from collections.abc import Sequence

from connectors.cloud.aws.calls import Call
from connectors.cloud.aws.estate import AccessKey
from connectors.cloud.aws.responses import ResponseSource, items, moment, one, record, records, text
from connectors.facts import NEVER

GONE = frozenset(["NoSuchEntity", "NoSuchEntityException"])
KEYS = Call(
    "iam",
    "ListAccessKeys",
    "access-keys",
    by=("UserName",),
    items="AccessKeyMetadata",
    more_at="Marker",
    absent=GONE,
)
KEY_USED = Call("iam", "GetAccessKeyLastUsed", "access-keys", by=("AccessKeyId",), absent=GONE)
PROFILE = Call("iam", "GetLoginProfile", "login-profiles", by=("UserName",), absent=GONE)
DEVICES = Call(
    "iam",
    "ListMFADevices",
    "mfa-devices",
    by=("UserName",),
    items="MFADevices",
    more_at="Marker",
    absent=GONE,
)


def read_keys(answers: ResponseSource, users: Sequence[str]) -> dict[str, tuple[AccessKey, ...]]:
    """Read the keys of each user by name, never their secrets; raises `Refused`."""
    return {name: tuple(sorted(_keys(answers, name), key=lambda key: key.id)) for name in users}


def read_profiles(answers: ResponseSource, users: Sequence[str]) -> dict[str, bool]:
    """Read who has a password for the console; raises `Refused`."""
    return {name: one(answers, PROFILE, UserName=name) is not None for name in users}


def has_device(answers: ResponseSource, user: str) -> bool:
    """Ask whether a user has an MFA device of any kind; raises `Refused`."""
    return bool(items(answers, DEVICES, UserName=user))


def _keys(answers: ResponseSource, user: str) -> list[AccessKey]:
    found = []
    for key in records(answers, KEYS, UserName=user):
        id_ = text(KEYS, key, "AccessKeyId")
        answer = one(answers, KEY_USED, AccessKeyId=id_)
        used = None if answer is None else record(KEY_USED, answer, "AccessKeyLastUsed")
        last = None if used is None else (moment(KEY_USED, used, "LastUsedDate") or NEVER)
        found.append(AccessKey(id_, key.get("Status") == "Active", moment(KEYS, key, "CreateDate"), last))
    return found
