"""The store: every audit that ever ran, as intervals, with the ledger that vouches for them."""

from auditor.store.reading import StoredFinding
from auditor.store.store import SavedAudit, Store

__all__ = ["SavedAudit", "Store", "StoredFinding"]
