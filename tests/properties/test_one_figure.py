"""One figure for one word: what every output shows of a practice agrees with what every other one shows."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings

from auditor import pipeline
from auditor.audit.result import AuditResult
from auditor.exit_codes import IN_STEP
from auditor.lag.report import lag_report
from auditor.orders.follow import Followed
from auditor.reporting import build_report
from auditor.reporting.lag_data import KEYS, lag_data
from auditor.store import Store
from connectors.facts import Roster
from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.outcomes import Satisfied
from policies.engine.rule import Bounded, all_rules
from reports import html, json_report, text
from reports.as_json import as_json
from tests.builders import Clinic, in_step, policy
from tests.shown import BAA, Control, Shown, of_html, of_json, of_text
from tests.strategies import clinics

AGREEMENT_RULES = {"no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi"}
LEAST = "Least privilege"
IN_LAG = {"agreement": BAA, "least-privilege": LEAST, "unique-account": "Accounts of one's own"}
"""What `auditor lag` and the report both tell."""


@dataclass(frozen=True)
class Outputs:
    """One audit, as it is shown everywhere."""

    case: Case
    text: Shown
    html: Shown
    json: Shown
    data: dict[str, Any]
    lag: dict[tuple[str, str], str]
    """By VMA and control: `missing`, `unknown`, `in place` or `not due yet`."""


def shown(clinic: Clinic) -> Outputs:
    judged = clinic.judged()
    report = build_report(judged)
    printed = json_report.render(report)
    return Outputs(
        judged.case,
        of_text(text.render(report, width=100, colour=False)),
        of_html(html.render(report), judged.case.today),
        of_json(printed, judged.case.today),
        json.loads(printed),
        lag(judged),
    )


def lag(judged: AuditResult) -> dict[tuple[str, str], str]:
    """Store the audit, ask `auditor lag` at its instant, and read its JSON."""
    case = judged.case
    sources = {id_: SimpleNamespace(connector=SimpleNamespace(system=s)) for id_, s in case.systems.items()}
    config: Any = SimpleNamespace(practice=case.practice, sources=sources, controls=None)
    people = tuple(case.people[vma] for vma in case.engagements)
    roster = Roster(people, tuple(case.engagements.values()), "roster.csv", "")
    inputs: Any = SimpleNamespace(agreements=case.agreements, policy=policy(), roster=roster)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "auditor.db"
        with Store.open(path) as store:
            pipeline._save(store, path, judged, build_report(judged), IN_STEP, orders=Followed({}, ()))
            data = as_json(lag_data(lag_report(config, inputs, store, now=case.at, since=None)), keys=KEYS)
    return {(x["vma"], x["control"]): _standing(x) for x in data["lags"]}


def _standing(line: dict[str, Any]) -> str:
    if line["finding_stands"]:
        return "missing"
    if line["owed_since"] is not None:
        return "unknown"
    return line["state"]


def agree(all_: Outputs) -> None:
    """Compare every figure with every other place where it stands."""
    one = all_.json
    assert all_.html == one
    assert all_.text.heads == one.heads
    assert all_.text.counts == one.counts
    rows = dict(one.controls)
    _covered(all_, rows[BAA])
    heads, tiles = one.heads, one.tiles
    assert heads.active == len(all_.case.active)
    for row in rows.values():
        assert row.in_place + len(row.missing) + len(row.unknown) == row.headcount
        assert row.headcount + len(row.exempt) == heads.active
    findings = all_.data["findings"]
    assert int(tiles[1][0]) == sum(f["rule"] == "active-after-end" for f in findings)
    assert int(tiles[3][0]) == one.counts[3] == sum(r["not_evaluated"] for r in all_.data["rules"])
    urgent = {f["vma"] or (f["subject_kind"], f["subject"]) for f in findings if f["severity"] in ("critical", "high")}
    assert heads.action == len(urgent)
    assert ("is known" in all_.data["headline"]["sentence"]) <= (one.counts[3] > 0)
    if heads.live_ehr is not None:
        assert heads.live_ehr == sum(
            s["live_of_vmas"] + s["live_of_nobody"] for s in all_.data["systems"] if s["kind"] == "ehr"
        )


def _covered(all_: Outputs, row: Control) -> None:
    heads, tile = all_.json.heads, all_.json.tiles[0]
    assert (row.in_place, len(row.unknown), len(row.exempt)) == (heads.covered, heads.unknown, heads.exempt)
    assert tile[0] == f"{row.in_place} of {row.headcount}"
    assert tile[1] == ("bad" if row.missing else "unknown" if row.unknown else "good")
    active = {e.vma for e in all_.case.active}
    picture = {vma: state for vma, state in all_.json.cover if vma in active}
    assert picture == {vma: _of(all_, row, vma, exempt="covered") for vma in active}
    broken = {f["vma"] for f in all_.data["findings"] if f["rule"] in AGREEMENT_RULES}
    assert {all_.case.people[vma].name for vma in broken} == set(row.missing)


def _of(all_: Outputs, row: Control, vma: str, *, exempt: str) -> str:
    name = all_.case.people[vma].name
    if name in row.exempt:
        return exempt
    return "missing" if name in row.missing else "unknown" if name in row.unknown else "covered"


def agrees_with_lag(all_: Outputs) -> None:
    """A control that lag knows too stands there as in the report, and is never better."""
    rows = dict(all_.json.controls)
    for vma, control in ((e.vma, control) for e in all_.case.active for control in IN_LAG):
        told = _of(all_, rows[IN_LAG[control]], vma, exempt="covered")
        # What has long been in place, lag leaves out; what is not, never.
        standing = all_.lag.get((vma, control), "in place").replace("in place", "covered")
        if standing == "not due yet":
            continue  # of a first day lag says neither
        # An agreement that is missing by its dates is late in lag: no finding needs to stand for that.
        if control == "agreement" and told == "missing":
            assert standing != "covered", (vma, control)
        else:
            assert standing == told, (vma, control)


@settings(max_examples=10)
@given(clinics())
def test_every_output_shows_the_same_figures_of_any_practice(clinic):
    all_ = shown(clinic)
    agree(all_)
    agrees_with_lag(all_)


def limited(*held: str, **terms: Any) -> Clinic:
    """One VMA whose agreement reaches less than everything."""
    clinic = Clinic().agreement("BAA-1", **terms).vma("ana", "Ana Santos").account("ehr", "asantos", "ana")
    return clinic.grant("ehr", "asantos", *held)


ONLY_SCHEDULE = {"phi": frozenset({"schedule"})}


@pytest.mark.parametrize(
    ("clinic", "cover", "least"),
    [
        # how the picture over time shows each active VMA today, and how many have least privilege, of how many
        (in_step(), ["covered"], (1, 1)),
        (in_step().unread("ehr"), ["covered"], (0, 1)),  # the agreement is for all systems and all PHI
        (in_step(agency=None), ["covered"], (1, 1)),
        (in_step(agency="Nobody Inc"), ["missing"], (1, 1)),
        (in_step().grant("ehr", "asantos", "custom/own"), ["covered"], (0, 1)),
        (in_step().vma("bea", agency=None).account("ehr", "b", "bea").grant("ehr", "b", "custom/own"),
         ["covered"] * 2, (1, 2)),
        (in_step().vma("bea", "Bea Lim"), ["covered"] * 2, (2, 2)),  # holds nothing, in systems that were read whole
        (in_step().system("cloud").unread("cloud"), ["covered"], (0, 1)),
        (limited("patients/appt:write"), ["covered"], (1, 1)),
        (limited("patients/demo:view", **ONLY_SCHEDULE), ["missing"], (1, 1)),
        (limited("custom/own", **ONLY_SCHEDULE), ["unknown"], (0, 1)),
        (limited("patients/appt:write", systems=frozenset({"directory"})), ["missing"], (1, 1)),
        (limited("patients/appt:write", systems=frozenset({"ehr"})).system("cloud").unread("cloud"),
         ["unknown"], (0, 1)),
        (limited("patients/appt:write", systems=frozenset({"ehr"})).system("directory").unread("directory"),
         ["covered"], (0, 1)),
    ],
)  # fmt: skip
def test_every_output_shows_the_same_figures_of_the_practices_that_once_differed(clinic, cover, least):
    all_ = shown(clinic)
    agree(all_)
    agrees_with_lag(all_)
    assert [state for _, state in all_.html.cover] == cover
    row = dict(all_.html.controls)[LEAST]
    assert (row.in_place, row.headcount) == least


@settings(max_examples=40)
@given(clinics())
def test_no_rule_that_bounds_what_somebody_holds_is_satisfied_where_that_is_not_known(clinic):
    case = clinic.case()
    unread = {
        (vma, key[0])
        for vma in case.engagements
        for key in case.live_accounts_of(vma)
        if case.holdings[key].unclassified
    }
    bounding = {rule.id for rule in all_rules() if isinstance(rule, Bounded)} - {"outside-scope"}
    satisfied: list[Satisfied] = [s for s in judge(case).satisfied if s.rule in bounding]
    for one in satisfied:
        assert (one.subject.id, one.system) not in unread
        assert one.system is not None or not any(vma == one.subject.id for vma, _ in unread)
