"""From records of CloudTrail to what changed of the accounts that were asked for."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion
from connectors.cloud.aws.trail import center_events, iam_events
from connectors.cloud.aws.trail.center_events import CenterEvents
from connectors.cloud.aws.trail.iam_events import GONE, MADE, Place
from connectors.cloud.aws.trail.records import TrailRecord
from connectors.cloud.aws.trail.subjects import IAM, SIGN_IN, Subjects, renamed_to
from connectors.cloud.aws.trail.ways_in import Known
from connectors.facts import Account

_PERSON = re.compile(r"(?:[0-9a-f]{10}-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""From: Identity Store API Reference, `ResourceId`: the id of somebody of Identity Center; no id of IAM is like it."""

IAM_LIVES_ON = (
    "credentials of a role that the user took before last until their session ends, 1 to 12 hours",
    "a temporary session by a key (GetSessionToken) lasts up to 36 hours, unless its user is deleted or denied",
    "AWS accepts a change at the time told, and may take some seconds more to apply it everywhere",
)
CENTER_LIVES_ON = (
    "a session in the account that was opened before lasts as long as its permission set says, 1 to 12 hours",
    "a sign-in token of the command line lasts up to 1 hour after it is revoked",
)


@dataclass(frozen=True, slots=True)
class Trail:
    """What was read of it."""

    source: str
    records: tuple[TrailRecord, ...]
    reaches: datetime
    """Until when the record reaches."""
    whole_from: datetime | None = None
    """From when nothing is missing; `None`: nobody can tell."""
    gaps: tuple[str, ...] = ()
    names: frozenset[str] | None = None
    """The events that were asked for; `None`: all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the account besides the record."""

    place: Place
    read_at: datetime | None = None
    """When the accounts of the question were read, where the record reaches to it."""
    people: str = ""
    """The account whose record tells of Identity Center, where it is another; empty: any."""
    extra: tuple[str, ...] = field(default=())


def answer_of(trail: Trail, question: LogQuestion, standing: Standing) -> LogAnswer:
    """Return what the record says; refused calls, and records of other accounts, are no events."""
    place = standing.place
    records, gaps = _of_this_account(trail, standing)
    people = [account for account in question.accounts if is_person(account)]
    users = [account for account in question.accounts if not is_person(account)]
    subjects = Subjects(users, [record for record in records if renamed_to(record)])
    mine = list(subjects.backwards([record for record in records if record.source in (IAM, SIGN_IN)]))[::-1]
    events = iam_events.iam_events(records, mine, place, _known(trail, question, standing, mine))
    gaps += _too_young(trail, question, events)
    center = CenterEvents(people, place)
    events += center.read(records)
    for name, number in sorted(subjects.earlier.items()):
        gaps.append(f"{number} records are of somebody who was called `{name}` before, and are left out")
    kinds = (iam_events.TELLS if users else frozenset()) | (center_events.TELLS if people else frozenset())
    return LogAnswer(
        system=place.system,
        source=trail.source,
        read_at=trail.reaches,
        events=tuple(sorted(events, key=_order)),
        covers_from=trail.whole_from,
        covers=kinds if trail.whole_from else frozenset[LogKind](),
        gaps=tuple(dict.fromkeys((*trail.gaps, *standing.extra, *gaps, *center.gaps))),
        lives_on=(*(IAM_LIVES_ON if users else ()), *(CENTER_LIVES_ON if people else ())),
    )


def is_person(account: Account) -> bool:
    """Whether an account is of Identity Center, not of IAM."""
    return _PERSON.fullmatch(account.id) is not None


def _order(event: LogEvent) -> tuple[datetime, str]:
    return event.at + event.resolution, event.record.id


def _of_this_account(trail: Trail, standing: Standing) -> tuple[list[TrailRecord], list[str]]:
    """Return the records that count, in the order of their times, each once, and what was left out."""
    kept: dict[str, TrailRecord] = {}
    others: Counter[str] = Counter()
    for record in trail.records:
        mine = record.account == standing.place.account
        if record.source in center_events.SOURCES and (mine or standing.people in ("", record.account)):
            mine = True
        if not mine:
            others[record.account or "an account that is not named"] += 1
        elif not record.error:
            kept.setdefault(record.record.id, record)
    gaps = [f"{number} records are of another account, {account}" for account, number in sorted(others.items())[:5]]
    if len(others) > 5:
        gaps.append(f"records of {len(others) - 5} further accounts are left out")
    return sorted(kept.values(), key=lambda r: (r.at, r.record.id)), gaps


def _too_young(trail: Trail, question: LogQuestion, events: Sequence[LogEvent]) -> Iterator[str]:
    """Tell whose end the next read will tell better: what closed the last way in may not have arrived yet."""
    unclear = {event.account for event in events if event.kind is LogKind.STATUS_SET}
    for account in question.accounts:
        closed = question.closed.get(account.id)
        if account.id in unclear and closed is not None and closed > trail.reaches:
            yield (
                f"what happened after {trail.reaches:%Y-%m-%d %H:%M:%S} UTC may not have arrived in CloudTrail yet: "
                f"with which way in `{account.login}` ended is told by the next read"
            )


def _known(
    trail: Trail, question: LogQuestion, standing: Standing, mine: Sequence[tuple[TrailRecord, Account]]
) -> Mapping[str, Known | None]:
    """Return over what time the record is whole, and what is known of each account within it."""
    start = trail.whole_from
    if start is None:
        return {}
    made: dict[str, datetime] = {}
    gone: dict[str, datetime] = {}
    for record, account in mine:
        if record.source == IAM and record.name in (MADE, GONE) and start <= record.at <= trail.reaches:
            (made if record.name == MADE else gone)[account.id] = record.at
    known: dict[str, Known | None] = {}
    for account in question.accounts:
        # A user can only be deleted when it has no way in any more (IAM API Reference, DeleteUser: DeleteConflict).
        closed = [gone.get(account.id), question.closed.get(account.id), None if account.live else standing.read_at]
        # Stamps are cut off: what happened up to then has arrived where the second after it has.
        moments = [at for at in closed if at is not None and start <= at and at + SECOND <= trail.reaches]
        known[account.id] = Known(start, trail.reaches, made.get(account.id), max(moments, default=None))
    return known
