"""Entra ID from saved answers of Graph: what is read, what is refused, and when files do not prove themselves whole."""

import copy
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.audit_log import LogAnswer, LogKind, LogQuestion
from connectors.collect import collect
from connectors.connector import find
from connectors.directory.entra import connector as entra_export
from connectors.directory.entra.setup import loop
from connectors.directory.saved import groups as _saved_groups
from connectors.facts import NEVER, Collection, Complete, DoorKind, Partial, Status, System, SystemKind
from connectors.read_log import read_log
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary
from tests.servers import entra
from tests.servers.activity import saved_audits, status
from tests.servers.entra import GLOBAL_ADMIN, GROUPS, HELPDESK_ADMIN, PROGRAM, UNIT, USER_ADMIN, USERS, answer

SYSTEM = System("directory", SystemKind.DIRECTORY, "entra", "Microsoft 365", holds_phi=False)
WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)


@pytest.fixture
def files():
    return entra.files()


@pytest.fixture
def read(tmp_path):
    def reader(found, **settings) -> Collection:
        entra.write(tmp_path / "export", found)
        chosen = entra_export.Settings.model_validate({"folder": "export", **settings})
        return collect(entra_export.connect(SYSTEM, chosen, tmp_path))

    return reader


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), "must not count as whole"
    assert not collection.accounts
    return collection.completeness.reason


