"""The file of a database: made for its owner alone, copied whole, and its errors said for people."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from connectors.errors import AuditorError


def make(path: Path) -> None:
    """Make an empty file with its folder where there is none; raises `AuditorError` when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(path)
    except OSError as error:
        raise AuditorError(
            f"the store `{path}` cannot be made: `{error.strerror}`", hint="choose a folder that you may write to"
        ) from None
    if not writable(path):
        raise AuditorError(
            f"the store `{path}` is read-only",
            hint="give the auditor the right to write the file and its folder; `auditor verify` needs no such right",
        )


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none; raises `OSError`."""
    # Names and addresses are nobody else's business; SQLite gives its side files the rights of this one.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def writable(path: Path) -> bool:
    """Whether a database can be written: its file, and the folder in which SQLite makes files beside it."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))


def copied(path: Path, folder: Path) -> Path:
    """Copy a store, with what is pending beside it, into a folder; raises `AuditorError` when it cannot be read."""
    try:
        for name in (path.name, f"{path.name}-wal"):
            if (source := path.with_name(name)).exists():
                shutil.copyfile(source, folder / name)
    except OSError as error:
        raise AuditorError(
            f"the store `{path}` cannot be read: `{error.strerror}`", hint="give the auditor the right to read it"
        ) from None
    return folder / path.name


@contextmanager
def plain_errors(path: Path, what: str = "", damaged: str = "") -> Iterator[None]:
    """
    Turn what the database says into an error for people, without the values that were being written.

    `what` it is and what to do when it is `damaged`, where it is not the store.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        hint = damaged if damaged and ("not a database" in said or "malformed" in said) else _hint(said)
        raise AuditorError(f"{what or f'the store `{path}`'} cannot be used: `{said}`", hint=hint) from None


def _hint(said: str) -> str:
    for words, hint in {
        "not a database": "this file is something else, or damaged: choose another path, or restore the backup",
        "malformed": "the file is damaged: restore the backup, then run `auditor verify`",
        "readonly": "nothing was saved; give the auditor the right to write the file and its folder",
        "locked": "nothing was saved; another auditor is writing: run again when it has finished",
        "full": "nothing was saved; make room on the disk and run again",
        "unable to open": "check that the path is a file, and that you may write to its folder",
    }.items():
        if words in said:
            return hint
    return "nothing was saved; check the disk, run `auditor verify`, and run again"
