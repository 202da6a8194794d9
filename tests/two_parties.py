"""
An agency and a practice, each in a folder of its own with its own clock, who know each other's keys.

What one makes the other receives only when the test hands it over: late, twice, changed or never.
"""

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditor.ledger.keys import Signer
from auditor.notice_settings import NoticeSettings
from auditor.notices.bodies import BODIES, KeyBody, NoticeKind
from auditor.notices.book import Book, KeptNotice
from auditor.notices.keys import own_key, trust
from auditor.notices.party import Party
from auditor.notices.receive import Received, receive
from auditor.notices.send import NoticeDraft, make_notice
from auditor.notices.signed import SignedFile, SignedFormat, _signed_text, read_signed
from policies.clocks import ClockSettings

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
FRIDAY = "2026-12-04T17:00-06:00"
CHICAGO, MANILA = "America/Chicago", "Asia/Manila"


@dataclass
class Side:
    """One of the two, and what its clock says."""

    party: Party
    now: datetime = NOW

    def later(self, **by: float) -> "Side":
        self.now += timedelta(**by)
        return self

    @property
    def book(self) -> Book:
        return self.party.book()

    def gives(self, kind: str, vma: str = "VMA-06", effective: str = FRIDAY, **more: Any) -> KeptNotice:
        draft = NoticeDraft(NoticeKind(kind), "Rosa Lim", vma=vma, effective=effective)
        return make_notice(self.party, replace(draft, **more), self.now)

    def takes_back(self, kept: KeptNotice) -> KeptNotice:
        return make_notice(self.party, NoticeDraft(NoticeKind.TAKE_BACK, "Rosa Lim", takes_back=kept.id), self.now)

    def gets(self, file: SignedFile | bytes | str) -> Received:
        if isinstance(file, SignedFile):
            file = file.text()
        return receive(self.party, file.encode() if isinstance(file, str) else file, self.now)

    def outcome(self, file: SignedFile | bytes | str) -> str:
        return self.gets(file).examined.outcome.value

    @property
    def key_file(self) -> SignedFile:
        file = own_key(self.party, self.now).known.file
        assert file is not None
        return file

    @property
    def signer(self) -> Signer:
        return own_key(self.party, self.now).signer

    def knows(self, other: "Side") -> None:
        file, body = read_signed(other.key_file.text().encode(), BODIES)
        assert isinstance(body, KeyBody)
        said = other.book.own[-1].fingerprint
        trust(self.party, file, body, said=said, by="Dana Ortiz", now=self.now)


def side(folder: Path, id_: str, name: str, role: str, timezone: str) -> Side:
    folder.mkdir(parents=True, exist_ok=True)
    settings = NoticeSettings(inbox=Path("inbox"))
    party = Party(id_, name, role, timezone, folder / "auditor.db", folder, settings, ClockSettings())  # type: ignore[arg-type]
    return Side(party)


def two(folder: Path) -> tuple[Side, Side]:
    """Return the agency and the practice, who have compared their fingerprints."""
    shutil.copytree(_acquainted().name, folder, dirs_exist_ok=True)
    return _both(folder)


def _both(folder: Path) -> tuple[Side, Side]:
    agency = side(folder / "agency", "harbor-assist", "Harbor Assist LLC", "agency", MANILA)
    return agency, side(folder / "practice", "small", "Small Practice", "practice", CHICAGO)


@cache
def _acquainted() -> "TemporaryDirectory[str]":
    """Make both once: two stores and two keys cost more than all that a test does with them."""
    folder = TemporaryDirectory()
    agency, practice = _both(Path(folder.name))
    agency.knows(practice)
    practice.knows(agency)
    return folder


def signed_by(signer: Signer, kind: SignedFormat, body: dict[str, Any]) -> SignedFile:
    """Sign whatever a test wants to be signed, as a program of somebody else could."""
    from auditor.ledger.entries import canonical  # noqa: PLC0415

    said = canonical(body)
    return SignedFile(kind, said, signer.public, base64.b64encode(signer.sign(_signed_text(kind, said))).decode())


def changed(file: SignedFile, change: Callable[[dict[str, Any]], object]) -> str:
    """Return the text of a file with something in it changed, and nothing signed again."""
    whole = json.loads(file.text())
    change(whole)
    return json.dumps(whole)


def resigned(file: SignedFile, signer: Signer, **fields: Any) -> SignedFile:
    """Return a file with fields of its body replaced, signed anew."""
    body = {**json.loads(file.body), **fields}
    return signed_by(signer, file.format, {k: v for k, v in body.items() if v is not None})
