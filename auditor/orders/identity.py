"""
The id of an order, which tickets hold on to.

It comes from practice, kind, VMA, system, account and entitlement, by their native ids, and from nothing else: it
survives re-runs, renames and better wording, and an order that comes back has the id that it had.
"""

import base64
import hashlib

from auditor.snapshot import OrderKind
from policies.engine.case import AccountKey


def order_id(practice: str, kind: OrderKind, vma: str, account: AccountKey, entitlement: str) -> str:
    """Return the id: `O-` and 10 letters and digits (50 bits of SHA-256)."""
    digest = hashlib.sha256("\x00".join((practice, kind, vma, *account, entitlement)).encode()).digest()
    return "O-" + base64.b32encode(digest).decode()[:10]
