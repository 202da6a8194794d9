"""Drift between two audits: every change has one cause, and the parts are the whole."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.drift.attribution import Cause, DriftReport, compare
from auditor.headcount.events import EventKind
from auditor.history.load import last_quarter
from auditor.ledger.statements import Statement, StatementKind
from auditor.snapshot import Stored
from connectors.facts import Status
from policies.work.model import WorkMap
from tests.builders import AGENCY, TODAY, Clinic, ago, identity, in_step, noon, stored
from tests.workmaps import mapped, one_task

THEN = ago(30)


def drifted(before: Clinic, after: Clinic, *statements: Statement) -> DriftReport:
    before.today = THEN
    return compare(stored(before), before.case(), after.case(), statements)


def causes(result: DriftReport) -> dict[Cause, int]:
    return {
        cause: sum(t.cause is cause for t in result.attributed)
        for cause in Cause
        if any(t.cause is cause for t in result.attributed)
    }


def request(topic: str, vma: str = "ana", **more: Any) -> Statement:
    fields = {"kind": StatementKind.REQUEST, "requested_by": "Dana", "recorded_at": noon(ago(5)), "on": ago(5), **more}
    return Statement("lakeside", about=vma, topic=topic, by="Dr. Kim", **fields)


def test_nothing_changed_is_nothing_told_and_nothing_left_to_do():
    result = drifted(in_step(), in_step())
    assert (result.attributed, result.not_done, result.events, result.lines) == ((), (), (), ())


def test_a_grant_that_nobody_asked_for_is_unexplained():
    after = in_step().grant("ehr", "asantos", "acct/bill:write")
    result = drifted(in_step(), after)
    assert causes(result) == {Cause.UNEXPLAINED: 1}
    (line,) = result.lines
    assert (line.vma, line.system, line.entitlements) == ("ana", "ehr", 1)
    assert line.gained


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        (request("ehr: acct/bill:write"), Cause.REQUEST),
        (request("ehr: Something, ACCT/BILL:WRITE"), Cause.REQUEST),
        (request("ehr: other"), Cause.UNEXPLAINED),
        (request("directory: acct/bill:write"), Cause.UNEXPLAINED),
        (request("ehr: acct/bill:write", vma="ben"), Cause.UNEXPLAINED),
        (request("ehr: acct/bill:write", on=ago(60)), Cause.UNEXPLAINED),  # approved before, and used up then
        (request("ehr: acct/bill:write", expires=ago(1)), Cause.UNEXPLAINED),
    ],
)
def test_an_approved_request_explains_just_what_it_asks_for(statement, cause):
    after = in_step().grant("ehr", "asantos", "acct/bill:write")
    assert causes(drifted(in_step(), after, statement)) == {cause: 1}


def test_a_finding_that_was_accepted_explains_a_change_of_just_its_entitlement():
    before, after = in_step().grant("ehr", "asantos", "acct/bill:write"), in_step()
    before.today = THEN
    finding = next(f for f in before.judge().findings if f.rule in ("excess", "forbidden"))
    accepted = request("", kind=StatementKind.EXCEPTION, vma=identity(finding), expires=TODAY, reason="audit week")
    assert causes(drifted(before, after, accepted)) == {Cause.EXCEPTION: 1}
    assert causes(drifted(before, after)) == {Cause.UNEXPLAINED: 1}


def test_a_leaver_whose_account_still_works_is_told_as_not_done():
    after = in_step(end=ago(5))
    result = drifted(in_step(), after)
    assert [e.kind.value for e in result.events] == ["left"]
    (left,) = result.not_done
    assert (left.system, left.login, left.what) == ("ehr", "asantos", "the account still works")


def test_what_the_earlier_role_had_and_the_new_one_does_not_allow_is_told_as_not_done():
    before = in_step().grant("ehr", "asantos", "acct/bill:write")
    after = in_step(roles=("front_desk",)).grant("ehr", "asantos", "acct/bill:write")
    result = drifted(before, after)
    assert any("still holds acct/bill:write of the earlier role" in left.what for left in result.not_done)


def test_a_newcomer_without_what_the_role_requires_is_told_as_not_done():
    after = in_step().vma("eve", start=ago(3))
    result = drifted(in_step(), after)
    assert [o.what.split(":")[0] for o in result.not_done] == ["the role requires, and no system gives"]


def test_a_newcomer_who_holds_what_nobody_knows_owes_nothing_that_may_be_just_that():
    after = in_step().vma("eve", start=ago(3)).account("ehr", "eve", "eve").grant("ehr", "eve", "custom/own")
    assert drifted(in_step(), after).not_done == ()


def test_a_system_that_was_not_read_is_a_cause_of_its_own_and_never_a_removal():
    result = drifted(in_step(), in_step().unread("ehr"))
    assert result.attributed == ()
    assert list(result.not_read) == ["ehr"]


def test_a_system_that_was_never_read_before_is_not_read_and_what_it_holds_now_is_no_change():
    before = in_step().system("directory").unread("directory")
    after = in_step().system("directory").account("directory", "asantos", "ana")
    result = drifted(before, after)
    assert result.attributed == ()
    assert list(result.not_read) == ["directory"]
    assert "not known" in result.not_read["directory"].reason


def test_access_that_went_though_nobody_left_is_a_list_of_its_own():
    after = in_step()
    after.accounts["ehr", "asantos"] = replace(after.accounts["ehr", "asantos"], status=Status.DISABLED)
    result = drifted(in_step(), after)
    assert [(t.change.kind.value, t.cause) for t in result.outside_offboarding] == [
        ("account stopped working", Cause.UNEXPLAINED)
    ]


def test_a_system_that_was_read_whole_and_empty_before_shows_what_has_appeared_since():
    before = in_step().system("directory")
    after = in_step().system("directory").account("directory", "asantos", "ana").grant("directory", "asantos", "Sales")
    result = drifted(before, after)
    assert [(t.change.kind.value, t.change.system) for t in result.attributed] == [
        ("account came", "directory"),
        ("grant came", "directory"),
    ]
    assert not result.not_read


HILLCREST = "Hillcrest"
RIGHTS = ("acct/bill:write", "patients/appt:write", "patients/notes:write", "admin/users:write", HILLCREST)
REWRITTEN = ("schedule.write", "schedule.read", "charge.write")
"""Capabilities of the scheduler's template that an earlier edition of it may lack, or have."""
people = st.dictionaries(
    st.sampled_from(["ana", "ben", "cy"]),
    st.tuples(
        st.booleans(),
        st.sets(st.sampled_from(RIGHTS)),
        st.sampled_from([Status.ACTIVE, Status.DISABLED]),
        st.sampled_from(["scheduler", "billing"]),
        st.sampled_from([("Lakeside",), ("Lakeside", HILLCREST), (HILLCREST,)]),
    ),
)


