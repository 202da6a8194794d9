"""Google Workspace from its own exports: when files do not prove to be whole, and what is refused."""

import json

import pytest

from connectors.facts import Status
from policies.catalogs.catalog import Unclassified
from tests.completeness import evidence, reason
from tests.servers import google
from tests.servers.google import GROUPS, USERS, page
from tests.unit.connectors.directory.google.google_reads import CATALOGS, SYSTEM, by_login, gives, group, held, readings

# ---- whole or not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["users.json", "groups.json", "roles.json", "role-assignments.json"])
def test_a_last_page_that_says_there_is_more_is_partial(read, files, name):
    files[name]["nextPageToken"] = "more"
    assert "says that there is more" in reason(read(files))


def test_pages_that_do_not_follow_each_other_are_partial(read, files):
    users = files["users.json"]["users"]
    first, second = page("users", "users", users[:2], "a"), page("users", "users", users[2:4], "a")
    last = page("users", "users", users[4:])
    assert "again" in reason(read({**files, "users.json": [first, second, last]}))
    assert "says that it is the last" in reason(read({**files, "users.json": [last, first]}))


def test_a_csv_proves_nothing_without_a_number_from_elsewhere(read, gam):
    assert "does not say how many" in reason(read(gam))
    assert "expect_accounts" in reason(read(gam, expect_accounts=7))
    assert evidence(read(gam, expect_accounts=6))["total"] == "6 users expected, 6 read"


