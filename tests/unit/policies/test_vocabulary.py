from pathlib import Path

import pytest

from connectors.errors import InputError
from policies.vocabulary import Risk, UnknownCapability, Vocabulary

SMALL = """\
version: 1
phi_categories: {schedule: appointments, notes: notes}
capabilities:
  schedule.read: {title: see the schedule, phi: [schedule], risk: low}
  note.sign: {title: sign notes, phi: [notes], risk: critical}
"""


def load(folder: Path, text: str) -> Vocabulary:
    path = folder / "words.yaml"
    path.write_text(text)
    return Vocabulary.load(path)


@pytest.fixture
def shipped() -> Vocabulary:
    return Vocabulary.load()


def test_an_unknown_capability_is_refused_with_the_nearest_words(shipped: Vocabulary) -> None:
    with pytest.raises(UnknownCapability) as error:
        shipped.mask(["schedule.raed"])
    assert "`schedule.raed`" in error.value.message
    assert "`schedule.read`" in error.value.hint


def test_phi_categories_are_told_in_the_order_of_the_file_and_once(shipped: Vocabulary) -> None:
    mask = shipped.mask(["note.read", "schedule.read", "schedule.write", "demographics.read"])
    assert shipped.phi(mask) == ("demographics", "contact", "schedule", "notes")


def test_the_risk_of_a_set_is_that_of_its_most_dangerous_capability(shipped: Vocabulary) -> None:
    assert shipped.risk(0) is Risk.LOW
    assert shipped.risk(shipped.mask(["schedule.read"])) is Risk.LOW
    assert shipped.risk(shipped.mask(["schedule.read", "payment.post"])) is Risk.HIGH
    assert shipped.risk(shipped.mask(["schedule.read", "payment.post", "note.sign"])) is Risk.CRITICAL
    assert Risk.LOW.rank < Risk.HIGH.rank < Risk.CRITICAL.rank


def test_titles_stand_in_the_order_of_the_names(tmp_path: Path) -> None:
    small = load(tmp_path, SMALL)
    assert small.names(small.all) == ("note.sign", "schedule.read")
    assert small.titles(small.all) == ("sign notes", "see the schedule")


def test_a_set_with_bits_that_no_capability_has_is_a_mistake_and_not_the_empty_set(tmp_path: Path) -> None:
    small = load(tmp_path, SMALL)
    with pytest.raises(ValueError, match="bits that no capability has"):
        small.names(1 << 2)


def test_a_category_of_phi_that_is_not_described_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 5, .*note\.sign\.phi\[0\].*no such category of PHI.*`note`"):
        load(tmp_path, SMALL.replace("phi: [notes]", "phi: [note]"))


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("risk: critical", "risk: huge", "found `huge`"),
        ("note.sign:", "sign_note:", "sign_note"),
        ("title: sign notes", 'title: ""', "title"),
        ("risk: critical}", "risk: critical, level: 3}", "unknown key"),
        ("version: 1", "version: 0", "version"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        load(tmp_path, SMALL.replace(good, bad))
