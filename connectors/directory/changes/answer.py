"""Puts together what the writes of a record say, and what stamps say, as one answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.audit_log import ClockOffset, LogAnswer, LogEvent, LogKind, LogQuestion
from connectors.directory.changes.names import Names
from connectors.directory.changes.story import COVERS, Story
from connectors.directory.changes.write import Writes

_SAME = {LogKind.STATUS_SET: (LogKind.ENABLED, LogKind.DISABLED, LogKind.STATUS_SET)}
"""What a log calls what a stamp calls so."""


@dataclass(slots=True)
class Found:
    """What was read of one directory's record, live or from files."""

    system: str
    question: LogQuestion
    events: list[LogEvent] = field(default_factory=list)
    """What stamps say; what writes say follows from them."""
    writes: list[Writes] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    covers_from: datetime | None = None
    gaps: list[str] = field(default_factory=list)


def answer_of(
    found: Found, names: Names, now: datetime, *, clock: ClockOffset | None = None, lives_on: tuple[str, ...] = ()
) -> LogAnswer:
    """Return the answer; what a stamp says again that a log says better is left out."""
    writes, covers_from = found.writes, found.covers_from
    story = Story(found.system, found.question, names)
    story.tell([write for one in writes for write in one.found])
    told = [gap for one in writes for gap in one.gaps]
    told += [
        f"{one.source} names nobody who was asked for, and no group: is it another directory's?"
        for one in writes
        if _strange(one, names)
    ]
    kept, unlogged = _unsaid(found.events, story.events, writes)
    if unlogged:
        told.append(
            f"{unlogged} changes that the directory has stamped are not in its log: lines are missing, or another "
            "server made them"
        )
    if story.lacking:
        told.append(f"{story.lacking} members came into a group, or went, twice in a row: records between are missing")
    if unlogged or story.lacking or any(one.broken for one in writes):
        covers_from = None
    until = min((one.until for one in writes if one.until), default=now)
    return LogAnswer(
        found.system,
        ", ".join(found.sources),
        read_at=min(now, until),
        events=(*story.events, *kept),
        covers_from=covers_from,
        covers=frozenset(COVERS).intersection(*(w.covers for w in writes if w.covers)) if covers_from else frozenset(),
        clock=clock,
        gaps=tuple(dict.fromkeys((*found.gaps, *told))),
        lives_on=lives_on,
        doubted=tuple(story.doubted),
    )


def _strange(one: Writes, names: Names) -> bool:
    """Whether none of many records is about this directory: then it is another one's."""
    roots = {_root(key) for key in names.by_key}
    return bool(one.found and roots) and roots.isdisjoint(_root(write.key) for write in one.found)


def _root(key: str) -> str:
    """Return the end of a DN that all entries of a directory share."""
    return ",".join([part for part in key.split(",") if part.startswith("dc=")] or key.split(",")[-1:])


def _unsaid(
    stamps: Iterable[LogEvent], told: Sequence[LogEvent], writes: Sequence[Writes]
) -> tuple[list[LogEvent], int]:
    """Return the stamps that no log repeats, and how many of them it should have told."""
    logged: dict[tuple[str, LogKind], list[LogEvent]] = {}
    for event in told:
        logged.setdefault((event.account, event.kind), []).append(event)
    starts = [one.covers_from for one in writes if one.covers_from]
    ends = [one.until for one in writes if one.until]
    kept, missing = [], 0
    for stamp in stamps:
        kinds = _SAME.get(stamp.kind, (stamp.kind,))
        same = [event for kind in kinds for event in logged.get((stamp.account, kind), ())]
        if stamp.last_only and not stamp.upper_bound:
            end = stamp.at + stamp.resolution
            if any(stamp.at <= event.at + event.resolution and event.at <= end for event in same):
                continue
            inside = bool(starts) and min(starts) < stamp.at and (not ends or end < min(ends))
            missing += inside and stamp.kind in {LogKind.DISABLED, LogKind.STATUS_SET, LogKind.DELETED}
        kept.append(stamp)
    return kept, missing
