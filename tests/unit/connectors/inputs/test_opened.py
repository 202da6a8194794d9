"""One opener for all that people name: no reader waits for ever, whatever stands there."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.cloud.aws.saved_connector import _report_text
from connectors.directory.google.tables import open_gam
from connectors.errors import InputError
from connectors.generic.table.infer.sniff import sniff
from connectors.inputs.files import modified_at, opened, read_bytes, sha256_of
from connectors.inputs.tables import read_table

READERS: dict[str, Callable[[Path], object]] = {
    "opened": lambda path: opened(path).__enter__(),
    "read_bytes": read_bytes,
    "sha256_of": sha256_of,
    "read_table": read_table,
    "sniff": sniff,
    "gam": lambda path: open_gam(path, ()),
    "credential report": _report_text,
}


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_fifo, _socket, _zero, Path.mkdir], ids=["pipe", "socket", "device", "folder"])
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.timeout(20)
def test_what_is_no_file_is_refused_at_once(tmp_path, reader, make, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    path = Path("x")
    make(path)
    with pytest.raises(InputError, match=r"this is a|cannot be read"):
        READERS[reader](path)


def test_no_reader_opens_a_file_by_itself():
    """`opened` is the only way in, so that the next reader cannot forget; outputs are written by `file_writing`."""
    alone = {"connectors/inputs/files.py", "auditor/mapping/look.py", "auditor/cli/connect_map.py"}
    alone |= {"auditor/web/rendering.py"}  # style sheets that are part of the program
    root = Path(__file__).parents[4]
    found = [
        f"{path.relative_to(root)}:{number}"
        for package in ("connectors", "auditor")
        for path in (root / package).rglob("*.py")
        if "testing" not in path.parts and str(path.relative_to(root)) not in alone
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if '.open("rb")' in line or ".read_bytes()" in line or ".write_text(" in line or ".write_bytes(" in line
    ]
    assert found == []


def test_links_that_form_a_ring_are_told_by_name_also_where_only_the_age_is_asked(tmp_path):
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(InputError, match="Too many levels of symbolic links"):
        modified_at(tmp_path / "a")
    with pytest.raises(InputError, match="Too many levels of symbolic links"):
        read_bytes(tmp_path / "a")
