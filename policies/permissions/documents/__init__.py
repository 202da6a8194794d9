"""
Reading policy documents: what a set of documents lets one account do, one file a document language.

A reader never answers "allows nothing" for a document that it does not understand: it answers `Unreadable`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.facts import Entitlement

Key = tuple[str, int]
"""A key of the catalog, such as `s3:Read`, and the capability mask that it gave."""


@dataclass(frozen=True, slots=True)
class Classified:
    """The document was understood: the capabilities that it gives to this account, and which key gave which."""

    mask: int
    keys: tuple[Key, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """By key: what it depends on."""
    unknown: str = ""
    """What it names and its provider does not know, which gives nothing as far as is known."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """
    The document was not understood whole, so the account is not evaluated.

    `mask` and `keys` are what the understood part gives: the account can do at least that, perhaps more.
    """

    reason: str
    mask: int = 0
    keys: tuple[Key, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


Verdict = Classified | Unreadable


class DocumentReader(Protocol):
    """Understands one language of policy documents."""

    def read(self, held: Sequence[Entitlement], effective: Mapping[str, Any] | None = None) -> dict[str, Verdict]:
        """
        Judge all policies and boundaries that one account holds, by entitlement id.

        `effective`: what the evaluator of the same provider says that some of them really give.
        """

    def gives(self, possible: Any, *, everything: bool = False) -> Verdict:
        """
        Judge what is given by something that no account holds, as the evaluator found it.

        `everything`: its document allows every right that there is, whatever else takes away.
        """
