"""
What became of access between two audits, as one HTML page: no network, no script, readable on paper.

`DriftPage` is the model from which the page and the text of `auditor drift` are both drawn, so they cannot disagree.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.html import page
from reports.words import plural


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One of the two audits."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class HappenedLine:
    """One headcount event, or one change of the controls without headcount."""

    kind: str
    name: str
    id: str
    detail: str


@dataclass(frozen=True, slots=True)
class DriftLine:
    """One change of access."""

    text: str
    by: str = ""
    """The event or the statement that explains it."""
    note: str = ""
    """What else is known of it, such as the finding that asked for it."""


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """All changes of one cause."""

    cause: str
    state: str
    """`good` or `bad`."""
    lines: tuple[DriftLine, ...]
    counted: bool = True
    """Whether these are differences between the two audits, whose number every format gives."""


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One VMA in one system: how access changed in all, and why."""

    name: str
    id: str
    """Empty for accounts of nobody on the roster."""
    system: str
    accounts: int
    entitlements: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    phi_gained: tuple[str, ...]
    phi_lost: tuple[str, ...]
    causes: tuple[int, ...]
    """Number of changes by cause, in the order of `DriftPage.groups`; their sum is the row's number of changes."""

    @property
    def counted(self) -> tuple[str, ...]:
        """Accounts and entitlements in words: `+1 account`, `−2 entitlements`; nothing where they are as before."""
        both = ((self.accounts, "account"), (self.entitlements, "entitlement"))
        return tuple(f"{'+' if n > 0 else '−'}{plural(abs(n), what)}" for n, what in both if n)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Capabilities gained and lost, each with its sign."""
        return (*(f"+{name}" for name in self.gained), *(f"−{name}" for name in self.lost))

    @property
    def phi(self) -> tuple[str, ...]:
        """PHI categories gained and lost, each with its sign."""
        return (*(f"+{name}" for name in self.phi_gained), *(f"−{name}" for name in self.phi_lost))


@dataclass(frozen=True, slots=True)
class DriftPage:
    """The whole answer."""

    practice: str
    timezone: str
    tool_version: str
    first: AuditLine
    last: AuditLine
    headcount: tuple[HappenedLine, ...]
    controls: tuple[HappenedLine, ...]
    groups: tuple[CauseGroup, ...]
    """One for each cause, empty ones too."""
    not_done: tuple[str, ...]
    """What an event called for and was not done."""
    owed: int
    """How many controls were owed at the later audit: the number of `auditor lag`."""
    owing: tuple[str, ...]
    """Each control that is owed, and by whom."""
    outside: tuple[DriftLine, ...]
    """What was removed or changed outside a normal offboarding, and why."""
    not_read: tuple[tuple[str, str], ...]
    """Title and reason."""
    rows: tuple[DriftRow, ...]

    @property
    def total(self) -> int:
        """The number of all changes: the sum of the groups that count."""
        return sum(len(group.lines) for group in self.groups if group.counted)

    def why(self, row: DriftRow) -> tuple[tuple[int, str, str], ...]:
        """Return number, cause and state of a row's changes; the numbers add up to all of them."""
        # What came and went again has a group of its own after those of the causes, and is in no row.
        return tuple((n, g.cause, g.state) for n, g in zip(row.causes, self.groups, strict=False) if n)

    def causes(self, row: DriftRow) -> str:
        """Return why a row changed, in one line."""
        return ", ".join(f"{n} {cause}" for n, cause, _ in self.why(row))

    @property
    def sentence(self) -> str:
        """The first sentence of every format."""
        parts = [f"{len(group.lines)} {group.cause}" for group in self.groups if group.lines and group.counted]
        told = plural(self.total, "change of access", "changes of access") + (f": {', '.join(parts)}" if parts else "")
        return "; ".join([told, *(f"{len(g.lines)} {g.cause}" for g in self.groups if g.lines and not g.counted)])


def render(drift: DriftPage) -> str:
    """Return the page; the same drift gives the same bytes."""
    left = f"{drift.practice} · audit {drift.first.number} to audit {drift.last.number}"
    return page("drift.html.j2", left, "Drift between two audits", d=drift)
