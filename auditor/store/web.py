"""The store's front for the pages: sessions, links, identities, and the log of what was asked to change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from auditor.ledger.entries import instant
from auditor.sqlite.engine import let_go, writing
from auditor.sqlite.files import plain_errors
from auditor.store.schema import open_engine
from auditor.store.tables import METADATA
from auditor.store.web_records import Means, Released, WebIdentity, WebLink, WebRequest, WebSession
from connectors.errors import AuditorError

_SESSION, _LINK = METADATA.tables["web_session"].c, METADATA.tables["web_link"].c
_IDENTITY, _REQUEST = METADATA.tables["web_identity"].c, METADATA.tables["web_request"].c

_IDENTITY_COLUMNS = (_IDENTITY.issuer, _IDENTITY.subject, _IDENTITY.person, _IDENTITY.email, _IDENTITY.made)

SEEN_AGAIN = timedelta(minutes=1)
"""A session is noted as seen so often at most: not every look at a page has to wait for the disk."""

MAX_TRIES = 5
"""After so many wrong numbers a link is revoked: one in 200,000 of those who guess is let in."""


class WebStore:
    """
    What is kept of those who come to the pages, for many threads at once.

    All methods raise `AuditorError` when the file cannot be read or written. Digests are SHA-256 as hex of what only a
    browser or a letter holds.
    """

    def __init__(self, path: Path, *, wait_s: float = 10) -> None:
        """Open the store, making it where there is none; whoever has locked it is waited for so long."""
        self._path = path
        self._engine: Engine | None = open_engine(path, wait_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._engine is not None:
            let_go(self._engine)
            self._engine = None

    def sign_in(
        self,
        digest: str,
        person: str,
        means: Means,
        *,
        at: datetime,
        instead_of: str | None = None,
        issuer: str | None = None,
        subject: str | None = None,
        link: int | None = None,
    ) -> WebSession:
        """Begin a session, and end the one that the browser had before (`instead_of`, a digest)."""
        now = instant(at)
        row: dict[str, Any] = {"digest": digest, "person": person, "means": means.value}
        row |= {"issuer": issuer, "subject": subject}
        row |= {"link": link, "made": now, "seen": now}
        with self._writing() as connection:
            if instead_of is not None:
                connection.execute(update(_SESSION.id.table).where(*_open(instead_of)).values(ended=now))
            made = connection.execute(insert(_SESSION.id.table).values(row)).inserted_primary_key
        return WebSession(_id(made), person, means, issuer, subject, link, at, at)

    def session(self, digest: str, at: datetime, *, idle: timedelta, life: timedelta) -> WebSession | None:
        """Return the session of a browser, and note that it was seen; `None` when it ended, or has lapsed."""
        c = _SESSION
        with self._reading() as connection:
            row = connection.execute(select(c.id.table).where(*_open(digest))).mappings().first()
        if row is None:
            return None
        found = _session(row)
        ahead = found.made > at + SEEN_AGAIN  # begun by a clock that was wrong: it would outlive all bounds
        if ahead or at - found.seen >= idle or at - found.made >= life:
            return None
        if at - found.seen >= SEEN_AGAIN:
            with self._writing() as connection:
                connection.execute(update(c.id.table).where(*_open(digest)).values(seen=instant(at)))
        return found

    def sign_out(self, digest: str, at: datetime) -> None:
        """End the session of a browser."""
        with self._writing() as connection:
            connection.execute(update(_SESSION.id.table).where(*_open(digest)).values(ended=instant(at)))

    def sessions(self, person: str) -> tuple[WebSession, ...]:
        """Return every session that a person ever had, oldest first."""
        with self._reading() as connection:
            query = select(_SESSION.id.table).where(_SESSION.person == person).order_by(_SESSION.id)
            return tuple(_session(row) for row in connection.execute(query).mappings())

    def add_link(
        self,
        digest: str,
        person: str,
        purpose: str,
        *,
        by: str,
        at: datetime,
        expires: datetime,
        number: str | None = None,
    ) -> int:
        """Make a link, and revoke those that the person had for the same purpose; return its number."""
        c, now = _LINK, instant(at)
        row: dict[str, Any] = {"digest": digest, "person": person, "purpose": purpose, "made": now, "made_by": by}
        row |= {"expires": instant(expires), "number": number, "tries": 0}
        with self._writing() as connection:
            earlier = update(c.id.table).where(c.person == person, c.purpose == purpose, c.used.is_(None))
            connection.execute(earlier.where(c.revoked.is_(None)).values(revoked=now))
            return _id(connection.execute(insert(c.id.table).values(row)).inserted_primary_key)

    def link(self, digest: str) -> WebLink | None:
        """Return a link by what it holds, whatever has become of it."""
        with self._reading() as connection:
            row = connection.execute(select(_LINK.id.table).where(_LINK.digest == digest)).mappings().first()
        return None if row is None else _link(row)

    def use_link(self, digest: str, number: str | None, at: datetime) -> WebLink | None:
        """
        Spend a link; `None` when it cannot be spent, for whatever reason. Of many who try at once, one can.

        A wrong `number` counts, and the last of `MAX_TRIES` revokes the link.
        """
        c, now = _LINK, instant(at)
        live = (c.digest == digest, c.used.is_(None), c.revoked.is_(None), c.expires > now)
        right = or_(c.number.is_(None), c.number == (number or ""))
        with self._writing() as connection:
            spent = connection.execute(update(c.id.table).where(*live, right).values(used=now).returning(c.id.table))
            if (row := spent.mappings().first()) is not None:
                return _link(row)
            connection.execute(update(c.id.table).where(*live).values(tries=c.tries + 1))
            connection.execute(update(c.id.table).where(*live, c.tries >= MAX_TRIES).values(revoked=now))
        return None

    def links(self, person: str) -> tuple[WebLink, ...]:
        """Return every link that was ever made for a person, oldest first."""
        with self._reading() as connection:
            query = select(_LINK.id.table).where(_LINK.person == person).order_by(_LINK.id)
            return tuple(_link(row) for row in connection.execute(query).mappings())

    def bind(self, identity: WebIdentity) -> WebIdentity:
        """
        Bind an account of a provider to a person, and return what holds; one that is bound already stays.

        Raises `AuditorError` when the person is bound to another account of that provider.
        """
        c = _IDENTITY
        row = {"issuer": identity.issuer, "subject": identity.subject, "person": identity.person}
        row |= {"email": identity.email, "made": instant(identity.made)}
        with self._writing() as connection:
            known = _identity_of(connection, identity.issuer, identity.subject)
            if known is not None:
                return known
            try:
                connection.execute(insert(c.id.table).values(row))
            except IntegrityError:
                raise AuditorError(
                    f"`{identity.person}` signs in with another account of `{identity.issuer}`",
                    hint="if that account is no longer theirs: `auditor review sign-ins --release`",
                ) from None
        return identity

    def identity(self, issuer: str, subject: str) -> WebIdentity | None:
        """Return whose an account of a provider is."""
        with self._reading() as connection:
            return _identity_of(connection, issuer, subject)

    def bound(self, person: str) -> tuple[WebIdentity, ...]:
        """Return the accounts of providers by which a person signs in now."""
        c = _IDENTITY
        with self._reading() as connection:
            query = select(*_IDENTITY_COLUMNS).where(c.person == person, c.ended.is_(None)).order_by(c.id)
            return tuple(_identity(row) for row in connection.execute(query))

    def release(self, person: str, at: datetime) -> Released:
        """
        Shut a person out until they sign in anew: end their sessions, revoke their unused links, unbind their accounts.

        An account that is theirs is bound again at the next sign-in, by its address.
        """
        now = instant(at)
        ends = (
            update(_SESSION.id.table).where(_SESSION.person == person, _SESSION.ended.is_(None)).values(ended=now),
            update(_LINK.id.table)
            .where(_LINK.person == person, _LINK.used.is_(None), _LINK.revoked.is_(None), _LINK.expires > now)
            .values(revoked=now),
            update(_IDENTITY.id.table).where(_IDENTITY.person == person, _IDENTITY.ended.is_(None)).values(ended=now),
        )
        with self._writing() as connection:
            return Released(*(connection.execute(end).rowcount for end in ends))

    def asked(self, method: str, route: str, address: str, at: datetime, session: WebSession | None = None) -> int:
        """Take down a request that is to change something, before it does; return its number."""
        row: dict[str, Any] = {"at": instant(at), "method": method, "route": route, "address": address}
        if session is not None:
            row |= {"session": session.id, "person": session.person}
        with self._writing() as connection:
            return _id(connection.execute(insert(_REQUEST.id.table).values(row)).inserted_primary_key)

    def answered(
        self, request: int, status: int, outcome: str, *, person: str | None = None, about: str | None = None
    ) -> None:
        """Take down what became of a request, and who it turned out to be of."""
        row: dict[str, Any] = {"status": status, "outcome": outcome}
        row |= {"person": person} if person is not None else {}
        row |= {"about": about} if about is not None else {}
        with self._writing() as connection:
            connection.execute(update(_REQUEST.id.table).where(_REQUEST.id == request).values(row))

    def requests(self, last: int = 100) -> tuple[WebRequest, ...]:
        """Return the last requests, oldest first."""
        with self._reading() as connection:
            query = select(_REQUEST.id.table).order_by(_REQUEST.id.desc()).limit(last)
            rows = list(connection.execute(query).mappings())
        return tuple(WebRequest(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in reversed(rows))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with plain_errors(self._path), self._opened().connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with plain_errors(self._path), writing(self._opened()) as connection:
            yield connection

    def _opened(self) -> Engine:
        if self._engine is None:
            raise AssertionError("the store is closed, and its engine may be on another file by now")
        return self._engine


def _open(digest: str) -> tuple[Any, Any]:
    return _SESSION.digest == digest, _SESSION.ended.is_(None)


def _id(key: Any) -> int:
    return int(key[0])


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _session(row: Any) -> WebSession:
    whole = {name: row[name] for name in ("id", "person", "issuer", "subject", "link")}
    made, seen = (datetime.fromisoformat(row[name]) for name in ("made", "seen"))
    return WebSession(**whole, means=Means(row["means"]), made=made, seen=seen, ended=_at(row["ended"]))


def _link(row: Any) -> WebLink:
    whole = {name: row[name] for name in ("id", "person", "purpose", "made_by")}
    made, expires = (datetime.fromisoformat(row[name]) for name in ("made", "expires"))
    used, revoked = _at(row["used"]), _at(row["revoked"])
    numbered = row["number"] is not None
    return WebLink(**whole, made=made, expires=expires, numbered=numbered, used=used, revoked=revoked)


def _identity_of(connection: Connection, issuer: str, subject: str) -> WebIdentity | None:
    c = _IDENTITY
    query = select(*_IDENTITY_COLUMNS).where(c.issuer == issuer, c.subject == subject, c.ended.is_(None))
    row = connection.execute(query).first()
    return None if row is None else _identity(row)


def _identity(row: Any) -> WebIdentity:
    return WebIdentity(row.issuer, row.subject, row.person, row.email, datetime.fromisoformat(row.made))
