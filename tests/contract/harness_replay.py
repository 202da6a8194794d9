"""`replay` on a recording of the made-up EHR."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors import recording
from connectors.generic import replay
from connectors.testing import CsvBody, Fault, FileSource
from tests.contract.clinic_harness import POPULATION, SYSTEM, ClinicHarness


class ReplayHarness:
    """A harness for `replay`: each line of a recording is an entry, and none of them may be touched."""

    name, kind = "replay", "ehr"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = folder / "export"
        export.mkdir()
        (folder / "clinic").mkdir()
        with ClinicHarness().start(folder / "clinic") as clinic:
            recording.record(clinic.healthy(), export / "clinic.jsonl")
        settings = replay.Settings(file=Path("clinic.jsonl"))
        cannot = {
            Fault.OTHER_ORDER: "a recording in another order is not the recording",
            Fault.WRONG_FIELD: "one hash protects every field: `wrong-entry` and the tests of `connectors.recording`",
        }
        yield FileSource(
            export,
            lambda at: replay.connect(SYSTEM, settings, at),
            POPULATION,
            "clinic.jsonl",
            CsvBody(),
            cannot=cannot,
        )
