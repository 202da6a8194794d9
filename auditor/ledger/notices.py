"""
What the store keeps of notices between two parties: each thing that happened, with the signed file itself.

Each record has an entry of the ledger of its own, made in the same moment: an agency that never audits can be verified
as a practice can, and nothing that was received can be taken out again unnoticed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeEvent(StrEnum):
    """What happened."""

    KEY_MADE = "key-made"
    """A key of our own, with which we sign from now on."""
    KEY_TRUSTED = "key-trusted"
    """Somebody compared the fingerprint of another party's key."""
    KEY_REVOKED = "key-revoked"
    """A key, of ours or of another party, counts no more."""
    MADE = "made"
    RECEIVED = "received"
    REFUSED = "refused"
    """A file that cannot count, kept as it came: its `outcome` says why."""
    RECEIPT_MADE = "receipt-made"
    RECEIPT_RECEIVED = "receipt-received"


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """One record."""

    party: str
    """Whose record it is: the id of the practice or agency that keeps the store."""
    at: datetime
    event: NoticeEvent
    about: str
    """SHA-256: of the notice's body, of the file's bytes where it was refused, of the key where it is about one."""
    outcome: str = ""
    """Of a file that was refused: why, in one word (`auditor.notices.outcomes`)."""
    detail: str = ""
    """In words: why, or by whom."""
    file: str | None = None
    """The signed file as it was made or came; `None` where it was too large to keep, or no text."""
    id: int | None = None
    """Given by the store, in the order in which things happened."""
