"""What to read of CloudTrail for the accounts that were asked for, and how whole it is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.audit_log import LogQuestion
from connectors.cloud.aws.responses import ResponseSource
from connectors.cloud.aws.saved import SavedResponses
from connectors.cloud.aws.trail import center_events, iam_events
from connectors.cloud.aws.trail.digests import chain_of
from connectors.cloud.aws.trail.files import Sought, read_files
from connectors.cloud.aws.trail.iam_events import LONG_TERM, SIGNED_IN, Place
from connectors.cloud.aws.trail.lookup import DELIVERY, HOME, KEPT, LOOKUP, LOOKUP_ABOVE, History
from connectors.cloud.aws.trail.records import TrailRecord
from connectors.cloud.aws.trail.subjects import IAM, SIGN_IN, renamed_to, user_named
from connectors.cloud.aws.trail.translate import Trail, is_person
from connectors.errors import InputError
from connectors.inputs.files import modified_at

FILES_ALONE = "nobody can tell whether a file of CloudTrail is missing: copy the digest files (`CloudTrail-Digest`) too"
_TRACES = (
    re.compile(rb'"eventName":"(?:%b)"' % "|".join(iam_events.NAMES).encode()),
    re.compile(rb'"eventSource":"(?:%b)\.' % "|".join(center_events.SOURCES).encode()),
    re.compile(rb'"accessKeyId":"%b' % LONG_TERM.encode()),
)
"""What stands in a file in which there may be a record that matters."""
_EVER = datetime.min.replace(tzinfo=UTC)
"""As far back as AWS keeps it."""
MOST_KEYS = 40
"""For so many it is asked whether they were used, half a second each."""
NOT_SAVED = "save it with `aws-save.sh FOLDER trail`, or set `cloudtrail` to files of a trail; see docs/connect-aws.md"


@dataclass(frozen=True, slots=True)
class Regions:
    """Which regions are asked."""

    own: str
    """Where the account's services run: people may sign in to the console there."""
    center: str
    """Where Identity Center is at home."""


def from_history(
    answers: ResponseSource, question: LogQuestion, place: Place, regions: Regions, now: datetime
) -> Trail:
    """
    Ask CloudTrail's history, live or as it was saved at `now`; raises `CallRefused`, `SourceError`, `InputError`.

    Sign-ins to the console are asked of the home of IAM and of the account's region; elsewhere they are not seen.
    """
    history = History(answers)
    home = HOME.get(place.partition, HOME["aws"])
    people = any(map(is_person, question.accounts))
    reaches = now - DELIVERY
    since = question.ask_from if question.ask_from and question.ask_from > reaches - KEPT else None
    quiet: datetime | None = None
    if not people or not all(map(is_person, question.accounts)):
        quiet = _read_users(history, question, home, since) if answers.live else None
        if quiet is None:
            history.read(LOOKUP, home, [name for name in iam_events.NAMES if name != SIGNED_IN])
        keys = _switched_off(history.records, question) if answers.live else []
        for region in dict.fromkeys((home, regions.own)) if answers.live else (home,):
            # A sign-in shows that a password was one of the ways in, so where somebody was changed all of them matter.
            history.read_latest(LOOKUP, region, SIGNED_IN, since if quiet else None)
            history.read_uses(LOOKUP, region, keys)
    if people:
        history.read(LOOKUP_ABOVE, regions.center, center_events.NAMES)
    start = max(filter(None, (reaches - KEPT, history.cut, quiet)))
    broken = any("not as documented" in gap for gap in history.gaps)
    return Trail(
        source="CloudTrail, its event history of 90 days",
        records=tuple(history.records),
        reaches=reaches,
        whole_from=None if broken else start,
        gaps=tuple(history.gaps),
    )


