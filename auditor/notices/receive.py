"""
Receiving: what comes of a file, by what is known so far; and its record, whole or not at all.

Every test is of the file and of our own records. No instant that the other side wrote decides anything: what counts is
when it was taken down here.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from auditor.ledger.entries import decode_signature
from auditor.ledger.keys import PublicKey
from auditor.ledger.notices import NoticeEvent, NoticeRecord
from auditor.notices.bodies import (
    BODIES,
    KeyBody,
    NoticeBody,
    ReceiptBody,
    RevocationBody,
    fingerprint,
    key_hash,
    possession,
    short_id,
)
from auditor.notices.book import Book, KeptNotice, PartyKey
from auditor.notices.keys import OwnKey, own_key
from auditor.notices.outcomes import ReceivedOutcome
from auditor.notices.party import Party
from auditor.notices.signed import NoSignedFileError, SignedFile, SignedFormat, read_signed, sign_file
from connectors.errors import AuditorError, shorten

MAX_REFUSED = 1000
"""So many refused files are recorded; what comes after them stays where it is, and is told each time."""
MAX_QUARANTINE_BYTES = 4 * 2**20
"""So much of their content is kept; of the rest, the SHA-256."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is to be said of a file."""

    outcome: ReceivedOutcome
    why: tuple[str, ...] = ()
    """Every reason against it; empty where it counts."""
    todo: str = ""
    file: SignedFile | None = None
    body: object = None

    @property
    def refused(self) -> bool:
        """Whether it cannot count."""
        return self.outcome.refused


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a file, as it is told."""

    examined: Examined
    sha256: str
    kept: KeptNotice | None = None
    """The notice, with its receipt."""
    recorded: bool = True
    """Whether it is recorded; a file of no more room is not, and stays where it is."""
    before: NoticeRecord | None = None
    """Of a file that was refused before: the record of then."""


def examine(book: Book, data: bytes) -> Examined:
    """Say what comes of a file."""
    try:
        file, body = read_signed(data, BODIES)
    except NoSignedFileError as error:
        todo = "ask the sender for the file as the auditor wrote it, as an attachment and not as text"
        return Examined(ReceivedOutcome.MALFORMED, error.faults, todo)
    match body:
        case NoticeBody():
            return _notice(book, file, body)
        case ReceiptBody():
            return _receipt(book, file, body)
        case KeyBody():
            return _key(book, file, body)
        case _:
            assert isinstance(body, RevocationBody)  # noqa: S101 - there are four formats
            return _revocation(book, file, body)


def _refused(outcome: ReceivedOutcome, why: str, todo: str, file: SignedFile, body: object) -> Examined:
    return Examined(outcome, (why,), todo, file, body)


def _from_whom(book: Book, file: SignedFile, body: NoticeBody | ReceiptBody) -> Examined | PartyKey:
    """Return the key that signed it for the party that it names, or why there is none."""
    o = ReceivedOutcome
    if body.recipient != book.party:
        why = f"it is for {shorten(body.recipient)}, and this is `{book.party}`"
        return _refused(o.ANOTHER_RECIPIENT, why, "send it to whom it is for, or tell the sender", file, body)
    if not file.sound:
        why = "its signature does not fit what it says: it was changed on the way, or is forged"
        return _refused(o.TAMPERED, why, f"call {body.sender_name}, and ask for it again", file, body)
    key = book.keys.get(file.key)
    if key is None:
        why = f"nobody here has trusted the key that signed it, {fingerprint(file.key)}"
        todo = f"ask {body.sender_name} for their key file, compare the fingerprint by telephone, then: auditor notice "
        return _refused(o.UNKNOWN_KEY, why, f"{todo}trust FILE --fingerprint '…' --by …", file, body)
    if key.about.party != body.sender:
        why = f"the key that signed it is that of `{key.about.party}`, and it says that it comes from `{body.sender}`"
        return _refused(o.ANOTHER_SENDER, why, f"call {key.about.name}: somebody has their key", file, body)
    return key


def _revoked(key: PartyKey, file: SignedFile, body: NoticeBody | ReceiptBody) -> Examined | None:
    if key.revoked_at is None:
        return None
    why = f"its key was revoked on {key.revoked_at:%Y-%m-%d %H:%M} UTC by {key.revoked_by}"
    todo = f"call {body.sender_name}: if it is theirs, they sign it again with their new key"
    return _refused(ReceivedOutcome.REVOKED_KEY, why, todo, file, body)


def _notice(book: Book, file: SignedFile, body: NoticeBody) -> Examined:
    key = _from_whom(book, file, body)
    if isinstance(key, Examined):
        return key
    if file.hash in book.received:
        return Examined(ReceivedOutcome.REPEATED, file=file, body=body)
    if (revoked := _revoked(key, file, body)) is not None:
        return revoked
    if key.last_number is not None and body.number > key.last_number:
        why = f"with notice {key.last_number} another key took the place of the one that signed this, number "
        todo = f"call {body.sender_name}: the old key is still in use there, or somebody else has it"
        return _refused(ReceivedOutcome.RETIRED_KEY, f"{why}{body.number}", todo, file, body)
    if body.new_key is not None and (why := _unusable(book, file, body)):
        todo = f"call {body.sender_name}, and compare the fingerprint of their new key"
        return _refused(ReceivedOutcome.UNUSABLE_KEY, why, todo, file, body)
    return Examined(ReceivedOutcome.RECEIVED, file=file, body=body)


def _unusable(book: Book, file: SignedFile, body: NoticeBody) -> str:
    """Say why a new key cannot take the place of the one that signed; empty when it can."""
    new = str(body.new_key)
    raw = decode_signature((body.new_key_signature or "").encode(errors="replace"))
    said = possession(file.key, new, body.recipient, body.number)
    if raw is None or not PublicKey.parse(new).verifies(said, raw):
        return "it does not show that its sender has the new key"
    known = book.keys.get(new)
    if known is not None and (known.revoked_at is not None or known.about.party != body.sender):
        return "the new key is another party's, or was revoked"
    return "the new key is our own" if new in {key.key for key in book.own} else ""


def _receipt(book: Book, file: SignedFile, body: ReceiptBody) -> Examined:
    key = _from_whom(book, file, body)
    if isinstance(key, Examined):
        return key
    sent = book.made.get(body.notice)
    if sent is None or sent.body.recipient != body.sender or sent.body.number != body.number:
        why = (
            f"it confirms notice {short_id(body.notice)}, number {body.number}, which was never sent to `{body.sender}`"
        )
        return _refused(ReceivedOutcome.NO_SUCH_NOTICE, why, f"ask {body.sender_name} what it is about", file, body)
    if sent.receipt is not None and sent.receipt.hash == file.hash:
        return Examined(ReceivedOutcome.REPEATED, file=file, body=body)
    if (revoked := _revoked(key, file, body)) is not None:
        return revoked
    if sent.receipt_body is not None:
        why = f"another receipt of this notice is here, of {sent.receipt_body.received_at:%Y-%m-%d %H:%M} UTC"
        todo = f"ask {body.sender_name} why there are two: the first one counts"
        return _refused(ReceivedOutcome.SECOND_RECEIPT, why, todo, file, body)
    return Examined(ReceivedOutcome.DELIVERED, file=file, body=body)


def _key(book: Book, file: SignedFile, body: KeyBody) -> Examined:
    if not file.sound:
        why = "it is not signed by the key that it introduces: it was changed on the way, or is forged"
        return _refused(ReceivedOutcome.TAMPERED, why, f"call {body.name}, and ask for it again", file, body)
    outcome = ReceivedOutcome.REPEATED if file.key in book.keys else ReceivedOutcome.KEY_OFFERED
    return Examined(outcome, file=file, body=body)


def _revocation(book: Book, file: SignedFile, body: RevocationBody) -> Examined:
    if not file.sound:
        why = "its signature does not fit what it says: it was changed on the way, or is forged"
        return _refused(ReceivedOutcome.TAMPERED, why, "call the sender, and ask", file, body)
    key = book.keys.get(file.key)
    if key is None:
        why = f"nobody here has trusted the key that it revokes, {fingerprint(file.key)}"
        return _refused(ReceivedOutcome.UNKNOWN_KEY, why, "nothing: what it signs does not count here", file, body)
    outcome = ReceivedOutcome.KEY_REVOKED if key.revoked_at is None else ReceivedOutcome.REPEATED
    return Examined(outcome, file=file, body=body)


def receive(party: Party, data: bytes, now: datetime, known: Book | None = None) -> Received:
    """
    Examine a file, record what came of it as of `now`, and return it, with the receipt of a notice.

    `known` is the book as somebody has read it already. Raises `AuditorError` where the store or our own key cannot be
    used; then nothing is recorded, and it can be tried again.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    book = known if known is not None else party.book()
    examined = examine(book, data)
    if examined.outcome is ReceivedOutcome.REPEATED or (examined.refused and sha256 in book.refused):
        return Received(examined, sha256, _kept(book, examined), before=book.refused.get(sha256))
    signs = own_key(party, now) if examined.outcome is ReceivedOutcome.RECEIVED else None
    with party.open() as store:
        book = party.read(store)
        examined = examine(book, data)  # once more: what was recorded meanwhile, such as our own key, counts
        if examined.outcome is ReceivedOutcome.RECEIVED and signs is None:
            raise AuditorError("a key was trusted meanwhile", hint="nothing was recorded; run it again")
        if examined.refused:
            before = book.refused.get(sha256)
            room = len(book.refused) < MAX_REFUSED
            if before is None and room:
                party.note(store, book, [_quarantined(book, examined, sha256, data, now)])
            return Received(examined, sha256, recorded=before is not None or room, before=before)
        records = _records(book, examined, signs, party, now)
        if records:
            book = party.note(store, book, records)
    return Received(examined, sha256, _kept(book, examined))


