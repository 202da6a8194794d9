"""
The records of OpenLDAP's overlay `accesslog`: entries of class auditWriteObject below `cn=accesslog`.

The fraction of `reqStart` is a counter; the time in microseconds is the `entryCSN` that the overlay gives its own
entry, which is that of the change (seen with OpenLDAP 2.5.13). Source: slapo-accesslog(5).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.audit_log import MICROSECOND, SECOND, LogRecord
from connectors.directory.changes.write import SECRETS, How, Mod, What, Write, Writes
from connectors.directory.schema.dn import normalise
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.times import generalized_time

ATTRIBUTES = (
    *("reqStart", "reqType", "reqResult", "reqDN", "reqAuthzID", "reqEntryUUID", "reqMod"),
    *("reqNewDN", "reqNewRDN", "reqNewSuperior", "entryCSN"),
)
OLD = "reqOld"
"""What was there before: of a large group all its members, so it is asked for only where it matters."""
_TYPES = {"add": What.ADD, "modify": What.MODIFY, "delete": What.DELETE, "modrdn": What.RENAME}
_HOW = {"+": How.ADD, "-": How.DELETE, "=": How.REPLACE}
_MOD = re.compile(r"([A-Za-z0-9.-]+)(?:;[^:]*)?:([-+=])(?: (.*))?", re.ASCII | re.DOTALL)
_OLD = re.compile(r"([A-Za-z0-9.-]+)(?:;[^:]*)?: (.*)", re.ASCII | re.DOTALL)
_SECRETS = frozenset(name.encode() for name in SECRETS)
_HARMLESS = frozenset({b"member", b"entryCSN", b"modifiersName", b"modifyTimestamp"})
"""What most values are of, as the server writes it: known at a glance to be no password."""
_CSN = re.compile(r"\d{14}\.\d{6}Z#[0-9a-f]{6}#[0-9a-f]{3}#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)


def writes(entries: Iterable[Entry], source: str) -> Writes:
    """Read records, in any order; those of refused changes, and of what is no change, are left out."""
    found = Writes(source)
    numbered: list[tuple[str, Write]] = []
    odd = 0
    for entry in entries:
        if entry.text("reqresult") != "0" or entry.text("reqtype") not in _TYPES:
            continue
        try:
            numbered.append((entry.text("reqstart") or "", _write(entry, source)))
        except ValueError:
            odd += 1
    if odd:
        found.broken = True
        found.gaps.append(f"{odd} records of {source} are not understood")
    # By its counter: two records of one second stand in the order in which they were made.
    found.found = [write for _, write in sorted(numbered, key=lambda one: one[0])]
    found.in_order()
    return found


def csn_time(text: str) -> datetime:
    """Return the time of a CSN, to the microsecond; raises `ValueError`."""
    text = text.strip()
    if not _CSN.fullmatch(text):
        raise ValueError("not a CSN")
    return datetime.fromisoformat(f"{text[:8]}T{text[8:21]}Z")


def _write(entry: Entry, source: str) -> Write:
    start, what = entry.text("reqstart") or "", _TYPES[entry.text("reqtype") or ""]
    csn = entry.text("entrycsn")
    if csn:
        at, resolution = csn_time(csn), MICROSECOND
    else:
        at, resolution = generalized_time(start).replace(microsecond=0), SECOND
    doubt = ""
    if (csn or "")[:14] != start[:14] and abs(at - generalized_time(start)) > timedelta(minutes=1):
        doubt = "its two stamps differ by more than a minute"
    new_dn = entry.text("reqnewdn") or (_new_dn(entry) if what is What.RENAME else "")
    mods = [value for value in entry.attributes.get("reqmod", ()) if not _is_secret(value)]
    raw = b"\n".join((*entry.attributes.get("reqstart", ()), *entry.attributes.get("reqdn", ()), *mods))
    return Write(
        what,
        normalise(entry.text("reqdn") or ""),
        at,
        resolution,
        LogRecord.of(source, start, raw),
        id=(entry.text("reqentryuuid") or "").lower() or None,
        mods=tuple(_mods(mods)),
        new_key=normalise(new_dn) if new_dn else "",
        old=_old(entry),
        actor=entry.text("reqauthzid") or "anonymous",
        doubt=doubt,
    )


def _new_dn(entry: Entry) -> str:
    above = entry.text("reqnewsuperior") or (entry.text("reqdn") or "").partition(",")[2]
    return f"{entry.text('reqnewrdn') or ''},{above}"


def _is_secret(value: bytes) -> bool:
    """Whether a value of `reqMod` or `reqOld` is of a password, where a file or a server gave some."""
    name = value.partition(b":")[0]
    return name not in _HARMLESS and name.partition(b";")[0].strip().lower() in _SECRETS


def _mods(values: Iterable[bytes]) -> Iterator[Mod]:
    """Yield what was written, each attribute once for each way; values that stand together are one change."""
    pending: tuple[How, str, list[str]] | None = None
    for raw in values:
        match = _MOD.fullmatch(raw.decode("utf-8", "replace"))
        if not match:
            continue  # `:`, which stands between two changes of one attribute, and what was counted up (`#`)
        how, name = _HOW[match[2]], match[1].lower()
        if pending and pending[:2] == (how, name):
            pending[2].append(match[3] or "")
            continue
        if pending:
            yield Mod(pending[0], pending[1], tuple(v for v in pending[2] if v))
        pending = how, name, [match[3] or ""]
    if pending:
        yield Mod(pending[0], pending[1], tuple(v for v in pending[2] if v))


def _old(entry: Entry) -> dict[str, tuple[str, ...]] | None:
    if "reqold" not in entry.attributes:
        return None
    found: dict[str, list[str]] = {}
    for raw in entry.attributes["reqold"]:
        if not _is_secret(raw) and (match := _OLD.fullmatch(raw.decode("utf-8", "replace"))):
            found.setdefault(match[1].lower(), []).append(match[2])
    return {name: tuple(values) for name, values in found.items()}
