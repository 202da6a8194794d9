"""
Saved answers of Google's Reports API: what administrators did, and who signed in.

Source: Admin SDK, Reports API v1, activities: list; "Admin Audit Activity Events" and "Login Audit Activity Events".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connectors.audit_log import SECOND, LogRecord
from connectors.directory.google.answers import read_answers
from connectors.inputs.fields import Fields
from connectors.inputs.stamps import oldest_first, parse_stamp

KIND = "admin#reports#activities"


@dataclass(frozen=True, slots=True)
class Activity:
    """One event; several can have one record."""

    at: datetime
    within: timedelta
    name: str
    customer: str
    actor: str
    actor_id: str
    parameters: Mapping[str, str]
    record: LogRecord

    def of(self, name: str) -> str:
        """Return a parameter in lower case; empty where there is none."""
        return self.parameters.get(name, "").strip().lower()


def read_activities(path: Path) -> list[Activity]:
    """Return the events in the order of their times; raises `InputError`, and `SourceTruncated` for a part."""
    found: dict[tuple[str, str], list[Activity]] = {}
    for entry in read_answers(path, "items", KIND, "activity"):
        events = list(_events(path, entry))
        if events:  # pages that overlap tell an entry twice
            found.setdefault((events[0].record.id, events[0].record.sha256), events)
    return oldest_first([event for events in found.values() for event in events])


def _events(path: Path, entry: Fields) -> Iterator[Activity]:
    id_, actor = entry.part("id"), entry.part("actor")
    if id_ is None:
        entry.refuse("id", "missing", "the `id` with its `time`")
    try:
        stamp = parse_stamp(id_.text("time"))
    except ValueError:
        id_.refuse("time", "no time with its offset", "a time as Google writes it, such as `2026-11-20T17:42:10.123Z`")
    raw = json.dumps(entry.values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    record = LogRecord.of(path.stem, f"{id_.text('time')} {id_.id('uniqueQualifier')}", raw.encode())
    for event in entry.entries("events", "event", optional=True):
        yield Activity(
            at=stamp.at,
            within=max(stamp.resolution, SECOND),  # several servers write one log
            name=event.text("name"),
            customer=id_.text_or_none("customerId") or "",
            actor=(actor.text_or_none("email") if actor else None) or "",
            actor_id=(actor.text_or_none("profileId") if actor else None) or "",
            parameters=dict(_parameters(event)),
            record=record,
        )


def _parameters(event: Fields) -> Iterator[tuple[str, str]]:
    for one in event.entries("parameters", "parameter", optional=True):
        name, value = one.text("name"), one.values.get("value")
        if isinstance(value, str) and len(value) <= one.origin.longest:
            yield name, value
