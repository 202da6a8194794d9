"""A token endpoint for clients that sign in by themselves (RFC 6749 §4.4, RFC 7523), as strict as a SMART server."""

import json
import time
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from tests.servers._rest import Call, Reply

SECRET = "client-secret: ü/&+ %41"
"""With what must be encoded before it goes into a header or a form."""


def new_key(kind: str = "ES384") -> Any:
    """Return a fresh private key for one of the two algorithms."""
    return ec.generate_private_key(ec.SECP384R1()) if kind == "ES384" else rsa.generate_private_key(65537, 2048)


def pem(key: Any, password: bytes | None = None) -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)  # type: ignore[no-any-return]


@dataclass
class TokenEndpoint:
    """Grants tokens to one client; `key` is its private key, of which the server uses the public half only."""

    client_id: str = "access-auditor"
    secret: str | None = SECRET
    key: Any = None
    key_id: str | None = None
    url: str = ""
    """Its own address, which an assertion must name."""
    scopes: str | None = None
    """What it says that it granted; `None`: it does not say."""
    lasts_s: Any = 300
    more: Mapping[str, Any] = field(default_factory=dict)
    """Written over the answer."""
    issued: list[str] = field(default_factory=list)
    asked_scopes: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def answer(self, call: Call) -> Reply:
        form = call.form
        if form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        if not self._is_client(form, call.headers):
            return Reply(401, {"error": "invalid_client", "error_description": f"Jane Patient: {form}"})
        self.issued.append(f"token-{len(self.issued) + 1}-{time.time_ns()}")
        self.asked_scopes.append(form.get("scope", ""))
        answer = {"access_token": self.issued[-1], "token_type": "Bearer", "expires_in": self.lasts_s}
        answer |= {"scope": self.scopes} if self.scopes is not None else {}
        return Reply(200, {name: value for name, value in (answer | dict(self.more)).items() if value is not None})

    def knows(self, call: Call) -> bool:
        """Whether a request carries a token that was issued."""
        return call.headers.get("authorization", "").removeprefix("Bearer ") in self.issued

    def _is_client(self, form: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if "client_assertion" in form:
            return self.key is not None and self._proves(form["client_assertion"])
        scheme, _, word = headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            client, _, secret = b64decode(word).decode().partition(":")
            return (unquote(client), unquote(secret)) == (self.client_id, self.secret)
        return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.secret)

    def _proves(self, assertion: str) -> bool:
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_bytes(head)), json.loads(_bytes(body))
        public, text, raw = self.key.public_key(), f"{head}.{body}".encode(), _bytes(signature)
        try:
            if isinstance(public, ec.EllipticCurvePublicKey):
                der = utils.encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
                public.verify(der, text, ec.ECDSA(hashes.SHA384()))
            else:
                public.verify(raw, text, padding.PKCS1v15(), hashes.SHA384())
        except InvalidSignature:
            return False
        now = time.time()
        fresh = now < claims["exp"] <= now + 300 and claims["jti"] not in self._seen
        self._seen.add(claims["jti"])
        algorithm = "ES384" if isinstance(public, ec.EllipticCurvePublicKey) else "RS384"
        return (
            fresh
            and claims["iss"] == claims["sub"] == self.client_id
            and claims["aud"] == self.url
            and header["alg"] == algorithm
            and header.get("kid") == self.key_id
        )


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
