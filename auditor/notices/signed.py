"""
Signed files: what travels between two parties who are never online together.

A file is one JSON object: `format`, `body`, `key`, `signature`. Signed is the line of the format and the canonical JSON
of the body, so that mail programs may break the lines of the file and nothing else. Reading is strict and bounded: a
name that stands twice, a number that is none, a field that nobody knows are faults, and all of them are told at once.
Source: RFC 8785 (canonical JSON), RFC 8032 (Ed25519), RFC 8259 §4 (names should be unique).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from auditor.ledger.entries import canonical, decode_signature
from auditor.ledger.keys import PREFIX, PublicKey, Signer
from connectors.errors import AuditorError, shorten

MAX_FILE_BYTES = 64 * 2**10
"""No honest file comes near; a larger one is not parsed."""
MAX_FAULTS = 20


class SignedFormat(StrEnum):
    """What a signed file is; the line stands before what is signed, so that no signature means anything elsewhere."""

    NOTICE = "auditor-notice/v1"
    RECEIPT = "auditor-receipt/v1"
    KEY = "auditor-key/v1"
    REVOCATION = "auditor-revocation/v1"


class NoSignedFileError(Exception):
    """Bytes that are no signed file; says every fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults[:MAX_FAULTS]


@dataclass(frozen=True, slots=True)
class SignedFile:
    """One file that is well formed; whether its signature is sound is `sound`, whose key it is nobody has asked yet."""

    format: SignedFormat
    body: bytes
    """Canonical JSON."""
    key: str
    """`ed25519:…`: by what the file says of itself."""
    signature: str

    @property
    def hash(self) -> str:
        """SHA-256 of the body: what names the file's content, whoever sends it again in whatever layout."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def sound(self) -> bool:
        """Whether the owner of the key that the file names signed this body."""
        raw = decode_signature(self.signature.encode(errors="replace"))
        return raw is not None and PublicKey.parse(self.key).verifies(_signed_text(self.format, self.body), raw)

    def text(self) -> str:
        """Return the file, for people to read: the same for the same content, in ASCII, which no program breaks."""
        whole = {"format": self.format.value, "body": json.loads(self.body), "key": self.key}
        return json.dumps({**whole, "signature": self.signature}, indent=2) + "\n"


def _signed_text(kind: SignedFormat, body: bytes) -> bytes:
    return kind.value.encode() + b"\n" + body


def sign_file(kind: SignedFormat, body: BaseModel, signer: Signer) -> SignedFile:
    """Sign a body; fields that are `None` or empty are left out."""
    said = canonical(body.model_dump(mode="json", exclude_defaults=True))
    signature = base64.b64encode(signer.sign(_signed_text(kind, said))).decode()
    return SignedFile(kind, said, signer.public, signature)


def read_signed(data: bytes, models: Mapping[SignedFormat, type[BaseModel]]) -> tuple[SignedFile, BaseModel]:
    """Read a file, with its body by the model of its format; raises `NoSignedFileError` with every fault."""
    found = _object(data)
    faults = [f"`{name}` is missing" for name in ("format", "body", "key", "signature") if name not in found]
    faults += [f"{shorten(name)} is not known" for name in found if name not in _ENVELOPE]
    kind = next((one for one in models if one.value == found.get("format")), None)
    if kind is None and "format" in found:
        faults.append(f"`format`: found {shorten(found['format'])}; expected one of: {', '.join(models)}")
    faults += _faulty_key(found["key"]) if "key" in found else ()
    if "signature" in found and not _is_signature(found["signature"]):
        faults.append("`signature`: expected the base64 of 64 bytes")
    body: BaseModel | None = None
    if kind is not None and "body" in found:
        try:
            body = models[kind].model_validate(found["body"])
        except ValidationError as error:
            faults += faults_of(error)
    if faults or kind is None or body is None:
        raise NoSignedFileError(*faults)
    return SignedFile(kind, canonical(found["body"]), found["key"], found["signature"]), body


_ENVELOPE = frozenset(("format", "body", "key", "signature"))


def _object(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_FILE_BYTES:
        raise NoSignedFileError(f"the file is too large: at most {MAX_FILE_BYTES >> 10} KiB")
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise NoSignedFileError("the file is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise NoSignedFileError(f"line {error.lineno}: this is no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise NoSignedFileError(f"this is no JSON that is accepted: {error}") from None
    if not isinstance(found, dict):
        raise NoSignedFileError("the file holds no object: it begins with `{`")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shorten(twice)} stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{shorten(text)} is no whole number")


def _faulty_key(key: object) -> list[str]:
    try:
        PublicKey.parse(str(key))
    except AuditorError:
        return [f"`key`: expected `{PREFIX}` and 44 letters"]
    return [] if isinstance(key, str) and key == key.strip() else ["`key`: it is no text, or has spaces around it"]


def _is_signature(text: object) -> bool:
    return isinstance(text, str) and decode_signature(text.encode(errors="replace")) is not None


def faults_of(error: ValidationError, within: str = "body.") -> list[str]:
    """Word each fault with its field, and what was found where that is short."""
    faults = []
    for one in error.errors(include_url=False, include_context=False):
        field = within + ".".join(str(part) for part in one["loc"])
        match one["type"]:
            case "missing":
                faults.append(f"`{field}` is missing")
            case "extra_forbidden":
                faults.append(f"{shorten(field)} is not known")
            case "value_error":
                said = one["msg"].removeprefix("Value error, ")
                whole = not one["loc"] or isinstance(one["input"], dict)
                faults.append(said if whole else _found(field, one, said))
            case _:
                faults.append(_found(field, one, one["msg"][:1].lower() + one["msg"][1:]))
    return faults


def _found(field: str, one: Any, expected: str) -> str:
    return f"`{field}`: found {shorten(one['input'])}; expected {expected}"
