"""
The shapes of GetAccountAuthorizationDetails, as far as they are used.

Source: IAM API Reference, UserDetail, GroupDetail, ManagedPolicyDetail, PolicyDetail.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)


class Tag(_Shape):
    """A tag of a user."""

    key: str
    value: str


class Inline(_Shape):
    """A policy that stands inside one user or group."""

    policy_name: str
    policy_document: Any = None


class Attached(_Shape):
    """A managed policy that is attached."""

    policy_arn: str
    policy_name: str | None = None


class Boundary(_Shape):
    """The policy that limits a user."""

    permissions_boundary_arn: str


class User(_Shape):
    """A user with all that it holds."""

    user_name: str
    user_id: str
    arn: str
    create_date: datetime | None = None
    user_policy_list: tuple[Inline, ...] = ()
    group_list: tuple[str, ...] = ()
    attached_managed_policies: tuple[Attached, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[Tag, ...] = ()


class Group(_Shape):
    """A group with the policies that its members get."""

    group_name: str
    arn: str
    group_policy_list: tuple[Inline, ...] = ()
    attached_managed_policies: tuple[Attached, ...] = ()


class Version(_Shape):
    """One version of a managed policy."""

    version_id: str = ""
    is_default_version: bool = False
    document: Any = None


class Policy(_Shape):
    """A managed policy with its versions."""

    arn: str
    policy_name: str | None = None
    default_version_id: str | None = None
    policy_version_list: tuple[Version, ...] = ()


class Details(_Shape):
    """One page of the answer."""

    user_detail_list: tuple[User, ...] = ()
    group_detail_list: tuple[Group, ...] = ()
    role_detail_list: tuple[Any, ...] = ()
    policies: tuple[Policy, ...] = ()


def document_text(document: Any) -> str:
    """
    Return a policy document as one canonical JSON text.

    Raw IAM answers hold URL-encoded JSON: it is decoded. What is no JSON object stays as it is, whatever it is:
    it must reach the reader of documents, which says that it cannot be understood.
    """
    if not isinstance(document, str):
        return _canonical(document)
    for text in (document, unquote(document)):
        try:
            decoded = json.loads(text, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError):
            continue
        if isinstance(decoded, dict):
            return _canonical(decoded)
    return document


def _canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
