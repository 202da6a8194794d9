"""Orders from audit to audit: opened by the state, closed by a whole and newer read alone, opened again by a return."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from auditor.gates.leaver import ends_at
from auditor.instants.log import AccessLog, LogSpan, by_account
from auditor.orders.follow import Earlier, Followed, follow, waiting
from auditor.snapshot import OrderCause, OrderEnding, OrderKind
from connectors.audit_log import LogEvent, LogKind, LogRecord
from connectors.facts import Complete, Evidence, Status
from policies.engine.case import Owner
from tests.builders import SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, in_step, noon


def followed(
    clinic: Clinic,
    before: "tuple[Clinic, Followed] | None" = None,
    records: Mapping[str, AccessLog] = {},
    **changes: object,
) -> Followed:
    case = replace(clinic.case(), **changes) if changes else clinic.case()
    if before is None:
        return follow(case, None, lambda _: {})
    then, orders = before
    snapshot = replace(then.snapshot(), orders=orders.open)
    reads = {id_: c.as_of for id_, c in then.collections().items() if c.complete}
    return follow(case, Earlier(snapshot, noon(then.today), reads, records), lambda _: {})


def leaver(*, today=TODAY, status: Status = Status.ACTIVE, **fields: object) -> Clinic:
    clinic = Clinic(today=today).agreement("BAA-1").vma("ana", "Ana Santos", end=ago(5))
    clinic.account("ehr", "asantos", "ana", id_="7", status=status, **fields).account("ehr", "root", id_="1")
    return clinic.grant("ehr", "7", *SCHEDULER_NEEDS, through=["Schedulers"])


def only(found: Followed):
    assert len(found.open) == 1, found.open
    return next(iter(found.open.values()))


def test_who_left_has_one_order_for_each_live_account_counted_from_the_end_of_the_last_day():
    clinic = leaver().system("directory").account("directory", "asantos", "ana", status=Status.DISABLED)
    order = only(followed(clinic))
    assert (order.kind, order.cause, order.system, order.account) == (OrderKind.DISABLE, OrderCause.LEFT, "ehr", "7")
    assert order.since == ends_at(clinic.case(), ago(5))


def test_the_id_outlives_renames_and_another_spelling():
    before = only(followed(leaver()))
    renamed = leaver().vma("ana", "Ana Reyes-Santos", end=ago(5)).account("ehr", "old.asantos", "ana", id_="7")
    assert only(followed(renamed)).id == before.id
    assert only(followed(renamed)).login == "old.asantos"
    assert before.id.startswith("O-")


def test_a_newer_whole_read_closes_it_with_the_span_in_which_it_was_done():
    then = leaver(today=ago(1))
    opened = followed(then)
    done = followed(leaver(status=Status.DISABLED), (then, opened))
    assert not done.open
    assert [(e.order, e.ending) for e in done.ended] == [(only(opened).id, OrderEnding.DONE)]
    assert (done.ended[0].earliest, done.ended[0].latest) == (noon(ago(1)), noon(TODAY))
    assert "OpenEMR was read whole: the account asantos is disabled" in done.ended[0].proof


@pytest.mark.parametrize("read_on", [ago(1), ago(2)])
def test_the_same_facts_or_older_ones_close_nothing(read_on):
    then = leaver(today=ago(1))
    opened = followed(then)
    stale = leaver(status=Status.DISABLED)
    collections = {s: replace(c, as_of=noon(read_on)) for s, c in stale.collections().items()}
    again = followed(stale, (then, opened), collections=collections)
    assert again.open.keys() == opened.open.keys()
    assert not again.ended
    case = replace(stale.case(), collections=collections)
    assert "not newer" in dict(waiting(case, again.open))[only(again).id]


def test_what_was_not_read_whole_closes_nothing_and_says_why():
    then = leaver(today=ago(1))
    opened = followed(then)
    unread = leaver(status=Status.DISABLED).unread("ehr")
    again = followed(unread, (then, opened))
    assert (again.open, again.ended) == (opened.open, ())
    assert "it did not answer" in dict(waiting(unread.case(), again.open))[only(again).id]


@pytest.mark.parametrize("evidence", [Evidence("filter", "only (memberOf=cn=vma)"), Evidence("base", "ou=clinic")])
def test_an_account_that_a_filter_or_a_base_leaves_out_is_not_gone(evidence):
    then = leaver(today=ago(1))
    opened = followed(then)
    missing = Clinic().vma("ana", "Ana Santos", end=ago(5)).account("ehr", "root", id_="1")
    gone = followed(missing, (then, opened))
    assert [e.ending for e in gone.ended] == [OrderEnding.DONE]
    collections = {s: replace(c, completeness=Complete((evidence,))) for s, c in missing.collections().items()}
    assert only(followed(missing, (then, opened), collections=collections)).id == only(opened).id


def test_an_account_that_may_only_have_another_name_now_is_not_gone():
    """Where the id is the log-in, a rename makes another account of it."""
    then = leaver(today=ago(1))
    opened = followed(then)
    renamed = Clinic().vma("ana", "Ana Santos", end=ago(5)).account("ehr", "root", id_="1")
    renamed.account("ehr", "xq17", name="A. Santos")
    again = followed(renamed, (then, opened))
    assert again.open.keys() == opened.open.keys()
    assert "another account there could be it" in dict(waiting(renamed.case(), again.open))[only(again).id]
    theirs = Clinic().vma("ana", "Ana Santos", end=ago(5)).account("ehr", "root", id_="1").account("ehr", "ana2", "ana")
    assert followed(theirs, (then, opened)).open.keys() > opened.open.keys()
    sure = Clinic().vma("ana", "Ana Santos", end=ago(5)).account("ehr", "root", id_="1").account("ehr", "ben.cruz")
    assert [e.ending for e in followed(sure, (then, opened)).ended] == [OrderEnding.DONE]


def test_an_account_whose_owner_is_no_longer_settled_keeps_its_order():
    """Renamed, and with another name, it would be nobody's: a name closes nothing."""
    then = leaver(today=ago(1))
    opened = followed(then)
    hidden = (
        Clinic().vma("ana", "Ana Santos", end=ago(5)).account("ehr", "xq17", id_="7").account("ehr", "root", id_="1")
    )
    assert followed(hidden).open == {}
    assert followed(hidden, (then, opened)).open.keys() == opened.open.keys()


