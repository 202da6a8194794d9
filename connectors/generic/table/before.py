"""Whether somebody wrote into a file while it was read."""

from dataclasses import dataclass
from pathlib import Path

from connectors.errors import InputError
from connectors.facts import Evidence
from connectors.inputs.files import sha256_of


@dataclass(frozen=True, slots=True)
class Before:
    """A file as it was before it was read."""

    path: Path
    changed: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "Before":
        """Look at a file before it is read."""
        stat = path.stat()
        return cls(path, stat.st_mtime_ns, stat.st_size)

    def evidence(self) -> Evidence:
        """Return the digest; raises `InputError` when somebody wrote into the file while it was read."""
        digest = sha256_of(self.path)
        if Before.of(self.path) != self:
            raise InputError(
                self.path, "the file changed while it was read", expected="a finished export", hint="run again"
            )
        return Evidence("sha256", f"{self.path.name} {digest}")
