"""
What only a browser or a letter holds, and what is reckoned from it.

A value is 32 random bytes, 43 characters; kept is its SHA-256 alone, which needs no salt and no slow hash, because
there are 2^256 of them. The token of forms is reckoned from the browser's value: there is nothing to store, and no
form of one session fits another.
"""

import hashlib
import hmac
import re
import secrets

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_value() -> str:
    """Return 32 random bytes as 43 characters that may stand in a cookie and in an address."""
    return secrets.token_urlsafe(32)


def is_value(text: str) -> bool:
    """Whether this could be such a value; nothing else is looked for."""
    return _VALUE.fullmatch(text) is not None


def digest(value: str) -> str:
    """Return what is kept of a value."""
    return hashlib.sha256(value.encode()).hexdigest()


def form_token(value: str) -> str:
    """Return the token of every form that is shown to the browser with this value."""
    return hmac.new(value.encode(), b"form", hashlib.sha256).hexdigest()


def same(given: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def new_number() -> str:
    """Return six random digits, to be told by telephone."""
    return f"{secrets.randbelow(10**6):06d}"


def number_digest(value: str, number: str) -> str:
    """Return what is kept of the number of a link: without the link's own value nobody can try all numbers on it."""
    return hmac.new(value.encode(), b"number " + number.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