def _read_users(history: History, question: LogQuestion, home: str, since: datetime | None) -> datetime | None:
    """
    Read what was written lately; return from when on that is whole, `None` where it must be asked by names.

    What somebody's last way in was may have been decided long before it was closed: so where one of those who are asked
    for was changed since, all 90 days are read; and where nobody was, that is all there is to know.
    """
    found = history.written(LOOKUP, home, since)
    if found is None:
        return None
    names = {account.login.casefold() for account in question.accounts}
    changes = [record for record in found if record.source == IAM and record.name in iam_events.NAMES]
    if since is None:
        history.records += changes
        return _EVER
    if any(user_named(record).casefold() in {*names, ""} or renamed_to(record) for record in changes):
        return None
    return since


def _switched_off(records: Sequence[TrailRecord], question: LogQuestion) -> list[str]:
    """Return the keys of the accounts that were switched off or deleted: they may have been off before."""
    names = {account.login.casefold() for account in question.accounts}
    ends = (r for r in records if r.name in ("UpdateAccessKey", "DeleteAccessKey") and not r.error)
    keys = (record.asked("accessKeyId") for record in ends if user_named(record).casefold() in names)
    return list(dict.fromkeys(key for key in keys if key.startswith(LONG_TERM)))[:MOST_KEYS]


def from_files(path: Path, place: Place) -> Trail:
    """Read saved files; raises `InputError` where none can be read."""
    home = HOME.get(place.partition, HOME["aws"])
    found = read_files(path, Sought(_TRACES, _matters, _wanted()))
    gaps = list(found.gaps)
    if found.regions and home not in found.regions:
        gaps.append(f"no record is of {home}, where the events of IAM are; there are some of {min(found.regions)}")
    chain = chain_of(found.digests, found.hashes, place.account, home)
    newest = max((record.at for record in found.records), default=None)
    saved = _last(path, newest)
    if chain is None:
        gaps.append(FILES_ALONE)
        reaches, start = saved, None
    else:
        reaches, start = chain.end - DELIVERY, None if found.gaps or chain.start >= chain.end else chain.start
        gaps += [chain.gap] if chain.gap else []
    return Trail(
        source=f"CloudTrail, {found.files} files in {path.name}" + (", proven by digest files" if start else ""),
        records=tuple(found.records),
        reaches=reaches,
        whole_from=start,
        gaps=tuple(gaps),
    )


def both(history: Trail, files: Trail) -> Trail:
    """Put the history and the files together: the history reaches further, and the files often back longer."""
    start = history.whole_from
    if start and files.whole_from and files.whole_from < start <= files.reaches:
        start = files.whole_from
    gaps = history.gaps if start else (*history.gaps, *files.gaps)
    return Trail(
        source=f"{history.source}; {files.source}",
        records=(*history.records, *files.records),
        reaches=max(history.reaches, files.reaches),
        whole_from=start,
        gaps=gaps,
    )


def _matters(source: str, name: str, key: str) -> bool:
    """Whether a record may be about somebody, or shows that a long-term key was on."""
    if source in center_events.SOURCES or key.startswith(LONG_TERM):
        return True
    return source in (IAM, SIGN_IN) and name in iam_events.NAMES


def _wanted() -> Callable[[TrailRecord], bool]:
    """Return what keeps the records that may be about somebody, and one use an hour of each long-term key."""
    seen: set[tuple[str, datetime]] = set()

    def wanted(record: TrailRecord) -> bool:
        if _matters(record.source, record.name, ""):
            return True
        use = (record.key, record.at.replace(minute=0, second=0))
        new = use not in seen
        seen.add(use)
        return new

    return wanted


def _last(path: Path, newest: datetime | None) -> datetime:
    """Until when files reach of which nothing else tells: their newest record that matters, or their own date."""
    return newest or modified_at(path)


def from_folder(answers: SavedResponses, path: Path | None, question: LogQuestion, place: Place) -> Trail:
    """Read what was saved, of the history, of a trail or of both; raises `InputError` where there is nothing of it."""
    history = None
    if answers.has(LOOKUP):
        saved = modified_at(answers.path(LOOKUP))
        history = from_history(answers, question, place, Regions("", ""), saved)
    files = from_files(path, place) if path is not None else None
    if history and files:
        return both(history, files)
    if found := history or files:
        return found
    raise InputError(answers.path(LOOKUP).name, "nothing of CloudTrail was saved", hint=NOT_SAVED)
