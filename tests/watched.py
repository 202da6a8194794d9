"""A practice that is watched: the example, with a `watch:` of the test's own."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from auditor.watch.state import WatchState
from auditor.watch.watcher import Watcher

EXAMPLE = Path(__file__).parents[1] / "examples" / "lakeside"
NOON = datetime(2026, 11, 25, 18, tzinfo=UTC)
"""A Wednesday, noon in Chicago."""
WATCH: dict[str, Any] = {
    "schedule": {"at": ["06:00"]},
    "settle_s": 0,
    "recipients": {"ops": {"webhook": {"url_env": "WATCH_TEST_HOOK"}}},
}


def watched(folder: Path, **watch: Any) -> Path:
    """Lay the example practice into a folder, and return its configuration."""
    shutil.copytree(EXAMPLE, folder / "lakeside")
    path = folder / "lakeside" / "2026-11" / "auditor.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["store"] = "lakeside.db"
    data["watch"] = WATCH | watch
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def roster(path: Path) -> Path:
    return path.with_name("roster.csv")


@dataclass
class Journal:
    """What was emitted, and a clock that goes on by a second whenever it is asked."""

    now: datetime = NOON
    events: list[dict[str, Any]] = field(default_factory=list)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def emit(self, event: str, **facts: Any) -> None:
        self.events.append({"event": event, **facts})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e["event"] == event]

    def later(self, **passed: float) -> "Journal":
        """Let time pass, and forget what was emitted."""
        self.now += timedelta(**passed)
        self.events.clear()
        return self


def start(path: Path, state: WatchState, journal: Journal) -> Watcher:
    """Return a watch that has begun; its clock is the journal's."""
    watcher = Watcher(path, state, journal.emit, clock=journal.clock, sleep=lambda _: None)
    watcher.start()
    return watcher


def outbox(path: Path) -> list[dict[str, Any]]:
    """Return the outbox as it stands in the file."""
    with closing(sqlite3.connect(path.with_name("lakeside.watch.db"))) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM outbox ORDER BY created, rowid")]


def payloads(path: Path) -> list[dict[str, Any]]:
    return [json.loads(row["payload"]) for row in outbox(path)]
