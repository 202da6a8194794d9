"""
What a person states, because no machine can see it: dated, named, expiring, and signed by the ledger's key.

- attestation: something about a VMA is so (trained, screened, workstation checked), with the hash of the document;
- request: access was asked for and approved by somebody else before it was given;
- exception: a finding is accepted until a day, with the reason;
- confirmation: an account is somebody's, or is not;
- withdrawal: one of these no longer holds;
- correction: an audit was made while the clock ran ahead, and really was at another instant;
- anew: an earlier store was lost, and a new history was started (`auditor.ledger.anew`).

A statement is never changed. It is signed when it is recorded, and the next audit's ledger entry covers it.
Source: 45 CFR 164.308(a)(3)(ii)(A), 164.308(a)(5)(i), 164.316(b)(1); NIST SP 800-53 AC-2, PS-3, PS-6, AT-4.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from auditor.ledger.entries import canonical, instant
from connectors.errors import AuditorError, InputError, shorten
from connectors.inputs.dates import day_of
from connectors.inputs.files import opened

FORMAT = "auditor-statement/v1"
MAX_TEXT = 500
MAX_DOCUMENT_BYTES = 256 * 2**20


class StatementKind(StrEnum):
    """What sort of statement."""

    ATTESTATION = "attestation"
    REQUEST = "request"
    EXCEPTION = "exception"
    CONFIRMATION = "confirmation"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"
    """An audit bears the time of a clock that ran ahead; says when it really was. The audit itself is never changed."""
    ANEW = "anew"
    """A new history was started because an earlier store was lost; recorded by the audit that starts it."""


@dataclass(frozen=True)  # without slots: the id is kept
class Statement:
    """One statement of one person."""

    practice: str
    kind: StatementKind
    about: str
    """Whom or what: a VMA's id; for an exception the id of the finding; for a withdrawal the id of the statement."""
    topic: str
    """What of it: an attestation's kind, such as `training`; a request's `system: entitlement`; empty otherwise."""
    by: str
    """Who states it."""
    on: date
    """The day on which it was so, or was decided."""
    expires: date | None = None
    """The last day on which it holds; `None`: it does not expire."""
    reason: str = ""
    document: str | None = None
    """SHA-256 of the document that proves it."""
    document_name: str | None = None
    requested_by: str | None = None
    """For a request: who asked; somebody else than `by`."""
    account: str | None = None
    """For a confirmation: the account, as `system:native id`; the topic says whether it is theirs."""
    login: str | None = None
    """For a confirmation: the account's log-in at the time, for people to read."""
    looks: str | None = None
    """For a confirmation: SHA-256 of what the account said of its user at the time (`auditor.settled`)."""
    recorded_at: datetime | None = None
    """When the product took it down; `None` before that."""

    @cached_property
    def id(self) -> str:
        """A short name that is the same for the same statement."""
        return "S-" + hashlib.sha256(self.body()).hexdigest()[:10].upper()

    def body(self) -> bytes:
        """Return the canonical JSON that is stored, hashed and signed."""
        data: dict[str, Any] = {
            "practice": self.practice,
            "kind": self.kind.value,
            "about": self.about,
            "topic": self.topic,
            "by": self.by,
            "on": self.on.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "reason": self.reason,
            "document": self.document,
            "document_name": self.document_name,
            "requested_by": self.requested_by,
            "account": self.account,
            "login": self.login,
            "looks": self.looks,
            "recorded_at": instant(self.recorded_at) if self.recorded_at else None,
        }
        return canonical({key: value for key, value in data.items() if value not in (None, "")})

    def signed_text(self) -> bytes:
        """Return what is signed: the format first, so that the signature means nothing elsewhere."""
        return FORMAT.encode() + b"\n" + self.body()

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, unless it was withdrawn."""
        return self.on <= day and (self.expires is None or day <= self.expires)


def parse(body: bytes) -> Statement:
    """Read a body; raises `ValueError` when it is not exactly what `Statement.body` writes."""
    import json  # noqa: PLC0415 - only the store reads bodies

    try:
        found = json.loads(body)
        statement = Statement(
            practice=found["practice"],
            kind=StatementKind(found["kind"]),
            about=found["about"],
            topic=found.get("topic", ""),
            by=found["by"],
            on=date.fromisoformat(found["on"]),
            expires=date.fromisoformat(found["expires"]) if "expires" in found else None,
            reason=found.get("reason", ""),
            document=found.get("document"),
            document_name=found.get("document_name"),
            requested_by=found.get("requested_by"),
            account=found.get("account"),
            login=found.get("login"),
            looks=found.get("looks"),
            recorded_at=datetime.fromisoformat(found["recorded_at"]).astimezone(UTC),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the statement is malformed") from error
    if statement.body() != body:
        raise ValueError("the statement is not canonical")
    return statement


def check(statement: Statement, today: date) -> None:
    """
    Refuse a statement that cannot be meant.

    Raises `AuditorError` for one from the future, one that has expired, an exception without reason or end, a request
    that its asker approved, and texts that are empty, too long or not printable.
    """
    for name in ("about", "by", "topic", "reason", "requested_by", "document_name", "account", "login"):
        value = getattr(statement, name) or ""
        if len(value) > MAX_TEXT or not value.isprintable():
            raise AuditorError(
                f"`{name}` cannot be recorded: {shorten(value)}", hint=f"printable text, at most {MAX_TEXT} characters"
            )
    for name in ("about", "by"):
        if not getattr(statement, name).strip():
            raise AuditorError(f"`{name}` is empty", hint="a statement needs a person who makes it, and a subject")
    if statement.on > today:
        raise AuditorError(
            f"`{statement.on}` is in the future", hint="state what is so today; record it again when the day has come"
        )
    if statement.expires is not None and statement.expires < max(today, statement.on):
        raise AuditorError(f"`{statement.expires}` is over already", hint="give a last day that is still to come")
    if statement.kind is StatementKind.EXCEPTION and (not statement.reason.strip() or statement.expires is None):
        raise AuditorError(
            "an exception needs a reason and a last day",
            hint="accept a finding with `--reason` and `--expires`; nothing is accepted for ever",
        )
    if statement.kind is StatementKind.REQUEST:
        from auditor.ledger.persons import same_person  # noqa: PLC0415 - it compares names; `verify` reads statements without

        asked = (statement.requested_by or "").strip()
        if not asked or same_person(asked, statement.by):
            raise AuditorError(
                "who asks for access cannot approve it",
                hint="give `--requested-by`, and let somebody else approve, by whole names (NIST SP 800-53 AC-5)",
            )


def hash_document(path: Path) -> str:
    """Return the SHA-256 of a document, which itself is not kept; raises `InputError`."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size > MAX_DOCUMENT_BYTES:
            raise InputError(path, "the document is too large", expected=f"at most {MAX_DOCUMENT_BYTES >> 20} MiB")
        return hashlib.file_digest(file, "sha256").hexdigest()


def recorded_by(statements: Iterable[Statement], day: date, timezone: str) -> tuple[Statement, ...]:
    """Return those that were recorded by the end of a day: nothing counts for a day that was taken down after it."""
    return tuple(s for s in statements if s.recorded_at is None or day_of(s.recorded_at, timezone) <= day)


def in_force(statements: Iterable[Statement], day: date) -> tuple[Statement, ...]:
    """Return what holds on a day: neither expired nor withdrawn by then, the newest last."""
    found = sorted(statements, key=lambda s: (s.on, s.recorded_at or datetime.min.replace(tzinfo=UTC), s.id))
    withdrawn = {s.about for s in found if s.kind is StatementKind.WITHDRAWAL and s.on <= day}
    return tuple(
        s for s in found if s.kind is not StatementKind.WITHDRAWAL and s.holds_on(day) and s.id not in withdrawn
    )
