"""Mutation of judgment: would the tests notice if a rule judged a little differently?

Changes one comparison, boundary, connective, guard or constant at a time in the modules that judge (`JUDGED`), and runs
the tests that touch the changed line. A mutant that no test notices survives. The suite must notice at least 95 % of a
sample; each survivor stands in `survivors.yaml` with the reason why nobody needs to notice it, and one that does not
stand there fails the run. The sample is fixed by its seed and by what a mutant says, not by where it
stands, so that it stays when other code moves.

    python -m tests.mutation.run                     part of `make test-more`
    python -m tests.mutation.run --first 60          a try
    python -m tests.mutation.run --only headcount    every mutant of some modules, in the sample or not
    python -m tests.mutation.run --anew              forgets what earlier runs found

Give it two cores with nothing else to do and half an hour, or an hour under `nice`. What it finds is kept in
`.cache/mutation` as it is found: a run that was stopped goes on, and after a change of one test file only that file,
the mutants that it noticed and the survivors are run again.

A survivor that is not equivalent is a gap: write the test that notices it rather than a line in `survivors.yaml`.

Why no library: mutmut 3 mutates functions only (not the thresholds at the top of a module), rewrites a copy of the
package with trampolines, picks tests by function instead of by line and knows no sample fixed by a seed; cosmic-ray
writes each mutant over the working tree and runs one whole test command for it, which is minutes instead of seconds
here. Both know nothing of a list of survivors that is checked. What remains to do is small: `ast` makes the mutants,
`coverage` knows which test touches which line, and pytest runs those tests in a forked child.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import yaml

from tests.mutation.harness import (
    MUTANT_LIMIT,
    ROOT,
    Child,
    ChildError,
    Touched,
    fail_unmutated,
    file_of,
    measure,
    meet,
    same_examples_every_time,
)
from tests.mutation.kept import Kept, Verdict
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.preload import preload_project, preload_third_party

JUDGED = [
    "policies/rules/*.py",
    "policies/questions/*.py",
    "policies/candidates/*.py",
    "policies/engine/answers.py",
    "policies/engine/bases.py",
    "policies/engine/by_*.py",
    "policies/engine/candidates*.py",
    "policies/agreements/register.py",
    "policies/agreements/chain.py",
    "policies/agreements/coverage.py",
    "policies/engine/covered.py",
    "policies/engine/doubt.py",
    "policies/engine/finding.py",
    "policies/engine/populations.py",
    "policies/engine/verdicts.py",
    "policies/intervals.py",
    "policies/agreements/days.py",
    "policies/engine/unproven.py",
    "policies/engagements.py",
    "auditor/correlation.py",
    "auditor/headcount/events.py",
    "auditor/drift/compare.py",
    "auditor/lag/*.py",
    "auditor/gates/*.py",
]
TESTS = ["tests/unit/policies", "tests/unit/auditor", "tests/unit/reports", "tests/properties"]
COMMANDS = ["audit_again", "confirm", "drift_command", "engagement_history", "figures_of_cases", "gates_command",
            "lag_command", "work_and_capacity"]  # fmt: skip
"""The tests of whole commands that judge, need no server and run in this process."""
NOT_ABOUT_JUDGMENT = [
    "tests/unit/policies/permissions/",
    "tests/unit/policies/catalogs/test_google_catalog.py",
    "tests/unit/auditor/mapping/",
    "tests/unit/auditor/mapping/test_connect_map.py",
    "tests/properties/test_escalation_paths.py",
    "tests/properties/test_permission_",
    "tests/properties/test_rejudge.py",
]
"""Long, and not about what is `JUDGED`: how AWS and Google evaluate policies, what a column means, and that judging
anew judges alike, which it does with a mutant too."""
SURVIVORS = ROOT / "tests/mutation/survivors.yaml"
SEED = "judgment"
SAMPLE = 360
FLOOR = 95  # per cent of the sample that the tests must notice
OF_EACH_MODULE = 3  # mutants of a module that are always in the sample
CHILDREN = 2
FILES_AT_ONCE = 4  # test files that are measured, and kept, together
MEASURE_LIMIT = 1200  # seconds that the tests of these may take before they are left out


def main() -> int:
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the children are stopped too
    sys.dont_write_bytecode = False  # or each child would compile everything again
    began = time.monotonic()
    judged = sorted({str(path.relative_to(ROOT)) for shape in JUDGED for path in ROOT.glob(shape)})
    everything = [mutant for path in judged for mutant in mutants_of(path, (ROOT / path).read_text())]
    if asked.only:
        chosen = [one for one in everything if asked.only in one.path]
    else:
        chosen = sampled(everything, asked.seed, asked.sample)
    chosen = chosen[: asked.first or len(chosen)]
    reasons: dict[str, str] = yaml.safe_load(SURVIVORS.read_text()) or {}
    same_examples_every_time()
    if asked.anew:
        shutil.rmtree(asked.kept, ignore_errors=True)
    kept = Kept(asked.kept, _test_files())
    with tempfile.TemporaryDirectory() as room:
        preload_project(judged)
        touched = _measured(kept, judged, Path(room))
        preload_third_party(touched.modules)
        verdicts = list(_met(chosen, touched, kept, Path(room)))
        _only_for_the_mutants(verdicts, Path(room))
    whole = not asked.only and not asked.first
    gone = sorted(set(reasons) - {mutant.key for mutant in everything})
    return _told(verdicts, reasons, gone, touched, minutes=(time.monotonic() - began) / 60, whole=whole)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Would the tests notice if a rule judged a little differently?")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="only the first of the sample, as a try")
    parser.add_argument("--only", default="", help="every mutant of the files whose path contains this")
    parser.add_argument("--seed", default=SEED, help="another seed is another sample (default: %(default)s)")
    parser.add_argument("--kept", type=Path, default=ROOT / ".cache/mutation", help="the folder of what was found")
    parser.add_argument("--anew", action="store_true", help="forget what was found before")
    return parser.parse_args()


def sampled(everything: list[Mutant], seed: str, size: int) -> list[Mutant]:
    """A few mutants of every module, so that none is left out, and as many others as there is room for, by digest."""
    ranked = sorted(everything, key=lambda one: one.rank(seed))
    places: Counter[str] = Counter()
    few, others = [], []
    for one in ranked:
        places[one.path] += 1
        (few if places[one.path] <= OF_EACH_MODULE else others).append(one)
    return sorted(few + others[: max(0, size - len(few))], key=lambda one: one.rank(seed))


def _test_files() -> list[str]:
    files = [str(path.relative_to(ROOT)) for place in TESTS for path in sorted((ROOT / place).rglob("test_*.py"))]
    files += [f"tests/integration/test_{name}.py" for name in COMMANDS]
    return [name for name in files if not name.startswith(tuple(NOT_ABOUT_JUDGMENT))]


def _measured(kept: Kept, judged: list[str], room: Path) -> Touched:
    """Which test touches which line: what is known, and the rest measured in small parts that are kept one by one."""
    touched = kept.touched(judged)
    files = [name for name in kept.files if name not in touched.files]
    if files:
        _say(f"Running {len(files)} test files once, to know which test touches which line …")
    parts = [files[place : place + FILES_AT_ONCE] for place in range(0, len(files), FILES_AT_ONCE)]
    for place, found, seconds in _side_by_side([partial(measure, part, judged) for part in parts], room, MEASURE_LIMIT):
        part = found if isinstance(found, Touched) else Touched(failed=[f"{name}: {found}" for name in parts[place]])
        part.files = {name: kept.digests[name] for name in parts[place]}
        touched.add(part)
        kept.keep_touched(touched, judged)
        _say(f"{len(touched.files)}/{len(kept.files)} ({seconds:.0f} s)")
    if touched.failed:
        _say("\n".join(["These fail without any mutant and are not asked:", *touched.failed]))
    return touched


def _met(chosen: list[Mutant], touched: Touched, kept: Kept, room: Path) -> Iterator[Verdict]:
    """Each mutant against its tests, two at a time; a further stage only for those that passed the one before."""
    yield from (kept.verdicts[mutant.key] for mutant in chosen if mutant.key in kept.verdicts)
    todo = [mutant for mutant in chosen if mutant.key not in kept.verdicts]
    done = len(chosen) - len(todo)
    waiting = {mutant.key: touched.stages(mutant, kept.hints.get(mutant.key, "")) for mutant in todo}
    spent = dict.fromkeys(waiting, 0.0)
    while todo:
        work = [partial(meet, mutant, waiting[mutant.key].pop(0)) if waiting[mutant.key] else str for mutant in todo]
        again = []
        for place, found, seconds in _side_by_side(work, room, limit=MUTANT_LIMIT):
            mutant = todo[place]
            spent[mutant.key] += seconds
            if not found and waiting[mutant.key]:
                again.append(mutant)
                continue
            done += 1
            if not found or done % 20 == 0:
                _say(f"{done}/{len(chosen)} {'noticed' if found else 'SURVIVED'}: {mutant.key}")
            verdict = Verdict(mutant.key, str(found), spent[mutant.key])
            kept.keep(verdict)
            yield verdict
        todo = again


def _only_for_the_mutants(verdicts: list[Verdict], room: Path) -> None:
    """The tests that noticed something notice nothing where nothing is changed; otherwise they prove nothing."""
    killers = sorted({one.killer for one in verdicts if "::" in one.killer})
    files = sorted({file_of(killer) for killer in killers})
    work = [
        partial(fail_unmutated, [killer for killer in killers if file_of(killer) in files[part::CHILDREN]])
        for part in range(CHILDREN)
    ]
    wrong: set[str] = set()
    for _, found, _ in _side_by_side(work, room, limit=3600):
        if not isinstance(found, list):
            raise ChildError(f"the tests that noticed mutants, run without one: {found}")
        wrong |= set(found)
    if wrong:
        raise ChildError(
            "these tests noticed mutants but fail, or do not run, without one:\n" + "\n".join(sorted(wrong))
        )


def _side_by_side(work: list[Callable[[], object]], room: Path, limit: float) -> Iterator[tuple[int, object, float]]:
    """Does each in a child of its own, `CHILDREN` at a time: place, answer and seconds of each as it ends."""
    waiting = list(enumerate(work))
    running: dict[int, Child] = {}
    try:
        while waiting or running:
            while waiting and len(running) < CHILDREN:
                place, one = waiting.pop(0)
                running[place] = Child.fork(one, room / str(place))
            for place, child in list(running.items()):
                seconds = time.monotonic() - child.began
                found = child.answer()
                if found is None and seconds > limit:
                    child.stop()
                    found = f"stopped after {limit:.0f} s"
                if found is not None:
                    del running[place]
                    yield place, found, seconds
            time.sleep(0.02)
    finally:
        for child in running.values():
            child.stop()


def _told(
    verdicts: list[Verdict], reasons: dict[str, str], gone: list[str], touched: Touched, *, minutes: float, whole: bool
) -> int:
    survived = {one.key for one in verdicts if not one.killer}
    noticed = {one.key for one in verdicts if one.killer}
    share = 100 * len(noticed) / len(verdicts)
    out = sys.stdout.write
    for key in sorted(survived - set(reasons)):
        out(f"survived and is not listed: {key}\n")
    for key in sorted(noticed & set(reasons)):
        out(f"listed in survivors.yaml but noticed, take it out: {key}\n")
    for key in gone:
        out(f"listed in survivors.yaml but no mutant any more, take it out: {key}\n")
    listed = not survived - set(reasons) and not noticed & set(reasons) and not gone
    ok = listed and (share >= FLOOR or not whole)
    out(
        f"mutation of judgment: {len(verdicts)} mutants, {len(noticed)} noticed "
        f"({share:.1f} %, at least {FLOOR} are needed), "
        f"{len(survived)} survived ({len(survived & set(reasons))} of them listed with a reason), "
        f"{len(touched.failed)} tests failed without any mutant, {minutes:.0f} minutes: "
        f"{'passed' if ok else 'FAILED'}\n"
    )
    return 0 if ok else 1


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ChildError as error:
        sys.exit(f"a child of the mutation run broke:\n{error}")
