"""
Whether saved files of CloudTrail are all that there were: by its digest files, each of which names the one before.

Their signatures stand beside them in the bucket and not in the files, so they are not checked: a chain says that
nothing is missing, not that nobody wrote all of it anew. `aws cloudtrail validate-logs` checks that in the bucket.
Source: CloudTrail User Guide, "CloudTrail digest file structure"; hashes are of what is in the files, unpacked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.cloud.aws.trail.records import text_in
from connectors.errors import InputError
from connectors.inputs.json import parse_json
from connectors.inputs.stamps import parse_stamp


@dataclass(frozen=True, slots=True)
class Chain:
    """Over what time the files are whole; where a file of the last hour is missing, over none."""

    start: datetime
    end: datetime
    """When the last digest was made; events of the minutes before may have been delivered after it."""
    gap: str = ""
    """What ended it backwards; empty: there is no older digest file."""


@dataclass(frozen=True, slots=True)
class _Digest:
    object: str
    sha256: str
    start: datetime
    end: datetime
    before: str
    before_sha256: str
    files: Mapping[str, str]


def chain_of(
    digests: Sequence[tuple[Path, bytes]], hashes: Mapping[str, str], account: str, region: str
) -> Chain | None:
    """
    Return the longest unbroken chain that ends last, of one account and region; `None` where there is none.

    `hashes` are of the files of records that were read, by name.
    """
    found: dict[str, _Digest] = {}
    for path, data in digests:
        digest = _parsed(path, data, account, region)
        if digest is not None:
            found[digest.object] = digest
    followed = {digest.before for digest in found.values()}
    chains = [_walk(digest, found, hashes) for digest in found.values() if digest.object not in followed]
    return max(chains, key=lambda chain: (chain.end, -chain.start.timestamp()), default=None)


def _walk(last: _Digest, found: Mapping[str, _Digest], hashes: Mapping[str, str]) -> Chain:
    digest, start, gap = last, last.end, ""
    seen: set[str] = set()
    while True:
        seen.add(digest.object)
        wrong = next((name for name, sha256 in digest.files.items() if hashes.get(name) != sha256), None)
        if wrong is not None:
            gap = f"the file {wrong} is missing or was changed, says a digest file"
            break
        start = digest.start
        before = found.get(digest.before)
        if before is None or before.object in seen:
            break
        if before.sha256 != digest.before_sha256 or before.end < digest.start:
            gap = f"the digest file before {digest.start:%Y-%m-%d %H:%M} UTC is not the one that was made"
            break
        digest = before
    return Chain(start, last.end, gap)


def _parsed(path: Path, data: bytes, account: str, region: str) -> _Digest | None:
    """Return a digest of the account and region; `None` for another, and for what is none."""
    try:
        content: Any = parse_json(data.decode(), path)
        own = text_in(content, "digestS3Object")
        if text_in(content, "awsAccountId") != account or f"/{region}/" not in own:
            return None
        listed = content.get("logFiles") or []
        return _Digest(
            own,
            hashlib.sha256(data).hexdigest(),
            parse_stamp(text_in(content, "digestStartTime")).at,
            parse_stamp(text_in(content, "digestEndTime")).at,
            text_in(content, "previousDigestS3Object"),
            text_in(content, "previousDigestHashValue").lower(),
            {text_in(f, "s3Object").rpartition("/")[2]: text_in(f, "hashValue").lower() for f in listed},
        )
    except (InputError, ValueError, AttributeError, TypeError):
        return None
