"""
What records say of people of Identity Center, who are named by their ids there.

Three services write them: `sso` (assignments), `sso-directory` (the console) and `identitystore` (the API).
Source: IAM Identity Center User Guide, "CloudTrail use cases for IAM Identity Center" and its lists of operations;
Identity Store API Reference; public records of the console.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from connectors.audit_log import LogEvent, LogKind
from connectors.cloud.aws.trail.iam_events import Place, event_of
from connectors.cloud.aws.trail.records import TrailRecord, part_in, text_in
from connectors.facts import Account

SSO, DIRECTORY, STORE = "sso", "sso-directory", "identitystore"
SOURCES = frozenset([SSO, DIRECTORY, STORE])
ASSIGNED, UNASSIGNED = "CreateAccountAssignment", "DeleteAccountAssignment"
JOINED = frozenset(["AddMemberToGroup", "CreateGroupMembership"])
LEFT = frozenset(["RemoveMemberFromGroup", "DeleteGroupMembership"])
USERS: Mapping[str, LogKind] = {
    "CreateUser": LogKind.CREATED,
    "DeleteUser": LogKind.DELETED,
    "EnableUser": LogKind.ENABLED,
    "DisableUser": LogKind.DISABLED,
    "UpdateUser": LogKind.STATUS_SET,  # by the API it can switch somebody off, or change a name
    "DeleteUserSessions": LogKind.SESSIONS_ENDED,
}
SIGN_INS = frozenset(["Authenticate", "Federate"])
NAMES = (*USERS, *sorted(JOINED | LEFT), ASSIGNED, UNASSIGNED, "DeleteGroup")
TELLS = frozenset(
    [
        *(LogKind.CREATED, LogKind.DELETED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET),
        *(LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    ]
)


def group_id(id_: str) -> str:
    """Return the id of a group of Identity Center as entitlements have it."""
    return f"identity-center:group/{id_}"


class CenterEvents:
    """Goes through the records in the order of their times; refused calls are left out by whoever gives them."""

    def __init__(self, accounts: Collection[Account], place: Place) -> None:
        self._people = {account.id for account in accounts}
        self._place = place
        self._closed: dict[str, bool] = {}
        self._memberships: dict[str, tuple[str, str]] = {}
        self.gaps: list[str] = []

    def read(self, records: Sequence[TrailRecord]) -> list[LogEvent]:
        """Return what changed of those who were asked for; what the record does not tell of whom is in `gaps`."""
        return [event for record in records if record.source in SOURCES for event in self._events(record)]

    def _events(self, record: TrailRecord) -> Iterator[LogEvent]:
        if record.name in JOINED or record.name in LEFT:
            yield from self._membership(record)
        elif record.source == SSO:
            yield from self._assignment(record) if record.name in (ASSIGNED, UNASSIGNED) else self._sign_in(record)
        elif record.name == "DeleteGroup":
            group = group_id(record.asked("groupId"))
            yield from (self._event(record, who, LogKind.TAKEN, group) for who in self._holding(group))
        elif (who := self._user(record)) in self._people and record.name in USERS:
            yield from self._status(record, who, USERS[record.name])

    def _status(self, record: TrailRecord, who: str, kind: LogKind) -> Iterator[LogEvent]:
        if kind in (LogKind.ENABLED, LogKind.DISABLED):
            closes = kind is LogKind.DISABLED
            if self._closed.get(who) is closes:
                return  # switching off twice succeeds both times
            self._closed[who] = closes
        elif kind is LogKind.STATUS_SET:
            if not _may_be_status(record):
                return
            self._closed.pop(who, None)
        yield self._event(record, who, kind)

    def _membership(self, record: TrailRecord) -> Iterator[LogEvent]:
        group, who = record.asked("groupId"), _member(record)
        made = text_in(record.response, "membershipId") or record.asked("membershipId")
        if record.name in JOINED and made:
            self._memberships[made] = (group, who)
        if not who:
            group, who = self._memberships.get(made, ("", ""))
        if not who:
            self.gaps.append(
                f"a membership of a group was taken away at {record.at:%Y-%m-%d %H:%M:%S} UTC, and CloudTrail names "
                "neither the person nor the group"
            )
        elif who in self._people:
            yield self._event(record, who, LogKind.GIVEN if record.name in JOINED else LogKind.TAKEN, group_id(group))

    def _assignment(self, record: TrailRecord) -> Iterator[LogEvent]:
        if record.asked("targetId") not in ("", self._place.account):
            return
        role = self._place.roles.get(record.asked("permissionSetArn"))
        kind = LogKind.GIVEN if record.name == ASSIGNED else LogKind.TAKEN
        who = record.asked("principalId")
        if record.asked("principalType") == "GROUP":
            # Whoever is in it may hold the same role in another way.
            held = self._holding(group_id(who))
            yield from (self._event(record, one, LogKind.HOLDINGS_SET, role) for one in held)
        elif who in self._people:
            yield self._event(record, who, kind if role else LogKind.HOLDINGS_SET, role)

    def _sign_in(self, record: TrailRecord) -> Iterator[LogEvent]:
        who = text_in(part_in(record.identity, "onBehalfOf"), "userId")
        said = text_in(record.details, record.name)
        if record.name in SIGN_INS and who in self._people and said in ("Success", ""):
            yield self._event(record, who, LogKind.SIGNED_IN)

    def _holding(self, group: str) -> list[str]:
        return sorted(who for who in self._people if group in self._place.held.get(who, ()))

    def _user(self, record: TrailRecord) -> str:
        made = part_in(record.response, "user")
        return record.asked("userId") or text_in(record.response, "userId") or text_in(made, "userId")

    def _event(self, record: TrailRecord, who: str, kind: LogKind, entitlement: str | None = None) -> LogEvent:
        return event_of(record, self._place.system, who, kind, entitlement)


def _member(record: TrailRecord) -> str:
    """Return the id of a member: the console writes `member.memberId`, the API `memberId.userId`."""
    direct = part_in(record.request, "memberId") or part_in(record.request, "member")
    return text_in(direct, "userId") or text_in(direct, "memberId") or record.asked("memberId")


def _may_be_status(record: TrailRecord) -> bool:
    """Whether an update may have switched somebody off: unless it says which attributes it set, and none is a state."""
    listed = record.request.get("operations")
    paths = [text_in(one, "attributePath").casefold() for one in listed or () if isinstance(one, dict)]
    return not paths or any(not path or "status" in path or "active" in path for path in paths)
