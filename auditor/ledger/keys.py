"""
The key pair that signs the ledger.

The private key is PKCS #8 PEM, readable by its owner alone; the public key stands beside it in `<name>.pub` as
`ed25519:<base64>`. `cryptography` is imported only when a key is used.
"""
# ruff: noqa: PLC0415 - see above

import base64
import binascii
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import AuditorError, InputError, shorten
from connectors.inputs.file_writing import write_new
from connectors.inputs.files import MAX_KEY_BYTES, read_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "ed25519:"
RESTORE = "put the key back from the backup; the ledger can never be continued with another key"


class PublicKey:
    """Says whether a signature is by its owner."""

    def __init__(self, key: "Ed25519PublicKey") -> None:
        self._key = key

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Read `ed25519:<base64>`; raises `AuditorError` for anything else."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        encoded = text.strip().removeprefix(PREFIX)
        if "PRIVATE" in text:  # never show any of it: terminals and build logs are kept
            raise AuditorError(
                "this is a private key, and `verify` asks for the public one",
                hint=f"give what the file `.pub` beside it holds: `{PREFIX}` and 44 letters",
            )
        try:
            raw = base64.b64decode(encoded.encode(), validate=True)
            if not text.strip().startswith(PREFIX) or base64.b64encode(raw).decode() != encoded:
                raise ValueError
            return cls(Ed25519PublicKey.from_public_bytes(raw))
        except (binascii.Error, ValueError):
            raise AuditorError(
                f"this is not a public key: {shorten(text.strip())}",
                hint=f"expected `{PREFIX}` and 44 letters, as in the file `.pub` beside the ledger's key",
            ) from None

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the owner of this key signed this text."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer:
    """Holds the private key of the ledger."""

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key

    @classmethod
    def load_or_create(cls, path: Path, *, ledger_is_empty: bool) -> "Signer":
        """
        Load the key, or make one for a ledger that has no entry yet.

        Raises `AuditorError` when the key is missing although the ledger has entries, when others may read it, when it
        is not an Ed25519 key, or when the public key beside it belongs to another.
        """
        try:
            if ledger_is_empty and path.is_file() and path.stat().st_size == 0:
                path.unlink()  # whoever made it was stopped before it held a key, and it has signed nothing
            if path.exists():
                return cls._load(path)
            if not ledger_is_empty:
                raise AuditorError(
                    f"the ledger has entries, but the key that signed them is missing: `{path}`", hint=RESTORE
                )
            return cls._create(path)
        except OSError as error:
            raise AuditorError(
                f"the key `{path}` cannot be used: `{error.strerror}`",
                hint="check the rights of the file and its folder",
            ) from None

    @property
    def public(self) -> str:
        """The public key as `ed25519:<base64>`: hand it to whoever shall verify."""
        return PREFIX + base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    @property
    def pseudonyms(self) -> bytes:
        """A secret for digests by which outsiders tell people apart; it says nothing about the key (RFC 5869)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        hkdf = HKDF(SHA256(), length=32, salt=None, info=b"auditor pseudonyms")
        return hkdf.derive(self._key.private_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        return self._key.sign(text)

    @classmethod
    def _load(cls, path: Path) -> "Signer":
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise AuditorError(f"others may read the ledger's key `{path}`", hint=f"run `chmod 600 {path}`")
        if not path.is_file():
            raise AuditorError(f"the key `{path}` cannot be used: it is no file", hint=RESTORE)
        try:
            key = load_pem_private_key(read_bytes(path, max_bytes=MAX_KEY_BYTES), password=None)
        except (InputError, ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditorError(f"`{path}` is not an Ed25519 private key in PEM, without password", hint=RESTORE)
        signer = cls(key)
        signer._check_public(path)
        return signer

    def _check_public(self, path: Path) -> None:
        public = public_path(path)
        if not public.exists():
            with suppress(FileExistsError):  # another process was quicker
                write_new(public, (self.public + "\n").encode(), mode=0o644)
        elif _content(public) != self.public.encode():
            raise AuditorError(
                f"`{path}` and `{public}` are not one pair",
                hint="one of them was replaced: put both back from the backup",
            )

    @classmethod
    def _create(cls, path: Path) -> "Signer":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        signer = cls(Ed25519PrivateKey.generate())
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_new(path, signer._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        except FileExistsError:
            return cls._load(path)  # another process was quicker
        signer._check_public(path)
        return signer


def public_path(path: Path) -> Path:
    """Return where the public key of a private key stands."""
    return path.with_name(path.name + ".pub")


def _content(path: Path) -> bytes:
    """Return what a small file holds, without white space; nothing for one that holds nothing, or cannot be it."""
    try:
        return read_bytes(path, max_bytes=MAX_KEY_BYTES).strip()
    except InputError:
        return b""
