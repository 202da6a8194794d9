"""
Who came to the pages, by which way, and what they asked to change: kept beside the history, and no part of it.

No entry of the ledger vouches for these rows, on purpose. They change as people come and go (a session is seen again, a
link is spent), while the ledger vouches for what never changes; and they prove nothing about access. What a person
*decided* on a page is a row of its own, which names who signed in how, and which the ledger vouches for. `auditor
verify` knows these tables by name (`auditor.ledger.entries.BESIDE`) and says nothing of what stands in them.

No secret is here: of what a browser or a letter holds, only the SHA-256 is kept, of 32 random bytes each.
"""

from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from auditor.store.forms import one_of
from auditor.store.partial import where
from auditor.store.tables.columns import Instant
from auditor.store.web_records import Means


class WebSessionRow(SQLModel, table=True):
    """One sign-in of one person in one browser, until they sign out or it lapses."""

    __tablename__ = "web_session"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    person: str = Field(index=True)
    means: Annotated[str, one_of(Means)]
    issuer: str | None = None
    subject: str | None = None
    link: int | None = Field(default=None, foreign_key="web_link.id")
    made: Instant
    seen: Instant
    ended: Instant | None = None


class WebLinkRow(SQLModel, table=True):
    """A link that signs one person in, once."""

    __tablename__ = "web_link"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    person: str = Field(index=True)
    purpose: str
    made: Instant
    made_by: str
    expires: Instant
    number: str | None = None
    tries: int
    used: Instant | None = None
    revoked: Instant | None = None


class WebIdentityRow(SQLModel, table=True):
    """Whose an account of an identity provider is: bound at the first sign-in, by a verified e-mail address."""

    __tablename__ = "web_identity"
    __table_args__ = (
        Index("ix_web_identity_subject", "issuer", "subject", unique=True, **where("ended IS NULL")),
        Index("ix_web_identity_person", "issuer", "person", unique=True, **where("ended IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    issuer: str
    subject: str
    person: str
    email: str
    made: Instant
    ended: Instant | None = None


class WebRequestRow(SQLModel, table=True):
    """One request that was to change something: taken down before it was acted on, its outcome afterwards."""

    __tablename__ = "web_request"

    id: int | None = Field(default=None, primary_key=True)
    at: Instant
    method: str
    route: str
    address: str
    session: int | None = Field(default=None, foreign_key="web_session.id")
    person: str | None = None
    about: str | None = None
    outcome: str | None = None
    status: int | None = None
