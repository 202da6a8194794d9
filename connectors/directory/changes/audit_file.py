"""
The audit file of 389 Directory Server: LDIF change records, each after `time:`, which is local and names no zone.

Failed operations may stand in the same file (`result:`). A record bears the UTC stamp that it wrote into the entry as
well: where the two disagree, the zone in the settings is wrong, or the record came by replication. Seen with 2.3.1.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.audit_log import SECOND, LogRecord
from connectors.directory.changes.ldif_mods import added, changed, one, pairs_of
from connectors.directory.changes.write import Mod, What, Write, Writes
from connectors.directory.schema.dn import MAX_DN, normalise
from connectors.directory.schema.times import generalized_time

START = "time: "
_TIME = re.compile(r"time: (\d{14})", re.ASCII)
_TYPES = {"add": What.ADD, "modify": What.MODIFY, "delete": What.DELETE, "modrdn": What.RENAME, "moddn": What.RENAME}
_REPEATED = timedelta(hours=1)
_NEAR = timedelta(seconds=2)


def writes(lines: Iterator[tuple[int, str]], source: str, zone: ZoneInfo) -> Writes:
    """Read the lines of a file, with their numbers; `zone` is that of the server's local time."""
    found = Writes(source)
    odd, wrong = list[int](), list[int]()
    first: datetime | None = None
    seen: Counter[tuple[str, str]] = Counter()
    for number, record in _records(lines, found):
        try:
            write = _write(record, source, zone, seen)
        except ValueError:
            odd.append(number)
            continue
        if write is None:
            continue
        if write.doubt:
            wrong.append(number)
        first = first or write.at
        found.found.append(write)
    if odd:
        found.broken = True
        found.gaps.append(f"{len(odd)} records of {source} are not understood, the first in line {odd[0]}")
    if wrong:
        found.broken = True
        found.gaps.append(
            f"{len(wrong)} records of {source} bear another time than the entries that they wrote, the first in line "
            f"{wrong[0]}: is the server's local time that of `{zone.key}`?"
        )
    found.covers_from = first
    found.in_order()
    return found


def _records(lines: Iterator[tuple[int, str]], found: Writes) -> Iterator[tuple[int, list[str]]]:
    """Yield records with the number of their first line: from `time:` to an empty line, without which one is cut."""
    pending: list[str] = []
    start = 0
    for number, line in lines:
        if line.startswith(START):
            if pending:
                found.broken = True
                found.gaps.append(f"the record in line {start} of {found.source} is cut short")
            pending, start = [line], number
        elif pending and line:
            pending.append(line)
        elif pending:
            yield start, pending
            pending = []
    if pending:
        found.broken = True
        found.gaps.append(f"the last record of {found.source}, in line {start}, is cut short")


def _write(record: list[str], source: str, zone: ZoneInfo, seen: Counter[tuple[str, str]]) -> Write | None:
    """Return a change; `None` for one that was refused. Raises `ValueError`."""
    match = _TIME.fullmatch(record[0].strip())
    body = pairs_of(record[1:])
    if not match or not body or body[0][0] != "dn":
        raise ValueError("not a record of changes")
    dn, head = body[0][1], dict(body[1:3])
    what = _TYPES.get(head.get("changetype", "").lower())
    if what is None:
        raise ValueError("not a change that is known")
    seen[match[1], dn] += 1
    if head.get("result", "0") != "0":
        return None
    rest = [one_ for one_ in body[1:] if one_[0] not in {"result", "changetype"}]
    mods, new_key = _changes(what, rest, dn)
    said = dict(rest) if what in {What.DELETE, What.RENAME} else {}
    at, resolution, doubt = _when(match[1], one(mods, "modifytimestamp"), zone)
    # Its line changes when the file is rotated; time, entry and the count within the second stay.
    id_ = f"{match[1]} {dn[:MAX_DN]}, no. {seen[match[1], dn]}"
    return Write(
        what,
        normalise(dn),
        at,
        resolution,
        LogRecord.of(source, id_, repr(body).encode()),
        id=(one(mods, "nsuniqueid") or "").lower() or None if what is What.ADD else None,
        mods=mods,
        new_key=new_key,
        actor=one(mods, "modifiersname") or said.get("modifiersname") or None,
        doubt=doubt,
    )


def _changes(what: What, pairs: list[tuple[str, str]], dn: str) -> tuple[tuple[Mod, ...], str]:
    if what is What.MODIFY:
        return tuple(changed(pairs)), ""
    if what is What.ADD:
        return tuple(added(pairs)), ""
    said = dict(pairs)
    if what is What.RENAME:
        if not said.get("newrdn"):
            raise ValueError("a rename without its new name")
        return (), normalise(f"{said['newrdn']},{said.get('newsuperior') or dn.partition(',')[2]}")
    return (), ""


def _when(local: str, stamp: str, zone: ZoneInfo) -> tuple[datetime, timedelta, str]:
    """
    Turn local time to UTC; return also how much later it may have been, and why it is not to be believed.

    A time within the repeated hour is two instants, unless the stamp of the entry tells which; one within the hour that
    is left out does not exist there.
    """
    naive = datetime.strptime(local, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone comes from the settings
    early, late = (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    written = generalized_time(stamp) if stamp else None
    for at in (early, late):
        if written is not None and abs(at - written) <= _NEAR:
            return at, SECOND, ""
    if early.astimezone(zone).replace(tzinfo=None) != naive:
        return min(early, late), _REPEATED, f"there was no such local time in `{zone.key}`"
    doubt = "the entry that it wrote bears another time" if written is not None else ""
    return (early, SECOND, doubt) if early == late else (early, _REPEATED + SECOND, doubt)
