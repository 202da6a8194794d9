"""Which test touches which line, and a child process per mutant that runs only those tests."""

import ast
import io
import os
import pickle
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from itertools import accumulate
from pathlib import Path

import coverage
import pytest
from hypothesis import Phase, settings

from tests.mutation.mutants import Mutant, mutated

ROOT = Path(__file__).resolve().parents[2]
TOO_SLOW = 8.0  # seconds that a test may take, measured with coverage, to be asked about a mutant
BUDGET = 20.0  # seconds of tests, as measured, that a mutant meets at most in each stage
FIRST_FILES = 2  # test files of the first stage: nine of ten mutants end there, and reading more files costs seconds
MEASURED_LIMIT = 120  # seconds after which a test is too slow, whatever else the machine does
TEST_LIMIT = 60  # seconds after which a test that hangs on a mutant has noticed it
MUTANT_LIMIT = 300  # seconds after which a mutant that hangs outside of tests is stopped
UNREADABLE = " (cannot be read)"
PYTEST = [
    "-q",
    "-x",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-m",
    "not slow",
    "--tb=line",
    f"--timeout={TEST_LIMIT}",
]


@dataclass(slots=True)
class Touched:
    """What the tests did without any mutant: seconds of each that passed, who touches a line, who failed.

    `files` has the digest of each test file as it was then; seconds are those of the processor, so that a busy machine
    does not change who is asked."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_line: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    about: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, other: "Touched") -> None:
        self.seconds |= other.seconds
        self.failed += other.failed
        self.modules |= other.modules
        self.files |= other.files
        for line, tests in other.by_line.items():
            self.by_line[line] |= tests

    def only(self, files: set[str]) -> "Touched":
        """What was measured of some test files."""
        return Touched(
            seconds={test: spent for test, spent in self.seconds.items() if file_of(test) in files},
            by_line=defaultdict(
                set, {line: {test for test in tests if file_of(test) in files} for line, tests in self.by_line.items()}
            ),
            failed=[test for test in self.failed if file_of(test) in files],
            modules=self.modules,
            files={name: digest for name, digest in self.files.items() if name in files},
        )

    def stages(self, mutant: Mutant, hint: str) -> list[list[str]]:
        """The tests that a mutant meets: who noticed it before, the files that are most about its module, all others.

        Fastest first in each, then the rest of the module's, because a cache or an import can hide who needs a line."""
        touching = set().union(*(self.by_line.get((mutant.path, line), set()) for line in mutant.lines))
        module = set().union(*(tests for (path, _), tests in self.by_line.items() if path == mutant.path))
        files = {*self._most_about(mutant, module), *self._most_about(mutant, touching)}
        about = {test for test in module if file_of(test) in files}
        orders = [
            [*self._able(touching & about), *self._able(about - touching)],
            self._able(touching - about),
            self._able(module - touching - about),
        ]
        before = [hint] if hint in self.seconds else []
        return [kept for kept in (before, *map(self._within, orders)) if kept]

    def _most_about(self, mutant: Mutant, tests: set[str]) -> list[str]:
        files = {file_of(test) for test in tests}
        return sorted(files, key=lambda name: (-self._in(name)[mutant.path], name))[:FIRST_FILES]

    def _in(self, file: str) -> dict[str, float]:
        """How much a test file is about each module: over its tests, the shares of what a test touches there.

        Of a file with many small tests of one module that is much; of one where every test runs an audit, little."""
        if not self.about:
            lines: dict[str, Counter[str]] = defaultdict(Counter)
            for (path, _), tests in self.by_line.items():
                for test in tests:
                    lines[test][path] += 1
            for test, found in lines.items():
                for path, number in found.items():
                    self.about.setdefault(file_of(test), defaultdict(float))[path] += number / found.total()
        return self.about[file]

    def _able(self, tests: set[str]) -> list[str]:
        able = (test for test in tests if self.seconds.get(test, TOO_SLOW) < TOO_SLOW)
        return sorted(able, key=lambda test: (self.seconds[test], test))

    def _within(self, tests: list[str]) -> list[str]:
        spent = accumulate(self.seconds[test] for test in tests)
        return [test for test, seconds in zip(tests, spent, strict=True) if seconds < BUDGET]


def file_of(test: str) -> str:
    return test.partition("::")[0].removesuffix(UNREADABLE)


