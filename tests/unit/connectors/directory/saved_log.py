"""How the tests of saved logs ask: files of a made-up tenant, saved at a known time, and what the log says of one."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.audit_log import LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.connector import Connector
from connectors.facts import Account, Entitlement
from connectors.read_log import read_log

DAY = datetime(2026, 11, 20, 17, 42, 10, 123_000, tzinfo=UTC)
SAVED = DAY.replace(microsecond=0) + timedelta(days=1)
Told = list[tuple[LogKind, datetime, str | None]]


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def told(found: LogAnswer) -> Told:
    return [(event.kind, event.at, event.entitlement) for event in found.events]


@dataclass
class SavedLog:
    """A folder of saved files, and who is asked for."""

    folder: Path
    write: Callable[[Path, Mapping[str, Any]], Path]
    connect: Callable[[Path], Connector]
    main: str
    """The file that `read` writes."""
    saved: Callable[[Any], Any]
    """What the product answers for some entries."""
    account: Account
    entitlements: Mapping[str, Entitlement]

    def ask(self, files: Mapping[str, Any], account: Account | None = None, **more: Any) -> LogAnswer | LogUnread:
        """Write the files and read the log of them."""
        folder = self.write(self.folder / "export", files)
        for path in folder.iterdir():
            os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))
        question = LogQuestion((account or self.account,), self.entitlements, **more)
        return read_log(self.connect(folder), question, clock=lambda: SAVED)

    def read(self, *entries: Any, **more: Any) -> LogAnswer:
        """Read the log of some entries, which must be one."""
        found = self.ask({self.main: self.saved(entries)}, **more)
        assert isinstance(found, LogAnswer), found
        return found
