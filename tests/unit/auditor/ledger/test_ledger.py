"""The format, checked against the words of `docs/ledger.md` with nothing but hashlib and json, and the key pair."""

import base64
import errno
import hashlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from auditor.ledger.entries import Changes, LedgerEntry, LedgerHead, canonical, decode_signature, hash_body, signed_text
from auditor.ledger.keys import PublicKey, Signer, public_path
from connectors.errors import AuditorError
from tests.store_sample import HOSTILE

ENTRY = LedgerEntry(
    n=1,
    prev="0" * 64,
    practice="cedar-family",
    audit=1,
    at=datetime(2026, 11, 2, 8, 30, tzinfo=UTC),
    tool_version="0.1.0",
    policy="a" * 64,
    result="b" * 64,
    changes="c" * 64,
    rows={"audit": (1, 0), "account": (3, 1)},
)
PAGE = Path(__file__).parents[4] / "docs" / "ledger.md"


def test_the_worked_example_of_the_format_page_is_what_the_program_computes():
    page = PAGE.read_text()
    signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    signature = base64.b64encode(signer.sign(signed_text(1, ENTRY.hash))).decode()
    for part in (ENTRY.body().decode(), signer.public, str(LedgerHead(1, ENTRY.hash, signature))):
        assert part in page
    line = b'["closed","grant",{"account":"u1","entitlement":"billing","from_audit":1,"path":"[]",'
    line += b'"practice":"cedar-family","system":"ehr"}]'
    assert line.decode() in page
    assert hashlib.sha256(hashlib.sha256(line).digest()).hexdigest() in page


def test_an_entry_is_hashed_and_signed_as_the_format_page_says():
    body = json.dumps(
        {
            "n": 1,
            "prev": "0" * 64,
            "practice": "cedar-family",
            "audit": 1,
            "at": "2026-11-02T08:30:00.000000Z",
            "tool_version": "0.1.0",
            "policy": "a" * 64,
            "result": "b" * 64,
            "changes": "c" * 64,
            "rows": {"audit": [1, 0], "account": [3, 1]},
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    assert ENTRY.body() == body
    assert ENTRY.hash == hashlib.sha256(b"\x00" + body).hexdigest()
    assert signed_text(1, ENTRY.hash) == b"auditor-ledger/v1\n1\n" + ENTRY.hash.encode() + b"\n"


def test_the_order_in_which_changes_are_seen_does_not_matter():
    rows = [{"practice": "p", "from_audit": 1, "account": a, "system": "ehr", "login": HOSTILE} for a in ("x", "y")]
    one, two = Changes(), Changes()
    for row in rows:
        one.opened("account", row)
    for row in reversed(rows):
        two.opened("account", {**row, "id": 7, "to_audit": 9, "email": None})
    assert (one.digest(), one.rows) == (two.digest(), {"account": (2, 0)})


def test_the_same_row_opened_twice_is_not_the_same_as_once():
    one, two = Changes(), Changes()
    for changes, times in ((one, 1), (two, 2)):
        for _ in range(times):
            changes.recorded("audit", {"id": 1})
    assert one.digest() != two.digest()


def test_bytes_that_are_no_text_never_look_like_text():
    texts = [data.decode("utf-8", "surrogateescape") for data in (b"\xff", b"\xef\xbf\xbd", b"\xc3\xbf")]
    assert len({canonical(text) for text in (*texts, "?", b"\xff", 1.0, 1, "1")}) == 8


def test_an_entry_is_read_back_as_it_was_written():
    signed = replace(ENTRY, signature="sig")
    assert LedgerEntry.parse(ENTRY.body(), "sig") == signed
    assert signed.head == LedgerHead(1, ENTRY.hash, "sig")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 60_000,
        b'{"n":' + b"9" * 5_000 + b"}",
        b"x" * 70_000,
        ENTRY.body() + b" ",
        ENTRY.body().replace(b'"n":1', b'"n":true'),
        ENTRY.body().replace(b'"n":1', b'"n":"1"'),
        ENTRY.body().replace(b'"n":1', b'"n":1,"n":1'),
        ENTRY.body().replace(b'"audit":1,', b""),
        ENTRY.body().replace(b'"audit":1,', b'"audit":1,"extra":1,'),
        ENTRY.body().replace(b'"audit":1,', b'"audit":1,"signature":"x",'),
        ENTRY.body().replace(b"08:30:00.000000Z", b"08:30:00.000000"),
        ENTRY.body().replace(b"2026-11-02", b"2026-13-02"),
        ENTRY.body().replace(b"[1,0]", b"[1]"),
        ENTRY.body().replace(b"[1,0]", b'["1",0]'),
        ENTRY.body().replace(b'"rows":{', b'"rows":[{').replace(b"}}", b"}]}"),
    ],
)
def test_a_body_that_is_not_exactly_what_the_program_writes_is_refused(body):
    with pytest.raises(ValueError, match=r"body|codec|JSON|Exceeds|month|unpack|Expecting|dict"):
        LedgerEntry.parse(body)


