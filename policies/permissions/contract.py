"""
The judge of a cloud account: what grants effectively count for, and by which further ways somebody can act.

The contract is the same for every provider; each has its own evaluator behind it. What a judge says that something
gives (`object` here) is understood by the reader of that provider's policy documents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from connectors.facts import Entitlement, Grant


@dataclass(frozen=True, slots=True)
class Part:
    """Grants that one holder has: the account itself, or something that it acts as."""

    grants: tuple[Grant, ...]
    effective: Mapping[str, object]
    """By entitlement id: what it effectively gives. What is missing here counts for what its document says."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an account can act without holding the right itself."""

    path: tuple[Entitlement, ...]
    """What it becomes, one after the other; empty where something lets in the account as it is."""
    gives: tuple[tuple[Entitlement, object], ...]
    """What it can do then, by policy."""
    becoming: object | None = None
    """What the power to become another counts for."""
    notes: tuple[tuple[str, str], ...] = ()
    """By entitlement id of the path: what it depends on."""


class Judge(Protocol):
    """Answers for the accounts of one collection."""

    def stopped(self, account: str) -> str:
        """Say why an account can do nothing whatever it holds; empty when it is not so."""

    def parts(self, account: str, grants: Iterable[Grant]) -> Iterable[Part]:
        """Sort the grants of an account by who holds them."""

    def ways(self, account: str) -> Iterable[Way]:
        """Give the further ways of an account."""

    def unknown(self, account: str) -> Iterable[tuple[Entitlement, str]]:
        """Name what could let the account in and was not read, each with the reason."""
