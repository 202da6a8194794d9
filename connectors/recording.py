"""
A read that was recorded can be read again without the source, byte for byte.

For a bug report, for an audit that is to be judged again under new policies, and for tests. A recording is UTF-8 text,
one JSON document a line, in canonical form: a header, one line for each page, what is known only at the end, and the
SHA-256 of all lines before it. A recording that was cut, edited or reordered is refused. The hash finds accidents and
careless edits; whoever means to forge a recording can compute it anew, so keep the hash apart, as with the head of the
ledger.

It holds what the collection holds: names and rights of staff, no secret and no patient. Only its owner may read it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from pydantic import TypeAdapter, ValidationError

from connectors.collect import Progress, collect, utc_now
from connectors.connector import BY_FILE, Closes, Connector, HasAsOf, HasCanary, Page, SaysHowDated
from connectors.errors import InputError, SourceMalformed
from connectors.facts import Account, Collection, System
from connectors.inputs.file_writing import drafting
from connectors.inputs.files import read_bytes
from connectors.inputs.json import parse_json

FORMAT, VERSION = "auditor-recording", 1
MAX_BYTES = 256 * 2**20
MAX_PAGES = 100_000

_PAGE = TypeAdapter(Page)
_SYSTEM = TypeAdapter(System)


@dataclass(frozen=True, slots=True)
class _End:
    """What is known only after the last page, as many sources name themselves while they are read."""

    source: str
    as_of: datetime
    canary: str | None
    pages: int


_END = TypeAdapter(_End)


def record(
    connector: Connector,
    path: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    time_limit_s: float = 3600,
    progress: Progress | None = None,
) -> Collection:
    """
    Read a system as `collect` does, and keep what it said in `path`.

    Only a complete read leaves a file: of half an answer there is nothing to replay. Raises `InputError` when the file
    cannot be written; an older recording is replaced in one step.
    """
    try:
        with drafting(path) as draft:
            recorder = Recorder(connector, draft.file, clock)
            collection = collect(recorder, clock=recorder.started, time_limit_s=time_limit_s, progress=progress)
            if collection.complete:
                recorder.finish(collection)
                draft.replace()
    except OSError as error:
        raise InputError(
            path, "the recording cannot be written", found=error.strerror, hint="choose a folder that can be written"
        ) from None
    return collection


class Recorder:
    """A connector that writes down every page that passes through it."""

    def __init__(self, connector: Connector, file: BinaryIO, clock: Callable[[], datetime] = utc_now) -> None:
        self._connector, self._file, self._hash = connector, file, hashlib.sha256()
        self._started, self._pages = clock(), 0
        self._write(
            {"format": FORMAT, "version": VERSION, "system": _SYSTEM.dump_python(connector.system, mode="json")}
        )

    @property
    def system(self) -> System:
        """The system that is read."""
        return self._connector.system

    @property
    def source(self) -> str:
        """What is read."""
        return self._connector.source

    @property
    def canary(self) -> str | None:
        """The account that must be seen, where the connector knows one."""
        return self._connector.canary if isinstance(self._connector, HasCanary) else None

    def started(self) -> datetime:
        """Return when the recording began."""
        return self._started

    @property
    def dated(self) -> str:
        """By what the connector knows it."""
        if isinstance(self._connector, SaysHowDated):
            return self._connector.dated
        return BY_FILE if isinstance(self._connector, HasAsOf) else "when it was recorded"

    def as_of(self) -> datetime:
        """Return when the facts were true: as the connector says, or the start of the recording."""
        return self._connector.as_of() if isinstance(self._connector, HasAsOf) else self._started

    def read_page(self, token: str | None) -> Page:
        """Read a page and write it down."""
        page = self._connector.read_page(token)
        self._write({"token": token, "page": _PAGE.dump_python(page, mode="json")})
        self._pages += 1
        return page

    def close(self) -> None:
        """Close the connector."""
        if isinstance(self._connector, Closes):
            self._connector.close()

    def finish(self, collection: Collection) -> None:
        """Write the end, without which a recording is refused."""
        end = _End(collection.source, collection.as_of, self.canary, self._pages)
        self._write(_END.dump_python(end, mode="json"))
        self._write({"sha256": self._hash.hexdigest()})

    def _write(self, document: Any) -> None:
        try:
            line = _canonical(document)
        except UnicodeEncodeError:
            raise SourceMalformed(
                f"`{self.system.id}` sent half a character, which cannot be recorded", hint="correct it in the source"
            ) from None
        self._hash.update(line)
        self._file.write(line)


class Replay:
    """A connector that gives a recording again; raises `InputError` unless it is whole and of this system."""

    def __init__(self, system: System, path: Path) -> None:
        self.system, self._path = system, path
        self._lines: list[bytes] | None = None
        self._end: _End | None = None
        self._place = 0

    @property
    def source(self) -> str:
        """What was recorded; before it is read, the name of the file."""
        return self._end.source if self._end else self._path.name

    @property
    def canary(self) -> str | None:
        """The account that must be seen."""
        return self._end.canary if self._end else None

    dated = "as it was recorded"

    def as_of(self) -> datetime:
        """Return when the recorded facts were true."""
        self._load()
        assert self._end is not None  # noqa: S101 - `_load` raises otherwise
        return self._end.as_of

    def read_page(self, token: str | None) -> Page:
        """Give the next page of the recording."""
        if token is None:
            self._place = 0
        lines = self._load()
        if self._place >= len(lines):
            self._refuse("a page is asked for that was not recorded", self._place + 2)
        number = self._place + 2  # the header is line 1
        document = self._document(lines[self._place], number)
        try:
            page = _in_utc(_PAGE.validate_python(document["page"]))
            whole = document == {"token": token, "page": _PAGE.dump_python(page, mode="json")}
        except (ValidationError, KeyError, TypeError):
            whole = False
            page = Page()
        if not whole:
            self._refuse("this is not the page that was recorded here", number)
        self._place += 1
        return page

    def _load(self) -> list[bytes]:
        if self._lines is not None:
            return self._lines
        data = read_bytes(self._path, max_bytes=MAX_BYTES)
        lines = data.split(b"\n", MAX_PAGES + 4)
        if lines.pop() != b"" or len(lines) < 4:
            self._refuse("the recording ends in the middle, or is none", len(lines) + 1)
        self._check_header(self._document(lines[0], 1))
        *_, end_line, hash_line = lines
        body = data[: len(data) - len(hash_line) - 1]
        if self._document(hash_line, len(lines)) != {"sha256": hashlib.sha256(body).hexdigest()}:
            self._refuse("the recording is not whole, or was edited: its SHA-256 differs", len(lines))
        try:
            end = _END.validate_python(self._document(end_line, len(lines) - 1))
        except ValidationError:
            self._refuse("the recording has no end", len(lines) - 1)
        if end.pages != len(lines) - 3:
            self._refuse("the recording is not whole", len(lines) - 1, f"{end.pages} pages")
        self._end = replace(end, as_of=end.as_of.astimezone(UTC))
        self._lines = lines[1:-2]
        return self._lines

    def _check_header(self, header: Any) -> None:
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            self._refuse("this is no recording", 1, "a file that `auditor` recorded")
        if header.get("version") != VERSION:
            self._refuse(f"this is not version {VERSION} of the format", 1)
        recorded = header.get("system")
        own = _SYSTEM.dump_python(self.system, mode="json")
        if not isinstance(recorded, dict) or any(recorded.get(k) != own[k] for k in ("id", "kind", "product")):
            self._refuse("the recording is of another system", 1, f"`{self.system.id}` ({self.system.product})")

    def _document(self, line: bytes, number: int) -> Any:
        try:
            document = parse_json(line.decode(), self._path)
            same = _canonical(document) == line + b"\n"
        except (UnicodeDecodeError, InputError):
            same = False
        if not same:
            self._refuse("the line was cut or edited", number)
        return document

    def _refuse(self, problem: str, line: int, expected: str = "") -> NoReturn:
        raise InputError(self._path, problem, line=line, expected=expected, hint="record it again; never edit it")


def _canonical(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _in_utc(page: Page) -> Page:
    """Give every time the time zone object that connectors use, so that a replay is equal in every respect."""

    def account(a: Account) -> Account:
        found: dict[str, Any] = {f.name: getattr(a, f.name) for f in fields(a)}
        times: dict[str, Any] = {name: at.astimezone(UTC) for name, at in found.items() if isinstance(at, datetime)}
        return replace(a, **times)

    return replace(page, accounts=tuple(account(a) for a in page.accounts))
