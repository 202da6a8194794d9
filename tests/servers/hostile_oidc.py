"""
An identity provider on loopback that lies as it is told: honest but for what a test changes.

    with hostile() as provider:
        provider.claims["sub"] = ""          # `...` takes a claim away
        provider.metadata["issuer"] = "https://other.example"

It signs in whoever asks, as `claims` say; its `authorize` page is never asked: a test reads what our side sent there.
"""

import base64
import gzip
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID = "review"
RSA = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"}, private=True)
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"}, private=True)
PS = RSAKey.generate_key(2048, {"kid": "ps", "alg": "PS256", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "two", "alg": "ES256", "use": "sig"}, private=True)


class Lies:
    """What the provider says; `bodies` are answers as they are, by path, in place of honest ones."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.metadata: dict[str, Any] = {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.signs_with: Any = RSA
        """A key, or "nothing", or "the public key" as a shared secret."""
        self.keys: list[Any] = [RSA]
        self.answer: dict[str, Any] = {}
        """Of the token endpoint, beside or in place of the honest one."""
        self.bodies: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.status: dict[str, int] = {}
        self.drip: dict[str, float] = {}
        """By path: the answer comes byte by byte, with so many seconds between."""
        self.endless: set[str] = set()
        self.packed: set[str] = set()
        """By path: the honest answer behind ten million spaces, packed into a few kilobytes."""
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.nonce = self.challenge = ""
        self.sent_bytes = 0

    def body(self, path: str, form: dict[str, str]) -> bytes:
        if path in self.packed:
            self.headers[path] = {"content-encoding": "gzip"}
            return gzip.compress(b" " * 10**7 + self._body(path, form))
        return self.bodies[path] if path in self.bodies else self._body(path, form)

    def _body(self, path: str, form: dict[str, str]) -> bytes:
        if path == "/.well-known/openid-configuration":
            return _json(_without(self.metadata))
        if path == "/jwks":
            return _json({"keys": [key.as_dict(private=False) for key in self.keys]})
        self.forms.append(form)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != self.challenge:
            return _json({"error": "invalid_grant"})
        honest = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": self.token()}
        return _json(_without({**honest, **self.answer}))

    def token(self) -> str:
        now = int(time.time())
        half = hashlib.sha256(b"an-access-token").digest()[:16]
        honest = {"iss": self.url, "sub": "s-dana", "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": self.nonce,
                  "email": "dana@lakeside.example", "email_verified": True,
                  "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode()}  # fmt: skip
        claims, header = _without({**honest, **self.claims}), _without(self.header)
        if self.signs_with == "nothing":
            return ".".join((_part({**header, "alg": "none"}), _part(claims), ""))
        if self.signs_with == "the public key":
            key = OctKey.import_key(RSA.as_pem(private=False))
            return jwt.encode({**header, "alg": "HS256"}, claims, key, algorithms=["HS256"])
        return jwt.encode(header, claims, self.signs_with, algorithms=[header["alg"]])


@contextmanager
def hostile() -> Iterator[Lies]:
    """Serve it on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            path = urlsplit(self.path).path
            lies.asked.append(path)
            sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            body = lies.body(path, {name: values[0] for name, values in parse_qs(sent).items()})
            self.send_response(lies.status.get(path, 200))
            for name, value in {"content-type": "application/json", **lies.headers.get(path, {})}.items():
                self.send_header(name, value)
            if path not in lies.endless:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asks has had enough
                self._send(path, body)
            self.close_connection = path in lies.endless or path in lies.drip

        def _send(self, path: str, body: bytes) -> None:
            if path in lies.endless:
                for _ in range(1000):
                    self.wfile.write(b" " * 2**16)
                    lies.sent_bytes += 2**16
            for byte in body if path in lies.drip else ():
                self.wfile.write(bytes([byte]))
                time.sleep(lies.drip[path])
            if path not in lies.drip:
                self.wfile.write(body)

        do_GET = do_POST = _handle  # noqa: N815 - the names of http.server

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    lies = Lies(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield lies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(_json(value)).rstrip(b"=").decode()


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not ...}
