"""`auditor review start`, `status` and `close`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.audit.inputs import read_inputs
from auditor.cli.console import folded, print_lines, styled, write_stderr
from auditor.cli.data.review import closed_data, opened_data, status_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP
from auditor.history.projection import require_store
from auditor.ledger.keys import Signer
from auditor.review.annexes.sealed import close_with_annexes
from auditor.review.asking import is_account
from auditor.review.cadence import DueReview, due_reviews
from auditor.review.closing import Closed, NotFinished
from auditor.review.opening import Opened, Request, open_campaign, settings_of
from auditor.review.quality import remarks
from auditor.review.removals import Removal, RemovalState
from auditor.review.routing import is_reviewer
from auditor.review.state import record_of, select_campaign
from auditor.review.status import Status, status_of
from auditor.review_records import QuestionKind
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from connectors.collect import utc_now
from connectors.inputs.dates import day_of
from reports.words import plural

SHOWN = 10
"""How many of a kind are listed; the rest is counted."""


def run_start(path: Path, request: Request, *, store: Path | None, output: Format) -> int:
    """Open a review over the last audit; returns 0."""
    config = load_config(path, store=store)
    settings = settings_of(config)
    require_store(config)
    inputs = read_inputs(config)
    with Store.open(config.store) as opened_store:
        opened = open_campaign(config, inputs, opened_store, signer_of(config), request, clock=utc_now)
    emit(output, text=lambda: _show_opened(opened, settings), data=lambda: opened_data(opened))
    return IN_STEP


def run_status(path: Path, named: str | None, *, store: Path | None, output: Format) -> int:
    """Say how far a review is; returns 1 while something is overdue, and 0 otherwise."""
    config = load_config(path, store=store)
    settings = settings_of(config)
    require_store(config)
    now = utc_now()
    with Store.look(config.store) as looked:
        with looked.reviewed() as connection:
            record = record_of(connection, select_campaign(connection, config.practice.id, named))
            today = day_of(now, config.practice.timezone)
            due = due_reviews(connection, config.practice.id, settings, config.practice.timezone, today)
        status = status_of(looked, record, settings, config.practice.timezone, now)
    emit(
        output,
        text=lambda: _Shown(status, settings, config.practice.timezone, due).show(),
        data=lambda: status_data(status, due),
    )
    return FINDINGS if status.record.closed is None and any(r.overdue for r in status.reviewers) else IN_STEP


def run_close(path: Path, named: str | None, *, by: str, undecided: str, store: Path | None, output: Format) -> int:
    """Close and seal a review; returns 0."""
    config = load_config(path, store=store)
    settings_of(config)
    require_store(config)
    try:
        with Store.open(config.store) as opened:
            closed = close_with_annexes(
                config, opened, signer_of(config), named, by=by, undecided_because=undecided, clock=utc_now
            )
    except NotFinished as error:
        for line in (*error.missing.undecided, *(f"not signed: {name}" for name in error.missing.unsigned)):
            write_stderr("\n".join(_hanging(folded(line))))
        raise
    emit(output, text=lambda: _show_closed(closed), data=lambda: closed_data(closed))
    return IN_STEP


def signer_of(config: Config) -> Signer:
    """Return the key of the ledger, which must be there."""
    return Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False)


def _show_opened(opened: Opened, settings: ReviewSettings) -> None:
    c, asked = opened.campaign, opened.asked
    counted = (
        f"{plural(len(asked.questions), 'question')} about {len(asked.people)}, for {plural(len(asked.items), 'item')}"
    )
    print_lines(
        styled(f"{c.name} is open ({c.id}): {counted}", "bold"),
        f"frozen from audit {c.audit}; due on {c.due}; period {c.period_from} to {c.period_to}",
    )
    by: dict[str, int] = {}
    for q in asked.questions:
        by[q.reviewer] = by.get(q.reviewer, 0) + 1
    for reviewer, count in sorted(by.items()):
        print_lines(f"  {settings.reviewers[reviewer].name}: {plural(count, 'question')}")
    for a in c.accepted:
        _print(f"! {a.system} was not read whole; accepted by {a.by}: {a.reason}")
    if not any(is_reviewer(id_, r, c.prepared_by) for id_, r in settings.reviewers.items()):
        _print(f"prepared by {c.prepared_by}, who is none of the reviewers: so nobody is kept from deciding for it")
    for left in c.left_out:
        _print(f"no part of it: {left}")
    print_lines("", "how far it is: auditor review status")


@dataclass(frozen=True, slots=True)
class _Shown:
    status: Status
    settings: ReviewSettings
    timezone: str
    due: tuple[DueReview, ...]

    def show(self) -> None:
        s, c = self.status, self.status.record.campaign
        closed = s.record.closed
        done = s.decided + s.closed_by_proof
        how = f"{done} of {plural(s.questions, 'question')} done"
        when = self._when(closed.at) if closed else ""
        state = f"closed by {closed.by} on {when}" if closed else self._due()
        print_lines(styled(f"{c.name} ({c.id}): {how}; {state}", "bold"))
        for a in c.accepted:
            _print(f"! {a.system} was not read whole; accepted by {a.by}: {a.reason}")
        self._behind()
        self._undecided()
        self._decisions()
        self._removals()
        if s.late:
            _print("reviewed late: " + ", ".join(f"{name} ({day})" for name, day in s.late))
        self._paces()
        for one in self.due:
            _print(one.says)

    def _due(self) -> str:
        days = self.status.days_left
        due = self.status.record.campaign.due
        if days < 0:
            return f"was due on {due}, {plural(-days, 'day')} ago"
        return f"due on {due}, " + ("today" if days == 0 else f"in {plural(days, 'day')}")

    def _behind(self) -> None:
        behind = [r for r in self.status.reviewers if r.open]
        if not behind:
            print_lines("nobody is behind")
        for r in behind:
            late = f", {r.overdue} overdue" if r.overdue else ""
            print_lines(f"  {r.name}: {r.open} of {plural(r.questions, 'question')} open{late}")
        if self.status.lacking.unsigned:
            _print(f"decided and not signed: {', '.join(self.status.lacking.unsigned)}")

    def _undecided(self) -> None:
        open_ = self.status.undecided
        if not open_:
            return
        print_lines("", styled("Nobody has decided", "bold"))
        for q in open_[:SHOWN]:
            _print(f"{q.person_name}: {q.title}; advice: {q.advice.value}")
        if len(open_) > SHOWN:
            print_lines(f"  and {len(open_) - SHOWN} more")

    def _decisions(self) -> None:
        kinds = self.status.by_kind
        if kinds:
            print_lines("", "decided: " + ", ".join(f"{count} {kind.value}" for kind, count in sorted(kinds.items())))

    def _removals(self) -> None:
        s = self.status
        if not s.removals:
            return
        counts = ", ".join(f"{s.count(state)} {state.value}" for state in RemovalState)
        print_lines("", styled(f"To be taken away: {counts}", "bold"))
        for r in s.removals[: 2 * SHOWN]:
            _print(self._removal(r))
        if len(s.removals) > 2 * SHOWN:
            print_lines(f"  and {len(s.removals) - 2 * SHOWN} more")

    def _removal(self, r: Removal) -> str:
        what = f"{r.item.given_name} of {r.item.login}" if r.item.given else f"the account {r.item.login}"
        whose = "" if is_account(r.question.person) else f"{r.question.person_name}: "
        said = f"{whose}{what} in {r.item.system_title}: "
        decided = f"decided by {r.decision.reviewer_name} on {self._when(r.decision.at)}"
        if r.question.kind is QuestionKind.DOOR:
            return f"{said}{decided}; no order can follow: the next audit's finding shows whether it is closed"
        match r.state:
            case RemovalState.DECIDED:
                return f"{said}{decided}, and asked of nobody yet: the next audit opens the order"
            case RemovalState.ASKED_FOR:
                return f"{said}{decided}; asked for by {r.order} since {self._when(r.since)}, and not proved gone"
            case RemovalState.REMOVED:
                return f"{said}{decided}; removed no later than {self._when(r.since)}: {r.proof}"
            case RemovalState.CAME_BACK:
                return f"{said}{decided}; removed, and it came back: {r.order} asks again since {self._when(r.since)}"

    def _paces(self) -> None:
        told = [(p, remarks(p)) for p in self.status.paces]
        if not told:
            return
        print_lines("", styled("How it was decided (for the officer)", "bold"))
        for p, said in told:
            pace = f"{p.median_s:.0f} s a decision" if p.median_s is not None else "no pace known"
            _print(f"{p.name}: {plural(p.decided, 'decision')}, {pace}" + (f"; {'; '.join(said)}" if said else ""))

    def _when(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M}"


def _show_closed(closed: Closed) -> None:
    c, seal = closed.record.campaign, closed.record.closed
    assert seal is not None  # noqa: S101 - it was closed just now
    open_ = [q for q in closed.record.questions if q.question in _open(closed)]
    print_lines(styled(f"{c.name} ({c.id}) is closed and sealed", "bold"))
    _print(seal.statement)
    for q in open_[:SHOWN]:
        _print(f"undecided: {q.person_name}: {q.title}")
    if len(open_) > SHOWN:
        print_lines(f"  and {len(open_) - SHOWN} more undecided")
    for late in closed.late:
        _print(f"reviewed late: {late}")
    _print(f"annexes, to be kept with it: {closed.annexes}")
    print_lines(f"ledger entry {closed.entry.n}; keep its head:", f"  {closed.entry.head}")


def _open(closed: Closed) -> set[str]:
    return {s.question for s in closed.record.states if s.decision is None and s.closed is None}


def _print(text: str) -> None:
    print_lines(*_hanging(folded(text)))


def _hanging(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if n == 0 else f"    {line}" for n, line in enumerate(lines)]
