"""Nobody states for themselves what somebody else has to have seen."""

from datetime import date

import pytest

from auditor.statements import Statement, StatementKind, refuse_self
from connectors.errors import AuditorError
from connectors.facts import Person, PersonKind

DENISE = Person("V5", "Denise Calloway", "denise@agency.example", PersonKind.VMA)


def _by(name):
    return Statement("p", StatementKind.CONFIRMATION, "V5", "not-theirs", name, date(2026, 11, 29))


@pytest.mark.parametrize(
    "name", ["v5", "Denise  Calloway ", "CALLOWAY, Denise", "Calloway Denise", "DENISE@agency.example"]
)
def test_who_is_concerned_does_not_state_it(name):
    with pytest.raises(AuditorError, match="about themselves"):
        refuse_self(_by(name), DENISE)


@pytest.mark.parametrize("name", ["Dana Ortiz", "Dana Calloway", "Denise Ortiz"])
def test_somebody_else_does(name):
    refuse_self(_by(name), DENISE)