@pytest.mark.parametrize("name", ["users.csv", "groups.csv", "group-members.csv", "adminroles.csv", "admins.csv"])
def test_a_csv_of_gam_that_was_cut_within_a_line_is_partial(read, gam, name):
    text = gam[name]
    for part in range(1, 8):
        assert reason(read({**gam, name: text[: len(text) * part // 8].rstrip("\n")}, expect_accounts=6))


@pytest.mark.parametrize("name", ["users.csv", "groups.csv", "group-members.csv", "adminroles.csv"])
def test_a_csv_of_gam_that_lost_its_last_lines_is_partial(read, gam, name):
    lines = gam[name].splitlines(keepends=True)
    for kept in range(1, len(lines)):
        if name == "group-members.csv" and kept >= len(lines) - 1:
            continue  # the last line is a member of whom Google counts otherwise: everybody
        assert reason(read({**gam, name: "".join(lines[:kept])}, expect_accounts=6))


def test_a_delegated_admin_whose_role_was_cut_does_not_hold_nothing(read, gam):
    lines = gam["admins.csv"].splitlines(keepends=True)
    found = read({**gam, "admins.csv": "".join(line for line in lines if USERS["ana"] not in line)}, expect_accounts=6)
    assert "google:roles-not-read" in held(found, "ana")
    assert "google:roles-not-read" not in held(found, "maria2"), "Google says that she is no admin"


def test_a_file_of_json_that_was_cut_is_partial_wherever_it_was_cut(read, files):
    for name in ("users.json", "groups.json", "role-assignments.json"):
        text = json.dumps(files[name], indent=1)
        for part in range(1, 8):
            assert reason(read({**files, name: text[: len(text) * part // 8]}))


def test_fewer_members_than_google_counts_is_partial(read, files):
    files[f"group-members/{GROUPS['outer']}.json"]["members"].pop()
    assert "has 2 direct members but the export holds 1" in reason(read(files))


def test_a_user_or_group_of_this_organization_whom_nobody_listed_is_partial(read, files):
    stranger = google.member("USER", "42", "new@clinic.example")
    files[f"group-members/{GROUPS['helpdesk']}.json"]["members"].append(stranger)
    assert "`new@clinic.example` is in a group and of this organization" in reason(read(files))


def test_a_pending_member_of_an_own_domain_is_told_and_not_refused(read, files):
    pending = google.member("USER", "42", "soon@clinic.example", status="")
    files[f"group-members/{GROUPS['helpdesk']}.json"]["members"].append(pending)
    assert by_login(read(files))["soon"].status is Status.UNKNOWN


def test_members_that_were_not_saved_or_are_of_no_group_are_partial(read, files):
    name = f"group-members/{GROUPS['outer']}.json"
    assert "the members of 1 of 5 groups" in reason(read({**files, name: None}))
    (files["groups.json"]["groups"]).pop()
    assert "no group of this name" in reason(read({**files, f"group-members/{GROUPS['outer']}.json": files[name]}))


def test_no_assignment_at_all_is_partial_because_somebody_is_a_super_admin(read, files):
    assert "no assignment at all" in reason(
        read({**files, "role-assignments.json": page("roleAssignments", "items", [])})
    )


def test_a_role_that_nobody_described_is_partial(read, files):
    files["roles.json"]["items"].pop()
    assert "not among the roles" in reason(read(files))


def test_an_entry_that_stands_twice_is_partial(read, files):
    for name, key in (("users.json", "users"), ("groups.json", "groups"), ("roles.json", "items")):
        found = json.loads(json.dumps(files))
        found[name][key].append(found[name][key][0])
        assert "twice" in reason(read(found))


def test_a_refusal_that_was_saved_is_no_empty_list(read, files):
    refusal = {"error": {"code": 403, "message": "Not Authorized to access this resource/api"}}
    for name in ("users.json", "groups.json", "roles.json", f"group-members/{GROUPS['inner']}.json"):
        assert "a refusal of Google" in reason(read({**files, name: refusal}))


def test_an_answer_to_another_question_is_refused(read, files):
    assert "has no list `users`" in reason(read({**files, "users.json": files["groups.json"]}))


def test_groups_that_gam_resolved_itself_are_refused_because_paths_are_lost(read, gam):
    lines = gam["group-members.csv"].splitlines()
    text = "\n".join(line + ("," + ("level" if not n else "0")) for n, line in enumerate(lines)) + "\n"
    assert "resolved by GAM" in reason(read({**gam, "group-members.csv": text}, expect_accounts=6))


def test_one_of_two_files_that_belong_together_is_refused(read, files):
    assert "no such file" in reason(read({**files, "roles.json": None}))
    assert "no such file" in reason(read({**files, "groups.json": None}))
    assert "says the same" in reason(read({**files, "users.csv": google.gam_files()["users.csv"]}))


# ---- hostile files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 7),
        ("id", None),
        ("primaryEmail", ["a"]),
        ("name", "Ana"),
        ("name", {"fullName": 7}),
        ("suspended", "false"),
        ("archived", 0),
        ("isEnrolledIn2Sv", "yes"),
        ("isAdmin", 1),
        ("lastLoginTime", "yesterday"),
        ("creationTime", 7),
        ("externalIds", {"type": "organization"}),
        ("externalIds", ["x"]),
        ("aliases", [7]),
        ("primaryEmail", "x" * 2000),
    ],
)
def test_a_field_of_another_type_is_refused_and_its_value_is_not_told(read, files, field, value):
    files["users.json"]["users"][0][field] = value
    told = reason(read(files))
    assert "users.json" in told
    assert "xxxx" not in told


@pytest.mark.parametrize("value", ["a list", 7, None, {"users": "x"}, {"users": [1]}, [], [[]], [{}], {}])
def test_a_file_that_is_no_answer_of_google_is_refused(read, files, value):
    assert reason(read({**files, "users.json": json.dumps(value)}))


@pytest.mark.parametrize(
    "name", ["system-role:_GROUPS_READER_ROLE", "Mailbox", "privilege:00haapch16h1ysv/USERS_RETRIEVE"]
)
def test_a_group_cannot_pass_for_something_harmless_by_its_name(read, files, name):
    files["groups.json"]["groups"][0]["name"] = name
    found = read(files)
    id_ = group("inner")
    assert isinstance(CATALOGS.read(SYSTEM, [found.entitlements[id_]])[id_], Unclassified)


def test_a_custom_role_cannot_pass_for_one_of_google_by_its_name(read, files):
    files["roles.json"]["items"][2] |= {"roleName": "_GROUPS_READER_ROLE", "rolePrivileges": []}
    found = read(files)
    assert "directory.read" not in gives(found, "maria1")


def test_a_privilege_that_google_gives_no_public_name_is_unclassified(read, files):
    files["roles.json"]["items"][2]["rolePrivileges"].append({"serviceId": "0new", "privilegeName": "APP_ADMIN"})
    found = read(files)
    assert isinstance(readings(found, "maria1")["privilege:0new/APP_ADMIN"], Unclassified)
