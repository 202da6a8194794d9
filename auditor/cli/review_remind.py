"""`auditor review remind`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.cli.console import folded, print_lines
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import Config, load_config
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE
from auditor.history.projection import require_store
from auditor.review.opening import settings_of
from auditor.review.reminding import Escalated, Reminder, escalate, reminders
from auditor.store import Store
from auditor.watch.delivery import Deliveries, Sender
from auditor.watch.reviews import PREFIX, Reviews, with_reviewers
from auditor.watch.state import WatchState
from connectors.collect import utc_now
from reports.words import plural


@dataclass(frozen=True, slots=True)
class RemindedData:
    """One reviewer who was to be told."""

    reviewer: str
    name: str
    campaign: str
    open: int
    told: bool
    says: str


@dataclass(frozen=True, slots=True)
class RemindData:
    """Who was told, and what went on because it was overdue."""

    reminded: tuple[RemindedData, ...]
    escalated: tuple[str, ...]
    problems: tuple[str, ...]


def run_remind(path: Path, *, store: Path | None, output: Format) -> int:
    """Remind everybody with something open; returns 2 when somebody could not be told."""
    config = load_config(path, store=store)
    settings = settings_of(config)
    require_store(config)
    now, practice = utc_now(), config.practice
    with Store.open(config.store) as opened:
        escalated = escalate(opened, practice.id, settings, practice.timezone, now)
        found = reminders(opened, practice.id, settings, practice.timezone, now, due=False)
        untold, problems = _send(config, opened, found)
    told = tuple(
        RemindedData(r.reviewer, r.name, r.campaign.id, r.open, r.reviewer not in untold, r.says) for r in found
    )
    emit(
        output,
        text=lambda: _show(told, escalated, problems),
        data=lambda: RemindData(told, tuple(e.question for e in escalated), problems),
    )
    return NOT_EVALUABLE if untold or problems else IN_STEP


def _send(config: Config, store: Store, found: tuple[Reminder, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Hand reminders to the server; return the reviewers whom nobody could tell, and what kept others from it."""
    if config.watch is None or not found:
        return frozenset(r.reviewer for r in found), ()
    problems: dict[str, str] = {}

    def note(event: str, **facts: Any) -> None:
        if event in ("not-sent", "given-up"):
            problems[facts["recipient"]] = f"{facts['recipient']}: {facts['problem']}"

    settings = with_reviewers(config.watch, config.review)
    with WatchState.open(config.store) as state:
        untold = Reviews(state, note, utc_now).remind(config, config.watch, store, found)
        Deliveries(state, config.practice.id, utc_now, note).deliver(Sender(settings, config.path.resolve().parent))
        waiting = {m.recipient for m in state.waiting(config.practice.id)}
    failing = {r.reviewer for r in found if f"{PREFIX}{r.reviewer}" in waiting | problems.keys()}
    return frozenset({*(r.reviewer for r in untold), *failing}), tuple(problems.values())


def _show(told: tuple[RemindedData, ...], escalated: tuple[Escalated, ...], problems: tuple[str, ...]) -> None:
    if not told:
        print_lines("nobody is to be reminded: nothing is open")
    for one in told:
        print_lines(f"{one.name}: {'told' if one.told else 'NOT told'}, {one.open} open")
        if not one.told:
            print_lines(*(f"    {line}" for line in folded(f"to send by another way: {one.says}")))
    if escalated:
        print_lines(f"{plural(len(escalated), 'question')} overdue went to the practice manager")
    for problem in problems:
        print_lines(f"! {problem}; it waits in the outbox, and `auditor watch` tries again")
