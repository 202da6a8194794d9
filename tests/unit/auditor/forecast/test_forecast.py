"""What falls out of step if nobody acts."""

from dataclasses import replace
from datetime import date

import pytest
from icalendar import Calendar

from auditor.forecast.calendar import as_calendar, write_calendar
from auditor.forecast.forecast import Forecast, ForeseenKind, forecast
from auditor.lag.controls import load_controls
from auditor.ledger.statements import Statement, StatementKind
from connectors.errors import AuditorError
from connectors.facts import Status
from tests.builders import AGENCY, HOSTILE, SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, in_step, noon
from tests.workmaps import mapped, one_task


def look(clinic: Clinic, *statements: Statement, days: int = 90) -> Forecast:
    case = replace(clinic.case(), periods=tuple(clinic.engagements.values()))
    return forecast(case, statements, TODAY, ahead(days))


def attested(topic: str, expires: date | None, on: date = TODAY) -> Statement:
    return Statement(
        "lakeside", StatementKind.ATTESTATION, "ana", topic, "Dana", on, expires=expires, recorded_at=noon(on)
    )


def told(result: Forecast) -> list[tuple[date, ForeseenKind]]:
    return [(item.day, item.kind) for item in result.items]


def test_a_practice_in_which_nothing_ends_has_nothing_to_come():
    assert look(in_step()).items == ()


def test_an_agreement_that_ends_is_one_item_with_everybody_who_falls_out_of_step_by_it():
    clinic = in_step().vma("bea", "Bea Cruz").agreement("BAA-OLD", start=ago(900), end=ahead(20))
    clinic.agreements = [a for a in clinic.agreements if a.id == "BAA-OLD"]
    item = next(i for i in look(clinic).items if i.kind is ForeseenKind.AGREEMENT)
    assert (item.day, item.whom) == (ahead(21), ("ana", "bea"))
    assert len(item.findings) == 2
    assert all("without a BAA" in title for title in item.follows)


def reviewed(*statements: Statement, days: int = 90, **vma) -> list[tuple[date, tuple[str, ...]]]:
    clinic = in_step(**vma)
    case = replace(clinic.case(), periods=tuple(clinic.engagements.values()))
    result = forecast(case, statements, TODAY, ahead(days), load_controls())
    return [(item.day, item.whom) for item in result.items if item.kind is ForeseenKind.REVIEW]


def test_an_access_review_is_due_again_when_the_last_one_holds_no_longer():
    once = attested("access-review", None, on=ago(60))
    assert reviewed(once) == [(ahead(31), ("ana",))]
    assert reviewed(once, attested("access-review", None, on=ago(10))) == [(ahead(81), ("ana",))]
    assert reviewed(once, attested("access-review", ahead(300))) == []  # it says itself how long it holds
    assert reviewed(once, days=30) == []


def test_who_was_never_reviewed_is_due_ninety_days_after_the_start_also_where_nobody_ever_was():
    other = replace(attested("access-review", None), about="somebody")
    assert reviewed(start=ago(30)) == reviewed(other, start=ago(30)) == [(ahead(60), ("ana",))]
    assert reviewed(start=ago(30), end=ahead(20)) == []


def test_a_review_that_is_overdue_is_told_from_when_it_was_due():
    assert reviewed(start=ago(90)) == [(TODAY, ("ana",))]  # due today: nobody has held it yet
    assert reviewed(start=ago(200)) == [(ago(110), ("ana",))]
    assert reviewed(attested("access-review", None, on=ago(100)), start=ago(200)) == [(ago(9), ("ana",))]
    once = attested("access-review", None, on=ago(60))
    taken_back = Statement("lakeside", StatementKind.WITHDRAWAL, once.id, "", "Dana", ago(5), recorded_at=noon(ago(5)))
    assert reviewed(once, taken_back, start=ago(200)) == [(ago(5), ("ana",))]
    assert reviewed(start=ago(200), end=ago(1)) == []  # who has left is no longer to be reviewed


def test_an_agreement_that_another_one_replaces_is_told_and_breaks_nothing():
    (item,) = look(in_step().agreement("BAA-OLD", end=ahead(20))).items
    assert item.findings == ()
    assert "nothing new falls out of step" in item.todo


def test_a_contract_that_ends_is_foretold_for_the_day_after_the_last_with_the_accounts_that_would_go_on():
    (item,) = look(in_step(end=ahead(10))).items
    assert (item.day, item.kind, item.whom) == (ahead(11), ForeseenKind.CONTRACT, ("ana",))
    assert any("asantos" in title for title in item.follows)


def test_a_start_is_foretold_when_something_is_missing_and_only_then():
    uncovered = in_step().vma("bea", "Bea Cruz", agency="Nobody Inc", start=ahead(5))
    assert (ahead(5), ForeseenKind.START) in told(look(uncovered))
    without_access = in_step().vma("bea", start=ahead(5)).account("ehr", "bea", "bea", status=Status.DISABLED)
    assert (ahead(5), ForeseenKind.START) in told(look(without_access))
    ready = in_step().vma("bea", start=ahead(5)).account("ehr", "bea", "bea")
    ready.grant("ehr", "bea", *SCHEDULER_NEEDS, through=["Schedulers"])
    assert look(ready).items == ()


def test_an_account_is_foretold_to_be_dormant_when_it_lies_unused_and_not_when_it_is_in_use():
    idle, used = in_step(), in_step()
    idle.accounts["ehr", "asantos"] = replace(idle.accounts["ehr", "asantos"], last_login=noon(ago(60)))
    used.accounts["ehr", "asantos"] = replace(used.accounts["ehr", "asantos"], last_login=noon(ago(3)))
    (item,) = look(idle).items
    assert (item.kind, item.day) == (ForeseenKind.DORMANT, ahead(31))
    assert look(used, days=120).items == ()


