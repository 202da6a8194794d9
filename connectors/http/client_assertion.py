"""
How an OAuth 2.0 client proves itself by a key: a JWT that it signs (RFC 7523 §2.2, SMART Backend Services).

RS384 with RSA, ES384 with P-384: the two that SMART servers must understand.
"""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any

from connectors.errors import SourceDenied

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LASTS_S = 240
"""At most five minutes are allowed; a clock may be off by a little."""
MIN_RSA_BITS = 2048
CURVE = "secp384r1"


def load_key(system: str, pem: bytes) -> Any:
    """Load a private key; raises `SourceDenied` when it is none, is locked, or is not RSA or P-384."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - a large library
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise SourceDenied(
            f"`{system}`: the client's private key is locked by a password",
            hint="give the key without one, readable by the auditor only",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SourceDenied(
            f"`{system}`: the client's private key cannot be read",
            hint="a PEM text that starts with `-----BEGIN PRIVATE KEY-----`",
        ) from None
    fits = (isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == CURVE
    )
    if not fits:
        raise SourceDenied(
            f"`{system}`: the client's private key is of a kind that SMART servers do not take",
            hint=f"make one: `openssl ecparam -name {CURVE} -genkey -noout`, or RSA with {MIN_RSA_BITS} bits or more",
        )
    return key


def sign(key: Any, *, client_id: str, audience: str, key_id: str | None) -> str:
    """Return an assertion for one request to the token endpoint `audience`."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils  # noqa: PLC0415

    elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
    now = int(time.time())
    header = {"alg": "ES384" if elliptic else "RS384", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + LASTS_S,
        "jti": secrets.token_urlsafe(24),
    }
    text = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    if elliptic:
        # A JWT wants both numbers side by side instead of DER (RFC 7518 §3.4).
        r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA384())))
        signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    else:
        signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA384())
    return f"{text}.{_part(signature)}"


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
