"""Reading files that people wrote or exported: bounded, UTF-8, and clear about what is wrong."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from connectors.errors import InputError

MAX_TEXT_BYTES = 256 * 2**20
"""Largest file that is read whole into memory."""

MAX_KEY_BYTES = 64 * 2**10
"""No key in PEM comes near."""


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


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """
    Open a file for reading: the one way to whatever people name, so that nothing waits on it for ever.

    Raises `InputError`, also while it is read, when it is missing, may not be read, or is a folder, a pipe or a device.
    """
    with readable(path):
        # Without O_NONBLOCK a pipe waits for its other end before anybody can look at what it is.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise InputError(path, f"this is a {_kind(mode)}", expected="a file")
            file = os.fdopen(handle, "rb")
        except BaseException:
            os.close(handle)
            raise
        with file:
            yield file


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")


def read_bytes(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """
    Read a whole file.

    Raises `InputError` as `opened` does, and when the file is empty or larger than `max_bytes`.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise InputError(
                path, "the file is too large", found=f"{size} bytes", expected=f"at most {max_bytes} bytes"
            )
        data = file.read(max_bytes + 1)  # some files have no size, and grow while they are read
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
    """Return the SHA-256 of a file as hex, read in blocks; raises `InputError` as `opened` does."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def modified_at(path: Path) -> datetime:
    """
    Return when a file was last written, UTC, to the second: the best that an export says about its age.

    Raises `InputError` when nobody can tell, such as for links that form a ring.
    """
    with readable(path):
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
