"""A recording says what the read said, byte for byte; one that was cut, edited or reordered says nothing."""

import stat
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from connectors import recording
from connectors.collect import collect
from connectors.connector import Page, find
from connectors.errors import InputError, SourceDenied
from connectors.facts import NEVER, Account, Collection, Complete, Evidence, Partial, Status, System, SystemKind
from tests.contract.clinic_harness import SYSTEM, ClinicHarness

AT = datetime(2026, 1, 31, 17, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, bytes]:
    folder = tmp_path_factory.mktemp("clinic")
    with ClinicHarness().start(folder) as source:
        live = recording.record(source.healthy(), folder / "clinic.jsonl", clock=lambda: AT)
    return live, (folder / "clinic.jsonl").read_bytes()


def replayed(folder: Path, data: bytes, system: System = SYSTEM) -> Collection:
    (folder / "r.jsonl").write_bytes(data)
    module = find(SystemKind.EHR, "replay")
    settings = module.Settings.model_validate({"file": "r.jsonl"})
    return collect(module.connect(system, settings, folder))


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), "must not count as whole"
    assert not collection.accounts
    return collection.completeness.reason


def test_a_replay_is_the_read_itself_offline(recorded, tmp_path):
    live, data = recorded
    again = replayed(tmp_path, data)
    assert isinstance(again.completeness, Complete)
    assert again == live
    assert repr(again) == repr(live)
    assert again.as_of == AT


def test_a_connector_of_any_kind_can_be_replayed():
    assert all(find(kind, "replay") for kind in SystemKind)


def test_a_recording_cut_at_any_byte_is_refused(recorded, tmp_path):
    _, data = recorded
    for size in [*range(0, len(data), 37), *range(len(data) - 200, len(data))]:
        assert refused(replayed(tmp_path, data[:size]))


def test_a_recording_with_any_bit_changed_is_refused(recorded, tmp_path):
    _, data = recorded
    for place in range(0, len(data), 23):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert refused(replayed(tmp_path, changed)), place


def test_pages_in_another_order_are_refused_even_with_a_new_hash(recorded, tmp_path):
    _, data = recorded
    head, one, two, *rest, _ = data.splitlines(keepends=True)
    assert "not the page that was recorded here" in refused(replayed(tmp_path, hashed(head, two, one, *rest)))


def test_a_page_left_out_is_refused_even_with_a_new_hash(recorded, tmp_path):
    _, data = recorded
    head, one, _, *rest, _ = data.splitlines(keepends=True)
    assert "the recording is not whole" in refused(replayed(tmp_path, hashed(head, one, *rest)))


def hashed(*lines: bytes) -> bytes:
    body = b"".join(lines)
    return body + b'{"sha256":"' + sha256(body).hexdigest().encode() + b'"}\n'


@pytest.mark.parametrize("what", ["a line twice", "a line left out", "more after the end", "another version", "spaces"])
def test_an_edited_recording_is_refused(recorded, tmp_path, what):
    _, data = recorded
    lines = data.splitlines(keepends=True)
    edited = {
        "a line twice": [*lines[:2], *lines[1:]],
        "a line left out": [lines[0], *lines[2:]],
        "more after the end": [*lines, b"{}\n"],
        "another version": [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
        "spaces": [lines[0].replace(b":", b": ", 1), *lines[1:]],
    }
    assert refused(replayed(tmp_path, b"".join(edited[what])))


def test_a_recording_of_another_system_is_refused(recorded, tmp_path):
    _, data = recorded
    for other in (replace(SYSTEM, id="ehr2"), replace(SYSTEM, product="openemr")):
        assert "of another system" in refused(replayed(tmp_path, data, other))


def test_another_file_is_said_to_be_no_recording(tmp_path):
    assert "this is no recording" in refused(replayed(tmp_path, b"{}\n{}\n{}\n{}\n"))
    assert "the file is empty" in refused(replayed(tmp_path, b""))


class Small:
    """Says whatever a test wants, in one page."""

    source = "small"

    def __init__(self, *accounts: Account, system: System = SYSTEM, error: Exception | None = None) -> None:
        self.system, self.accounts, self.error = system, accounts, error

    def read_page(self, token: str | None) -> Page:
        if self.error:
            raise self.error
        return Page(self.accounts, evidence=(Evidence("end", "so it said"),))


def test_every_fact_of_an_account_survives(tmp_path):
    accounts = (
        Account("ehr", "1", "zoë", "Zoë \u2028 “Q” \\ \n", Status.LOCKED, mfa=False, last_login=NEVER, service=True),
        Account("ehr", "2", "b", "", Status.ACTIVE, created=AT.replace(microsecond=7), last_login=AT, expires=AT),
        Account("ehr", "3", "c", "never", Status.UNKNOWN, email="c@x", employee_id="7", last_login_lag_days=14),
    )
    path = tmp_path / "r.jsonl"
    live = recording.record(Small(*accounts), path)
    again = collect(recording.Replay(SYSTEM, path))
    assert again == live
    assert repr(again) == repr(live)


def test_only_the_owner_may_read_a_recording(tmp_path):
    recording.record(Small(Account("ehr", "1", "a", "A", Status.ACTIVE)), tmp_path / "r.jsonl")
    assert stat.S_IMODE((tmp_path / "r.jsonl").stat().st_mode) == 0o600


def test_a_failed_read_leaves_no_recording_and_keeps_the_older_one(tmp_path):
    path = tmp_path / "r.jsonl"
    recording.record(Small(Account("ehr", "1", "a", "A", Status.ACTIVE)), path)
    before = path.read_bytes()
    assert not recording.record(Small(error=SourceDenied("no")), path).complete
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.jsonl"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match="the recording cannot be written"):
        recording.record(Small(), tmp_path / "nowhere" / "r.jsonl")
