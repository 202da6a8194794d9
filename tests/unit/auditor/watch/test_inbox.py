"""A watched inbox: what is put there is received, answered and audited, once, and nothing in it ends the watch."""

import os
from pathlib import Path

import pytest
import yaml

from auditor.notices.party import load_party
from auditor.notices.send import receipt_name
from auditor.watch.digest import NewsSource, digest_of
from auditor.watch.messages import of_news
from auditor.watch.state import WatchState, state_path
from tests.two_parties import Side, side
from tests.watched import Journal, start, watched


@pytest.fixture
def office(tmp_path):
    """The example practice with an inbox, its agency, and a watch that has made its first audit."""
    path = watched(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["notices"] = {"inbox": "inbox"}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    (path.parent / "inbox").mkdir()
    agency = side(tmp_path / "agency", "harbor-assist", "Harbor Assist LLC", "agency", "Asia/Manila")
    practice = Side(load_party(path))
    practice.knows(agency)
    agency.knows(practice)
    journal = Journal()
    with WatchState.open(state_path(practice.party.store)) as state:
        watcher = start(path, state, journal)
        watcher.turn()
        assert len(journal.of("audited")) == 1
        yield path.parent, agency, watcher, journal.later(minutes=5)


def drop(folder: Path, name: str, text: str | bytes) -> None:
    (folder / "inbox" / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def test_what_is_put_into_the_inbox_is_received_answered_and_audited_once(office):
    folder, agency, watcher, journal = office
    kept = agency.gives("leave", vma="VMA-05", effective="2026-12-04")
    drop(folder, "mail.json", kept.file.text())
    watcher.turn()
    watcher.turn()
    (event,) = journal.of("received")
    assert (event["outcome"], event["notice"], event["vma"], event["kind"]) == ("received", kept.id, "VMA-05", "leave")
    assert len(journal.of("audited")) == 1  # because of it
    (receipt,) = (folder / "outbox").glob("receipt-*.json")
    assert agency.outcome(receipt.read_bytes()) == "delivered"
    assert (folder / "inbox" / "mail.json").exists()
    drop(folder, "copy.json", kept.file.text())
    watcher.turn()
    assert len(journal.of("received")) == 1


def test_a_message_tells_what_is_claimed_by_ids_alone(office):
    folder, agency, watcher, _ = office
    kept = agency.gives("leave", vma="VMA-05", effective="2026-12-04", name="Tomás Quiroga Salas")
    drop(folder, "mail.json", kept.file.text())
    watcher.turn()
    from auditor.audit.inputs import read_inputs  # noqa: PLC0415
    from auditor.config import load_config  # noqa: PLC0415
    from auditor.store import Store  # noqa: PLC0415

    config = load_config(folder / "auditor.yaml")
    with Store.look(config.store) as store:
        audits = store.audits(config.practice.id)
        source = NewsSource(config, read_inputs(config), store, b"k" * 32)
        first, second = (digest_of(source, audits, place) for place in (0, 1))
    assert (first.announced, second.announced) == ((), (("left", "VMA-05", kept.id),))
    assert second.worth_telling
    message = of_news(second, "lakeside", "America/Chicago", "ops", audits[1].at)
    assert f"VMA-05 left, by notice {kept.id}" in message.body
    assert "Claimed by notices; the roster decides" in message.body
    assert "Quiroga" not in message.body
    assert "1 claimed by notices" in message.subject


def test_nothing_in_an_inbox_ends_the_watch(office):
    folder, agency, watcher, journal = office
    inbox = folder / "inbox"
    drop(folder, "empty.json", b"")
    drop(folder, "huge.json", b"x" * 200_000)
    drop(folder, "patients.csv", "Maria Diaz,F32.1\n")
    drop(folder, ".hidden", "x")
    (inbox / "folder").mkdir()
    (inbox / "link.json").symlink_to("/etc/hostname")
    os.mkfifo(inbox / "pipe.json")
    drop(folder, "z.json", agency.gives("leave", vma="VMA-05", effective="2026-12-04").file.text())
    watcher.turn()
    assert [(e["file"], e["outcome"]) for e in journal.of("received")] == [
        ("empty.json", "malformed"), ("huge.json", "malformed"), ("patients.csv", "malformed"), ("z.json", "received"),
    ]  # fmt: skip
    journal.later(minutes=5)
    watcher.turn()
    assert journal.of("received") == []


def test_a_notice_that_came_before_its_key_was_trusted_counts_at_the_next_look(office, tmp_path):
    folder, _, watcher, journal = office
    other = side(tmp_path / "tide", "tide", "Tide Partners Inc", "agency", "UTC")
    drop(folder, "mail.json", other.gives("leave", to="lakeside-family", vma="VMA-05").file.text())
    watcher.turn()
    assert [e["outcome"] for e in journal.of("received")] == ["unknown-key"]
    journal.later(minutes=5)
    Side(load_party(folder / "auditor.yaml")).knows(other)
    watcher.turn()
    assert [e["outcome"] for e in journal.of("received")] == ["received"]


def test_without_an_inbox_nothing_is_looked_for(tmp_path):
    path = watched(tmp_path)
    (path.parent / "inbox").mkdir()
    journal = Journal()
    with WatchState.open(state_path(path.parent / "lakeside.db")) as state:
        start(path, state, journal).turn()
    assert journal.of("received") == []


def test_a_receipt_that_cannot_be_written_keeps_no_other_file_and_is_tried_again(office):
    folder, agency, watcher, journal = office
    first, second = (agency.gives("leave", vma=vma, effective="2026-12-04") for vma in ("VMA-05", "VMA-01"))
    (folder / "outbox").mkdir()
    place = folder / "outbox" / receipt_name(first)
    place.write_text("somebody's own", encoding="utf-8")
    drop(folder, "a.json", first.file.text())
    drop(folder, "b.json", second.file.text())
    watcher.turn()
    watcher.turn()
    assert [(e["file"], e["outcome"]) for e in journal.of("received")] == [
        ("a.json", "not-received"), ("b.json", "received"),
    ]  # fmt: skip
    place.unlink()
    watcher.turn()
    assert agency.outcome(place.read_bytes()) == "delivered"


def test_files_that_came_to_their_end_are_not_read_again(office, monkeypatch):
    folder, agency, watcher, journal = office
    drop(folder, "a.json", agency.gives("leave", vma="VMA-05", effective="2026-12-04").file.text())
    drop(folder, "b.json", b"nothing")
    watcher.turn()
    read = []
    monkeypatch.setattr("auditor.notices.inbox.read_file", lambda path: read.append(path.name) or b"{}")
    journal.later(minutes=5)
    drop(folder, "c.json", b"something new")
    watcher.turn()
    assert read == ["c.json"]
