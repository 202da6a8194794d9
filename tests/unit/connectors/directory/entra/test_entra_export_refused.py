"""Entra ID from saved answers of Graph: when files do not prove themselves whole, and what is refused."""

import json
import os
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.entra import connector as entra_export
from connectors.directory.saved import groups as _saved_groups
from policies.catalogs.catalog import Unclassified
from tests.completeness import evidence, reason
from tests.servers import entra
from tests.servers.entra import GLOBAL_ADMIN, GROUPS, USER_ADMIN, USERS, answer
from tests.unit.connectors.directory.entra.entra_reads import CATALOGS, SYSTEM, held

# ---- whole or not ---------------------------------------------------------------------------------------------------


def test_a_last_page_that_says_there_is_more_is_partial(read, files):
    files["users.json"]["@odata.nextLink"] = "https://graph.microsoft.com/v1.0/users?$skiptoken=x"
    assert "says that there is more" in reason(read(files))


def test_a_page_that_is_missing_between_others_is_partial(read, files):
    values = files["users.json"]["value"]
    pages = [answer(values[:2], 6, "https://x/2"), answer(values[4:])]
    assert "said it has 6 but the file holds 4" in reason(read({**files, "users.json": pages}))


def test_two_answers_that_are_no_pages_of_one_question_are_refused(read, files):
    values = files["users.json"]["value"]
    assert "says that it is the last" in reason(read({**files, "users.json": [answer(values[:2]), answer(values[2:])]}))


def test_a_count_that_differs_is_partial(read, files):
    files["users.json"]["value"].pop()
    assert "said it has 6 but the file holds 5" in reason(read(files))


def test_users_without_a_count_are_read_and_the_report_says_so(read, files):
    del files["users.json"]["@odata.count"]
    assert "not asked how many" in evidence(read(files))["total"]
    assert evidence(read(files, expect_accounts=6))["total"] == "6 users expected, 6 read"
    assert "expect_accounts" in reason(read(files, expect_accounts=7))


def test_a_canary_that_is_not_there_is_partial(read, files):
    assert evidence(read(files, canary="zoe@clinic.example"))["canary"]
    assert "did not return the account" in reason(read(files, canary="max@clinic.example"))


