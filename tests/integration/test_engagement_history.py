"""
Several engagements of one VMA, audited and asked: each truth was written down by hand before it was run.

The audits are of noon on 10 and 20 November 2026 in Chicago. From the first instant of the month to the second audit
are 19.5 days.
"""

import json
from collections.abc import Sequence

import pytest

from auditor.cli import run
from tests.small_practice import HARBOR, TIDE, Small, account, answer, noon, row

FIRST, SECOND = noon("2026-11-10"), noon("2026-11-20")
ANA = account("ana", Created="2026-11-02")


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path / "small")


def told(small, capsys, first: Sequence[str], second: Sequence[str] | None = None, *, accounts=([ANA], [ANA])):
    """Audit twice, and return what drift and lag say of it."""
    small.audit(FIRST, first, accounts[0])
    small.audit(SECOND, second if second is not None else first, accounts[1])
    drift = answer(capsys, "drift", str(small.config))
    lag = answer(capsys, "lag", str(small.config), "--as-of", "2", "--since", "2026-11-01")
    return drift, lag


def kinds(drift) -> list[str]:
    return [event["kind"] for event in drift["events"]]


def of(lag, control: str) -> list[dict]:
    return [one for one in lag["lags"] if one["control"] == control]


def share(lag, control: str) -> float:
    return round(lag["lockstep_by_control"][control], 3)


def test_a_change_of_role_from_one_day_to_the_next(small, capsys):
    rows = [row("ana", "2026-11-01", "2026-11-12"), row("ana", "2026-11-13", roles="billing")]
    drift, lag = told(small, capsys, rows, accounts=([ANA], [ANA | {"Role": "Claims"}]))
    assert kinds(drift) == ["role-changed"]
    assert drift["owed"] == []
    assert drift["changes"]["unexplained"] == 0
    assert lag["vma_days"] == 19.5
    assert [one["control"] for one in lag["lags"]].count("agreement") == 1
    assert of(lag, "disabled") == []
    assert lag["out_of_order"] == []
    assert {s["headcount"] for s in lag["steps"]} == {1}


def test_one_row_that_was_written_over_with_another_agency_keeps_what_audits_knew(small, capsys):
    drift, lag = told(small, capsys, [row("ana", "2026-11-01")], [row("ana", "2026-11-01", agency=TIDE)])
    assert kinds(drift) == ["agency-changed"]
    assert lag["vma_days"] == 19.5
    assert [one["agency"] for one in of(lag, "agreement")] == [HARBOR, TIDE]
    assert share(lag, "agreement") == 100.0


def test_another_agency_whose_agreement_comes_later_leaves_a_gap_of_just_those_days(tmp_path, capsys):
    agreements = f"""\
agreements:
  - {{id: B1, kind: baa, between: [practice, {HARBOR}], signed_by_both: true, from: 2026-01-01, to: 2026-11-12}}
  - {{id: B2, kind: baa, between: [practice, {TIDE}], signed_by_both: true, from: 2026-11-16}}
"""
    rows = [row("ana", "2026-11-01", "2026-11-12"), row("ana", "2026-11-13", agency=TIDE)]
    drift, lag = told(Small(tmp_path / "small", agreements), capsys, rows)
    assert kinds(drift) == ["agency-changed"]
    assert [(o["account_from"], o["agreement_from"], o["hours"]) for o in lag["out_of_order"]] == [
        ("2026-11-13T06:00:00Z", "2026-11-16T06:00:00Z", -72.0)
    ]
    assert [(one["agency"], one["state"], one["hours"]) for one in of(lag, "agreement")][1] == (TIDE, "in place", 72.0)
    assert share(lag, "agreement") == round(16.5 / 19.5 * 100, 3)


