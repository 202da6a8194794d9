"""One change of access: what happened to an account or a grant in one system."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.headcount.events import Event


class ChangeKind(StrEnum):
    """What happened to one piece of access."""

    ACCOUNT_CAME = "account came"
    ACCOUNT_WENT = "account went"
    ACCOUNT_WORKS = "account works again"
    ACCOUNT_STOPPED = "account stopped working"
    ACCOUNT_MOVED = "account has other owners"
    GRANT_CAME = "grant came"
    GRANT_WENT = "grant went"


ADDED = frozenset({ChangeKind.ACCOUNT_CAME, ChangeKind.ACCOUNT_WORKS, ChangeKind.GRANT_CAME})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of access in one system."""

    kind: ChangeKind
    system: str
    login: str
    people: tuple[str, ...]
    """Ids of the owners; empty for an account of nobody."""
    assignment: str | None
    """Name of what was given or taken away; `None` for a change of the account itself."""
    mask: int | None
    """The capabilities that came or went with it; `None` when no catalog can tell."""
    cause: Event | None
    """The one event that explains it; `None` when nothing does."""
    account: str = ""
    """Native id of the account."""
    given: str = ""
    """Native id of the assignment; empty for a change of the account itself."""
    entitlements: tuple[str, ...] = ()
    """Native ids of what came or went with it."""
    earlier: Event | None = None
    """Where no event between the two audits explains it: the earlier event that called for it."""
