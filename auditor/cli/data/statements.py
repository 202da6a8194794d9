"""What the commands that record and list statements tell a machine (`auditor attest`, `approve`, `statements`, …)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.ledger.statements import Statement
from reports.as_json import SPREAD, Keys


@dataclass(frozen=True, slots=True)
class RecordedData:
    """A statement as it was signed."""

    id: str
    body: Mapping[str, Any]
    """The fields of `Statement`, those that say nothing left out."""


@dataclass(frozen=True, slots=True)
class ListedData:
    """A statement, and whether it holds on the day that was asked for."""

    id: str
    in_force: bool
    body: Mapping[str, Any]


KEYS: Keys = {RecordedData: {"body": SPREAD}, ListedData: {"body": SPREAD}}


def recorded_data(statement: Statement) -> RecordedData:
    """Return a statement for a machine."""
    return RecordedData(statement.id, json.loads(statement.body()))


def listed_data(statement: Statement, *, in_force: bool) -> ListedData:
    """Return a statement of a list for a machine."""
    return ListedData(statement.id, in_force, json.loads(statement.body()))
