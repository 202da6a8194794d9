"""
Knowing less makes nobody gone, ready or in place: whatever is taken away, no answer turns from not good into good.

Facts are taken away from random practices: a read is cut, groups or a status are not known, a name is spelled
otherwise, a date is missing. Every figure of a control, every item of both gates and their outcomes are compared.
People's words are all given, so that the systems alone decide. (An account that may work after all is looked at for a
second factor: that item may pass, and the gate asks whether the account works.)
"""

from collections.abc import Callable
from copy import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.figures.controls import controls
from auditor.gates.history import Past
from auditor.gates.offboard import offboard
from auditor.gates.onboard import onboard
from auditor.gates.subject import SubjectFacts
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from connectors.facts import Entitlement, EntitlementKind, Grant, Status
from policies.engine.candidates import candidates_of
from policies.engine.evaluate import judge
from tests.builders import Clinic
from tests.strategies import clinics
from tests.written_practice import words

GOOD = ("passed", "GONE", "READY", "in place")


def answers(clinic: Clinic) -> dict[tuple[str, ...], str]:
    """Return every figure and every gate's answers of a practice."""
    judged = clinic.judged()
    case = judged.case
    found = {("figure", f.control, vma): s.value for f in controls(judged) for vma, s in f.standings.items()}
    due = clock(load_controls(SHIPPED), By.STOPPED)
    assert due is not None
    for vma, engagement in case.engagements.items():
        said = tuple(words(vma, case.today, tuple(case.systems)))
        left = offboard(case, SubjectFacts(case, judged.judgment, vma, said, case.today), Past(), due)
        found |= {("gone", vma, a.item.id): a.answer.value for a in left.items}
        found["gone", vma] = left.outcome.value
        if engagement.end is None or engagement.end >= case.today:
            gate = onboard(
                case, lambda then, vma=vma, said=said: SubjectFacts(then, judge(then), vma, said, then.today), vma
            )
            found |= {("ready", vma, a.item.id): a.answer.value for a in gate.items}
            found["ready", vma] = "READY" if gate.ready else "NOT READY"
    return found


def system_cut(clinic: Clinic, draw: st.DrawFn) -> None:
    """A page is missing: the read proves no end, and holds nothing."""
    clinic.unread(draw(st.sampled_from(sorted(clinic.systems))))


def groups_not_read(clinic: Clinic, draw: st.DrawFn) -> None:
    """What accounts of a system hold was not read: each holds what no catalog knows, as readers say it."""
    system = draw(st.sampled_from(sorted(clinic.systems)))
    unread = Entitlement(system, "groups-not-read", "groups were not read", EntitlementKind.GROUP)
    clinic.entitlements[system, unread.id] = unread
    clinic.grants = [(s, g) for s, g in clinic.grants if s != system]
    clinic.grants += [(s, Grant(id_, unread.id)) for s, id_ in clinic.accounts if s == system]


def status_unknown(clinic: Clinic, draw: st.DrawFn) -> None:
    change(clinic, draw, status=Status.UNKNOWN)


def sign_in_unknown(clinic: Clinic, draw: st.DrawFn) -> None:
    change(clinic, draw, last_login=None)


def creation_unknown(clinic: Clinic, draw: st.DrawFn) -> None:
    change(clinic, draw, created=None)


def factor_unknown(clinic: Clinic, draw: st.DrawFn) -> None:
    change(clinic, draw, mfa=None)


def name_spelled_otherwise(clinic: Clinic, draw: st.DrawFn) -> None:
    """
    An account that the roster names becomes one that only looks like the VMA's.

    Of whom nothing was open, and who shares none: what is stated of a log-in makes another account look like theirs, or
    two people use one, and both are forgotten here.
    """
    case = clinic.case()
    sharing = {vma for key in case.shared_accounts for vma in case.owners[key].people}
    if not (settled := sorted(vma for vma in clinic.engagements.keys() - sharing if not candidates_of(case).of(vma))):
        return
    vma = draw(st.sampled_from(settled))
    person = clinic.people[vma]
    clinic.people[vma] = replace(person, name="Denise Calloway", logins=())
    spelling = st.sampled_from(["Calloway, Denise M", "DENISE CALLOWAY MD", "D. Calloway", "Dénise Calloway (VA)"])
    for system, login in person.logins:
        if (system, login) in clinic.accounts:
            key = system, login
            clinic.accounts[key] = replace(clinic.accounts[key], name=draw(spelling))


def change(clinic: Clinic, draw: st.DrawFn, **fields: object) -> None:
    if clinic.accounts:
        key = draw(st.sampled_from(sorted(clinic.accounts)))
        clinic.accounts[key] = replace(clinic.accounts[key], **fields)


FORGOTTEN: tuple[Callable[[Clinic, st.DrawFn], None], ...] = (
    *(system_cut, groups_not_read, status_unknown, sign_in_unknown, creation_unknown, factor_unknown),
    name_spelled_otherwise,
)


def check(forget: Callable[[Clinic, st.DrawFn], None], clinic: Clinic, data: st.DataObject) -> None:
    knew = answers(clinic)
    less = copy(clinic)
    for name in ("people", "engagements", "accounts", "entitlements", "grants", "partial"):
        setattr(less, name, copy(getattr(clinic, name)))
    forget(less, data.draw)
    better = {
        key: (knew[key], now) for key, now in answers(less).items() if now in GOOD and knew.get(key, now) not in GOOD
    }
    if forget is status_unknown:
        better = {key: was for key, was in better.items() if key[-1] != "mfa"}
    assert not better


@pytest.mark.parametrize("forget", FORGOTTEN, ids=lambda forget: forget.__name__)
def test_knowing_less_makes_nothing_good(forget):
    settings(max_examples=8, deadline=None)(given(st.just(forget), clinics(), st.data())(check))()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("forget", FORGOTTEN, ids=lambda forget: forget.__name__)
def test_knowing_less_makes_nothing_good_in_a_thousand_practices(forget):
    settings(max_examples=1000, deadline=None)(given(st.just(forget), clinics(), st.data())(check))()
