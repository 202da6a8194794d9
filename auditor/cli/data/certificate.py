"""What `auditor certificate` and `auditor verify` tell a machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.ledger.verify import StoreVerdict
from reports.certificate_model import Certificate, SignedCertificate


@dataclass(frozen=True, slots=True)
class IssuedData:
    """A certificate that was made, and where its pages are."""

    id: str
    pages: tuple[str, ...]
    signature: str
    vma: str
    outcome: str
    audit: int
    entry: int
    head: str


@dataclass(frozen=True, slots=True)
class CheckedData:
    """A certificate that somebody was given, checked."""

    ok: bool
    problems: tuple[str, ...]
    page_compared: bool
    certificate: Certificate
    """What was signed, never what the page shows."""
    id: str


@dataclass(frozen=True, slots=True)
class NoCertificateData:
    """A file that carries no certificate, more than one, or one that cannot be read."""

    ok: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedData:
    """A store, verified."""

    ok: bool
    entries: int
    valid: int
    tail_vouched: bool
    problems: tuple[str, ...]
    head: str | None


def issued_data(signed: SignedCertificate, pages: Sequence[Path]) -> IssuedData:
    """Return a certificate that was made for a machine."""
    told = signed.certificate
    return IssuedData(
        id=signed.id,
        pages=tuple(str(page) for page in pages),
        signature=signed.signature,
        vma=told.vma,
        outcome=told.outcome,
        audit=told.audit,
        entry=told.entry,
        head=told.head,
    )


def verified_data(verdict: StoreVerdict) -> VerifiedData:
    """Return the verdict on a store for a machine."""
    return VerifiedData(
        ok=verdict.ok,
        entries=verdict.entries,
        valid=verdict.valid,
        tail_vouched=verdict.tail_vouched,
        problems=verdict.problems,
        head=str(verdict.head) if verdict.head else None,
    )
