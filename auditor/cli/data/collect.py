"""What `auditor collect` tells a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.facts import Collection, Complete, Partial


@dataclass(frozen=True, slots=True)
class CollectData:
    """How much one system said, and what proves that it is all."""

    system: str
    source: str
    as_of: datetime
    complete: bool
    reason: str | None
    hint: str | None
    evidence: Mapping[str, str]
    accounts: int
    live_accounts: int
    entitlements: int
    grants: int


def collect_data(collection: Collection) -> CollectData:
    """Return one read for a machine."""
    state = collection.completeness
    return CollectData(
        system=collection.system.id,
        source=collection.source,
        as_of=collection.as_of,
        complete=collection.complete,
        reason=state.reason if isinstance(state, Partial) else None,
        hint=state.hint if isinstance(state, Partial) else None,
        evidence={e.name: e.detail for e in state.evidence} if isinstance(state, Complete) else {},
        accounts=len(collection.accounts),
        live_accounts=sum(account.live for account in collection.accounts),
        entitlements=len(collection.entitlements),
        grants=len(collection.grants),
    )
