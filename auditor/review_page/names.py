"""The name that somebody types as a signature: their own, and whole."""

import unicodedata


def signs(typed: str, name: str) -> bool:
    """Whether a typed name is this person's; case, spaces and accents apart, every letter counts."""
    return bool(typed.strip()) and _plain(typed) == _plain(name)


def _plain(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())
