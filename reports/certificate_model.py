"""
What a certificate states: one page about one person's coming, moving or leaving, in the words of no language.

What was read and attested stands as it was recorded; the words around it are those of `certificate_words.yaml`, so that
one signed statement can be shown in each of its languages.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CertificateKind(StrEnum):
    """What it is about."""

    OFFBOARD = "offboard"
    ONBOARD = "onboard"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class CertifiedInstant:
    """When something took effect, and which record says so."""

    kind: str
    """`exact`, `not later than` or `between two audits`."""
    earliest: datetime | None
    latest: datetime
    why: str
    source: str = ""
    record: str = ""
    """The id of the record in its source."""
    sha256: str = ""
    """Of the record as it was read."""
    actor: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class CertifiedAccess:
    """One account, or one thing that an account holds, in one system."""

    system: str
    """Its title."""
    login: str
    what: str
    """What it holds; empty for the account itself."""
    state: str
    """`live`, `ended`, `held`, `taken`, `ready` or `missing`."""
    read_at: datetime
    """As of when a whole read saw it so."""
    timely: str = ""
    """How it stands by the practice's clock: the words of `auditor offboard`; empty where no clock counts."""
    hours: str = ""
    """Hours from the end or the change until then, at the latest; one decimal."""
    instant: CertifiedInstant | None = None
    clock: str = ""
    """What is known of the clock of that system."""


@dataclass(frozen=True, slots=True)
class CertifiedItem:
    """One item of the checklist, with its answer."""

    id: str
    text: str
    """In English, as the checklist has it."""
    answer: str
    attested: bool
    """Whether a person's word answers it."""
    source: str
    evidence: tuple[str, ...]
    todo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertifiedClock:
    """One clock in hours, whose choice it is, and when it ran out."""

    hours: int
    source: str
    proposed: bool
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One statement about one person; signed by the practice's ledger key."""

    kind: CertificateKind
    practice: str
    practice_name: str
    timezone: str
    vma: str
    name: str
    outcome: str
    """`GONE`, `NOT GONE`, `UNPROVEN`, `READY`, `NOT READY`, `DONE` or `NOT DONE`."""
    dates: tuple[tuple[str, str], ...]
    """What happened when: `last_day`, `first_day`, `roles_before`, `roles_after`, … with the day or the words."""
    made: datetime
    audit: int
    audited: datetime
    access: tuple[CertifiedAccess, ...]
    items: tuple[CertifiedItem, ...]
    clocks: tuple[CertifiedClock, ...]
    lives_on: tuple[str, ...]
    """What may live on after the ends above, as the connectors word it."""
    open: tuple[str, ...]
    """What else is open, in words: what was not read, what nobody has settled."""
    tool: str
    """The version that made it."""
    entry: int
    """Of the ledger: the one that vouches for the audit."""
    head: str
    """The signed head of the ledger at that entry: number, hash, signature."""
    key: str
    """The public key that signed the ledger, and signs this."""


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A certificate with what makes it one."""

    certificate: Certificate
    id: str
    """`C-` and ten letters, made of the hash of what is signed."""
    body: bytes
    """Canonical JSON: exactly what is signed."""
    signature: str
    """Ed25519, base64."""