def practice(world: dict[str, Any]) -> Clinic:
    """A practice of these people; nobody else has an account, so that with nobody the system is empty."""
    clinic = Clinic().agreement("BAA-1", AGENCY).vma("zoe")
    for vma, (gone, rights, status, role, places) in sorted(world.items()):
        clinic.vma(vma, roles=(role,), end=ago(3) if gone else None, locations=places)
        clinic.account("ehr", f"l-{vma}", vma, status=status)
        clinic.grant("ehr", f"l-{vma}", *sorted(rights - {HILLCREST}))
        if HILLCREST in rights:
            clinic.grant("ehr", f"l-{vma}", "patients/appt:view", through=[HILLCREST])
    return clinic


@cache
def work_map() -> WorkMap | None:
    """A map by which the group `Hillcrest` opens Hillcrest."""
    scoped = "scoped: [{system: ehr, entitlement: Hillcrest, locations: [Hillcrest]}]\nlocations: [Hillcrest]\n"
    return mapped(Clinic().vma("zoe").person("boss"), one_task(top=scoped)).work


def rewritten(before: Clinic, lacks: set[str]) -> Stored:
    """The audit before, by an edition of the scheduler's template that neither asked for these nor allowed them."""
    audit = stored(before)
    policy, old = audit.snapshot.policy, audit.snapshot.policy.templates["scheduler"]
    without = {name: tuple(sorted(set(getattr(old, name)) - lacks)) for name in ("requires", "allows")}
    policy = replace(policy, templates={**policy.templates, "scheduler": replace(old, **without)})
    return replace(audit, snapshot=replace(audit.snapshot, policy=policy))


