"""
Writing files whole: beside the place under a name that nobody can guess, to the disk, then into the place in one step.

A reader never sees half a file, a crash or a full disk leaves the old one, a link that somebody planted is not
followed, and two writers never touch each other's draft. What is written is for its owner's eyes unless told otherwise.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600

_SUFFIX = ".draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is being written; it vanishes unless it is put into its place."""

    file: BinaryIO
    path: Path
    place: Path

    def replace(self) -> None:
        """Put it into its place, whatever stood there; raises `OSError`, and then that stands there still."""
        self._to_disk()
        self.path.replace(self.place)
        _folder_to_disk(self.place.parent)

    def create(self) -> None:
        """Put it into its place; raises `FileExistsError` when something stands there, and `OSError`."""
        self._to_disk()
        os.link(self.path, self.place)  # unlike a rename, a link never takes another file's place
        _folder_to_disk(self.place.parent)

    def _to_disk(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def drafting(place: Path, *, mode: int = PRIVATE) -> Iterator[Draft]:
    """Give a draft beside a place, with the rights `mode`; raises `OSError` when none can be made there."""
    # Not the whole name of the place, which may be as long as a name can be.
    handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}.", suffix=_SUFFIX, dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            yield Draft(file, Path(name), place)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def write_whole(place: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file in one step, in the place of the one that is there; raises `OSError`."""
    with drafting(place, mode=mode) as draft:
        draft.file.write(data)
        draft.replace()


def write_new(place: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file in one step where there is none; raises `FileExistsError` where there is one, and `OSError`."""
    with drafting(place, mode=mode) as draft:
        draft.file.write(data)
        draft.create()


def check_writable(place: Path) -> None:
    """Make sure that a file can be written there, without touching it; raises `OSError`."""
    with drafting(place):
        pass


def is_draft(name: str) -> bool:
    """Whether a file of this name is one that is being written here, and not whole yet."""
    return name.startswith(".") and name.endswith(_SUFFIX)


def _folder_to_disk(folder: Path) -> None:
    """Make the new name last; a file system that cannot do this for a folder has no such promise to keep."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