@pytest.mark.parametrize("name", ["users.json", "groups.json", "role-assignments.json", "registration-details.json"])
def test_a_file_that_was_cut_is_partial_wherever_it_was_cut(read, files, name):
    text = json.dumps(files[name], indent=1)
    for part in range(1, 8):
        assert reason(read({**files, name: text[: len(text) * part // 8]}))


def test_a_group_whose_members_were_not_saved_is_partial(read, files):
    name = f"group-members/{GROUPS['outer']}.json"
    assert "the members of 1 of 5 groups are not saved" in reason(read({**files, name: None}))


def test_members_of_a_group_that_is_not_listed_are_partial(read, files):
    files["groups.json"]["value"].pop()
    files["groups.json"]["@odata.count"] = 4
    assert "members of 1 groups that are not in" in reason(read(files))


@pytest.mark.parametrize("kind", ["user", "group", ""])
def test_a_member_whom_nobody_listed_is_partial(read, files, kind):
    entry = entra.member(entra.guid(1, 99), kind) if kind else {"id": entra.guid(1, 99)}
    files[f"group-members/{GROUPS['empty']}.json"] = answer([entry])
    assert entra.guid(1, 99) in reason(read(files))


def test_a_group_that_hides_its_members_is_not_taken_for_empty(read, files):
    files["groups.json"]["value"][-1]["visibility"] = "HiddenMembership"
    assert "hides its members" in reason(read(files))
    assert read(files, hidden_members_read=True).complete


def test_a_holder_of_a_role_who_may_be_a_user_that_was_cut_is_partial(read, files):
    del files["users.json"]["@odata.count"]
    files["users.json"]["value"].pop()  # zoe, who is eligible
    assert "neither in the saved users nor" in reason(read(files))


def test_a_program_with_a_role_is_not_lost_when_programs_were_not_saved(read, files):
    assert "neither in the saved users nor" in reason(read({**files, "service-principals.json": None}))


@pytest.mark.parametrize("uncounted", ["users.json", "groups.json", "service-principals.json"])
@pytest.mark.parametrize("holder", [entra.guid(2, 99), entra.guid(3, 99)], ids=["a group", "a program"])
def test_a_holder_who_is_missing_from_a_file_without_a_count_is_not_taken_for_deleted(read, files, uncounted, holder):
    files["role-assignments.json"]["value"].append(entra.assignment(9, holder, GLOBAL_ADMIN))
    assert evidence(read(files))["unknown-holders"].startswith("1 "), "all three were counted"
    del files[uncounted]["@odata.count"]
    found = read(files)
    assert holder in reason(found) + found.completeness.hint


def test_users_without_a_count_that_are_as_many_as_a_page_are_refused(read, files):
    one = files["users.json"]["value"][0]
    many = [{**one, "id": entra.guid(8, n), "userPrincipalName": f"u{n}@clinic.example"} for n in range(94)]
    files["users.json"]["value"] += many
    files["users.json"]["@odata.count"] += 94
    assert read(files).complete
    del files["users.json"]["@odata.count"]
    assert "a usual length of a page" in reason(read(files))
    assert read(files, expect_accounts=100).complete


def test_groups_without_a_count_that_are_as_many_as_a_page_are_refused(read, files):
    more = [{"id": entra.guid(2, n), "displayName": f"G{n}", "visibility": None} for n in range(50, 65)]
    files["groups.json"]["value"] += more
    files["groups.json"]["@odata.count"] += len(more)
    files |= {f"group-members/{group['id']}.json": answer([]) for group in more}
    assert read(files).complete
    del files["groups.json"]["@odata.count"]
    assert "20 groups, a usual length of a page" in reason(read(files))


def test_a_holder_who_is_deleted_is_told_and_hides_nobody(read, files):
    files["role-assignments.json"]["value"].append(entra.assignment(9, entra.guid(9, 9), USER_ADMIN))
    assert evidence(read(files))["unknown-holders"].startswith("1 ")


def test_no_assignment_at_all_is_partial_because_every_directory_has_an_administrator(read, files):
    assert "no assignment at all" in reason(read({**files, "role-assignments.json": answer([])}))


def test_registrations_of_unknown_users_are_partial_unless_users_were_counted(read, files):
    files["registration-details.json"]["value"].append({"id": entra.guid(1, 99), "isMfaCapable": True})
    assert read(files).complete
    del files["users.json"]["@odata.count"]
    assert "not among the users" in reason(read(files))


@pytest.mark.parametrize("name", ["users.json", "groups.json", "service-principals.json", "role-assignments.json"])
def test_an_entry_that_stands_twice_is_partial(read, files, name):
    found = files[name]
    found["value"].append(found["value"][0])
    if "@odata.count" in found:
        found["@odata.count"] += 1
    assert "twice" in reason(read(files))


def test_a_member_that_stands_twice_is_partial(read, files):
    files[f"group-members/{GROUPS['inner']}.json"]["value"] *= 2
    assert "twice" in reason(read(files))


def test_files_that_were_saved_on_different_days_are_partial(read, files, tmp_path):
    assert read(files).complete
    path = tmp_path / "export" / "groups.json"
    os.utime(path, (path.stat().st_mtime - 3 * 86400,) * 2)
    chosen = entra_export.Settings(folder=Path("export"))
    assert "more than 24 hours apart" in reason(collect(entra_export.connect(SYSTEM, chosen, tmp_path)))


def test_a_refusal_that_was_saved_is_no_empty_list(read, files):
    refusal = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
    for name in ("users.json", "groups.json", "role-assignments.json", "registration-details.json"):
        assert "a refusal of Graph" in reason(read({**files, name: refusal}))


def test_a_folder_or_file_that_is_not_there_says_so(read, files, tmp_path):
    assert "no such file" in reason(read({**files, "users.json": None}))
    chosen = entra_export.Settings(folder=Path("elsewhere"))
    assert "no such folder" in reason(collect(entra_export.connect(SYSTEM, chosen, tmp_path)))


@pytest.mark.parametrize("missing", [{"groups.json": None}, {"role-assignments.json": None}])
def test_one_file_of_two_that_belong_together_is_refused(read, files, missing):
    assert "no such file" in reason(read({**files, **missing}))


# ---- hostile files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 7),
        ("id", None),
        ("id", "x" * 2000),
        ("userPrincipalName", ["a"]),
        ("displayName", {"a": 1}),
        ("accountEnabled", "true"),
        ("accountEnabled", 1),
        ("createdDateTime", "yesterday"),
        ("createdDateTime", 20260101),
        ("userType", "Boss"),
        ("signInActivity", "2026-01-01"),
        ("signInActivity", {"lastSuccessfulSignInDateTime": "soon"}),
        ("onPremisesSyncEnabled", "yes"),
    ],
)
def test_a_field_of_another_type_is_refused_and_its_value_is_not_told(read, files, field, value):
    files["users.json"]["value"][0][field] = value
    told = reason(read(files))
    assert f"`{field}`" in told or f"`{field}` of user 1" in told or "signInActivity" in told
    assert "xxxx" not in told


@pytest.mark.parametrize("value", ["a list", 7, None, {"value": "x"}, {"value": [1]}, [], [[]], [{}], {}])
def test_a_file_that_is_no_answer_of_graph_is_refused(read, files, value):
    assert reason(read({**files, "users.json": json.dumps(value)}))
    assert reason(read({**files, "groups.json": json.dumps(value)}))


def test_a_role_that_is_expanded_with_another_is_refused(read, files):
    files["role-assignments.json"]["value"][0]["roleDefinition"]["id"] = entra.SYNC
    assert "another role" in reason(read(files))


def test_a_role_without_a_scope_is_refused(read, files):
    del files["role-assignments.json"]["value"][0]["directoryScopeId"]
    assert "directoryScopeId" in reason(read(files))


@pytest.mark.parametrize("name", ["88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "USER-TYPE:Guest", "user-type:Member"])
def test_a_group_cannot_pass_for_a_harmless_role_by_its_name(read, files, name):
    files["groups.json"]["value"][0]["displayName"] = name
    found = read(files)
    group = found.entitlements[GROUPS["inner"]]
    assert isinstance(CATALOGS.read(SYSTEM, [group])[group.id], Unclassified)


def test_a_custom_role_cannot_pass_for_a_built_in_one_by_its_template_id(read, files):
    own = entra.guid(7, 7)
    entry = entra.assignment(8, USERS["maria2"], own)
    entry["roleDefinition"] |= {"templateId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "isBuiltIn": False}
    files["role-assignments.json"]["value"].append(entry)
    found = read(files)
    assert isinstance(CATALOGS.read(SYSTEM, [found.entitlements[own]])[own], Unclassified)


def test_groups_that_hold_each_other_end(read, files):
    files[f"group-members/{GROUPS['inner']}.json"]["value"].append(entra.member(GROUPS["outer"], "group"))
    assert len(held(read(files), "ana").keys() & set(GROUPS.values())) == 3


def test_nesting_without_reasonable_end_is_partial(read, files, monkeypatch):
    monkeypatch.setattr(_saved_groups, "MAX_STEPS", 5)
    assert "nests its groups so deeply" in reason(read(files))
