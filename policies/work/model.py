"""
The work map: which work there is, who owns it, who stands in, where, for whom, and who coordinates it.

Plain data; `policies.work.file` reads it from the file that a person writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class WorkModel(StrEnum):
    """How work is divided."""

    CENTRALIZED = "centralized"
    """A pool does it, and a coordinator hands it out: several people of one role own it together."""
    DEDICATED = "dedicated"
    """One person does it, for each location or provider."""
    HYBRID = "hybrid"
    """Some clusters the one way and some the other; each of them says which."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is meant: one person, or whoever holds a role."""

    person: str = ""
    role: str = ""

    @property
    def text(self) -> str:
        """As it stands in the map."""
        return self.person or self.role


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work, as one entry of the map describes it."""

    id: str
    """The same id in two clusters is the same work."""
    title: str
    cluster: str
    needs: int
    """The capabilities without which it cannot be done."""
    owners: tuple[Who, ...]
    backup: Who | None
    locations: tuple[str, ...]
    """Empty: wherever the practice works."""
    providers: tuple[str, ...]
    """Empty: for all of them."""
    line: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tasks that belong together."""

    id: str
    title: str
    model: WorkModel
    """Centralized or dedicated."""
    coordinator: str | None
    tasks: tuple[Task, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Scoped:
    """An entitlement that opens some locations or some providers' patients only."""

    system: str
    entitlement: str
    """Its native name or id."""
    locations: tuple[str, ...]
    providers: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Accountable:
    """Who answers for something that is not a person."""

    kind: str
    """`account`, `group`, `key` or `agreement`."""
    system: str
    """Empty for an agreement."""
    id: str
    owner: str
    line: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The practice's own limits; no rule in force names one."""

    span: int
    """How many VMAs one person coordinates at most."""
    clusters: int
    """In how many clusters one VMA has work at most."""
    administrators: int
    """How many people can administer each system at least."""


@dataclass(frozen=True)
class WorkMap:
    """A work map, checked against roster, staff, roles, systems and agreements."""

    source: str
    """The name of the file."""
    model: WorkModel
    coordinator: str | None
    locations: tuple[str, ...]
    """Every location: of the roster, and those that the map adds."""
    limits: Limits
    clusters: tuple[Cluster, ...]
    scoped: tuple[Scoped, ...]
    answers: tuple[Accountable, ...]
    left: Mapping[str, tuple[str, date]]
    """Name and last day of people who are in no file any more, and whom something still names."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All entries, in the order of the file."""
        return tuple(task for cluster in self.clusters for task in cluster.tasks)

    def cluster(self, id: str) -> Cluster:  # noqa: A002 - the word of the file
        """Return one cluster."""
        return next(cluster for cluster in self.clusters if cluster.id == id)
