"""Where OpenEMR's database is, and how to connect to it."""

from dataclasses import dataclass
from pathlib import Path

from connectors.connector import Endpoint


@dataclass(frozen=True, slots=True)
class DatabaseTarget:
    """An address, an account and the time that a read may take."""

    system: str
    user: str
    database: str
    endpoint: Endpoint | None
    """`None`: by `socket`."""
    socket: Path | None
    timeout_s: float
    """For connecting, for one statement, and for the next part of an answer."""
    limit_s: float
    """For everything that is done over one connection."""

    @property
    def where(self) -> str:
        """The address in words."""
        return f"{self.endpoint.host} port {self.endpoint.port}" if self.endpoint else f"the socket {self.socket}"
