"""
A recorded read of any system, read again: the same facts, from the same moment, without the source.

`connectors.recording.record` makes the file. The system must be the one that was recorded: id, kind and product.
"""

from pathlib import Path

from connectors.facts import System
from connectors.inputs.strict import Settings as StrictSettings
from connectors.recording import Replay


class Settings(StrictSettings):
    """Which recording to read."""

    file: Path
    """The recording, as `auditor` wrote it."""


def connect(system: System, settings: Settings, folder: Path) -> Replay:
    """Return a connector; nothing is read yet."""
    return Replay(system, folder / settings.file)


def setup(system: System, settings: Settings) -> str:
    """Return the least-privilege set-up: a recording needs none but to be readable by the auditor alone."""
    return f"# `{system.id}` is read from a recording: only the file's own rights matter\nchmod 600 {settings.file}\n"