def test_an_account_that_is_somebody_elses_for_certain_is_no_longer_called_for():
    then = leaver(today=ago(1))
    opened = followed(then)
    theirs = leaver().vma("ben", "Ben Cruz")
    owners = {**theirs.case().owners, ("ehr", "7"): Owner(("ben",), theirs.people["ben"].kind, "somebody stated it")}
    ended = followed(theirs, (then, opened), owners=owners).ended
    assert [e.ending for e in ended] == [OrderEnding.NOT_CALLED_FOR]
    assert "ben's" in ended[0].proof
    nobody = {**theirs.case().owners, ("ehr", "7"): Owner((), None, "somebody stated that it is not theirs")}
    refused = followed(theirs, (then, opened), owners=nobody, not_theirs={("ehr", "7"): frozenset({"ana"})})
    assert [e.ending for e in refused.ended] == [OrderEnding.NOT_CALLED_FOR]


def test_who_comes_back_needs_no_order_and_nothing_was_done():
    then = leaver(today=ago(1))
    opened = followed(then)
    back = leaver().vma("ana", "Ana Santos")
    back.people["ana"] = then.people["ana"]
    ended = followed(back, (then, opened)).ended
    assert [e.ending for e in ended] == [OrderEnding.NOT_CALLED_FOR]
    assert "by the roster" in ended[0].proof


