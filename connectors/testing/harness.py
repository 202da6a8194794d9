"""
What the contract needs to know of a source: its population, and how each fault shows on it.

`HttpSource`, `LdapSource`, `MysqlSource` and `FileSource` bring the faults of their transport, so that a harness only
starts the source and says who is in it.
"""

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from connectors.connector import Connector
from connectors.facts import Collection
from connectors.testing.faults import Fault

PATIENCE_S = 3.0
"""The time limit of one call under a fault that lasts until the connector gives up, so that its test does not."""
UNHURRIED_S = 15.0
"""The time limit of one call otherwise: what answers at once is not to fail because the machine is busy."""
BLIND = (Fault.TOTAL_OF_PAGE, Fault.NO_END)
"""The faults that a canary would give away: they are read without one."""
ENDS = (*BLIND, Fault.SHORT_PAGE)
"""The faults about where a list ends."""
LASTING = (Fault.SLOW_DRIP, Fault.ERROR_FOR_EVER)
"""The faults that last until the connector gives up."""

AT_ONCE = 8
"""Most of a fault's time is waiting; each has a proxy of its own, so that several can be tried at once."""


@dataclass(frozen=True, slots=True)
class Population:
    """Who is in the source: known, because the harness put them there."""

    logins: frozenset[str]
    """All of them, as the connector is to report them."""
    disabled: frozenset[str] = frozenset()
    """Those who cannot sign in; the others must count as live."""
    namesakes: tuple[str, str] | None = None
    """The logins of two people with one name: whoever takes the name for the key loses one of them."""
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By login: ids or names of entitlements among those that it holds, directly or not."""
    nested: tuple[str, str] | None = None
    """A login, and the id or name of an entitlement that it holds through at least two others."""
    canary: str | None = None
    """The login that the connector is told must be seen; best on the last page, so that an early end is noticed."""
    secrets: frozenset[str] = frozenset()
    """What no collection may hold, such as the password of the auditor's account."""


@dataclass(slots=True)
class Observation:
    """What a fault did: a test whose fault never fired proves nothing."""

    fired: int = 0
    waited_s: float | None = None
    """After a refusal with a time to wait: how long until the next try."""
    told_to_wait_s: float | None = None
    leaked: int = 0
    """Bytes that the connector sent over a connection that it must not trust."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One read under one fault."""

    connector: Connector
    seen: Observation
    label: str = ""
    """Which form of the fault, where it has several."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connector is to connect: the source itself, or a proxy before it."""

    host: str
    port: int
    tls: bool = False
    ca_file: Path | None = None
    patience_s: float = UNHURRIED_S
    """The time limit for one call."""
    blind: bool = False
    """Whether the connector is to know no canary: one on the last page would give away every list that is cut."""

    def under(self, fault: Fault) -> "Target":
        """Return it with the patience that this fault deserves, and blind where it must be."""
        patience = PATIENCE_S if fault in LASTING else self.patience_s
        return replace(self, patience_s=patience, blind=fault in BLIND)

    @property
    def url(self) -> str:
        """As an address of HTTP."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"


class Source(Protocol):
    """A running source, and every fault that can be shown on it."""

    @property
    def population(self) -> Population:
        """Who is in it."""

    @property
    def cannot(self) -> Mapping[Fault, str]:
        """The faults that do not exist on it, each with the reason."""

    @property
    def at_once(self) -> int:
        """How many faults may be tried at the same time: fewer where a read is work for the source."""

    @property
    def pages(self) -> int | None:
        """In how many pages it was read; `None` where there are no pages."""

    def healthy(self) -> Connector:
        """Return a connector for the source as it is."""

    def trials(self, fault: Fault) -> "AbstractContextManager[list[Trial]]":
        """Set up the forms of a fault, each with a connector that has to read through it."""

    def same(self, truth: Collection, read: Collection) -> bool:
        """Whether two reads say the same, apart from what reading itself changes."""


class Harness(Protocol):
    """Starts a source; `name` and `kind` are those of the connector in the configuration."""

    name: str
    kind: str

    def start(self, folder: Path) -> "AbstractContextManager[Source]":
        """Start it; `folder` is empty, and the harness's own."""


def same_facts(truth: Collection, read: Collection) -> bool:
    """Whether two reads say the same of accounts, entitlements and grants."""
    return (truth.accounts, truth.entitlements, truth.grants) == (read.accounts, read.entitlements, read.grants)


Connect = Callable[[Target], Connector]
"""Makes the connector for an address; sets its `patience_s` as the time limit of a call."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the TLS of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def receive_exactly(connection: socket.socket, count: int) -> bytes:
    """Receive so many bytes; raises `EOFError` where the other side ends before."""
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
