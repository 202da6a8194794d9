"""
The contract of records of changes as tests for pytest: give a class your harness, and it has all of them.

    class TestClinicLog(AuditLogContract):
        harness = ClinicLogHarness()
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.testing.audit_log import (
    LogHarness,
    Played,
    check_evidence,
    check_nobody_else,
    check_reads_only,
    check_since,
    check_truth,
    play,
)


class AuditLogContract:
    """Everything that a reader of a record of changes has to do; `harness` is the only thing to fill in."""

    harness: ClassVar[LogHarness]

    @pytest.fixture(scope="class")
    @classmethod
    def played(cls) -> Iterator[Played]:
        """Play the story once for all tests."""
        with tempfile.TemporaryDirectory() as folder, cls.harness.start(Path(folder)) as source:
            yield play(source)

    def test_the_truth_lies_within_each_interval(self, played: Played) -> None:
        """Compare what was told with what was done, and when."""
        check_truth(played)

    def test_nothing_is_told_of_those_to_whom_nothing_happened(self, played: Played) -> None:
        """Ask about a bystander, and about an account that is not there."""
        check_nobody_else(played)

    def test_a_read_since_an_instant_tells_what_was_after_it(self, played: Played) -> None:
        """Ask from the middle of the story."""
        check_since(played)

    def test_reading_writes_nothing_and_tells_no_secret(self, played: Played) -> None:
        """Compare the system before and after, and look for passwords."""
        check_reads_only(played)

    def test_each_change_has_a_record_and_its_actor(self, played: Played) -> None:
        """Somebody else must find it again."""
        check_evidence(played)
