"""What lag and lockstep are reckoned from, and what of an account that was before its agreement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from auditor.lag.controls import Control
from auditor.lag.lag import Obligation, Presence
from policies.agreements.register import Agreement


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """An account worked before the agreement was in force: access first, cover later."""

    vma: str
    system: str
    login: str
    account_from: int
    agreement_from: int | None
    """`None`: not in force to this day."""
    over: int
    """When the agreement came, or the engagement ended; else the present."""
    hours: float
    """Account minus agreement, so negative: by how much the account was early."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that lag and lockstep are reckoned from."""

    presences: tuple[Presence, ...]
    by_system: tuple[Obligation, ...]
    """The duties that lie in accounts, once more for each system in which the VMA had one."""
    out_of_order: tuple[OutOfOrder, ...]
    left_out: tuple[str, ...]
    """Controls that were not counted for anybody."""


@dataclass(frozen=True)
class Setting:
    """What the practice keeps besides the history."""

    controls: tuple[Control, ...]
    agreements: tuple[Agreement, ...]
    asks_mfa: Callable[[tuple[str, ...]], bool]
    """Whether any of these roles asks for a second factor."""
    sign_in: Mapping[str, str]
    """For each system with single sign-on, the system where the sign-in happens."""
    phi_systems: frozenset[str] = frozenset()
    """The systems that hold PHI."""
    former_names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By VMA id: the names that the same person had before."""
