"""Who may come to the pages, and as what."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """As what somebody may come; a link makes nobody more than a reviewer."""

    REVIEWER = "reviewer"
    OFFICER = "officer"
    AUDITOR = "auditor"
    """Reads everything and changes nothing."""


SIGNED_IN = frozenset(Role)
"""Every role: for pages that are for whoever is signed in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the configuration names."""

    id: str
    name: str
    email: str | None
    """By which an account of the identity provider is theirs, once it is verified."""
    roles: frozenset[Role]


def fold_email(email: str) -> str:
    """
    Return an e-mail address as it is compared: in lower case, as every provider of mailboxes takes it.

    Beyond ASCII letter by letter: to fold them would make one address of two (`K`, the Kelvin sign, becomes `k`).
    """
    return email.lower() if email.isascii() else email
