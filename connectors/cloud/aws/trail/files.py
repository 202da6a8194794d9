"""
Files of CloudTrail as a trail puts them into its bucket, and as the console and the command line save them.

`AWSLogs/<account>/CloudTrail/<region>/YYYY/MM/DD/<account>_CloudTrail_<region>_<time>_<id>.json.gz` holds `{"Records":
[…]}`; the console's download is the same, unpacked; the command line saves `{"Events": [{"CloudTrailEvent": "…"}]}`.
Source: CloudTrail User Guide, "CloudTrail log file name format", "Downloading events".
"""

import gzip
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.cloud.aws.trail.records import TrailRecord, of_history, parse_record, part_in, text_in
from connectors.errors import InputError
from connectors.inputs.files import opened, readable
from connectors.inputs.json import parse_json_documents

MAX_FILES = 200_000
MAX_BYTES = 256 * 2**20
"""Of one file, unpacked; CloudTrail's own have 50 MB at most."""
MAX_TOTAL = 4 * 2**30
GZIP = b"\x1f\x8b"
OTHER = ("CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated")
DIGEST = "CloudTrail-Digest"
OWN = (b'{"Records":[', b"]}")
"""How CloudTrail's own files begin and end."""
_REGION = re.compile(rb'"awsRegion":"([a-z0-9-]{1,40})"')
CONSOLE_CSV = "the console's CSV leaves out what a call was about: download the event history as JSON"

Wanted = Callable[[TrailRecord], bool]
Matters = Callable[[str, str, str], bool]
"""Says of the service, the event and the access key of a record whether it is to be taken apart at all."""


@dataclass
class SavedTrail:
    """What was found in the files, and what is missing."""

    records: list[TrailRecord] = field(default_factory=list)
    digests: list[tuple[Path, bytes]] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    """By the name of a file of records: the SHA-256 of what is in it."""
    regions: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    files: int = 0


@dataclass(frozen=True, slots=True)
class Sought:
    """Which records are kept: a file without a trace of them is not taken apart, nor is a record that cannot matter."""

    traces: tuple[re.Pattern[bytes], ...]
    matters: Matters
    wanted: Wanted


def read_files(path: Path, sought: Sought) -> SavedTrail:
    """
    Read a file, or all files of a folder and of the folders in it.

    A file that is cut off or is no such file is told as a gap; raises `InputError` when there is none that can be read.
    """
    found = SavedTrail()
    bad: list[InputError] = []
    odd: Counter[str] = Counter()
    total = 0
    for file in _files(path):
        try:
            data = unpacked(file)
            total += len(data)
            if total > MAX_TOTAL:
                raise _too_much(path)
            if DIGEST in file.name:
                found.digests.append((file, data))
                continue
            _take(found, file, data, sought, odd)
        except InputError as error:
            if total > MAX_TOTAL:
                raise
            bad.append(error)
    if not found.files:
        raise (
            bad[0]
            if bad
            else InputError(
                path,
                "there is no file of CloudTrail in it",
                expected="`.json.gz` or `.json`",
                hint="docs/connect-aws.md",
            )
        )
    found.gaps += [f"a file was not read: {error.message}" for error in bad[:3]]
    if len(bad) > 3:
        found.gaps.append(f"{len(bad) - 3} more files were not read")
    found.gaps += [f"{number} records were left out: {why}" for why, number in sorted(odd.items())]
    return found


def unpacked(path: Path) -> bytes:
    """Return what is in a file, packed or not; raises `InputError` for one that is cut off, broken or too large."""
    try:
        with opened(path) as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            data = gzip.GzipFile(fileobj=file).read(MAX_BYTES + 1) if packed else file.read(MAX_BYTES + 1)
    except EOFError:
        raise InputError(path, "the file ends in the middle", hint="copy it again") from None
    except (gzip.BadGzipFile, zlib.error):
        raise InputError(path, "the file is not whole gzip", hint="copy it again") from None
    if len(data) > MAX_BYTES:
        raise InputError(path, "the file is too large", expected=f"at most {MAX_BYTES} bytes unpacked")
    return data


def _files(path: Path) -> Iterator[Path]:
    with readable(path):
        if not path.is_dir():
            yield path
            return
        number = 0
        for file in sorted(path.rglob("*")):
            if not file.name.endswith((".json", ".json.gz", ".jsonl", ".jsonl.gz")) or file.name.startswith("."):
                continue
            if any(other in file.name for other in OTHER):
                continue
            number += 1
            if number > MAX_FILES:
                raise InputError(path, "there are too many files", expected=f"at most {MAX_FILES}", hint=_LESS)
            yield file


_LESS = "give the folder of the region in which IAM's events are (us-east-1), or of fewer months"


def _too_much(path: Path) -> InputError:
    return InputError(path, "the files are too large together", expected=f"at most {MAX_TOTAL} bytes", hint=_LESS)


def _take(found: SavedTrail, file: Path, data: bytes, sought: Sought, odd: Counter[str]) -> None:
    if _is_own(data) and not any(trace.search(data) for trace in sought.traces):
        found.files += 1
        found.hashes[file.name] = hashlib.sha256(data).hexdigest()
        found.regions.update(match[1].decode() for match in [_REGION.search(data)] if match)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(file, "the file is not UTF-8", hint="copy it again") from None
    if text.lstrip()[:1] not in ("{", "["):
        raise InputError(file, "this is no JSON", expected='`{"Records": […]}`', hint=CONSOLE_CSV)
    found.hashes[file.name] = hashlib.sha256(data).hexdigest()
    for data_, raw in _records(file, text):
        if _passed_over(data_, sought.matters):
            found.regions.add(text_in(data_, "awsRegion"))
            continue
        try:
            record = parse_record(data_, raw)
        except ValueError as error:
            odd[str(error)] += 1
            continue
        found.regions.add(record.region)
        if sought.wanted(record):
            found.records.append(record)
    found.files += 1


def _is_own(data: bytes) -> bool:
    """Whether a file is written as CloudTrail itself does, without a blank, so that traces are found in it."""
    return data.startswith(OWN[0]) and data.endswith(OWN[1]) and b'": ' not in data


def _passed_over(data: Any, matters: Matters) -> bool:
    """Whether a record is plainly of something else; one that is not as documented never is."""
    if not isinstance(data, dict):
        return False
    source, name = text_in(data, "eventSource"), text_in(data, "eventName")
    key = text_in(part_in(data, "userIdentity"), "accessKeyId")
    return bool(source and name) and not matters(source.partition(".")[0], name, key)


def _records(file: Path, text: str) -> Iterator[tuple[Any, str | None]]:
    known = False
    for document in parse_json_documents(text, file):
        listed = document if isinstance(document, list) else [document]
        for data in listed:
            if not isinstance(data, dict):
                yield data, None
            elif isinstance(data.get("Records"), list):
                known = True
                yield from ((record, None) for record in data["Records"])
            elif isinstance(data.get("Events"), list):
                known = True
                yield from map(of_history, data["Events"])
            elif "eventName" in data:
                known = True
                yield data, None
    if not known:
        raise InputError(
            file, "this is no file of CloudTrail", expected="`Records` or `Events`", hint="see docs/connect-aws.md"
        )
