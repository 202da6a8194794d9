"""The pictures of a report: who holds what, and which agreements covered whom when."""

from dataclasses import dataclass
from datetime import date

from policies.engine.outcomes import Severity


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one VMA has in one system."""

    state: str
    """`ok`, `finding`, `unknown` (something could not be evaluated) or `none` (no account)."""
    accounts: tuple[str, ...]
    """Logins with their status when not active, such as `mreyes (disabled)`."""
    capabilities: int
    """How many capabilities are held through them."""
    findings: tuple[str, ...] = ()
    """Ids."""
    worst: Severity | None = None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One VMA across all systems."""

    vma: str
    name: str
    roles: str
    agency: str
    status: str
    """`active`, `on leave`, `starts 2026-12-01`, `ended 2026-10-31`."""
    cells: tuple[MatrixCell, ...]
    """In the order of `Report.systems`."""
    across: tuple[str, ...] = ()
    """Ids of the findings of no single system: agreements, separation of duties, missing access."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both inclusive, drawn as a bar."""

    start: date
    end: date
    label: str
    state: str
    """`covered`, `uncovered`, `unknown`, `engaged`."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One VMA's (or system's) agreement coverage over time."""

    vma: str
    name: str
    engagement: tuple[date, date | None]
    """From the first day that is known to the last."""
    spans: tuple[Span, ...]
    """In order, without overlap; only days on which the VMA is engaged."""
    chain: tuple[str, ...]
    """The agreements that must exist today, each with its state in words."""
    stays: tuple[tuple[date, date | None], ...] = ()
    """Every stay, from its first day to its last: days between two of them are nobody's work."""


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement in the register."""

    id: str
    parties: str
    kind: str
    effective: str
    systems: str
    seats: str
    """Such as `6 of 6 used`, `named: 4 people`, `no cap`."""
    state: str
    """`in force`, `ended`, `not yet`, `unsigned`."""
