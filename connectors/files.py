"""Reading files that people wrote or exported: bounded, UTF-8, and clear about what is wrong."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import InputError

MAX_TEXT_BYTES = 256 * 2**20
"""Largest file that is read whole into memory."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever keeps a file from being read into an `InputError` that names it and says what to do."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(
            path,
            "there is no such file",
            expected="a file that can be read",
            hint="check the path; relative paths start at the folder of the configuration file",
        ) from None
    except OSError as error:
        raise InputError(
            path, "the file cannot be read", found=error.strerror, expected="a file that can be read"
        ) from None
    except ValueError as error:
        if "null byte" not in str(error):
            raise
        raise InputError(str(path).replace("\x00", "\N{REPLACEMENT CHARACTER}"), "no file can have this name") from None


def read_bytes(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """
    Read a whole file.

    Raises `InputError` when it is missing, is a folder, is empty, may not be read, or is larger than `max_bytes`.
    """
    with readable(path):
        size = path.stat().st_size
        if path.is_dir():
            raise InputError(path, "this is a folder", expected="a file")
        if path.is_fifo():
            raise InputError(path, "this is a pipe", expected="a file")  # it may wait for its other end for ever
        if size > max_bytes:
            raise InputError(
                path, "the file is too large", found=f"{size} bytes", expected=f"at most {max_bytes} bytes"
            )
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)  # a device has no size, and perhaps no end
        if len(data) > max_bytes:
            raise InputError(path, "the file is too large", expected=f"at most {max_bytes} bytes")
    if not data.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise InputError(path, "the file is empty", expected="content", hint="export it again")
    return data


def read_text(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Read a whole UTF-8 file, with or without a byte order mark; raises `InputError` naming the first bad line."""
    data = read_bytes(path, max_bytes=max_bytes)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            path,
            "the file is not UTF-8",
            line=data.count(b"\n", 0, error.start) + 1,
            found=f"byte 0x{data[error.start]:02x}",
            expected="UTF-8 text",
            hint="export or save it again as UTF-8 (in Excel: `CSV UTF-8`)",
        ) from None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def modified_at(path: Path) -> datetime:
    """Return when a file was last written, UTC, to the second: the best that an export says about its age."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
