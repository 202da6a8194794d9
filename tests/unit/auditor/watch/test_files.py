"""No edit is missed, whatever the date of the file says, and nothing of our own is taken for one."""

import os
from pathlib import Path

import pytest

from auditor.watch import files
from auditor.watch.files import MISSING, Contents, Files, changed


class Watching:
    def __init__(self, *paths: Path, ours: tuple[Path, ...] = ()) -> None:
        self.paths, self.files = paths, Files(ours)

    def contents(self) -> Contents:
        return self.files.contents(self.files.look(self.paths))


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text("one\n")
    return path


def test_an_edit_that_keeps_size_and_date_is_seen(roster):
    watching = Watching(roster)
    before, then = watching.contents(), roster.stat()
    roster.write_text("two\n")
    os.utime(roster, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert roster.stat().st_mtime_ns == then.st_mtime_ns
    assert changed(before, watching.contents()) == ["roster.csv"]


def test_an_editor_that_writes_beside_and_renames_is_seen(roster, tmp_path):
    watching = Watching(roster)
    before, then = watching.contents(), roster.stat()
    other = tmp_path / ".roster.csv.swp"
    other.write_text("two\n")
    os.utime(other, ns=(then.st_atime_ns, then.st_mtime_ns))
    other.replace(roster)
    assert changed(before, watching.contents()) == ["roster.csv"]


def test_a_touch_alone_is_no_change(roster):
    watching = Watching(roster)
    before = watching.contents()
    os.utime(roster)
    assert watching.contents() == before


def test_a_file_that_is_deleted_and_made_again_as_it_was_is_no_change(roster):
    watching = Watching(roster)
    before = watching.contents()
    roster.unlink()
    assert watching.contents()[str(roster)] == MISSING
    roster.write_text("one\n")
    assert watching.contents() == before


def test_a_folder_is_watched_to_its_depth(tmp_path):
    exports = tmp_path / "exports"
    (exports / "deep").mkdir(parents=True)
    watching = Watching(exports)
    before = watching.contents()
    (exports / "deep" / "users.csv").write_text("a")
    between = watching.contents()
    assert changed(before, between) == ["users.csv"]
    (exports / "deep" / "users.csv").rename(exports / "users.csv")
    assert changed(between, watching.contents()) == ["users.csv"]
    (exports / "users.csv").unlink()
    assert watching.contents() == before


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path):
    watching = Watching(tmp_path / "later")
    before = watching.contents()
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "users.csv").write_text("a")
    assert "users.csv" in changed(before, watching.contents())


def test_what_the_auditor_writes_into_a_watched_folder_is_no_change(tmp_path):
    report = tmp_path / "report.html"
    watching = Watching(tmp_path, ours=(report,))
    before = watching.contents()
    report.write_text("<!doctype html>")
    assert watching.contents() == before


def test_a_pipe_and_links_that_form_a_ring_do_not_hang_the_watch(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert len(Watching(tmp_path, tmp_path / "a").contents()) == 3


def test_only_what_was_touched_is_read_again(roster, monkeypatch):
    watching, read = Watching(roster), []
    real = files.sha256_of
    monkeypatch.setattr(files, "sha256_of", lambda path: read.append(path) or real(path))
    watching.contents()
    watching.contents()
    assert read == [roster]
    roster.write_text("two\n")
    watching.contents()
    assert read == [roster, roster]
