"""A person at a terminal: runs a command on a pseudo-terminal and types an answer whenever a question appears."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def converse(
    command: Sequence[str],
    answers: Sequence[tuple[str, str]],
    *,
    cwd: Path,
    env: Mapping[str, str],
    within_s: float = 60,
) -> tuple[int, str]:
    """
    Return the exit code and everything that stood on the screen, without colours.

    Each answer is `(part of the question, what is typed)`, in order. Raises `AssertionError` for a question that never
    came, and for a command that asks for more than there are answers.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 110, 0, 0))
    process = subprocess.Popen(
        list(command), cwd=cwd, env={"TERM": "xterm", **env}, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    screen, answered, left = "", 0, list(answers)
    deadline = time.monotonic() + within_s
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([ours], [], [], 0.1)
            if ready:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # the other end was closed
                    break
                if not part:
                    break
                screen += part.decode(errors="replace")
            if left and left[0][0] in screen[answered:]:
                answered = len(screen)
                os.write(ours, f"{left.pop(0)[1]}\n".encode())
        else:
            raise AssertionError(f"it still waits; left to answer: {left}; screen:\n{screen}")
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert not left, f"never asked: {left}; screen:\n{screen}"
    return process.returncode, ANSI.sub("", screen).replace("\r", "")
