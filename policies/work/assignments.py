"""
Who has which work today: the work map, read with the roster of one day. Pure set algebra, no file and no clock.

A role owns work through whoever holds it and works at the place; somebody on leave, who has left or who has not
started owns nothing that day, and then the backup does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from connectors.facts import Engagement, Person, PersonKind
from policies.vocabulary import Vocabulary
from policies.work.model import Task, Who, WorkMap, WorkModel


@dataclass(frozen=True, slots=True)
class Piece:
    """One work at one place for one provider, with everybody who has it today."""

    task: str
    title: str
    location: str
    """Empty: wherever the practice works."""
    provider: str
    """Empty: for all of them."""
    entries: tuple[Task, ...]
    """Where the map describes it; several entries are several claims to the same work."""
    owners: tuple[str, ...]
    """Person ids, present today, who work at the place."""
    backups: tuple[str, ...]
    model: WorkModel

    @property
    def where(self) -> str:
        """Such as "at Hillcrest for Dr. Varma"; empty where the map makes no difference."""
        parts = [f"at {self.location}" if self.location else "", f"for {self.provider}" if self.provider else ""]
        return " ".join(part for part in parts if part)

    @property
    def claims(self) -> tuple[Who, ...]:
        """Everybody whom the map calls the owner, each once."""
        return tuple(dict.fromkeys(who for entry in self.entries for who in entry.owners))

    @property
    def doubled(self) -> bool:
        """Whether two people own it: they are named side by side, or a dedicated work has a pool."""
        return len(self.owners) > 1 and (self.model is WorkModel.DEDICATED or len(self.claims) > 1)


@dataclass(frozen=True, slots=True)
class TaskAssignment:
    """One work of one person."""

    task: Task
    backup: bool
    """Only to stand in for the owner."""


class TaskAssignments:
    """Answers who has which work on one day."""

    def __init__(
        self,
        work: WorkMap,
        people: Mapping[str, Person],
        engagements: Mapping[str, Engagement],
        today: date,
        vocabulary: Vocabulary,
    ) -> None:
        self.work = work
        self._people, self._engagements, self._today = people, engagements, today
        self._vocabulary = vocabulary

    def present(self, person: str) -> bool:
        """Whether somebody is there to work today."""
        engagement = self._engagements.get(person)
        if engagement is not None:
            return engagement.active_on(self._today) and not engagement.on_leave
        known = self._people.get(person)
        return known is not None and known.kind is PersonKind.STAFF

    def gone(self, person: str) -> str:
        """Say since when somebody is no longer there; empty when still there, or to come."""
        if person in self.work.left:
            return f"left on {self.work.left[person][1]}"
        engagement = self._engagements.get(person)
        if engagement is not None:
            ended = engagement.end is not None and engagement.end < self._today
            return f"left on {engagement.end}" if ended else ""
        return "" if person in self._people else "is neither on the roster nor in the staff file"

    def absence(self, person: str) -> str:
        """Say why somebody has no work today; empty when present."""
        if self.present(person):
            return ""
        engagement = self._engagements.get(person)
        if engagement is not None and engagement.start > self._today:
            return f"starts on {engagement.start}"
        return self.gone(person) or ("is on leave" if engagement is not None else "is nobody who works here")

    def works_at(self, person: str, location: str) -> bool:
        """Whether the roster lets somebody work at a place; a roster that names no place limits nobody."""
        engagement = self._engagements.get(person)
        return not location or engagement is None or not engagement.locations or location in engagement.locations

    def meant(self, who: Who) -> tuple[str, ...]:
        """Return who is meant and present today, wherever they work, in the order of ids."""
        if who.person:
            return (who.person,) if self.present(who.person) else ()
        return self._by_role.get(who.role, ())

    def _at(self, who: Iterable[Who], location: str) -> tuple[str, ...]:
        found = (person for one in who for person in self.meant(one) if self.works_at(person, location))
        return tuple(dict.fromkeys(found))

    @cached_property
    def _by_role(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for vma, engagement in sorted(self._engagements.items()):
            if self.present(vma):
                for role in engagement.roles:
                    found[role].append(vma)
        return {role: tuple(vmas) for role, vmas in found.items()}

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Every work at every place for every provider that the map tells apart, in a stable order."""
        found: dict[tuple[str, str, str], list[Task]] = defaultdict(list)
        for task in self.work.tasks:
            for location in task.locations or ("",):
                for provider in task.providers or ("",):
                    found[task.id, location, provider].append(task)
        return tuple(self._piece(key, entries) for key, entries in found.items())

    def _piece(self, key: tuple[str, str, str], entries: list[Task]) -> Piece:
        task, location, provider = key
        models = {self.work.cluster(entry.cluster).model for entry in entries}
        return Piece(
            task=task,
            title=entries[0].title,
            location=location,
            provider=provider,
            entries=tuple(entries),
            owners=self._at((who for entry in entries for who in entry.owners), location),
            backups=self._at((entry.backup for entry in entries if entry.backup), location),
            model=WorkModel.DEDICATED if WorkModel.DEDICATED in models else WorkModel.CENTRALIZED,
        )

    @cached_property
    def by_person(self) -> dict[str, tuple[TaskAssignment, ...]]:
        """The work of each person, owned before stood in for; nobody who has none is in it."""
        owned: dict[str, dict[tuple[str, str], TaskAssignment]] = defaultdict(dict)
        for piece in self.pieces:
            for backup, people in ((False, piece.owners), (True, piece.backups)):
                for person in people:
                    for task in piece.entries:
                        owned[person].setdefault((task.cluster, task.id), TaskAssignment(task, backup))
        return {person: tuple(duties.values()) for person, duties in sorted(owned.items())}

    def of(self, person: str) -> tuple[TaskAssignment, ...]:
        """Return the work of one person."""
        return self.by_person.get(person, ())

    def lane(self, person: str) -> int:
        """
        Return what somebody needs for all their work, as capabilities.

        Whoever changes something may see it: `schedule.write` brings `schedule.read`.
        """
        mask = 0
        for duty in self.of(person):
            mask |= duty.task.needs
        known = {c.id for c in self._vocabulary.capabilities}
        reads = {f"{name.partition('.')[0]}.read" for name in self._vocabulary.names(mask)}
        return mask | self._vocabulary.mask(reads & known)

    def providers(self, person: str) -> frozenset[str] | None:
        """Return for whose patients somebody works; `None` when some work is for all of them."""
        found: set[str] = set()
        for duty in self.of(person):
            if not duty.task.providers:
                return None
            found.update(duty.task.providers)
        return frozenset(found)
