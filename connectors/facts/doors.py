"""Ways in for somebody outside the roster."""

from dataclasses import dataclass
from enum import StrEnum


class DoorKind(StrEnum):
    """In which way somebody outside the roster comes in."""

    FEDERATED = "federated"
    """An outside identity provider vouches for whoever it pleases."""
    FOREIGN_ACCOUNT = "foreign-account"
    """A role that another cloud account, or tenant, may take."""
    GUEST = "guest"
    """An account here of somebody who is at home in another organisation."""
    EXTERNAL_MEMBER = "external-member"
    """An address outside that is a member of a group here."""
    DELEGATE = "delegate"
    """Somebody who may read or send as somebody here."""
    FORWARDING = "forwarding"
    """Mail of somebody here goes to an address outside."""
    PROGRAM = "program"
    """A program of another organisation, with rights of its own or somebody's consent."""
    TRUST = "trust"
    """A whole directory of others is trusted."""


@dataclass(frozen=True, slots=True)
class Door:
    """
    A way in for somebody outside the roster, as the source tells it; the rule `outside-door` judges it.

    Only what is open is told: no disabled guest, no consent that was taken back.
    """

    id: str
    """Native and stable, unique in its system: what is opened, and to whom."""
    kind: DoorKind
    who: str
    """Who comes in, as the source names them: an address, an account number, `GitHub: acme/app`."""
    to: str
    """What it leads to, natively: a role, a group, a mailbox, a tenant."""
    names: tuple[str, ...] = ()
    """Under which logins the staff file or the roster may say who stands behind it, the most exact first, such as an
    address and its domain. None: nobody can answer for whoever comes."""
    anybody: bool = False
    """Whoever likes can come: nothing tells who it is."""
    asks: bool = False
    """Whether it asks for something all the same, such as a word that many know."""
    account: str | None = None
    """Id of the account here by which they come; then whoever owns that account stands behind the door."""
    phi: bool | None = None
    """Whether it leads to PHI; `None`: not known, then it does where the system holds PHI."""
    depends: tuple[str, ...] = ()
    """What would have to be known to say that it is open at all."""
    detail: str = ""
    """What else the source says of it, in words."""