def evidence(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {e.name: e.detail for e in collection.completeness.evidence}


def by_login(collection: Collection):
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {account.login.partition("@")[0]: account for account in collection.accounts}


def held(collection: Collection, login: str) -> dict[str, tuple[str, ...]]:
    """What somebody holds by id, each with the path."""
    id_ = USERS.get(login, login)
    return {g.entitlement: g.path for g in collection.grants if g.account == id_}


def gives(collection: Collection, login: str) -> set[str]:
    """The capabilities of somebody, by the shipped catalog."""
    found = CATALOGS.read(SYSTEM, [collection.entitlements[id_] for id_ in held(collection, login)])
    mask = 0
    for reading in found.values():
        mask |= reading.mask if isinstance(reading, KnownEntitlement) else 0
    return set(WORDS.names(mask))


# ---- what is read ---------------------------------------------------------------------------------------------------


def test_users_are_read_as_graph_says(read, files):
    people = by_login(read(files))
    ana = people["ana"]
    assert (ana.id, ana.login, ana.name, ana.email) == (USERS["ana"], "ana@clinic.example", "Ana", "ana@clinic.example")
    assert (ana.employee_id, ana.created) == ("E-ana", datetime(2024, 3, 4, 8, tzinfo=UTC))
    assert {login: account.status for login, account in people.items() if login in USERS} == {
        **dict.fromkeys(["ana", "maria1", "maria2", "zoe"], Status.ACTIVE),
        "left": Status.DISABLED,
    }
    assert not any(account.service for account in people.values() if account.login != entra.guid(5, 1))


def test_groups_in_groups_are_followed_with_the_path(read, files):
    found = held(read(files), "ana")
    inner, middle, outer = (GROUPS[name] for name in ("inner", "middle", "outer"))
    assert (found[inner], found[middle], found[outer]) == ((), (inner,), (inner, middle))


def test_a_role_of_a_group_is_held_by_its_members_through_it(read, files):
    found = read(files)
    assert held(found, "maria1")[HELPDESK_ADMIN] == (GROUPS["helpdesk"],)
    assert HELPDESK_ADMIN not in held(found, "maria2")


def test_a_role_for_one_unit_and_a_role_that_is_only_eligible_are_told_apart_and_count(read, files):
    found = read(files)
    assert held(found, "ana").keys() >= {f"{USER_ADMIN}@{UNIT}"}
    assert held(found, "zoe").keys() >= {f"{GLOBAL_ADMIN}:eligible"}
    assert "user.admin" in gives(found, "ana")
    assert "system.admin" in gives(found, "zoe")
    names = {e.name for e in found.entitlements.values()}
    assert f"User Administrator (only for {UNIT})" in names
    assert "Global Administrator (eligible: may activate it)" in names


def test_guests_and_members_are_told_apart(read, files):
    found = read(files)
    assert "user-type:Guest" in held(found, "guest")
    assert "user-type:Member" in held(found, "ana")
    assert "directory.read" not in gives(found, "guest")
    assert evidence(found)["guests"].startswith("1 ")


def test_somebody_who_is_at_home_elsewhere_is_external_whatever_the_type_says(read, files):
    people = {u["userPrincipalName"].partition("@")[0]: u for u in files["users.json"]["value"]}
    people["guest_agency.example#EXT#"] |= {"userType": "Member", "mail": None}
    people["maria1"]["creationType"] = "Invitation"
    people["left"] |= {"userType": "Guest"}  # disabled: no way in
    found = read(files)
    doors = {door.account: door for door in found.doors}
    assert doors.keys() == {USERS["guest"], USERS["maria1"]}
    guest = doors[USERS["guest"]]
    assert (guest.kind, guest.who) == (DoorKind.GUEST, "guest@agency.example")
    assert guest.names == ("guest@agency.example", "agency.example")
    assert "Member" in guest.detail
    assert evidence(found)["external-members"].startswith("2 ")
    assert "user-type:Member" in held(found, "guest"), "what the type gives is held all the same"


def test_a_mail_contact_in_a_group_is_a_door(read, files):
    contact = {**entra.member(entra.guid(4, 9), "orgContact"), "mail": "fax@elsewhere.example"}
    files[f"group-members/{GROUPS['empty']}.json"] = answer([contact])
    doors = [door for door in read(files).doors if door.kind is DoorKind.EXTERNAL_MEMBER]
    assert [(door.who, door.to, door.account) for door in doors] == [("fax@elsewhere.example", "the group Empty", None)]


def test_what_the_files_do_not_say_is_told_as_not_read(read, files):
    found = read(files)
    assert isinstance(found.completeness, Complete)
    told = " ".join(e.detail for e in found.completeness.evidence if e.name == "not read")
    for what in ("eligible membership", "app role assignments", "application permissions", "join or manage"):
        assert what in told
    assert set(found.doors_unread) == {DoorKind.DELEGATE, DoorKind.FORWARDING, DoorKind.PROGRAM, DoorKind.TRUST}
    bare = {name: value for name, value in files.items() if not name.startswith("group")}
    bare["role-assignments.json"]["value"] = [a for a in bare["role-assignments.json"]["value"] if "1-" not in a["id"]]
    without = read({**bare, "role-assignments.json": None, "role-eligibility.json": None})
    assert DoorKind.EXTERNAL_MEMBER in without.doors_unread


def test_a_group_that_every_user_may_join_is_named(read, files):
    files["groups.json"]["value"][0]["visibility"] = "Public"
    assert evidence(read(files))["open-groups"] == "1 are public: every user may join them: Inner"


def test_programs_with_a_role_are_service_accounts_and_the_others_are_counted(read, files):
    found = read(files)
    services = [account for account in found.accounts if account.service]
    assert [(s.id, s.name) for s in services] == [(PROGRAM, "sync")]
    assert entra.SYNC in held(found, PROGRAM)
    assert evidence(found)["service-principals"].startswith("1 of 2 ")


def test_what_comes_from_on_premises_and_what_is_no_person_is_told(read, files):
    told = evidence(read(files))
    assert told["on-premises"].startswith("1 ")
    assert told["other-members"].startswith("1 device")


def test_a_registered_factor_that_the_policy_allows_is_a_second_factor(read, files):
    people = by_login(read(files))
    assert people["ana"].mfa is True
    assert people["maria1"].mfa is False, "registered, but by nothing that the policy allows"
    assert people["left"].mfa is None, "not in the report"


def test_without_the_report_nobody_says_who_has_a_second_factor(read, files):
    people = by_login(read({**files, "registration-details.json": None}))
    assert {account.mfa for account in people.values()} == {None}


def test_several_pages_are_one_list(read, files):
    values = files["users.json"]["value"]
    pages = [answer(values[:2], 6, "https://x/2"), answer(values[2:4], link="https://x/3"), answer(values[4:])]
    assert read({**files, "users.json": pages}).accounts == read(files).accounts


# ---- last sign-in ---------------------------------------------------------------------------------------------------


def with_activity(files, login, activity, **more):
    files = copy.deepcopy(files)
    entry = files["users.json"]["value"][entra.LOGINS.index(login)]
    entry.update(more)
    if activity is None:
        entry.pop("signInActivity", None)
    else:
        entry["signInActivity"] = activity
    return files


def test_a_sign_in_that_succeeded_counts_and_a_later_attempt_does_not(read, files):
    activity = {
        "lastSignInDateTime": "2026-02-02T00:00:00Z",
        "lastSuccessfulSignInDateTime": "2026-01-31T17:30:01.1234567Z",
    }
    ana = by_login(read(with_activity(files, "ana", activity)))["ana"]
    assert ana.last_login == datetime(2026, 1, 31, 17, 30, 1, tzinfo=UTC)
    assert ana.last_login_lag_days == 1


@pytest.mark.parametrize(
    ("activity", "created", "expected"),
    [
        (None, "2024-03-04T08:00:00Z", NEVER),
        (None, "2019-01-01T00:00:00Z", None),
        (None, None, None),
        ({"lastSignInDateTime": "0001-01-01T00:00:00Z"}, "2024-03-04T08:00:00Z", NEVER),
        ({"lastSignInDateTime": "2023-10-01T00:00:00Z"}, "2022-01-01T00:00:00Z", datetime(2023, 10, 1, tzinfo=UTC)),
        ({"lastSignInDateTime": "2026-01-01T00:00:00Z"}, "2022-01-01T00:00:00Z", None),
    ],
    ids=["never", "before it was kept", "no date of creation", "the year 1", "before successes were kept", "attempts"],
)
def test_who_has_no_sign_in_never_signed_in_only_where_that_is_proven(read, files, activity, created, expected):
    found = read(with_activity(files, "zoe", activity, createdDateTime=created))
    assert by_login(found)["zoe"].last_login == expected


def test_without_a_licence_for_it_nobody_has_never_signed_in(read, files):
    for entry in files["users.json"]["value"]:
        entry.pop("signInActivity", None)
    assert {a.last_login for a in by_login(read(files)).values()} == {None}


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


# ---- what was not saved ---------------------------------------------------------------------------------------------


def test_whoever_s_groups_and_roles_were_not_saved_does_not_hold_nothing(read, files):
    found = read({"users.json": files["users.json"]})
    for login in USERS:
        assert held(found, login).keys() >= {"entra:groups-not-read", "entra:roles-not-read"}
    readings = CATALOGS.read(SYSTEM, [e for e in found.entitlements.values() if e.id.startswith("entra:")])
    assert len(readings) == 2
    assert all(isinstance(reading, Unclassified) for reading in readings.values())


def test_eligible_roles_that_were_not_saved_are_told(read, files):
    assert "not seen" in evidence(read({**files, "role-eligibility.json": None}))["eligible-roles"]


def test_eligibility_through_a_group_keeps_the_path_of_the_group(read, files):
    group, role = GROUPS["helpdesk"], f"{GLOBAL_ADMIN}:eligible"
    files["role-eligibility.json"] = answer(
        [
            entra.assignment(5, group, GLOBAL_ADMIN, memberType="Direct"),
            entra.assignment(6, USERS["maria1"], GLOBAL_ADMIN, memberType="Group"),
            entra.assignment(7, USERS["maria2"], GLOBAL_ADMIN, memberType="Group"),
        ]
    )
    found = read(files)
    assert held(found, "maria1")[role] == (group,)
    assert held(found, "maria2")[role] == (), "nobody says through which group, and it is not lost"


# ---- the portal's CSV -----------------------------------------------------------------------------------------------

PORTAL = """\
userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,accountEnabled,usageLocation
ana@clinic.example,Ana Reyes,Reyes,ana@clinic.example,Ana,00000001-0000-4000-8000-00000000000A,Member,,,True,US
left@clinic.example,Lea Left,Left,,Lea,00000001-0000-4000-8000-00000000000b,Member,,,False,US
"""


def test_the_portal_s_csv_gives_users_and_says_that_the_rest_is_not_known(read):
    found = read({"users.csv": PORTAL}, expect_accounts=2)
    people = by_login(found)
    assert (people["ana"].status, people["left"].status) == (Status.ACTIVE, Status.DISABLED)
    assert people["ana"].id == "00000001-0000-4000-8000-00000000000a"
    assert people["ana"].last_login is None
    assert people["ana"].mfa is None
    assert {g.entitlement for g in found.grants if g.account == people["ana"].id} == {
        "entra:groups-not-read",
        "entra:roles-not-read",
        "user-type:Member",
    }


def test_a_csv_proves_nothing_without_a_number_from_elsewhere(read):
    assert "does not say how many" in reason(read({"users.csv": PORTAL}))
    assert "holds 1" in reason(read({"users.csv": PORTAL[: PORTAL.index("left@")]}, expect_accounts=2))


def test_users_in_two_forms_are_refused(read, files):
    assert "says the same" in reason(read({**files, "users.csv": PORTAL}, expect_accounts=2))


@pytest.mark.parametrize("old", ["Member", "True"])
def test_a_word_of_no_meaning_in_the_csv_is_refused(read, old):
    assert "line 2" in reason(read({"users.csv": PORTAL.replace(old, "Perhaps", 1)}, expect_accounts=2))


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


# ---- saving the files -----------------------------------------------------------------------------------------------

AZ = """\
#!{python}
# Stands for `az rest`: answers Graph's addresses from a folder, two entries a page, as the real one prints them.
import json, pathlib, sys, urllib.parse
args = dict(zip(sys.argv[2::2], sys.argv[3::2]))
assert sys.argv[1] == "rest" and args["--method"] == "get", sys.argv
assert args["--headers"] == "ConsistencyLevel=eventual", sys.argv
url = urllib.parse.urlsplit(args["--url"])
query = dict(urllib.parse.parse_qsl(url.query))
with open({log!r}, "a") as log:
    log.write(args["--url"] + "\\n")
answer = json.loads(pathlib.Path({folder!r}, json.loads({names!r})[url.path.removeprefix("/v1.0/")]).read_text())
at = int(query.pop("$skiptoken", 0))
values = answer["value"]
page = {{"@odata.context": "x"}}
if "$count" in query and at == 0:
    page["@odata.count"] = len(values)
if at + 2 < len(values):
    rest = urllib.parse.urlencode({{**query, "$skiptoken": at + 2}}, safe="$,")
    page["@odata.nextLink"] = f"https://graph.microsoft.com{{url.path}}?{{rest}}"
print(json.dumps({{**page, "value": values[at : at + 2]}}, indent=2))
"""


def fake_az(folder: Path, source: Path, log: Path) -> None:
    names = {
        "users": "users.json",
        "groups": "groups.json",
        "servicePrincipals": "service-principals.json",
        "roleManagement/directory/roleAssignments": "role-assignments.json",
        "roleManagement/directory/roleEligibilityScheduleInstances": "role-eligibility.json",
        "reports/authenticationMethods/userRegistrationDetails": "registration-details.json",
        "auditLogs/directoryAudits": "directory-audits.json",
        **{f"groups/{id_}/members": f"group-members/{id_}.json" for id_ in GROUPS.values()},
    }
    text = AZ.format(python=sys.executable, folder=str(source), names=json.dumps(names), log=str(log))
    (folder / "az").write_text(text)
    (folder / "az").chmod(0o755)


def run_loop(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    env = {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin"}
    return subprocess.run(["bash", "-c", loop()], cwd=out, env=env, capture_output=True, text=True, check=False)


def test_the_commands_that_connect_prints_save_every_page(tmp_path, read, files):
    ended = status(datetime(2026, 11, 20, 17, 42, tzinfo=UTC), "left", False)
    source = entra.write(tmp_path / "source", files | {"directory-audits.json": saved_audits([*ended, *ended])})
    fake_az(tmp_path, source, tmp_path / "log")
    done = run_loop(tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = entra_export.Settings(folder=Path("out"), canary="zoe@clinic.example")
    saved = collect(entra_export.connect(SYSTEM, chosen, tmp_path))
    assert (saved.accounts, saved.entitlements, saved.grants) == (
        read(files).accounts,
        read(files).entitlements,
        read(files).grants,
    )
    assert evidence(saved)["total"] == "6 users stated by Graph, 6 read"
    left = next(account for account in saved.accounts if account.login == entra.upn("left"))
    answer = read_log(entra_export.connect(SYSTEM, chosen, tmp_path), LogQuestion((left,)))
    assert isinstance(answer, LogAnswer)
    assert [event.kind for event in answer.events] == [LogKind.DISABLED]
    asked = (tmp_path / "log").read_text()
    assert all(f"$select=id,displayName,userPrincipalName,{field}" in asked for field in ("mail",))
    assert not re.search(r"passw|secret", asked)


def test_the_commands_stop_at_the_first_refusal_and_leave_no_file_that_looks_whole(tmp_path):
    (tmp_path / "az").write_text("#!/bin/sh\necho 'Forbidden' >&2\nexit 1\n")
    (tmp_path / "az").chmod(0o755)
    assert run_loop(tmp_path).returncode != 0
    assert not list((tmp_path / "out").glob("*.json"))


def test_the_set_up_names_every_permission_and_no_right_to_write():
    text = entra_export.setup(SYSTEM, entra_export.Settings(folder=Path("entra")))
    for permission in ("User.Read.All", "AuditLog.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"):
        assert permission in text
    assert "ReadWrite" not in text
    assert "`entra`" in text


def test_the_connector_is_found_by_its_name():
    assert find(SystemKind.DIRECTORY, "entra-export") is sys.modules["connectors.directory.entra.connector"]
