"""When the changes between two audits took effect, and what came and went again, by the systems' own records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from auditor.drift.change import ADDED, Change, ChangeKind
from auditor.instants.instant import Instant, InstantKind, account_ended, came, taken
from auditor.instants.log import AccessLog
from auditor.instants.unseen import UnseenAccess, unseen_access
from auditor.snapshot import Snapshot


@dataclass(frozen=True)
class Moments:
    """What the systems' own records tell of the time between two audits."""

    records: Mapping[str, AccessLog]
    """By system."""
    before: Mapping[str, datetime]
    """By system: as of when the earlier audit read it whole."""
    after: Mapping[str, datetime]
    """The same of the later audit."""
    facts: Snapshot | None = None
    """What the earlier audit saw; a record that gives again what was held then tells of nothing unseen."""

    def of(self, change: Change) -> Instant | None:
        """Return when a change took effect, where a record tells it; `None` where only the two audits do."""
        log, seen, gone = self.records.get(change.system), self.before.get(change.system), self.after.get(change.system)
        if log is None or gone is None or not change.account or change.kind is ChangeKind.ACCOUNT_MOVED:
            return None
        if change.kind in ADDED:
            found = came(log, change.account, change.given or None, seen, gone)
        elif change.given:
            found = taken(log, change.account, change.given, seen, gone)
        else:
            found = account_ended(log, change.account, seen, gone)
        return None if found.kind is InstantKind.BETWEEN else found

    def _was(self, system: str, account: str, entitlement: str | None) -> bool:
        """Whether the earlier audit saw that an account worked, or that it held something."""
        if self.facts is None:
            return False
        if entitlement is not None:
            return (system, account, entitlement) in self._held
        known = self.facts.accounts.get((system, account))
        return known is not None and known.live

    @cached_property
    def _held(self) -> frozenset[tuple[str, str, str]]:
        grants = self.facts.grants if self.facts else frozenset()
        return frozenset((system, g.account, id_) for system, g in grants for id_ in (g.entitlement, g.assignment))

    def unseen(self) -> tuple[UnseenAccess, ...]:
        """Return the access that came and went again between the two audits, in the order of its end."""
        found = [
            one
            for system, log in self.records.items()
            if system in self.before and system in self.after
            for account in log.events
            for one in unseen_access(
                log, account, self.before[system], self.after[system], partial(self._was, system, account)
            )
        ]
        return tuple(sorted(found, key=lambda one: (one.ended.at, one.system, one.account)))
