"""
The store: every audit that ever ran, as intervals, with the ledger that vouches for them.

`Store` is the one door; what is asked of it are records (`auditor.snapshot`), never rows. SQLite is known to
`auditor.sqlite` alone.
"""

from auditor.store.reading import StoredFinding
from auditor.store.store import SavedAudit, Store

__all__ = ["SavedAudit", "Store", "StoredFinding"]
