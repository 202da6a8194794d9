"""
The contract as tests for pytest: give a class your harness, and it has all of them.

    class TestClinic(ConnectorContract):
        harness = ClinicHarness()
"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from connectors import recording
from connectors.collect import collect
from connectors.connector import HasEndpoint
from connectors.facts import Collection
from connectors.testing.check import (
    LONGEST_FIRST,
    ContractBroken,
    check_fault,
    check_pages,
    check_population,
    check_repeatable,
    check_single_accounts,
    read_truth,
)
from connectors.testing.faults import Fault
from connectors.testing.harness import Harness, Source


class Run:
    """One source with its truth, and the outcome of every fault."""

    def __init__(self, source: Source, pool: ThreadPoolExecutor) -> None:
        self.source, self._pool = source, pool
        self._truth: Collection | None = None
        self._outcomes: dict[Fault, Future[int]] = {}

    @property
    def truth(self) -> Collection:
        """What the healthy source says; raises `ContractBroken` when it cannot be read."""
        if self._truth is None:
            self._truth = read_truth(self.source)
        return self._truth

    def outcome(self, fault: Fault) -> int:
        """Return how many forms the fault had; raises `ContractBroken`."""
        if not self._outcomes:
            truth = self.truth
            check_pages(self.source)
            self._outcomes = {f: self._pool.submit(check_fault, self.source, f, truth) for f in LONGEST_FIRST}
        return self._outcomes[fault].result()


class ConnectorContract:
    """Everything that a connector has to do; `harness` is the only thing to fill in."""

    harness: ClassVar[Harness]

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls) -> Iterator[Run]:
        """Start the harness's source once for all tests."""
        with (
            tempfile.TemporaryDirectory() as folder,
            cls.harness.start(Path(folder)) as source,
            ThreadPoolExecutor(source.at_once) as pool,
        ):
            yield Run(source, pool)

    def test_everybody_is_read_as_they_are(self, run: Run) -> None:
        """Compare with the population that the harness put there."""
        check_population(run.source, run.truth)

    def test_the_source_needs_several_pages(self, run: Run) -> None:
        """Otherwise the faults between pages would prove nothing."""
        check_pages(run.source)

    def test_reading_twice_gives_the_same(self, run: Run) -> None:
        """Compare two reads."""
        check_repeatable(run.source, run.truth)

    @pytest.mark.parametrize("fault", list(Fault), ids=str)
    def test_a_fault_ends_in_the_truth_or_names_its_cause(self, run: Run, fault: Fault) -> None:
        """Try every form of the fault, and make sure that it was seen."""
        run.outcome(fault)

    def test_a_trusted_certificate_is_enough(self, run: Run) -> None:
        """Read over TLS: otherwise a connector that refuses every certificate would pass."""
        over_tls = getattr(run.source, "over_tls", None)
        if over_tls is None:
            return
        with over_tls() as connector:
            read = collect(connector)
        if not read.complete or not run.source.same(run.truth, read):
            raise ContractBroken(f"over TLS it is not the truth: {read.completeness}")

    def test_a_connector_that_has_a_network_says_where_it_connects_to(self, run: Run) -> None:
        """`auditor connect` tries name, port and TLS by it."""
        if getattr(run.source, "over_tls", None) is not None and not isinstance(run.source.healthy(), HasEndpoint):
            raise ContractBroken("the connector has no `endpoint`: see `HasEndpoint`")

    def test_single_accounts_are_as_the_whole_read_has_them(self, run: Run) -> None:
        """Ask for every account by itself, where the connector can be asked so, and for one that there is not."""
        check_single_accounts(run.source, run.truth)

    def test_a_recorded_read_is_replayed_byte_for_byte(self, run: Run, tmp_path: Path) -> None:
        """Record, replay, record the replay: facts and bytes are the same."""
        first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
        live = recording.record(run.source.healthy(), first)
        replayed = collect(recording.Replay(live.system, first))
        if replayed != live:
            raise ContractBroken("the replay differs from the read")
        recording.record(recording.Replay(live.system, first), second)
        if first.read_bytes() != second.read_bytes():
            raise ContractBroken("the recording of a replay differs from the recording")
