"""What the machine lacks is said, and is no fault of the program; what is one still exits with 70."""

import errno

import pytest

from auditor import cli
from auditor.exit_codes import FAULT, USAGE


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (MemoryError(), USAGE, "too little memory"),
        (ImportError("x.so: failed to map segment from shared object"), USAGE, "too little memory"),
        (ImportError("x.so: cannot allocate memory in static TLS block"), USAGE, "too little memory"),
        (OSError(errno.ENOSPC, "No space left on device"), USAGE, "make room on the disk"),
        (OSError(errno.EMFILE, "Too many open files"), USAGE, "ulimit -n"),
        (OSError(errno.EIO, "Input/output error"), FAULT, "a fault in the program"),
        (ImportError("No module named x"), FAULT, "a fault in the program"),
        (KeyError("secret name"), FAULT, "KeyError in"),
    ],
)
def test_what_the_machine_lacks_is_told(monkeypatch, capsys, raised, code, told):
    def broken(given: list[str]) -> int:
        raise raised

    monkeypatch.setattr(cli, "_command", broken)
    assert cli.run(["audit"]) == code
    said = capsys.readouterr().err
    assert told in said
    assert "secret name" not in said
