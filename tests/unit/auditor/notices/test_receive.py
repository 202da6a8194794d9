"""What comes of a file of the other side: each way in which it can be wrong has one outcome, and none is silent."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeEvent
from auditor.ledger.verify import verify
from auditor.notices import receive as receiving
from auditor.notices.keys import revoke, rotate
from auditor.notices.outcomes import ReceivedOutcome
from auditor.notices.signed import SignedFormat
from connectors.errors import AuditorError
from policies.clocks import ClockSettings, notice_clock
from tests.two_parties import FRIDAY, NOW, changed, resigned, side, signed_by, two


@pytest.fixture
def sides(tmp_path):
    return two(tmp_path)


def test_a_notice_is_taken_down_with_the_time_of_here_and_answered(sides):
    agency, practice = sides
    kept = agency.gives("leave", name="Denise Calloway")
    got = practice.later(hours=3).gets(kept.file)
    assert (got.examined.outcome, got.kept.at) == (ReceivedOutcome.RECEIVED, NOW + timedelta(hours=3))
    assert got.kept.receipt_body.received_at == NOW + timedelta(hours=3)
    (claim,) = practice.book.announced.of("VMA-06")
    assert (claim.id, claim.name, claim.kind.value) == (kept.id, "Denise Calloway", "leave")
    assert claim.effective == datetime(2026, 12, 4, 23, 0, tzinfo=UTC)
    assert agency.outcome(got.kept.receipt) == "delivered"
    assert agency.book.made[kept.file.hash].receipt_body.received_at == NOW + timedelta(hours=3)


def test_received_again_it_adds_nothing_and_gets_the_same_receipt_to_the_byte(sides):
    agency, practice = sides
    kept = agency.gives("leave")
    first = practice.gets(kept.file).kept.receipt.text()
    before = practice.book.last
    again = practice.later(days=30).gets(kept.file.text().replace("\n", "\r\n"))  # a mail program broke the lines
    assert again.examined.outcome is ReceivedOutcome.REPEATED
    assert again.kept.receipt.text() == first
    assert practice.book.last == before
    assert agency.outcome(first) == "delivered"
    assert agency.outcome(first) == "repeated"


def test_what_was_lost_is_a_gap_until_it_comes(sides):
    agency, practice = sides
    notices = [agency.gives("leave", vma=f"VMA-{n}") for n in range(1, 6)]
    practice.gets(notices[0].file)
    practice.gets(notices[4].file)
    (sender,) = practice.book.senders()
    assert (sender.missing, sender.missing_count, sender.faults) == ((2, 3, 4), 3, "number 2, 3, 4 never came")
    for kept in (notices[3], notices[1], notices[2]):  # in whatever order
        practice.gets(kept.file)
    assert practice.book.senders()[0].whole


def test_a_number_that_comes_twice_with_another_content_is_kept_and_told(sides):
    agency, practice = sides
    one = agency.gives("leave")
    practice.gets(one.file)
    other = resigned(one.file, agency.signer, vma="VMA-07")
    assert practice.outcome(other) == "received"
    (sender,) = practice.book.senders()
    assert (sender.whole, sender.twice) == (False, (1,))


def test_one_that_does_not_continue_the_one_before_is_kept_and_told(sides):
    agency, practice = sides
    practice.gets(agency.gives("leave").file)
    second = resigned(agency.gives("leave", vma="VMA-07").file, agency.signer, previous="a" * 64)
    assert practice.outcome(second) == "received"
    assert practice.book.senders()[0].torn == (2,)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["body"].update(effective="2026-11-04T23:00:00.000000Z"),
        lambda f: f["body"].update(vma="VMA-07"),
        lambda f: f["body"].update(by="Somebody Else"),
        lambda f: f["body"].update(name="Another Name"),
        lambda f: f["body"].update(known_since="2026-11-04T23:00:00.000000Z"),
        lambda f: f.update(signature="A" * 86 + "=="),
    ],
)
def test_whatever_was_changed_on_the_way_is_refused_and_kept_and_claims_nothing(sides, change):
    agency, practice = sides
    text = changed(agency.gives("leave").file, change)
    got = practice.gets(text)
    assert got.examined.outcome is ReceivedOutcome.TAMPERED
    assert got.kept is None
    assert practice.book.announced.claims == ()
    (record,) = practice.book.refused.values()
    assert (record.outcome, record.file) == ("tampered", text)


def test_a_key_that_nobody_trusted_counts_nothing_until_somebody_does(sides, tmp_path):
    _, practice = sides
    other = side(tmp_path / "other", "tide", "Tide Partners Inc", "agency", "Asia/Manila")
    file = other.gives("leave", to="small").file
    assert practice.outcome(file) == "unknown-key"
    practice.later(days=2).knows(other)
    got = practice.gets(file)
    assert got.examined.outcome is ReceivedOutcome.RECEIVED
    assert got.kept.at == NOW + timedelta(days=2)  # since when it counts, not since when it lay there
    (record,) = practice.book.refused.values()
    assert receiving.counts_by_now(practice.book, record)


def test_the_key_of_one_party_says_nothing_for_another(sides, tmp_path):
    agency, practice = sides
    other = side(tmp_path / "other", "tide", "Tide Partners Inc", "agency", "Asia/Manila")
    practice.knows(other)
    assert practice.outcome(resigned(agency.gives("leave").file, other.signer)) == "another-sender"


def test_what_is_for_somebody_else_is_not_ours(sides, tmp_path):
    agency, practice = sides
    assert practice.outcome(agency.gives("leave", to="another-practice").file) == "another-recipient"
    assert practice.book.announced.claims == ()


def test_after_a_revocation_nothing_counts_whatever_date_it_bears(sides):
    agency, practice = sides
    early = agency.gives("leave")
    never = agency.gives("leave", vma="VMA-07")
    practice.gets(early.file)
    key = practice.book.peers()["harbor-assist"]
    revoke(practice.party, key.fingerprint, by="Dana Ortiz", reason="stolen", now=practice.later(hours=1).now)
    assert practice.outcome(never.file) == "revoked-key"  # it was made before, and came after
    assert practice.outcome(early.file) == "repeated"
    (claim,) = practice.book.announced.claims
    assert claim.key_revoked


def test_the_owner_of_a_key_can_revoke_it_by_a_file_and_nobody_else_can(sides, tmp_path):
    agency, practice = sides
    fingerprint = agency.book.own_key.fingerprint
    _, file = revoke(agency.party, fingerprint, by="Rosa Lim", reason="", now=agency.now)
    forged = signed_by(
        side(tmp_path / "o", "o", "O", "agency", "UTC").signer, SignedFormat.REVOCATION, json.loads(file.body)
    )
    assert practice.outcome(forged) == "unknown-key"
    assert practice.outcome(file) == "key-revoked"
    assert practice.outcome(file) == "repeated"
    assert practice.outcome(agency.gives("leave").file) == "unknown-key"  # signed by a new key, which nobody compared


def test_a_new_key_is_introduced_by_the_old_one_which_then_signs_nothing_more(sides):
    agency, practice = sides
    late = agency.gives("leave", vma="VMA-01")
    old = agency.signer
    _, (rotation,) = rotate(agency.party, by="Rosa Lim", now=agency.now)
    new = agency.gives("leave", vma="VMA-02")
    assert practice.outcome(new.file) == "unknown-key"  # before the rotation came
    assert practice.outcome(rotation) == "received"
    assert practice.outcome(new.file) == "received"
    assert practice.outcome(late.file) == "received"  # made with the old key, before; it was only late
    assert practice.outcome(resigned(new.file, old, number=9)) == "retired-key"
    assert practice.book.senders()[0].whole


def test_nobody_brings_a_key_that_they_do_not_have(sides, tmp_path):
    agency, practice = sides
    stranger = side(tmp_path / "stranger", "tide", "Tide", "agency", "UTC").signer
    _, (rotation,) = rotate(agency.party, by="Rosa Lim", now=agency.now)
    old = agency.book.own[0]
    signer = Signer.load_or_create(agency.party.key_file(1), ledger_is_empty=False)
    assert signer.public == old.key
    assert practice.outcome(resigned(rotation, signer, new_key=stranger.public)) == "unusable-key"
    assert practice.outcome(rotation) == "received"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"notice": "a" * 64}, "no-such-notice"),
        ({"number": 7}, "no-such-notice"),
        ({"recipient": "tide"}, "another-recipient"),
        ({"sender": "tide"}, "another-sender"),
    ],
)
def test_a_receipt_of_what_was_never_sent_proves_nothing(sides, fields, outcome):
    agency, practice = sides
    kept = agency.gives("leave")
    receipt = practice.gets(kept.file).kept.receipt
    assert agency.outcome(resigned(receipt, practice.signer, **fields)) == outcome
    assert agency.book.made[kept.file.hash].receipt is None


def test_the_first_receipt_counts_and_another_one_is_told(sides):
    agency, practice = sides
    kept = agency.gives("leave")
    receipt = practice.gets(kept.file).kept.receipt
    agency.gets(receipt)
    other = resigned(receipt, practice.signer, received_at="2026-11-01T00:00:00.000000Z")
    assert agency.outcome(other) == "second-receipt"
    assert agency.book.made[kept.file.hash].receipt_body.received_at == NOW


def test_a_receipt_of_a_stranger_proves_nothing(sides, tmp_path):
    agency, practice = sides
    receipt = practice.gets(agency.gives("leave").file).kept.receipt
    assert agency.outcome(resigned(receipt, side(tmp_path / "x", "x", "X", "agency", "UTC").signer)) == "unknown-key"
    assert agency.outcome(changed(receipt, lambda f: f["body"].update(received_at="2026-11-01T00:00:00.000000Z"))) == (
        "tampered"
    )


@pytest.mark.parametrize(
    ("effective", "starts"),
    [
        ("2026-12-04T17:00-06:00", datetime(2026, 12, 4, 23, 0, tzinfo=UTC)),  # to come: from its effect
        ("2026-11-01T17:00-06:00", NOW),  # long over: from its receipt
        ("2026-11-30T09:00-06:00", NOW),  # in this very second
    ],
)
def test_a_notice_that_is_dated_back_shortens_nobody_s_clock(sides, effective, starts):
    agency, practice = sides
    agency.now = NOW - timedelta(days=400)  # and so is the clock of whoever made it
    known = datetime(2026, 1, 1, tzinfo=UTC)
    practice.gets(agency.gives("leave", effective=effective, known_since=known).file)
    (claim,) = practice.book.announced.claims
    assert claim.starts == starts >= claim.received_at
    assert notice_clock(ClockSettings()).due(claim.starts) >= NOW + timedelta(hours=24)


def test_a_claim_that_was_taken_back_claims_nothing_whichever_came_first(sides):
    agency, practice = sides
    kept = agency.gives("leave")
    back = agency.takes_back(kept)
    assert [practice.outcome(file) for file in (back.file, kept.file)] == ["received", "received"]
    announced = practice.book.announced
    assert [claim.taken_back for claim in announced.claims] == [True]
    assert announced.of("VMA-06") == ()
    with pytest.raises(AuditorError, match="taken back already"):
        agency.takes_back(kept)


def test_nobody_takes_back_the_notice_of_another(sides, tmp_path):
    agency, practice = sides
    other = side(tmp_path / "other", "tide", "Tide Partners Inc", "agency", "UTC")
    practice.knows(other)
    kept = agency.gives("leave")
    practice.gets(kept.file)
    mine = other.gives("leave", to="small", vma="VMA-01")
    back = resigned(other.takes_back(mine).file, other.signer, takes_back=kept.file.hash)
    assert practice.outcome(back) == "received"
    assert len(practice.book.announced.of("VMA-06")) == 1


def test_refused_files_are_bounded_and_the_genuine_still_count(sides, monkeypatch):
    agency, practice = sides
    monkeypatch.setattr(receiving, "MAX_REFUSED", 3)
    monkeypatch.setattr(receiving, "MAX_QUARANTINE_BYTES", 1500)
    texts = [
        changed(agency.gives("leave").file, lambda f, n=n: f["body"].update(vma=f"VMA-{n}")) for n in range(100, 105)
    ]
    told = [practice.gets(text) for text in texts]
    assert [got.recorded for got in told] == [True, True, True, False, False]
    assert [record.file is not None for record in practice.book.refused.values()] == [True, True, False]
    assert practice.gets(texts[0]).before is not None  # told again, and not recorded again
    assert len(practice.book.refused) == 3
    assert practice.outcome(agency.gives("leave", vma="VMA-08").file) == "received"


def test_what_is_no_signed_file_leaves_nothing_but_its_hash(sides):
    _, practice = sides
    assert practice.outcome(b"name,born,diagnosis\nMaria Diaz,1971-02-03,F32.1\n") == "malformed"
    (record,) = practice.book.refused.values()
    assert (record.file, record.detail) == (None, "no signed file: 1 faults")
    assert b"Diaz" not in practice.party.store.read_bytes()


def test_every_record_is_an_entry_of_the_ledger_on_both_sides(sides):
    agency, practice = sides
    agency.gets(practice.gets(agency.gives("leave").file).kept.receipt)
    practice.gets(b"{}")
    for one, events in ((agency, 4), (practice, 5)):
        key = one.party.store.with_suffix(".key.pub").read_text().strip()
        found = verify(one.party.store, key)
        assert (found.ok, found.entries) == (True, events), found.problems
        assert one.book.last == events
    with practice.party.open() as store:
        assert [r.event for r in store.notices("small")] == [
            NoticeEvent.KEY_MADE, NoticeEvent.KEY_TRUSTED, NoticeEvent.RECEIVED, NoticeEvent.RECEIPT_MADE,
            NoticeEvent.REFUSED,
        ]  # fmt: skip


def test_a_private_key_that_is_missing_is_told_and_nothing_is_recorded(sides):
    agency, practice = sides
    practice.party.key_file(1).unlink()
    before = practice.book.last
    with pytest.raises(AuditorError, match="private key that signs notices is missing"):
        practice.gets(agency.gives("leave").file)
    assert practice.book.last == before
    assert FRIDAY
