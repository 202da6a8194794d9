"""
Read systems with and without asking their own records when access ended, in turns, and compare.

    python benchmarks/instants.py [--only openldap,samba] [--rounds 9] [--users 2500] [--asked 50] [--changes 1000]
                                  [--rows 200000]

Every system that can be run here is: real servers (OpenLDAP with its overlay accesslog; as root Samba, 389 and MariaDB
with OpenEMR's tables; GNU Health), AWS on moto, two services that are made up, saved files. What a machine has not is
left out and told. A round reads the whole system; the same and what its record says of `--asked` accounts, from its
beginning, as the first audit does; and once more since the round before, as every later audit does. Both are times of
one process with its connections, and the processor time beside them is its own and the servers': on a machine that
does something else as well it says more than the clock.

Limit: 1.5 times, for the median of the rounds' ratios, of the time and of the processor time. Small systems are over
in a moment: for them a quarter of a second more is within the limit too, and is told. Exit code 1 when over it, 2 when
something was not read whole.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1]))  # the servers of the tests

from benchmarks._instants_sources import SOURCES, Size, Source, processor_s
from connectors.audit_log import CLOCK_MARGIN, LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.facts import Account, Collection
from connectors.read_log import read_log

LIMIT = 1.5
MOMENT_S = 0.25
"""So much more is within the limit for a small system."""
HOWS = ("without", "first", "later")


class NotWhole(Exception):
    """Something was not read."""


@dataclass
class Times:
    """What the rounds took, in seconds, by how it was read."""

    clock: dict[str, list[float]] = field(default_factory=lambda: {how: [] for how in HOWS})
    processor: dict[str, list[float]] = field(default_factory=lambda: {how: [] for how in HOWS})

    def ratio(self, of: dict[str, list[float]], how: str) -> float:
        """Return how many times as long it took as without, in the median of the rounds."""
        return median(b / max(a, 1e-9) for a, b in zip(of["without"], of[how], strict=True))

    def more(self, how: str) -> float:
        """Return how much longer it took, in seconds, in the median of the rounds."""
        return median(b - a for a, b in zip(self.clock["without"], self.clock[how], strict=True))


def read(source: Source, question: LogQuestion | None) -> LogAnswer | None:
    """Collect the system, and ask its record where there is a question; raises `NotWhole`."""
    connector = source.connect()
    found = collect(connector)
    if not found.complete:
        raise NotWhole(found.completeness)
    if question is None:
        return None
    answer = read_log(connector, LogQuestion(question.accounts, found.entitlements, question.since))
    if not isinstance(answer, LogAnswer):
        raise NotWhole(answer)
    return answer


def measured(source: Source, folder: Path, size: Size, rounds: int) -> tuple[Times, int, int]:
    """Run the rounds; return the times, how many were asked for, and how many events the record has of them."""
    whole = collect(source.connect())
    if not whole.complete:
        raise NotWhole(whole.completeness)
    accounts = asked_of(whole, source, size)
    times, events = Times(), 0
    since = datetime.now(UTC)
    for number in range(rounds):
        source.change()
        begun = datetime.now(UTC)
        ways = {
            "without": None,
            "first": LogQuestion(accounts),
            "later": LogQuestion(accounts, since=since + CLOCK_MARGIN),
        }
        # A day is asked for besides, as clocks may be off: all that was ever written here, and little elsewhere.
        # In turns, so that no way always comes when the servers have just been asked the same.
        for how in HOWS[number % 3 :] + HOWS[: number % 3]:
            theirs, mine, started = processor_s(folder), process_time(), perf_counter()
            answer = read(source, ways[how])
            times.clock[how].append(perf_counter() - started)
            times.processor[how].append(process_time() - mine + processor_s(folder) - theirs)
            events = len(answer.events) if answer and how == "first" else events
        since = begun
    if not events:
        raise NotWhole("the record tells nothing of those who were asked for")
    return times, len(accounts), events


def asked_of(whole: Collection, source: Source, size: Size) -> tuple[Account, ...]:
    """Return who is asked for: those whose login begins so, and others up to as many."""
    first = [a for a in whole.accounts if a.login.startswith(source.asked)]
    return tuple([*first, *(a for a in whole.accounts if a not in first)][: size.asked])


def judged(name: str, times: Times, large: bool) -> bool:
    """Print the figures of one system; return whether it is over the limit."""
    over = False
    print(f"{name}: {median(times.clock['without']):.3f} s without")
    for how, words in (("first", "from the beginning of the record"), ("later", "since the read before")):
        ratio, work = times.ratio(times.clock, how), times.ratio(times.processor, how)
        told = f"{ratio:.2f} times by the clock ({times.more(how):+.3f} s), {work:.2f} times by processor time"
        moment = not large and times.more(how) <= MOMENT_S
        bad = max(ratio, work) > LIMIT and not moment
        over |= bad
        verdict = "OVER" if bad else "within"
        small = ", as a moment" if moment and max(ratio, work) > LIMIT else ""
        print(f"  {words}: {told}; limit {LIMIT}: {verdict}{small}")
    return over


def main() -> int:
    """Start one system after the other, read it in turns, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SOURCES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--users", type=int, default=2_500)
    parser.add_argument("--asked", type=int, default=50)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args()
    size = Size(options.users, options.asked, options.changes, options.rows)
    over = unread = False
    for name in options.only.split(","):
        start, large = SOURCES[name]
        try:
            with tempfile.TemporaryDirectory() as folder, start(Path(folder), size) as source:
                times, asked, events = measured(source, Path(folder), size, options.rounds)
        except NotWhole as error:
            print(f"{name}: not whole: {error}")
            unread = True
        except BaseException as error:
            # `pytest.skip`, of which the servers of the tests make use, is none of the others.
            if type(error).__name__ != "Skipped":
                raise
            print(f"{name}: left out: {error}")
        else:
            print(f"{asked} accounts asked for, {events} events, {options.rounds} rounds")
            over |= judged(name, times, large)
    return 2 if unread else 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
