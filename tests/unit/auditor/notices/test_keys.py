"""Keys of notices: made once, trusted after a call, changed and revoked; the private half is nobody else's."""

import stat
from pathlib import Path

import pytest

from auditor.notices.bodies import BODIES
from auditor.notices.keys import own_key, revoke, rotate, trust
from auditor.notices.signed import read_signed
from connectors.errors import AuditorError
from tests.two_parties import NOW, changed, side, two


@pytest.fixture
def alone(tmp_path):
    return side(tmp_path / "agency", "harbor-assist", "Harbor Assist LLC", "agency", "Asia/Manila")


def introduced(one, text=None):
    return read_signed((text or one.key_file.text()).encode(), BODIES)


def test_a_key_is_made_once_and_readable_by_its_owner_alone(alone):
    first = own_key(alone.party, NOW).known
    assert own_key(alone.party, NOW).known == first
    assert len(alone.book.own) == 1
    path = alone.party.key_file(1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert "PRIVATE" not in alone.key_file.text()
    assert b"PRIVATE" not in alone.party.store.read_bytes()


def test_a_key_file_of_a_run_that_was_stopped_is_used(alone):
    own_key(alone.party, NOW)
    made = alone.party.key_file(1).read_bytes()
    alone.party.store.unlink()
    for end in (".key", ".key.pub"):
        alone.party.store.with_suffix(end).unlink()
    own_key(alone.party, NOW)
    assert alone.party.key_file(1).read_bytes() == made


def test_another_key_in_the_place_of_ours_is_told(alone, tmp_path):
    own_key(alone.party, NOW)
    other = side(tmp_path / "other", "o", "O", "agency", "UTC")
    own_key(other.party, NOW)
    for end in ("", ".pub"):
        place = alone.party.key_file(1)
        other_place = other.party.key_file(1)
        Path(f"{place}{end}").write_bytes(Path(f"{other_place}{end}").read_bytes())
    with pytest.raises(AuditorError, match="is another key than the records name"):
        own_key(alone.party, NOW)


def test_a_key_that_others_may_read_signs_nothing(alone):
    own_key(alone.party, NOW)
    alone.party.key_file(1).chmod(0o644)
    with pytest.raises(AuditorError, match="others may read"):
        own_key(alone.party, NOW)


@pytest.mark.parametrize("said", ["", "1234", "0000 0000 0000 0000 0000 0000 0000 0000"])
def test_a_fingerprint_that_is_another_is_refused_and_the_true_one_not_shown(tmp_path, said):
    agency, practice = two(tmp_path)
    other = side(tmp_path / "other", "tide", "Tide Partners Inc", "agency", "UTC")
    file, body = introduced(other)
    with pytest.raises(AuditorError) as error:
        trust(practice.party, file, body, said=said, by="Dana Ortiz", now=NOW)
    assert other.book.own_key.fingerprint not in error.value.diagnostics()
    assert "tide" not in practice.book.peers()
    assert agency


def test_a_key_file_that_was_changed_is_refused_whatever_its_fingerprint(tmp_path):
    agency, practice = two(tmp_path)
    other = side(tmp_path / "other", "tide", "Tide Partners Inc", "agency", "UTC")
    text = changed(other.key_file, lambda f: f["body"].update(party="harbor-assist"))
    file, body = introduced(other, text)
    with pytest.raises(AuditorError, match="not signed by the key that it introduces"):
        trust(practice.party, file, body, said=other.book.own_key.fingerprint, by="Dana Ortiz", now=NOW)
    assert agency


def test_nobody_trusts_themselves_or_a_revoked_key_or_namelessly(tmp_path):
    agency, practice = two(tmp_path)
    file, body = introduced(practice)
    with pytest.raises(AuditorError, match="this party itself"):
        trust(practice.party, file, body, said=practice.book.own_key.fingerprint, by="Dana", now=NOW)
    file, body = introduced(agency)
    said = agency.book.own_key.fingerprint
    with pytest.raises(AuditorError, match="`--by` is empty"):
        trust(practice.party, file, body, said=said, by=" ", now=NOW)
    revoke(practice.party, said, by="Dana Ortiz", reason="stolen", now=NOW)
    with pytest.raises(AuditorError, match="was revoked"):
        trust(practice.party, file, body, said=said, by="Dana", now=NOW)
    with pytest.raises(AuditorError, match="revoked already"):
        revoke(practice.party, said, by="Dana Ortiz", reason="", now=NOW)


def test_trusted_twice_it_is_recorded_once(tmp_path):
    agency, practice = two(tmp_path)
    before = practice.book.last
    practice.knows(agency)
    assert practice.book.last == before


def test_a_fingerprint_that_nobody_knows_revokes_nothing(tmp_path):
    _, practice = two(tmp_path)
    with pytest.raises(AuditorError, match="no key here has the fingerprint"):
        revoke(practice.party, "0" * 32, by="Dana Ortiz", reason="", now=NOW)


def test_every_party_that_knows_us_is_told_of_a_new_key(tmp_path):
    agency, _ = two(tmp_path)
    other = side(tmp_path / "other", "tide", "Tide Practice", "practice", "UTC")
    agency.knows(other)
    own, files = rotate(agency.party, by="Rosa Lim", now=NOW)
    assert {read_signed(f.text().encode(), BODIES)[1].recipient for f in files} == {"small", "tide"}
    assert own.signer.public == agency.book.own_key.key
    assert agency.party.key_file(2).is_file()


def test_a_lost_private_key_can_be_revoked_though_nothing_is_signed(tmp_path):
    agency, _ = two(tmp_path)
    said = agency.book.own_key.fingerprint
    agency.party.key_file(1).unlink()
    _, file = revoke(agency.party, said, by="Rosa Lim", reason="the disk died", now=NOW)
    assert file is None
    assert own_key(agency.party, NOW).known.fingerprint != said


def test_a_second_key_of_a_party_is_not_trusted_beside_the_first(tmp_path):
    """Another agency, with its own fingerprint, could otherwise speak in the name of the first."""
    agency, practice = two(tmp_path)
    other = side(tmp_path / "other", "harbor-assist", "Harbor Assist LLC", "agency", "UTC")
    with pytest.raises(AuditorError, match="has a key already"):
        practice.knows(other)
    revoke(practice.party, agency.book.own_key.fingerprint, by="Dana Ortiz", reason="lost", now=NOW)
    practice.knows(other)
    assert practice.book.peers()["harbor-assist"].key == other.signer.public
