"""The audit that a command worked on, for a machine."""

from dataclasses import dataclass
from datetime import datetime

from auditor.snapshot import AuditSummary


@dataclass(frozen=True, slots=True)
class StoredAuditData:
    """Which audit, and the instant at which it saw the systems."""

    id: int
    at: datetime


def audit_data(audit: AuditSummary) -> StoredAuditData:
    """Return an audit for a machine."""
    return StoredAuditData(audit.id, audit.at)
