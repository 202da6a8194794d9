"""Which filters of an export could leave out a leaver."""

import pytest

from connectors.directory.schema.coverage import ExportSearch, left_out_by_export, part_exported, part_read


@pytest.mark.parametrize(
    "harmless",
    [
        *("", "(objectClass=*)", "(uid=*)", "(objectClass=person)", "(|(ou=x)(uid=*))"),
        "(&(objectCategory=person)(objectClass=user))",
    ],
)
def test_a_filter_that_finds_everybody_leaves_nobody_out(harmless):
    assert left_out_by_export([ExportSearch("dc=t", harmless, "")]) == ""


@pytest.mark.parametrize(
    "narrow",
    [
        *("(memberOf=cn=staff,dc=t)", "(mail=*)", "(&(objectClass=user)(!(userAccountControl=514)))"),
        *("(!(objectClass=person))", "(|(ou=x)(mail=*))", "(|(&(ou=x)(uid=*))(mail=*))"),
    ],
)
def test_a_filter_that_drops_some_is_told(narrow):
    assert narrow in left_out_by_export([ExportSearch("dc=t", narrow, "")])
    assert left_out_by_export([ExportSearch("dc=t", narrow, ""), ExportSearch("dc=t", "(objectClass=*)", "")]) == ""


@pytest.mark.parametrize(
    ("base", "roots", "part"),
    [
        ("dc=t", ("dc=t",), False),
        ("DC=T", ("dc=t", "dc=other"), False),
        ("", ("dc=t",), False),
        ("o=clinic", (), False),
        ("cn=accounts,dc=ipa,dc=t", ("dc=ipa,dc=t",), False),  # all of FreeIPA
        ("ou=people,dc=t", ("ou=people,dc=t", "dc=other"), False),  # a naming context of its own
        ("ou=people,dc=t", ("dc=t",), True),
        ("ou=people,dc=t", (), True),
        ("dc=branch,dc=t", ("dc=t",), True),
    ],
)
def test_a_base_that_is_a_part_of_a_naming_context_is_told(base, roots, part):
    told = part_read(base, roots)
    assert (told == f"only what stands under `{base}` was read; an account may have been moved out of it") is part
    assert bool(told) is part


def test_searches_of_parts_show_no_whole_tree_and_one_of_the_root_does():
    people, leavers = ExportSearch("ou=people,dc=t", "", ""), ExportSearch("ou=leavers,dc=t", "", "")
    assert "an account may have been moved" in part_exported([people, leavers])
    assert part_exported([people, ExportSearch("dc=t", "", "")]) == ""
    assert "moved deeper" in part_exported([ExportSearch("dc=t", "", "", whole_tree=False)])
    assert "not understood" in part_exported([ExportSearch("no dn", "", "")])