def between(old: dict[str, Any], new: dict[str, Any], lacks: set[str]) -> tuple[Clinic, Clinic, DriftReport]:
    before, after = practice(old), practice(new)
    before.today = THEN
    return before, after, compare(rewritten(before, lacks), before.case(), replace(after.case(), work=work_map()), ())


def atoms(clinic: Clinic) -> set[tuple[str, ...]]:
    """Everything that can change: that an account is there, that it works, and what it holds."""
    case = clinic.case()
    there = {("account", key[1]) for key in case.accounts}
    works = {("works", key[1]) for key, account in case.accounts.items() if account.live}
    holds = {("holds", grant.account, grant.entitlement) for _, grant in clinic.grants}
    return there | works | holds


def person(*rights: str, role: str = "scheduler", places: tuple[str, ...] = ("Lakeside",)) -> dict[str, Any]:
    return {"ana": (False, set(rights), Status.ACTIVE, role, places)}


CALLED_FOR = {
    EventKind.JOINED: ({}, person("patients/appt:write"), set()),  # the system was empty before
    EventKind.SCOPE_CHANGED: (person(), person(HILLCREST, places=("Lakeside", HILLCREST)), set()),
    EventKind.TEMPLATE_CHANGED: (person(), person("patients/appt:write"), {"schedule.write"}),
    EventKind.ROLE_CHANGED: (person("patients/appt:write"), person(role="billing"), set()),
}
"""One practice before and after for each kind of event, in which it explains something."""


@pytest.mark.parametrize("kind", CALLED_FOR)
def test_each_kind_of_event_explains_something_in_what_is_generated(kind):
    _, _, result = between(*CALLED_FOR[kind])
    assert {t.change.cause.kind for t in result.attributed if t.change.cause} == {kind}
    assert not [t for t in result.attributed if t.cause is Cause.UNEXPLAINED]


@settings(deadline=None)
@given(people, people, st.sets(st.sampled_from(REWRITTEN)))
@example(*CALLED_FOR[EventKind.JOINED])
@example(*CALLED_FOR[EventKind.SCOPE_CHANGED])
@example(*CALLED_FOR[EventKind.TEMPLATE_CHANGED])
def test_the_sum_of_the_parts_is_the_whole(old, new, lacks):
    before, after, result = between(old, new, lacks)
    assert all(t.change.cause in result.events for t in result.attributed if t.cause is Cause.EVENT)
    told: list[tuple[str, ...]] = []
    for one in result.attributed:
        change = one.change
        told += [("holds", change.account, id_) for id_ in change.entitlements]
        if change.kind.value in ("account came", "account went"):
            told.append(("account", change.account))
        if change.kind.value in ("account works again", "account stopped working"):
            told.append(("works", change.account))
    assert len(told) == len(set(told))
    difference = {a for a in atoms(before) ^ atoms(after) if a[0] != "works"}
    both = {key[1] for key in before.accounts} & {key[1] for key in after.accounts}
    difference |= {a for a in atoms(before) ^ atoms(after) if a[0] == "works" and a[1] in both}
    assert set(told) == difference
    assert sum(sum(line.by_cause.values()) for line in result.lines) == len(result.attributed)


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 11, 24), (date(2026, 6, 30), date(2026, 9, 30))),
        (date(2026, 1, 1), (date(2025, 9, 30), date(2025, 12, 31))),
        (date(2026, 4, 1), (date(2025, 12, 31), date(2026, 3, 31))),
    ],
)
def test_the_last_quarter_is_the_last_whole_one(today, quarter):
    assert last_quarter(today) == quarter
