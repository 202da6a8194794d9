"""What `auditor notice keys`, `setup`, `trust`, `rotate` and `revoke` tell a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from auditor.notices.book import Book, PartyKey
from reports.as_json import SPREAD, Keys


@dataclass(frozen=True, slots=True)
class KeyData:
    """A public key, and how it stands here."""

    party: str
    name: str
    role: Literal["practice", "agency"]
    timezone: str
    key: str
    fingerprint: str
    since: datetime
    by: str
    usable: bool
    last_number: int | None
    revoked_at: datetime | None
    revoked_by: str | None


@dataclass(frozen=True, slots=True)
class KeysData:
    """All keys that are known."""

    party: str
    key_file: str | None
    own: tuple[KeyData, ...]
    known: tuple[KeyData, ...]


@dataclass(frozen=True, slots=True)
class RotatedData:
    """Our new key, and the file for each of those who know the old one."""

    key: KeyData
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RevokedData:
    """A key that counts no more; of our own, the file that tells the others."""

    party: str
    fingerprint: str
    file: str | None


KEYS: Keys = {RotatedData: {"key": SPREAD}}


def keys_data(book: Book, place: Path | None) -> KeysData:
    """Return all keys for a machine."""
    return KeysData(
        party=book.party,
        key_file=str(place) if place is not None else None,
        own=tuple(key_data(key) for key in book.own),
        known=tuple(key_data(key) for key in book.keys.values()),
    )


def key_data(key: PartyKey) -> KeyData:
    """Return a key for a machine."""
    return KeyData(
        party=key.about.party,
        name=key.about.name,
        role=key.about.role,
        timezone=key.about.timezone,
        key=key.key,
        fingerprint=key.fingerprint,
        since=key.since,
        by=key.by,
        usable=key.usable,
        last_number=key.last_number,
        revoked_at=key.revoked_at,
        revoked_by=key.revoked_by or None,
    )
