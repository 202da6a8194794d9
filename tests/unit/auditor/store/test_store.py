import os
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.ledger.keys import Signer
from auditor.ledger.verify import verify
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.facts import Grant
from policies.engine.outcomes import Severity
from tests.store_sample import PRACTICE, START, account, days, facts, finding, record, save_all, signer, without


@pytest.fixture
def key(tmp_path: Path) -> Signer:
    return signer(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store.open(tmp_path / "data" / "auditor.db") as opened:
        yield opened


def test_what_was_saved_comes_back_with_every_field(store, key):
    saved = store.save(record(), key, after=None)
    stored = store.last(PRACTICE)
    assert stored.snapshot == facts()
    assert stored.audit.id == saved.audit
    assert (stored.audit.at, stored.audit.exit_code) == (START, 1)
    assert (stored.audit.headline, stored.audit.counts) == ("day 0: 1 finding", {"findings": 1, "satisfied": 9})
    assert set(stored.first_seen.values()) == {START}


def test_a_practice_that_was_never_audited_has_no_last_audit(store):
    assert store.last(PRACTICE) is None
    assert store.audits() == ()
    assert list(store.entries()) == []


def test_every_past_audit_can_be_asked_for(store, key):
    records = days(8)
    saved = save_all(store, key, records)
    for one, audit in zip(records, saved, strict=True):
        stored = store.at(PRACTICE, audit.audit)
        assert stored.snapshot == one.snapshot
        assert stored.audit.at == one.at
    assert [a.at for a in store.audits(PRACTICE)] == [r.at for r in records]


def test_an_audit_of_another_practice_is_not_handed_out(store, key):
    save_all(store, key, [record(), record(facts(vmas=("VMA-9",)), practice="other")])
    assert set(store.last(PRACTICE).snapshot.people) == {"VMA-1", "VMA-2"}
    assert set(store.last("other").snapshot.people) == {"VMA-9"}
    assert [a.practice for a in store.audits()] == [PRACTICE, "other"]
    with pytest.raises(AuditorError, match="`other` has no audit 1"):
        store.at("other", 1)


def test_an_audit_that_finds_nothing_new_changes_no_history(store, key):
    save_all(store, key, [record(), record(day=1)])
    assert [set(entry.rows) for entry in store.entries()][1] == {"audit", "collection"}


def test_a_daily_sign_in_rewrites_the_sign_in_and_not_the_account(store, key):
    later = [account("ehr", "u1", last_login=START + timedelta(days=d)) for d in (0, 1)]
    save_all(store, key, [record(facts(accounts=[a]), day=d) for d, a in enumerate(later)])
    assert list(store.entries())[1].rows == {"audit": (1, 0), "collection": (2, 0), "sign_in": (1, 1)}


def test_a_system_that_could_not_be_read_keeps_what_was_last_known(store, key):
    whole = facts()
    blind = replace(without(whole, "ehr"), findings={})
    ids = whole.findings.keys()
    save_all(store, key, [record(whole), record(blind, day=1, partial=["ehr"], keep_open=ids)])
    assert store.last(PRACTICE).snapshot == whole


def test_a_system_that_was_read_whole_and_empty_is_known_from_then_on_and_one_that_was_not_read_is_not(store, key):
    empty = without(facts(), "ehr")
    partials = ["ehr"], [], ["ehr"]
    save_all(store, key, [record(empty, day=day, partial=partial) for day, partial in enumerate(partials)])
    save_all(store, key, [record(empty, practice="other", day=3, partial=["ehr"])])
    assert ["ehr" in store.at(PRACTICE, audit).snapshot.known for audit in (1, 2, 3)] == [False, True, True]
    assert store.last("other").snapshot.known == {"directory"}


def test_facts_of_a_system_that_was_not_read_whole_are_refused(store, key):
    with pytest.raises(AuditorError, match="facts of `ehr`, which was not read whole"):
        store.save(record(facts(), partial=["ehr"]), key, after=None)
    assert store.audits() == ()


def test_a_roster_with_a_person_without_engagement_is_refused(store, key):
    torn = replace(facts(), engagements={})
    with pytest.raises(AuditorError, match="a person without engagement"):
        store.save(record(torn), key, after=None)


def test_a_finding_that_could_not_be_judged_again_stays_open(store, key):
    id_ = finding("ehr:u2").identity(PRACTICE)
    save_all(store, key, [record(), record(facts(findings=[]), day=1, keep_open=[id_])])
    assert store.finding(id_).open
    save_all(store, key, [record(facts(findings=[]), day=2)])
    assert not store.finding(id_).open


def test_a_finding_that_comes_back_was_first_seen_when_it_was_first_seen(store, key):
    id_ = finding("ehr:u2").identity(PRACTICE)
    save_all(store, key, [record(), record(facts(findings=[]), day=1), record(day=2), record(day=3)])
    found = store.finding(id_)
    assert (found.first_seen, found.last_seen, found.open) == (START, START + timedelta(days=3), True)
    assert store.last(PRACTICE).first_seen == {id_: START}
    assert store.at(PRACTICE, 2).first_seen == {}


def test_a_closed_finding_was_last_seen_in_the_audit_before(store, key):
    id_ = finding("ehr:u2").identity(PRACTICE)
    save_all(
        store, key, [record(), record(day=1), record(facts(findings=[]), day=2), record(facts(findings=[]), day=3)]
    )
    found = store.finding(id_, PRACTICE)
    assert (found.last_seen, found.open, found.practice) == (START + timedelta(days=1), False, PRACTICE)
    assert store.finding(id_, "other") is None
    assert store.finding("F-AAAAAAAAAA") is None


def test_a_finding_that_got_worse_is_the_same_finding(store, key):
    worse = finding("ehr:u2", Severity.CRITICAL)
    save_all(store, key, [record(), record(facts(findings=[worse]), day=1)])
    found = store.finding(worse.identity(PRACTICE))
    assert (found.finding.severity, found.first_seen, found.open) == (Severity.CRITICAL, START, True)
    assert store.at(PRACTICE, 1).snapshot.findings[worse.identity(PRACTICE)].severity is Severity.HIGH


def test_who_was_once_on_the_roster_is_remembered_with_the_last_day(store, key):
    rosters = [("VMA-1", "VMA-2"), ("VMA-1", "VMA-2"), ("VMA-1",), ("VMA-1", "VMA-3")]
    save_all(store, key, [record(facts(vmas=v), day=d) for d, v in enumerate(rosters)])
    ((person, engagement, seen),) = store.former_engagements(PRACTICE, ["VMA-1", "VMA-3"])
    assert (person.id, engagement.vma, seen) == ("VMA-2", "VMA-2", START + timedelta(days=1))
    ids = [p.id for p, _, _ in store.former_engagements(PRACTICE, [])]
    assert ids == ["VMA-1", "VMA-2", "VMA-3"]
    assert store.former_engagements(PRACTICE, [])[2][2] == START + timedelta(days=3)


def test_an_audit_that_was_compared_with_an_older_one_is_not_saved(store, key, tmp_path):
    save_all(store, key, [record()])
    with Store.open(tmp_path / "data" / "auditor.db") as other:
        other.save(record(day=1), key, after=1)
    for after in (1, None):
        with pytest.raises(AuditorError, match="another audit of `cedar-family` finished meanwhile"):
            store.save(record(day=2), key, after=after)
    assert len(store.audits()) == 2


def test_a_store_that_somebody_else_is_writing_is_left_alone(tmp_path, key):
    path = tmp_path / "auditor.db"
    with Store.open(path, wait_s=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditorError, match="database is locked") as caught:
            store.save(record(), key, after=None)
        other.close()
        assert "another auditor is writing" in caught.value.hint
        store.save(record(), key, after=None)


def test_several_processes_save_their_practices_into_one_whole_ledger(tmp_path, key):
    path = tmp_path / "auditor.db"
    Store.open(path).close()
    children = []
    for child in range(3):
        pid = os.fork()
        if not pid:
            try:
                with Store.open(path) as store:
                    save_all(store, key, [record(day=d, practice=f"practice-{child}") for d in range(5)])
            finally:
                os._exit(len(Store.open(path).audits(f"practice-{child}")))
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [5, 5, 5]
    verdict = verify(path, key.public)
    assert (verdict.ok, verdict.valid) == (True, 15)


def test_text_that_cannot_be_stored_is_refused_and_nothing_is_saved(store, key):
    broken = facts(accounts=[account("ehr", "u1", name="cut \udce9")])
    with pytest.raises(AuditorError, match="a character or a number that cannot be stored"):
        store.save(record(broken), key, after=None)
    assert store.audits() == ()


def test_an_instant_without_time_zone_is_refused(store, key):
    with pytest.raises(AuditorError, match="has no time zone"):
        store.save(replace(record(), at=START.replace(tzinfo=None)), key, after=None)


def test_a_ledger_is_not_continued_with_another_key(store, key, tmp_path):
    save_all(store, key, [record()])
    with pytest.raises(AuditorError, match="is not signed by this key"):
        store.save(record(day=1), signer(tmp_path / "elsewhere"), after=1)
    assert len(store.audits()) == len(list(store.entries())) == 1


def test_entries_name_their_audits_and_the_head_is_the_last(store, key):
    saved = save_all(store, key, days(3))
    entries = list(store.entries())
    assert [(e.n, e.audit, e.practice) for e in entries] == [(1, 1, PRACTICE), (2, 2, PRACTICE), (3, 3, PRACTICE)]
    assert [e.prev for e in entries] == ["0" * 64, entries[0].hash, entries[1].hash]
    assert entries[-1].head == saved[-1].head


def test_how_each_system_was_read_is_kept_with_the_audit(store, key, tmp_path):
    save_all(store, key, [record(without(facts(), "ehr"), day=3, partial=["ehr"])])
    with sqlite3.connect(tmp_path / "data" / "auditor.db") as raw:
        rows = raw.execute(
            "SELECT system, complete, evidence, reason, accounts FROM collection ORDER BY system"
        ).fetchall()
        drops = raw.execute("SELECT system, before, missing, now, reason FROM accepted_drop").fetchall()
    raw.close()
    assert rows == [("directory", 1, '[["pages","1"]]', None, 1), ("ehr", 0, "[]", "no answer", 0)]
    assert drops == [("ehr", 90, 40, 50, "clinic closed")]


def test_a_system_that_is_no_longer_configured_ends_in_the_history(store, key):
    one = replace(record(without(facts(), "ehr"), day=1))
    one = replace(one, collections={"directory": one.collections["directory"]})
    save_all(store, key, [record(), one])
    assert {system for system, _ in store.last(PRACTICE).snapshot.accounts} == {"directory"}
    assert {system for system, _ in store.at(PRACTICE, 1).snapshot.accounts} == {"directory", "ehr"}


def test_a_large_practice_is_saved_and_read_within_seconds(store, key):
    grants = [("ehr", Grant(f"user-{i}", f"CN=group {j},OU=x,DC=example")) for i in range(200) for j in range(100)]
    large = facts(accounts=[account("ehr", f"user-{i}") for i in range(200)], grants=grants)
    save_all(store, key, [record(large), record(large, day=1)])
    assert store.last(PRACTICE).snapshot == large


def test_what_was_compiled_for_one_file_is_used_for_the_next_and_never_shows_it_anothers_rows(tmp_path, key):
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    with Store.open(first) as one:
        save_all(one, key, [record(facts(vmas=("VMA-7",)))])
        engine = one._engine
        with Store.open(second) as two:  # while the first is open
            assert two._engine is not engine
            assert two.last(PRACTICE) is None
            save_all(two, key, [record(facts(vmas=("VMA-8",)))])
        assert set(one.last(PRACTICE).snapshot.people) == {"VMA-7"}
    with pytest.raises(AssertionError, match="closed"):
        one.last(PRACTICE)
    with Store.open(second) as again:
        assert set(again.last(PRACTICE).snapshot.people) == {"VMA-8"}
        one.close()  # once more: it takes nothing from whoever has its engine by now
        two.close()
        assert set(again.last(PRACTICE).snapshot.people) == {"VMA-8"}
    with Store.open(first) as first_again:
        assert set(first_again.last(PRACTICE).snapshot.people) == {"VMA-7"}


def test_each_store_waits_as_long_as_whoever_opened_it_said(tmp_path):
    for wait_s in (3, 0.25):
        with Store.open(tmp_path / "a.db", wait_s=wait_s) as store, store._engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == wait_s * 1000