def test_an_agency_that_always_covered_is_not_judged_by_the_agency_of_today(tmp_path, capsys):
    agreements = f"""\
agreements:
  - {{id: B1, kind: baa, between: [practice, {HARBOR}], signed_by_both: true, from: 2026-01-01, to: 2026-11-12}}
  - {{id: B2, kind: baa, between: [practice, {TIDE}], signed_by_both: true, from: 2026-11-13}}
"""
    rows = [row("ana", "2026-06-01", "2026-11-12"), row("ana", "2026-11-13", agency=TIDE)]
    small = Small(tmp_path / "small", agreements)
    small.audit(SECOND, rows, [ANA | {"Created": "2026-06-01"}])
    lag = answer(capsys, "lag", str(small.config), "--as-of", "1", "--since", "2026-06-01")
    assert lag["out_of_order"] == []
    assert share(lag, "agreement") == 100.0
    found = answer(capsys, "audit", str(small.config), "--at", noon("2026-11-21"))
    (ana,) = (r for r in found["coverage"] if r["vma"] == "ana")
    assert [s["state"] for s in ana["spans"]] == ["covered"]
    assert ana["stays"] == [["2026-06-01", None]]


def test_a_contractor_who_becomes_an_employee_was_uncovered_just_as_a_contractor(small, capsys):
    rows = [row("ana", "2026-11-01", "2026-11-12", employment="contractor"), row("ana", "2026-11-13")]
    drift, lag = told(small, capsys, rows)
    assert kinds(drift) == ["agency-changed"]
    assert drift["owed"] == []
    assert lag["vma_days"] == 19.5
    assert [one["state"] for one in of(lag, "agreement")] == ["never in place", "in place"]
    assert share(lag, "agreement") == round(7.5 / 19.5 * 100, 3)


def test_both_periods_count_that_were_entered_together_after_the_first_was_over(small, capsys):
    rows = [row("ana", "2026-10-20", "2026-10-31", employment="contractor"), row("ana", "2026-11-01")]
    small.audit(noon("2026-11-29"), rows, [ANA | {"Created": "2026-10-21"}])
    lag = answer(capsys, "lag", str(small.config), "--as-of", "1", "--since", "2026-10-20")
    assert lag["vma_days"] == 12 + 28.5


def test_a_gap_of_two_weeks_is_seen(small, capsys):
    rows = [row("ana", "2026-10-01", "2026-10-31"), row("ana", "2026-11-15")]
    stopped = ANA | {"Status": "Disabled", "Created": "2026-10-01"}
    small.audit(noon("2026-10-20"), rows, [ANA | {"Created": "2026-10-01"}])
    small.audit(noon("2026-11-01"), rows, [stopped])
    small.audit(SECOND, rows, [ANA | {"Created": "2026-10-01"}])
    assert kinds(answer(capsys, "drift", str(small.config), "--from", "1", "--to", "2")) == ["left"]
    drift = answer(capsys, "drift", str(small.config), "--from", "1", "--to", "3")
    assert kinds(drift) == ["left", "rehired"]
    assert drift["owed"] == []  # the account works, and so does she
    lag = answer(capsys, "lag", str(small.config), "--as-of", "3", "--since", "2026-10-01")
    assert lag["vma_days"] == 31 + 5.5
    assert [one["state"] for one in of(lag, "disabled")] == ["in place"]
    assert len(of(lag, "training")) == 2


def test_a_second_row_to_come_changes_nothing_before_its_day(small, capsys):
    rows = [row("ana", "2026-11-01", "2026-11-29"), row("ana", "2026-11-30", roles="billing")]
    drift, lag = told(small, capsys, [row("ana", "2026-11-01")], rows)
    assert drift["events"] == []
    assert lag["vma_days"] == 19.5
    ahead = answer(capsys, "forecast", str(small.config), "--as-of", "2", "--days", "30")
    assert [i["kind"] for i in ahead["items"] if "ana" in json.dumps(i) and i["day"] == "2026-11-30"] != []
    assert not [i for i in ahead["items"] if i["kind"] == "contract ends"]


