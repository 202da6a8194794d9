"""
The keys that sign notices: our own, and those of others whose fingerprint somebody has compared.

They are not the ledger's key, which can never be changed: these are made anew when somebody leaves who could read them,
or when one may have been stolen. A private key lies beside the store, readable by its owner alone, and nowhere else.
"""

import base64
from dataclasses import dataclass
from datetime import datetime

from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeEvent, NoticeRecord
from auditor.notices.bodies import (
    KeyBody,
    NoticeBody,
    NoticeKind,
    RevocationBody,
    fingerprint,
    key_hash,
    plain_fingerprint,
    possession,
)
from auditor.notices.book import Book, PartyKey
from auditor.notices.party import Party
from auditor.notices.signed import SignedFile, SignedFormat, sign_file
from connectors.errors import AuditorError, shorten


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The key with which we sign now."""

    signer: Signer
    known: PartyKey


def own_key(party: Party, now: datetime, by: str = "") -> OwnKey:
    """
    Return our key, made where there is none yet, or where the last one was revoked.

    Raises `AuditorError` where the private key is missing that the records know of, or cannot be used.
    """
    with party.open() as store:
        book = party.read(store)
        if book.own_key is None:
            book = party.note(store, book, [_new_key(party, len(book.own) + 1, now, by)])
    known = book.own_key
    assert known is not None  # noqa: S101 - it was recorded just now, or before
    path = party.key_file(len(book.own))
    if not path.is_file():
        raise AuditorError(
            f"the private key that signs notices is missing: `{path}`",
            hint="put it back from the backup; if it is lost, revoke it, and the next notice makes another: "
            f"auditor notice revoke '{known.fingerprint}' --by 'your name'",
        )
    signer = Signer.load_or_create(path, ledger_is_empty=False)
    if signer.public != known.key:
        raise AuditorError(
            f"`{path}` is another key than the records name, {known.fingerprint}",
            hint="put the key back from the backup that belongs to this store",
        )
    return OwnKey(signer, known)


def _new_key(party: Party, number: int, now: datetime, by: str) -> NoticeRecord:
    """Make a key, and the record of it; a key file that was made and never recorded is used."""
    signer = Signer.load_or_create(party.key_file(number), ledger_is_empty=True)
    body = KeyBody(party=party.id, name=party.name, role=party.role, timezone=party.timezone, made_at=now)
    text = sign_file(SignedFormat.KEY, body, signer).text()
    about = key_hash(signer.public)
    return NoticeRecord(party.id, now, NoticeEvent.KEY_MADE, about, detail=by or "made at first use", file=text)


def trust(party: Party, file: SignedFile, body: KeyBody, *, said: str, by: str, now: datetime) -> PartyKey:
    """
    Trust the key of another party whose fingerprint somebody has compared with what its owner said.

    Raises `AuditorError` where the fingerprint is another, the file is not signed by the key that it introduces, or it
    is our own, revoked, or another party's already.
    """
    if not file.sound:
        raise AuditorError(
            "this file was changed: it is not signed by the key that it introduces", hint="ask for it again"
        )
    if plain_fingerprint(said) != plain_fingerprint(fingerprint(file.key)):
        raise AuditorError(
            "this key is another than the one whose fingerprint was given: all 32 digits must be the same",
            hint=f"call {body.name} on a number that you know and let them read theirs aloud (there: `auditor notice "
            "keys`); if it still differs, somebody has changed the file on its way",
        )
    if not by.strip():
        raise AuditorError("`--by` is empty", hint="name the person who compared the fingerprint")
    with party.open() as store:
        book = party.read(store)
        if body.party == party.id or file.key in {key.key for key in book.own}:
            raise AuditorError("this is the key of this party itself", hint="ask the other side for the file of theirs")
        known = book.keys.get(file.key)
        if known is not None and known.revoked_at is not None:
            raise AuditorError(
                f"this key was revoked on {known.revoked_at:%Y-%m-%d %H:%M} UTC by {known.revoked_by}",
                hint="ask the other side for a new key",
            )
        if known is not None:
            return known
        if (other := book.peers().get(body.party)) is not None and other.usable:
            raise AuditorError(
                f"`{body.party}` has a key already, {other.fingerprint}, and this is another",
                hint="a party that changes its key tells so by a notice (`auditor notice rotate` there); where the old "
                "one is lost or stolen, revoke it first: `auditor notice revoke`",
            )
        about, text = key_hash(file.key), file.text()
        record = NoticeRecord(party.id, now, NoticeEvent.KEY_TRUSTED, about, detail=by.strip(), file=text)
        return party.note(store, book, [record]).keys[file.key]


def rotate(party: Party, *, by: str, now: datetime) -> tuple[OwnKey, tuple[SignedFile, ...]]:
    """
    Make another key; return it, and the notice by which each party that knows ours learns of it.

    Each is signed with the old key and bears the next number, so that nothing that the old key signs after it counts.
    """
    old = own_key(party, now, by).signer
    with party.open() as store:
        book = party.read(store)
        made = _new_key(party, len(book.own) + 1, now, by)
        new = Signer.load_or_create(party.key_file(len(book.own) + 1), ledger_is_empty=False)
        partners = {kept.body.recipient for kept in book.made.values()} | set(book.peers())
        files = tuple(
            sign_file(SignedFormat.NOTICE, _successor(party, book, (recipient, by, now), old, new), old)
            for recipient in sorted(partners)
        )
        told = [NoticeRecord(party.id, now, NoticeEvent.MADE, f.hash, detail=by, file=f.text()) for f in files]
        party.note(store, book, [*told, made])
    return own_key(party, now), files


def _successor(party: Party, book: Book, what: tuple[str, str, datetime], old: Signer, new: Signer) -> NoticeBody:
    recipient, by, now = what
    number, previous = book.next_to(recipient)
    proof = new.sign(possession(old.public, new.public, recipient, number))
    return NoticeBody(
        kind=NoticeKind.NEW_KEY,
        sender=party.id,
        sender_name=party.name,
        recipient=recipient,
        number=number,
        previous=previous,
        made_at=now,
        by=by,
        new_key=new.public,
        new_key_signature=base64.b64encode(proof).decode(),
    )


def revoke(party: Party, said: str, *, by: str, reason: str, now: datetime) -> tuple[PartyKey, SignedFile | None]:
    """
    Let a key count no more, from now on; what it signed and was received before stays, with a mark.

    Of our own key, also return the file that tells the others; where its private key is lost there is none, and each of
    them revokes it by hand. Raises `AuditorError` when nobody knows the fingerprint, or it is revoked already.
    """
    with party.open() as store:
        book = party.read(store)
        known = (*book.own, *book.keys.values())
        key = next((k for k in known if plain_fingerprint(k.fingerprint) == plain_fingerprint(said)), None)
        if key is None:
            raise AuditorError(
                f"no key here has the fingerprint {shorten(said)}", hint="`auditor notice keys` lists them"
            )
        if key.revoked_at is not None:
            raise AuditorError(f"this key is revoked already, since {key.revoked_at:%Y-%m-%d %H:%M} UTC")
        file = _revocation(party, book, key, now) if key in book.own else None
        detail, text = f"{by}: {reason}" if reason else by, file.text() if file else None
        record = NoticeRecord(party.id, now, NoticeEvent.KEY_REVOKED, key_hash(key.key), detail=detail, file=text)
        party.note(store, book, [record])
    return key, file


def _revocation(party: Party, book: Book, key: PartyKey, now: datetime) -> SignedFile | None:
    path = party.key_file(book.own.index(key) + 1)
    if not path.is_file():
        return None
    signer = Signer.load_or_create(path, ledger_is_empty=False)
    return sign_file(SignedFormat.REVOCATION, RevocationBody(party=party.id, revoked_at=now), signer)
