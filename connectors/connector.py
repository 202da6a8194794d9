"""
The connector protocol: one required method, and a few optional abilities found by `isinstance`.

A connector lives in `connectors/<kind>/<name>.py`, or in a package of that folder whose `CONNECTORS` names the module
of each connector in it; in `connectors/generic/` when systems of every kind speak what it speaks (SCIM). It offers two
names:

- `Settings`: a pydantic model with `extra="forbid"`, validated against the configuration file;
- `connect(system, settings, folder)`: returns a `Connector`; relative paths are relative to `folder`.

It may offer `setup(system, settings)`: the least-privilege set-up of that product, as text ready to paste; and
`PRODUCTS`, the catalogs that explain what it reads, where its own name is not one.

Optional abilities of a connector: `HasAsOf` (when an export was made), `HasCanary` (an account that must be seen),
`HasEstate` (what effective permission in a cloud depends on), `Closes`, and for `auditor connect` and `auditor doctor`
`HasEndpoint` (where it connects to) and `Probes` (checks of its own before the first page). Elsewhere:
`connectors.audit_log` (its own record of changes) and `connectors.one_account` (single accounts, asked by themselves).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from pydantic import BaseModel

from connectors.errors import AuditorError
from connectors.facts import Account, Door, DoorKind, Entitlement, Estate, Evidence, Grant, System, SystemKind
from connectors.installed import extension


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page as the source gave it.

    Entitlements and grants may come on any page, before or after the accounts that they name.
    """

    accounts: tuple[Account, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    grants: tuple[Grant, ...] = ()
    next_token: str | None = None
    """`None` means: the source itself said that there is no more."""
    total: int | None = None
    """How many accounts the source claims to have, if it says; never our own count."""
    evidence: tuple[Evidence, ...] = ()
    """What the source said about its end, such as result code 0; required on the last page."""
    doors: tuple[Door, ...] = ()
    """Ways in for somebody outside the roster."""
    doors_unread: Mapping[DoorKind, str] = field(default_factory=dict)
    """The kinds of doors that such a system may have and that are not read, and why."""


class Connector(Protocol):
    """
    Reads accounts, entitlements and grants from one system; never writes to it.

    Read one page per call and raise `SourceError` or `InputError` for anything that is not a whole page.
    The core turns the pages (`connectors.collect`), so a connector cannot stop early by accident.
    """

    @property
    def system(self) -> System:
        """The system that it reads."""

    @property
    def source(self) -> str:
        """What it reads, in words for the report, without secrets."""

    def read_page(self, token: str | None) -> Page:
        """Read the page that `token` names; `None` asks for the first."""


@runtime_checkable
class HasAsOf(Protocol):
    """Knows when its facts were true: the moment of an export."""

    def as_of(self) -> datetime:
        """Return that moment, UTC."""


@runtime_checkable
class HasCanary(Protocol):
    """Knows the login of an account that must be in the answer, usually the auditor's own."""

    @property
    def canary(self) -> str | None:
        """The login, or `None` when none is configured."""


@runtime_checkable
class HasEstate(Protocol):
    """Knows more of a cloud than accounts and grants: all that effective permission depends on."""

    @property
    def estate(self) -> Estate | None:
        """Return it after the last page."""


BY_FILE = "by the file's date"
"""How the age of an export is known where nothing in it tells: a copy may be younger than what it says."""

BY_PRINT = "by the date that the report prints"


@runtime_checkable
class SaysHowDated(Protocol):
    """Can tell by what it knows when its facts were true."""

    @property
    def dated(self) -> str:
        """In words; `BY_FILE` where only the date of the file tells."""


@runtime_checkable
class Closes(Protocol):
    """Holds a connection that wants closing."""

    def close(self) -> None:
        """Close it; may be called after an error."""


class Transport(StrEnum):
    """How a connection is secured from its first byte on."""

    TLS = "tls"
    """TLS at once: HTTPS, LDAPS."""
    UPGRADE = "upgrade"
    """TLS after a request in the protocol's own words (LDAP StartTLS, MariaDB): checked by the first sign-in."""
    PLAIN = "plain"
    """None; only for a loopback address."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a connector connects to: enough to try name, port and TLS one by one."""

    host: str
    port: int
    transport: Transport
    ca_file: Path | None = None
    """PEM certificates to trust; `None`: those of the machine."""
    server_name: str | None = None
    """The name on the certificate, when it is not `host`."""


@runtime_checkable
class HasEndpoint(Protocol):
    """Connects over a network."""

    @property
    def endpoint(self) -> Endpoint:
        """Where to."""


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One check before the first page, such as `sign-in` or `rights`."""

    name: str
    run: Callable[[], str]
    """Tries it; returns what was found, in words; raises `AuditorError` with what to do."""


@runtime_checkable
class Probes(Protocol):
    """Can be tried step by step."""

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks of its own, in order; name, port and TLS, the first page and the canary are the core's."""


class ConnectorModule(Protocol):
    """The shape of a connector's module."""

    Settings: type[BaseModel]

    def connect(self, system: System, settings: Any, folder: Path) -> Connector:
        """Return a connector; nothing is read yet."""


ENTRY_POINTS = "auditor.connectors"


def find(kind: SystemKind, name: str) -> ConnectorModule:
    """
    Return the connector called `name`, shipped or installed under the entry-point group `auditor.connectors`.

    One that is shipped comes first. Raises `AuditorError` naming the ones that exist, and naming the package where one
    cannot be loaded, or several offer the same.
    """
    if module := module_of(kind, name):
        return cast("ConnectorModule", import_module(module))
    if installed := extension(ENTRY_POINTS, f"{kind.value}.{name}"):
        return cast("ConnectorModule", installed.load())
    raise AuditorError(
        f"no connector `{name}` for `{kind.value}` systems",
        hint=f"use one of: {', '.join(names(kind))}; or install a package that offers it",
    )


def module_of(kind: SystemKind, name: str) -> str | None:
    """Return the dotted name of the module of a shipped connector, without importing it; `None` where there is none."""
    return next(filter(None, (_modules_in(folder).get(name) for folder in _folders(kind))), None)


def names(kind: SystemKind) -> list[str]:
    """List the shipped connectors of a kind, from the files that are there."""
    return sorted(name for folder in _folders(kind) for name in _modules_in(folder))


def _folders(kind: SystemKind) -> tuple[str, str]:
    return kind.value, "generic"


@cache
def _modules_in(folder: str) -> dict[str, str]:
    """By the connector's name its module: a file of the folder, or what a package in it says in `CONNECTORS`."""
    here = Path(__file__).parent / folder
    package = f"connectors.{folder}"
    found = {p.stem.replace("_", "-"): f"{package}.{p.stem}" for p in here.glob("*.py") if not p.stem.startswith("_")}
    for inner in here.glob("*/__init__.py"):
        inside = f"{package}.{inner.parent.name}"
        offered: dict[str, str] = getattr(import_module(inside), "CONNECTORS", {})
        found |= {name: f"{inside}.{module}" for name, module in offered.items()}
    return found
