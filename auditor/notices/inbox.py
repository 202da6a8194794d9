"""
The inbox: a folder into which files of the other side are put, by mail, a share or a stick; and its files, bounded.

A file stays where it is: whether it was received already the store knows by its content. What could not count when it
came, because nobody had trusted the key yet, counts at the next look once somebody has.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.notices.outcomes import ReceivedOutcome
from auditor.notices.party import Party
from auditor.notices.receive import Received, receive
from auditor.notices.send import receipt_name, write_out
from auditor.notices.signed import MAX_FILE_BYTES
from connectors.errors import AuditorError, InputError
from connectors.inputs.file_writing import is_draft
from connectors.inputs.files import opened

MAX_FILES = 2000
"""So many files are looked at in one look; a folder with more holds something else than notices."""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """One file of the inbox, and what came of it at this look."""

    path: Path
    received: Received | None
    """`None`: it could not be read, or not recorded."""
    problem: str = ""
    again: bool = False
    """What kept it from being recorded may pass by itself."""


def read_file(path: Path) -> bytes:
    """Read a file as far as it may be one of ours, and a byte more; raises `InputError` where it cannot be read."""
    with opened(path) as file:
        return file.read(MAX_FILE_BYTES + 1)


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder, by name: none in folders below, no links, nothing hidden or being written."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.is_file(follow_symlinks=False) and not e.name.startswith("."))
    except OSError:
        return []
    return [folder / name for name in names if not is_draft(name)][:MAX_FILES]


class Inbox:
    """The inbox of one process: it remembers which files came to their end, and looks at the others again."""

    def __init__(self) -> None:
        self._settled: dict[Path, tuple[int, ...]] = {}

    def receive(self, party: Party, now: datetime) -> Iterator[InboxFile]:
        """
        Receive what is new, and yield it; write a receipt for each notice into the outbox.

        Nothing is told again of what came of a file before; one that cannot be received keeps none of the others.
        """
        if party.inbox is None or not (paths := files_in(party.inbox)):
            return
        book = party.book()
        for path in paths:
            if (status := _status(path)) is None or self._settled.get(path) == status:
                continue
            try:
                received = receive(party, read_file(path), now, book)
                kept = received.kept
                if kept is not None and not kept.ours and kept.receipt is not None:
                    write_out(party.outbox, receipt_name(kept), kept.receipt)
            except AuditorError as error:
                yield InboxFile(path, None, error.message, again=not isinstance(error, InputError))
                book = party.book()
                continue
            if received.examined.outcome is not ReceivedOutcome.UNKNOWN_KEY:
                self._settled[path] = status
            if received.examined.outcome is not ReceivedOutcome.REPEATED and received.before is None:
                yield InboxFile(path, received)
                book = party.book()


def _status(path: Path) -> tuple[int, ...] | None:
    """Return what tells a file from another content of the same name; `None` for one that is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
