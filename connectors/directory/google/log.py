"""
When users of Google Workspace changed, from saved activity of the Admin console beside the other files.

A user is closed while suspended or archived, so one that is both opens with the second that is taken back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion
from connectors.directory.google.activity import Activity, read_activities
from connectors.directory.google.memberships import GROUPS, GroupActivity
from connectors.directory.google.roles import SUPER_ADMIN
from connectors.directory.saved.folder import SavedFolder
from connectors.errors import InputError
from connectors.facts import Account, EntitlementKind
from connectors.inputs.files import modified_at

ADMIN, CONSOLE, LOGIN = "admin-activity.json", "admin-activity.csv", "login-activity.json"
DELIVERY = timedelta(minutes=15)
"""From: Admin Help, "Data retention and lag times": admin events within a couple of minutes."""
TOGETHER = timedelta(minutes=1)
"""So far apart two of Google's logs stamp one change, at most: our choice."""
USER, GROUP = "USER_EMAIL", "GROUP_EMAIL"
RENAMED, GROUP_GONE = "RENAME_USER", "DELETE_GROUP"
CLOSES: Mapping[str, tuple[str, bool]] = {
    "SUSPEND_USER": ("suspended", True),
    "UNSUSPEND_USER": ("suspended", False),
    "ARCHIVE_USER": ("archived", True),
    "UNARCHIVE_USER": ("archived", False),
}
OTHERS: Mapping[str, LogKind] = {
    "CREATE_USER": LogKind.CREATED,
    "DELETE_USER": LogKind.DELETED,
    "UNDELETE_USER": LogKind.STATUS_SET,  # as it was before: suspended or not
    RENAMED: LogKind.RENAMED,
    "RESET_SIGNIN_COOKIES": LogKind.SESSIONS_ENDED,
    "GRANT_ADMIN_PRIVILEGE": LogKind.HOLDINGS_SET,
    "REVOKE_ADMIN_PRIVILEGE": LogKind.HOLDINGS_SET,
}
HOLDINGS: Mapping[str, LogKind] = {
    "ADD_GROUP_MEMBER": LogKind.GIVEN,
    "REMOVE_GROUP_MEMBER": LogKind.TAKEN,
    "ASSIGN_ROLE": LogKind.GIVEN,
    "UNASSIGN_ROLE": LogKind.TAKEN,
}
SUPER_ADMIN_ROLE = "_seed_admin_role"
TELLS = frozenset(
    [LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET, LogKind.DELETED, LogKind.RENAMED]
)
"""Not groups: who leaves one by Google Groups itself is in another log, `GROUPS`."""
HOLDS = frozenset([LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET])
"""With that log too."""
LIVES_ON = (
    "programs that were signed in before last up to 1 hour by their access tokens",
    "mail and files that were downloaded or synchronized before stay on the device",
)