def test_of_three_rows_the_first_is_not_lost(small, capsys):
    rows = [
        row("ana", "2026-11-01", "2026-11-05"),
        row("ana", "2026-11-06", "2026-11-14", agency=TIDE),
        row("ana", "2026-11-15", agency=TIDE, roles="billing"),
    ]
    small.audit(SECOND, rows, [ANA | {"Role": "Claims"}])
    lag = answer(capsys, "lag", str(small.config), "--as-of", "1", "--since", "2026-11-01")
    assert lag["vma_days"] == 19.5
    assert [one["agency"] for one in of(lag, "agreement")] == [HARBOR, TIDE]


def test_a_leave_with_a_row_of_its_own_is_a_leave_and_no_leaving(small, capsys):
    rows = [
        row("ana", "2026-11-01", "2026-11-11"),
        row("ana", "2026-11-12", "2026-11-15", status="on-leave"),
        row("ana", "2026-11-16"),
    ]
    drift, lag = told(small, capsys, rows)
    assert kinds(drift) == ["on-leave", "returned"]
    assert drift["owed"] == []
    assert lag["vma_days"] == 19.5


def test_a_corrected_first_day_moves_the_days_and_is_no_event_of_headcount(small, capsys):
    drift, lag = told(small, capsys, [row("ana", "2026-11-01")], [row("ana", "2026-11-03")])
    assert kinds(drift) == ["corrected"]
    assert lag["vma_days"] == 17.5


def test_who_was_entered_late_and_had_left_before_owes_the_account(small, capsys):
    others = [row("bea", "2026-01-05", name="Bea Cruz")]
    late = [*others, row("ana", "2026-11-01", "2026-11-08")]
    drift, _ = told(small, capsys, others, late)
    assert kinds(drift) == ["joined", "left"]
    assert [(o["vma"], o["event"], o["what"]) for o in drift["owed"]] == [("ana", "left", "the account still works")]


def test_nobody_who_has_left_owes_what_the_role_requires(small, capsys):
    others = [row("bea", "2026-01-05", name="Bea Cruz")]
    drift, _ = told(small, capsys, others, [*others, row("ana", "2026-11-12", "2026-11-15")], accounts=([], []))
    assert kinds(drift) == ["joined", "left"]
    assert drift["owed"] == []


def test_paying_what_was_owed_is_explained_by_that(small, capsys):
    """Ana left and her account still worked; Cy's role required what nothing gave; Dee kept what her old role had."""
    rows = [
        row("ana", "2026-11-01", "2026-11-08"),
        row("cy", "2026-11-05", name="Cy Cole"),
        row("dee", "2026-11-01", "2026-11-08", name="Dee Diaz"),
        row("dee", "2026-11-09", name="Dee Diaz", roles="billing"),
    ]
    dee = account("dee", "Scheduling; Claims", Name="Dee Diaz", Created="2026-11-01")
    paid = [ANA | {"Status": "Disabled"}, account("cy", Name="Cy Cole"), dee | {"Role": "Claims"}]
    drift, _ = told(small, capsys, rows, accounts=([ANA, dee], paid))
    assert drift["events"] == []
    assert {(t["login"], t["kind"]): t["cause"] for t in drift["told"]} == {
        ("ana", "account stopped working"): "explained by what was owed",
        ("cy", "account came"): "explained by what was owed",
        ("cy", "grant came"): "explained by what was owed",
        ("dee", "grant went"): "explained by what was owed",
    }
    assert drift["changes"]["explained by what was owed"] == 4


def test_what_is_not_owed_is_not_explained_by_what_is(small, capsys):
    rows = [row("cy", "2026-11-05", name="Cy Cole")]
    more = account("cy", "Scheduling; Claims", Name="Cy Cole")
    drift, _ = told(small, capsys, rows, accounts=([], [more]))
    causes = {t["assignment"]: t["cause"] for t in drift["told"]}
    assert causes["Claims"] == "unexplained"


def test_a_grant_that_replaces_another_is_what_transfer_orders(small, capsys):
    """Both roles require demographics.read: what gave it had to go, and something else that gives it had to come."""
    rows = [row("ana", "2026-11-01", "2026-11-12"), row("ana", "2026-11-13", roles="billing")]
    had = ANA | {"Role": "Scheduling; Claims Only"}
    drift, _ = told(small, capsys, rows, accounts=([had], [ANA | {"Role": "Claims Only; Demographics"}]))
    assert {t["assignment"]: t["cause"] for t in drift["told"]} == {
        "Scheduling": "explained by an event",
        "Demographics": "explained by an event",
    }


