"""What the commands about who comes to the review's pages tell a machine."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LinkData:
    """A link as it is handed over; whoever has it is that person, once."""

    person: str
    link: int
    """Its number, by which the log names it."""
    address: str = field(repr=False)
    number: str | None = field(repr=False)
    """To be told by telephone; null where it asks for none."""
    expires: datetime


@dataclass(frozen=True, slots=True)
class AccountData:
    """An account of an identity provider that is a person's."""

    issuer: str
    subject: str
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PersonData:
    """One person of the configuration, and how they come to the pages."""

    id: str
    name: str
    roles: tuple[str, ...]
    email: str | None
    accounts: tuple[AccountData, ...]
    last_sign_in: datetime | None
    last_by: str | None
    """`oidc` or `link`."""
    open_sessions: int
    """That have not ended, lapsed ones left out."""
    link_waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class RequestData:
    """One request that was to change something."""

    at: datetime
    method: str
    route: str
    person: str | None
    about: str | None
    outcome: str | None
    """Null where the process ended before it was known."""
    status: int | None
    address: str


@dataclass(frozen=True, slots=True)
class SignInsData:
    """Who comes to the pages."""

    people: tuple[PersonData, ...]
    requests: tuple[RequestData, ...]


@dataclass(frozen=True, slots=True)
class ReleasedData:
    """What was ended when a person was shut out."""

    person: str
    sessions: int
    links: int
    accounts: int
