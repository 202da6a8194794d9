"""A system that suddenly has far fewer accounts is held, because a filter or an outage looks the same."""

import pytest

from auditor.audit.drop_guard import hold_drops, too_many
from auditor.snapshot import AcceptedDrop
from connectors.errors import AuditorError
from connectors.facts import Account, Collection, Complete, Entitlement, EntitlementKind, Grant, Partial, Status
from tests.builders import SYSTEMS, TODAY, Clinic, ask, in_step, noon


def collection(count: int, *, first: int = 0, system: str = "ehr") -> Collection:
    accounts = tuple(Account(system, f"u{n}", f"u{n}", "", Status.ACTIVE) for n in range(first, first + count))
    group = Entitlement(system, "g", "g", EntitlementKind.GROUP)
    grants = (Grant(accounts[0].id, "g"),) if accounts else ()
    return Collection(SYSTEMS[system], "export", noon(TODAY), Complete(()), accounts, {"g": group}, grants)


def keys(count: int, system: str = "ehr") -> list[tuple[str, str]]:
    return [(system, f"u{n}") for n in range(count)]


def held(before: int, now: int) -> bool:
    checked, _ = hold_drops({"ehr": collection(now)}, keys(before), {})
    return not checked["ehr"].complete


def test_every_drop_of_every_size_up_to_500_is_judged_by_the_rule_as_it_is_written():
    """More than 5 accounts or 10 %, whichever is larger, and any fall to zero; in whole numbers, without a fraction."""
    for before in range(501):
        for missing in range(before + 1):
            larger = max(5 * 10, before)  # tenths of an account: 10 % of `before` is `before` tenths
            expected = before > 0 and (missing == before or missing * 10 > larger)
            assert too_many(missing, before, before - missing) is expected, (before, missing)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (5, 1, False),
        (5, 0, True),  # a fall to zero
        (1, 0, True),
        (0, 0, False),  # there was nothing before
        (50, 45, False),  # five: a small practice does lose people
        (50, 44, True),
        (100, 90, False),  # exactly 10 %
        (100, 89, True),
        (100, 200, False),
    ],
)
def test_a_drop_is_held_from_the_size_on_that_the_rule_names(before, now, expected):
    assert held(before, now) is expected


def test_accounts_are_compared_one_by_one_so_that_new_ones_hide_nothing():
    checked, _ = hold_drops({"ehr": collection(20, first=10)}, keys(20), {})
    completeness = checked["ehr"].completeness
    assert isinstance(completeness, Partial)
    assert completeness.reason == "held: 10 of 20 accounts are suddenly missing (20 now; up to 5 pass unasked)"


def test_a_held_system_holds_no_facts_and_says_how_to_accept_the_drop():
    checked, used = hold_drops({"ehr": collection(10)}, keys(20), {})
    assert (checked["ehr"].accounts, checked["ehr"].entitlements, checked["ehr"].grants) == ((), {}, ())
    assert "`--accept-drop ehr --reason …`" in checked["ehr"].completeness.hint
    assert used == ()


def test_an_accepted_drop_is_used_and_recorded_with_its_reason():
    now = collection(10)
    checked, used = hold_drops({"ehr": now}, keys(20), {"ehr": "clinic sold"})
    assert checked["ehr"] is now
    assert used == (AcceptedDrop("ehr", before=20, missing=10, now=10, reason="clinic sold"),)


def test_to_accept_a_drop_that_is_none_is_refused_because_it_would_wait_for_the_next_one():
    with pytest.raises(AuditorError, match="`ehr` has no sudden drop of accounts to accept"):
        hold_drops({"ehr": collection(19)}, keys(20), {"ehr": "why not"})


def test_a_drop_of_another_system_is_not_accepted_with_it():
    both = {"ehr": collection(10), "cloud": collection(10, system="cloud")}
    checked, used = hold_drops(both, [*keys(20), *keys(20, "cloud")], {"ehr": "clinic sold"})
    assert checked["ehr"].complete
    assert not checked["cloud"].complete
    assert [drop.system for drop in used] == ["ehr"]


def test_an_incomplete_system_stays_incomplete_with_its_own_reason():
    partial = Collection(SYSTEMS["ehr"], "export", noon(TODAY), Partial("it refused the password"))
    checked, _ = hold_drops({"ehr": partial}, keys(20), {})
    assert checked["ehr"] is partial


def test_to_accept_the_drop_of_a_system_that_was_not_read_is_refused():
    partial = Collection(SYSTEMS["ehr"], "export", noon(TODAY), Partial("it refused the password"))
    with pytest.raises(AuditorError, match="no sudden drop"):
        hold_drops({"ehr": partial}, keys(20), {"ehr": "clinic sold"})


def test_the_first_audit_of_a_system_is_never_a_drop():
    checked, _ = hold_drops({"ehr": collection(1)}, keys(99, "cloud"), {})
    assert checked["ehr"].complete


def test_the_order_of_the_systems_does_not_change_what_is_recorded():
    both = {"ehr": collection(10), "cloud": collection(10, system="cloud")}
    before, accepted = [*keys(20), *keys(20, "cloud")], {"ehr": "a", "cloud": "b"}
    _, one = hold_drops(both, before, accepted)
    _, other = hold_drops(dict(reversed(both.items())), reversed(before), accepted)
    assert one == other


def test_a_held_system_is_not_evaluated_and_nobody_in_it_is_taken_for_removed():
    clinic = in_step()
    checked, _ = hold_drops(clinic.collections(), [*keys(20), ("ehr", "asantos")], {})
    assert isinstance(checked["ehr"].completeness, Partial)
    assert ask("active-after-end", _with(clinic, checked["ehr"].completeness)).counts == (0, 0, 1)


def _with(clinic: Clinic, partial: Partial) -> Clinic:
    clinic.partial["ehr"] = partial
    return clinic
