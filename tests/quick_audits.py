"""
Audits of many small practices in one process, without what each of them would pay for anew and does not ask about.

Everything is the real thing and runs; only what is the same for every practice is made once: the shipped policy is
read once, an empty store is migrated once and copied, and one engine, with the statements that it has compiled, serves
one file after the other. The HTML page, which nobody looks at here, is not drawn.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, create_engine

from auditor import pipeline
from auditor.audit import inputs
from auditor.sqlite.engine import configure
from auditor.store import schema, store

MEMORY = Path("/dev/shm")
"""Where files never wait for a disk, on Linux."""


@contextmanager
def quick_audits() -> Iterator[None]:
    """Audit quickly within; the files of one practice must not be open together with those of another."""
    with TemporaryDirectory(dir=room()) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "load_policy", _once(inputs.load_policy))
        patch.setattr(pipeline, "_write_report", lambda _path, _report: None)
        patch.setattr(store, "open_engine", _one_engine(Path(folder) / "empty.db"))
        yield


def room() -> Path | None:
    """Return where temporary files are quickest; `None`: where they always are."""
    return MEMORY if MEMORY.is_dir() else None


def _once(real: Any) -> Any:
    """Load the policy once for the same files."""
    known: dict[str, Any] = {}

    def load(catalogs: Sequence[Path] | None, roles: Sequence[Path] | None) -> Any:
        text = "".join(path.read_text() for path in (*(catalogs or ()), *(roles or ())))
        if text not in known:
            known[text] = real(catalogs, roles)
        return known[text]

    return load


def _one_engine(empty: Path) -> Any:
    schema.open_engine(empty, 30).dispose()
    at = [empty]
    # Closing a store disposes of its connections, so that the next one gets those to its own file.
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(at[0]), poolclass=QueuePool)
    configure(engine, 30)

    def open_engine(path: Path, _wait_s: float) -> Engine:
        if not path.exists():
            shutil.copyfile(empty, path)
        at[0] = path
        return engine

    return open_engine
