"""A change of role: remove first, then add; what may stay, and what was gathered over time."""

from dataclasses import replace

import pytest

from auditor.gates.transfer import Transfer, TransferOutcome, transfer
from connectors.errors import AuditorError
from policies.engine.evaluate import judge
from tests.builders import SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, in_step, policy

BILLING = ("acct/bill:view", "patients/demo:view")


def names(mask: int) -> tuple[str, ...]:
    return policy().vocabulary.names(mask)


def answer(clinic: Clinic, *to: str, periods=()) -> Transfer:
    case = replace(clinic.case(), periods=tuple(periods))
    return transfer(case, "ana", to, judge(case).findings)


def both() -> Clinic:
    """A scheduler, in a practice that has what a front desk needs as well."""
    clinic = in_step().vma("ben", roles=("front_desk",)).account("ehr", "ben", "ben")
    return clinic.grant("ehr", "ben", "patients/demo:write", "patients/appt:write", through=["Desk"])


def test_what_the_new_role_does_not_allow_goes_first_and_what_it_requires_comes_then():
    result = answer(both().grant("ehr", "asantos", "acct/bill:view", through=["Ledger"]), "front_desk")
    assert (result.old, result.new, result.on) == (("scheduler",), ("front_desk",), None)
    assert [(h.name, names(h.beyond)) for h in result.go] == [("Ledger", ("charge.read", "claim.read", "ledger.read"))]
    assert "remove Ledger" in result.go[0].remedy
    assert {s: [c.name for c in chosen] for s, chosen in result.grants.by_system.items()} == {"ehr": ["Desk"]}
    assert names(result.grants.advice.covers) == ("demographics.write",)  # the rest is there already
    assert [h.name for h in result.stay] == ["Schedulers"]
    assert result.outcome is TransferOutcome.NOT_DONE


def test_what_goes_is_not_counted_as_still_giving_what_the_new_role_requires():
    clinic = in_step().grant("ehr", "asantos", "acct/bill:view", through=["Schedulers"])
    clinic.vma("ben").account("ehr", "ben", "ben").grant("ehr", "ben", *SCHEDULER_NEEDS, through=["Clean"])
    result = answer(clinic, "scheduler")
    assert [h.name for h in result.go] == ["Schedulers"]
    assert [c.name for c in result.grants.by_system["ehr"]] == ["Clean"]


def test_a_change_that_was_carried_out_is_done_and_one_that_was_not_is_a_finding():
    changed = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", ("scheduler",)).account("ehr", "asantos", "ana")
    changed.grant("ehr", "asantos", *SCHEDULER_NEEDS, through=["Schedulers"])
    changed.earlier_roles = {"ana": ("billing",)}
    done = answer(changed)
    assert (done.old, done.new, done.outcome) == (("billing",), ("scheduler",), TransferOutcome.DONE)
    changed.grant("ehr", "asantos", *BILLING, through=["Billing"])
    kept = answer(changed)
    assert kept.outcome is TransferOutcome.NOT_DONE
    assert [f.rule for f in kept.accumulated] == ["accumulated-access"]


def test_a_change_that_the_roster_dates_is_known_before_it_happens():
    clinic = both()
    now = clinic.engagements["ana"]
    later = replace(now, roles=("front_desk",), start=ahead(10))
    result = answer(clinic, periods=[replace(now, end=ahead(9)), later])
    assert (result.new, result.on) == (("front_desk",), ahead(10))


def test_what_was_not_read_or_cannot_be_read_leaves_it_unproven():
    clinic = in_step()
    clinic.earlier_roles = {"ana": ("billing",)}
    assert answer(clinic).outcome is TransferOutcome.DONE
    unread = clinic.system("directory").unread("directory")
    assert answer(unread).outcome is TransferOutcome.UNPROVEN
    strange = in_step().grant("ehr", "asantos", "custom/thing")
    strange.earlier_roles = {"ana": ("billing",)}
    result = answer(strange)
    assert [h.name for h in result.unknown] == ["custom/thing"]
    assert result.outcome is TransferOutcome.UNPROVEN
    within = in_step().grant("ehr", "asantos", "custom/thing", through=["Schedulers"])  # with what can be read
    assert [h.name for h in answer(within, "scheduler").unknown] == ["Schedulers"]


def test_an_account_that_the_new_role_needs_nothing_of_is_named():
    clinic = in_step().system("directory").account("directory", "asantos", "ana")
    clinic.earlier_roles = {"ana": ("billing",)}
    assert answer(clinic).idle == (("directory", "asantos"),)


def test_where_a_group_gives_just_what_the_role_needs_nobody_is_asked_to_make_a_finer_one():
    assert answer(both(), "front_desk").grants.by_system
    assert answer(both(), "front_desk").grants.finer == {}


def test_somebody_may_change_role_up_to_and_on_the_last_day():
    assert answer(in_step(end=TODAY), "billing").new == ("billing",)


def test_who_cannot_change_role_is_refused_with_what_to_do():
    with pytest.raises(AuditorError, match="only ever been scheduler"):
        answer(in_step())
    with pytest.raises(AuditorError, match="no role template for `bookkeper`"):
        answer(in_step(), "bookkeper")
    with pytest.raises(AuditorError, match="left on"):
        answer(in_step(end=ago(1)), "billing")
    with pytest.raises(AuditorError, match="no VMA `zoe`"):
        transfer(in_step().case(), "zoe", (), ())
