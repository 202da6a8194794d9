"""
LDIF content records, streamed; and what `ldapsearch` adds to them about its own end.

Source: RFC 2849. `ldapsearch` writes "extended LDIF": a header, `search:`, `result:` and `pagedresults:` lines, and
comments that count the entries (seen with OpenLDAP 2.5). They are the file's only proof that it is whole.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from connectors.directory.ldif.trailer import LdifTrailer
from connectors.directory.schema.entry import Entry
from connectors.errors import InputError, SourceTruncated, shorten
from connectors.inputs.files import opened

MAX_LINE = 2**20
"""Longest line and longest value."""

MAX_RECORD = 64 * 2**20
"""Most bytes in one record: a group with half a million members."""

_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9=*.-]+)*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_EXTENDED = (b"search", b"result", b"control", b"pagedresults", b"matcheddn", b"text", b"ref")
"""What stands outside records in extended LDIF."""

_COUNT = re.compile(r"# numEntries: (\d{1,12})|# (\d{1,12}) entries", re.ASCII)
_RESULT = re.compile(r"(\d{1,6}) (.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class LdifRecord:
    """One entry and the line on which it starts."""

    line: int
    entry: Entry


class LdifReader:
    """
    Iterates over the records of one file; `trailer` and `sha256` are whole after the last.

    `log`: the entries are those of a log of changes, whose attribute `changeType` is no word of LDIF's own.
    """

    def __init__(self, path: Path, *, log: bool = False) -> None:
        self.path, self._log = path, log
        self.trailer = LdifTrailer()
        self.references: list[str] = []
        self._digest = hashlib.sha256()
        self._line = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was read, as hex."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[LdifRecord]:
        """Yield the records; raises `InputError` for a broken line, `SourceTruncated` for a search cut short."""
        try:
            yield from self._records()
        except OSError as error:
            raise InputError(
                self.path,
                "the file cannot be read",
                found=error.strerror,
                expected="a file that can be read",
                hint="check the path; relative paths start at the folder of the configuration file",
            ) from None
        self._check_end()

    def _records(self) -> Iterator[LdifRecord]:
        record: list[tuple[int, bytes]] = []
        size = 0
        for number, line in self._logical_lines():
            if line.startswith(b"#"):
                self._comment(number, line)
            elif line and (record or line[:3].lower() == b"dn:"):
                size += len(line)
                if size > MAX_RECORD:
                    self._refuse(number, "the record is too large", expected=f"at most {MAX_RECORD} bytes")
                record.append((number, line))
            elif line:
                self._outside(number, line)
            elif record:
                yield self._record(record)
                record, size = [], 0
        self.trailer.closed = not record
        if record:
            yield self._record(record)

    def _logical_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield unfolded lines, each with the number of its first physical line."""
        pending: list[bytes] = []
        size, start = 0, 0
        with opened(self.path) as file:
            while raw := file.readline(MAX_LINE + 2):
                self._line += 1
                self._digest.update(raw)
                line = self._physical(raw)
                if line.startswith(b" ") and pending and pending[0]:
                    size += len(line)
                    if size > MAX_LINE:
                        self._refuse(start, "the line is too long", expected=f"at most {MAX_LINE} bytes")
                    pending.append(line[1:])
                    continue
                if pending:
                    yield start, b"".join(pending)
                pending, size, start = [line], len(line), self._line
            if pending:
                yield start, b"".join(pending)

    def _physical(self, raw: bytes) -> bytes:
        if self._line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
            self._refuse(
                self._line,
                "the file is not UTF-8",
                expected="UTF-8 text",
                hint="export without `-u` (ldifde), or save it again as UTF-8",
            )
        if not raw.endswith(b"\n"):
            if len(raw) > MAX_LINE:
                self._refuse(self._line, "the line is too long", expected=f"at most {MAX_LINE} bytes")
            self._refuse(
                self._line,
                "the file stops in the middle of a line",
                expected="a line end after the last line",
                hint="it was cut short: export again",
            )
        return raw[:-1].removesuffix(b"\r")

    def _record(self, lines: list[tuple[int, bytes]]) -> LdifRecord:
        first, line = lines[0]
        _, raw = self._attribute(first, line)
        try:
            dn = raw.decode("utf-8")
        except UnicodeDecodeError:
            self._refuse(first, "the DN is not UTF-8", expected="UTF-8 text")
        attributes: dict[str, list[bytes]] = {}
        for number, line in lines[1:]:
            name, value = self._attribute(number, line)
            if name in {"changetype", "control"} and not self._log:
                # Windows' ldifde writes `changetype: add` over every exported entry; it adds nothing.
                if (name, value.strip().lower()) != ("changetype", b"add"):
                    self._refuse(
                        number,
                        "this is a change, not an entry",
                        found=line.decode("utf-8", "replace"),
                        expected="entries as they are",
                        hint="export the entries, not a log of changes",
                    )
                continue
            if name == "dn":
                self._refuse(number, "a record has two DNs", expected="an empty line before the next record")
            attributes.setdefault(name, []).append(value)
        self.trailer.entries += 1
        return LdifRecord(first, Entry(dn, attributes))

    def _attribute(self, number: int, line: bytes) -> tuple[str, bytes]:
        name, colon, rest = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            self._refuse(
                number,
                "this line is not LDIF",
                found=line.decode("utf-8", "replace"),
                expected="`name: value`, `name:: base64`, or a continuation that starts with a space",
            )
        key = name.decode("ascii").lower()
        if rest.startswith(b"<"):
            self._refuse(
                number,
                "a value outside the file is not followed",
                found=line.decode("utf-8", "replace"),
                expected="the value itself",
                hint="export again with the values in the file (ldapsearch without `-t`)",
            )
        if not rest.startswith(b":"):
            return key, rest.lstrip(b" ")
        encoded = rest[1:].strip(b" ")
        try:
            if not _BASE64.fullmatch(encoded):
                raise ValueError
            return key, base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            self._refuse(number, "the value is not base64", field=key, expected="base64 after `::`")

    def _outside(self, number: int, line: bytes) -> None:
        """Read a line that belongs to no record: the version, or what ldapsearch says about its search."""
        name, _, value = line.partition(b":")
        text = value.strip().decode("utf-8", "replace")
        key = name.lower()
        if key == b"version":
            if text != "1":
                self._refuse(number, "unknown version of LDIF", found=text, expected="`version: 1`")
        elif key not in _EXTENDED:
            self._refuse(
                number,
                "this line belongs to no record",
                found=line.decode("utf-8", "replace"),
                expected="`dn: …` as the first line of a record",
                hint="is there an empty line in the middle of a record, or a line missing?",
            )
        elif key == b"result":
            self._result(number, text)
        elif key == b"ref":
            self.references.append(text)
        elif key == b"pagedresults":
            self.trailer.more_pages = text != "cookie="

    def _result(self, number: int, text: str) -> None:
        match = _RESULT.fullmatch(text)
        if not match:
            self._refuse(number, "this is not a result", found=text, expected="`result: 0 Success`")
        if match[1] != "0":
            raise SourceTruncated(
                f"{self.path}, line {number}: the search ended in result {shorten(text)}, not in `0 Success`",
                hint="raise the limits of the account that exports (or use `ldapsearch -E pr=500/noprompt`)",
            )
        self.trailer.successes += 1
        self.trailer.told = True
        self.trailer.open_search = False

    def _comment(self, number: int, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if text == "# extended LDIF":
            self.trailer.open_search = True
        elif text.startswith(("# base <", "# filter: ", "# requesting: ")):
            self.trailer.header(text)
        elif text.startswith("# pagedresults: cookie="):
            self.trailer.more_pages = text != "# pagedresults: cookie="
        elif text.startswith("# refldap"):
            self.references.append(text[len("# ref") :])
        elif text.startswith("# returned ") and text.endswith(" records"):
            # Samba's `ldbsearch` counts only what ended well, and says so after the last entry.
            self.trailer.successes += 1
            self.trailer.told = True
        elif match := _COUNT.fullmatch(text):
            said, got = int(match[1] or match[2]), self.trailer.entries - self.trailer.counted
            if said != got:
                raise SourceTruncated(
                    f"{self.path}, line {number}: the file says that it has {said} entries but holds {got}",
                    hint="it was edited or cut after the export: export again",
                )
            self.trailer.counted = self.trailer.entries
            self.trailer.untold += not self.trailer.told
            self.trailer.told = False

    def _check_end(self) -> None:
        trailer = self.trailer
        if trailer.open_search or trailer.more_pages or (trailer.successes and not trailer.proven):
            raise SourceTruncated(
                f"{self.path}: the file stops before the search says how it ended",
                hint="export again and keep everything that `ldapsearch` writes, to the last line",
            )

    def _refuse(
        self,
        line: int,
        problem: str,
        *,
        field: str | None = None,
        found: str | None = None,
        expected: str = "",
        hint: str = "",
    ) -> NoReturn:
        raise InputError(self.path, problem, line=line, field=field, found=found, expected=expected, hint=hint)
