"""Random histories of one leaver's account, against what must be true of its order after every audit."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.orders.follow import Earlier, Followed, follow
from auditor.snapshot import OrderEnd, OrderEnding
from connectors.facts import Complete, Evidence, Status
from policies.engine.case import Case
from tests.builders import Clinic, ago, noon

STATES = ("active", "disabled", "absent", "renamed", "unread", "filtered", "stale")
"""How an audit sees the account; `filtered`: it is missing, and the read may have left it out; `stale`: an old file."""


def clinic(state: str, day: int, *, left: bool) -> Clinic:
    made = Clinic(today=ago(40 - day)).agreement("BAA-1").vma("ana", "Ana Santos", end=ago(45) if left else None)
    made.account("ehr", "root", id_="1")
    if state not in ("absent", "filtered"):
        status = Status.DISABLED if state in ("disabled", "stale") else Status.ACTIVE
        users = () if state == "renamed" else ("ana",)
        made.account("ehr", "xq17" if state == "renamed" else "asantos", *users, id_="7", status=status)
    return made.unread("ehr") if state == "unread" else made


def seen(made: Clinic, state: str, last_read: datetime | None) -> Case:
    case = made.case()
    if state == "stale" and last_read is not None:
        return replace(case, collections={s: replace(c, as_of=last_read) for s, c in case.collections.items()})
    if state == "filtered":
        why = Complete((Evidence("filter", "only some"),))
        return replace(case, collections={s: replace(c, completeness=why) for s, c in case.collections.items()})
    return case


def check_ends(ended: tuple[OrderEnd, ...], state: str, left: bool, case: Case, last_read: datetime | None) -> None:
    for end in ended:
        if end.ending is OrderEnding.DONE:
            assert state in ("disabled", "absent", "stale")
            assert last_read is None or case.collections["ehr"].as_of > last_read
            assert end.earliest < end.latest
        else:
            assert not left


def check_open(before: Followed, now: Followed, state: str, left: bool) -> None:
    if left and state == "active":
        assert now.open
    if before.open and left and state in ("unread", "filtered", "renamed"):
        assert now.open.keys() == before.open.keys()  # not seen, or nobody's by a new name: that closes nothing
    assert before.open or not now.ended


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STATES), st.booleans()), min_size=1, max_size=6))
def test_an_order_is_open_while_the_account_may_work_and_ends_by_proof_alone(history):
    orders, earlier, last_read, ids = Followed({}, ()), None, None, set()
    for day, (state, left) in enumerate(history):
        made = clinic(state, day, left=left)
        case, before = seen(made, state, last_read), orders
        orders = follow(case, earlier, lambda _: {})
        ids |= orders.open.keys()
        check_open(before, orders, state, left)
        check_ends(orders.ended, state, left, case, last_read)
        last_read = case.collections["ehr"].as_of if case.collections["ehr"].complete else last_read
        facts = earlier.snapshot if state == "unread" and earlier is not None else made.snapshot()
        reads = {} if last_read is None else {"ehr": last_read}
        earlier = Earlier(replace(facts, orders=orders.open), noon(made.today) + timedelta(minutes=1), reads)
    assert len(ids) <= 1  # whatever happens to the account, it is the same order
