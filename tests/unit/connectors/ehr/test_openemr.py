"""What an export of OpenEMR says of people and their rights, as OpenEMR itself asks its lists."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.facts import NEVER, Grant, Status
from tests.unit.connectors.ehr.openemr_exports import USERS_GROUP, account, drop, held, paths, read, refused, whole
from tests.unit.connectors.ehr.openemr_tables_made import GROUPS, acos, give, harness


def test_a_scheduler_in_the_front_office_holds_what_that_group_gives(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert held(collection, "vfront") == {
        "patients/alert:view",
        "patients/appt:write",
        "patients/demo:write",
        "groups/gcalendar",
    }
    assert paths(collection, "vfront", "patients/appt:write") == {("group:front",)}


def test_membership_itself_is_visible_with_the_title_that_the_practice_sees(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    id_ = account(collection, "vcover").id
    assert Grant(id_, "group:breakglass") in collection.grants
    assert Grant(id_, "group:users", ("group:breakglass",)) in collection.grants
    group = collection.entitlements["group:breakglass"]
    assert (group.name, group.container) == ("Emergency Login", True)


def test_emergency_access_makes_a_va_an_administrator(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert held(collection, "vcover") >= {"admin/super", "admin/acl", "acct/bill:write", "patients/alert:view"}
    assert paths(collection, "vcover", "admin/practice") == {("group:back",), ("group:breakglass",)}
    assert "admin/super" not in held(collection, "vfront")


def test_an_object_that_is_only_present_or_absent_has_no_level(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert held(collection, "drkim") >= {"patients/pat_rep", "acct/disc", "encounters/auth_a", "sensitivities/high"}
    assert held(collection, "nurse") >= {"encounters/notes:addonly", "encounters/notes:write", "admin/drugs"}
    assert not [e for e in collection.entitlements if e.startswith(("admin/", "groups/")) and ":" in e]


def test_the_placeholder_is_no_entitlement(tmp_path: Path) -> None:
    assert not [e for e in whole(read(tmp_path, harness())).entitlements if "filler" in e]


@pytest.mark.parametrize(
    ("group", "login"), [("admin", "admin"), ("clin", "nurse"), ("doc", "drkim"), ("front", "vfront")]
)
def test_a_member_of_a_default_group_holds_exactly_its_objects(tmp_path: Path, group: str, login: str) -> None:
    expected = {
        f"{section}/{value}" for text in GROUPS[group][1].values() for section, value in acos(text) if value != "filler"
    }
    assert {name.partition(":")[0] for name in held(whole(read(tmp_path, harness())), login)} == expected


def test_a_va_who_left_is_disabled_although_the_group_was_never_taken_away(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert account(collection, "vleft").status is Status.DISABLED
    assert "acct/bill:write" in held(collection, "vleft")


def test_an_address_book_entry_is_no_account(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert "8" not in {a.id for a in collection.accounts}
    assert len(collection.accounts) == 11


def test_a_user_without_an_acl_group_cannot_sign_in(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert account(collection, "vnoaro").status is Status.DISABLED
    assert held(collection, "vnoaro") == set()


@pytest.mark.parametrize(("name", "column"), [("groups", "user"), ("users_secure", "username")])
def test_an_active_user_without_what_every_user_has_means_that_the_export_was_cut(
    tmp_path: Path, name: str, column: str
) -> None:
    tables = harness()
    assert account(whole(read(tmp_path, tables)), "vfront").status is Status.ACTIVE
    drop(tables, name, lambda row: row[column] in ("vfront", "vleft"))
    told = refused(read(tmp_path, tables))
    assert f"`{name}` has no row for this active user" in told, "otherwise an open account would count as closed"
    assert "read it live with `openemr`" in told


def test_a_user_at_the_limit_of_failed_attempts_is_locked_and_so_still_live(tmp_path: Path) -> None:
    tables = harness()
    next(row for row in tables["users_secure"] if row["username"] == "vfront")["login_fail_counter"] = 20
    assert account(whole(read(tmp_path, tables)), "vfront").status is Status.LOCKED
    assert account(whole(read(tmp_path, tables, max_failed_logins=21)), "vfront").status is Status.ACTIVE
    assert account(whole(read(tmp_path, tables, max_failed_logins=0)), "vfront").status is Status.ACTIVE


def test_a_denial_of_one_person_wins_over_what_the_group_allows(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert "patients/demo:write" not in held(collection, "vdenied")
    assert "patients/appt:write" in held(collection, "vdenied")


def test_a_denial_at_one_level_leaves_the_other_level_open_as_openemr_does(tmp_path: Path) -> None:
    tables = harness()
    never_asked = ("acct", "disc")
    give(tables, [never_asked], level="write", user="vfront")
    give(tables, [("patients", "appt"), ("groups", "gcalendar"), never_asked], level="view", user="vfront", allow=0)
    collection = whole(read(tmp_path, tables))
    assert held(collection, "vfront") >= {"patients/appt:write", "groups/gcalendar"}
    assert "acct/disc" not in held(collection, "vfront"), "asked for without a level, any denial counts"


def test_a_denial_without_a_level_closes_only_what_is_asked_without_one(tmp_path: Path) -> None:
    tables = harness()
    asked = [("acct", "eob"), ("admin", "superbill"), ("groups", "gcalendar"), ("groups", "glog")]
    give(tables, [*asked, ("acct", "rep_a")], level="write", user="vfront")
    give(tables, [("patients", "appt"), *asked, ("acct", "rep_a")], level="", user="vfront", allow=0)
    collection = whole(read(tmp_path, tables))
    still = {"patients/appt:write", "acct/eob", "admin/superbill", "groups/gcalendar", "groups/glog"}
    assert held(collection, "vfront") >= still, "these are asked for with `write`"
    assert "acct/rep_a" not in held(collection, "vfront")


def test_what_is_given_for_looking_is_not_told_as_the_right_to_write(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("acct", "eob"), ("admin", "superbill"), ("groups", "gadd")], level="view", user="vfront")
    rights = held(whole(read(tmp_path, tables)), "vfront")
    assert rights >= {"acct/eob:view", "admin/superbill:view", "groups/gadd:view"}
    assert not rights & {"acct/eob", "admin/superbill", "groups/gadd"}
    give(tables, [("acct", "eob"), ("admin", "superbill"), ("groups", "gadd")], level="", user="vfront", allow=0)
    rights = held(whole(read(tmp_path, tables)), "vfront")
    assert rights >= {"admin/superbill:view", "groups/gadd:view"}, "these are asked for with `view`"
    assert "acct/eob:view" not in rights, "looking at remittances is asked for without a level"


def test_a_superuser_who_is_denied_without_a_level_keeps_what_asks_for_writing(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("admin", "super")], level="", user="vcover", allow=0)
    rights = held(whole(read(tmp_path, tables)), "vcover")
    assert "admin/super" not in rights
    assert "admin/super:notes" in rights
    give(tables, [("admin", "super")], level="write", user="vcover", allow=0)
    assert not {r for r in held(whole(read(tmp_path, tables)), "vcover") if r.startswith("admin/super")} - {
        "admin/superbill"
    }


def test_a_superuser_is_let_in_at_any_level(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("admin", "super")], level="view", user="vfront")
    assert "admin/super" in held(whole(read(tmp_path, tables)), "vfront")


def test_nothing_is_denied_to_a_superuser_because_openemr_asks_that_first(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("patients", "demo"), ("admin", "acl")], level="write", user="vcover", allow=0)
    assert held(whole(read(tmp_path, tables)), "vcover") >= {"admin/super", "patients/demo:write", "admin/acl"}
    give(tables, [("admin", "super")], level="view", user="vcover", allow=0)
    collection = whole(read(tmp_path, tables))
    assert not held(collection, "vcover") & {"admin/super", "patients/demo:write", "admin/acl"}
    assert "admin/super:notes" in held(collection, "vcover"), "the denial at `view` leaves `write` open"
    assert "patients/appt:write" in held(collection, "vcover")


def test_a_list_that_is_bound_to_an_extension_object_neither_gives_nor_denies(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("patients", "docs")], level="write", user="vfront")
    give(tables, [("patients", "appt")], level="write", user="vfront", allow=0)
    first, second = len(tables["gacl_acl"]) - 1, len(tables["gacl_acl"])
    assert "patients/appt:write" not in held(whole(read(tmp_path, tables)), "vfront")
    tables["gacl_axo_map"] = [{"acl_id": first}]
    tables["gacl_axo_groups_map"] = [{"acl_id": second}]
    collection = whole(read(tmp_path, tables))
    assert "patients/docs:write" not in held(collection, "vfront")
    assert "patients/appt:write" in held(collection, "vfront")


def test_groups_inherit_by_their_place_in_the_tree_where_the_export_has_it(tmp_path: Path) -> None:
    tables = harness()
    places = {"users": (1, 14), "front": (2, 5), "back": (3, 4), "admin": (6, 7), "clin": (8, 9), "doc": (10, 11)}
    for group in tables["gacl_aro_groups"]:
        group["lft"], group["rgt"] = places.get(str(group["value"]), (12, 13))
    collection = whole(read(tmp_path, tables))
    # `back` is a child of `users` by `parent_id`, which OpenEMR does not look at, and of `front` by its place.
    assert paths(collection, "vleft", "groups/gcalendar") == {("group:back", "group:front")}
    assert paths(collection, "vleft", "acct/eob") == {("group:back",)}
    assert paths(collection, "vfront", "acct/eob") == set()


def test_a_list_that_is_not_enabled_neither_gives_nor_denies(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("admin", "super")], level="write", user="vfront", enabled=0)
    give(tables, [("patients", "appt")], level="write", user="vfront", allow=0, enabled=0)
    collection = whole(read(tmp_path, tables))
    assert "admin/super" not in held(collection, "vfront")
    assert "patients/appt:write" in held(collection, "vfront")


def test_a_right_given_to_one_person_is_held_directly(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("patients", "notes")], level="addonly", user="vfront")
    give(tables, [("squads", "lions")], level="", user="vfront")
    collection = whole(read(tmp_path, tables))
    assert paths(collection, "vfront", "patients/notes:addonly") == {()}
    assert paths(collection, "vfront", "squads/lions") == {()}


def test_groups_inherit_from_their_parents_and_the_path_says_so(tmp_path: Path) -> None:
    tables = harness()
    give(tables, [("patients", "docs")], level="view", group=USERS_GROUP)
    collection = whole(read(tmp_path, tables))
    assert paths(collection, "vfront", "patients/docs:view") == {("group:front", "group:users")}


def test_the_accounts_that_openemr_ships_for_itself_are_services(tmp_path: Path) -> None:
    collection = whole(read(tmp_path, harness()))
    assert {a.login for a in collection.accounts if a.service} == {"oe-system", "phimail-service", "portal-user"}
    assert all(a.status is Status.DISABLED for a in collection.accounts if a.service)


def test_mfa_and_the_last_sign_in_are_known_only_where_their_files_are(tmp_path: Path) -> None:
    tables = harness()
    collection = whole(read(tmp_path, tables, timezone="America/Chicago"))
    assert (account(collection, "vfront").mfa, account(collection, "vcover").mfa) == (True, False)
    assert account(collection, "vfront").last_login == datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert account(collection, "vcover").last_login is NEVER
    del tables["login_mfa_registrations"], tables["last_login"], tables["users_secure"]
    (tmp_path / "b").mkdir()
    vfront = account(whole(read(tmp_path / "b", tables)), "vfront")
    assert (vfront.mfa, vfront.last_login, vfront.status) == (None, None, Status.ACTIVE)


def test_only_a_method_that_openemr_asks_for_is_a_second_factor(tmp_path: Path) -> None:
    tables = harness()
    for method, expected in (("TOTP", True), ("U2F", True), ("Q&A", False)):
        tables["login_mfa_registrations"][0]["method"] = method
        assert account(whole(read(tmp_path, tables)), "vfront").mfa is expected


def test_facilities_are_shown_as_groups_that_give_nothing_themselves(tmp_path: Path) -> None:
    tables = harness()
    for row in tables["users"]:
        row["facility_id"] = 3
    assert not [e for e in whole(read(tmp_path, tables)).entitlements if "facility" in e], (
        "their names were not exported"
    )
    tables["facility"] = [{"id": 3, "name": "Main"}, {"id": 4, "name": "Lake"}]
    tables["users_facility"] = [{"table_id": 5, "facility_id": 4}]
    collection = whole(read(tmp_path, tables))
    id_ = account(collection, "vfront").id
    assert {Grant(id_, "facility:3"), Grant(id_, "facility:4")} <= set(collection.grants)
    assert (collection.entitlements["facility:4"].name, collection.entitlements["facility:4"].container) == (
        "Lake",
        True,
    )
    tables["users_facility"][0]["facility_id"] = 9
    assert "users_facility.csv, line 2, `facility_id`: this names a facility" in refused(read(tmp_path, tables))


def test_logins_are_one_whatever_their_case_because_mysql_compares_them_so(tmp_path: Path) -> None:
    tables = harness()
    next(row for row in tables["gacl_aro"] if row["value"] == "vfront")["value"] = "VFront"
    assert "patients/appt:write" in held(whole(read(tmp_path, tables)), "vfront")