def test_an_attestation_that_expires_is_foretold_unless_another_one_goes_on():
    (item,) = look(in_step(), attested("training", ahead(9))).items
    assert (item.day, item.kind) == (ahead(10), ForeseenKind.ATTESTATION)
    assert look(in_step(), attested("training", ahead(9)), attested("training", ahead(300))).items == ()
    assert look(in_step(), attested("training", ahead(9)), attested("screening", None)).items == (item,)


def test_a_statement_that_was_withdrawn_is_not_foretold():
    given = attested("training", ahead(9))
    gone = Statement("lakeside", StatementKind.WITHDRAWAL, given.id, "", "Dana", TODAY, recorded_at=noon(TODAY))
    assert look(in_step(), given, gone).items == ()


def test_nothing_is_told_twice_and_all_of_it_in_the_order_of_days():
    clinic = in_step(end=ahead(40)).agreement("BAA-2", end=ahead(10)).vma("bea", agency="Nobody Inc", start=ahead(3))
    items = look(clinic, attested("training", ahead(9))).items
    assert len({i.key for i in items}) == len(items)
    findings = [f for i in items for f in i.findings]
    assert len(set(findings)) == len(findings)
    assert [i.day for i in items] == sorted(i.day for i in items)


def test_a_system_that_was_not_read_is_named_because_nothing_is_foreseen_there():
    assert look(in_step().unread("ehr")).not_read == {"ehr": "it did not answer"}


def test_what_could_not_be_judged_is_counted_because_nothing_is_foreseen_there():
    assert look(in_step()).not_judged == 0
    assert look(in_step().grant("ehr", "asantos", "custom/own")).not_judged > 0


def working(backup: str = "", *held: str) -> Forecast:
    """One scheduler who owns the work and leaves, and somebody of the staff who may stand in."""
    clinic = in_step(end=ahead(10)).person("boss", "Laura Pettersen")
    if held:
        clinic.account("ehr", "boss", "boss").grant("ehr", "boss", *held)
    case = mapped(clinic, one_task(owner="ana", more=backup))
    return forecast(replace(case, periods=tuple(clinic.engagements.values())), (), TODAY, ahead(90))


def test_work_that_loses_its_owner_is_foreseen_with_who_can_stand_in():
    (item,) = [i for i in working().items if i.kind is ForeseenKind.UNOWNED]
    assert (item.day, item.whom) == (ahead(11), ("ana",))
    assert item.what == f"Book visits has no owner: ana left on {ahead(10)}"
    assert item.todo.endswith("nobody stands in")
    (item,) = [i for i in working(", backup: boss").items if i.kind is ForeseenKind.UNOWNED]
    assert item.todo.endswith("is not known to hold what the work needs")
    (item,) = [i for i in working(", backup: boss", *SCHEDULER_NEEDS).items if i.kind is ForeseenKind.UNOWNED]
    assert item.todo.endswith("until then: Laura Pettersen")


def test_what_is_overdue_stands_in_the_calendar_today_and_not_in_the_past():
    clinic = in_step()
    case = replace(clinic.case(), periods=tuple(clinic.engagements.values()))
    result = forecast(case, (), TODAY, ahead(90), load_controls())
    (review,) = [i for i in result.items if i.kind is ForeseenKind.REVIEW]
    assert review.day < TODAY
    (event,) = Calendar.from_ical(as_calendar(result, case.practice, noon(TODAY), ahead(3))).walk("VEVENT")
    assert event.decoded("DTSTART") == ahead(3)
    assert f"Out of step since {review.day}." in str(event["DESCRIPTION"])


def test_the_calendar_updates_an_event_whose_day_moved_instead_of_adding_one():
    early, late = in_step(end=ahead(10)), in_step(end=ahead(20))
    first, second = (
        Calendar.from_ical(as_calendar(look(clinic), clinic.case().practice, noon(day))).walk("VEVENT")
        for clinic, day in ((early, TODAY), (late, ahead(1)))
    )
    assert [e["UID"] for e in first] == [e["UID"] for e in second]
    assert first[0].decoded("DTSTART") == ahead(11)
    assert second[0].decoded("DTSTART") == ahead(21)
    assert second[0]["SEQUENCE"] > first[0]["SEQUENCE"]


def test_the_calendar_holds_ids_and_no_name_and_no_login():
    clinic = in_step(end=ahead(10))
    text = as_calendar(look(clinic), clinic.case().practice, noon(TODAY)).decode()
    assert "ana" in text
    assert "Ana Santos" not in text
    assert "asantos" not in text


def test_a_hostile_name_stays_one_line_of_the_calendar():
    clinic = in_step().agreement(f"A;B,C\r\nBEGIN:VEVENT {HOSTILE}", AGENCY, end=ahead(10))
    (event,) = Calendar.from_ical(as_calendar(look(clinic), clinic.case().practice, noon(TODAY))).walk("VEVENT")
    assert "A;B,C" in str(event["SUMMARY"])


def test_the_calendar_replaces_a_calendar_and_nothing_else(tmp_path):
    practice, other = in_step().case().practice, tmp_path / "roster.csv"
    content = as_calendar(look(in_step()), practice, noon(TODAY))
    for _ in range(2):
        write_calendar(tmp_path / "due.ics", content)
    other.write_text("vma_id,name\n")
    with pytest.raises(AuditorError, match="is not a calendar"):
        write_calendar(other, content)
    assert other.read_text() == "vma_id,name\n"