def _kept(book: Book, examined: Examined) -> KeptNotice | None:
    """Return the notice that a file is, or confirms; `None` where there is none, or the file was refused."""
    if examined.refused or examined.file is None:
        return None
    sent = examined.body.notice if isinstance(examined.body, ReceiptBody) else ""
    return book.received.get(examined.file.hash) or book.made.get(sent)


def _records(
    book: Book, examined: Examined, signs: OwnKey | None, party: Party, now: datetime
) -> tuple[NoticeRecord, ...]:
    """Return what is recorded of a file that counts: nothing of one that is here already."""
    file, body = examined.file, examined.body
    if file is None:
        return ()
    match examined.outcome:
        case ReceivedOutcome.RECEIVED if isinstance(body, NoticeBody) and signs is not None:
            receipt = _answer(party, file, body, signs, now)
            return (
                NoticeRecord(book.party, now, NoticeEvent.RECEIVED, file.hash, detail=body.by, file=file.text()),
                NoticeRecord(book.party, now, NoticeEvent.RECEIPT_MADE, file.hash, file=receipt.text()),
            )
        case ReceivedOutcome.DELIVERED if isinstance(body, ReceiptBody):
            return (NoticeRecord(book.party, now, NoticeEvent.RECEIPT_RECEIVED, body.notice, file=file.text()),)
        case ReceivedOutcome.KEY_REVOKED if isinstance(body, RevocationBody):
            by = f"its owner, {book.keys[file.key].about.name}"
            about = key_hash(file.key)
            return (NoticeRecord(book.party, now, NoticeEvent.KEY_REVOKED, about, detail=by, file=file.text()),)
    return ()


