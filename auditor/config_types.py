"""What several parts of a configuration are made of: ids, and paths that a file can have."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""Lower-case letters, digits and hyphens: safe in file names, addresses and identities."""


MAX_NAME_BYTES, MAX_PATH_BYTES = 255, 4000
"""What Linux takes as the name of a file, and as a whole path."""


def _usable(path: Path) -> Path:
    """Refuse what no file can be called, before anything asks the disk for it."""
    if not str(path).isprintable():
        raise ValueError("a path of printable characters")
    if len(str(path).encode()) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_NAME_BYTES for part in path.parts):
        raise ValueError(f"a path whose names have at most {MAX_NAME_BYTES} bytes each")
    return path


FilePath = Annotated[Path, AfterValidator(_usable)]
"""A path as it may stand in the configuration."""
