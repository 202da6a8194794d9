"""What a report leaves open about rights is not read, and never none; what a person has answered is read."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.collect import collect
from connectors.connector import find
from connectors.facts import Collection, Complete, Partial, Status, System, SystemKind
from connectors.generic.table.connector import Settings, connect_to_look

EHR = System("ehr", SystemKind.EHR, "my-ehr", "My EHR", holds_phi=True)
BASE: dict[str, Any] = {"columns": {"login": "Login"}, "entitlements": [{"column": "Role", "kind": "role"}]}


def read(folder: Path, report: str, mapping: dict[str, Any], name: str = "users.csv") -> Collection:
    if report:
        (folder / name).write_text(report, encoding="utf-8")
    return collect(connect_to_look(EHR, Settings.model_validate({"file": name, **mapping}), folder))


def held(collection: Collection) -> dict[str, set[str]]:
    assert isinstance(collection.completeness, Complete), collection.completeness
    found: dict[str, set[str]] = {account.login: set() for account in collection.accounts}
    for grant in collection.grants:
        found[grant.account].add(grant.entitlement)
    return found


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial)
    return collection.completeness.reason


EMPTY = "table:empty-cells-not-read"
BLANK = "Login,Role,Status\nana,Front Desk,Active\nben,,Active\ncat,,Inactive\n"
STATUS = {
    "columns": {"login": "Login", "status": "Status"},
    "status_values": {"Active": "active", "Inactive": "disabled"},
}


def with_empty(answer: str | None) -> dict[str, Any]:
    role = {"column": "Role", "kind": "role"} | ({"empty": answer} if answer else {})
    return {**STATUS, "entitlements": [role]}


@pytest.mark.parametrize(
    ("answer", "ben"),
    [
        (None, {EMPTY}),
        ("ask", {EMPTY}),
        ("nothing", set()),
        ("everything", {"Role: (empty, which means everything)"}),
    ],
)
def test_an_empty_cell_of_a_role_means_what_a_person_says_and_until_then_is_not_read(tmp_path, answer, ben):
    found = held(read(tmp_path, BLANK, with_empty(answer)))
    assert found["ana"] == {"Front Desk"}
    assert found["ben"] == ben
    assert found["cat"] == (ben if answer == "everything" else set()), "nobody signs in with a disabled account"


def test_a_word_that_means_nothing_is_an_answer_and_so_is_another_column(tmp_path):
    none = {**BASE, "entitlements": [{"column": "Role", "kind": "role", "nothing": ["None"]}]}
    assert held(read(tmp_path, "Login,Role\nana,Front Desk\nben,None\n", none))["ben"] == set()
    two = {**BASE, "entitlements": [{"column": "Role", "kind": "role"}, {"column": "Team", "kind": "group"}]}
    found = held(read(tmp_path, "Login,Role,Team\nana,Front Desk,\nben,,North\ncat,,\n", two))
    assert found == {"ana": {"Front Desk"}, "ben": {"North"}, "cat": {EMPTY}}
    strict = {**BASE, "entitlements": [{"column": "Role", "kind": "role", "empty": "ask"}, two["entitlements"][1]]}
    found = held(read(tmp_path, "Login,Role,Team\nana,Front Desk,\nben,,North\n", strict))
    assert found["ben"] == {"North", EMPTY}


def test_an_account_with_several_rows_is_asked_about_only_when_none_of_them_says_anything(tmp_path):
    report = "Login,Role\nana,\nana,Chart\nben,\nben,\n"
    assert held(read(tmp_path, report, {**BASE, "rows": "one-per-grant"})) == {"ana": {"Chart"}, "ben": {EMPTY}}


def test_an_open_question_leaves_the_rights_of_everybody_unread_and_an_answer_settles_it(tmp_path):
    report = "Login,Role,Zone\nana,Chart,A\nben,Billing,B\n"
    asked = {**BASE, "questions": [{"column": "Zone", "about": "rights", "asks": "what does it mean?"}]}
    collection = read(tmp_path, report, asked)
    assert all("table:asked-not-read" in rights for rights in held(collection).values())
    assert isinstance(collection.completeness, Complete)
    assert ("not explained yet", "`Zone` (rights)") in [(e.name, e.detail) for e in collection.completeness.evidence]
    assert held(read(tmp_path, report, {**asked, "harmless": ["Zone"]})) == {"ana": {"Chart"}, "ben": {"Billing"}}
    mapped = {**asked, "entitlements": [*BASE["entitlements"], {"column": "Zone", "kind": "group"}]}
    assert held(read(tmp_path, report, mapped)) == {"ana": {"Chart", "A"}, "ben": {"Billing", "B"}}
    status = {**BASE, "questions": [{"column": "Zone", "about": "status"}]}
    assert held(read(tmp_path, report, status))["ana"] == {"Chart"}, (
        "what bears on the status is told, and counts as live"
    )


def test_a_column_that_is_asked_about_is_no_permission_where_every_further_column_is(tmp_path):
    report = "Login,A,B,Zone\nana,Y,N,1\nben,N,Y,2\n"
    mapping = {
        "columns": {"login": "Login"},
        "others": {"kind": "privilege", "granted": ["Y"], "not_granted": ["N"]},
        "questions": [{"column": "Zone"}],
    }
    assert held(read(tmp_path, report, mapping)) == {
        "ana": {"A", "table:asked-not-read"},
        "ben": {"B", "table:asked-not-read"},
    }


def test_rights_that_stand_elsewhere_are_not_read_and_never_none(tmp_path):
    found = held(read(tmp_path, "Login\nana\nben\n", {"columns": {"login": "Login"}, "rights": "elsewhere"}))
    assert found == {"ana": {"table:rights-not-read"}, "ben": {"table:rights-not-read"}}
    part = read(tmp_path, "Login,Role\nana,Chart\nben,Billing\n", {**BASE, "rights": "in part"})
    assert held(part)["ana"] == {"Chart", "table:rights-not-read"}
    assert "`rights: elsewhere`" in reason_of_settings({"columns": {"login": "Login"}})


def reason_of_settings(mapping: dict[str, Any]) -> str:
    with pytest.raises(ValueError) as error:
        Settings.model_validate({"file": "users.csv", **mapping})
    return str(error.value)


def test_a_right_with_a_row_of_its_own_is_held_only_where_the_other_column_says_so(tmp_path):
    where = {"column": "Access", "granted": ["Allowed"], "not_granted": ["Denied"]}
    mapping = {
        "columns": {"login": "Login"},
        "rows": "one-per-grant",
        "entitlements": [{"column": "Right", "kind": "privilege", "where": where}],
    }
    report = "Login,Right,Access\nana,Sign,Allowed\nana,Export,Denied\nben,Sign,Denied\n"
    assert held(read(tmp_path, report, mapping)) == {"ana": {"Sign"}, "ben": set()}
    odd = held(read(tmp_path, report.replace("Export,Denied", "Export,Maybe"), mapping))
    assert odd == {"ana": {"Sign", "table:asked-not-read"}, "ben": set()}
    assert "`Access`: a column is missing" in reason(read(tmp_path, "Login,Right\nana,Sign\n", mapping))


ENDS = {
    **BASE,
    "columns": {"login": "Login", "status": "Status", "expires": "Ends"},
    "status_values": {"Active": "active", "Invited": "unknown"},
    "ends": [
        {"column": "Suspended", "granted": ["True"], "not_granted": ["False"]},
        {"column": "Deleted", "filled": True},
    ],
    "unknown_values": ["12/31/9999"],
    "date_format": "MM/DD/YYYY",
}


def test_whatever_ends_an_account_ends_it_and_a_day_to_come_does_not(tmp_path):
    report = (
        "Login,Role,Status,Suspended,Deleted,Ends\n"
        "a,R,Active,False,,\n"
        "b,R,Active,True,,\n"
        "c,R,Active,False,2026-01-02,\n"
        "d,R,Active,False,,01/02/2020\n"
        "e,R,Active,False,,01/02/2199\n"
        "f,R,Invited,False,,12/31/9999\n"
    )
    statuses = {account.login: account.status for account in read(tmp_path, report, ENDS).accounts}
    assert statuses == {
        "a": Status.ACTIVE,
        "b": Status.DISABLED,
        "c": Status.DISABLED,
        "d": Status.EXPIRED,
        "e": Status.ACTIVE,
        "f": Status.UNKNOWN,
    }
    odd = {a.login: a.status for a in read(tmp_path, report.replace("True", "Perhaps"), ENDS).accounts}
    assert odd == {**statuses, "b": Status.UNKNOWN}


@pytest.mark.parametrize(
    ("sms", "app", "mfa"),
    [("true", "false", True), ("false", "true", True), ("false", "false", False), ("pending", "false", None),
     ("pending", "true", True), ("", "false", None)],
)  # fmt: skip
def test_one_method_is_a_second_factor_and_a_word_that_nobody_explained_is_neither(tmp_path, sms, app, mfa):
    mapping = {
        **BASE,
        "columns": {"login": "Login", "mfa": "SMS"},
        "factors": ["App"],
        "mfa_true": ["true"],
        "mfa_false": ["false"],
        "mfa_unknown": ["pending"],
    }
    (account,) = read(tmp_path, f"Login,Role,SMS,App\nana,Chart,{sms},{app}\n", mapping).accounts
    assert account.mfa is mfa


def test_rows_without_login_are_a_fault_unless_a_person_says_that_they_are_lines(tmp_path):
    report = "Login,Role\nana,Chart\n,Queue\n"
    assert "the value is empty" in reason(read(tmp_path, report, BASE))
    collection = read(tmp_path, report, {**BASE, "without_login": "count"})
    assert held(collection) == {"ana": {"Chart"}}
    assert isinstance(collection.completeness, Complete)
    assert any("1 without login" in evidence.detail for evidence in collection.completeness.evidence)


def test_a_sheet_that_was_added_since_is_refused_and_the_name_of_a_sheet_gives_a_status(tmp_path):
    def book(*names: str) -> None:
        with xlsxwriter.Workbook(tmp_path / "users.xlsx") as workbook:
            for number, name in enumerate(names):
                sheet = workbook.add_worksheet(name)
                sheet.write_row(0, 0, ["Login", "Role"])
                sheet.write_row(1, 0, [f"user{number}", "Chart"])

    mapping = {**BASE, "sheets": [{"name": "Active", "status": "active"}, {"name": "Inactive", "status": "disabled"}]}
    book("Active", "Inactive", "Notes")
    accounts = read(tmp_path, "", mapping, "users.xlsx").accounts
    assert {a.login: a.status for a in accounts} == {"user0": Status.ACTIVE, "user1": Status.DISABLED}
    book("Active", "Inactive", "Portal")
    assert "a sheet of which the mapping says nothing: found `Portal`" in reason(
        read(tmp_path, "", mapping, "users.xlsx")
    )
    assert read(tmp_path, "", {**mapping, "harmless": ["Portal"]}, "users.xlsx").complete
    book("Active")
    assert "there is no such sheet" in reason(read(tmp_path, "", mapping, "users.xlsx"))


def test_two_lines_of_headings_are_joined_and_a_role_elsewhere_is_kept_apart(tmp_path):
    report = ",Billing,,Chart\nLogin,View,Edit,View\nana,Y,N,Y\nben,N,Y,N\n"
    mapping = {
        "columns": {"login": "Login"},
        "header_rows": 2,
        "others": {"kind": "privilege", "granted": ["Y"], "not_granted": ["N"]},
    }
    assert held(read(tmp_path, report, mapping)) == {"ana": {"Billing: View", "Chart: View"}, "ben": {"Billing: Edit"}}
    at = {**BASE, "rows": "one-per-grant", "entitlements": [{"column": "Role", "kind": "role", "of": "Clinic"}]}
    found = held(read(tmp_path, "Login,Role,Clinic\nana,Claims,Here\nana,Admin,There\nben,Claims,\n", at))
    assert found == {"ana": {"Here: Claims", "There: Admin"}, "ben": {"Claims"}}


def test_a_list_of_users_of_a_directory_is_read_as_one_of_an_ehr_is(tmp_path):
    for kind in SystemKind:
        assert find(kind, "table").Settings is Settings


def test_guests_of_a_directory_are_doors_and_what_a_list_of_users_does_not_tell_is_said(tmp_path):
    guest = "ana_agency.example#EXT#@lakeside.onmicrosoft.com"
    (tmp_path / "users.csv").write_text(
        f"UPN,On\n{guest},True\ngone_x.example#EXT#@lakeside.onmicrosoft.com,False\nmaria@lakeside.example,True\n"
    )
    mapping = {
        "columns": {"login": "UPN", "status": "On"},
        "status_values": {"True": "active", "False": "disabled"},
        "rights": "elsewhere",
    }
    settings = Settings.model_validate({"file": "users.csv", **mapping})
    entra = System("directory", SystemKind.DIRECTORY, "entra", "Entra", holds_phi=False)
    collection = collect(connect_to_look(entra, settings, tmp_path))
    assert [(door.who, door.account) for door in collection.doors] == [("ana@agency.example", guest)]
    assert {kind.value for kind in collection.doors_unread} == {"external-member", "delegate", "forwarding", "program"}
    okta = System("okta", SystemKind.DIRECTORY, "okta", "Okta", holds_phi=False)
    assert "guest" in {k.value for k in collect(connect_to_look(okta, settings, tmp_path)).doors_unread}
    assert not collect(connect_to_look(EHR, settings, tmp_path)).doors_unread
