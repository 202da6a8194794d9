"""One read of one system, with its proof of completeness."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.facts.access import Account, Entitlement, Grant, System
from connectors.facts.doors import Door, DoorKind


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe that a collection is whole."""

    name: str
    """`end`, `total`, `canary`, `pages`, `sha256`, …"""
    detail: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The whole population was read; only this may answer "is this account gone?"."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """The population was not read whole; the system is not evaluated."""

    reason: str
    hint: str = ""


class Estate(Protocol):
    """
    All that one cloud provider said about an account, for judging what is effectively allowed there.

    Each provider has a shape of its own, such as `connectors.cloud.aws.estate.AwsEstate`.
    """

    @property
    def provider(self) -> str:
        """Whose words these are, such as `aws`: tells which judge understands it."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One read of one system, with its proof of completeness."""

    system: System
    source: str
    """What was read, in words and without secrets: a file name, a server and base DN."""
    as_of: datetime
    """When the facts were true: the start of a live read, or the time of the export file."""
    completeness: Complete | Partial
    accounts: tuple[Account, ...] = ()
    entitlements: dict[str, Entitlement] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    estate: Estate | None = field(default=None, compare=False, repr=False)
    """Told by the connectors of clouds; judged with the collection, and not stored."""
    doors: tuple[Door, ...] = ()
    """Ways in for somebody outside the roster, in the order of their ids; judged here, and not stored."""
    doors_unread: Mapping[DoorKind, str] = field(default_factory=dict)
    """The kinds of doors that such a system may have and that were not read, and why: these are not evaluated."""

    @property
    def complete(self) -> bool:
        """Whether the read was proven whole."""
        return isinstance(self.completeness, Complete)
