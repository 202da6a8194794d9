"""What `auditor watch` tells a machine: an event a line, and how it stands with every recipient."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.watch.state import Delivery
from reports.as_json import SPREAD, Keys


@dataclass(frozen=True, slots=True)
class WatchEventData:
    """Something that happened; each kind has facts of its own (docs/watch.md)."""

    event: str
    at: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecipientData:
    """How it stands with one recipient."""

    delivery: Delivery
    configured: bool


@dataclass(frozen=True, slots=True)
class WatchStatusData:
    """The next audit, and everybody who is told."""

    next_scheduled: str | None
    clock_was_ahead: tuple[str, ...]
    recipients: tuple[RecipientData, ...]


KEYS: Keys = {WatchEventData: {"facts": SPREAD}, RecipientData: {"delivery": SPREAD}}
