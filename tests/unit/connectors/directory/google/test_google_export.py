"""Google Workspace from its own exports: what is read, and what the console's list leaves unknown."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.connector import find
from connectors.directory.google import connector as google_export
from connectors.facts import NEVER, Complete, DoorKind, Status, SystemKind
from policies.catalogs.catalog import Unclassified
from tests.completeness import evidence, reason
from tests.servers import google
from tests.servers.google import LOGINS, OUTSIDER, ROBOT, ROLES, UNIT, USERS, page
from tests.unit.connectors.directory.google.google_reads import CATALOGS, SYSTEM, by_login, gives, group, held, readings

# ---- what is read ---------------------------------------------------------------------------------------------------


def test_both_tools_tell_the_same(read, files, gam, tmp_path):
    by_api = read(files)
    google.write(tmp_path / "gam", gam)
    chosen = google_export.Settings(folder=Path("gam"), expect_accounts=6)
    by_gam = collect(google_export.connect(SYSTEM, chosen, tmp_path))
    assert by_gam.entitlements == by_api.entitlements
    assert by_gam.grants == by_api.grants
    # GAM resolves that a holder is a service account; the API gives nothing but its id.
    robots = {ROBOT[0]}
    assert [a for a in by_gam.accounts if a.id not in robots] == [a for a in by_api.accounts if a.id not in robots]
    robot = next(a for a in by_gam.accounts if a.id in robots)
    assert (robot.login, robot.service) == (ROBOT[1], True)


def test_users_are_read_as_google_says(read, files):
    people = by_login(read(files))
    ana = people["ana"]
    assert (ana.id, ana.login, ana.name) == (USERS["ana"], "ana@clinic.example", "Ana")
    assert (ana.employee_id, ana.created) == ("E-ana", datetime(2024, 3, 4, 8, tzinfo=UTC))
    assert ana.last_login == datetime(2026, 1, 31, 17, 30, tzinfo=UTC)
    states = {login: people[login].status for login in LOGINS}
    assert states == {**dict.fromkeys(LOGINS, Status.ACTIVE), "left": Status.DISABLED, "gone": Status.DISABLED}
    assert people["zoe"].last_login is NEVER, "Google writes 1970 for who never signed in"


def test_who_is_enrolled_has_a_second_factor_and_who_only_must_has_none_yet(read, files):
    found = read(files)
    people = by_login(found)
    assert (people["ana"].mfa, people["zoe"].mfa) == (True, False)
    assert evidence(found)["2-step-verification"] == "has to be used by 2 of 6 users"


def test_groups_in_groups_are_followed_with_the_path(read, files):
    found = held(read(files), "ana")
    assert found[group("inner")] == ()
    assert found[group("outer")] == (group("inner"), group("middle"))


def test_a_group_of_the_whole_organization_holds_every_user_and_no_outsider(read, files):
    found = read(files)
    assert all(group("everyone") in held(found, login) for login in LOGINS)
    assert group("everyone") not in held(found, OUTSIDER[0])


def test_a_member_from_another_organization_is_an_account_of_its_own(read, files):
    found = read(files)
    outsider = next(a for a in found.accounts if a.id == OUTSIDER[0])
    assert (outsider.login, outsider.status) == (OUTSIDER[1], Status.UNKNOWN)
    assert group("outer") in held(found, OUTSIDER[0])


def test_a_member_from_another_organization_is_a_door_into_each_group(read, files):
    found = read(files)
    (door,) = found.doors
    assert (door.kind, door.who, door.account) == (DoorKind.EXTERNAL_MEMBER, OUTSIDER[1], OUTSIDER[0])
    assert door.names == (OUTSIDER[1], "agency.example")
    assert door.to.casefold() == "the group outer"


def test_what_the_files_do_not_say_is_told_as_not_read(read, files):
    found = read(files)
    assert isinstance(found.completeness, Complete)
    told = " ".join(e.detail for e in found.completeness.evidence if e.name == "not read")
    assert "who may join a group" in told
    assert "who manages a group" in told
    assert set(found.doors_unread) == {DoorKind.DELEGATE, DoorKind.FORWARDING, DoorKind.PROGRAM, DoorKind.FEDERATED}


def test_one_page_of_users_that_is_as_long_as_a_usual_page_is_refused_without_a_number_from_elsewhere(read, files):
    pages = files["users.json"] if isinstance(files["users.json"], list) else [files["users.json"]]
    page, one = pages[0], pages[0]["users"][0]
    many = [{**one, "id": f"9{n:020d}", "primaryEmail": f"u{n}@{google.DOMAIN}", "aliases": []} for n in range(94)]
    page["users"] += many
    found = {**files, "users.json": page}
    assert "a usual length of a page" in reason(read(found))
    assert read(found, expect_accounts=100).complete
    halves = [{**page, "users": page["users"][:50], "nextPageToken": "t"}, {**page, "users": page["users"][50:]}]
    assert read({**files, "users.json": halves}).complete


def test_a_role_of_a_group_and_its_privileges_are_held_by_its_members_through_it(read, files):
    found = held(read(files), "maria1")
    role = f"role:{ROLES['Callbacks']}"
    assert found[role] == (group("helpdesk"),)
    assert found["privilege:03l18frh45c63dw/MANAGE_EXPORTS"] == (group("helpdesk"), role)


def test_a_custom_role_is_judged_by_its_privileges(read, files):
    found = read(files)
    assert "record.export" in gives(found, "maria1"), "it may export everybody's mail from Vault"
    unknown = {id_ for id_, r in readings(found, "maria1").items() if isinstance(r, Unclassified)}
    assert unknown == {group("helpdesk"), group("everyone")}


def test_a_role_for_one_unit_is_told_apart_and_counts(read, files):
    found = read(files)
    id_ = f"system-role:_HELP_DESK_ADMIN_ROLE@{UNIT}"
    assert id_ in held(found, "ana")
    assert "only for the organizational unit" in found.entitlements[id_].name
    assert "user.admin" in gives(found, "ana")


def test_a_super_admin_is_one_whatever_the_lists_of_roles_say(read, files):
    for found in (read(files), read({**files, "roles.json": None, "role-assignments.json": None})):
        assert "super-admin" in held(found, "zoe")
        assert "system.admin" in gives(found, "zoe")
        assert not any(id_.startswith("privilege:") for id_ in held(found, "zoe"))


def test_a_mailbox_is_told_where_there_is_one(read, files):
    found = read(files)
    assert "mail.use" in gives(found, "ana")
    assert "mailbox" not in held(found, "zoe")


def test_a_condition_on_a_role_is_told(read, gam):
    text = gam["admins.csv"].replace("orgUnit\n", "orgUnit,condition\n")
    lines = [line + ",securitygroup" if n else line for n, line in enumerate(text.splitlines())]
    found = read({**gam, "admins.csv": "\n".join(lines) + "\n"}, expect_accounts=6)
    assert any(e.name.endswith("(on a condition)") for e in found.entitlements.values())


def test_several_pages_are_one_list(read, files):
    users = files["users.json"]["users"]
    pages = [page("users", "users", users[:2], "a"), page("users", "users", users[2:4], "b")]
    pages += [page("users", "users", users[4:])]
    assert read({**files, "users.json": pages}).accounts == read(files).accounts


def test_deleted_users_are_left_out_and_told(read, files):
    gone = {**google.user("left"), "id": "7", "primaryEmail": "old@clinic.example", "aliases": []}
    files["users.json"]["users"].append({**gone, "deletionTime": "2026-01-01T00:00:00Z"})
    found = read(files)
    assert "old" not in by_login(found)
    assert evidence(found)["deleted"].startswith("1 ")


# ---- what was not exported ------------------------------------------------------------------------------------------


def test_whoever_s_groups_were_not_exported_does_not_hold_nothing(read, files):
    found = read({"users.json": files["users.json"]})
    assert all("google:groups-not-read" in held(found, login) for login in LOGINS)
    assert [login for login in LOGINS if "google:roles-not-read" in held(found, login)] == ["ana", "maria1"]
    for id_ in ("google:groups-not-read", "google:roles-not-read"):
        assert isinstance(CATALOGS.read(SYSTEM, [found.entitlements[id_]])[id_], Unclassified)


CONSOLE = """\
First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required],\
Status [READ ONLY],Last Sign In [READ ONLY],Employee ID,2sv Enrolled [READ ONLY],2sv Enforced [READ ONLY]
Ana,Reyes,ana@clinic.example,****,/,Active,2026/01/31 17:30:00,E-7,True,True
Lea,Left,left@clinic.example,****,/,Suspended,Never logged in,,False,False
"""


def test_the_console_s_list_gives_users_and_says_that_the_rest_is_not_known(read):
    found = read({"users.csv": CONSOLE}, expect_accounts=2, timezone="America/Chicago")
    ana, left = (by_login(found)[login] for login in ("ana", "left"))
    assert (ana.name, ana.status, ana.employee_id, ana.mfa) == ("Ana Reyes", Status.ACTIVE, "E-7", True)
    assert (left.status, left.last_login, left.mfa) == (Status.DISABLED, NEVER, False)
    assert ana.last_login == datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert set(held(found, ana.id)) == {"google:groups-not-read", "google:roles-not-read"}


@pytest.mark.parametrize(("old", "new"), [("Active", "Perhaps"), ("2026/01/31", "soon"), ("True", "maybe")])
def test_a_word_of_no_meaning_in_the_console_s_list_is_refused(read, old, new):
    assert "line 2" in reason(read({"users.csv": CONSOLE.replace(old, new, 1)}, expect_accounts=2))


def test_the_connector_is_found_by_its_name():
    assert find(SystemKind.DIRECTORY, "google-export") is sys.modules["connectors.directory.google.connector"]
