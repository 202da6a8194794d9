"""
Writes one system into `auditor.yaml`: the rest of the file stays as it is, byte for byte.

Whole or not at all: the new file is written beside the old one, loaded as an audit would load it, and only then takes
its place. Where there is no file yet, one is made, with an empty roster and an empty register of agreements to fill.
"""

import difflib
import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.config import load_config
from auditor.connecting.yaml_edit import block, put
from connectors.errors import AuditorError
from connectors.inputs.files import read_bytes, read_text
from connectors.inputs.yaml import load_yaml

HEADER = "# What is audited. Secrets are never in this file: it names the environment variables that hold them.\n"
ROSTER, AGREEMENTS = "roster.csv", "agreements.yaml"

STARTERS = {
    ROSTER: "vma_id,name,email,agency,employment,roles,start,end\n",
    AGREEMENTS: (
        "# One entry for each BAA, subcontractor BAA and workforce attestation, such as:\n"
        "#   - id: BAA-2026\n"
        "#     kind: baa\n"
        "#     between: [practice, Name of the Agency LLC]\n"
        "#     signed_by_both: true\n"
        "#     from: 2026-01-01\n"
        "agreements: []\n"
    ),
}
"""Files that a new configuration needs, so that it can be loaded; an audit asks for what is missing in them."""


@dataclass(frozen=True, slots=True)
class NewPractice:
    """What a configuration that is not there yet says first."""

    name: str
    timezone: str

    @property
    def id(self) -> str:
        """Make an id of the name."""
        letters = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:63].strip("-") or "practice"

    def text(self) -> str:
        """Return the head of the file."""
        practice = {"id": self.id, "name": self.name, "timezone": self.timezone}
        lines = (("practice", practice), ("roster", {"file": ROSTER}), ("agreements", AGREEMENTS))
        return HEADER + "".join(block(key, value) for key, value in lines)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """What would be written."""

    path: Path
    before: str | None
    """`None` where there is no file yet."""
    after: str
    starters: Mapping[Path, str] = field(default_factory=dict)
    """Further files to make."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> tuple[str, ...]:
        """Return what would change, as lines of a unified diff."""
        lines = _diff(self.before, self.after, self.path)
        for path, text in self.starters.items():
            lines += _diff(None, text, path)
        return tuple(lines)

    def save(self) -> None:
        """
        Write it, whole or not at all.

        Raises `AuditorError`, and leaves everything as it was, when an audit could not load the result, when the file
        was changed meanwhile, or when it cannot be written.
        """
        made: list[Path] = []
        draft: Path | None = None
        try:
            made += [path for path, text in self.starters.items() if _make(path, text)]
            draft = _draft(self.path, self.after)
            self._load(draft)
            if _read(self.path) != self.before:
                raise AuditorError(f"`{self.path}` was changed meanwhile", hint="nothing was written; run again")
            draft.replace(os.path.realpath(self.path))
            made.clear()
        except OSError as error:
            raise AuditorError(
                f"`{self.path}` cannot be written: `{error.strerror}`", hint="choose a folder that you may write to"
            ) from None
        finally:
            for path in (*made, *([draft] if draft else [])):
                with suppress(OSError):
                    path.unlink()

    def _load(self, draft: Path) -> None:
        try:
            load_config(draft)
        except AuditorError as error:
            raise AuditorError(
                f"not written, because an audit could not load it: {error.message.replace(str(draft), str(self.path))}",
                hint=error.hint or "mend this first; the file is as it was",
            ) from None


def _diff(before: str | None, after: str, path: Path) -> list[str]:
    old = str(path) if before is not None else "(no file)"
    lines = difflib.unified_diff((before or "").splitlines(), after.splitlines(), old, str(path), lineterm="", n=2)
    return list(lines)


def known(path: Path) -> dict[str, Any] | None:
    """Return the data of the configuration; `None` when there is no file; raises `InputError` when it is not YAML."""
    if not path.exists():
        return None
    data = load_yaml(path).data
    return data if isinstance(data, dict) else {}


def plan(path: Path, id_: str, data: Mapping[str, Any], practice: NewPractice | None = None) -> WritePlan:
    """
    Return what has to be written so that the system stands in the file.

    Raises `AuditorError` with the lines to put there by hand, when the file is written in a way that keeps it from
    being changed.
    """
    before = _read(path)
    starters: dict[Path, str] = {}
    text = before
    if text is None:
        if practice is None:
            raise AuditorError(f"there is no `{path}` yet", hint="say whose it is: `--practice NAME --timezone ZONE`")
        text = practice.text()
        starters = {path.parent / name: content for name, content in STARTERS.items()}
        starters = {place: content for place, content in starters.items() if not place.exists()}
    try:
        after = put(text, ("systems", id_), dict(data))
    except AuditorError as error:
        lines = block("systems", {id_: dict(data)})
        raise AuditorError(f"`{path}`: {error.message}", hint=f"{error.hint}:\n{lines}") from None
    return WritePlan(path, before, after, starters)


def _read(path: Path) -> str | None:
    if not path.exists():
        return None
    read_text(path)  # refuses what is no text, in words
    return read_bytes(path).decode()


def _make(path: Path, text: str) -> bool:
    """Make a file; leave one that is there."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _draft(path: Path, text: str) -> Path:
    """Write the text beside its place, with the rights of the file that it replaces."""
    real = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".draft", dir=real.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(real.stat().st_mode & 0o777 if real.exists() else 0o644)
    return Path(name)
