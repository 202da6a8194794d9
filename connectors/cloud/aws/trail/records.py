"""
One record of CloudTrail, with the little that is used of it.

Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events",
"userIdentity element", "Console sign-in events".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.audit_log import LogRecord
from connectors.errors import InputError
from connectors.inputs.json import parse_json
from connectors.inputs.stamps import parse_stamp

SOURCE = "CloudTrail"
MAX_TEXT = 2048
"""Longer than any ARN; what is longer is no name."""


@dataclass(frozen=True, slots=True)
class TrailRecord:
    """A call to AWS, or a sign-in to its console."""

    source: str
    """The service that was called, such as `iam`."""
    name: str
    at: datetime
    account: str
    """The account whose record this is."""
    region: str
    error: str
    """Why it was refused; empty where it took effect."""
    actor: str
    caller: str
    """The name of the IAM user who called; empty for anybody else."""
    root: bool
    """Whether the root user called."""
    key: str
    """The access key that signed the call."""
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    identity: Mapping[str, Any]
    details: Mapping[str, Any]
    record: LogRecord

    def asked(self, name: str) -> str:
        """Return a text of the request; empty where there is none."""
        return text_in(self.request, name)


def parse_record(data: Any, raw: str | None = None) -> TrailRecord:
    """
    Take a record apart; `raw` is its text as it came. Raises `ValueError` for what is not as documented.

    A sign-in that failed carries no `errorCode`: its answer says so.
    """
    if not isinstance(data, dict):
        raise ValueError("a record is not a JSON object")
    source, dot, domain = _must(data, "eventSource").partition(".")
    if not dot or not domain.startswith("amazonaws.com"):
        raise ValueError("`eventSource` is no service of AWS")
    stamp = parse_stamp(_must(data, "eventTime"))
    identity, response = _part(data, "userIdentity"), _part(data, "responseElements")
    error = text_in(data, "errorCode") or text_in(data, "errorMessage")
    if source == "signin" and text_in(response, "ConsoleLogin") not in ("Success", ""):
        error = error or "the sign-in failed"
    text = raw if raw is not None else json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    kind = text_in(identity, "type")
    return TrailRecord(
        source=source,
        name=_must(data, "eventName"),
        at=stamp.at,
        account=text_in(data, "recipientAccountId") or text_in(identity, "accountId"),
        region=text_in(data, "awsRegion"),
        error=error,
        actor=_actor(identity),
        caller=text_in(identity, "userName") if kind == "IAMUser" else "",
        root=kind == "Root",
        key=text_in(identity, "accessKeyId"),
        request=_part(data, "requestParameters"),
        response=response,
        identity=identity,
        details={**_part(data, "additionalEventData"), **_part(data, "serviceEventDetails")},
        record=LogRecord.of(SOURCE, _must(data, "eventID"), text.encode()),
    )


def of_history(event: Any) -> tuple[Any, str | None]:
    """Return the record inside an event of the event history, and its text; `None` where there is none."""
    text = event.get("CloudTrailEvent") if isinstance(event, dict) else None
    if not isinstance(text, str):
        return None, None
    try:
        return parse_json(text, "CloudTrailEvent"), text
    except InputError:
        return None, None


def part_in(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a record inside a record; an empty one where there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def text_in(data: Mapping[str, Any], name: str) -> str:
    """Return a text inside a record; empty where there is none, or none that could be a name."""
    found = data.get(name)
    return found if isinstance(found, str) and len(found) <= MAX_TEXT else ""


def _must(data: Mapping[str, Any], name: str) -> str:
    found = text_in(data, name)
    if not found:
        raise ValueError(f"`{name}` of a record is missing")
    return found


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if found is not None and not isinstance(found, dict):
        raise ValueError(f"`{name}` of a record is not a JSON object")
    return found or {}


def _actor(identity: Mapping[str, Any]) -> str:
    """Name who called as AWS does: `user/admin`, `assumed-role/Admins/maria`, `root`, a service."""
    arn = text_in(identity, "arn")
    if arn.count(":") >= 5:
        return arn.split(":", 5)[5]
    names = ("userName", "invokedBy", "principalId", "type")
    return next((found for name in names if (found := text_in(identity, name))), "")
