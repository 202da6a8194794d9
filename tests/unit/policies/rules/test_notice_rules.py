"""What the roster never confirms, what cannot be so together, and what is lost; the roster alone decides the rest."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policies.engine.announced import through_another
from policies.engine.case import Case
from policies.engine.evaluate import judge
from policies.engine.outcomes import Finding, NotEvaluated, Satisfied, Severity
from policies.notices import Announcements, Claim, ClaimKind, sender_of
from policies.rules.notices import RULES
from tests.builders import TODAY, ZONE, Clinic, ago, ahead, noon

MIDNIGHT = ZoneInfo(ZONE)


def at(day, hour=17):
    return datetime(day.year, day.month, day.day, hour, tzinfo=MIDNIGHT)


def claim(kind="leave", vma="ana", effective=None, **more) -> Claim:
    fields = {
        "id": "N-0000000001", "kind": ClaimKind(kind), "vma": vma, "name": "", "roles": (),
        "effective": effective or at(ago(20)), "known_since": noon(ago(30)), "made_at": noon(ago(30)),
        "received_at": noon(ago(20)), "sender": "harbor", "sender_name": "Harbor Assist LLC", "number": 1,
        "by": "Rosa Lim",
    }  # fmt: skip
    return Claim(**{**fields, **more})


def case_of(clinic: Clinic, *claims: Claim, confirm_days=7, senders=()) -> Case:
    return replace(clinic.case(), announced=Announcements(claims, tuple(senders), confirm_days))


def said(clinic: Clinic, *claims: Claim, **more) -> list[Finding | Satisfied | NotEvaluated]:
    judged = judge(case_of(clinic, *claims, **more), RULES)
    return [*judged.findings, *judged.satisfied, *judged.not_evaluated]


def confirmed(clinic: Clinic, one: Claim, **more) -> Finding | Satisfied:
    (answer,) = (a for a in said(clinic, one, **more) if a.rule == "notice-not-confirmed")
    return answer


def ana(**fields) -> Clinic:
    return Clinic().vma("ana", **{"start": ago(400), "roles": ["scheduler"], **fields})


def test_the_last_day_of_a_notice_is_that_of_the_practice_s_calendar():
    friday = ago(20)
    assert claim(effective=at(friday)).day(ZONE) == friday
    assert claim(effective=at(friday, 0)).day(ZONE) == friday - timedelta(days=1)  # midnight ends the day before
    assert claim("start", effective=at(friday, 0)).day(ZONE) == friday


@pytest.mark.parametrize(
    ("kind", "roster", "fields"),
    [
        ("leave", {"end": ago(20)}, {}),
        ("role-change", {}, {"roles": ("scheduler",)}),
        ("start", {"start": ago(20)}, {"roles": ("scheduler",)}),
        ("start", {"start": ago(20)}, {}),
        ("leave", {"end": ago(20)}, {"name": "Ana R."}),
    ],
)
def test_a_roster_that_says_the_same_confirms(kind, roster, fields):
    answer = confirmed(ana(**roster), claim(kind, **fields))
    assert isinstance(answer, Satisfied)
    assert answer.until is None


@pytest.mark.parametrize(
    ("kind", "roster", "fields", "severity", "observed"),
    [
        ("leave", {}, {}, Severity.HIGH, f"the roster has them at work after {ago(20)}"),
        ("leave", {"end": ago(3)}, {}, Severity.HIGH, f"the roster has them at work after {ago(20)}, until {ago(3)}"),
        ("leave", {"end": ago(25)}, {}, Severity.HIGH, f"the roster gives {ago(25)} as the last day"),
        ("role-change", {}, {"roles": ("billing",)}, Severity.MEDIUM,
         f"the roster has the role scheduler on {ago(20)}"),
        ("role-change", {"start": ago(3)}, {"roles": ("billing",)}, Severity.MEDIUM,
         f"the roster does not have them at work on {ago(20)}"),
        ("start", {}, {}, Severity.MEDIUM, f"the roster has them start on {ago(400)}"),
        ("start", {"start": ago(20)}, {"roles": ("billing",)}, Severity.MEDIUM,
         f"the roster has the role scheduler on {ago(20)}"),
        ("start", {}, {"vma": "zoe"}, Severity.MEDIUM, "the roster names nobody of this id"),
        ("start", {"name": "Ana María Reyes"}, {"vma": "HA-2231", "name": "REYES, Ana Maria"}, Severity.MEDIUM,
         "the roster names nobody of this id; REYES, Ana Maria is ana there: is it the same person?"),
        ("leave", {"end": ago(20)}, {"name": "Carla Gomez"}, Severity.HIGH,
         "the roster calls ana Ana, and the notice Carla Gomez"),
    ],
)  # fmt: skip
def test_a_roster_that_never_says_it_is_a_finding(kind, roster, fields, severity, observed):
    answer = confirmed(ana(**roster), claim(kind, **fields))
    assert isinstance(answer, Finding)
    assert (answer.severity, answer.observed) == (severity, observed)
    assert answer.subject.id == "N-0000000001"
    assert "Harbor Assist LLC" in answer.title


@pytest.mark.parametrize(
    ("received", "effective", "overdue"),
    [
        (ago(8), ago(20), True),
        (ago(7), ago(20), False),  # the last of the days: still in time
        (ago(30), ago(8), True),
        (ago(30), ago(7), False),  # it counts from its effect where that is later
        (ago(30), ahead(1), False),
    ],
)
def test_the_days_count_from_the_receipt_or_the_effect_whichever_is_later(received, effective, overdue):
    one = claim(effective=at(effective), received_at=noon(received))
    answer = confirmed(ana(), one)
    assert isinstance(answer, Finding) is overdue
    if not overdue:
        assert answer.until == max(received, effective) + timedelta(days=8)  # and `forecast` foresees it


@pytest.mark.parametrize(
    ("agency", "sender", "asked"),
    [
        ("Harbor Assist LLC", "Harbor Assist, L.L.C.", False),
        ("Harbor Assist", "Harbor Assist LLC", False),
        ("Harbor Assist LLC > Manila Desk Inc", "Manila Desk Inc", False),
        ("Harbor Assist LLC dba Port VA", "Port VA", False),
        ("Harbor Assist LLC", "Harbor Assist Inc", False),  # one or two companies: not for a notice to say
        ("Harbor Assist LLC", "BlueHeron Virtual Staffing Inc", True),
        (None, "BlueHeron Virtual Staffing Inc", True),
    ],
)
def test_a_notice_of_an_agency_through_which_the_roster_has_nobody_asks_both_sides(agency, sender, asked):
    engagement = replace(ana().engagements["ana"], agency=agency)
    told = through_another([engagement], sender)
    assert told.endswith(f"and not through {sender}: ask both sides") is asked
    assert through_another([], sender) == ""


def test_a_notice_that_was_taken_back_asks_nothing():
    assert said(ana(), claim(taken_back=True)) == []


def test_who_is_no_longer_on_the_roster_is_gone_though_it_gives_no_day():
    clinic = ana()
    case = replace(case_of(clinic, claim()), former=frozenset({"ana"}))
    assert judge(case, RULES).findings == ()


def test_a_notice_never_makes_anybody_leave():
    """Whatever it claims, who is active, covered, live stays what the roster says."""
    clinic = ana().account("ehr", "ana", "ana")
    with_notice = case_of(clinic, claim())
    assert with_notice.active == clinic.case().active
    assert with_notice.engagements == clinic.case().engagements
    others = tuple(f for f in judge(with_notice).findings if not f.rule.startswith("notice"))
    assert others == judge(clinic.case()).findings


def test_two_that_cannot_both_be_so_are_one_finding_with_the_same_identity_in_any_order():
    one, other = claim(id="N-000000000A"), claim(id="N-000000000B", effective=at(ago(10)), number=2)
    found = [
        [f for f in said(ana(), *claims) if f.rule == "notices-contradict"] for claims in ((one, other), (other, one))
    ]
    assert [len(f) for f in found] == [1, 1]
    assert {f[0].identity("p") for f in found} == {found[0][0].identity("p")}
    assert f"last day {ago(20)}" in found[0][0].observed
    assert f"last day {ago(10)}" in found[0][0].observed


def test_a_gap_is_a_finding_until_what_is_missing_comes():
    chain = [(n, f"h{n}", f"h{n - 1}") for n in range(1, 5)]
    whole = sender_of("harbor", "Harbor Assist LLC", chain)
    torn = sender_of("harbor", "Harbor Assist LLC", [chain[0], chain[3]])
    assert [type(a) for a in said(ana(), senders=[whole])] == [Satisfied]
    (found,) = said(ana(), senders=[torn])
    assert (found.rule, found.observed) == ("notices-not-whole", "number 2, 3 never came")


def test_many_missing_are_counted_and_not_listed():
    sender = sender_of("harbor", "Harbor", [(10**9, "h", "p")])
    assert (len(sender.missing), sender.missing_count) == (20, 10**9 - 1)
    assert sender.faults.endswith(" and 999999979 more never came")


def test_the_finding_stays_the_same_while_days_go_by():
    early = confirmed(ana(), claim())
    late = next(f for f in judge(replace(case_of(ana(), claim()), today=TODAY + timedelta(days=9)), RULES).findings)
    assert early.identity("p") == late.identity("p")
