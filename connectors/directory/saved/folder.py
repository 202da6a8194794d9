"""A folder of files that belong together: what is in it, how old it is, and its fingerprint."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from connectors.errors import InputError, SourceTruncated
from connectors.facts import Evidence
from connectors.inputs.files import modified_at, readable, sha256_of

MAX_FILES = 100_000
MAX_SPREAD = timedelta(hours=24)
"""Files that were saved further apart do not describe one directory."""


class SavedFolder:
    """
    Finds the files of one export by their names, and remembers which were read.

    Raises `InputError` for a file that is missing or stands there in two forms.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: set[Path] = set()

    def find(self, *names: str) -> Path | None:
        """Return the one file that has one of these names, or `None`."""
        found = [self.folder / name for name in names if (self.folder / name).exists()]
        if len(found) > 1:
            raise InputError(
                found[0],
                f"there is also `{found[1].name}`, which says the same",
                expected="one of the two",
                hint="remove the older one",
            )
        self._read.update(found)
        return found[0] if found else None

    def require(self, *names: str) -> Path:
        """Return the one file that has one of these names."""
        found = self.find(*names)
        if found is None:
            raise InputError(
                self.folder / names[0],
                "there is no such file",
                expected=" or ".join(f"`{name}`" for name in names),
                hint="save it beside the others; `auditor connect` prints the commands",
            )
        return found

    def inside(self, name: str) -> dict[str, Path] | None:
        """Return the files of a folder in it by their stem; `None` when there is no such folder."""
        folder = self.folder / name
        if not folder.exists():
            return None
        with readable(folder):
            files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        if len(files) > MAX_FILES:
            raise InputError(folder, "there are too many files", expected=f"at most {MAX_FILES}")
        for path in files:
            if path.suffix != ".json":
                raise InputError(
                    path, "this file does not belong here", expected="`<id of the group>.json`, one a group"
                )
        self._read.update(files)
        return {path.stem: path for path in files}

    @property
    def untouched(self) -> bool:
        """Whether no file was read yet, so that nothing can say how old it is."""
        return not self._read

    def as_of(self) -> datetime:
        """
        Return when the oldest file was saved: nothing in the folder is newer than that for certain.

        Raises `SourceTruncated` when the files were saved on different days.
        """
        if not self._read:
            raise InputError(
                self.folder, "no file in it was read yet", expected="files of the export", hint="read it first"
            )
        times = []
        for path in self._read:
            with readable(path):
                times.append(modified_at(path))
        if max(times) - min(times) > MAX_SPREAD:
            raise SourceTruncated(
                f"{self.folder}: the files were saved more than {MAX_SPREAD.total_seconds() / 3600:.0f} hours apart",
                hint="save all of them again in one go, or set `exported` if only their dates are wrong",
            )
        return min(times)

    def fingerprint(self) -> Evidence:
        """Return one SHA-256 over the hashes of all files that were read, in the order of their names."""
        lines = []
        for path in sorted(self._read):
            with readable(path):
                lines.append(f"{sha256_of(path)}  {path.relative_to(self.folder)}\n")
        return Evidence("sha256", f"{hashlib.sha256(''.join(lines).encode()).hexdigest()} of {len(lines)} files")
