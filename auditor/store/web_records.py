"""What is kept of those who come to the pages: sessions, links, identities, requests (`auditor.store.tables.web`)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Means(StrEnum):
    """By what somebody signed in."""

    OIDC = "oidc"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class WebSession:
    """One sign-in of one person."""

    id: int
    person: str
    means: Means
    issuer: str | None
    subject: str | None
    link: int | None
    """The number of the link, where one was used."""
    made: datetime
    seen: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebLink:
    """A link that signs one person in, once; without what it holds."""

    id: int
    person: str
    purpose: str
    """What it was made for, such as the id of a campaign."""
    made: datetime
    made_by: str
    expires: datetime
    numbered: bool
    """Whether a number must be given with it, which the letter does not hold."""
    used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Whose an account of an identity provider is."""

    issuer: str
    subject: str
    person: str
    email: str
    made: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request that was to change something."""

    id: int
    at: datetime
    method: str
    route: str
    """The route, not the address: the address of a link holds what signs in."""
    address: str
    session: int | None
    person: str | None
    about: str | None
    """More of whom or what, such as the number of a link."""
    outcome: str | None
    """In a word; `None`: the process ended before it was known."""
    status: int | None


@dataclass(frozen=True, slots=True)
class Released:
    """What was ended when a person was shut out."""

    sessions: int
    links: int
    accounts: int
    """Of identity providers."""
