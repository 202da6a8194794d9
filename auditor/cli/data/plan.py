"""What `auditor plan` tells a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from auditor.cli.data.audit import StoredAuditData, audit_data
from auditor.planning.outlook import DayState, Load, Outlook, RuleOutlook, Seats
from auditor.planning.todo import Todo
from auditor.snapshot import AuditSummary
from policies.engine.ownership import Lost
from reports.as_json import Keys

KEYS: Keys = {
    Seats: {"before": "without", "after": "planned"},
    Load: {"before": "without", "after": "planned"},
    Todo: {"day": "until", "rank": None, "text": "what", "late": "was_due"},
    Lost: {"key": None},
}


@dataclass(frozen=True, slots=True)
class PlannedCount:
    """A number without the plan and with it."""

    without: int
    planned: int


@dataclass(frozen=True, slots=True)
class PlannedControlData:
    """What one rule says on one day."""

    rule: str
    question: str
    checked: int
    findings: PlannedCount
    not_evaluated: PlannedCount


@dataclass(frozen=True, slots=True)
class SettledData:
    """A finding that the plan puts right."""

    rule: str
    vma: str | None
    title: str


@dataclass(frozen=True, slots=True)
class NewData(SettledData):
    """A finding that comes by the plan."""

    observed: str


@dataclass(frozen=True, slots=True)
class DayData:
    """Every control on the day of a change."""

    day: date
    changes: tuple[str, ...]
    active: PlannedCount
    controls: tuple[PlannedControlData, ...]
    new: tuple[NewData, ...]
    settled: tuple[SettledData, ...]
    seats: tuple[Seats, ...]
    work_without_owner: tuple[Lost, ...]
    coordinators: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class PlanData:
    """A plan, judged; nothing of it is stored."""

    audit: StoredAuditData
    today: date
    assumed: tuple[str, ...]
    grant: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By VMA and system the names of what is to be granted."""
    days: tuple[DayData, ...]
    to_do: tuple[Todo, ...]
    not_read: Mapping[str, str]


def plan_data(outlook: Outlook, audit: AuditSummary, today: date) -> PlanData:
    """Return a plan for a machine."""
    return PlanData(
        audit=audit_data(audit),
        today=today,
        assumed=outlook.plan.assumed,
        grant={
            vma: {system: tuple(c.name for c in chosen) for system, chosen in grants.by_system.items()}
            for vma, grants in outlook.team.grants.items()
        },
        days=tuple(_day(day) for day in outlook.days),
        to_do=outlook.todos,
        not_read=outlook.not_read,
    )


def _day(day: DayState) -> DayData:
    return DayData(
        day=day.day,
        changes=day.changes,
        active=PlannedCount(*day.active),
        controls=tuple(_control(c) for c in day.controls),
        new=tuple(NewData(f.rule, f.vma, f.title, f.observed) for f in day.new),
        settled=tuple(SettledData(f.rule, f.vma, f.title) for f in day.settled),
        seats=day.seats,
        work_without_owner=day.unowned,
        coordinators=day.loads,
    )


def _control(c: RuleOutlook) -> PlannedControlData:
    findings, unknown = (PlannedCount(*pair) for pair in zip(c.before, c.after, strict=True))
    return PlannedControlData(c.rule, c.question, c.checked, findings, unknown)
