"""Google Workspace from its own exports: what is read, what is refused, and when files do not prove to be whole."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.connector import find
from connectors.directory.google import connector as google_export
from connectors.directory.google.setup import loop
from connectors.facts import NEVER, Collection, Complete, DoorKind, Partial, Status, System, SystemKind
from connectors.read_log import read_log
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Unclassified
from policies.vocabulary import Vocabulary
from tests.servers import google
from tests.servers.activity import did, grouped, saved_activity
from tests.servers.google import GROUPS, LOGINS, OUTSIDER, ROBOT, ROLES, UNIT, USERS, page

SYSTEM = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google Workspace", holds_phi=False)
WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)


@pytest.fixture
def files():
    return google.files()


@pytest.fixture
def gam():
    return google.gam_files()


@pytest.fixture
def read(tmp_path):
    def reader(found, **settings) -> Collection:
        google.write(tmp_path / "export", found)
        chosen = google_export.Settings.model_validate({"folder": "export", **settings})
        return collect(google_export.connect(SYSTEM, chosen, tmp_path))

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
    id_ = USERS.get(login, login)
    return {g.entitlement: g.path for g in collection.grants if g.account == id_}


def readings(collection: Collection, login: str):
    return CATALOGS.read(SYSTEM, [collection.entitlements[id_] for id_ in held(collection, login)])


def gives(collection: Collection, login: str) -> set[str]:
    mask = 0
    for reading in readings(collection, login).values():
        mask |= reading.mask if isinstance(reading, KnownEntitlement) else 0
    return set(WORDS.names(mask))


def group(name: str) -> str:
    return f"group:{GROUPS[name]}"


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


# ---- saving the files -----------------------------------------------------------------------------------------------

CURL = """\
#!{python}
# Stands for `curl`: answers the Directory API's addresses from a folder, two entries a page.
import json, pathlib, sys, urllib.parse
*options, address = sys.argv[1:]
assert options == ["--silent", "--show-error", "--fail", "--config", "-"], options
assert sys.stdin.read() == 'header = "Authorization: Bearer t0ken"'
assert "t0ken" not in " ".join(sys.argv)
url = urllib.parse.urlsplit(address)
at = int(dict(urllib.parse.parse_qsl(url.query)).get("pageToken", "at/0").removeprefix("at/"))
names = json.loads({names!r})
answer = json.loads(pathlib.Path({folder!r}, names[url.path.removeprefix("/admin/directory/v1/")]).read_text())
key = next((k for k, v in answer.items() if isinstance(v, list)), None)
if key:
    values = answer[key]
    answer[key] = values[at : at + 2]
    if at + 2 < len(values):
        answer["nextPageToken"] = f"at/{{at + 2}}"
print(json.dumps(answer))
"""


def run_loop(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    env = {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin", "TOKEN": "t0ken"}
    return subprocess.run(["bash", "-c", loop()], cwd=out, env=env, capture_output=True, text=True, check=False)


def fake_curl(folder: Path, text: str) -> None:
    (folder / "curl").write_text(text)
    (folder / "curl").chmod(0o755)


def test_the_commands_that_connect_prints_save_every_page(tmp_path, read, files):
    names = {
        "users": "users.json",
        "groups": "groups.json",
        "customer/my_customer/roles": "roles.json",
        "customer/my_customer/roleassignments": "role-assignments.json",
        "/admin/reports/v1/activity/users/all/applications/admin": "admin-activity.json",
        "/admin/reports/v1/activity/users/all/applications/groups_enterprise": "groups-activity.json",
        **{f"groups/{id_}/members": f"group-members/{id_}.json" for id_ in GROUPS.values()},
    }
    ended = [did("SUSPEND_USER", datetime(2026, 11, 20, tzinfo=UTC), USER_EMAIL=google.email(n)) for n in google.LOGINS]
    day = datetime(2026, 11, 21, tzinfo=UTC)
    left = [grouped("remove_member", day, google.email("helpdesk"), google.email(n)) for n in google.LOGINS]
    logs = {"admin-activity.json": saved_activity(ended), "groups-activity.json": saved_activity(left)}
    source = google.write(tmp_path / "source", files | logs)
    fake_curl(tmp_path, CURL.format(python=sys.executable, names=json.dumps(names), folder=str(source)))
    done = run_loop(tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = google_export.Settings(folder=Path("out"), canary="zoe@clinic.example")
    saved, direct = collect(google_export.connect(SYSTEM, chosen, tmp_path)), read(files)
    assert (saved.accounts, saved.entitlements, saved.grants) == (direct.accounts, direct.entitlements, direct.grants)
    question = LogQuestion(saved.accounts, saved.entitlements)
    answer = read_log(google_export.connect(SYSTEM, chosen, tmp_path), question)
    assert isinstance(answer, LogAnswer)
    assert len(answer.events) == 2 * len(google.LOGINS)


def test_the_commands_stop_at_the_first_refusal_and_leave_no_file_that_looks_whole(tmp_path):
    fake_curl(tmp_path, "#!/bin/sh\necho '403' >&2\nexit 22\n")
    assert run_loop(tmp_path).returncode != 0
    assert not list((tmp_path / "out").glob("*.json"))


def test_the_set_up_names_every_scope_and_no_right_to_write():
    text = google_export.setup(SYSTEM, google_export.Settings(folder=Path("google")))
    scopes = [line.split()[-1] for line in text.splitlines() if "auth/admin.directory" in line]
    assert len(scopes) == 4
    assert all(scope.endswith(".readonly") for scope in scopes)
    assert "`google`" in text


def test_the_connector_is_found_by_its_name():
    assert find(SystemKind.DIRECTORY, "google-export") is sys.modules["connectors.directory.google.connector"]
