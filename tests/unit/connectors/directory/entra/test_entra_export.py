"""Entra ID from saved answers of Graph: what is read, and what the portal's list leaves unknown."""

import copy
import sys
from datetime import UTC, datetime

import pytest

from connectors.connector import find
from connectors.facts import NEVER, Complete, DoorKind, Status, SystemKind
from policies.catalogs.catalog import Unclassified
from tests.completeness import evidence, reason
from tests.servers import entra
from tests.servers.entra import GLOBAL_ADMIN, GROUPS, HELPDESK_ADMIN, PROGRAM, UNIT, USER_ADMIN, USERS, answer
from tests.unit.connectors.directory.entra.entra_reads import CATALOGS, SYSTEM, by_login, gives, held

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


def test_the_connector_is_found_by_its_name():
    assert find(SystemKind.DIRECTORY, "entra-export") is sys.modules["connectors.directory.entra.connector"]
