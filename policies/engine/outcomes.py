"""
What a rule says of each subject in its population: finding, satisfied, or not evaluated.

A finding's identity comes from practice, rule, subject, system and `what`, and from nothing else, so it survives
re-runs, renames, new severities and better wording: tickets and decisions hold on to it.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from policies.citations import Citation


class Severity(StrEnum):
    """How soon somebody must act."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: VMA → account → group → entitlement → capability → template line → citation."""

    kind: str
    """`vma`, `account`, `group`, `role`, `policy`, `privilege`, `capability`, `template`, `agreement`, `roster`, …"""
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a verdict is about."""

    kind: str
    """`vma`, `account` or `system`."""
    id: str
    """VMA id, `system:account id`, or system id."""
    name: str
    """For people to read; never part of an identity."""

    @classmethod
    def within(cls, kind: str, key: tuple[str, str], name: str) -> Self:
        """Return the subject for something of a system: an account, an entitlement, a door, by its native id."""
        return cls(kind, f"{key[0]}:{key[1]}", name)

    @property
    def key(self) -> tuple[str, str]:
        """The system and the native id, of a subject that `within` made: no system's id holds a colon."""
        system, _, native = self.id.partition(":")
        return system, native


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one subject."""

    rule: str
    severity: Severity
    subject: Subject
    system: str | None
    what: str
    """What exactly, in native terms, as far as it belongs to the identity: an entitlement id, or empty."""
    title: str
    """One line that a practice manager understands."""
    observed: str
    expected: str
    remedy: str
    """What to do, in that system."""
    path: tuple[Step, ...] = ()
    citations: tuple[Citation, ...] = ()
    since: date | None = None
    """The day since which the facts say it has been so; `None` when they do not say."""
    vma: str | None = None
    """The VMA whom it concerns, when that is known."""

    def identity(self, practice: str) -> str:
        """Return the id that is stable for ever: `F-` and 10 letters and digits (50 bits of SHA-256)."""
        parts = (practice, self.rule, self.subject.kind, self.subject.id, self.system or "", self.what)
        digest = hashlib.sha256("\x00".join(parts).encode()).digest()
        return "F-" + base64.b32encode(digest).decode()[:10]


@dataclass(frozen=True, slots=True)
class Satisfied:
    """The subject was looked at, and the rule holds."""

    rule: str
    subject: Subject
    system: str | None = None
    until: date | None = None
    """The first day on which time alone may change this; `None` when it cannot."""


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """The subject belongs to the population, and cannot be judged: neither a pass nor a fail."""

    rule: str
    subject: Subject
    system: str | None
    reason: str


Outcome = Finding | Satisfied | NotEvaluated
