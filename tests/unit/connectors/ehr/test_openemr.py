import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.collect import collect
from connectors.ehr.openemr.export import Settings, connect
from connectors.facts import NEVER, Account, Collection, Complete, Grant, Partial, Status, System, SystemKind
from tests.unit.connectors.ehr.openemr_tables_made import GROUPS, Tables, acos, give, harness, write

EHR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
FRONT, BACK, USERS_GROUP = 14, 15, 10


def read(folder: Path, tables: Tables, **settings: Any) -> Collection:
    write(tables, folder / "openemr")
    return collect(connect(EHR, Settings.model_validate({"folder": "openemr", **settings}), folder))


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    assert not collection.accounts
    return f"{collection.completeness.reason}\n{collection.completeness.hint}"


def account(collection: Collection, login: str) -> Account:
    return next(a for a in collection.accounts if a.login == login)


def held(collection: Collection, login: str) -> set[str]:
    """What a login holds, without the groups through which it holds it."""
    id_ = account(collection, login).id
    return {g.entitlement for g in collection.grants if g.account == id_ and not g.entitlement.startswith("group:")}


def paths(collection: Collection, login: str, entitlement: str) -> set[tuple[str, ...]]:
    id_ = account(collection, login).id
    return {g.path for g in collection.grants if g.account == id_ and g.entitlement == entitlement}


def drop(tables: Tables, name: str, where: Callable[[dict[str, object]], bool]) -> None:
    tables[name] = [row for row in tables[name] if not where(row)]


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


def test_the_export_is_as_old_as_its_oldest_file_and_proves_each_of_them(tmp_path: Path) -> None:
    folder = write(harness(), tmp_path / "openemr")
    for number, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_760_000_000 + number, 1_760_000_000 + number))
    connector = connect(EHR, Settings(folder=Path("openemr"), canary="admin"), tmp_path)
    assert connector.as_of() == datetime.fromtimestamp(1_760_000_000, UTC)
    collection = whole(collect(connector))
    assert collection.as_of == datetime.fromtimestamp(1_760_000_000, UTC)
    evidence = [e.name for e in collection.completeness.evidence]  # type: ignore[union-attr]
    assert evidence.count("sha256") == 12
    assert "canary" in evidence


@pytest.mark.parametrize("column", ["password", "password_history1", "var1", "var2", "Password"])
def test_a_file_with_a_secret_is_refused_and_the_secret_is_not_told(tmp_path: Path, column: str) -> None:
    tables = harness()
    for row in tables["users_secure"]:
        row[column] = "$2y$10$verysecret"
    told = refused(read(tmp_path, tables))
    assert f"`{column}`: the export holds a secret" in told
    assert "verysecret" not in told
    assert "delete this file, and export it again without password" in told


def test_more_columns_than_needed_are_refused_because_they_may_be_patient_data(tmp_path: Path) -> None:
    tables = harness()
    tables["users"][0]["ssn"] = "123"
    for row in tables["users"]:
        row.setdefault("ssn", "")
    assert "`ssn`: unknown column" in refused(read(tmp_path, tables))


def test_a_mistyped_file_is_not_passed_over(tmp_path: Path) -> None:
    tables = harness()
    tables["login_mfa_registration"] = tables.pop("login_mfa_registrations")
    assert "login_mfa_registration.csv: unknown file" in refused(read(tmp_path, tables))


@pytest.mark.parametrize(
    "name", ["users", "groups", "gacl_aro", "gacl_groups_aro_map", "gacl_acl", "gacl_aco_map", "gacl_aro_map"]
)
def test_an_export_without_one_of_its_files_is_refused(tmp_path: Path, name: str) -> None:
    tables = harness()
    del tables[name]
    assert f"{name}.csv: there is no such file" in refused(read(tmp_path, tables))


@pytest.mark.parametrize(
    ("name", "column", "value", "told"),
    [
        ("gacl_groups_aro_map", "group_id", 99, "this names a group that is not in the export: found `99`"),
        ("gacl_groups_aro_map", "aro_id", 99, "this names a user that is not in the export"),
        ("gacl_aro_groups_map", "acl_id", 99, "this names an access control list that is not in the export"),
        ("gacl_aro_groups_map", "group_id", 99, "this names a group"),
        ("gacl_aro_map", "acl_id", 99, "this names an access control list"),
        ("gacl_aro_map", "value", "ghost", "this names a user"),
        ("gacl_aco_map", "acl_id", 99, "this names an access control list"),
        ("gacl_aro", "value", "ghost", "this names a user"),
        ("groups", "user", "ghost", "this names a user"),
        ("users_secure", "id", 99, "this names a user"),
        ("login_mfa_registrations", "user_id", 99, "this names a user"),
        ("gacl_aro_groups", "parent_id", 99, "this names a group"),
        ("users", "id", "x", "this is no number: found `x`"),
        ("users", "active", "2", "this is neither 0 nor 1"),
        ("users", "username", "VFRONT", "duplicate account on lines 2 and 6"),
        ("last_login", "last_login", "yesterday", "this is no date: found `yesterday`"),
    ],
)
def test_an_export_that_does_not_fit_together_is_refused_with_file_and_line(
    tmp_path: Path, name: str, column: str, value: object, told: str
) -> None:
    tables = harness()
    tables[name][0][column] = value
    line = 6 if told.startswith("duplicate") else 2
    message = refused(read(tmp_path, tables))
    assert f"{name}.csv, line {line}, `{column}`: {told}" in message


def test_a_list_without_objects_was_cut_because_openemr_keeps_a_filler_in_it(tmp_path: Path) -> None:
    tables = harness()
    tables["gacl_aco_map"] = tables["gacl_aco_map"][:-1]
    assert "`gacl_aco_map` has no row for this list" in refused(read(tmp_path, tables))


def test_groups_that_are_inside_each_other_are_refused(tmp_path: Path) -> None:
    tables = harness()
    tables["gacl_aro_groups"][0]["parent_id"] = FRONT
    assert "the group is inside itself" in refused(read(tmp_path, tables))


def test_a_purged_log_is_not_read_as_nobody_ever_signed_in(tmp_path: Path) -> None:
    tables = harness()
    write(tables, tmp_path / "openemr")
    (tmp_path / "openemr" / "last_login.csv").write_text("username,last_login\n")
    told = refused(collect(connect(EHR, Settings(folder=Path("openemr")), tmp_path)))
    assert "last_login.csv: the file has a header only" in told
    assert "leave the file out" in told


def test_absent_values_written_by_mysql_are_absent(tmp_path: Path) -> None:
    tables = harness()
    tables["users"][-1]["username"] = "NULL"
    tables["users"].append({**tables["users"][-1], "id": 88, "username": r"\N"})
    collection = whole(read(tmp_path, tables))
    assert len(collection.accounts) == 11
