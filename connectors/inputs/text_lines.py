"""The lines of a text file that somebody exported: decoded strictly, and none of them longer than a row may be."""

import io
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn

from connectors.errors import InputError

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
"""UTF-8, what Excel calls `Unicode text`, and what older Windows programs write."""

MAX_ROW_BYTES = 4 * 2**20
"""Largest row of a file, with its line breaks inside quotes."""

BOM_UTF8 = b"\xef\xbb\xbf"
BOMS_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AGAIN = "export or save it again as UTF-8 (in Excel: `CSV UTF-8`)"


class TextLines:
    """
    Lines as text, with their ends.

    `number` is the line given last; whoever reads sets `row_bytes` to 0 where a row begins. Raises `InputError` for
    a line that is too long, a character that is not of the encoding, and NUL.
    """

    def __init__(self, path: Path, file: BinaryIO, encoding: Encoding = "utf-8") -> None:
        self.path, self.encoding = path, encoding
        self.number = 0
        self.row_bytes = 0
        self._file = file
        self._wide: io.TextIOWrapper | None = None
        if encoding == "utf-16":
            self._check_mark(file)
            self._wide = io.TextIOWrapper(file, encoding="utf-16", errors="strict", newline="\n")

    def __iter__(self) -> "TextLines":
        return self

    def __next__(self) -> str:
        text = self._next_wide() if self._wide else self._next_narrow()
        if not text:
            raise StopIteration
        if "\0" in text:
            raise InputError(
                self.path,
                "the line holds a NUL character",
                line=self.number,
                expected="plain text",
                hint=_SAVE_AGAIN,
            )
        return text

    def _check_mark(self, file: BinaryIO) -> None:
        head = file.read(2)
        file.seek(0)
        if head not in BOMS_UTF16:
            raise InputError(
                self.path,
                "the file does not begin with the mark of UTF-16",
                line=1,
                expected="`Unicode text`, as Excel saves it",
                hint="set `encoding: utf-8`, or save the file again as `CSV UTF-8`",
            )

    def _next_wide(self) -> str:
        assert self._wide is not None  # noqa: S101 - only called with one
        try:
            text = self._wide.readline(MAX_ROW_BYTES // 2 + 1)
        except UnicodeDecodeError:
            self.number += 1
            self._refuse_encoding("UTF-16", None)
        if text:
            self._count(2 * len(text))
        return text

    def _next_narrow(self) -> str:
        raw = self._file.readline(MAX_ROW_BYTES + 1)
        if not raw:
            return ""
        self._count(len(raw))
        codec = self.encoding
        if codec == "utf-8":
            codec_name = "utf-8-sig" if self.number == 1 else "utf-8"
        else:
            codec_name = "cp1252"
            if self.number == 1 and raw.startswith(BOM_UTF8):
                self._refuse_encoding("windows-1252", None, hint="the file is UTF-8: set `encoding: utf-8`")
        try:
            return raw.decode(codec_name)
        except UnicodeDecodeError as error:
            self._refuse_encoding("UTF-8" if codec == "utf-8" else codec, raw[error.start])

    def _count(self, size: int) -> None:
        self.number += 1
        self.row_bytes += size
        if self.row_bytes > MAX_ROW_BYTES:
            raise InputError(
                self.path,
                "the row is too large",
                line=self.number,
                expected=f"at most {MAX_ROW_BYTES} bytes",
                hint="look for a quote that is never closed, just above",
            )

    def _refuse_encoding(self, name: str, byte: int | None, *, hint: str = _SAVE_AGAIN) -> NoReturn:
        raise InputError(
            self.path,
            f"the file is not {name}",
            line=self.number,
            found=None if byte is None else f"byte 0x{byte:02x}",
            expected=f"{name} text",
            hint=hint,
        )
