"""Where a directory is and what to read there, without the library that does it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class LdapTarget:
    """Where to connect, and whom to trust there."""

    system: str
    host: str
    port: int
    ldaps: bool
    start_tls: bool
    ca_file: Path | None
    server_name: str
    """The name that the certificate must bear."""
    timeout_s: int
    client: tuple[Path, Path] | None = None
    """Certificate and key to show, as PEM files."""


@dataclass(frozen=True, slots=True)
class LdapSearch:
    """What to read, page by page."""

    what: str
    base: str
    filter: str
    attributes: tuple[str, ...]
    page_size: int
    depth: Literal["sub", "one", "base"] = "sub"
    """As in an LDAP URL: all below the base, its children, or itself."""
