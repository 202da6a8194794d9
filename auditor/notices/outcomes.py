"""What can come of a file that somebody hands over: each has a name, and whether it is kept, answered, or both."""

from enum import StrEnum


class ReceivedOutcome(StrEnum):
    """What came of one file."""

    RECEIVED = "received"
    """A notice of somebody whom we know: it is kept, answered by a receipt, and claims what it says."""
    REPEATED = "repeated"
    """It is here already: nothing is added, and the answer is the same receipt, byte for byte."""
    DELIVERED = "delivered"
    """The receipt of a notice that we made: the proof that it arrived."""
    KEY_OFFERED = "key-offered"
    """The key of somebody, which counts once a person has compared its fingerprint."""
    KEY_REVOKED = "key-revoked"
    """The owner of a key that we know says that it counts no more."""
    MALFORMED = "malformed"
    ANOTHER_RECIPIENT = "another-recipient"
    TAMPERED = "tampered"
    """Its signature does not fit what it says."""
    UNKNOWN_KEY = "unknown-key"
    ANOTHER_SENDER = "another-sender"
    """The key is that of another party than the one that the file names as its sender."""
    REVOKED_KEY = "revoked-key"
    RETIRED_KEY = "retired-key"
    """Another key took its place, with a number before this one's."""
    UNUSABLE_KEY = "unusable-key"
    """It brings a new key that its sender does not have, or that is another's, or revoked."""
    NO_SUCH_NOTICE = "no-such-notice"
    """A receipt of something that we never sent to its sender."""
    SECOND_RECEIPT = "second-receipt"
    """A receipt that says something else than the one that is here."""

    @property
    def refused(self) -> bool:
        """Whether it cannot count: it is kept in quarantine, and nobody is answered."""
        return self not in _COUNT


_COUNT = frozenset(
    (
        ReceivedOutcome.RECEIVED,
        ReceivedOutcome.REPEATED,
        ReceivedOutcome.DELIVERED,
        ReceivedOutcome.KEY_OFFERED,
        ReceivedOutcome.KEY_REVOKED,
    )
)
