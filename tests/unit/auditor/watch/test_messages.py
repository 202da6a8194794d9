"""What stands in a message: ids and counts, and never more than fits."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.ledger.keys import Signer
from auditor.snapshot import AuditSummary
from auditor.watch import messages
from auditor.watch.digest import Digest, Due, NewFinding, Unevaluated, shown
from auditor.watch.failure import Failure
from auditor.watch.mail import compose
from auditor.watch.overdue import OverdueOrder
from auditor.watch_settings import MailServer, Tell
from policies.engine.outcomes import Severity

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
AUDIT = AuditSummary(7, "lakeside-family", AT, 2, "", {})
NEW = (NewFinding("F-AAAAAAAAAA", Severity.CRITICAL, "VMA-07"), NewFinding("F-BBBBBBBBBB", Severity.LOW, "ehr"))
DUE = (Due(date(2026, 12, 1), "agreement ends", ("VMA-07",), "a"), Due(date(2026, 12, 24), "contract ends", (), "b"))
NEWS = Digest(
    AUDIT,
    date(2026, 11, 29),
    first=False,
    headcount=(("joined", "VMA-07"),),
    new=NEW,
    unread=Unevaluated(3, ("ehr",)),
    due=DUE,
)


def worded(news: Digest = NEWS) -> messages.Message:
    return messages.of_news(news, "lakeside-family", "America/Chicago", "ops", AT)


def test_the_subject_says_all_of_it_at_a_glance():
    assert worded().subject == (
        "lakeside-family: 1 joined; 2 new findings (1 critical, 1 low); not read whole: ehr; 2 to fall due"
    )


def test_text_and_json_hold_the_same_id_for_the_same_audit_and_another_for_another():
    first, again = worded(), worded()
    assert first.id == again.id == json.loads(first.payload)["message"]
    assert first.body.splitlines()[-1] == first.id
    other = AuditSummary(8, "lakeside-family", AT, 2, "", {})
    assert worded(Digest(other, NEWS.day, first=False, headcount=NEWS.headcount)).id != first.id


@pytest.mark.parametrize(
    ("tell", "findings", "due"),
    [
        (Tell(), ["F-AAAAAAAAAA"], 1),
        (Tell(findings="low", falls_due_days=60), ["F-AAAAAAAAAA", "F-BBBBBBBBBB"], 2),
        (Tell(findings="none", falls_due_days=0), [], 0),
    ],
)
def test_everybody_gets_what_they_want(tell, findings, due):
    mine = NEWS.for_(tell)
    assert [f.id for f in mine.new] == findings
    assert len(mine.due) == due


def test_what_is_not_new_is_not_worth_a_message():
    same = Digest(
        AUDIT, NEWS.day, first=False, closed=3, unread=Unevaluated(3, ("ehr",)), unread_before=Unevaluated(3, ("ehr",))
    )
    assert not same.worth_telling
    assert Digest(
        AUDIT, NEWS.day, first=False, unread=Unevaluated(4, ()), unread_before=Unevaluated(3, ())
    ).worth_telling
    assert not Digest(
        AUDIT, NEWS.day, first=False, unread=Unevaluated(2, ()), unread_before=Unevaluated(3, ())
    ).worth_telling


def test_a_thousand_events_fit_into_a_message():
    many = Digest(AUDIT, NEWS.day, first=False, headcount=tuple(("left", f"VMA-{n}") for n in range(1000)))
    assert "  and 980 more" in worded(many).body
    assert len(worded(many).body) < 2000
    assert len(json.loads(worded(many).payload)["headcount"]) == 1000


KEY = b"k" * 32


def test_an_address_is_told_by_a_digest_that_nobody_can_try_out():
    address = "rosa.camacho@lakeside.example"
    plain = hashlib.sha256(address.encode()).hexdigest()
    assert shown(address, KEY) == shown(address, KEY) != shown(address, b"x" * 32)
    assert plain[:8] not in shown(address, KEY)


def test_the_key_of_the_digests_stays_the_same_and_is_not_the_ledgers(tmp_path):
    one = Signer.load_or_create(tmp_path / "k", ledger_is_empty=True).pseudonyms
    assert Signer.load_or_create(tmp_path / "k", ledger_is_empty=False).pseudonyms == one
    assert Signer.load_or_create(tmp_path / "other", ledger_is_empty=True).pseudonyms != one
    assert one not in (tmp_path / "k").read_bytes()


@given(st.text(min_size=1))
def test_whatever_an_id_on_the_roster_is_made_of_it_ends_no_line_and_names_no_address(vma):
    told = shown(vma, KEY)
    assert told == vma or told.startswith("VMA-")
    assert told.isascii()
    assert not set(told) & set("\r\n@<>&*_|`: .") - {"_"}
    assert len(told) <= 40


def test_a_mail_cannot_be_given_further_headers():
    server = MailServer(host="localhost", sender="auditor@lakeside.example")
    hostile = messages.Message("W-1", "ops", "subject\r\nBcc: all@lakeside.example", "body", "{}", AT)
    with pytest.raises(ValueError, match="linefeed"):
        compose(server, "dana@lakeside.example", hostile)


def test_what_a_machine_is_sent_keeps_its_keys_to_the_byte():
    overdue = (OverdueOrder("O-4QKE2VXCXR", "ehr", "VMA-06", "left", 30, 24, "not sent"),)
    order = '{"cause": "left", "hours": 30, "id": "O-4QKE2VXCXR", "step": 24, "system": "ehr", "whom": "VMA-06"}'
    news = replace(NEWS, headcount=(("joined", "VMA-07"),), announced=(("left", "VMA-05", "N-1"),), due=DUE[:1])
    told = worded(replace(news, new=NEW[:1], overdue=overdue, closed=3, usable_again=True))
    assert told.payload == (
        '{"announced": [{"kind": "left", "notice": "N-1", "vma": "VMA-05"}], '
        '"audit": {"at": "2026-11-29T12:00:00+00:00", "exit_code": 2, "first": false, "id": 7}, '
        '"falls_due": [{"day": "2026-12-01", "kind": "agreement ends", "whom": ["VMA-07"]}], "gone_findings": 3, '
        f'"headcount": [{{"kind": "joined", "vma": "VMA-07"}}], "message": "{told.id}", '
        '"new_findings": {"by_severity": {"critical": 1, "high": 0, "low": 0, "medium": 0}, '
        '"findings": [{"id": "F-AAAAAAAAAA", "severity": "critical", "whom": "VMA-07"}]}, '
        '"not_evaluated": {"checks": 3, "systems": ["ehr"]}, '
        f'"overdue_orders": [{order}], "practice": "lakeside-family", "schema_version": 1, '
        f'"text": "{told.subject}", "usable_again": true}}'
    )
    late = messages.of_orders(overdue, "lake-ü", "ops", AT)
    assert late.payload == (
        f'{{"message": "{late.id}", "overdue_orders": [{order}], "practice": "lake-ü", "schema_version": 1, '
        '"text": "lake-ü: 1 order overdue"}'
    )
    failure = Failure("no", "do", 64, passes=False, same="same")
    assert messages.of_trouble("W-1", "lake", "ops", failure, AT).payload == (
        '{"message": "W-1", "practice": "lake", "schema_version": 1, '
        '"text": "lake: no\\ndo\\n\\nW-1\\n", "trouble": "no"}'
    )
    test = json.loads(messages.of_test("lake", "ops", AT).payload)
    assert test.keys() == {"schema_version", "message", "practice", "test", "text"}
    assert test["test"] is True
