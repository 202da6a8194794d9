"""Whose controls are unproven while a right was known to no catalog."""

from types import SimpleNamespace

import pytest

from auditor.lag.unproven import unproven
from connectors.facts import Grant
from policies.engine.outcomes import Subject
from tests.builders import Clinic

SPAN = (0, 10)
UNKNOWN = SimpleNamespace(subject=Subject("entitlement", "ehr:sc:odd", "Odd"), system="ehr")


def held(login):
    account = Clinic().system("ehr").account("ehr", login).accounts["ehr", login]
    return SimpleNamespace(span=SPAN, account=account)


HELD = {"ana": [held("ana")], "ben": [held("ben")]}


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param([(1, None, Grant("ana", "sc:odd"))], {"ana": {"ehr": (SPAN,)}}, id="a grant says who"),
        pytest.param([], {vma: {"ehr": (SPAN,)} for vma in HELD}, id="no grant says who: everybody there"),
        pytest.param([(9, None, Grant("ana", "sc:odd"))], {vma: {"ehr": (SPAN,)} for vma in HELD}, id="a later grant"),
    ],
)
def test_what_no_catalog_knew_leaves_those_unproven_who_held_it(grants, expected):
    rows = [(first, after, SimpleNamespace(system="ehr", grant=grant)) for first, after, grant in grants]
    store = SimpleNamespace(intervals=lambda *_: rows)
    clock = SimpleNamespace(span=lambda first, _: SPAN if first == 1 else None)
    assert unproven(store, "lakeside", clock, [(SPAN, UNKNOWN)], HELD) == expected
