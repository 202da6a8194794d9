"""
What records of IAM and of the console say of IAM users.

Source: IAM API Reference, the actions named below; CloudTrail User Guide, "AWS Management Console sign-in events".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.audit_log import SECOND, LogEvent, LogKind
from connectors.cloud.aws.trail.records import TrailRecord, part_in, text_in
from connectors.cloud.aws.trail.subjects import IAM, renamed_to
from connectors.cloud.aws.trail.ways_in import Known, Step, WayStep, endings
from connectors.facts import Account, Entitlement

SIGNED_IN = "ConsoleLogin"
MADE, GONE = "CreateUser", "DeleteUser"
PASSWORD = "password"  # noqa: S105 - the name of a way in
LONG_TERM = "AKIA"
"""From: IAM User Guide, "Unique identifiers": how the ids of long-term keys begin."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which account it is, and what its users can hold."""

    system: str
    account: str
    partition: str = "aws"
    entitlements: Mapping[str, Entitlement] = field(default_factory=dict)
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    """By ARN of the permission set: the role that it made here."""

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of something of IAM that lies in no path."""
        return f"arn:{self.partition}:iam::{self.account}:{kind}/{name}"


def _group(place: Place, record: TrailRecord, user: str) -> str:  # noqa: ARG001 - one shape for the table below
    name = record.asked("groupName")
    groups = (id_ for id_ in place.entitlements if id_.startswith(place.arn("group", "")))
    return next((id_ for id_ in groups if id_.rpartition("/")[2] == name), place.arn("group", name))


def _attached(place: Place, record: TrailRecord, user: str) -> str:  # noqa: ARG001
    return record.asked("policyArn")


def _inline(place: Place, record: TrailRecord, user: str) -> str:
    end = f"/{user}#{record.asked('policyName')}"
    known = (id_ for id_ in place.entitlements if ":user/" in id_ and id_.endswith(end))
    return next(known, place.arn("user", end[1:]))


def _limit(place: Place, record: TrailRecord, user: str) -> str:  # noqa: ARG001
    return f"boundary:{record.asked('permissionsBoundary')}" if record.asked("permissionsBoundary") else ""


HOLDINGS: Mapping[str, tuple[LogKind, Callable[[Place, TrailRecord, str], str]]] = {
    "AddUserToGroup": (LogKind.GIVEN, _group),
    "RemoveUserFromGroup": (LogKind.TAKEN, _group),
    "AttachUserPolicy": (LogKind.GIVEN, _attached),
    "DetachUserPolicy": (LogKind.TAKEN, _attached),
    # It may have been there before, with another text.
    "PutUserPolicy": (LogKind.HOLDINGS_SET, _inline),
    "DeleteUserPolicy": (LogKind.TAKEN, _inline),
    "PutUserPermissionsBoundary": (LogKind.HOLDINGS_SET, _limit),
    "DeleteUserPermissionsBoundary": (LogKind.HOLDINGS_SET, _limit),
}
OTHERS: Mapping[str, LogKind] = {
    MADE: LogKind.CREATED,
    GONE: LogKind.DELETED,
    "UpdateUser": LogKind.RENAMED,
    SIGNED_IN: LogKind.SIGNED_IN,
}
WAYS: Mapping[str, Step] = {
    "CreateLoginProfile": Step.MADE,
    "DeleteLoginProfile": Step.REMOVED,
    "CreateAccessKey": Step.MADE,
    "UpdateAccessKey": Step.CLOSED,
    "DeleteAccessKey": Step.CLOSED,
    "UploadSigningCertificate": Step.MADE,
    "UpdateSigningCertificate": Step.CLOSED,
    "DeleteSigningCertificate": Step.CLOSED,
    SIGNED_IN: Step.USED,
}
"""`Update…` with the status `Active` opens."""
NAMES = tuple(dict.fromkeys((*WAYS, *HOLDINGS, *OTHERS)))
TELLS = frozenset(
    [
        *(LogKind.CREATED, LogKind.DELETED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET, LogKind.RENAMED),
        *(LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    ]
)


def iam_events(
    records: Sequence[TrailRecord],
    mine: Sequence[tuple[TrailRecord, Account]],
    place: Place,
    known: Mapping[str, Known | None],
) -> list[LogEvent]:
    """
    Return what changed of IAM users: `mine` are the records about them, in the order of their times, none refused.

    `records` are all that there are, for whose keys were used; `known` says of each account, by its id, over what time
    the record is whole.
    """
    by_account: dict[str, list[TrailRecord]] = {}
    events: list[LogEvent] = []
    for record, account in mine:
        by_account.setdefault(account.id, []).append(record)
        events += _plain(record, account.id, place)
    used = _uses(records)
    for id_, found in by_account.items():
        events += _ways(found, place.system, id_, known.get(id_), used)
    return events


def _plain(record: TrailRecord, account: str, place: Place) -> Iterable[LogEvent]:
    if record.name in HOLDINGS and record.source == IAM:
        kind, which = HOLDINGS[record.name]
        yield event_of(record, place.system, account, kind, which(place, record, record.asked("userName")) or None)
    elif record.name in OTHERS and (OTHERS[record.name] is not LogKind.RENAMED or renamed_to(record)):
        yield event_of(record, place.system, account, OTHERS[record.name])


def _ways(
    found: Sequence[TrailRecord],
    system: str,
    account: str,
    known: Known | None,
    used: Mapping[str, Sequence[WayStep]],
) -> Iterable[LogEvent]:
    steps = [(step, record) for record in found if (step := _step(record)) is not None]
    keys = {step.way for step, _ in steps}
    uses = [(use, None) for way in keys for use in used.get(way, ())]
    # Within a second nobody knows the order: what opens comes last, so that nothing is closed by accident.
    both: list[tuple[WayStep, TrailRecord | None]] = sorted(
        [*steps, *uses], key=lambda pair: (pair[0].at, bool(pair[0].step.value[1]), pair[0].way)
    )
    for (_, record), ending in zip(both, endings([step for step, _ in both], known), strict=True):
        if record is not None and ending is not None:
            yield replace(event_of(record, system, account, ending.kind), at=ending.at, resolution=ending.within)


def _step(record: TrailRecord) -> WayStep | None:
    step = WAYS.get(record.name)
    if step is None:
        return None
    if record.name.startswith("Update") and record.asked("status") == "Active":
        step = Step.OPENED
    way = PASSWORD
    if "AccessKey" in record.name:
        way = f"key {record.asked('accessKeyId') or text_in(part_in(record.response, 'accessKey'), 'accessKeyId')}"
    elif "Certificate" in record.name:
        made = text_in(part_in(record.response, "certificate"), "certificateId")
        way = f"certificate {record.asked('certificateId') or made}"
    return WayStep(record.at, way, step)


def _uses(records: Sequence[TrailRecord]) -> dict[str, list[WayStep]]:
    """Whoever signed a call with a key had a key that was open."""
    found: dict[str, list[WayStep]] = {}
    for record in records:
        if record.key.startswith(LONG_TERM):
            found.setdefault(f"key {record.key}", []).append(WayStep(record.at, f"key {record.key}", Step.USED))
    return found


def event_of(record: TrailRecord, system: str, account: str, kind: LogKind, entitlement: str | None = None) -> LogEvent:
    """Return a record as an event of an account."""
    return LogEvent(system, account, kind, record.at, SECOND, record.record, entitlement, actor=record.actor or None)
