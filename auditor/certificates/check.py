"""Checking a certificate on any machine, offline: who signed it, what it states, and whether the page shows that."""

from dataclasses import dataclass
from pathlib import Path

from auditor import __version__
from auditor.certificates.signed import MAX_FILE_BYTES, found_in, packed, signature_holds
from auditor.ledger.entries import LedgerHead, decode_signature, signed_text
from auditor.ledger.keys import PublicKey
from connectors.errors import AuditorError
from connectors.inputs.files import read_bytes
from reports.certificate import languages, render_html, render_pdf
from reports.certificate_model import SignedCertificate


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """What can be said of a page."""

    signed: SignedCertificate
    problems: tuple[str, ...]
    page_compared: bool
    """Whether the page was compared with what was signed; only the version that made it draws the same bytes."""

    @property
    def ok(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.problems


def check(path: Path, key: PublicKey) -> CertificateVerdict:
    """
    Check a page made by `auditor certificate`.

    Raises `InputError` for a file that cannot be read, `AuditorError` for one that carries no certificate.
    """
    file = read_bytes(path, max_bytes=MAX_FILE_BYTES)
    signed = found_in(file, path.name)
    told = signed.certificate
    problems = []
    if not signature_holds(signed, key):
        problems.append("it is not signed by this key: it was changed, or somebody else made it")
    elif not signature_holds(signed, PublicKey.parse(told.key)):
        problems.append("it names another key than the one that signed it")
    problems += _head(told.head, told.entry, key)
    compared = told.tool == __version__
    if compared and not any(file == page for page in _pages(signed, pdf=file.startswith(b"%PDF"))):
        problems.append("the page does not show what was signed: read the lines here, and not the page")
    return CertificateVerdict(signed, tuple(problems), compared)


def _head(text: str, entry: int, key: PublicKey) -> list[str]:
    try:
        head = LedgerHead.parse(text)
    except AuditorError:
        return ["its ledger head cannot be read"]
    signature = decode_signature(head.signature.encode(errors="replace"))
    if head.n != entry or signature is None or not key.verifies(signed_text(head.n, head.hash), signature):
        return ["its ledger head is not signed by this key"]
    return []


def _pages(signed: SignedCertificate, *, pdf: bool) -> "list[bytes]":
    carried = packed(signed)
    if pdf:
        return [render_pdf(signed, language, carried) for language in languages()]
    return [render_html(signed, language, carried).encode() for language in languages()]
