"""
How long the command line takes to begin, as a ratio to an empty Python program of the same run.

    python benchmarks/startup.py [--runs 21]

Both are run in turns, so that what else the machine does counts for both; what is compared is the median of the
ratios of CPU seconds, of whole processes. Limit: `auditor --help` at most 5 times `python -c pass`. Printed beside it,
without a limit: the help of one command, which has typer read it, and one question to a saved AWS account. Exit code 1
when over the limit.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

AUDITOR = str(Path(sys.executable).with_name("auditor"))
SAVED = Path(__file__).resolve().parents[1] / "examples" / "lakeside" / "2026-11" / "aws"
QUESTION = ["explain", "--principal", "fax-migration-2024", "--action", "s3:GetObject", "--estate", str(SAVED)]
EMPTY = [sys.executable, "-c", "pass"]
LIMIT = 5
MEASURED = {"auditor --help": ["--help"], "auditor drift --help": ["drift", "--help"], "one question": QUESTION}


def cpu_s(command: Sequence[str]) -> float:
    """Return the CPU seconds of a whole process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main(runs: int) -> int:
    """Measure, print, and return the exit code."""
    over = False
    for name, words in MEASURED.items():
        pairs = [(cpu_s(EMPTY), cpu_s([AUDITOR, *words])) for _ in range(runs)]
        ratio = median(ours / empty for empty, ours in pairs)
        limit = f"   (limit {LIMIT})" if words == ["--help"] else ""
        over |= bool(limit) and ratio > LIMIT
        print(f"{name:22}{ratio:6.1f} times `python -c pass`, {min(ours for _, ours in pairs):.3f} CPU s{limit}")
    return int(over)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    sys.exit(main(parser.parse_args().runs))
