"""What `auditor notice` and `auditor receive` tell a machine of notices."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.cli.notice_words import claim_of, clocks_for, ids_against, zone_of
from auditor.headcount.events import EventKind
from auditor.ledger.notices import NoticeRecord
from auditor.notices.bodies import fingerprint
from auditor.notices.book import Book, KeptNotice
from auditor.notices.claims import CLAIMED
from auditor.notices.outcomes import ReceivedOutcome
from auditor.notices.party import Party
from auditor.notices.receive import Received, counts_by_now
from auditor.notices.send import file_name
from auditor.notices.words import by_clocks, remarks
from policies.notices import Sender
from reports.as_json import SPREAD, Keys


@dataclass(frozen=True, slots=True)
class NoticeData:
    """One notice: what it says, what is known of its way, whether it stands, and each clock."""

    notice: str
    sha256: str
    made_here: bool
    body: Mapping[str, Any]
    """As it was signed (`auditor.notices.bodies`)."""
    recorded_at: datetime
    received_at: datetime | None
    receipt: bool
    claimed_event: EventKind | None
    taken_back: bool
    contradicts: tuple[str, ...]
    remarks: tuple[str, ...]
    clocks: tuple[str, ...]
    file_name: str


@dataclass(frozen=True, slots=True)
class MadeData:
    """A notice that was made just now, and where its file is."""

    notice: NoticeData
    file: str


@dataclass(frozen=True, slots=True)
class SenderData:
    """How whole it is what one party sent."""

    sender: str
    name: str
    received: int
    whole: bool
    missing: tuple[int, ...]
    missing_count: int
    twice: tuple[int, ...]
    torn: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RefusedData:
    """A file that did not count when it came."""

    sha256: str
    outcome: str
    at: datetime
    detail: str
    kept: bool
    counts_by_now: bool


@dataclass(frozen=True, slots=True)
class BookData:
    """Every notice, made and received, with what became of it."""

    party: str
    received: tuple[NoticeData, ...]
    made: tuple[NoticeData, ...]
    senders: tuple[SenderData, ...]
    refused: tuple[RefusedData, ...]


@dataclass(frozen=True, slots=True)
class WrittenData:
    """A notice, or its receipt, that was written once more."""

    notice: str
    file: str


@dataclass(frozen=True, slots=True)
class ContentData:
    """A notice, or its receipt, as it was signed."""

    notice: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReceivedData:
    """What came of a file."""

    file: str
    sha256: str
    outcome: ReceivedOutcome
    counts: bool
    why: tuple[str, ...]
    to_do: str
    recorded: bool
    fingerprint: str | None
    notice: NoticeData | None
    receipt_file: str | None


KEYS: Keys = {NoticeData: {"body": SPREAD}, MadeData: {"notice": SPREAD}}


@dataclass(frozen=True, slots=True)
class NoticeTeller:
    """Tells a machine of the notices of one party at one instant."""

    party: Party
    book: Book
    now: datetime

    def notice(self, kept: KeptNotice) -> NoticeData:
        """Return one notice."""
        claim = claim_of(self.book, kept)
        zone = zone_of(self.party, self.book, claim) if claim else self.party.timezone
        receipt = kept.receipt_body
        return NoticeData(
            notice=kept.id,
            sha256=kept.file.hash,
            made_here=kept.ours,
            body=json.loads(kept.file.body),
            recorded_at=kept.at,
            received_at=receipt.received_at if receipt else None,
            receipt=receipt is not None,
            claimed_event=CLAIMED[claim.kind] if claim else None,
            taken_back=(kept.body.sender, kept.file.hash) in self.book.taken_back,
            contradicts=ids_against(self.book, claim) if claim and not claim.taken_back else (),
            remarks=remarks(claim, zone) if claim else (),
            clocks=by_clocks(claim, clocks_for(self.party), self.now, zone) if claim else (),
            file_name=file_name(kept),
        )

    def made(self, kept: KeptNotice, file: Path) -> MadeData:
        """Return a notice that was made just now."""
        return MadeData(self.notice(kept), str(file))

    def all(self) -> BookData:
        """Return everything that is known."""
        return BookData(
            party=self.book.party,
            received=tuple(self.notice(kept) for kept in self.book.received.values()),
            made=tuple(self.notice(kept) for kept in self.book.made.values()),
            senders=tuple(_sender(s) for s in self.book.senders()),
            refused=tuple(self._refused(r) for r in self.book.refused.values()),
        )

    def received(self, file: Path, received: Received, receipt: Path | None) -> ReceivedData:
        """Return what came of a file, and where its receipt is."""
        examined = received.examined
        return ReceivedData(
            file=str(file),
            sha256=received.sha256,
            outcome=examined.outcome,
            counts=not examined.refused,
            why=examined.why,
            to_do=examined.todo,
            recorded=received.recorded,
            fingerprint=fingerprint(examined.file.key) if examined.file else None,
            notice=self.notice(received.kept) if received.kept is not None else None,
            receipt_file=str(receipt) if receipt is not None else None,
        )

    def _refused(self, record: NoticeRecord) -> RefusedData:
        return RefusedData(
            sha256=record.about,
            outcome=record.outcome,
            at=record.at,
            detail=record.detail,
            kept=record.file is not None,
            counts_by_now=counts_by_now(self.book, record),
        )


def _sender(s: Sender) -> SenderData:
    return SenderData(s.id, s.name, s.received, s.whole, s.missing, s.missing_count, s.twice, s.torn)
