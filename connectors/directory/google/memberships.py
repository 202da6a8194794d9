"""
Who came into a group of Google and who left it, from the saved activity of the log "Groups Enterprise".

That log tells of memberships whoever changed them: the Admin console, the APIs, Google Groups itself, and Google where
a group is dynamic. The log of the Admin console tells of its own alone.

Source: Admin SDK, Reports API v1, "Enterprise Groups Audit Activity Events" (`groups_enterprise`); Admin Help, "Groups
Enterprise log events". Both call `member_id` and `group_id` identifiers: an address or an id is understood.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connectors.audit_log import LogEvent, LogKind, LogQuestion
from connectors.directory.google.activity import Activity
from connectors.facts import Account

GROUPS = "groups-activity.json"
GROUP, MEMBER, TYPE = "group_id", "member_id", "member_type"
GONE = "delete_group"
CHANGES: Mapping[str, LogKind] = {"add_member": LogKind.GIVEN, "remove_member": LogKind.TAKEN}
HARMLESS = frozenset(
    {
        *("add_member_role", "remove_member_role", "invite_member", "revoke_invitation", "reject_invitation"),
        *("request_to_join", "reject_join_request", "create_group"),
        *("add_info_setting", "change_info_setting", "remove_info_setting"),
        *("add_security_setting", "change_security_setting", "remove_security_setting"),
        *("add_membership_expiry", "update_membership_expiry", "remove_membership_expiry"),
    }
)
"""They put nobody in and take nobody out. Whatever else there is may, and is told as that."""
ONE = frozenset({"user", "service_account", "service account"})
"""Types of members that are one account; others hold several."""

Finder = Callable[[Activity, str], Account | None]
Maker = Callable[[Activity, str, LogKind, str | None], LogEvent]


@dataclass(frozen=True, slots=True)
class GroupActivity:
    """Says what the log means for the accounts asked for."""

    question: LogQuestion
    groups: Mapping[str, str]
    """Ids of groups, by each of their names in small letters."""
    account: Finder
    """Whom an address or an id names, of those asked for."""
    event: Maker

    def read(self, activity: Activity) -> Iterator[LogEvent]:
        """Yield what one event says."""
        group = self.groups.get(activity.of(GROUP))
        if activity.name in HARMLESS:
            return
        if activity.name == GONE:
            held = [a for a in self.question.accounts if group and group in self.question.held.get(a.id, ())]
            yield from (self.event(activity, one.id, LogKind.TAKEN, group) for one in held)
            return
        named = activity.of(MEMBER) or activity.actor.lower()
        one = self.account(activity, named)
        kind = CHANGES.get(activity.name, LogKind.HOLDINGS_SET)
        if one is not None:
            yield self.event(activity, one.id, kind if group and activity.of(MEMBER) else LogKind.HOLDINGS_SET, group)
        elif activity.of(TYPE) not in ONE and (activity.of(MEMBER) or activity.name not in CHANGES):
            yield from self._of_several(activity, self.groups.get(named), group)

    def _of_several(self, activity: Activity, inner: str | None, group: str | None) -> Iterator[LogEvent]:
        """Yield whom it may concern: those in a group that was put into another; of what is not known, everybody."""
        for account in self.question.accounts:
            if inner is None or inner in self.question.held.get(account.id, {inner}):
                yield self.event(activity, account.id, LogKind.HOLDINGS_SET, group)