def test_access_that_comes_back_opens_the_same_order_whose_clock_runs_from_then():
    disabled = leaver(today=ago(1), status=Status.DISABLED)
    nothing = followed(disabled)
    assert not nothing.open
    again = only(followed(leaver(), (disabled, nothing)))
    assert again.id == only(followed(leaver())).id
    assert again.since == noon(TODAY)
    later = leaver(today=ahead(1))
    once_more = only(followed(later, (leaver(), Followed({again.id: again}, ()))))
    assert once_more.since == again.since


def test_a_clock_never_runs_from_an_earlier_instant_than_was_told():
    then = leaver(today=ago(1))
    opened = followed(then)
    corrected = leaver().vma("ana", "Ana Santos", end=ago(30))
    corrected.people["ana"] = then.people["ana"]
    assert only(followed(corrected, (then, opened))).since == only(opened).since


def test_a_shared_account_of_a_leaver_is_an_order_while_it_lives():
    clinic = leaver().vma("ben", "Ben Cruz")
    clinic.people["ben"] = replace(clinic.people["ben"], logins=(("ehr", "asantos"),))
    assert only(followed(clinic)).kind is OrderKind.DISABLE


def test_a_system_that_is_configured_no_more_keeps_its_orders_until_somebody_says_that_it_is_gone():
    then = leaver(today=ago(1)).system("cloud").account("cloud", "asantos", "ana").account("cloud", "root")
    opened = followed(then)
    without = leaver()
    without.people["ana"] = then.people["ana"]
    kept = followed(without, (then, opened))
    assert kept.open.keys() == opened.open.keys()
    case, earlier = without.case(), Earlier(replace(then.snapshot(), orders=opened.open), noon(ago(1)), {})
    retired = follow(case, earlier, lambda _: {}, ["cloud"])
    assert [e.ending for e in retired.ended] == [OrderEnding.NOT_CALLED_FOR]


def changed(*, today=TODAY, ledger: bool = True) -> Clinic:
    """A VMA who was in billing, and is a scheduler now."""
    clinic = in_step()
    clinic.today = today
    clinic.earlier_roles = {"ana": ("billing",)}
    return clinic.grant("ehr", "asantos", "acct/bill:view", through=["Ledger"]) if ledger else clinic


def test_what_an_earlier_role_left_behind_is_taken_away_by_an_order_of_its_own():
    then = changed(today=ago(1))
    opened = followed(then)
    order = only(opened)
    assert (order.kind, order.cause, order.entitlement) == (OrderKind.REMOVE, OrderCause.ROLE_CHANGED, "Ledger")
    done = followed(changed(ledger=False), (then, opened))
    assert [e.ending for e in done.ended] == [OrderEnding.DONE]
    assert "no longer holds Ledger" in done.ended[0].proof


def test_a_right_is_not_gone_where_rights_of_its_kind_were_not_read():
    then = changed(today=ago(1))
    opened = followed(then)
    unread = changed(ledger=False).grant("ehr", "asantos", "openemr:groups-not-read")
    assert followed(unread, (then, opened)).open.keys() >= opened.open.keys()


def test_who_starts_needs_an_account_and_then_what_the_role_requires():
    clinic = in_step().vma("ben", "Ben Cruz", start=ahead(3))
    order = only(followed(clinic))
    assert (order.kind, order.cause, order.vma, order.account) == (OrderKind.OPEN, OrderCause.JOINED, "ben", "")
    assert order.name == "Schedulers"
    assert order.since == ends_at(clinic.case(), ahead(2))
    later = in_step().vma("ben", "Ben Cruz", start=ahead(3)).account("ehr", "bcruz", "ben")
    clinic.today = ago(1)
    made = followed(later, (clinic, Followed({order.id: order}, ())))
    assert [(e.ending, "bcruz" in e.proof) for e in made.ended] == [(OrderEnding.DONE, True)]
    assert [(o.kind, o.entitlement) for o in made.open.values()] == [(OrderKind.GRANT, "Schedulers")]
    given = in_step().vma("ben", "Ben Cruz", start=ahead(3)).account("ehr", "bcruz", "ben")
    given.grant("ehr", "bcruz", *SCHEDULER_NEEDS, through=["Schedulers"])
    later.today = ago(1)
    all_done = followed(given, (later, made))
    assert (all_done.open, [e.ending for e in all_done.ended]) == ({}, [OrderEnding.DONE])