def _answer(party: Party, file: SignedFile, body: NoticeBody, signs: OwnKey, now: datetime) -> SignedFile:
    receipt = ReceiptBody(
        sender=party.id,
        sender_name=party.name,
        recipient=body.sender,
        notice=file.hash,
        number=body.number,
        received_at=now,
    )
    return sign_file(SignedFormat.RECEIPT, receipt, signs.signer)


def _quarantined(book: Book, examined: Examined, sha256: str, data: bytes, now: datetime) -> NoticeRecord:
    """
    Return the record of a refused file, with its content where that is a signed file, and there is room.

    Of anything else nothing but the hash is kept: somebody may have put a file of patients into the wrong folder.
    """
    taken = sum(len(record.file or "") for record in book.refused.values())
    keep = examined.file is not None and len(data) + taken <= MAX_QUARANTINE_BYTES
    detail = "; ".join(examined.why) if examined.file is not None else f"no signed file: {len(examined.why)} faults"
    text = data.decode("utf-8-sig") if keep else None
    return NoticeRecord(book.party, now, NoticeEvent.REFUSED, sha256, examined.outcome.value, detail, text)


def counts_by_now(book: Book, record: NoticeRecord) -> bool:
    """Whether a file that was refused was received later, such as one that came before anybody trusted its key."""
    if record.file is None:
        return False
    try:
        file, _ = read_signed(record.file.encode(), BODIES)
    except NoSignedFileError:
        return False
    receipts = (kept.receipt.hash for kept in book.made.values() if kept.receipt is not None)
    return file.hash in book.received or file.hash in set(receipts)
