from pathlib import Path

import pytest

from connectors.errors import AuditorError, InputError
from policies.roles.prohibited import ProhibitedCapabilities
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
SMALL = """\
version: 1
never:
  note.sign: {why: signing is the provider's own act, citations: [164.308(a)(4)(i)]}
"""


def load(folder: Path, text: str) -> ProhibitedCapabilities:
    path = folder / "never.yaml"
    path.write_text(text)
    return ProhibitedCapabilities.load(WORDS, path)


def test_it_says_why_and_on_what_it_rests(tmp_path: Path) -> None:
    never = load(tmp_path, SMALL)
    assert WORDS.names(never.mask) == ("note.sign",)
    assert never.why("note.sign") == "signing is the provider's own act"
    assert [c.id for c in never.citations("note.sign")] == ["164.308(a)(4)(i)"]


def test_it_does_not_explain_what_is_not_on_it(tmp_path: Path) -> None:
    never = load(tmp_path, SMALL)
    with pytest.raises(AuditorError, match=r"`note\.read` is not on the never-list"):
        never.why("note.read")
    with pytest.raises(AuditorError, match="is not on the never-list"):
        never.citations("note.read")


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("note.sign", "note.sing", "line 3, .*no such capability"),
        ("164.308(a)(4)(i)", "164.308(a)(4)(ii)", "line 3, .*no such citation"),
        ("[164.308(a)(4)(i)]", "[]", "citations"),
        ("164.308(a)(4)(i)", "45 CFR 164.308", "citations"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        load(tmp_path, SMALL.replace(good, bad))
