"""
CloudTrail in front of moto, which has none: it hears each call that changes IAM, and tells it in the documented shape.

What it tells comes from the real requests and answers alone: a call that moto or the front refuses is told with its
error code and without its parameters, passwords are left out, and times are whole seconds, cut off. `LookupEvents`
answers newest first, in pages, for one attribute, from a time on, and for
the events of its region.
Source: CloudTrail API Reference, LookupEvents; User Guide, "CloudTrail record contents".
"""

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.servers.aws import ACCOUNT, Asked, World

Json = dict[str, Any]
HOME = "us-east-1"
WRITES = (
    "Add",
    "Attach",
    "Create",
    "Deactivate",
    "Delete",
    "Detach",
    "Enable",
    "Put",
    "Remove",
    "Tag",
    "Update",
    "Upload",
)
ADMIN = "AKIAADMINADMINADMIN1"
HIDDEN = frozenset(["Password", "Version"])


class CloudTrail:
    """The record of one account; `page_size` events on a page."""

    def __init__(self, world: World, page_size: int = 50) -> None:
        self.records: list[Json] = []
        self.page_size = page_size
        self.names = {ADMIN: "admin"}
        """By access key: whose it is."""
        world.heard.append(self.hear)
        world.lacks["cloudtrail", "LookupEvents"] = self.look_up

    def hear(self, asked: Asked, status: int, answer: bytes) -> None:
        if asked.service != "iam" or not asked.operation.startswith(WRITES):
            return
        text = answer.decode()
        refused = status >= 400
        record = {
            **shaped("iam", asked.operation, datetime.now(UTC), actor=self.names.get(asked.key, ""), key=asked.key),
            "requestParameters": None if refused else parameters(asked.fields),
            "responseElements": None if refused else said(asked.operation, text),
        }
        if refused:
            record["errorCode"] = (re.search(r"<Code>([^<]+)", text) or ["", "InternalFailure"])[1]
        self.records.append(record)

    def look_up(self, asked: Asked) -> Json:
        attributes = asked.fields.get("LookupAttributes", [])
        if len(attributes) != 1:
            return {"_status": 400, "__type": "InvalidLookupAttributesException"}
        key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
        since = datetime.fromtimestamp(asked.fields.get("StartTime", 0), UTC)
        here = (r for r in reversed(self.records) if r["awsRegion"] == asked.region)
        found = [r for r in here if _has(r, key, value) and _stamp(r) >= since.timestamp()]
        start = int(asked.fields.get("NextToken") or 0)
        page = found[start : start + self.page_size]
        more = {"NextToken": str(start + self.page_size)} if start + self.page_size < len(found) else {}
        return {"Events": list(map(listed, page)), **more}


def shaped(source: str, name: str, at: datetime, *, actor: str = "admin", key: str = ADMIN, **more: Any) -> Json:
    """A record as CloudTrail writes it; `more` replaces parts of it."""
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{actor.upper()}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{actor}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": actor,
    }
    return {
        "eventVersion": "1.09",
        "userIdentity": identity,
        "eventTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": HOME,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Boto3",
        "requestParameters": None,
        "responseElements": None,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **more,
    }


def listed(record: Json) -> Json:
    """A record as `LookupEvents` lists it."""
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": "false",
        "EventTime": _stamp(record),
        "EventSource": record["eventSource"],
        "Username": record["userIdentity"].get("userName", ""),
        "Resources": [],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }


def parameters(fields: Json) -> Json:
    """The parameters of a request as records write them."""
    return {name[0].lower() + name[1:]: value for name, value in fields.items() if name not in HIDDEN}


def said(operation: str, text: str) -> Json | None:
    """What a record keeps of an answer: never a secret."""
    kept = {"CreateUser": ("user", ("UserName", "UserId", "Arn")), "CreateAccessKey": ("accessKey", _KEY)}
    if operation not in kept:
        return None
    part, names = kept[operation]
    values = {name: match[1] for name in names if (match := re.search(f"<{name}>([^<]+)", text))}
    return {part: parameters(values)}


def files(records: Iterable[Json]) -> bytes:
    """Records as a file of a trail holds them, unpacked."""
    return json.dumps({"Records": list(records)}, separators=(",", ":")).encode()


_KEY = ("UserName", "AccessKeyId", "Status")


def _stamp(record: Json) -> float:
    try:
        return datetime.fromisoformat(record["eventTime"]).timestamp()
    except ValueError:
        return math.inf  # a test has put it there


def _has(record: Json, key: str, value: str) -> bool:
    names = {"EventName": record["eventName"], "Username": record["userIdentity"].get("userName", "")}
    names["ReadOnly"] = str(record["readOnly"]).lower()
    names["AccessKeyId"] = record["userIdentity"].get("accessKeyId", "")
    return names.get(key) == value
