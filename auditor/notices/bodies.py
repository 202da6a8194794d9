"""What stands in signed files, field by field: notices, receipts, keys and their revocation."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StrictInt, model_validator

from auditor.ledger.entries import NO_ENTRY, instant, is_sha256
from auditor.ledger.keys import PublicKey
from auditor.notices.signed import SignedFormat
from connectors.errors import AuditorError
from connectors.inputs.dates import known_timezone
from connectors.inputs.strict import Strict
from policies.notices import ClaimKind

MAX_ROLES = 20
MAX_NUMBER = 10**9


class NoticeKind(StrEnum):
    """What a notice is for."""

    START = ClaimKind.START.value
    ROLE_CHANGE = ClaimKind.ROLE_CHANGE.value
    LEAVE = ClaimKind.LEAVE.value
    TAKE_BACK = "take-back"
    """An earlier notice of the same sender claims nothing any more."""
    NEW_KEY = "new-key"
    """The sender signs with another key from the next number on; signed with the old one."""

    @property
    def claim(self) -> ClaimKind | None:
        """What it says of somebody, if it says anything."""
        return ClaimKind(self.value) if self.value in list(ClaimKind) else None


def _printable(text: object) -> object:
    if not isinstance(text, str) or not text.isprintable() or text != text.strip() or not 1 <= len(text) <= 200:
        raise ValueError("1 to 200 printable characters, without spaces around them")
    return text


def _instant(value: object) -> object:
    """Read an instant in the one form that the ledger writes, so that one content has one hash."""
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
        if isinstance(value, str) and 1970 <= moment.year <= 9000 and instant(moment) == value:
            return moment.astimezone(UTC)
    except (ValueError, AuditorError):
        pass
    raise ValueError("an instant such as 2026-12-04T23:00:00.000000Z")


def _sha(value: object) -> object:
    if not isinstance(value, str) or not is_sha256(value):
        raise ValueError("SHA-256 as 64 lower-case hexadecimal digits")
    return value


def _key(value: object) -> object:
    try:
        PublicKey.parse(str(value))
    except AuditorError:
        raise ValueError("`ed25519:` and 44 letters") from None
    return value


Text = Annotated[str, BeforeValidator(_printable)]
Instant = Annotated[datetime, BeforeValidator(_instant), PlainSerializer(instant, when_used="json")]
Sha256 = Annotated[str, BeforeValidator(_sha)]
Key = Annotated[str, BeforeValidator(_key)]
ID = r"^[a-z0-9][a-z0-9-]{0,62}$"
PartyId = Annotated[str, Field(pattern=ID)]
"""Lower-case letters, digits and hyphens, as a practice's `id`."""
Zone = Annotated[str, AfterValidator(known_timezone)]

_CLAIMS = ("vma", "effective", "known_since")
_NEEDS: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.START: _CLAIMS,
    NoticeKind.ROLE_CHANGE: (*_CLAIMS, "roles"),
    NoticeKind.LEAVE: _CLAIMS,
    NoticeKind.TAKE_BACK: ("takes_back",),
    NoticeKind.NEW_KEY: ("new_key", "new_key_signature"),
}
_MAY: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.START: ("name", "roles"),
    NoticeKind.ROLE_CHANGE: ("name",),
    NoticeKind.LEAVE: ("name",),
    NoticeKind.TAKE_BACK: (),
    NoticeKind.NEW_KEY: (),
}
_OWN = ("vma", "name", "roles", "effective", "known_since", "takes_back", "new_key", "new_key_signature")


class NoticeBody(Strict):
    """One notice of one party to another."""

    kind: NoticeKind
    sender: PartyId
    sender_name: Text
    recipient: PartyId
    number: Annotated[StrictInt, Field(ge=1, le=MAX_NUMBER)]
    """1, 2, 3, … of this sender to this recipient: what is lost leaves a gap."""
    previous: Sha256
    """The hash of the notice before it to this recipient; 64 zeros in the first."""
    made_at: Instant
    by: Text
    """Who gives notice: a person."""
    vma: Text | None = None
    """The id of the VMA on the practice's roster."""
    name: Text | None = None
    roles: Annotated[tuple[Text, ...], Field(max_length=MAX_ROLES)] = ()
    effective: Instant | None = None
    """Since, or until, when it is so."""
    known_since: Instant | None = None
    takes_back: Sha256 | None = None
    new_key: Key | None = None
    new_key_signature: str | None = None
    """By the new key, over `possession`: nobody can bring another's key as their own."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = {name for name in _OWN if getattr(self, name) not in (None, ())}
        needs, may = set(_NEEDS[self.kind]), set(_MAY[self.kind])
        wrong = [f"`{name}` is missing" for name in _OWN if name in needs - given]
        wrong += [f"`{name}` has no place" for name in _OWN if name in given - needs - may]
        if wrong:
            raise ValueError(f"in a notice `{self.kind.value}`, {', '.join(wrong)}")
        if self.sender == self.recipient:
            raise ValueError("the sender and the recipient are one")
        if (self.number == 1) != (self.previous == NO_ENTRY):
            raise ValueError("`previous` is 64 zeros in notice 1, and in no other")
        return self


class ReceiptBody(Strict):
    """The answer to one notice: that it is here, and since when; not that it is right."""

    sender: PartyId
    sender_name: Text
    recipient: PartyId
    notice: Sha256
    """The hash of the notice's body."""
    number: Annotated[StrictInt, Field(ge=1, le=MAX_NUMBER)]
    received_at: Instant


class KeyBody(Strict):
    """Whose a key is, by its own word: nobody believes it before comparing the fingerprint another way."""

    party: PartyId
    name: Text
    role: Literal["practice", "agency"]
    timezone: Zone
    made_at: Instant


class RevocationBody(Strict):
    """The owner of a key says that it counts no more."""

    party: PartyId
    revoked_at: Instant


BODIES: Mapping[SignedFormat, type[Strict]] = {
    SignedFormat.NOTICE: NoticeBody,
    SignedFormat.RECEIPT: ReceiptBody,
    SignedFormat.KEY: KeyBody,
    SignedFormat.REVOCATION: RevocationBody,
}


def possession(old: str, new: str, recipient: str, number: int) -> bytes:
    """Return what a new key signs to show that its owner has it, for this one notice."""
    return f"auditor-new-key/v1\n{old}\n{new}\n{recipient}\n{number}\n".encode()


def short_id(hash_: str, letter: str = "N") -> str:
    """Return the id of a notice (`N-`) or a receipt (`R-`), as people write it."""
    return f"{letter}-{hash_[:10].upper()}"


def fingerprint(key: str) -> str:
    """
    Return the fingerprint of a public key: 128 bits of SHA-256, in groups that can be read aloud.

    To find another key with the same one is out of reach (2^128).
    """
    digest = key_hash(key)[:32].upper()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def key_hash(key: str) -> str:
    """Return SHA-256 of a public key's text."""
    return hashlib.sha256(key.encode()).hexdigest()


def plain_fingerprint(text: str) -> str:
    """Return a fingerprint as somebody typed it, without spaces, colons, hyphens and case."""
    return "".join(c for c in text.upper() if c not in " :-\t\u00a0")
