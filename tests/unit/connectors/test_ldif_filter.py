"""Which filters of an export could leave out a leaver."""

import pytest

from connectors.directory.schema.coverage import Asked, left_out_by_export


@pytest.mark.parametrize(
    "harmless",
    [
        *("", "(objectClass=*)", "(uid=*)", "(objectClass=person)", "(|(ou=x)(uid=*))"),
        "(&(objectCategory=person)(objectClass=user))",
    ],
)
def test_a_filter_that_finds_everybody_leaves_nobody_out(harmless):
    assert left_out_by_export([Asked("dc=t", harmless, "")]) == ""


@pytest.mark.parametrize(
    "narrow",
    [
        *("(memberOf=cn=staff,dc=t)", "(mail=*)", "(&(objectClass=user)(!(userAccountControl=514)))"),
        *("(!(objectClass=person))", "(|(ou=x)(mail=*))", "(|(&(ou=x)(uid=*))(mail=*))"),
    ],
)
def test_a_filter_that_drops_some_is_told(narrow):
    assert narrow in left_out_by_export([Asked("dc=t", narrow, "")])
    assert left_out_by_export([Asked("dc=t", narrow, ""), Asked("dc=t", "(objectClass=*)", "")]) == ""
