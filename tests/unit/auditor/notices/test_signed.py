"""Signed files: strict, bounded, every fault told at once, and the same content whatever a mail program did to it."""

import json
import re
from pathlib import Path

import pytest

from auditor.notices.bodies import BODIES, fingerprint, plain_fingerprint
from auditor.notices.signed import MAX_FAULTS, MAX_FILE_BYTES, NoSignedFileError, read_signed
from tests.store_sample import HOSTILE
from tests.two_parties import changed, resigned, two

PAGE = Path(__file__).parents[4] / "docs" / "notices.md"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    agency, _ = two(tmp_path_factory.mktemp("signed"))
    return agency, agency.gives("role-change", name="Denise O’Neil-Ñúñez", roles=("billing",)).file


def faults(data: str | bytes) -> tuple[str, ...]:
    with pytest.raises(NoSignedFileError) as error:
        read_signed(data.encode() if isinstance(data, str) else data, BODIES)
    return error.value.faults


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: json.dumps(json.loads(text), ensure_ascii=False),
        lambda text: json.dumps(dict(reversed(json.loads(text).items())), indent=8) + "\n\n\n",
    ],
)
def test_a_layout_is_nothing_and_the_content_everything(made, mangle):
    _, file = made
    read, body = read_signed(mangle(file.text()).encode(), BODIES)
    assert (read.hash, read.sound, body.name) == (file.hash, True, "Denise O’Neil-Ñúñez")
    assert read.text() == file.text()
    assert file.text().isascii()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no JSON"),
        ("[]", "the file holds no object"),
        ("null", "the file holds no object"),
        ("{", "this is no JSON"),
        ('{"a": 1, "a": 2}', "`a` stands twice"),
        ('{"format": {"x": 1, "x": 1}}', "`x` stands twice"),
        ('{"format": 1.0}', "`1.0` is no whole number"),
        ('{"format": NaN}', "`NaN` is no whole number"),
        ('{"format": 1e999}', "is no whole number"),
        ("[" * 60_000, "this is no JSON that is accepted"),
        ('{"a": ' + "9" * 60_000 + "}", "this is no JSON that is accepted"),
        ("x" * (MAX_FILE_BYTES + 1), "the file is too large"),
        (b"\xff\xfe{}", "no UTF-8"),
        ("id,name\n1,Maria\n", "this is no JSON"),
    ],
)
def test_what_is_no_signed_file_is_told(text, said):
    assert said in "; ".join(faults(text))


def test_every_fault_is_told_at_once(made):
    _, file = made

    def break_it(whole):
        whole.update(format="auditor-notice/v1", extra=1, signature="x", key="ed25519:abc")
        whole["body"] |= {"number": "3", "effective": "yesterday", "by": "", "previous": "A" * 64, "surprise": 1}
        del whole["body"]["recipient"]

    told = "; ".join(faults(changed(file, break_it)))
    for part in (
        "`extra` is not known", "`key`: expected", "`signature`: expected", "`body.number`", "`body.effective`",
        "`body.by`", "`body.previous`", "`body.surprise` is not known", "`body.recipient` is missing",
    ):  # fmt: skip
        assert part in told, told


def test_faults_are_bounded(made):
    _, file = made
    assert len(faults(changed(file, lambda f: f.update({f"x{n}": 1 for n in range(500)})))) == MAX_FAULTS


@pytest.mark.parametrize(
    "fields",
    [
        {"effective": "2026-12-05T06:00:00Z"},  # another spelling of the same instant would be another hash
        {"effective": "2026-12-05T06:00:00.000000+00:00"},
        {"effective": "2026-12-05T00:00:00.000000"},
        {"effective": "2026-12-05"},
        {"effective": 1764914400},
        {"number": 0},
        {"number": True},
        {"number": 2**70},
        {"number": -1},
        {"by": "Rosa\u202eLim"},
        {"by": "x" * 201},
        {"by": " Rosa"},
        {"name": HOSTILE},
        {"vma": ["VMA-06"]},
        {"vma": None},
        {"roles": ["a"] * 21},
        {"roles": None},
        {"roles": "billing"},
        {"recipient": "Small Practice"},
        {"recipient": "harbor-assist"},
        {"kind": "dismissal"},
        {"takes_back": "a" * 64},
        {"previous": "b" * 64},
        {"sender": "../../etc"},
    ],
)
def test_a_field_that_cannot_be_meant_is_refused_though_its_sender_signed_it(made, fields):
    agency, file = made
    assert faults(resigned(file, agency.signer, **fields).text())


def test_a_lone_half_of_a_letter_is_refused_and_no_fault_of_the_program(made):
    _, file = made
    assert faults(file.text().replace("Rosa Lim", "Rosa \\ud800"))


def test_another_line_of_the_format_is_another_signature(made, tmp_path):
    """A receipt must never pass for a notice, nor a notice for an entry of the ledger."""
    _, file = made
    receipt = changed(file, lambda f: f.update(format="auditor-receipt/v1"))
    assert faults(receipt)


def test_a_fingerprint_is_the_same_however_it_is_typed(made):
    agency, _ = made
    shown = fingerprint(agency.signer.public)
    assert re.fullmatch(r"([0-9A-F]{4} ){7}[0-9A-F]{4}", shown)
    for typed in (shown.lower(), shown.replace(" ", ""), shown.replace(" ", ":"), f" {shown}\t"):
        assert plain_fingerprint(typed) == plain_fingerprint(shown)


def test_the_page_lists_every_field_of_every_format():
    page = PAGE.read_text(encoding="utf-8")
    for kind, model in BODIES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{kind.value}`"))
        assert set(re.findall(r"`([a-z_]+)`", row)) >= set(model.model_fields)
