"""`auditor watch`: one line an event on stdout, for people or for a machine."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from auditor.cli.console import print_lines, print_text
from auditor.cli.data.watch import KEYS, RecipientData, WatchEventData, WatchStatusData
from auditor.cli.formats import Format
from auditor.cli.output import emit, write_json
from auditor.config import Config
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE
from auditor.watch import messages
from auditor.watch.delivery import Emit, Sender
from auditor.watch.outbox import ahead_of, deliveries_of, require
from auditor.watch.schedule import next_due
from auditor.watch.signals import StopSignals
from auditor.watch.state import Delivery, WatchState, only_one
from auditor.watch.watcher import Watcher, load_watched
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.outcomes import Severity


def run_watch(path: Path, fail_on: str, *, store: Path | None, output: Format) -> NoReturn:
    """Watch until SIGTERM; raises `AuditorError` when the configuration cannot be used, or another watch is at work."""
    stopping = StopSignals()
    with stopping.armed():
        config = load_watched(path, store)
        emit = emitter(config, output=output)
        with only_one(config.store), WatchState.open(config.store) as state:
            try:
                Watcher(path, state, emit, store=store, sending=stopping.sending, fail_on=Severity(fail_on)).run()
            finally:
                emit("stopped")
    _leave(IN_STEP)


def _leave(code: int) -> NoReturn:
    """End the process at once: everything is closed, and only a read that hangs in a thread is left behind."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def run_once(path: Path, fail_on: str, *, store: Path | None, output: Format) -> int:
    """Do what is due now, and return the exit code of the audit, or of the last one when none was due."""
    config = load_watched(path, store)
    with only_one(config.store), WatchState.open(config.store) as state:
        return Watcher(path, state, emitter(config, output=output), store=store, fail_on=Severity(fail_on)).once()


def run_test_message(path: Path, *, store: Path | None, output: Format) -> int:
    """Send a test message to every recipient; 2 when one cannot be told."""
    config = load_watched(path, store)
    settings, emit = require(config), emitter(config, output=output)
    failed = 0
    for name in settings.recipients:
        message = messages.of_test(config.practice.id, name, utc_now())
        try:
            Sender(settings, path.resolve().parent).send(message)
        except AuditorError as error:
            failed += 1
            emit("not-sent", message=message.id, recipient=name, problem=error.message)
        else:
            emit("sent", message=message.id, recipient=name)
    return NOT_EVALUABLE if failed else IN_STEP


def run_status(path: Path, *, store: Path | None, output: Format) -> int:
    """Say how it stands with every recipient; 2 when somebody cannot be told."""
    config = load_watched(path, store)
    settings = require(config)
    deliveries = deliveries_of(config)
    now = utc_now()
    due = next_due(settings.schedule, config.practice.timezone, now)
    ahead = ahead_of(config, now)
    emit(
        output,
        text=lambda: print_lines(*_status(config, due, deliveries, ahead)),
        data=lambda: WatchStatusData(
            next_scheduled=due.isoformat() if due else None,
            clock_was_ahead=tuple(ahead),
            recipients=tuple(RecipientData(d, d.recipient in settings.recipients) for d in deliveries),
        ),
        keys=KEYS,
    )
    return NOT_EVALUABLE if ahead or any(d.failing for d in deliveries) else IN_STEP


def _status(
    config: Config, due: datetime | None, deliveries: Iterable[Delivery], ahead: Iterable[str]
) -> Iterator[str]:
    yield f"next scheduled audit: {_local(config, due) if due else 'none'}"
    for d in deliveries:
        last = f", last on {_local(config, datetime.fromisoformat(d.last_sent))}" if d.last_sent else ""
        yield f"{d.recipient}: {d.sent} sent{last}; {d.waiting} waiting; {d.given_up} given up"
        if d.problem:
            yield f"  {d.problem} (tried {d.tries} times)" if d.waiting else f"  {d.problem}"
    for what in ahead:
        yield f"the clock was ahead: {what}; a running watch brings it back by itself"


def emitter(config: Config, *, output: Format, clock: Callable[[], datetime] = utc_now) -> Emit:
    """Return what prints an event: a JSON object, or a sentence, on a line of its own."""

    def tell(event: str, **facts: Any) -> None:
        now = clock()
        if output.is_json:
            write_json(WatchEventData(event, now.isoformat(), _plain(facts)), keys=KEYS, compact=True)
            return
        told = ", ".join(f"{key.replace('_', ' ')} {_words(config, value)}" for key, value in facts.items() if value)
        print_text([f"{_local(config, now)}  {event}{': ' if told else ''}{told}".replace("\n", " ")])

    return tell


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {k: v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for k, v in facts.items()}


def _words(config: Config, value: object) -> str:
    if isinstance(value, datetime):
        return _local(config, value)
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)


def _local(config: Config, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(config.practice.timezone)):%Y-%m-%d %H:%M:%S}"
