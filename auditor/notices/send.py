"""Making a notice: signed, numbered after the one before it to the same recipient, and recorded before it leaves."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from auditor.ledger.notices import NoticeEvent, NoticeRecord
from auditor.notices.bodies import ID, NoticeBody, NoticeKind
from auditor.notices.book import Book, KeptNotice
from auditor.notices.keys import own_key
from auditor.notices.party import Party
from auditor.notices.signed import SignedFile, SignedFormat, faults_of, sign_file
from connectors.errors import AuditorError, shorten
from connectors.inputs.dates import DateStyle
from connectors.inputs.file_writing import write_new
from connectors.inputs.files import read_bytes


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """What somebody wants to give notice of."""

    kind: NoticeKind
    by: str
    to: str | None = None
    """The recipient; `None` where there is only one."""
    vma: str | None = None
    name: str | None = None
    roles: tuple[str, ...] = ()
    effective: str | None = None
    """An instant with its zone, or a day on the practice's calendar: the last one of an end, else the first."""
    known_since: datetime | None = None
    """`None`: since now."""
    takes_back: str | None = None
    """The id of an earlier notice of ours."""


def make_notice(party: Party, draft: NoticeDraft, now: datetime) -> KeptNotice:
    """
    Sign and record a notice; raises `AuditorError` naming everything that is wrong with it, and nothing is recorded.
    """
    signer = own_key(party, now, draft.by).signer
    with party.open() as store:
        book = party.read(store)
        body = _body(party, book, draft, now)
        file = sign_file(SignedFormat.NOTICE, body, signer)
        made = NoticeRecord(party.id, now, NoticeEvent.MADE, file.hash, detail=body.by, file=file.text())
        return party.note(store, book, [made]).made[file.hash]


def _body(party: Party, book: Book, draft: NoticeDraft, now: datetime) -> NoticeBody:
    taken = None if draft.takes_back is None else _ours(book, draft.takes_back)
    recipient = taken.body.recipient if taken else _recipient(book, draft.to)
    claims = draft.kind.claim is not None
    if party.config is not None and claims:
        _require_known(party, draft)
    number, previous = book.next_to(recipient)
    try:
        return NoticeBody(
            kind=draft.kind,
            sender=party.id,
            sender_name=party.name,
            recipient=recipient,
            number=number,
            previous=previous,
            made_at=now,
            by=draft.by,
            vma=draft.vma,
            name=draft.name or (party.names.get(draft.vma or "") if claims else None),
            roles=draft.roles,
            effective=_instant(party, book, recipient, draft) if claims else None,
            known_since=(draft.known_since or now) if claims else None,
            takes_back=taken.file.hash if taken else None,
        )
    except ValidationError as error:
        raise AuditorError(
            f"this notice cannot be made: {'; '.join(faults_of(error, ''))}", hint="`auditor notice --help` shows how"
        ) from None


def _ours(book: Book, id_: str) -> KeptNotice:
    kept = book.found(id_)
    if kept is None or not kept.ours:
        raise AuditorError(
            f"there is no notice {shorten(id_)} that was made here", hint="`auditor notice list` shows them"
        )
    if (kept.body.sender, kept.file.hash) in book.taken_back:
        raise AuditorError(f"{kept.id} was taken back already", hint="nothing was made; nothing needs to be")
    if kept.body.kind.claim is None:
        raise AuditorError(
            f"{kept.id} is about {kept.body.kind.value}, and claims nothing of anybody",
            hint="only what was said of somebody can be taken back",
        )
    return kept


def _recipient(book: Book, to: str | None) -> str:
    partners = sorted({kept.body.recipient for kept in book.made.values()} | set(book.peers()))
    if to is not None and to not in partners and not re.fullmatch(ID, to):
        raise AuditorError(
            f"{shorten(to)} is no id of a practice or agency",
            hint=f"one of: {', '.join(partners)}" if partners else "small letters, digits and hyphens",
        )
    if to is not None:
        return to
    if len(partners) == 1:
        return partners[0]
    known = f"one of: {', '.join(partners)}" if partners else "the id of the practice or agency"
    raise AuditorError("to whom? there is more than one, or none yet", hint=f"name it with `--to`: {known}")


def _require_known(party: Party, draft: NoticeDraft) -> None:
    """Refuse a slip of the pen: a practice gives notice of its own VMAs; who is to start may not be on it yet."""
    if draft.kind is not NoticeKind.START and draft.vma not in party.names:
        raise AuditorError(
            f"there is no VMA {shorten(draft.vma)} on the roster",
            hint=f"one of: {', '.join(sorted(party.names)[:40])}",
        )


def _instant(party: Party, book: Book, recipient: str, draft: NoticeDraft) -> datetime | None:
    """Read the instant, or the day on the practice's calendar; raises `AuditorError` for anything else."""
    text = draft.effective
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None and 1970 <= moment.year <= 9000:
        return moment
    try:
        day = DateStyle().day(text)
    except ValueError:
        raise AuditorError(
            f"`--effective {shorten(text).strip('`')}` is neither an instant nor a day",
            hint="give date, time and zone, such as 2026-12-04T17:00-06:00, or the day, such as 2026-12-04",
        ) from None
    return edge_of(day, _practice_zone(party, book, recipient), last=draft.kind is NoticeKind.LEAVE)


def edge_of(day: date, timezone: str, *, last: bool) -> datetime:
    """Return when a last day is over, or a first day begins, on the practice's calendar."""
    return datetime.combine(day + timedelta(days=1 if last else 0), time(), ZoneInfo(timezone))


def _practice_zone(party: Party, book: Book, recipient: str) -> str:
    """Return the zone of the practice, which is one of the two."""
    if party.role == "practice":
        return party.timezone
    peer = book.peers().get(recipient)
    if peer is None:
        raise AuditorError(
            f"in which time zone `{recipient}` counts its days is not known here, as nobody has trusted its key yet",
            hint="give an instant with its zone, such as 2026-12-04T17:00-06:00, or trust the practice's key first",
        )
    return peer.about.timezone


def file_name(kept: KeptNotice) -> str:
    """Return what the file of a notice is called; nothing that a person chose is in it but the recipient's id."""
    return f"notice-{kept.body.sender}-to-{kept.body.recipient}-{kept.body.number:04d}.json"


def receipt_name(kept: KeptNotice) -> str:
    """Return what the file of a notice's receipt is called."""
    return f"receipt-{kept.body.sender}-to-{kept.body.recipient}-{kept.body.number:04d}-{kept.file.hash[:10]}.json"


def write_out(folder: Path, name: str, file: SignedFile) -> Path:
    """
    Write a file for the other side, and return where it is; one that holds the same already stays as it is.

    Raises `AuditorError` when something else has that name, or it cannot be written.
    """
    place, data = folder / name, file.text().encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_new(place, data)
    except FileExistsError:
        if place.is_file() and place.stat().st_size == len(data) and read_bytes(place) == data:
            return place
        raise AuditorError(
            f"it is recorded, but another file has its name: `{place}`",
            hint="move that file away; `auditor notice show` writes this one again",
        ) from None
    except OSError as error:
        raise AuditorError(
            f"it is recorded, but the file `{place}` cannot be written: `{error.strerror}`",
            hint="make room or check the rights; `auditor notice show` writes it again",
        ) from None
    return place
