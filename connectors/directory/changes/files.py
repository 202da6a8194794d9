"""
Saved logs of a directory's servers: Samba's JSON lines, and the audit file of 389 Directory Server.

Which of the two a file is, it says itself. A line that is cut, or is no line of such a log, is told and not believed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

from connectors.directory.changes import audit_file, samba_log
from connectors.directory.changes.samba_log import SambaLog
from connectors.directory.changes.write import Writes
from connectors.errors import InputError
from connectors.inputs.files import modified_at, opened

MAX_BYTES = 2 * 2**30
"""Largest log that is read; servers rotate theirs far earlier."""
MAX_LINE = 2**20
HEAD_389 = "389-Directory/"
_LDIF = ("dn:", "#", "version:")


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        raise ValueError("a zone of the IANA list, such as `America/New_York`") from None
    return name


Zone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_is_zone)]
"""In settings: the name of a time zone."""


@dataclass(slots=True)
class Logs:
    """What the files hold."""

    samba: SambaLog | None = None
    writes: list[Writes] = field(default_factory=list)
    ldif: list[Path] = field(default_factory=list)
    """Files that are LDIF: exports of a record that the server keeps as entries."""


def read(paths: Sequence[Path], zone: str | None) -> Logs:
    """Read them; raises `InputError` for a file that is no such log, and for one without the zone that it needs."""
    logs = Logs()
    samba: list[_File] = []
    empty: list[Path] = []
    for path in paths:
        file = _File(path)
        if not file.first:
            empty.append(path)  # as a log of groups is, until a group changes
        elif file.first.startswith("{"):
            samba.append(file)
        elif file.first.startswith((audit_file.START, HEAD_389)):
            if zone is None:
                raise InputError(
                    path,
                    "this log is in the server's local time, and does not say which",
                    expected="`log_zone`, such as `America/New_York`",
                    hint="ask the server: `timedatectl`, or `TZ` of its service",
                )
            lines = file.lines()
            found = audit_file.writes(lines, "389 audit file", ZoneInfo(zone))
            logs.writes.append(file.ended(found))
        elif file.first.lower().startswith(_LDIF):
            logs.ldif.append(path)
        else:
            raise InputError(
                path,
                "this is no log that is known",
                found=file.first,
                expected="Samba's JSON audit log, the audit file of 389 Directory Server, or an export as LDIF",
            )
    if empty and len(empty) == len(paths):
        raise InputError(empty[0], "the log is empty", expected="a log that the server writes to")
    logs.writes.sort(key=lambda one: one.found[0].at.timestamp() if one.found else 0)
    if samba:
        logs.samba = samba_log.read((f.path.name, number, line) for f in samba for number, line in f.lines())
        for file in samba:
            file.note_cut(logs.samba)
        written = [file for file in samba if file.path.name in logs.samba.files] or samba
        logs.samba.until = max(modified_at(file.path) for file in written)
    return logs


class _File:
    """The lines of one file, but for a last one that is cut."""

    def __init__(self, path: Path) -> None:
        self.path, self.cut = path, False
        self.first = next((line for _, line in self.lines() if line.strip()), "").strip()

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield number and text, without the end; raises `InputError` for a line or a file that is too long."""
        self.cut, size = False, 0
        with opened(self.path) as file:
            for number in range(1, MAX_BYTES):
                raw = file.readline(MAX_LINE + 1)
                size += len(raw)
                if not raw:
                    return
                if len(raw) > MAX_LINE or size > MAX_BYTES:
                    raise InputError(
                        self.path, "the line is too long, or the file too large", line=number, expected="a log"
                    )
                if not raw.endswith(b"\n"):
                    self.cut = True
                    return
                yield number, raw.decode("utf-8", "replace").rstrip("\r\n")

    def ended(self, found: Writes) -> Writes:
        """Say until when it tells, and whether it is cut."""
        found.until = modified_at(self.path)
        self.note_cut(found)
        return found

    def note_cut(self, found: Writes) -> None:
        """Tell that it ends in the middle of a line."""
        if self.cut:
            found.broken = True
            found.gaps.append(f"{self.path.name} ends in the middle of a line")
