"""
One history is one history, in one row or in several rows that touch: the same verdicts, days, lags, cover and events.

Whatever is asked goes the whole way: rows as text, read by the roster's reader, made a case, judged, saved, and told
back from the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audit.case import make_case
from auditor.audit.collecting import Silent, collect_all
from auditor.audit.inputs import Inputs, read_inputs
from auditor.audit.result import AuditResult, identify
from auditor.config import Config, load_config
from auditor.drift.compare import DriftResult, drift
from auditor.lag.report import LagReport, lag_report
from auditor.ledger.keys import Signer
from auditor.pipeline import _snapshot
from auditor.reporting.people import coverage
from auditor.snapshot import AuditRecord
from auditor.store import Store
from connectors.facts import Collection
from connectors.roster import csv_file
from policies.engine.case import Practice
from policies.engine.evaluate import judge
from tests.small_practice import HARBOR, HEADER, TIDE, Small, account, noon, row

FIRST = date(2026, 10, 1)
AUDITS = (date(2026, 10, 20), date(2026, 11, 5), date(2026, 11, 20))
ACCOUNTS = (account("ana", Created="2026-10-02"), account("bea", "Claims", Name="Bea Reyes", Created="2026-09-28"))
NUMBER = count()


@dataclass(frozen=True)
class Stretch:
    """So many days of one engagement after so many days without one."""

    gap: int
    days: int
    role: str
    agency: str
    cuts: frozenset[int]
    """After how many days another row begins, where the history is written in several."""

    def rows(self, vma: str, start: date, *, last: bool, several: bool) -> Iterator[str]:
        begins = [0, *sorted(cut for cut in self.cuts if several and 0 < cut < self.days)]
        for number, begin in enumerate(begins):
            final = number + 1 == len(begins)
            end = "" if final and last else str(start + timedelta((self.days if final else begins[number + 1]) - 1))
            yield row(vma, str(start + timedelta(begin)), end, self.role, agency=self.agency)


stretch = st.builds(
    Stretch,
    gap=st.sampled_from([0, 0, 0, 3, 14]),
    days=st.integers(2, 25),
    role=st.sampled_from(["scheduler", "billing"]),
    agency=st.sampled_from([HARBOR, HARBOR, TIDE]),
    cuts=st.frozensets(st.integers(1, 24), max_size=3),
)
histories = st.fixed_dictionaries(
    {"ana": st.lists(stretch, min_size=1, max_size=3), "bea": st.lists(stretch, min_size=1, max_size=2)}
)


def rows(history: dict[str, list[Stretch]], *, several: bool) -> list[str]:
    found = []
    for vma, stretches in history.items():
        start = FIRST
        for number, one in enumerate(stretches):
            start += timedelta(one.gap)
            found += one.rows(vma, start, last=number + 1 == len(stretches), several=several)
            start += timedelta(one.days)
    return found


@dataclass(frozen=True)
class Place:
    """One practice's files, read once, and a store for all examples."""

    folder: Path
    config: Config
    inputs: Inputs
    collections: dict[str, Collection]
    store: Store
    signer: Signer


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    small = Small(folder / "small")
    small.write(noon("2026-10-20"), [row("ana", "2026-10-01"), row("bea", "2026-10-01", name="Bea Reyes")], ACCOUNTS)
    config = load_config(small.config)
    inputs = read_inputs(config)
    collections = collect_all(config, Silent(), lambda: datetime(2026, 11, 20, 18, tzinfo=UTC))
    with Store.open(folder / "all.db") as store:
        signer = Signer.load_or_create(folder / "all.key", ledger_is_empty=True)
        yield Place(folder, config, inputs, collections, store, signer)


def told(place: Place, writings: list[list[str]]) -> list[object]:
    """Audit a practice of its own whose roster is written like this, one audit after the other; return all answers."""
    id_ = f"p{next(NUMBER)}"
    config = replace_practice(place.config, id_)
    found: list[object] = []
    for day, lines in zip(AUDITS, writings, strict=True):
        at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        file = place.folder / "roster.csv"
        file.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        inputs = replace(place.inputs, roster=csv_file.read(csv_file.Settings(file=file), Path()).roster)
        case = make_case(config, inputs, place.collections, at, place.store)
        judgment, previous = judge(case), place.store.last(id_)
        changed: DriftResult | None = None
        if previous is not None:
            changed = drift(previous.snapshot, case.day_of(previous.audit.at), case)
        findings = {f"{n}": f for n, f in enumerate(identify(case, judgment).values())}
        judged = AuditResult(case, judgment, previous, changed, findings, {})
        empty = dict.fromkeys(("findings", "satisfied"), 0)
        record = AuditRecord(
            id_, at, "0", "a" * 64, "b" * 64, 0, "", empty, case.collections, _snapshot(judged), frozenset()
        )
        place.store.save(record, place.signer, after=previous.audit.id if previous else None)
        found += [judgment, coverage(case), case.known, changed and changed.events]
    report = lag_report(config, inputs, place.store, now=at, since=None)
    return [*found, report]


def replace_practice(config: Config, id_: str) -> Config:
    return replace(config, practice=Practice(id_, config.practice.name, config.practice.timezone))


def check_that_the_writing_changes_nothing(
    place: Place, history: dict[str, list[Stretch]], several: list[bool]
) -> None:
    once = told(place, [rows(history, several=False)] * len(AUDITS))
    again = told(place, [rows(history, several=one) for one in several])
    for one, other in zip(once, again, strict=True):
        assert one == other


def check_the_days(place: Place, history: dict[str, list[Stretch]]) -> None:
    """Count with a finger on the calendar, day by day, from the first audit to the last."""
    lines = rows(history, several=True)
    report = told(place, [lines] * len(AUDITS))[-1]
    assert isinstance(report, LagReport)
    spans = [(line.split(",")[0], *(part or "9999-12-31" for part in line.split(",")[6:8])) for line in lines]
    # 18:00 UTC is 13:00 in Chicago in October, and noon in November.
    share = {AUDITS[0]: Fraction(11, 24), AUDITS[-1]: Fraction(1, 2)}
    days, day = Fraction(0), AUDITS[0]
    while day <= AUDITS[-1]:
        here = {vma for vma, first, last in spans if first <= str(day) <= last}
        days += len(here) * share.get(day, Fraction(1))
        day += timedelta(1)
    assert report.alone["training"].vma_days == days


quick = settings(max_examples=12, deadline=None)
long = settings(max_examples=1000, deadline=None)
writings = st.lists(st.booleans(), min_size=len(AUDITS), max_size=len(AUDITS))


@quick
@given(history=histories, several=writings)
def test_how_a_history_is_written_down_changes_no_answer(place, history, several):
    check_that_the_writing_changes_nothing(place, history, several)


@quick
@given(history=histories)
def test_the_days_that_count_are_the_days_of_all_rows(place, history):
    check_the_days(place, history)


@pytest.mark.slow
@long
@given(history=histories, several=writings)
def test_how_a_thousand_histories_are_written_down_changes_no_answer(place, history, several):
    check_that_the_writing_changes_nothing(place, history, several)


@pytest.mark.slow
@long
@given(history=histories)
def test_the_days_that_count_of_a_thousand_histories_are_those_of_all_rows(place, history):
    check_the_days(place, history)
