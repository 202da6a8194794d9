"""
What the directory audit log says of users.

Source: Entra, "Microsoft Entra audit log categories and activities"; records of tenants in public parsers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.audit_log import LogEvent, LogKind, LogQuestion
from connectors.directory.entra.audit_rows import AuditTarget, EntraAuditRow

ENABLED = "accountenabled"
LISTED = "included updated properties"
UPDATED = "update user"
ACTIVITIES: Mapping[str, LogKind] = {
    "add user": LogKind.CREATED,
    "enable account": LogKind.ENABLED,
    "disable account": LogKind.DISABLED,
    "delete user": LogKind.DELETED,
    "hard delete user": LogKind.DELETED,
    "restore user": LogKind.STATUS_SET,  # as it was before: enabled or not
    "revoke sign-in sessions": LogKind.SESSIONS_ENDED,
    "update stsrefreshtokenvalidfrom timestamp": LogKind.SESSIONS_ENDED,
}
GROUPS: Mapping[str, LogKind] = {"add member to group": LogKind.GIVEN, "remove member from group": LogKind.TAKEN}
ROLES: Mapping[str, LogKind] = {"add member to role": LogKind.GIVEN, "remove member from role": LogKind.TAKEN}
"""For the whole directory and for good; whatever else is done to roles says less, and is told as such."""
GROUP_GONE = "delete group"
TELLS = frozenset(
    [
        *(LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET, LogKind.DELETED, LogKind.RENAMED),
        *(LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    ]
)


@dataclass
class AuditEvents:
    """Goes through rows in the order of their times."""

    system: str
    question: LogQuestion
    cut: int = 0
    """Changes of which the CSV does not show all properties."""
    _closed: dict[str, bool] = field(default_factory=dict)

    def read(self, rows: Sequence[EntraAuditRow]) -> list[LogEvent]:
        """Return what changed of the accounts that were asked for; what failed is no change."""
        asked = {account.id for account in self.question.accounts}
        events: list[LogEvent] = []
        for row in rows:
            if not row.success:
                continue
            activity = row.activity.casefold().strip()
            if activity == GROUP_GONE:
                events += self._group_gone(row, asked)
            for target in row.targets:
                if target.id in asked and target.type in ("user", "", "other"):
                    events += self._events(row, activity, target)
        return events

    def _events(self, row: EntraAuditRow, activity: str, target: AuditTarget) -> Iterator[LogEvent]:
        if activity in GROUPS:
            group = _one(row, target, "group.objectid", "group")
            yield self._event(row, target.id, GROUPS[activity] if group else LogKind.HOLDINGS_SET, group)
        elif activity in ROLES or _of_role(activity):
            role = _one(row, target, "role.templateid", "")
            if role and "eligible" in activity:
                role = f"{role}:eligible"
            kind = ROLES.get(activity, LogKind.HOLDINGS_SET) if role else LogKind.HOLDINGS_SET
            yield self._event(row, target.id, kind, role)
        elif activity == UPDATED:
            yield from self._updated(row, target)
        elif activity in ACTIVITIES:
            yield from self._status(row, target, ACTIVITIES[activity])

    def _updated(self, row: EntraAuditRow, target: AuditTarget) -> Iterator[LogEvent]:
        """Yield what one change of several properties says; where the CSV has no room for all, it may be the status."""
        if "userprincipalname" in target.properties:
            yield self._event(row, target.id, LogKind.RENAMED)
        if ENABLED in target.properties:
            after = target.properties[ENABLED][1]
            kind = {"true": LogKind.ENABLED, "false": LogKind.DISABLED}.get(after, LogKind.STATUS_SET)
            yield from self._status(row, target, kind)
        elif target.cut and (LISTED not in target.properties or ENABLED in target.properties[LISTED][1]):
            self.cut += 1
            yield from self._status(row, target, LogKind.STATUS_SET)

    def _status(self, row: EntraAuditRow, target: AuditTarget, kind: LogKind) -> Iterator[LogEvent]:
        """One change is written as `Disable account` and as `Update user`: the second tells nothing new."""
        if kind in (LogKind.ENABLED, LogKind.DISABLED):
            closes = kind is LogKind.DISABLED
            before, after = target.properties.get(ENABLED, ("", ""))
            if self._closed.get(target.id) is closes or (before == after and after):
                return
            self._closed[target.id] = closes
        elif kind is LogKind.STATUS_SET:
            self._closed.pop(target.id, None)
        yield self._event(row, target.id, kind)

    def _group_gone(self, row: EntraAuditRow, asked: set[str]) -> Iterator[LogEvent]:
        gone = {target.id for target in row.targets}
        for account, held in sorted(self.question.held.items()):
            if account in asked:
                yield from (self._event(row, account, LogKind.TAKEN, group) for group in sorted(gone & held))

    def _event(self, row: EntraAuditRow, account: str, kind: LogKind, entitlement: str | None = None) -> LogEvent:
        return LogEvent(
            self.system, account, kind, row.at, row.within, row.record, entitlement or None, actor=row.actor or None
        )


def _of_role(activity: str) -> bool:
    """Whether an activity gives, takes or activates a directory role; a role of an application is none."""
    return "role" in activity.split() and "member" in activity.split()


def _one(row: EntraAuditRow, target: AuditTarget, name: str, type_: str) -> str:
    """Return the id of what was given or taken: of a property of the member, or of another target of that type."""
    before, after = target.properties.get(name, ("", ""))
    others = (other.id for other in row.targets if type_ and other.type == type_)
    return after or before or next(others, "")
