"""What `auditor connect --map` tells a machine: the fields are the public keys, but for those in `KEYS`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.mapping.catalog_draft import UnknownEntitlement
from auditor.mapping.look import Look
from connectors.facts import EntitlementKind, SystemKind
from connectors.generic.table.infer.proposal import DROPPED, SECRET, Guess, SettingsQuestion
from reports.as_json import Keys


@dataclass(frozen=True, slots=True)
class UnknownData:
    """One entitlement that no catalog classifies."""

    name: str
    kind: EntitlementKind
    live_holders: int


@dataclass(frozen=True, slots=True)
class LookData:
    """What was understood of an export; no account is in it, only counts."""

    file: str
    format: tuple[str, ...]
    rows: int
    columns: tuple[Guess, ...]
    dropped: tuple[str, ...]
    """Columns of patient data."""
    secrets: tuple[str, ...]
    questions: tuple[SettingsQuestion, ...]
    kind: SystemKind
    doubts: tuple[str, ...]
    missing: tuple[str, ...]
    mapping: Mapping[str, Any]
    reads_whole: bool
    refused: str
    accounts: int
    statuses: Mapping[str, int]
    not_said: tuple[str, ...]
    product: str
    unclassified: tuple[UnknownData, ...]
    written: Mapping[str, str]
    """Files, by what they are."""


KEYS: Keys = {SettingsQuestion: {"kept": None, "claim": None}}
"""What of a question is for the mapping file alone."""


def look_data(look: Look, written: Mapping[str, str]) -> LookData:
    """Return what was understood for a machine; `written` says which files were made."""
    proposal = look.proposal
    return LookData(
        file=str(proposal.path),
        format=tuple(proposal.told),
        rows=proposal.rows,
        columns=tuple(proposal.columns),
        dropped=tuple(g.column for g in proposal.columns if g.meaning == DROPPED),
        secrets=tuple(g.column for g in proposal.columns if g.meaning == SECRET),
        questions=tuple(proposal.asked),
        kind=look.kind,
        doubts=tuple(proposal.doubts),
        missing=tuple(proposal.missing),
        mapping=proposal.mapping,
        reads_whole=look.whole,
        refused=look.refused,
        accounts=len(look.accounts),
        statuses=look.statuses(),
        not_said=look.not_said(),
        product=look.product,
        unclassified=tuple(_unknown(one) for one in look.unknown),
        written=written,
    )


def _unknown(one: UnknownEntitlement) -> UnknownData:
    return UnknownData(one.entitlement.name, one.entitlement.kind, one.live_holders)
