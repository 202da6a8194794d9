"""What a connector needs is known from its `Settings`, and a secret never gets into the configuration or the screen."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from auditor.connecting.draft import SystemDraft, begin, missing
from auditor.connecting.settings import apply, describe, pairs, problems, value_at, variables
from connectors.errors import AuditorError

SECRET = "hunter2"


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    login: str
    name: str | None = None


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    url: Annotated[str, Field(max_length=20)]
    """Where it is,
    in full."""
    token_env: str
    ca_file: Path | None = None
    page_size: int = 50
    mode: Literal["one", "two"] = "one"
    colour: Colour | None = None
    columns: Inner | None = None
    words: dict[str, str] = {}
    many: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if self.mode == "two" and not self.many:
            raise ValueError("`many` beside `mode: two`")
        return self


FIELDS = describe(Settings)
GOOD = {"url": "https://x", "token_env": "AUDITOR_X_TOKEN"}


def given(*pairs: tuple[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, raw in pairs:
        apply(FIELDS, data, key, raw)
    return data


def test_every_setting_is_described_with_what_it_means_and_what_is_needed():
    told = {f.key: f for f in FIELDS}
    assert list(told) == [
        "url", "token_env", "ca_file", "page_size", "mode", "colour", "columns.login", "columns.name", "words", "many",
    ]  # fmt: skip
    assert told["url"].meaning == "Where it is, in full."
    assert [key for key, f in told.items() if f.required] == ["url", "token_env"]
    assert (told["page_size"].default, told["mode"].choices, told["colour"].choices) == (50, ("one", "two"), ("red",))
    assert [key for key, f in told.items() if f.variable] == ["token_env"]


def test_text_is_taken_as_it_is_written_and_the_rest_is_read_as_yaml():
    data = given(("url", "yes"), ("page_size", "7"), ("many", "[a, b]"), ("columns.login", "01"), ("words.On", "on"))
    assert data == {
        "url": "yes", "page_size": 7, "many": ["a", "b"], "columns": {"login": "01"}, "words": {"On": "on"},
    }  # fmt: skip


def test_an_empty_value_takes_a_setting_out():
    data = given(("columns.login", "a"), ("columns.name", "b"), ("url", "x"))
    apply(FIELDS, data, "columns.name", "")
    apply(FIELDS, data, "url", "")
    apply(FIELDS, data, "many", "")
    assert data == {"columns": {"login": "a"}}
    assert value_at(data, "columns.login") == "a"
    assert value_at(data, "url.deep") is None


@pytest.mark.parametrize("raw", ["&a [*a]", "!!python/name:os.system", "[1", "{", "\x00"])
def test_a_value_that_is_no_plain_yaml_is_refused(raw):
    with pytest.raises(AuditorError, match="`many` cannot be read"):
        given(("many", raw))


def test_a_value_without_end_is_refused():
    with pytest.raises(AuditorError, match="too long"):
        given(("many", "[" * 100_000))


@pytest.mark.parametrize("key", ["password", "token", SECRET * 20, "a=b", "columns.nothing"])
def test_an_unknown_setting_is_refused_and_what_was_given_for_it_is_not_repeated(key):
    with pytest.raises(AuditorError) as refused:
        given((key, SECRET))
    text = refused.value.diagnostics()
    assert SECRET not in text
    assert "`token_env`" in text


@pytest.mark.parametrize("value", [SECRET, "Correct-Horse", "TRUSTNO1", "pass_word", "A B_C", "$AUDITOR_X"])
def test_a_secret_in_the_place_of_a_variables_name_is_refused_and_not_repeated(value):
    with pytest.raises(AuditorError) as refused:
        given(("token_env", value))
    assert value not in refused.value.diagnostics()
    assert "name of an environment variable" in refused.value.message


def test_a_variable_that_is_set_may_have_any_name(monkeypatch):
    monkeypatch.setenv("ldappw", "x")
    assert given(("token_env", "ldappw")) == {"token_env": "ldappw"}


def test_everything_that_is_wrong_is_said_at_once_without_what_was_given():
    told = {p.key: p.text for p in problems(Settings, {"url": SECRET * 5, "page_size": SECRET, "nonsense": SECRET})}
    assert set(told) == {"url", "page_size", "token_env", "nonsense"}
    assert told["token_env"] == "a value is needed"
    assert SECRET not in str(told)
    assert problems(Settings, {**GOOD, "mode": "two"})[0].text == "expected `many` beside `mode: two`"
    assert not problems(Settings, GOOD)


def test_every_variable_that_settings_name_is_found_however_deep():
    assert variables(Settings.model_validate(GOOD)) == {"token_env": "AUDITOR_X_TOKEN"}
    data = {"roster": {"settings": {"token_env": "A", "more": [{"key_env": "B"}, {"x": 1}]}}, "other_env": None}
    assert variables(data) == {"roster.settings.token_env": "A", "roster.settings.more.0.key_env": "B"}


def test_what_follows_from_the_connector_need_not_be_said():
    data = begin("dir", None, SystemDraft(connector="ldap", settings=["page_size=7"]), ("aws", "ldap"))
    assert data == {
        "kind": "directory", "product": "ldap", "title": "dir", "connector": "ldap", "settings": {"page_size": 7},
    }  # fmt: skip
    assert [gap for gap in missing(data) if "phi" not in gap] == []
    assert begin("c", None, SystemDraft(connector="aws-json"), ("aws",))["product"] == "aws"
    assert begin("e", None, SystemDraft(connector="fhir"), ("aws", "smart-scopes"))["product"] == "smart-scopes"


def test_a_new_system_that_is_called_like_a_connector_is_read_by_it():
    data = begin("aws", None, SystemDraft(settings=["region=us-east-1"]), ("aws",))
    assert (data["kind"], data["connector"], data["product"]) == ("cloud", "aws", "aws")
    assert begin("aws", None, SystemDraft(connector="aws-json"), ("aws",))["connector"] == "aws-json"
    assert "connector" not in begin("cloud", None, SystemDraft(), ("aws",))
    assert "connector" not in begin("aws", {"kind": "cloud"}, SystemDraft(), ("aws",))


def test_what_was_given_can_be_given_again_whatever_its_depth():
    first = given(("columns.login", "User"), ("columns.name", "Name"), ("words.a.b", "c"), ("many", "[x, y]"))
    again = given(*((key, value if isinstance(value, str) else str(value)) for key, value in pairs(FIELDS, first)))
    assert again == first
    assert {key for key, _ in pairs(FIELDS, first)} == {"columns.login", "columns.name", "words", "many"}


def test_whether_there_is_patient_data_is_never_guessed():
    assert any("--holds-phi" in gap for gap in missing(begin("dir", None, SystemDraft(connector="ldap"), ("ldap",))))


def test_what_stands_in_the_file_holds_until_something_else_is_said():
    there = {
        "kind": "directory", "product": "ldap", "title": "AD", "connector": "ldap", "holds_phi": False,
        "time_limit_s": 9, "settings": {"url": "ldaps://a", "page_size": 5},
    }  # fmt: skip
    data = begin("dir", there, SystemDraft(title="New", settings=["url=ldaps://b"]), ("ldap",))
    assert data == {**there, "title": "New", "settings": {"url": "ldaps://b", "page_size": 5}}
    assert there["settings"] == {"url": "ldaps://a", "page_size": 5}


def test_another_connector_does_not_inherit_the_settings_of_the_one_before():
    there = {"kind": "directory", "product": "ldap", "connector": "ldap", "settings": {"url": "x", "canary": "c"}}
    data = begin("dir", there, SystemDraft(connector="ldif", settings=["file=a.ldif"]), ("ldap",))
    assert data["settings"] == {"canary": "c", "file": "a.ldif"}


def test_a_connector_for_another_kind_of_system_changes_the_kind_and_never_keeps_the_catalog():
    there = {"kind": "ehr", "product": "openemr", "connector": "table", "holds_phi": True, "settings": {"file": "x"}}
    data = begin("x", there, SystemDraft(connector="aws-json"), ("aws", "openemr"))
    assert (data["kind"], data["product"], data["settings"]) == ("cloud", "aws", {})


@pytest.mark.parametrize("pair", ["url", "=x", SECRET])
def test_a_setting_without_key_and_value_is_refused_without_repeating_it(pair):
    with pytest.raises(AuditorError) as refused:
        begin("dir", None, SystemDraft(connector="ldap", settings=[pair]), ())
    assert SECRET not in refused.value.diagnostics()