def read_google_log(system: str, files: SavedFolder, question: LogQuestion) -> LogAnswer:
    """Return what the saved activity says; raises `InputError` where none was saved, or it cannot be used."""
    path = files.find(ADMIN, CONSOLE)
    if path is None or path.name == CONSOLE:
        problem = "there is no such file" if path is None else "the console shows times in the zone of the browser"
        raise InputError(
            path or f"{files.folder.name}/{ADMIN}",
            problem,
            expected=f"`{ADMIN}`",
            hint="save the answers of the Reports API, whose times are UTC; docs/connect-google.md says how",
        )
    activities = read_activities(path)
    names = {activity.name for activity in activities}
    gaps = [] if activities else ["the activity is empty: nothing says from when it is"]
    if len(names) == 1 and len(activities) > 1:
        gaps.append(f"there is nothing but `{min(names)}` in it: was it saved with a filter?")
    if len({activity.customer for activity in activities}) > 1:
        gaps.append("there are events of more than one customer of Google in it")
    whole_from = min(activity.at for activity in activities) if activities and not gaps else None
    events = _Events(system, question, activities)
    found = list(events.read(activities))
    signed, grouped = files.find(LOGIN), files.find(GROUPS)
    if signed is not None:
        found += events.sign_ins(read_activities(signed))
    covers, read_at = TELLS, modified_at(path)
    if grouped is not None:
        members = read_activities(grouped)
        theirs = list(events.memberships(members))
        began, until = min((one.at for one in members), default=None), modified_at(grouped) - DELIVERY
        both = [e for e in found if began and began <= e.at <= until and events.of_group(e)]
        twice = _twice(both, theirs)
        found = [event for event in found if event not in twice] + theirs
        whole_from, more = _both_from(question, whole_from, activities, members)
        if len(twice) < len(both):
            lacking = f"{len(both) - len(twice)} changes of groups in `{ADMIN}` are not in `{GROUPS}`"
            more.append(f"{lacking}, which should tell them as well: it is not whole")
        covers = TELLS | HOLDS if not more else TELLS
        gaps += more
        read_at = min(read_at, modified_at(grouped))
    gaps += [
        f"{number} events are of somebody who had the address `{address}` before, and are left out"
        for address, number in sorted(events.earlier.items())
    ]
    return LogAnswer(
        system=system,
        source=", ".join(p.name for p in (path, signed, grouped) if p is not None),
        read_at=read_at - DELIVERY,
        events=tuple(sorted(found, key=lambda event: event.at)),
        covers_from=whole_from,
        covers=covers,
        gaps=tuple(gaps),
        lives_on=LIVES_ON,
    )


def _both_from(
    question: LogQuestion, whole_from: datetime | None, activities: Sequence[Activity], members: Sequence[Activity]
) -> tuple[datetime | None, list[str]]:
    """Return from when on both logs are whole; the first alone, and why, where the second would cut it short."""
    begins = min((activity.at for activity in members), default=None)
    if whole_from is None or begins is None:
        return whole_from, [] if begins else [f"`{GROUPS}` is empty: nothing says from when it is"]
    customers = {activity.customer for activity in (*activities, *members)}
    if len(customers) > 1:
        return whole_from, [f"`{GROUPS}` is of another customer of Google than `{ADMIN}`"]
    names = {activity.name for activity in members}
    if len(names) == 1 and len(members) > 1:
        return whole_from, [f"there is nothing but `{min(names)}` in `{GROUPS}`: was it saved with a filter?"]
    if begins > whole_from and (question.since is None or begins > question.since):
        return whole_from, [f"`{GROUPS}` begins at {begins:%Y-%m-%d %H:%M:%S} UTC: of groups it tells nothing before"]
    return max(whole_from, begins), []


def _twice(ours: Iterable[LogEvent], theirs: Iterable[LogEvent]) -> set[LogEvent]:
    """Return those of which the other log tells as well; each stamps a change by itself."""
    known: dict[tuple[str, LogKind, str | None], list[datetime]] = {}
    for event in theirs:
        known.setdefault((event.account, event.kind, event.entitlement), []).append(event.at)
    return {
        event
        for event in ours
        if any(abs(event.at - at) <= TOGETHER for at in known.get((event.account, event.kind, event.entitlement), ()))
    }


