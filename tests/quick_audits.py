"""
Audits of many small practices in one process, without what each of them would pay for anew and does not ask about.

Everything is the real thing and runs; only what is the same for every practice is made once: its policy is read once,
and an empty store is migrated once and copied. The HTML page, which nobody looks at here, is not drawn.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine

from auditor import pipeline
from auditor.audit import inputs
from auditor.sqlite.engine import let_go
from auditor.store import schema, store

MEMORY = Path("/dev/shm")
"""Where files never wait for a disk, on Linux."""


@contextmanager
def quick_audits() -> Iterator[None]:
    """Audit quickly within."""
    with TemporaryDirectory(dir=room()) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "load_policy", _once(inputs.load_policy))
        patch.setattr(pipeline, "_write_report", lambda _path, _report: None)
        patch.setattr(store, "open_engine", _made_by_copying(Path(folder) / "empty.db"))
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


def _made_by_copying(empty: Path) -> Any:
    let_go(schema.open_engine(empty, 30))
    real = schema.open_engine

    def open_engine(path: Path, wait_s: float) -> Engine:
        if not path.exists():
            shutil.copyfile(empty, path)
        return real(path, wait_s)

    return open_engine