def test_a_head_is_one_line_that_reads_back():
    head = LedgerHead(20, "ab" * 32, base64.b64encode(bytes(64)).decode())
    assert LedgerHead.parse(f"  {head}\n") == head
    assert len(str(head).splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20",
        f"0 {'ab' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"020 {'ab' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"-1 {'ab' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"٣ {'ab' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"{'9' * 30} {'ab' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"20 {'AB' * 32} {base64.b64encode(bytes(64)).decode()}",
        f"20 {'ab' * 31} {base64.b64encode(bytes(64)).decode()}",
        f"20 {'ab' * 32} {base64.b64encode(bytes(63)).decode()}",
        f"20 {'ab' * 32} {base64.b64encode(bytes(64)).decode()[:-3]}B==",
        f"20 {'ab' * 32} é",
        f"20 {'ab' * 32} {base64.b64encode(bytes(64)).decode()} more",
    ],
)
def test_what_is_not_a_head_is_refused(text):
    with pytest.raises(AuditorError, match="this is not the head of a ledger"):
        LedgerHead.parse(text)


def test_the_spare_bits_of_base64_do_not_go_unnoticed():
    signature = base64.b64encode(bytes(64))
    assert decode_signature(signature) == bytes(64)
    for other in (signature[:-3] + b"B==", signature + b"\n", signature[:-1], b"=" + signature, b"\xff" * 88):
        assert decode_signature(other) is None


def test_a_new_key_is_for_its_owner_alone_and_its_public_half_stands_beside_it(tmp_path):
    path = tmp_path / "keys" / "ledger.pem"
    signer = Signer.load_or_create(path, ledger_is_empty=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_path(path).read_text() == signer.public + "\n"
    assert Signer.load_or_create(path, ledger_is_empty=False).public == signer.public


def test_what_is_signed_verifies_and_nothing_else_does(tmp_path):
    signer = Signer.load_or_create(tmp_path / "k", ledger_is_empty=True)
    key = PublicKey.parse(signer.public)
    assert key.verifies(b"text", signer.sign(b"text"))
    assert not key.verifies(b"other", signer.sign(b"text"))
    assert not key.verifies(b"text", b"")


def test_a_missing_key_is_never_replaced_while_the_ledger_has_entries(tmp_path):
    with pytest.raises(AuditorError, match="the key that signed them is missing"):
        Signer.load_or_create(tmp_path / "ledger.pem", ledger_is_empty=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_can_reach_is_refused_with_the_command_to_run(tmp_path, mode):
    path = tmp_path / "ledger.pem"
    Signer.load_or_create(path, ledger_is_empty=True)
    path.chmod(mode)
    with pytest.raises(AuditorError, match="others may read") as caught:
        Signer.load_or_create(path, ledger_is_empty=False)
    assert caught.value.hint == f"run `chmod 600 {path}`"


def test_a_key_of_another_pair_is_refused(tmp_path):
    for name in ("one", "two"):
        Signer.load_or_create(tmp_path / name, ledger_is_empty=True)
    (tmp_path / "two.pub").replace(tmp_path / "one.pub")
    with pytest.raises(AuditorError, match="are not one pair"):
        Signer.load_or_create(tmp_path / "one", ledger_is_empty=False)


def test_a_lost_public_key_is_written_again(tmp_path):
    signer = Signer.load_or_create(tmp_path / "k", ledger_is_empty=True)
    (tmp_path / "k.pub").unlink()
    Signer.load_or_create(tmp_path / "k", ledger_is_empty=False)
    assert (tmp_path / "k.pub").read_text().strip() == signer.public


def _pem(key: object, password: bytes | None = None) -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        _pem(Ed25519PrivateKey.generate())[:60],
        _pem(generate_private_key(SECP256R1())),
        _pem(Ed25519PrivateKey.generate(), b"secret"),
    ],
    ids=["text", "cut", "another kind", "with a password"],
)
def test_what_is_not_an_ed25519_key_is_refused(tmp_path, content):
    path = tmp_path / "ledger.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(AuditorError, match="is not an Ed25519 private key"):
        Signer.load_or_create(path, ledger_is_empty=True)
    assert path.read_bytes() == content


def test_an_empty_key_is_made_anew_only_while_it_has_signed_nothing(tmp_path):
    path = tmp_path / "ledger.pem"
    path.touch(mode=0o600)
    with pytest.raises(AuditorError, match="is not an Ed25519 private key"):
        Signer.load_or_create(path, ledger_is_empty=False)
    assert path.read_bytes() == b""
    assert Signer.load_or_create(path, ledger_is_empty=True).public


@pytest.mark.parametrize("fault", ["write", "fsync", "link"])
def test_a_full_disk_while_the_key_is_made_leaves_no_key(tmp_path, monkeypatch, fault):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        if fault == "write":
            broken.setattr("connectors.inputs.file_writing.os.fdopen", full)
        else:
            broken.setattr(f"connectors.inputs.file_writing.os.{fault}", full)
        with pytest.raises(AuditorError, match="No space left"):
            Signer.load_or_create(tmp_path / "k", ledger_is_empty=True)
    assert not (tmp_path / "k").exists()
    assert Signer.load_or_create(tmp_path / "k", ledger_is_empty=True).public


def test_a_key_that_is_killed_while_it_is_made_leaves_no_empty_key(tmp_path):
    """The process dies after the draft was made and before it is in its place: the next audit makes a key."""
    code = (
        "import os, connectors.inputs.file_writing as w\n"
        "w.Draft.create = lambda self: os._exit(9)\n"
        "from auditor.ledger.keys import Signer\nfrom pathlib import Path\n"
        f"Signer.load_or_create(Path({str(tmp_path / 'k')!r}), ledger_is_empty=True)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert not (tmp_path / "k").exists()
    assert Signer.load_or_create(tmp_path / "k", ledger_is_empty=True).public


def test_a_pipe_in_the_place_of_the_key_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "k", 0o600)
    with pytest.raises(AuditorError, match="it is no file"):
        Signer.load_or_create(tmp_path / "k", ledger_is_empty=False)


def test_a_key_that_cannot_be_read_is_an_error_for_people(tmp_path):
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(AuditorError, match="cannot be used"):
        Signer.load_or_create(tmp_path / "folder", ledger_is_empty=False)


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "A" * 44, "rsa:" + "A" * 44, "ed25519:é", "x" * 9999])
def test_what_is_not_a_public_key_is_refused(text):
    with pytest.raises(AuditorError, match="this is not a public key") as caught:
        PublicKey.parse(text)
    assert len(caught.value.message) < 200


def test_the_hash_of_an_entry_is_not_the_hash_of_its_text():
    assert hash_body(b"x") != hashlib.sha256(b"x").hexdigest()
