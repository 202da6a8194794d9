"""
What is known of each account while OpenEMR's log is gone through, and what is told of it.

The user form takes a user out of all groups and puts the user back on every save (`AclExtended::setUserAro`), so what
was taken and given back within one save is netted. A save begins where the user's object of phpGACL is written. A user
in no ACL group cannot sign in, so a save that leaves none disables.
"""

from dataclasses import dataclass, field

from connectors.audit_log import LogEvent, LogKind, LogRecord
from connectors.ehr.openemr.log_rows import LogRow
from connectors.ehr.openemr.log_time import LogStamp
from connectors.facts import Account

SOURCE = "log"


@dataclass(frozen=True, slots=True)
class Timed:
    """A row, and when it was written."""

    row: LogRow
    stamp: LogStamp


@dataclass(slots=True)
class SaveStep:
    """What one row did to one membership within a save."""

    by: Timed
    group: str
    given: bool


@dataclass(slots=True)
class AccountState:
    """What is known of one account while the rows are gone through; `None`: not known."""

    account: Account
    login: str | None = None
    active: bool | None = None
    grouped: bool = True
    held: dict[str, bool] = field(default_factory=dict)
    facility: str | None = None
    save: list[SaveStep] = field(default_factory=list)
    whole: bool = False
    """The save wrote the user's object first, so it is one that takes all groups away before it gives some."""
    vague: bool = False
    """Something of the save is not known."""

    @property
    def live(self) -> bool | None:
        """Whether the account can sign in."""
        return False if not self.grouped else self.active

    def forget(self) -> None:
        """Know nothing more: rows are missing."""
        self.login = self.active = self.facility = None
        self.grouped, self.held = True, {}


class AccountEvents:
    """The events, as they are found."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._events: list[tuple[int, LogEvent]] = []

    def in_order(self) -> tuple[LogEvent, ...]:
        """Return them in the order of the log."""
        return tuple(event for _, event in sorted(self._events, key=lambda numbered: numbered[0]))

    def tell(
        self,
        by: Timed,
        state: AccountState,
        kind: LogKind,
        entitlement: str | None = None,
        *,
        upper_bound: bool = False,
    ) -> None:
        """Tell one event of an account, by the row that says so."""
        event = LogEvent(
            system=self._system,
            account=state.account.id,
            kind=kind,
            at=by.stamp.at,
            resolution=by.stamp.resolution,
            record=LogRecord.of(SOURCE, str(by.row.id), by.row.raw),
            entitlement=entitlement,
            actor=(by.row.actor or None) if kind is not LogKind.SIGNED_IN else state.account.login,
            upper_bound=upper_bound,
        )
        self._events.append((by.row.id, event))

    def step(self, by: Timed, state: AccountState, before: bool | None) -> None:
        """
        Tell a step from one state to the other.

        Where the one before is not known a row that enables may have been no step, and access was there before. One
        that disables is the first of the log: it ended access if a read saw it since the log begins.
        """
        if state.live is not None and state.live != before:
            kind = LogKind.ENABLED if state.live else LogKind.DISABLED
            self.tell(by, state, kind, upper_bound=before is None and kind is LogKind.ENABLED)

    def add(self, state: AccountState, step: SaveStep) -> None:
        """Add what a row did to a membership to the save that it is of; another administrator's is another save."""
        if state.save and state.save[-1].by.row.actor != step.by.row.actor:
            self.close_save(state)
        state.save.append(step)

    def close_save(self, state: AccountState) -> None:
        """End a save, and tell what it changed."""
        steps, whole, vague = state.save, state.whole, state.vague
        state.save, state.whole, state.vague = [], False, False
        if not steps:
            return
        groups = list(dict.fromkeys(s.group for s in steps))
        for group in groups:
            self.net(state, group, [s for s in steps if s.group == group], sure=True)
        before = state.live
        if any(state.held[group] for group in groups):
            state.grouped = True
        elif whole and not vague:
            state.grouped = False
        self.step(steps[-1].by, state, before)

    def net(self, state: AccountState, group: str, steps: list[SaveStep], *, sure: bool) -> None:
        """
        Tell what a save did to one membership.

        A statement takes away a row that was there; the dialog (not `sure`) may name what the user did not have.
        """
        known = state.held.get(group)
        before = not steps[0].given if known is None else known
        after = state.held[group] = steps[-1].given
        if before != after:
            deciding = next(s for n, s in enumerate(steps) if all(t.given == after for t in steps[n:]))
            kind = LogKind.GIVEN if after else LogKind.TAKEN
            self.tell(deciding.by, state, kind, group, upper_bound=known is None and not sure)