@dataclass
class _Events:
    """What activities say of the accounts that were asked for."""

    system: str
    question: LogQuestion
    activities: Sequence[Activity]
    earlier: dict[str, int] = field(default_factory=dict)
    _by_name: dict[str, Account] = field(default_factory=dict)
    _by_id: dict[str, Account] = field(default_factory=dict)
    _closed: dict[str, dict[str, bool]] = field(default_factory=dict)
    _groups: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id = {account.id.lower(): account for account in self.question.accounts}
        for account in self.question.accounts:
            self._by_name |= {name.lower(): account for name in (account.login, account.email or "") if name}
        for one in (a for a in self.activities if a.name == RENAMED):
            old, new = one.of(USER), one.of("NEW_VALUE")
            for here, there in ((old, new), (new, old)):
                if here in self._by_name and there and there not in self._by_name:
                    self._by_name[there] = self._by_name[here]
        for entitlement in self.question.entitlements.values():
            if entitlement.kind is EntitlementKind.GROUP:
                self._groups |= {alias.lower(): entitlement.id for alias in entitlement.aliases}

    def read(self, activities: Sequence[Activity]) -> Iterator[LogEvent]:
        """Yield what administrators did."""
        for activity in activities:
            if activity.name == GROUP_GONE:
                yield from self._group_gone(activity)
            elif (account := self._account(activity, activity.of(USER))) is not None:
                kind, which = self._meant(activity, account.id)
                if kind is not None:
                    yield self._event(activity, account.id, kind, which)

    def sign_ins(self, activities: Sequence[Activity]) -> Iterator[LogEvent]:
        """Yield who signed in, and whom Google itself shut out."""
        asked = {account.id: account for account in self.question.accounts}
        for activity in activities:
            if activity.name == "login_success":
                account = asked.get(activity.actor_id) or self._account(activity, activity.actor.lower())
                if account is not None:
                    yield self._event(activity, account.id, LogKind.SIGNED_IN)
            elif activity.name.startswith("account_disabled"):
                account = self._account(activity, activity.of("affected_email_address"))
                if account is not None:
                    yield self._event(activity, account.id, LogKind.DISABLED)

    def memberships(self, activities: Sequence[Activity]) -> Iterator[LogEvent]:
        """Yield who came into a group and who left it, whoever did it."""
        ids = {id_.removeprefix("group:").lower(): id_ for id_ in self._groups.values()}
        told = GroupActivity(self.question, {**ids, **self._groups}, self._account, self._event)
        for activity in activities:
            yield from told.read(activity)

    def of_group(self, event: LogEvent) -> bool:
        """Whether somebody was put into a group, or taken out: that stands in the log of groups as well."""
        return event.kind in (LogKind.GIVEN, LogKind.TAKEN) and event.entitlement in self._groups.values()

    def _account(self, activity: Activity, name: str) -> Account | None:
        account = self._by_name.get(name) or self._by_id.get(name)
        if account is not None and account.created is not None and activity.at + SECOND < account.created:
            self.earlier[name] = self.earlier.get(name, 0) + 1
            return None
        return account

    def _meant(self, activity: Activity, account: str) -> tuple[LogKind | None, str | None]:
        if activity.name in CLOSES:
            return self._status(account, *CLOSES[activity.name]), None
        if activity.name in HOLDINGS:
            which = self._groups.get(activity.of(GROUP)) if GROUP in activity.parameters else self._role(activity)
            return (HOLDINGS[activity.name] if which else LogKind.HOLDINGS_SET), which
        return OTHERS.get(activity.name), None

    def _status(self, account: str, flag: str, value: bool) -> LogKind | None:
        """Return what a flag made of the account; `None`: nothing, as it stood so, or the other closes it anyway."""
        flags = self._closed.setdefault(account, {})
        known, other = flags.get(flag), any(on for name, on in flags.items() if name != flag)
        flags[flag] = value
        if other or known is value:
            return None
        return LogKind.DISABLED if value else LogKind.ENABLED

    def _role(self, activity: Activity) -> str | None:
        """Return the role, where it was given without a limit; one that is limited has another id."""
        if activity.of("ROLE_NAME") == SUPER_ADMIN_ROLE:
            return SUPER_ADMIN
        named = activity.parameters.get("ROLE_NAME", "")
        ids = (f"role:{activity.of('ROLE_ID')}", f"system-role:{named}")
        limited = activity.of("ORG_UNIT_NAME") not in ("", "/")
        return None if limited else next((id_ for id_ in ids if id_ in self.question.entitlements), None)

    def _group_gone(self, activity: Activity) -> Iterator[LogEvent]:
        group = self._groups.get(activity.of(GROUP))
        for account in self.question.accounts:
            if group and group in self.question.held.get(account.id, ()):
                yield self._event(activity, account.id, LogKind.TAKEN, group)

    def _event(self, activity: Activity, account: str, kind: LogKind, entitlement: str | None = None) -> LogEvent:
        at, within, actor = activity.at, activity.within, activity.actor or None
        return LogEvent(self.system, account, kind, at, within, activity.record, entitlement, actor=actor)
