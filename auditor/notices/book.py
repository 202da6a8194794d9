"""
The book of one party: what its records say of keys, of what was sent and received, and of what claims something now.

Worked out from the records alone, in their order, so that asked again the answer is the same. Nothing here reads a
clock or a file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache

from auditor.ledger.entries import NO_ENTRY
from auditor.ledger.notices import NoticeEvent, NoticeRecord
from auditor.notices.bodies import (
    BODIES,
    KeyBody,
    NoticeBody,
    ReceiptBody,
    fingerprint,
    key_hash,
    short_id,
)
from auditor.notices.signed import NoSignedFileError, SignedFile, read_signed
from connectors.errors import AuditorError
from policies.notices import Announcements, Claim, Sender, sender_of


@dataclass(frozen=True, slots=True)
class PartyKey:
    """A key of our own, or of another party."""

    key: str
    about: KeyBody
    since: datetime
    """When it was made, or trusted, here."""
    by: str
    """Who made or trusted it; of one that the key before it introduced, what did."""
    file: SignedFile | None = None
    """What introduced it; `None` where the key before it did."""
    last_number: int | None = None
    """The number of the notice with which another key took its place; it signs nothing after that."""
    revoked_at: datetime | None = None
    revoked_by: str = ""

    @property
    def fingerprint(self) -> str:
        """In groups, to be read aloud."""
        return fingerprint(self.key)

    @property
    def usable(self) -> bool:
        """Whether its owner signs with it now."""
        return self.revoked_at is None and self.last_number is None


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice that was made or accepted, and its receipt."""

    file: SignedFile
    body: NoticeBody
    at: datetime
    """When it was made, or taken down, here."""
    ours: bool
    receipt: SignedFile | None = None
    receipt_body: ReceiptBody | None = None

    @property
    def id(self) -> str:
        """As people write it."""
        return short_id(self.file.hash)


@dataclass(frozen=True)
class Book:
    """Everything that the records of one party say."""

    party: str
    last: int = 0
    """The number of the last record; 0 for none."""
    last_at: datetime | None = None
    own: tuple[PartyKey, ...] = ()
    """Oldest first."""
    keys: Mapping[str, PartyKey] = field(default_factory=dict)
    """Of other parties, by the key."""
    received: Mapping[str, KeptNotice] = field(default_factory=dict)
    """By hash, in the order in which they came."""
    made: Mapping[str, KeptNotice] = field(default_factory=dict)
    refused: Mapping[str, NoticeRecord] = field(default_factory=dict)
    """By the SHA-256 of the file's bytes: what came of it first."""
    taken_back: frozenset[tuple[str, str]] = frozenset()
    """Sender, and the hash of a notice that it took back."""

    @property
    def own_key(self) -> PartyKey | None:
        """The key with which we sign now."""
        return self.own[-1] if self.own and self.own[-1].usable else None

    def peers(self) -> dict[str, PartyKey]:
        """Return by party the newest key of each that was ever trusted, usable ones before others."""
        found: dict[str, PartyKey] = {}
        for key in sorted(self.keys.values(), key=lambda k: (k.usable, k.since)):
            found[key.about.party] = key
        return found

    def next_to(self, recipient: str) -> tuple[int, str]:
        """Return the number of the next notice to somebody, and the hash of the one before it."""
        sent = [kept for kept in self.made.values() if kept.body.recipient == recipient]
        last = max(sent, key=lambda kept: kept.body.number, default=None)
        return (1, NO_ENTRY) if last is None else (last.body.number + 1, last.file.hash)

    def found(self, id_: str) -> KeptNotice | None:
        """Return a notice by its id, or by the beginning of it; `None` when there is none, or more than one."""
        wanted = id_.strip().upper().removeprefix("N-")
        all_ = [*self.received.values(), *self.made.values()]
        fits = [kept for kept in all_ if len(wanted) >= 4 and kept.file.hash.upper().startswith(wanted)]
        return fits[0] if len(fits) == 1 else None

    def senders(self) -> tuple[Sender, ...]:
        """Return how whole it is what each party sent."""
        found: dict[str, list[NoticeBody]] = {}
        hashes: dict[str, list[str]] = {}
        for hash_, kept in self.received.items():
            found.setdefault(kept.body.sender, []).append(kept.body)
            hashes.setdefault(kept.body.sender, []).append(hash_)
        return tuple(
            sender_of(
                id_,
                bodies[-1].sender_name,
                ((b.number, h, b.previous) for b, h in zip(bodies, hashes[id_], strict=True)),
            )
            for id_, bodies in sorted(found.items())
        )

    @cached_property
    def announced(self) -> Announcements:
        """What all notices claim, received and made, in the order in which they were recorded."""
        kept = sorted((*self.received.values(), *self.made.values()), key=lambda k: (k.at, k.file.hash))
        claims = tuple(claim for one in kept if (claim := self._claim(one)) is not None)
        return Announcements(claims, self.senders())

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """What each notice claims, by its id; no entry for one that is about another notice, or a key."""
        return {claim.id: claim for claim in self.announced.claims}

    def _claim(self, kept: KeptNotice) -> Claim | None:
        body = kept.body
        if body.kind.claim is None or body.vma is None or body.effective is None or body.known_since is None:
            return None
        key = self.keys.get(kept.file.key)
        return Claim(
            id=kept.id,
            kind=body.kind.claim,
            vma=body.vma,
            name=body.name or "",
            roles=body.roles,
            effective=body.effective,
            known_since=body.known_since,
            made_at=body.made_at,
            received_at=kept.at,
            sender=body.sender,
            sender_name=body.sender_name,
            number=body.number,
            by=body.by,
            ours=kept.ours,
            taken_back=(body.sender, kept.file.hash) in self.taken_back,
            key_revoked=key is not None and key.revoked_at is not None,
            delivered_at=kept.receipt_body.received_at if kept.ours and kept.receipt_body else None,
        )


