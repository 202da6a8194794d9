"""The gate of whoever goes: who is really gone."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from auditor.gates.checklist import GateAnswer
from auditor.gates.history import Past
from auditor.gates.leaver import ends_at
from auditor.gates.left_out import elsewhere
from auditor.gates.offboard import OffboardOutcome, Timely, offboard
from connectors.facts import NEVER, Complete, Entitlement, EntitlementKind, Evidence, PersonKind, Status
from connectors.unproven import BASE
from tests.builders import TODAY, Clinic, ago, ahead, in_step, noon
from tests.unit.auditor.gates.gate_answers import (
    ALL,
    CLOCK,
    EVERYTHING_STATED,
    NO_PAST,
    TOPICS,
    answers,
    attested,
    facts,
    gate,
    leave,
    near_leaver,
)

GONE = attested(*TOPICS["offboarding"], "sessions-ended")


def left(**account: Any) -> Clinic:
    fields = {"status": Status.DISABLED, "last_login": noon(ago(20)), **account}
    return Clinic().agreement("BAA-1").vma("ana", "Ana Santos", end=ago(10)).account("ehr", "asantos", "ana", **fields)


def test_a_leaver_with_every_account_disabled_and_everything_stated_is_gone():
    result = leave(left(), GONE)
    assert [a for a in result.items if a.answer is not GateAnswer.PASSED] == []
    assert result.outcome is OffboardOutcome.GONE
    (lag,) = result.lags
    assert lag.live is False


def test_nobody_is_gone_by_a_filter_of_the_practice(monkeypatch):
    clinic, told = left(), "only accounts that `(!(ou=leavers))` finds; 2 others are there, of unknown state"
    plain, by_filter = Clinic._collection, Complete((Evidence("filter", told),))
    monkeypatch.setattr(Clinic, "_collection", lambda self, id_: replace(plain(self, id_), completeness=by_filter))
    result = leave(clinic, GONE)
    assert result.outcome is OffboardOutcome.UNPROVEN
    answers = {a.item.id: a for a in result.items}
    assert answers["disabled"].answer is GateAnswer.CANNOT_TELL
    assert any(f"was read with your filter: {told}" in line for line in answers["disabled"].evidence)
    assert "take out `user_filter`" in answers["disabled"].todo[0]


PART = "only what stands under `ou=people,dc=t` was read; an account may have been moved out of it"


@pytest.fixture
def read_in_part(monkeypatch):
    plain, part = Clinic._collection, Complete((Evidence("base", PART),))
    monkeypatch.setattr(Clinic, "_collection", lambda self, id_: replace(plain(self, id_), completeness=part))


def no_account() -> Clinic:
    return Clinic().agreement("BAA-1").vma("ana", "Ana Santos", end=ago(10)).vma("ben").account("ehr", "ben", "ben")


@pytest.mark.usefixtures("read_in_part")
@pytest.mark.parametrize("past", [Past(accounts=frozenset({("ehr", "asantos")})), NO_PAST])
def test_nobody_is_gone_who_may_have_been_moved_out_of_the_part_that_was_read(past):
    result = leave(no_account(), GONE, past=past)
    assert result.outcome is OffboardOutcome.UNPROVEN
    by_id = {a.item.id: a for a in result.items}
    for item in ("disabled", "after-end", "keys"):
        assert by_id[item].answer is GateAnswer.CANNOT_TELL, item
    longer = "no longer shows an" if past.accounts else "shows no"
    assert by_id["disabled"].evidence == (f"OpenEMR {longer} account of theirs: {PART}",)
    assert by_id["disabled"].todo[0].startswith("set `base_dn` to the root of the directory")


@pytest.mark.usefixtures("read_in_part")
def test_whose_account_is_shown_disabled_in_the_part_that_was_read_is_gone_unless_another_is_missing():
    known = frozenset({("ehr", "asantos")})
    assert leave(left(), GONE, past=Past(accounts=known)).outcome is OffboardOutcome.GONE
    assert leave(left(), GONE, past=Past(accounts=known | {("ehr", "second")})).outcome is OffboardOutcome.UNPROVEN


def test_a_leaver_who_is_only_missing_on_the_roster_is_told_by_what_they_may_have_fallen_out_of_it():
    clinic = left()
    clinic.former = {"ana"}
    case = replace(clinic.case(), roster_part="the roster is of whoever is found by `(title=VMA)`")
    notice = next(a for a in offboard(case, facts(case, GONE), NO_PAST, CLOCK).items if a.item.id == "notice")
    assert notice.answer is GateAnswer.CANNOT_TELL
    assert notice.evidence[0].endswith("; the roster is of whoever is found by `(title=VMA)`")


def test_whose_account_a_read_of_everything_no_longer_shows_is_gone():
    past = Past(accounts=frozenset({("ehr", "asantos")}))
    assert leave(no_account(), GONE, past=past).outcome is OffboardOutcome.GONE


def test_an_account_that_still_works_means_not_gone_and_the_hours_grow():
    result = leave(left(status=Status.ACTIVE), GONE)
    assert result.outcome is OffboardOutcome.NOT_GONE
    (lag,) = result.lags
    assert lag.live
    assert lag.hours == pytest.approx((noon(TODAY) - ends_at(left().case(), ago(10))).total_seconds() / 3600)


def test_a_system_that_was_not_read_leaves_it_unproven():
    assert leave(left().unread("ehr"), GONE).outcome is OffboardOutcome.UNPROVEN


def test_an_export_from_before_the_end_proves_nothing():
    clinic = left()
    case = clinic.case()
    early = {s: replace(c, as_of=noon(ago(30))) for s, c in case.collections.items()}
    case = replace(case, collections=early)
    result = offboard(case, facts(case, GONE), NO_PAST, CLOCK)
    assert answers(result)["disabled"] is GateAnswer.CANNOT_TELL
    assert result.outcome is OffboardOutcome.UNPROVEN


def test_a_sign_in_after_the_end_is_an_incident_to_assess():
    result = leave(left(last_login=noon(ago(2))), GONE)
    late = next(a for a in result.items if a.item.id == "after-end")
    assert late.answer is GateAnswer.FAILED
    assert "45 CFR 164.402" in late.todo[0]


def test_a_sign_in_after_the_end_that_was_assessed_is_settled_and_still_told():
    result = leave(left(last_login=noon(ago(5))), [*GONE, *attested("breach-assessment")])
    late = next(a for a in result.items if a.item.id == "after-end")
    assert late.answer is GateAnswer.PASSED
    assert late.evidence[0].startswith("asantos signed in to OpenEMR on")
    assert result.outcome is OffboardOutcome.GONE
    again = leave(left(last_login=noon(ago(2))), [*GONE, *attested("breach-assessment")])
    assert answers(again)["after-end"] is GateAnswer.FAILED  # it was assessed before that sign-in


def test_whether_a_session_lives_on_no_system_says_so_it_needs_a_word_given_after_the_end():
    without = [s for s in GONE if s.topic != "sessions-ended"]
    for said in (without, [*without, *(replace(s, on=ago(30)) for s in GONE if s.topic == "sessions-ended")]):
        keys = next(a for a in leave(left(), said).items if a.item.id == "keys")
        assert keys.answer is GateAnswer.NEEDS_A_WORD
        assert "end sessions and tokens in OpenEMR" in keys.todo[0]
    never = Clinic().agreement("BAA-1").vma("ana", end=ago(10)).vma("ben").account("ehr", "ben", "ben")
    assert answers(leave(never, without))["keys"] is GateAnswer.PASSED


@pytest.mark.parametrize(
    ("end", "hours"),
    [
        (date(2026, 10, 31), 25),  # the day after had 25 hours
        (date(2026, 3, 7), 23),
        (date(2026, 10, 30), 24),
    ],
)
def test_the_hours_after_an_end_are_real_hours_also_when_the_clocks_change(end, hours):
    case = left().case()
    first, after = ends_at(case, end), ends_at(case, end + timedelta(days=1))
    assert after - first == timedelta(hours=hours)
    clinic = left()
    clinic.engagements["ana"] = replace(clinic.engagements["ana"], end=end)
    (lag,) = leave(clinic, GONE, past=Past(stopped={KEY: after}, last_live={KEY: first})).lags
    assert (lag.hours, lag.timely) == (hours, Timely.IN_TIME if hours <= 24 else Timely.UNPROVEN)


KEY = ("ehr", "asantos")


@pytest.mark.parametrize(
    ("last_live", "stopped", "timely", "at_least"),
    [
        (noon(ago(12)), noon(ago(9)), Timely.IN_TIME, 0),  # 12 h after the end
        (noon(ago(12)), noon(ago(5)), Timely.UNPROVEN, 0),
        (noon(ago(7)), noon(ago(5)), Timely.LATE, 60),
    ],
)
def test_the_hours_until_disabled_lie_between_two_audits_and_are_held_against_the_clock(
    last_live, stopped, timely, at_least
):
    past = Past(stopped={KEY: stopped}, last_live={KEY: last_live})
    (lag,) = leave(left(), GONE, past=past).lags
    assert (lag.timely, lag.at_least) == (timely, at_least)
    assert lag.hours == (stopped - ends_at(left().case(), ago(10))).total_seconds() / 3600


def test_an_account_that_the_leaver_once_shared_needs_a_new_secret_though_the_roster_forgot_it():
    clinic = left().vma("ben").account("ehr", "frontdesk", "ben")
    result = leave(clinic, GONE, past=Past(shared=frozenset({("ehr", "frontdesk"), ("ehr", "gone")})))
    shared = next(a for a in result.items if a.item.id == "shared")
    assert shared.evidence == ("frontdesk in OpenEMR was shared with the leaver",)


def test_service_credentials_that_the_leaver_could_read_once_need_a_new_secret_after_the_end():
    clinic = left().system("cloud").person("fax", "Fax", PersonKind.SERVICE).account("cloud", "fax-ingest", "fax")
    clinic.person("dana").account("cloud", "dana", "dana")
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    once = Past(held={"cloud": (Entitlement("cloud", "Secrets", "Secrets", EntitlementKind.POLICY, document=text),)})
    services = next(a for a in leave(clinic, GONE, past=once).items if a.item.id == "services")
    assert services.answer is GateAnswer.FAILED
    assert services.evidence == ("fax-ingest in AWS has a secret that the leaver could read",)
    early = [replace(s, on=ago(30)) for s in attested("service-secrets")]
    assert answers(leave(clinic, [*GONE, *early], past=once))["services"] is GateAnswer.FAILED
    assert answers(leave(clinic, [*GONE, *attested("service-secrets")], past=once))["services"] is GateAnswer.PASSED


def test_an_account_shared_with_the_leaver_needs_a_new_secret():
    clinic = left().vma("ben").account("ehr", "frontdesk", "ana", "ben")
    result = leave(clinic, GONE)
    shared = next(a for a in result.items if a.item.id == "shared")
    assert shared.answer is GateAnswer.FAILED
    assert any("change the secret of frontdesk" in todo for todo in shared.todo)
    rotated = leave(clinic, [*GONE, *attested("shared-secrets")])
    assert answers(rotated)["shared"] is GateAnswer.PASSED


@pytest.mark.parametrize(("back", "end"), [(ahead(1), ago(3)), (TODAY, None)])
def test_whoever_is_to_come_back_has_left_and_whoever_is_back_today_has_not(back, end):
    before = Clinic().vma("ana", start=ago(90), end=ago(3)).engagements["ana"]
    clinic = in_step().vma("ana", start=back)
    case = replace(clinic.case(), periods=(before, clinic.engagements["ana"]))
    assert offboard(case, facts(case, []), NO_PAST, CLOCK).end == end


def test_somebody_who_has_not_left_yet_is_not_gone():
    result = leave(in_step(end=ahead(5)), [])
    assert result.outcome is OffboardOutcome.NOT_GONE
    assert answers(result)["disabled"] is GateAnswer.NOT_DUE


@pytest.mark.parametrize(("zone", "hours"), [("America/Chicago", 6), ("Asia/Manila", -8)])
def test_the_last_day_ends_on_the_practices_clock(zone, hours):
    case = left().case()
    case = replace(case, practice=replace(case.practice, timezone=zone))
    midnight = ends_at(case, ago(10))
    assert midnight.replace(tzinfo=None) - timedelta(hours=hours) == noon(ago(9)).replace(hour=0, tzinfo=None)


def test_nobody_is_gone_while_a_live_account_could_be_theirs_and_the_answer_names_it():
    result = leave(near_leaver(), EVERYTHING_STATED)
    assert result.outcome is OffboardOutcome.UNPROVEN
    said = {a.item.id: a for a in result.items}
    for item in ("disabled", "keys", "after-end"):
        assert said[item].answer is GateAnswer.CANNOT_TELL
        assert "`dcalloway` in OpenEMR may be Denise Calloway's" in said[item].evidence[0]
        assert "auditor confirm ana ehr:dcalloway --is-theirs" in said[item].todo[0]
    assert "after the end" in said["after-end"].evidence[0]


def test_a_disabled_look_alike_of_which_nobody_knows_when_it_was_used_leaves_open_whether_she_signed_in():
    clinic = near_leaver(status=Status.DISABLED, last_login=None)
    result = leave(clinic, EVERYTHING_STATED)
    said = {a.item.id: a for a in result.items}
    assert said["disabled"].answer is GateAnswer.PASSED
    assert said["after-end"].answer is GateAnswer.CANNOT_TELL
    assert "when somebody signed in with it last is not known" in said["after-end"].evidence[0]
    assert result.outcome is OffboardOutcome.UNPROVEN
    case = clinic.case()
    for day, answer in ((40, GateAnswer.PASSED), (20, GateAnswer.CANNOT_TELL)):
        past = Past(stopped={("ehr", "dcalloway"): noon(ago(day))})
        items = {a.item.id: a.answer for a in offboard(case, facts(case, EVERYTHING_STATED), past, CLOCK).items}
        assert items["after-end"] is answer
    never = near_leaver(status=Status.DISABLED, last_login=NEVER)
    assert leave(never, EVERYTHING_STATED).outcome is OffboardOutcome.GONE


def test_a_leaver_is_gone_once_the_account_is_disabled_or_said_to_be_somebody_elses():
    assert (
        leave(near_leaver(status=Status.DISABLED, last_login=noon(ago(40))), EVERYTHING_STATED).outcome
        is OffboardOutcome.GONE
    )
    case = replace(near_leaver().case(), not_theirs={("ehr", "dcalloway"): frozenset({"ana"})})
    assert offboard(case, facts(case, EVERYTHING_STATED), NO_PAST, CLOCK).outcome is OffboardOutcome.GONE


def test_a_stated_log_in_that_no_read_has_ever_shown_is_never_disabled():
    clinic = Clinic().vma("ana", "Denise Calloway", end=ago(30)).account("ehr", "lee", name="Mark Lee")
    clinic.people["ana"] = replace(clinic.people["ana"], logins=(("ehr", "d.calloway"),))
    result = leave(clinic, EVERYTHING_STATED)
    assert (result.outcome, answers(result)["disabled"]) == (OffboardOutcome.UNPROVEN, GateAnswer.CANNOT_TELL)
    case = replace(clinic.case(), seen_logins=frozenset({("ehr", "d.calloway")}))
    assert answers(offboard(case, facts(case, []), NO_PAST, CLOCK))["disabled"] is GateAnswer.PASSED


def test_whether_an_account_ends_with_the_contract_names_the_account_or_says_that_there_is_none():
    def expiry(clinic: Clinic) -> Any:
        return next(a for a in gate(clinic, ALL).items if a.item.id == "expiry")

    assert expiry(in_step(end=ahead(30))).evidence == ("no expiry is known of: asantos",)
    without = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", end=ahead(30))
    assert expiry(without).evidence == ("no expiry is known of: there is no account yet",)


def test_whoever_is_only_on_an_earlier_roster_has_no_last_day_that_anybody_gave():
    clinic = left()
    clinic.former = {"ana"}
    notice = next(a for a in leave(clinic, GONE).items if a.item.id == "notice")
    assert (notice.answer, notice.evidence) == (
        GateAnswer.CANNOT_TELL,
        (f"no longer on the roster; an audit saw them there last on {ago(10)}",),
    )


def test_a_system_that_was_not_read_may_hold_a_session_of_the_leaver():
    keys = next(a for a in leave(left().system("directory").unread("directory"), GONE).items if a.item.id == "keys")
    assert keys.answer is GateAnswer.CANNOT_TELL
    assert keys.evidence[0].endswith("was not read whole")


def test_an_account_that_is_gone_from_one_system_is_not_told_of_another_that_was_read_in_part():
    clinic = in_step().system("directory").account("directory", "ana", "ana")
    case = clinic.case()
    part = Complete((Evidence(BASE, "only what stands under `OU=VMA` was read"),))
    directory = replace(case.collections["directory"], completeness=part)
    case = replace(case, collections={**case.collections, "directory": directory})
    past = Past(accounts=frozenset({("ehr", "deleted"), ("directory", "ana")}))
    assert elsewhere(case, [("directory", "ana")], past) == ()
    moved = Past(accounts=frozenset({("directory", "moved")}))
    (told,) = elsewhere(case, [("directory", "ana")], moved)
    assert told.startswith("Active Directory no longer shows an account of theirs: only what stands under `OU=VMA`")
