"""Annex I: what the annexes rest on, each with its hash: ledger entries, files that were read, documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.making import About, made
from auditor.review.annexes.population import HASHES
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "I",
    "evidence",
    "What does all this rest on, and how would a change of it be seen?",
    "45 CFR 164.312(c)(1)-(2), 164.316(b)(1)-(2): documentation, kept for six years",
)
ENTRY, POLICY, RESULT, FILE, READ, DOCUMENT = (
    *("ledger entry", "policy that judged", "everything that was judged", "file that was read"),
    *("system that was read", "document of a statement"),
)


@dataclass(frozen=True, slots=True)
class EvidenceItem(AnnexRow):
    """One piece of evidence."""

    what: str
    name: str
    audit: int | None
    """The audit to which it belongs; `None`: the one that is being made, or none."""
    at: datetime | None
    sha256: str
    """Empty where there is no file: the rows that were read are bound by the ledger entry of their audit."""


def evidence(facts: AnnexFacts) -> Annex:
    """Return the annex."""
    rows = [*_entries(facts), *_reads(facts), *_documents(facts)]
    hashed = sum(bool(row.sha256) for row in rows)
    audits = {proof.audit for proof in facts.proofs}
    told = f"{plural(len(rows), 'piece')} of evidence, {hashed} with a hash, of {plural(len(audits), 'audit')}"
    entries = len(facts.entries)
    looked_at = (
        LookedAt("audits", len(audits)),
        LookedAt("reads of systems", len(facts.proofs)),
        LookedAt("ledger entries", entries),
    )
    notes = [
        "`auditor verify` proves with the public key alone that no row and no entry was changed, cut or reordered."
    ]
    if not facts.recalled:
        notes.append("The ledger entry of this audit binds this page too, so it stands beside it and not here.")
    return made(ABOUT, EvidenceItem, rows, told, looked_at=looked_at, not_evaluated=facts.unread, notes=notes)


def _entries(facts: AnnexFacts) -> Iterator[EvidenceItem]:
    for entry in facts.entries:
        for what, digest in ((ENTRY, entry.hash), (POLICY, entry.policy), (RESULT, entry.result)):
            if digest:
                yield EvidenceItem(RowState.TOLD, what, f"entry {entry.n}", entry.audit, entry.at, digest)


def _reads(facts: AnnexFacts) -> Iterator[EvidenceItem]:
    for proof in facts.proofs:
        title = facts.title(proof.system)
        if proof.partial is not None:
            name = f"{title}: {proof.source}, not read whole"
            yield EvidenceItem(RowState.UNKNOWN, READ, name, proof.audit, proof.as_of, "")
            continue
        files = [one.detail for one in proof.evidence if one.name in HASHES]
        for told in files:
            name, _, digest = told.rpartition(" ")
            name = name or proof.source
            yield EvidenceItem(RowState.TOLD, FILE, f"{title}: {name}", proof.audit, proof.as_of, digest)
        if not files:
            yield EvidenceItem(RowState.TOLD, READ, f"{title}: {proof.source}", proof.audit, proof.as_of, "")


def _documents(facts: AnnexFacts) -> Iterator[EvidenceItem]:
    for s in facts.statements:
        if s.document:
            name = f"{s.document_name or 'document'}, of {s.kind.value} {s.id} by {s.by}"
            yield EvidenceItem(RowState.TOLD, DOCUMENT, name, None, s.recorded_at, s.document)