def test_nobody_gets_an_account_while_a_system_is_not_read_or_one_may_be_theirs():
    clinic = in_step().system("directory").vma("ben", "Ben Cruz", start=ahead(3))
    assert followed(clinic.unread("directory")).open == {}
    perhaps = in_step().vma("ben", "Ben Cruz", start=ahead(3)).account("ehr", "ben.cruz2", name="Ben Cruz")
    assert OrderKind.OPEN not in {o.kind for o in followed(perhaps).open.values()}


def test_who_has_been_here_for_long_is_no_start_and_who_is_between_two_stays_has_left():
    assert followed(in_step().vma("ben", "Ben Cruz", start=ago(31))).open == {}
    assert len(followed(in_step().vma("ben", "Ben Cruz", start=ago(30))).open) == 1
    clinic = leaver()
    back = replace(clinic.engagements["ana"], start=ahead(9), end=None)
    clinic.periods = (clinic.engagements["ana"], back)
    clinic.engagements["ana"] = back
    assert OrderKind.DISABLE in {o.kind for o in followed(clinic).open.values()}


def test_a_clock_of_an_account_that_a_read_saw_for_the_first_time_runs_from_that_read():
    then = Clinic(today=ago(1)).vma("ana", "Ana Santos", end=ago(5)).account("ehr", "root", id_="1")
    assert only(followed(leaver(), (then, followed(then)))).since == noon(TODAY)
    unread = leaver(today=ago(1)).unread("ehr")
    assert only(followed(leaver(), (unread, followed(unread)))).since == noon(ago(5)).replace(hour=6) + timedelta(
        days=1
    )


def record_of(*events: LogEvent, until: datetime) -> AccessLog:
    span = LogSpan(noon(ago(90)), until, frozenset(LogKind))
    return AccessLog(by_account(events), (span,))


def event(kind: LogKind, at: datetime, **fields: object) -> LogEvent:
    record = LogRecord("access log", "row 17", "ab" * 32)
    return LogEvent("ehr", "7", kind, at, timedelta(seconds=1), record, actor="dana", **fields)


def test_the_systems_own_record_says_when_it_was_done_and_who_did_it():
    then = leaver(today=ago(1))
    opened = followed(then)
    stopped = noon(ago(1)) + timedelta(hours=5, minutes=42)
    log = record_of(event(LogKind.DISABLED, stopped), until=noon(TODAY))
    done = followed(leaver(status=Status.DISABLED), (then, opened), records={"ehr": log}).ended[0]
    assert (done.earliest, done.latest) == (stopped, stopped + timedelta(seconds=1))
    assert (done.source, done.record, done.sha256, done.actor) == ("access log", "row 17", "ab" * 32, "dana")
    assert "exact, because: the system's own record of the change" in done.proof


def test_a_record_alone_closes_nothing_and_one_with_a_gap_narrows_nothing():
    then = leaver(today=ago(1))
    opened = followed(then)
    stopped = noon(ago(1)) + timedelta(hours=5)
    log = record_of(event(LogKind.DISABLED, stopped), until=noon(TODAY))
    assert followed(leaver(), (then, opened), records={"ehr": log}).open.keys() == opened.open.keys()
    gap = replace(log, spans=())
    done = followed(leaver(status=Status.DISABLED), (then, opened), records={"ehr": gap}).ended[0]
    assert (done.earliest, done.latest, done.record) == (noon(ago(1)), noon(TODAY), None)
