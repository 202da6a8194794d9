"""Changing one system leaves every other byte of the configuration as its author wrote it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from auditor.connecting.yaml_edit import block, put
from connectors.errors import AuditorError

NEW = {"kind": "directory", "holds_phi": False, "settings": {"url": "ldaps://dc1", "page_size": 3}}
NEW_LINES = """\
  directory:
    kind: directory
    holds_phi: false
    settings:
      url: ldaps://dc1
      page_size: 3
"""


def add(text: str) -> str:
    return put(text, ("systems", "directory"), NEW)


def test_a_new_system_goes_behind_the_last_and_comments_stay_where_they_are():
    before = "a: 1   # one\nsystems:\n  ehr:  # ours\n    kind: ehr\n\n# the store\nstore: 'x.db'\n"
    after = "a: 1   # one\nsystems:\n  ehr:  # ours\n    kind: ehr\n" + NEW_LINES + "\n# the store\nstore: 'x.db'\n"
    assert add(before) == after


@pytest.mark.parametrize("head", ["systems:\n", "systems: # none yet\n", "systems:\n\n# nothing\n"])
def test_the_first_system_finds_its_place(head):
    first, _, rest = head.partition("\n")
    assert add(head) == f"{first}\n{NEW_LINES}{rest}"


@pytest.mark.parametrize("head", ["systems: {}\n", "systems: ~\n", "systems: null\n"])
def test_an_empty_list_of_systems_is_written_out(head):
    assert add(head) == f"systems:\n{NEW_LINES}"


def test_a_file_without_systems_and_without_a_last_line_break_gets_them():
    assert add("a: 1") == f"a: 1\nsystems:\n{NEW_LINES}".removesuffix("\n")


def test_systems_in_braces_stay_in_braces():
    after = add("systems: {ehr: {kind: ehr, x: 'y'}}  # both\nstore: x\n")
    assert after.startswith("systems: {ehr: {kind: ehr, x: 'y'}, directory: {")
    assert after.endswith("}}  # both\nstore: x\n")


def test_a_changed_value_keeps_the_comment_beside_it_and_the_quotes_of_the_others():
    before = (
        'systems:\n    directory:\n        kind: "directory"   # AD\n        holds_phi: no # really\n'
        "        settings:\n            url: 'ldaps://old'  # moved in May\n            page_size: 3\n"
    )
    assert add(before) == before.replace("'ldaps://old'", "ldaps://dc1")


def test_a_setting_that_is_gone_is_taken_out_with_its_line():
    before = NEW_LINES.replace("      page_size: 3\n", "      plain: true  # for tests\n      page_size: 3\n")
    assert add("systems:\n" + before) == "systems:\n" + NEW_LINES


def test_line_ends_of_windows_and_the_byte_order_mark_stay():
    after = add("\ufeffa: 1\r\nsystems:\r\n  ehr: {kind: ehr}\r\n# end\r\n")
    assert after.startswith("\ufeffa: 1\r\nsystems:\r\n  ehr: {kind: ehr}\r\n  directory:\r\n    kind: directory\r\n")
    assert after.endswith("page_size: 3\r\n# end\r\n")
    assert "\n" not in after.replace("\r\n", "")


def test_writing_what_stands_there_already_changes_nothing():
    text = "systems:\n" + NEW_LINES.replace("page_size: 3", "page_size:   3  # small")
    assert add(text) == text


def test_keys_that_look_like_numbers_are_text_as_the_configuration_reads_them():
    text = "systems:\n  directory:\n    settings: {status_values: {1: active}}\nother: {2: x}\n"
    after = put(text, ("systems", "directory", "settings", "status_values"), {"1": "active", "0": "disabled"})
    assert after == text.replace("{1: active}", "{1: active, '0': disabled}")


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b\n",
        "systems: &s\n  directory: &d {kind: ehr}\n  other: *d\n",
        "a: [1\n",
    ],
)
def test_a_file_that_cannot_be_edited_without_touching_the_rest_is_refused(text):
    with pytest.raises((AuditorError, yaml.YAMLError)):
        add(text)


def test_a_block_reads_back_as_what_was_written():
    value = {"a": "x: y", "b": "yes", "c": "1", "d": ["p, q", {"k": "# no comment"}], "e": {}, "f": "two\nlines"}
    assert yaml.safe_load(block("k", value)) == {"k": value}


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)
keys = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
scalars = st.one_of(words, st.integers(-99, 99), st.booleans())
settings = st.dictionaries(keys, st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(keys, scalars)))
systems = st.dictionaries(keys, st.fixed_dictionaries({"kind": words, "settings": settings}), min_size=1, max_size=3)


@given(systems=systems, new=settings, pick=st.integers(0, 3), flow=st.sampled_from([None, True, False]), end=words)
def test_whatever_the_file_looks_like_the_rest_of_it_keeps_its_bytes(systems, new, pick, flow, end):
    comment = "# " + end.replace("\x85", "").replace("\ufeff", "")
    body = yaml.safe_dump({"systems": systems}, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    if flow:
        body = body.strip()[1:-1] + "\n"
    text = f"{comment}\npractice: x # {comment}\n{body}{comment}\nstore: y\n"
    id_ = [*systems, "brand-new", "brand-new", "brand-new"][pick]
    after = put(text, ("systems", id_), {"kind": "ehr", "settings": new})
    assert yaml.safe_load(after)["systems"] == {**systems, id_: {"kind": "ehr", "settings": new}}
    head, tail = f"{comment}\npractice: x # {comment}\n", f"{comment}\nstore: y\n"
    assert after.startswith(head)
    assert after.endswith(tail)
