"""What earlier runs found: a stopped run goes on where it stopped, and nothing is run again that cannot have changed.

What was measured of a test file, and what became of a mutant, hold as long as the project and the tests' helpers are
the same to the byte and the test file is. Where something else changed, the test that noticed a mutant before is only
asked first.
"""

import hashlib
import json
import pickle
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.mutation.harness import ROOT, Touched, file_of

PROJECT = ["auditor", "connectors", "policies", "reports", "examples", "tests"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the test that noticed it, or nothing."""

    key: str
    killer: str
    seconds: float


@dataclass(slots=True)
class Kept:
    """A folder of what was found, read against the tree as it is now."""

    room: Path
    files: list[str]
    root: Path = ROOT
    digests: dict[str, str] = field(default_factory=dict)
    common: str = ""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.room.mkdir(parents=True, exist_ok=True)
        self.digests = {name: _digest([name], self.root) for name in self.files}
        paths = (path for part in PROJECT for path in sorted((self.root / part).rglob("*")) if path.is_file())
        names = (path.relative_to(self.root).as_posix() for path in paths)
        self.common = _digest(filter(_is_common, names), self.root)
        self._read_verdicts()

    def touched(self, judged: list[str]) -> Touched:
        """What was measured and still holds; the files that are not in its `files` are to be measured."""
        if not self._measured.exists():
            return Touched()
        about, touched = pickle.loads(self._measured.read_bytes())
        if about != (self.common, judged):
            return Touched()
        kept: Touched = touched
        return kept.only({name for name, digest in kept.files.items() if self.digests.get(name) == digest})

    def keep_touched(self, touched: Touched, judged: list[str]) -> None:
        self._measured.write_bytes(pickle.dumps(((self.common, judged), touched)))

    def keep(self, verdict: Verdict) -> None:
        with self._told.open("a") as lines:
            lines.write(json.dumps(asdict(verdict) | {"of": self._of(verdict.killer)}, ensure_ascii=False) + "\n")

    def _of(self, killer: str) -> str:
        """What a verdict depends on: the project, and its killer's file; one who was not noticed, all tests."""
        told = self.digests.get(file_of(killer), "") if killer else "".join(self.digests.values())
        return hashlib.sha256(f"{self.common}:{told}".encode()).hexdigest()

    def _read_verdicts(self) -> None:
        for line in self._told.read_text().splitlines() if self._told.exists() else []:
            told = json.loads(line)
            of = told.pop("of")
            verdict = Verdict(**told)
            self.verdicts.pop(verdict.key, None)
            if of == self._of(verdict.killer):
                self.verdicts[verdict.key] = verdict
            if verdict.killer:
                self.hints[verdict.key] = verdict.killer

    @property
    def _measured(self) -> Path:
        return self.room / "measured.pickle"

    @property
    def _told(self) -> Path:
        return self.room / "verdicts.jsonl"


def _is_common(name: str) -> bool:
    """Whether a file is the project's or shared by tests, so that nothing that was found outlives its change."""
    if name.startswith("tests/mutation/") or "__pycache__" in name:
        return False
    return not (name.startswith("tests/") and name.rpartition("/")[2].startswith("test_"))


def _digest(names: Iterable[str], root: Path) -> str:
    found = hashlib.sha256()
    for name in names:
        data = (root / name).read_bytes()
        found.update(f"{name} {len(data)}\n".encode())
        found.update(data)
    return found.hexdigest()
