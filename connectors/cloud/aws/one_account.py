"""
Single IAM users, asked by themselves: what they can sign in with now, where the credential report is hours old.

People of Identity Center, and the root user, need a whole read. Source: IAM API Reference (GetUser, GetLoginProfile,
ListAccessKeys, ListSigningCertificates, ListGroupsForUser, ListAttachedUserPolicies, ListUserPolicies).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.cloud.aws.authorization_details import ROOT
from connectors.cloud.aws.calls import Call
from connectors.cloud.aws.credentials import GONE, KEYS, PROFILE
from connectors.cloud.aws.responses import ResponseSource, items, one, record, records, text
from connectors.facts import Account, Status
from connectors.one_account import AccountNow


def _of_user(operation: str, wanted: str) -> Call:
    return Call("iam", operation, by=("UserName",), items=wanted, more_at="Marker", absent=GONE)


USER = Call("iam", "GetUser", by=("UserName",), absent=GONE)
CERTIFICATES = _of_user("ListSigningCertificates", "Certificates")
GROUPS = _of_user("ListGroupsForUser", "Groups")
ATTACHED = _of_user("ListAttachedUserPolicies", "AttachedPolicies")
INLINE = _of_user("ListUserPolicies", "PolicyNames")
CALLS = (USER, PROFILE, KEYS, CERTIFICATES, GROUPS, ATTACHED, INLINE)
_NO_USER = re.compile(rf"(?:[0-9a-f]{{10}}-)?[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}|{ROOT}")
"""Ids of people of Identity Center (Identity Store API Reference, UserId), and of the root user."""


def users_now(answers: ResponseSource, accounts: Sequence[Account]) -> Mapping[str, AccountNow | None]:
    """Return the IAM users among some accounts; one that was renamed is not shown. Raises `SourceError`."""
    found: dict[str, AccountNow | None] = {}
    for asked in accounts:
        if _NO_USER.fullmatch(asked.id):
            found[asked.id] = None
            continue
        answer = one(answers, USER, UserName=asked.login)
        if answer is None:
            continue
        user = record(USER, answer, "User")
        if text(USER, user, "UserId") == asked.id:  # the name may be somebody else's by now
            status = Status.ACTIVE if _can_sign_in(answers, asked.login) else Status.DISABLED
            given = _given(answers, asked.login, text(USER, user, "Arn"))
            found[asked.id] = AccountNow(replace(asked, status=status), given)
    return found


def _can_sign_in(answers: ResponseSource, name: str) -> bool:
    """Whether there is a password for the console, an active key, or an active certificate, as the report counts."""
    if one(answers, PROFILE, UserName=name) is not None:
        return True
    ways = (*records(answers, KEYS, UserName=name), *records(answers, CERTIFICATES, UserName=name))
    return any(way.get("Status") != "Inactive" for way in ways)


def _given(answers: ResponseSource, name: str, arn: str) -> frozenset[str]:
    groups = {text(GROUPS, group, "Arn") for group in records(answers, GROUPS, UserName=name)}
    attached = {text(ATTACHED, policy, "PolicyArn") for policy in records(answers, ATTACHED, UserName=name)}
    return frozenset({*groups, *attached, *(f"{arn}#{policy}" for policy in items(answers, INLINE, UserName=name))})
