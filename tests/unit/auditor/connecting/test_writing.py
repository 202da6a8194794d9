"""The configuration is written whole or not at all, and never as something that an audit could not load."""

from pathlib import Path

import pytest

from auditor.config import load_config
from auditor.connecting.writing import AGREEMENTS, ROSTER, NewPractice, plan
from connectors.errors import AuditorError, InputError

EHR = {
    "kind": "ehr", "product": "openemr", "title": "OpenEMR", "connector": "openemr-export", "holds_phi": True,
    "settings": {"folder": "ehr"},
}  # fmt: skip
PRACTICE = NewPractice("Clínica São José, LLC", "America/Chicago")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auditor.yaml"


def files(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.parent.iterdir()}


def test_the_first_system_makes_a_configuration_that_loads_with_a_roster_and_agreements_to_fill(path):
    made = plan(path, "ehr", EHR, PRACTICE)
    assert not files(path), "planning writes nothing"
    made.save()
    config = load_config(path)
    assert (config.practice.id, config.practice.name) == ("clinica-sao-jose-llc", "Clínica São José, LLC")
    assert list(config.sources) == ["ehr"]
    assert set(files(path)) == {"auditor.yaml", ROSTER, AGREEMENTS}
    assert {line for line in made.diff() if line.startswith("+++")} == {
        f"+++ {path.parent / name}" for name in ("auditor.yaml", ROSTER, AGREEMENTS)
    }


def test_a_roster_that_is_there_is_left_as_it_is(path):
    (path.parent / ROSTER).write_text("mine")
    plan(path, "ehr", EHR, PRACTICE).save()
    assert (path.parent / ROSTER).read_text() == "mine"


def test_without_a_configuration_somebody_must_say_whose_it_is(path):
    with pytest.raises(AuditorError, match="there is no"):
        plan(path, "ehr", EHR)


@pytest.mark.parametrize(
    "wrong", [{"settings": {}}, {"connector": "nothing"}, {"holds_phi": "perhaps"}, {"sign_in": "nowhere"}]
)
def test_what_an_audit_could_not_load_is_not_written_and_leaves_no_trace(path, wrong):
    with pytest.raises(AuditorError, match="an audit could not load it") as refused:
        plan(path, "ehr", {**EHR, **wrong}, PRACTICE).save()
    assert str(path) in refused.value.message
    assert ".draft" not in refused.value.message
    assert not files(path)


def test_a_configuration_that_was_broken_before_is_not_touched(path):
    plan(path, "ehr", EHR, PRACTICE).save()
    (path.parent / AGREEMENTS).unlink()
    before = files(path)
    with pytest.raises(AuditorError, match="there is no such file"):
        plan(path, "ehr-2", EHR).save()
    assert files(path) == before


def test_a_change_by_somebody_else_meanwhile_is_never_overwritten(path):
    plan(path, "ehr", EHR, PRACTICE).save()
    planned = plan(path, "ehr-2", EHR)
    path.write_text(path.read_text() + "# by hand\n")
    before = files(path)
    with pytest.raises(AuditorError, match="changed meanwhile"):
        planned.save()
    assert files(path) == before


def test_the_file_keeps_its_rights_and_a_link_stays_a_link(path, tmp_path_factory):
    plan(path, "ehr", EHR, PRACTICE).save()
    path.chmod(0o640)
    link = path.parent / "link.yaml"
    link.symlink_to(path)
    plan(link, "ehr-2", EHR).save()
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(load_config(path).sources) == ["ehr", "ehr-2"]


def test_a_file_that_cannot_be_edited_gives_the_lines_to_put_there_by_hand(path):
    path.write_text("systems: &s\n  ehr: &e {kind: ehr}\n  other: *e\n")
    with pytest.raises(AuditorError) as refused:
        plan(path, "ehr", EHR)
    assert "connector: openemr-export" in refused.value.hint


def test_a_file_that_is_no_text_is_refused_in_words(path):
    path.write_bytes(b"systems: \xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        plan(path, "ehr", EHR)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(AuditorError, match="cannot be written"):
        plan(tmp_path / "none" / "auditor.yaml", "ehr", EHR, PRACTICE).save()
