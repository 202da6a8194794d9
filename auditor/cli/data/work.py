"""What `auditor work` tells a machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from auditor.work_report import Section, WorkReport
from policies.work.assignments import Piece
from policies.work.model import WorkModel


@dataclass(frozen=True, slots=True)
class PieceData:
    """One piece of work, and who owns it."""

    task: str
    title: str
    location: str | None
    provider: str | None
    model: WorkModel
    owners: Sequence[str]
    backups: Sequence[str]


@dataclass(frozen=True, slots=True)
class WorkData:
    """The answers to the questions of the work map."""

    practice: str
    day: date
    headline: str
    work: tuple[PieceData, ...]
    sections: tuple[Section, ...]


def work_data(report: WorkReport) -> WorkData:
    """Return the answers for a machine."""
    return WorkData(
        practice=report.practice,
        day=report.day,
        headline=report.headline,
        work=tuple(_piece(piece) for piece in report.pieces),
        sections=report.sections,
    )


def _piece(piece: Piece) -> PieceData:
    return PieceData(
        task=piece.task,
        title=piece.title,
        location=piece.location or None,
        provider=piece.provider or None,
        model=piece.model,
        owners=piece.owners,
        backups=piece.backups,
    )
