"""The example practice shows every question about headcount and controls: each answer says something, and it is so."""

import json

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, IN_STEP, USAGE


@pytest.fixture
def asked(shown_practice, capsys):
    def ask(command: str, *more: str, code: int = FINDINGS) -> dict:
        capsys.readouterr()
        assert run([command, *more, str(shown_practice), "--format", "json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def test_who_was_taken_in_by_the_list_is_ready_and_who_was_not_lacks_just_what_nobody_stated(asked):
    ready = asked("onboard", "VMA-07", "--as-of", "1", code=IN_STEP)
    assert ready["ready"]
    grace = asked("onboard", "VMA-10", "--as-of", "2")
    missing = [i["id"] for i in grace["items"] if i["answer"] not in ("passed", "not due yet")]
    assert missing == ["agreement", "offshore", "workstation", "device"]


def test_every_change_has_its_cause_and_one_approval_explains_two_of_them(asked):
    drift = asked("drift", "--to", "2")
    approved = [t for t in drift["told"] if t["cause"] == "explained by an approved request"]
    assert [(t["login"], t["system"]) for t in approved] == [("gsalonga", "ehr"), ("gsalonga", "ehr")]
    (request,) = {t["by"] for t in approved}
    (statement,) = [s for s in asked("statements", code=IN_STEP) if s["id"] == request]
    assert (statement["about"], statement["topic"]) == ("VMA-10", "ehr: VMA Scheduling")
    counts = drift["changes"]
    assert counts["explained by an event"] > counts["unexplained"] > 0
    assert counts["total"] == sum(n for cause, n in counts.items() if cause != "total")


def test_lockstep_is_neither_nothing_nor_all_and_falls_when_headcount_grew_without_the_controls(asked):
    quarter, now = asked("lag", "--as-of", "2", "--since", "2026-10-06"), asked("lag", "--as-of", "2")
    assert 0 < now["lockstep"] < quarter["lockstep"] < 100
    assert now["not_counted"] == []
    lags = asked("lag", "--as-of", "2", "--since", "2026-01-01")["lags"]
    by_kind = {(x["vma"], x["control"]): x for x in lags}
    assert by_kind["VMA-05", "training"]["hours"] == pytest.approx(96)  # worked for four days before it
    assert by_kind["VMA-09", "training"]["state"] == "open"
    assert by_kind["VMA-08", "training"]["hours"] < 0
    controlled = [s["controlled"] for s in now["steps"]]
    assert max(controlled) >= 4
    assert [now["steps"][n]["headcount"] for n in (0, -1)] == [7, 9]  # the leaver whose log-in works is still one


def test_what_was_taken_down_later_is_not_in_force_as_of_an_earlier_day(asked):
    def holding(day: str) -> list[tuple[str, str]]:
        said = asked("statements", "--as-of", day, code=IN_STEP)
        return [(s["about"], s.get("topic", "")) for s in said if s["in_force"]]

    # It was put down from paper on 28 September that VMA-01 was trained in January 2025.
    assert ("VMA-01", "training") not in holding("2026-09-27")
    assert ("VMA-01", "training") in holding("2026-09-28")
    assert ("VMA-02", "training") in holding("2026-12-11")
    assert ("VMA-02", "training") not in holding("2026-12-12")


def test_the_forecast_tells_of_what_people_stated_too(asked):
    items = asked("forecast", "--as-of", "2")["items"]
    kinds = [i["kind"] for i in items]
    assert {"start without cover", "attestation expires", "agreement ends", "exception expires", "review due"} <= set(
        kinds
    )
    (training,) = [i for i in items if i["kind"] == "attestation expires"]
    assert (training["day"], training["whom"]) == ("2026-12-12", ["VMA-02"])


def test_the_report_counts_the_accepted_finding_apart_and_the_approved_change_as_explained(shown_practice):
    audit = (shown_practice.parents[3] / "out" / "lakeside-2026-11.html").read_text(encoding="utf-8")
    assert "1 accepted until a day" in audit
    assert "explained by an approved request" in audit


def test_text_page_and_data_of_lag_say_the_same(shown_practice, capsys, tmp_path):
    page = tmp_path / "lag.html"
    run(["lag", str(shown_practice), "--as-of", "2", "--html", str(page)])
    text, html = capsys.readouterr().out, page.read_text(encoding="utf-8")
    run(["lag", str(shown_practice), "--as-of", "2", "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert html.count('class="step-heads"') == len(data["steps"])
    for said in ("237.00 of 393.42 VMA-days", "39.7 %", "16217.0", "a finding stands"):
        assert said in text
        assert said.casefold() in html.casefold()
    assert f"owed now: {len([x for x in data['lags'] if x['owed_since']])}" in text
    assert run(["lag", str(shown_practice), "--html", str(shown_practice.with_name("roster.csv"))]) == USAGE
