"""
What the files hold that the configuration names: by content, so that no edit is missed, whatever its date says.

A look (`stat` of every file) is cheap and says whether anything was touched; only what was touched is read again. Two
looks that are equal around an audit prove that nothing changed meanwhile: each write sets `ctime`, which no program
can set back.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connectors.errors import InputError
from connectors.inputs.file_writing import is_draft
from connectors.inputs.files import sha256_of

Look = Mapping[str, tuple[int, ...]]
"""By path: what `stat` says of a file; empty for one that is not there or may not be seen."""
Contents = dict[str, str]
"""By path: the SHA-256 of a file; `missing` for one that is not there, `unreadable` for one that may not be read."""

MISSING, UNREADABLE = "missing", "unreadable"


class Files:
    """Looks at files and folders, and remembers what it has read of them."""

    def __init__(self, ours: Iterable[Path]) -> None:
        """Never look at `ours`: what the auditor itself writes, wherever it lies."""
        self._ours = {os.path.realpath(path) for path in ours}
        self._our_names = {os.path.basename(path) for path in self._ours}  # noqa: PTH119
        self._read: dict[str, tuple[tuple[int, ...], str]] = {}

    def look(self, paths: Iterable[Path]) -> Look:
        """Return what `stat` says of every file, folders to their depth."""
        return {file: _stat(file) for path in paths for file in self._files(path)}

    def contents(self, look: Look) -> Contents:
        """Return what the files of a look hold; only what was touched since is read."""
        found = {}
        self._read = {file: known for file, known in self._read.items() if file in look}
        for file, signature in look.items():
            known = self._read.get(file)
            if known is None or known[0] != signature or not signature:
                self._read[file] = known = (signature, _digest(file, signature))
            found[file] = known[1]
        return found

    def _files(self, path: Path) -> Iterator[str]:
        if not os.path.isdir(path):  # noqa: PTH112 - `is_dir` raises where a folder may not be seen
            yield os.path.abspath(path)  # noqa: PTH100 - `resolve` raises for links that form a ring
            return
        for folder, _, names in os.walk(os.path.abspath(path)):  # noqa: PTH100
            for name in names:
                if is_draft(name):
                    continue
                file = os.path.join(folder, name)  # noqa: PTH118 - ten thousand of them every two seconds
                if name not in self._our_names or os.path.realpath(file) not in self._ours:
                    yield file


def changed(before: Contents, now: Contents) -> list[str]:
    """Return the names of the files that hold something else, sorted."""
    return sorted({Path(f).name for f in {*before, *now} if before.get(f, MISSING) != now.get(f, MISSING)})


def _stat(file: str) -> tuple[int, ...]:
    try:
        s = os.stat(file)  # noqa: PTH116
    except OSError:
        return ()
    return (s.st_dev, s.st_ino, s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns)


def _digest(file: str, signature: tuple[int, ...]) -> str:
    if not signature:
        return MISSING
    if not stat.S_ISREG(signature[2]):
        return UNREADABLE  # a pipe may have no end
    try:
        return sha256_of(Path(file))
    except InputError:
        return UNREADABLE if os.path.exists(file) else MISSING  # noqa: PTH110


def last_touch(look: Look) -> float:
    """Return when a file of a look was last touched (`ctime`), in seconds since 1970; 0 for no file."""
    return max((s[-1] for s in look.values() if s), default=0) / 1e9


def sizes_of(store: Path) -> object:
    """Return something that changes whenever the store does."""
    found: list[object] = []
    for path in (store, store.with_name(f"{store.name}-wal")):
        try:
            s = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((s.st_ino, s.st_size, s.st_mtime_ns))
    return found