def same_examples_every_time() -> None:
    """Properties look at the same examples in every run, keep none of a mutant's, and do not shrink what failed."""
    settings.register_profile(
        "mutation", max_examples=60, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutation")
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"


class _Watch:
    """A pytest plug-in that tells coverage which test runs, and keeps seconds and outcomes."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.touched = Touched()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):  # type: ignore[no-untyped-def]
        self.measured.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.touched.seconds[item.nodeid] = time.process_time() - began
            self.measured.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.touched.failed.append(report.nodeid)


def measure(files: list[str], judged: list[str]) -> Touched:
    """Runs test files once under coverage; to be called in a child, because it imports the project."""
    measured = coverage.Coverage(data_file=None, config_file=False, include=[str(ROOT / path) for path in judged])
    watch = _Watch(measured)
    measured.start()
    with suppress(SystemExit):
        pytest.main([*(one for one in PYTEST if one != "-x"), f"--timeout={MEASURED_LIMIT}", *files], plugins=[watch])
    measured.stop()
    for path in judged:
        for line, tests in measured.get_data().contexts_by_lineno(str(ROOT / path)).items():
            watch.touched.by_line[path, line] |= {test for test in tests if test}
    for test in watch.touched.failed:
        watch.touched.seconds.pop(test, None)
    watch.touched.modules = {
        name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", "") or "")
    }
    return watch.touched


class _Chosen:
    """A pytest plug-in that runs the chosen tests only, fastest first, and remembers which failed and which passed."""

    def __init__(self, tests: list[str]) -> None:
        self.order = {test: place for place, test in enumerate(tests)}
        self.failed: list[str] = []
        self.passed: set[str] = set()

    @property
    def killer(self) -> str:
        return self.failed[0] if self.failed else ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order), key=lambda item: self.order[item.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid + UNREADABLE)


class _Mutated(SourceFileLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str):  # type: ignore[no-untyped-def]
        return compile(self.tree, self.path, "exec")


class _Hook(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        if fullname != self.mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Mutated(fullname, spec.origin, mutated(self.mutant, ROOT))
        return spec


def meet(mutant: Mutant, tests: list[str]) -> str:
    """The test that notices the mutant, or nothing; to be called in a child, because it imports the mutant."""
    assert mutant.module not in sys.modules
    sys.meta_path.insert(0, _Hook(mutant))
    chosen = _Chosen(tests)
    code = pytest.main([*PYTEST, *dict.fromkeys(map(file_of, tests))], plugins=[chosen])
    if not chosen.killer and code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise ChildError(f"pytest ended with {int(code)} for {mutant.key}")
    return chosen.killer


def fail_unmutated(tests: list[str]) -> list[str]:
    """Which of these fail without any mutant when they run as they do against one; to be called in a child."""
    chosen = _Chosen(tests)
    pytest.main([*(one for one in PYTEST if one != "-x"), *dict.fromkeys(map(file_of, tests))], plugins=[chosen])
    return sorted(set(chosen.failed) | (set(tests) - chosen.passed))


@dataclass(slots=True)
class Child:
    """A forked process that does one thing and sends its answer back."""

    pid: int
    answers: Path
    began: float

    @classmethod
    def fork(cls, work: Callable[[], object], answers: Path) -> "Child":
        pid = os.fork()
        if pid == 0:
            _in_child(work, answers)
        return cls(pid, answers, time.monotonic())

    def answer(self) -> object | None:
        """What it found, nothing while it works; raises ChildError with its last words where it broke."""
        done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # whatever a test has started and left
        if status:
            raise ChildError(self.answers.with_suffix(".said").read_text()[-2000:] or f"ended with {status}")
        found: object = pickle.loads(self.answers.read_bytes())
        return found

    def stop(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class ChildError(Exception):
    """A child broke for a reason of its own."""


def _in_child(work: Callable[[], object], answers: Path) -> None:
    os.setsid()
    code = 1
    said = io.StringIO()
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        with redirect_stdout(said), redirect_stderr(said):
            found = work()
        answers.write_bytes(pickle.dumps(found))
        code = 0
    except BaseException as error:  # noqa: BLE001 whatever it is, the parent tells it
        said.write(f"\n{type(error).__name__}: {error}")
    finally:
        answers.with_suffix(".said").write_text(said.getvalue()[-20000:])
        os._exit(code)
