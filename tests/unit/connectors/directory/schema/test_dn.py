"""Distinguished names in one spelling (RFC 4514), and groups in groups."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.directory.schema.dn import below, first_value, member_key, normalise
from connectors.group_closure import transitive_groups


@pytest.mark.parametrize(
    "spelling",
    [
        "cn=doe\\, jane,ou=staff,dc=t",
        "CN=Doe\\, Jane,OU=Staff,DC=T",
        "CN = Doe\\2C Jane , OU = Staff , DC = T",
        'CN="Doe, Jane",OU=Staff,DC=T',
        "cn=Doe\\2c  Jane;ou=Staff;dc=t",
    ],
)
def test_spellings_of_one_dn_are_one_key(spelling):
    assert normalise(spelling) == "cn=doe\\, jane,ou=staff,dc=t"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ou=b+cn=a,dc=t", "CN=A + OU=B, DC=T"),
        ("cn=müller,dc=t", "CN=M\\C3\\BCLLER,DC=T"),
        ("cn=mu\u0308ller,dc=t", "cn=m\u00fcller,dc=t"),  # two ways to write the same letter
        ("cn=straße,dc=t", "cn=STRAßE,dc=t"),
        ("cn=ｆｕｌｌ,dc=t", "cn=full,dc=t"),
    ],
)
def test_order_case_and_composition_do_not_matter(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=a\\,ou=b", "cn=a,ou=b"),
        ("cn=a，ou=b", "cn=a,ou=b"),  # a full-width comma folds to a comma, but separates nothing
        ("cn=a\\+ou=b", "cn=a+ou=b"),
        ("cn=a", "uid=a"),
        ("cn=straße,dc=t", "cn=strasse,dc=t"),  # as slapd holds it
        ("cn=σας,dc=t", "cn=σασ,dc=t"),
        ("cn=straße,dc=t", "cn=STRAẞE,dc=t"),  # a letter that came after Unicode 3.2
    ],
)
def test_different_entries_never_get_one_key(one, other):
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    "text", ["", "nobody", "=x", "cn=a,b", "cn=a,,dc=t", "cn=a,", 'cn="a', "cn=a\\", "c n=a", "cn=\\ff"]
)
def test_what_is_no_dn_is_refused_and_names_nobody(text):
    with pytest.raises(ValueError):
        normalise(text)
    assert member_key(text).startswith("?")


def test_an_endless_dn_is_refused():
    with pytest.raises(ValueError, match="longer than"):
        normalise("cn=" + "a" * 10_000)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_key_is_its_own_key_whatever_the_value(one, other):
    escaped = [v.encode("utf-8", "replace").hex(" ").upper() for v in (one, other)]
    dn = ",".join(f"cn=\\{e.replace(' ', chr(92))}" if e else "cn=" for e in escaped)
    key = normalise(dn)
    assert normalise(key) == key
    assert len(key.split("cn=")) >= 3


@given(st.text(max_size=60))
def test_any_text_is_a_dn_or_a_value_error(text):
    try:
        assert normalise(normalise(text)) == normalise(text)
    except ValueError:
        assert member_key(text) == f"?{text}" or "#" in text


def test_an_entry_lies_below_its_base_by_parts_not_by_letters():
    assert below("cn=a,ou=x,dc=t", "ou=x,dc=t")
    assert below("ou=x,dc=t", "ou=x,dc=t")
    assert not below("cn=a,ou=xx,dc=t", "ou=x,dc=t")
    assert not below("cn=axou=x,dc=t", "ou=x,dc=t")
    assert below("anything", "")


def test_the_first_part_is_read_as_it_was_written():
    assert first_value("CN=Doe\\, Jane,DC=t") == ("cn", "Doe, Jane")


# Who holds what: a key lists the groups that have it as a member.
PARENTS = {"a": ["b", "c"], "b": ["d"], "c": ["d", "a"], "d": ["a", "e"], "e": ["e"]}


def test_every_group_is_reached_by_a_shortest_path_that_starts_at_the_one_held_directly():
    assert transitive_groups(["a"], PARENTS) == {
        "a": (),
        "b": ("a",),
        "c": ("a",),
        "d": ("a", "b"),
        "e": ("a", "b", "d"),
    }


def test_a_group_held_directly_has_no_path_even_when_it_is_also_nested():
    assert transitive_groups(["a", "d"], PARENTS)["d"] == ()


def test_cycles_end():
    assert transitive_groups(["x"], {"x": ["y"], "y": ["z"], "z": ["x"]}) == {"x": (), "y": ("x",), "z": ("x", "y")}
    assert transitive_groups(["x"], {"x": ["x"]}) == {"x": ()}
    assert transitive_groups([], PARENTS) == {}


def test_the_order_in_which_a_source_lists_things_does_not_matter():
    for direct in permutations(["b", "c", "e"]):
        for listed in permutations(["d", "a"]):
            assert transitive_groups(direct, {**PARENTS, "c": listed}) == transitive_groups(["b", "c", "e"], PARENTS)


def test_a_chain_of_thousands_of_groups_is_walked_without_recursion():
    chain = {f"{n:05}": [f"{n + 1:05}"] for n in range(3000)}
    assert len(transitive_groups(["00000"], chain)["03000"]) == 3000
