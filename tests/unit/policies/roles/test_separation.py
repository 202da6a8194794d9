from pathlib import Path

import pytest

from connectors.errors import InputError
from policies.roles.separation import Conflict, load_conflicts
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
SMALL = """\
version: 1
conflicts:
  SOD-5:
    title: enters charges, submits claims and posts the payments
    severity: medium
    sides: [[charge.write], [claim.submit], [payment.post, payment.refund]]
    why: nobody else sees it
    mitigation: another person compares a sample
"""


def load(folder: Path, text: str) -> tuple[Conflict, ...]:
    path = folder / "separation.yaml"
    path.write_text(text)
    return load_conflicts(WORDS, path)


def test_a_conflict_needs_something_of_every_side(tmp_path: Path) -> None:
    (conflict,) = load(tmp_path, SMALL)
    assert not conflict.broken_by(WORDS.mask(["charge.write", "claim.submit"]))
    assert not conflict.broken_by(WORDS.mask(["payment.refund", "payment.post", "charge.write"]))
    assert conflict.broken_by(WORDS.mask(["charge.write", "claim.submit", "payment.refund"]))
    assert not conflict.broken_by(0)


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("payment.refund", "payment.refnd", r"line 6, .*sides\[2\]\[1\].*no such capability"),
        ("payment.refund", "claim.submit", "a capability stands on two sides"),
        ("[charge.write], [claim.submit], ", "", "sides"),
        ("[charge.write]", "[]", "sides"),
        ("severity: medium", "severity: mild", "severity"),
        ("SOD-5", "five", "five"),
    ],
)
def test_conflicts_that_cannot_be_used_are_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        load(tmp_path, SMALL.replace(good, bad))
