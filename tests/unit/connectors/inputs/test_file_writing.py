"""Files that are written: whole or not at all, over no link, for their owner's eyes."""

import errno
import stat
from pathlib import Path

import pytest

from connectors.inputs.file_writing import check_writable, drafting, is_draft, write_new, write_whole


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_in_one_step_and_only_its_owner_may_read_it(tmp_path):
    place = tmp_path / "report.html"
    place.write_text("old")
    with drafting(place) as draft:
        draft.file.write(b"new")
        assert place.read_text() == "old"
        assert [is_draft(p.name) for p in tmp_path.iterdir() if p != place] == [True]
        draft.replace()
    assert place.read_text() == "new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert _names(tmp_path) == ["report.html"]


def test_a_draft_that_is_not_put_into_its_place_vanishes(tmp_path):
    with drafting(tmp_path / "x") as draft:
        draft.file.write(b"half")
    assert _names(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch, step):
    place = tmp_path / "x"
    place.write_text("old")

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = (
        "connectors.inputs.file_writing.os.fsync" if step == "fsync" else "connectors.inputs.file_writing.Path.replace"
    )
    monkeypatch.setattr(target, full)
    with pytest.raises(OSError, match="No space"):
        write_whole(place, b"new")
    assert place.read_text() == "old"
    assert _names(tmp_path) == ["x"]


def test_a_planted_link_in_the_place_is_replaced_and_its_target_left_alone(tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "x").symlink_to(target)
    write_whole(tmp_path / "x", b"new")
    assert target.read_text() == "precious"
    assert (tmp_path / "x").read_text() == "new"


def test_a_new_file_never_takes_the_place_of_another_or_of_a_link(tmp_path):
    (tmp_path / "x").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("x", "link"):
        with pytest.raises(FileExistsError):
            write_new(tmp_path / name, b"new")
    assert (tmp_path / "x").read_text() == "old"
    assert not (tmp_path / "nowhere").exists()
    assert _names(tmp_path) == ["link", "x"]


def test_two_writers_have_a_draft_each(tmp_path):
    with drafting(tmp_path / "x") as one, drafting(tmp_path / "x") as two:
        one.file.write(b"one")
        two.file.write(b"two")
        two.replace()
        one.replace()
    assert (tmp_path / "x").read_text() == "one"


def test_the_longest_name_that_a_file_can_have_can_be_written(tmp_path):
    place = tmp_path / ("n" * 255)
    check_writable(place)
    write_whole(place, b"x")
    assert place.read_bytes() == b"x"
