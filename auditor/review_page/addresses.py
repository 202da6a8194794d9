"""The addresses of the pages; ids that come from a system never stand in them as they are."""

import base64
import binascii
import re

from auditor.web.errors import Refused

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_CODED = "~"


def person_key(person: str) -> str:
    """
    Return a person's id as one part of an address.

    An id of the roster stays as it is; the account of nobody, whose id may hold anything, is written in base64url.
    """
    if _PLAIN.fullmatch(person):
        return person
    return _CODED + base64.urlsafe_b64encode(person.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def person_of(key: str) -> str:
    """Return the id that a part of an address means; raises `Refused` (404) for what this program never wrote."""
    person = key if not key.startswith(_CODED) else _decoded(key[len(_CODED) :])
    if person_key(person) != key:
        raise Refused(404)
    return person


def _decoded(coded: str) -> str:
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True).decode(
            "utf-8", "surrogatepass"
        )
    except (binascii.Error, ValueError):
        raise Refused(404) from None


def people_path(campaign: str) -> str:
    """Return the address of somebody's people in a campaign."""
    return f"/review/{campaign}"


def person_path(campaign: str, person: str) -> str:
    """Return the address on which one person is decided about."""
    return f"/review/{campaign}/person/{person_key(person)}"


def read_path(campaign: str, person: str) -> str:
    """Return the address on which the officer and the auditor read about one person."""
    return f"/review/{campaign}/read/{person_key(person)}"


def question_path(campaign: str, question: str, what: str) -> str:
    """Return the address of something that is done with one question: `undo`, `hand-over` or `amend`."""
    return f"/review/{campaign}/question/{question}/{what}"


def sign_path(campaign: str) -> str:
    """Return the address of the last page before the signature."""
    return f"/review/{campaign}/sign"


def officer_path(campaign: str) -> str:
    """Return the address of the officer's page."""
    return f"/review/{campaign}/progress"


def close_path(campaign: str) -> str:
    """Return the address on which the officer closes a campaign."""
    return f"/review/{campaign}/close"