def read_book(party: str, records: Iterable[NoticeRecord]) -> Book:
    """Read the records of a party; raises `AuditorError` for one that the store does not hold as it was signed."""
    reading = _Reading()
    last, last_at = 0, None
    for record in records:
        last, last_at = record.id or last, record.at
        reading.read(record)
    return Book(
        party,
        last,
        last_at,
        tuple(reading.own.values()),
        reading.keys,
        reading.received,
        reading.made,
        reading.refused,
        frozenset(reading.taken),
    )


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.own: dict[str, PartyKey] = {}
        self.keys: dict[str, PartyKey] = {}
        self.received: dict[str, KeptNotice] = {}
        self.made: dict[str, KeptNotice] = {}
        self.refused: dict[str, NoticeRecord] = {}
        self.taken: set[tuple[str, str]] = set()

    def read(self, record: NoticeRecord) -> None:
        """Take one record in; each kind of event has its own way."""
        match record.event:
            case NoticeEvent.KEY_MADE:
                self._key(record, self.own)
            case NoticeEvent.KEY_TRUSTED:
                self._key(record, self.keys)
            case NoticeEvent.KEY_REVOKED:
                self._revoked(record)
            case NoticeEvent.MADE:
                self._notice(record, self.made)
            case NoticeEvent.RECEIVED:
                self._notice(record, self.received)
            case NoticeEvent.RECEIPT_MADE:
                self._receipt(record, self.received)
            case NoticeEvent.RECEIPT_RECEIVED:
                self._receipt(record, self.made)
            case NoticeEvent.REFUSED:
                self.refused.setdefault(record.about, record)

    def _key(self, record: NoticeRecord, where: dict[str, PartyKey]) -> None:
        file, about = _signed(record)
        if isinstance(about, KeyBody):
            where.setdefault(file.key, PartyKey(file.key, about, record.at, record.detail, file))

    def _revoked(self, record: NoticeRecord) -> None:
        for where in (self.own, self.keys):
            for text, key in where.items():
                if key_hash(text) == record.about and key.revoked_at is None:
                    where[text] = replace(key, revoked_at=record.at, revoked_by=record.detail)

    def _notice(self, record: NoticeRecord, where: dict[str, KeptNotice]) -> None:
        file, body = _signed(record)
        if not isinstance(body, NoticeBody):
            return
        where.setdefault(file.hash, KeptNotice(file, body, record.at, where is self.made))
        if body.takes_back is not None:
            self.taken.add((body.sender, body.takes_back))
        if body.new_key is not None and where is self.received and file.key in self.keys:
            self._succeed(file.key, body, body.new_key, record.at)

    def _succeed(self, old: str, body: NoticeBody, new: str, at: datetime) -> None:
        """Let the key that a notice brings take the place of the one that signed it."""
        before = self.keys[old]
        self.keys[old] = replace(before, last_number=min(body.number, before.last_number or body.number))
        about = before.about.model_copy(update={"made_at": body.made_at})
        self.keys.setdefault(new, PartyKey(new, about, at, f"notice {body.number}, signed with the key before"))

    def _receipt(self, record: NoticeRecord, where: dict[str, KeptNotice]) -> None:
        file, body = _signed(record)
        if isinstance(body, ReceiptBody) and (kept := where.get(body.notice)) is not None and kept.receipt is None:
            where[body.notice] = replace(kept, receipt=file, receipt_body=body)


def _signed(record: NoticeRecord) -> tuple[SignedFile, object]:
    try:
        return _read_once(record.file or "")
    except NoSignedFileError:
        raise AuditorError("the store holds a notice that was changed", hint="run `auditor verify`") from None


@lru_cache(maxsize=1024)
def _read_once(file: str) -> tuple[SignedFile, object]:
    """Read a file that was recorded: a book is read before and after each step, and its files never change."""
    return read_signed(file.encode(), BODIES)