def test_the_ledger_vouches_for_every_engagement(small, capsys):
    rows = [row("ana", "2026-11-01", "2026-11-12"), row("ana", "2026-11-13", roles="billing")]
    told(small, capsys, rows)
    key = (small.folder / "auditor.key.pub").read_text().strip()
    assert run(["verify", str(small.folder / "auditor.db"), "--key", key]) == 0


BEN = [row("ben", "2026-11-12", name="Ben Cole", email="ben.cole@example.com")]


def found(capsys, small, rule: str) -> list[dict]:
    report = answer(capsys, "audit", str(small.config), "--at", noon("2026-11-21"))
    return [f for f in report["findings"] if f["rule"] == rule]


def test_a_leavers_account_that_is_given_to_a_joiner_is_a_finding(small, capsys):
    ana = row("ana", "2026-11-01", "2026-11-11", email="ana.reyes@example.com")
    was = ANA | {"Login": "desk7", "Id": "7", "Email": "ana.reyes@example.com"}
    now = was | {"Email": "ben.cole@example.com", "Name": "Ben Cole"}
    drift, _ = told(small, capsys, [ana, *BEN], accounts=([was], [now]))
    moved = [(t["kind"], t["cause"]) for t in drift["told"]]
    assert ("account has other owners", "unexplained") in moved
    (finding,) = found(capsys, small, "shared-account")
    assert finding["title"] == "desk7 in EHR was Ana Reyes's and is Ben Cole's now"


def test_an_account_that_stays_with_whoever_came_back_under_a_new_id_is_no_finding(small, capsys):
    rows = [row("ana", "2026-11-01", "2026-11-11", email="ana.reyes@example.com")]
    again = row("ana2", "2026-11-12", name="Ana Reyes", email="ana.reyes@example.com")
    account_ = ANA | {"Email": "ana.reyes@example.com"}
    told(small, capsys, rows, [again], accounts=([account_], [account_]))
    assert found(capsys, small, "shared-account") == []


def test_a_stated_login_that_carries_somebody_elses_address_is_asked_and_not_believed(small, capsys):
    rows = [
        row("ana", "2026-11-01", "2026-11-11", email="ana.reyes@example.com"),
        row("ben", "2026-11-12", name="Ben Cole", email="ben.cole@example.com", logins="ehr:desk7"),
    ]
    desk = account("desk7", Email="ana.reyes@example.com", Created="2026-11-02")
    small.audit(SECOND, rows, [desk])
    gone = answer(capsys, "offboard", "ana", str(small.config), "--as-of", "1")
    assert gone["outcome"] == "UNPROVEN"
    ready = answer(capsys, "onboard", "ben", str(small.config), "--as-of", "1")
    assert ready["ready"] is False
    assert "desk7" in json.dumps(gone)
    assert "auditor confirm ana ehr:desk7" in json.dumps(gone)


def test_who_comes_back_later_has_left_all_the_same(small, capsys):
    """In the gap between two stays the last day is that of the first, and the account must not work."""
    rows = [row("ana", "2026-11-01", "2026-11-11"), row("ana", "2026-11-25")]
    small.audit(SECOND, rows, [ANA])
    gone = answer(capsys, "offboard", "ana", str(small.config), "--as-of", "1")
    assert (gone["outcome"], gone["end"]) == ("NOT GONE", "2026-11-11")
    assert {i["id"]: i["answer"] for i in gone["items"]}["disabled"] == "failed"
    small.audit(noon("2026-11-21"), rows, [ANA | {"Status": "Disabled"}])
    gone = answer(capsys, "offboard", "ana", str(small.config), "--as-of", "2")
    assert {i["id"]: i["answer"] for i in gone["items"]}["disabled"] == "passed"
