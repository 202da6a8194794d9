"""What a plan would do to every control, and what to do first."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from auditor.planning.changes import load_plan, parse_hires
from auditor.planning.model import Plan
from auditor.planning.outlook import Outlook, look
from connectors.errors import AuditorError, InputError
from policies.engine.case import Case
from tests.builders import AGENCY, TODAY, Clinic, ahead, in_step
from tests.workmaps import mapped, one_task

START = ahead(60)


def case_of(clinic: Clinic) -> Case:
    return replace(clinic.case(), periods=tuple(clinic.engagements.values()))


def plan_of(clinic: Clinic, tmp_path: Path, *changes: str) -> Plan:
    path = tmp_path / "plan.yaml"
    path.write_text("changes:\n" + "".join(f"  - {{{change}}}\n" for change in changes))
    return load_plan(path, case_of(clinic), TODAY)


def judged(clinic: Clinic, tmp_path: Path, *changes: str) -> Outlook:
    return look(case_of(clinic), plan_of(clinic, tmp_path, *changes), TODAY)


def hire(count: int = 1, role: str = "scheduler", agency: str = AGENCY, start: date = START) -> str:
    return f"hire: {count}, roles: [{role}], agency: {agency}, employment: employee, start: {start}"


def capped(seats: int) -> Clinic:
    clinic = in_step()
    clinic.agreements = [replace(a, headcount=seats) for a in clinic.agreements]
    return clinic


def test_a_hire_within_every_agreement_brings_no_finding(tmp_path):
    (day,) = judged(capped(2), tmp_path, hire()).days
    assert day.new == ()
    assert day.active == (1, 2)


def test_the_hire_that_tips_the_headcount_of_an_agreement_is_named(tmp_path):
    outlook = judged(capped(2), tmp_path, hire(2))
    (seats,) = outlook.days[0].seats
    assert (seats.cap, seats.before, seats.after, seats.tipping) == (2, 1, 3, ("NEW-2",))
    assert [f.vma for f in outlook.days[0].new] == ["NEW-2"]
    assert "covers 2, 3 will work under it" in outlook.todos[0].text


def test_an_agreement_is_amended_before_accounts_are_made_and_accounts_before_the_first_day(tmp_path):
    todos = [t.text for t in judged(capped(1), tmp_path, hire()).todos]
    places = [next(i for i, t in enumerate(todos) if word in t) for word in ("amended", "make an account", "begin")]
    assert places == sorted(places)


@pytest.mark.parametrize("days", [0, 1, 60])
def test_controls_come_first_also_when_it_is_late(tmp_path, days):
    todos = judged(capped(1), tmp_path, hire(start=ahead(days))).todos
    assert [t.day for t in todos] == sorted(t.day for t in todos)
    assert all(t.day >= TODAY for t in todos)
    assert "amended" in todos[0].text
    assert bool(todos[0].late) is (days < 14)


def test_what_to_grant_is_what_the_role_requires(tmp_path):
    outlook = judged(in_step(), tmp_path, hire(2))
    assert [c.name for c in outlook.team.grants["NEW-2"].by_system["ehr"]] == ["Schedulers"]


def test_access_to_a_system_that_the_agreement_leaves_out_is_found(tmp_path):
    clinic = in_step().agreement("BAA-2", "Second Inc", systems=frozenset({"cloud"}))
    (finding,) = judged(clinic, tmp_path, hire(agency="Second Inc")).days[0].new
    assert finding.rule == "agreement-system"


def test_a_hire_through_an_agency_without_agreement_must_wait_for_it(tmp_path):
    outlook = judged(in_step(), tmp_path, hire(agency="Brand New Inc"))
    assert "new agency" in outlook.plan.assumed[0]
    assert outlook.days[0].new[0].rule == "no-agreement"
    assert outlook.todos[0].text.startswith("sign a BAA")


def test_one_person_with_both_halves_of_a_duty_is_found_by_separation_of_duties(tmp_path):
    clinic = in_step().person("boss").account("ehr", "boss", "boss")
    clinic.grant("ehr", "boss", "acct/eob:write", through=["Posting"])
    clinic.grant("ehr", "boss", "patients/demo:write", through=["Desk"])
    (day,) = judged(clinic, tmp_path, hire(role="front_desk, payment_posting")).days
    (broken,) = (f for f in day.new if f.rule == "separation-of-duties")
    assert (broken.vma, broken.what) == ("NEW-1", "SOD-4")
    apart = judged(clinic, tmp_path, hire(role="front_desk"), hire(role="payment_posting")).days[0]
    assert not any(f.rule == "separation-of-duties" for f in apart.new)


def test_a_leaver_frees_a_seat_and_leaves_accounts_to_be_disabled_on_the_last_day(tmp_path):
    clinic = capped(1)
    outlook = judged(clinic, tmp_path, f"leave: ana, end: {ahead(59)}", hire())
    assert outlook.days[0].day == START
    assert outlook.days[0].seats[0].tipping == ()
    assert any(t.day == ahead(59) and "asantos" in t.text for t in outlook.todos)


def test_a_change_of_role_removes_first_and_then_adds_and_takes_nobodys_seat(tmp_path):
    clinic = capped(2).vma("bea", "Bea Cruz", start=ahead(-10))
    outlook = judged(clinic, tmp_path, f"role: ana, roles: [billing], from: {START}")
    assert outlook.days[0].seats[0].tipping == ()
    excess = next(
        i for i, t in enumerate(outlook.todos) if "more than the role allows" in t.text or "rules out" in t.text
    )
    assert outlook.todos[excess].day == START
    assert all(t.rank >= outlook.todos[excess].rank for t in outlook.todos[excess:] if t.day == START)


def test_a_plan_changes_nothing_of_the_case_that_it_is_judged_on(tmp_path):
    clinic = in_step()
    case = case_of(clinic)
    before = (dict(case.people), dict(case.engagements), dict(case.collections), dict(case.owners))
    look(case, plan_of(clinic, tmp_path, hire(2), f"leave: ana, end: {ahead(3)}"), TODAY)
    assert (dict(case.people), dict(case.engagements), dict(case.collections), dict(case.owners)) == before


@pytest.mark.parametrize(
    ("change", "problem", "field"),
    [
        (hire(role="schedular"), "there is no template for this role", "changes[0].roles[0]"),
        (hire(count=0), "wrong value", "changes[0].hire"),
        ("hire: true, roles: [scheduler], agency: x, employment: employee, start: 2027-03-01", "wrong value", "hire"),
        (hire(start=ahead(-1)), "this day is over", "changes[0].start"),
        (hire() + ", salary: 3", "unknown key", "changes[0].salary"),
        ("hire: 1, roles: [scheduler], agency: x, employment: employee, start: 20270301", "wrong value", "start"),
        ("leave: zoe, end: 2027-03-01", "there is no such VMA", "changes[0].leave"),
        ("role: ana, roles: [], from: 2027-03-01", "wrong value", "changes[0].roles"),
        ("fire: ana", "what sort of change is this", "changes[0]"),
        ("leave: ana, role: ana, end: 2027-03-01", "what sort of change is this", "changes[0]"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_line_and_key(tmp_path, change, problem, field):
    with pytest.raises(InputError) as refused:
        plan_of(in_step(), tmp_path, change)
    assert problem in str(refused.value)
    assert field in str(refused.value)
    assert "line 2" in str(refused.value) or ":2" in str(refused.value)


def test_changes_that_contradict_each_other_are_refused(tmp_path):
    leave = f"leave: ana, end: {ahead(10)}"
    with pytest.raises(InputError, match="leaves twice"):
        plan_of(in_step(), tmp_path, leave, leave)
    for changes in ((leave, f"role: ana, roles: [billing], from: {START}"),):
        with pytest.raises(InputError, match="after the VMA has left"):
            plan_of(in_step(), tmp_path, *changes)


def test_a_hire_on_the_command_line_says_what_it_takes_for_granted():
    plan = parse_hires(["2:scheduler:2027-03-01"], case_of(in_step()), TODAY)
    assert [(e.vma, e.agency) for e in plan.joining] == [("NEW-1", AGENCY), ("NEW-2", AGENCY)]
    assert "as most are" in plan.assumed[0]


@pytest.mark.parametrize(
    "text", ["", "2:scheduler", "x:scheduler:2027-03-01", "1:nobody:2027-03-01", "1:scheduler:2020-01-01"]
)
def test_a_hire_that_cannot_be_read_is_refused(text):
    with pytest.raises(AuditorError):
        parse_hires([text], case_of(in_step()), TODAY)


@pytest.mark.parametrize(
    "itself", ["practice", "The practice", "Lakeside Family Medicine", "lakeside family medicine, LLC"]
)
def test_a_hire_through_the_practice_is_one_of_the_practice_itself(tmp_path, itself):
    hired = parse_hires([f"1:scheduler:{START}:{itself}"], case_of(in_step()), TODAY)
    assert [e.agency for e in hired.joining] == [None]
    assert hired.assumed == ()
    planned = plan_of(in_step(), tmp_path, hire(agency=f'"{itself}"'))
    assert [e.agency for e in planned.joining] == [None]


def test_work_that_loses_its_owner_by_the_plan_is_told_and_is_the_first_thing_to_decide(tmp_path):
    clinic = in_step().person("boss", "Laura Pettersen")
    case = replace(mapped(clinic, one_task(owner="ana")), periods=tuple(clinic.engagements.values()))
    outlook = look(case, plan_of(clinic, tmp_path, f"leave: ana, end: {ahead(30)}"), TODAY)
    (work,) = outlook.days[0].unowned
    assert work.what == f"Book visits has no owner: ana left on {ahead(30)}"
    assert [t.day for t in outlook.todos if "name who does it" in t.text] == [ahead(28)]
    stays = look(case, plan_of(clinic, tmp_path, hire()), TODAY)
    assert [day.unowned for day in stays.days] == [()]


def test_what_the_role_requires_may_be_among_entitlements_that_no_catalog_knows(tmp_path):
    clinic = in_step().system("directory").account("directory", "as", "ana").grant("directory", "as", "Mystery")
    texts = [t.text for t in judged(clinic, tmp_path, hire(role="billing")).todos]
    assert any("say what the entitlements give that no catalog knows (1 of Active Directory" in text for text in texts)
    assert not any("no system here gives" in text for text in texts)
