"""What OpenEMR's log says of the accounts in question, with what is missing from it, in words."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.audit_log import ClockOffset, DoubtedEvent, LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.ehr.openemr.log_replay import LogReplay
from connectors.ehr.openemr.log_rows import MAX_SIGN_INS, LogRows, named, offsets
from connectors.ehr.openemr.log_state import SOURCE, Timed
from connectors.ehr.openemr.log_time import LogStamp, shifted, stamp
from connectors.ehr.openemr.log_views import ENCRYPTION_ON, EVENTS_ON, INSTANTS, LOG_ON, SETTINGS, WITHOUT_RIGHTS, ZONE
from connectors.errors import SourceDenied
from connectors.inputs.dates import known_timezone

COVERED = frozenset(
    {
        *(LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET, LogKind.RENAMED),
        *(LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    }
)
STAMPED_BY = "UTC_TIMESTAMP(6) of the database server; the log is stamped by OpenEMR's web server"
"""Whose clock was asked, and whose it stands for: mostly one machine."""
APART = timedelta(seconds=2)
"""By how much the clocks of the web server and of the database may differ before it is told."""
LIVES_ON = (
    "an open session of OpenEMR ends with its next page, as each page asks whether the user is active",
    "a token of OpenEMR's API, where that is switched on, may work until it runs out",
)


def answer(
    system: str,
    got: LogRows,
    question: LogQuestion,
    *,
    zone: tuple[str | None, str],
    clock: ClockOffset,
    read_at: datetime,
) -> LogAnswer:
    """
    Work out the events and what is missing; `zone` is that of the log and how it is known.

    Raises `SourceDenied` when nothing may be read that tells any instant.
    """
    if not (got.view or got.touched or got.first):
        raise SourceDenied(
            f"`{system}`: its account may read neither the view `{INSTANTS}` nor when users were last written",
            hint=WITHOUT_RIGHTS,
        )
    replay = LogReplay(system, got, zone[0], question.accounts)
    events = replay.run()
    ends = [*_ends(got, replay, zone[0], question.ask_from)]
    gaps = tuple(dict.fromkeys([*(text for text, _ in ends if text), *_gaps(got, replay, zone)]))
    covers = _covers(got, replay)
    begun = stamp(got.first[1], zone[0]) if got.first else None
    whole = [when.end for when in (*(when for _, when in ends), begun) if when is not None]
    # What was before the last read is known from that, and was not read again.
    whole += [question.ask_from] if got.start and question.ask_from else []
    covers_from = max(whole, default=None) if covers else None
    doubted = tuple(
        DoubtedEvent(e, f"{zone[0]} has no such time: the hour is left out when clocks are put forward")
        for e in events
        if _unreal(e, replay)
    )
    unreal = {id(d.event) for d in doubted}
    return LogAnswer(
        system=system,
        source=f"OpenEMR's `{SOURCE}`, times in {zone[1]}; an edit of the tables by another program leaves no row",
        read_at=read_at,
        events=(*(e for e in events if id(e) not in unreal), *_touched(system, got, question, zone[0])),
        covers_from=covers_from,
        covers=covers,
        clock=clock,
        gaps=gaps,
        lives_on=LIVES_ON,
        doubted=doubted,
    )


def _covers(got: LogRows, replay: LogReplay) -> frozenset[LogKind]:
    """Return which kinds the log shows: none where it is off, or where nobody says whether it is on."""
    settings = got.settings
    if settings is None or settings.get(LOG_ON) != "1" or (replay.switched and not replay.switched[-1][1].on):
        return frozenset()
    signs = frozenset() if got.sign_ins_cut or got.first is None else frozenset({LogKind.SIGNED_IN})
    readable = got.view and settings.get(EVENTS_ON) == "1" and settings.get(ENCRYPTION_ON) != "1"
    return signs | (COVERED if readable else frozenset())


def _ends(
    got: LogRows, replay: LogReplay, zone: str | None, since: datetime | None
) -> Iterator[tuple[str, LogStamp | None]]:
    """Give what breaks the log, each with when the log is whole again; `None`: it never is, or nobody knows."""
    begun = stamp(got.first[1], zone) if got.first else None
    if begun and since and begun.at > since:
        yield f"the log begins at {begun.at:%Y-%m-%d %H:%M} UTC, after the last read: what was before was purged", begun
    if got.after_hole:
        id_, at, missing = got.after_hole
        yield (
            f"{missing:,} rows of the log are missing, the last before row {id_}: deleted, or never written",
            stamp(at, zone),
        )
    if got.after_encrypted:
        id_, at, count = got.after_encrypted
        yield (
            f"{count:,} rows about users or groups are encrypted and cannot be read, the last of them row {id_}",
            stamp(at, zone),
        )
    for by, switch in replay.switched:
        if switch.on:
            yield "", by.stamp
        else:
            yield f"row {by.row.id} says `{switch.what} Disabled`: what followed is not in the log", by.stamp
    yield from _back(replay.timed)
    yield from _beside(got, replay, zone)


def _beside(got: LogRows, replay: LogReplay, zone: str | None) -> Iterator[tuple[str, LogStamp | None]]:
    """
    Give where `users.last_updated`, by the database's clock, does not fit the log, by the web server's.

    A change that is younger than the last row about it was made beside OpenEMR, or the web server's clock is behind;
    one that is older than the row that made it shows that this clock is ahead.
    """
    hours = offsets(got, zone)
    for account, text in got.touched.items() if got.view else ():
        when = shifted(text, hours, zone) if text else None
        last, switched = replay.written.get(account), replay.switched_by.get(account)
        if when and last and when.at > last.stamp.end + APART:
            after = (
                f"user {account} was written {_seconds(last.stamp, when)} after row {last.row.id}, the last about it"
            )
            yield f"{after}: by another program, or the web server's clock is behind the database's", when
        elif when and switched and when.end + APART < switched.stamp.at:
            before = f"user {account} was written {_seconds(when, switched.stamp)} before row {switched.row.id} says so"
            yield f"{before}: the web server's clock is ahead of the database's", switched.stamp


def _seconds(first: LogStamp, second: LogStamp) -> str:
    return f"{(second.at - first.at).total_seconds():,.0f} s"


def _back(timed: Sequence[Timed]) -> Iterator[tuple[str, LogStamp | None]]:
    """Give where the times run back although the numbers run on: the clock was set, or rows were put in."""
    latest: Timed | None = None
    for one in timed:
        if latest and one.stamp.end < latest.stamp.at:
            back = f"row {one.row.id} is {_seconds(one.stamp, latest.stamp)} earlier than row {latest.row.id} before it"
            yield f"{back}: its clock was set back", latest.stamp
        if latest is None or one.stamp.at > latest.stamp.at:
            latest = one


def _gaps(got: LogRows, replay: LogReplay, zone: tuple[str | None, str]) -> Iterator[str]:
    """Give what else is missing."""
    if not got.view:
        yield f"the view `{INSTANTS}` is missing or may not be read: only upper bounds are known; {WITHOUT_RIGHTS}"
    if got.settings is None:
        yield f"the view `{SETTINGS}` is missing or may not be read, so that nobody says whether the log is on"
    elif got.settings.get(LOG_ON) != "1":
        yield "OpenEMR's log is switched off (`enable_auditlog`)"
    elif got.settings.get(EVENTS_ON) != "1":
        yield f"OpenEMR does not log changes of users and groups (`{EVENTS_ON}`)"
    if (got.settings or {}).get(ENCRYPTION_ON) == "1":
        yield f"OpenEMR encrypts the comments of its log (`{ENCRYPTION_ON}`): they cannot be read"
    if not got.encryption_told:
        yield "nobody says whether comments of the log are encrypted; " + WITHOUT_RIGHTS
    if zone[0] is None:
        yield (
            "nobody says in which time zone OpenEMR writes its log (`gbl_time_zone` is empty): a time may be off by up "
            "to 14 hours; set `timezone` for this system"
        )
    if replay.odd:
        yield f"{len(replay.odd):,} rows about users, groups or lists cannot be understood: {named(replay.odd)}"
    if got.sign_ins_cut:
        yield f"of the sign-ins only the last {MAX_SIGN_INS:,} were read"


def _unreal(event: LogEvent, replay: LogReplay) -> bool:
    return event.record.id in {str(t.row.id) for t in replay.timed if not t.stamp.exists}


def _touched(system: str, got: LogRows, question: LogQuestion, zone: str | None) -> Iterator[LogEvent]:
    """
    Give when each user who is not active was last written: `active` was 0 no later than that.

    Who ended by leaving the last ACL group is active still, and an earlier save of the form says nothing of that.
    """
    hours = offsets(got, zone)
    for account in question.accounts:
        text = got.touched.get(account.id)
        when = shifted(text, hours, zone) if text else None
        if when is not None:
            record = LogRecord.of("users.last_updated", f"{account.id} at {text}", f"{account.id}\t{text}".encode())
            yield LogEvent(
                *(system, account.id, LogKind.TOUCHED, when.at, when.resolution, record),
                last_only=True,
                upper_bound=True,
            )


def zone_of(got: LogRows, configured: str | None) -> tuple[str | None, str]:
    """Return the zone of the log's times, and how it is known: OpenEMR's own setting, else the configuration's."""
    own = (got.settings or {}).get(ZONE, "")
    try:
        if own:
            return known_timezone(own), f"{own} (OpenEMR's `{ZONE}`)"
    except ValueError:
        return None, "a zone that nobody knows"
    return (configured, f"{configured} (as configured)") if configured else (None, "a zone that nobody says")
