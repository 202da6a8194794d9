"""
The form in which a certificate is signed, and finding it again in a page.

Canonical JSON as in the ledger (RFC 8785), signed by the ledger's key (RFC 8032) under a first line of its own, so that
a signature made for something else means nothing here. A page carries it as one run of base64 that can be copied out of
HTML and PDF alike.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from auditor.ledger.entries import canonical, instant
from auditor.ledger.keys import PublicKey, Signer
from connectors.errors import AuditorError
from reports.certificate_model import Certificate, SignedCertificate

FORMAT = "auditor-certificate/v1"
"""First line of every text that is signed, and the mark before the signed body in a page."""
MAX_FILE_BYTES = 8 * 2**20
MAX_BODY_BYTES = 2**20
_MARK = re.compile(rb"auditor-certificate/v1;([A-Za-z0-9+/]{1,1400000}={0,2});([A-Za-z0-9+/]{86}==);")
_READER = TypeAdapter(Certificate)


class NoCertificateError(AuditorError):
    """A file carries no certificate, more than one, or one that cannot be read."""


def sign(certificate: Certificate, signer: Signer) -> SignedCertificate:
    """Sign a certificate with the key of the ledger."""
    body = canonical({"format": FORMAT, **_plain(asdict(certificate))})
    signature = base64.b64encode(signer.sign(_signed_text(body))).decode()
    return SignedCertificate(certificate, certificate_id(body), body, signature)


def certificate_id(body: bytes) -> str:
    """Return the id of what is signed: the same statement has the same id wherever it is shown."""
    return f"C-{base64.b32encode(hashlib.sha256(body).digest()).decode()[:10]}"


def packed(signed: SignedCertificate) -> str:
    """Return what a page carries: the body and its signature, in characters that every format keeps."""
    return f"{FORMAT};{base64.b64encode(signed.body).decode()};{signed.signature};"


def found_in(file: bytes, name: str) -> SignedCertificate:
    """
    Return the certificate that a page carries; nothing is verified yet.

    Raises `NoCertificateError` when there is none, several different ones, or one that cannot be read.
    """
    if len(file) > MAX_FILE_BYTES:
        raise NoCertificateError(f"`{name}` is larger than any certificate", hint="give the page as it was made")
    found = {(m[1], m[2]) for m in _MARK.finditer(file)}
    if not found:
        raise NoCertificateError(
            f"`{name}` carries no certificate", hint="give the HTML or PDF that `auditor certificate` made"
        )
    if len(found) > 1:
        raise NoCertificateError(f"`{name}` carries {len(found)} certificates", hint="one page is one certificate")
    packed_body, signature = found.pop()
    try:
        body = base64.b64decode(packed_body, validate=True)
        if len(body) > MAX_BODY_BYTES:
            raise ValueError
        told = json.loads(body)
        if told.pop("format") != FORMAT or canonical({"format": FORMAT, **told}) != body:
            raise ValueError
        certificate = _READER.validate_python(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error, ValidationError):
        raise NoCertificateError(f"the certificate in `{name}` cannot be read", hint="ask for the page again") from None
    return SignedCertificate(certificate, certificate_id(body), body, signature.decode())


def signature_holds(signed: SignedCertificate, key: PublicKey) -> bool:
    """Whether a key signed exactly this."""
    return key.verifies(_signed_text(signed.body), base64.b64decode(signed.signature))


def _signed_text(body: bytes) -> bytes:
    return f"{FORMAT}\n{hashlib.sha256(body).hexdigest()}\n".encode()


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into text: instants as the ledger writes them."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
