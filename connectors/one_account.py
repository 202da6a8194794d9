"""
The optional ability to read what concerns a few known accounts, and nothing else: "is it done now?" within a second.

A partial look proves nothing about anybody: it says how an account is that is known, by its native id, and nothing of
accounts that are not. Only a whole read (`connectors.collect`) can say that somebody is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from connectors.facts import Account


@dataclass(frozen=True, slots=True)
class AccountNow:
    """One account as its system has it now."""

    account: Account
    given: frozenset[str] | None = None
    """Native ids of what it was seen to be given directly; there may be more. `None`: that was not looked at."""
    perhaps: frozenset[str] = frozenset()
    """What the account says itself that it is in, directly or through something else."""


@dataclass(frozen=True, slots=True)
class AccountsNow:
    """The accounts asked for, as far as the system showed them."""

    system: str
    source: str
    """What was read, in words and without secrets."""
    as_of: datetime
    """When the look began."""
    found: Mapping[str, AccountNow]
    """By native id. Whoever is not here was not shown: deleted, moved, or hidden; which, only a whole read tells."""
    unasked: frozenset[str] = frozenset()
    """Native ids of those that the system cannot be asked for by themselves."""


@dataclass(frozen=True, slots=True)
class AccountsUnread:
    """The accounts could not be looked at."""

    system: str
    reason: str
    hint: str = ""


@runtime_checkable
class ReadsOneAccount(Protocol):
    """Can be asked for single accounts."""

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow | None]:
        """
        Return, by native id, each of these accounts that the system shows; asks for nothing about anybody else.

        `None` for one of a kind that it cannot be asked for.
        They come as they were seen last, so that an index by log-in can be used; the id decides. Raises `SourceError`
        or `InputError` where the system cannot be asked; the core tells it.
        """
