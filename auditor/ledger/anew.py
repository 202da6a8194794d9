"""
A lost store is never taken for a first audit: a key that is there without a history means that there was one.

Whoever starts anew says so, with the reason; it is signed, stored as the first thing in the new store, and covered by
the first audit's ledger entry, so that nobody takes the new ledger for the whole history.
Source: 45 CFR 164.316(b)(2)(i), six years of documentation.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from auditor.ledger.statements import Statement, StatementKind, check
from connectors.errors import AuditorError


@dataclass(frozen=True, slots=True)
class Anew:
    """The decision to start a new history where an earlier one was lost."""

    by: str
    reason: str

    def statement(self, practice: str, today: date, now: datetime) -> Statement:
        """Return it as it is signed; raises `AuditorError` for texts that cannot be recorded."""
        said = Statement(practice, StatementKind.ANEW, practice, "", self.by, today, reason=self.reason)
        check(said, today)
        return replace(said, recorded_at=now)


def is_lost(store: Path, key: Path) -> bool:
    """Whether a key has signed a history that is not there: no store, or an empty file in its place."""
    gone = not store.exists() or (store.is_file() and store.stat().st_size == 0)
    return gone and key.is_file() and key.stat().st_size > 0


def refuse_lost(store: Path, anew: Anew | None) -> None:
    """Raise `AuditorError` for a lost store, unless somebody has decided to start anew; nothing is made then."""
    key = store.with_suffix(".key")
    if anew is None and is_lost(store, key):
        raise AuditorError(
            f"the key `{key}` has signed a history, and there is no store `{store}`: an earlier one is missing",
            hint="put the store back from the backup; if it is lost for good, start a new history and say so: "
            "`auditor audit --start-anew 'why it is lost' --by 'your name'`",
        )
    if anew is not None and not is_lost(store, key):
        raise AuditorError(
            f"`{store}` has its history: there is nothing to start anew", hint="leave out `--start-anew` and `--by`"
        )
